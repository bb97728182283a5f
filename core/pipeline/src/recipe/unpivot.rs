//! `unpivot`: columns become rows.

use trommel_engine::sql::{ident, literal};
use trommel_model::{DataType, Outcome};

use super::chain::{Chain, Column, Mode};
use super::split_rows::{Items, unnest};
use super::tracked::DeathKind;

/// Makes a row of each of the columns. Without `keep_nulls`, a row in which all of them are null is filtered.
pub(super) fn unpivot(chain: &mut Chain, columns: &[String], name: &str, value: &str, keep_nulls: bool) -> Outcome<()> {
    chain.some_columns(columns)?;
    let mut data_type: Option<DataType> = None;
    for column in columns {
        match (&data_type, &chain.column(column)?.data_type) {
            (Some(first), Some(other)) if first != other => {
                return Err(chain
                    .fault(format!("its columns are of several types: \"{}\" is {first}, \"{column}\" is {other}", columns[0]))
                    .next("cast them to one type first"));
            }
            (None, Some(known)) => data_type = Some(known.clone()),
            _ => {}
        }
    }
    for new in [name, value] {
        // A name that is given up by this very step is free.
        let given_up = columns.iter().find(|c| c.as_str() == new).map(String::as_str);
        chain.demand_free(new, given_up)?;
    }
    if name.eq_ignore_ascii_case(value) {
        return Err(chain.fault(format!("two columns would be called \"{name}\"")));
    }
    let pairs: Vec<String> = columns.iter().map(|c| format!("{{'n': {}, 'v': {}}}", literal(c), ident(c))).collect();
    let all = format!("[{}]", pairs.join(", "));
    let known = if keep_nulls { all.clone() } else { format!("list_filter({all}, lambda p: p.v is not null)") };
    let list = match chain.mode {
        Mode::Plain { .. } => known,
        // A row that has left, and one that has nothing to tell, stays one row.
        Mode::Tracked { .. } => format!("case when __fate is null and len({known}) > 0 then {known} else [if(false, {all}[1], null)] end"),
    };
    let mut items = Items {
        added: vec![(ident(name), "__one.n".to_owned()), (ident(value), "__one.v".to_owned())],
        dropped: columns.iter().map(|c| ident(c)).collect(),
        ..Items::default()
    };
    if let Mode::Tracked { .. } = chain.mode {
        let code = chain.death(DeathKind::Filtered);
        items.replaced.push(("__fate".to_owned(), format!("case when __fate is null and __one is null then {code} else __fate end")));
    }
    unnest(chain, &list, items);
    chain.columns.retain(|c| !columns.contains(&c.name));
    chain.columns.push(Column { name: name.to_owned(), data_type: Some(DataType::Text), origin: None });
    chain.columns.push(Column { name: value.to_owned(), data_type, origin: None });
    Ok(())
}
