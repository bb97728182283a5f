//! `aggregate`: one row of each group.

use std::collections::BTreeMap;
use std::ops::Range;

use trommel_engine::sql::ident;
use trommel_model::{DataType, Outcome};

use super::chain::{Chain, Column, Mode};
use super::expression;
use super::tracked::DeathKind;

/// Makes the rows. Two empty values agree. The first row of a group becomes the group, the others are merged into it.
pub(super) fn aggregate(chain: &mut Chain, by: &[String], columns: &BTreeMap<String, String>) -> Outcome<()> {
    if by.is_empty() && columns.is_empty() {
        return Err(chain
            .fault("it makes no column")
            .next("write by = [\"…\"] and [steps.columns] with expressions such as \"sum(amount)\""));
    }
    let mut made = Vec::new();
    for (name, text) in columns {
        let facts = expression::check(chain, text)?;
        if facts.window {
            return Err(chain.fault("an expression over a group has no window").next("derive a column first, then aggregate it"));
        }
        made.push(Made {
            name: name.clone(),
            before: String::new(),
            text: text.clone(),
            after: String::new(),
            written: true,
            data_type: None,
        });
    }
    group(chain, by, made)
}

/// A column of a group: an expression over its rows.
pub(super) struct Made {
    pub name: String,
    /// What stands before and after the text.
    pub before: String,
    pub text: String,
    pub after: String,
    /// True for a text that the user wrote.
    pub written: bool,
    pub data_type: Option<DataType>,
}

/// Groups the rows that are still there.
pub(super) fn group(chain: &mut Chain, by: &[String], made: Vec<Made>) -> Outcome<()> {
    let mut kept: Vec<Column> = Vec::new();
    if !by.is_empty() {
        chain.some_columns(by)?;
    }
    for name in by {
        kept.push(chain.column(name)?.clone());
    }
    let columns_before = std::mem::replace(&mut chain.columns, kept);
    let free = made.iter().try_for_each(|column| {
        chain.demand_free(&column.name, None)?;
        chain.columns.push(Column { name: column.name.clone(), data_type: column.data_type.clone(), origin: None });
        Ok(())
    });
    if let Err(problem) = free {
        chain.columns = columns_before;
        return Err(problem);
    }
    let keys: Vec<String> = by.iter().map(|k| ident(k)).collect();
    let partition: Vec<String> = chain.partition_alive().map(str::to_owned).into_iter().chain(keys.iter().cloned()).collect();
    let partition = if partition.is_empty() { String::new() } else { format!("partition by {} ", partition.join(", ")) };
    let ranked = format!("select *,\n    row_number() over ({partition}order by {}) as __rank\nfrom {}", chain.place(), chain.last());
    chain.push("rank", ranked);

    // The hidden columns of a group are those of its first row.
    let hidden: Vec<String> = chain.hidden().into_iter().map(|h| format!("any_value({h}) filter (where __rank = 1) as {h}")).collect();
    let mut body = "select ".to_owned();
    let mut texts: Vec<(Range<usize>, String)> = Vec::new();
    let mut first = true;
    let mut item = |body: &mut String, text: &str| {
        body.push_str(if std::mem::take(&mut first) { "" } else { ",\n    " });
        body.push_str(text);
    };
    for key in &keys {
        item(&mut body, key);
    }
    for column in &made {
        item(&mut body, &column.before);
        let value = if column.written { expression::in_parentheses(&column.text) } else { column.text.clone() };
        if column.written {
            let start = body.len() + 1;
            texts.push((start..start + column.text.len(), column.text.clone()));
        }
        body.push_str(&format!("{value}{} as {}", column.after, ident(&column.name)));
    }
    for column in &hidden {
        item(&mut body, column);
    }
    body.push_str(&format!("\nfrom {}{}\n", chain.last(), chain.alive()));
    // Without keys there is one group, if there is a row.
    body.push_str(&if keys.is_empty() { "having count(*) > 0".to_owned() } else { format!("group by {}", keys.join(", ")) });
    if let Mode::Tracked { .. } = chain.mode {
        let code = chain.death(DeathKind::Merged);
        let nulls = made.iter().map(|m| format!("null as {}", ident(&m.name)));
        let gone = chain.hidden().into_iter().map(|h| if h == "__fate" { format!("coalesce(__fate, {code}) as __fate") } else { h });
        let columns: Vec<String> = keys.iter().cloned().chain(nulls).chain(gone).collect();
        body.push_str(&format!(
            "\nunion all by name\nselect {}\nfrom {}\nwhere __fate is not null or __rank > 1",
            columns.join(", "),
            chain.last()
        ));
    }
    chain.push_marked("", body, texts);
    Ok(())
}
