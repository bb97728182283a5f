//! `lookup`: columns from another table, by key.

use std::collections::BTreeMap;

use trommel_engine::sql::{ident, literal, qualified};
use trommel_model::{Outcome, TableName};

use super::chain::{Chain, Column};

/// Adds the columns. The rows stay as many as they are: a key that stands twice in the other table, with other values, is a
/// fault that names the key.
pub(super) fn lookup(chain: &mut Chain, table: &str, on: &BTreeMap<String, String>, columns: &BTreeMap<String, String>) -> Outcome<()> {
    let name: TableName =
        table.parse().map_err(|_| chain.fault(format!("\"{table}\" is no table")).next("write table = \"layer.table\""))?;
    if on.is_empty() {
        return Err(chain.fault("it names no key").next("write on = { column_here = \"column_there\" }"));
    }
    if columns.is_empty() {
        return Err(chain.fault("it takes no column").next("write columns = { column_there = \"new_column\" }"));
    }
    for here in on.keys() {
        chain.column(here)?;
    }
    let mut taken: Vec<String> = Vec::new();
    for new in columns.values() {
        chain.demand_free(new, None)?;
        if taken.contains(&new.to_lowercase()) {
            return Err(chain.fault(format!("two columns would be called \"{new}\"")));
        }
        taken.push(new.to_lowercase());
    }
    let theirs: Vec<String> = on.values().map(|c| ident(c)).collect();
    let keys: Vec<String> = theirs.iter().enumerate().map(|(i, c)| format!("{c} as k{i}")).collect();
    let packed: Vec<String> = columns.keys().enumerate().map(|(i, c)| format!("v{i} := {}", ident(c))).collect();
    let shown: Vec<String> = theirs.iter().map(|c| format!("coalesce(cast({c} as varchar), 'null')")).collect();
    let fault = format!("error(concat({}, {}))", literal(&format!("{table} has several values for the key ")), shown.join(", ', ', "));
    let known: Vec<String> = theirs.iter().map(|c| format!("{c} is not null")).collect();
    let found = format!(
        "select {},\n    case when count(distinct struct_pack({})) > 1 then {fault} end as twice,\n    first(struct_pack({})) as found\nfrom {}\nwhere {}\ngroup by {}",
        keys.join(", "),
        packed.join(", "),
        packed.join(", "),
        qualified(&name),
        known.join(" and "),
        theirs.join(", ")
    );
    let before = chain.last().to_owned();
    chain.push("keys", found);
    let keyed = chain.last().to_owned();
    let matched: Vec<String> = on.keys().enumerate().map(|(i, c)| format!("r.{} = f.k{i}", ident(c))).collect();
    // Where the key stood twice the fault is raised by looking at it.
    let added: Vec<String> =
        columns.values().enumerate().map(|(i, new)| format!("case when f.twice is null then f.found.v{i} end as {}", ident(new))).collect();
    chain.push(
        "",
        format!("select r.*,\n    {}\nfrom {before} as r\nleft join {keyed} as f on {}", added.join(",\n    "), matched.join(" and ")),
    );
    chain.columns.extend(columns.values().map(|new| Column { name: new.clone(), data_type: None, origin: None }));
    Ok(())
}
