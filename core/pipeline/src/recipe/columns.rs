//! `select`, `drop`, `rename`: which columns there are and what they are called.

use std::collections::BTreeMap;

use trommel_engine::sql::ident;
use trommel_model::Outcome;

use super::chain::{Chain, Column};

/// Keeps these columns, in this order.
pub(super) fn select(chain: &mut Chain, columns: &[String]) -> Outcome<()> {
    chain.some_columns(columns)?;
    let mut kept: Vec<Column> = Vec::new();
    for name in columns {
        kept.push(chain.column(name)?.clone());
    }
    let names: Vec<String> = columns.iter().map(|c| ident(c)).chain(chain.hidden()).collect();
    let body = format!("select {}\nfrom {}", names.join(", "), chain.last());
    chain.push("", body);
    chain.columns = kept;
    Ok(())
}

/// Leaves these columns out.
pub(super) fn drop(chain: &mut Chain, columns: &[String]) -> Outcome<()> {
    chain.some_columns(columns)?;
    if columns.len() == chain.columns.len() {
        return Err(chain.fault("it would leave no column"));
    }
    let names: Vec<String> = columns.iter().map(|c| ident(c)).collect();
    let body = format!("select * exclude ({})\nfrom {}", names.join(", "), chain.last());
    chain.push("", body);
    chain.columns.retain(|c| !columns.contains(&c.name));
    Ok(())
}

/// Gives columns other names, all at once, so that two can change places.
pub(super) fn rename(chain: &mut Chain, columns: &BTreeMap<String, String>) -> Outcome<()> {
    let old: Vec<String> = columns.keys().cloned().collect();
    chain.some_columns(&old)?;
    let mut taken: Vec<String> = chain.columns.iter().filter(|c| !columns.contains_key(&c.name)).map(|c| c.name.to_lowercase()).collect();
    for (from, to) in columns {
        // A name that is given up by this very step is free.
        let given_up = old.iter().find(|o| o.eq_ignore_ascii_case(to)).map(String::as_str);
        chain.demand_free(to, given_up.or(Some(from)))?;
        if taken.contains(&to.to_lowercase()) {
            return Err(chain.fault(format!("two columns would be called \"{to}\"")).at_field(from));
        }
        taken.push(to.to_lowercase());
    }
    let items: Vec<String> = columns.iter().map(|(from, to)| format!("{} as {}", ident(from), ident(to))).collect();
    let body = format!("select * rename ({})\nfrom {}", items.join(", "), chain.last());
    chain.push("", body);
    for column in &mut chain.columns {
        if let Some(to) = columns.get(&column.name) {
            column.name.clone_from(to);
        }
    }
    Ok(())
}
