//! `split_rows`: one row of each part of a text.

use trommel_engine::sql::{ident, literal};
use trommel_model::{DataType, Outcome};

use super::chain::{Chain, Mode};

/// Makes the rows. A row without a value, and one that has left, stays as it is.
pub(super) fn split_rows(chain: &mut Chain, column: &str, by: &str) -> Outcome<()> {
    chain.demand_text(column)?;
    if by.is_empty() {
        return Err(chain.fault("there is no separator").next("write by = \",\""));
    }
    let name = ident(column);
    let parts = format!("list_filter(list_transform(string_split({name}, {}), lambda p: trim(p)), lambda p: p <> '')", literal(by));
    let whole = match chain.mode {
        Mode::Plain { .. } => format!("case when len({parts}) > 0 then {parts} else [{name}] end"),
        Mode::Tracked { .. } => format!("case when __fate is null and len({parts}) > 0 then {parts} else [{name}] end"),
    };
    unnest(chain, &whole, Items { replaced: vec![(name, "__one".to_owned())], ..Items::default() });
    chain.retype(column, Some(DataType::Text));
    Ok(())
}

/// What becomes of the items of a list, each called `__one`, and of the columns beside it.
#[derive(Debug, Default)]
pub(super) struct Items {
    /// Columns that get other values: (quoted name, expression).
    pub replaced: Vec<(String, String)>,
    /// Columns that are added.
    pub added: Vec<(String, String)>,
    /// Columns that go.
    pub dropped: Vec<String>,
}

/// Makes one row of each item of a list. Where rows carry their place, the parts of one are numbered.
pub(super) fn unnest(chain: &mut Chain, list: &str, mut items: Items) {
    let body = format!("select *,\n    {list} as __list\nfrom {}", chain.last());
    chain.push("list", body);
    let numbered = chain.is_placed();
    let at = if numbered { ",\n    unnest(range(1, len(__list) + 1)) as __at" } else { "" };
    let body = format!("select * exclude (__list),\n    unnest(__list) as __one{at}\nfrom {}", chain.last());
    chain.push("rows", body);
    items.dropped.push("__one".to_owned());
    if numbered {
        items.dropped.push("__at".to_owned());
        let part = "__part".to_owned();
        if chain.parts {
            items.replaced.push((part, "list_append(__part, __at)".to_owned()));
        } else {
            items.added.push((part, "[__at]".to_owned()));
        }
    }
    let list = |of: &[(String, String)]| of.iter().map(|(name, value)| format!("{value} as {name}")).collect::<Vec<_>>().join(",\n    ");
    let replace = if items.replaced.is_empty() { String::new() } else { format!(" replace (\n    {}\n)", list(&items.replaced)) };
    let added = if items.added.is_empty() { String::new() } else { format!(",\n    {}", list(&items.added)) };
    let body = format!("select * exclude ({}){replace}{added}\nfrom {}", items.dropped.join(", "), chain.last());
    chain.push("", body);
    chain.parts = true;
}
