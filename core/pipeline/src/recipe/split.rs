//! `split` and `map_values`: one value into several, one value into another.

use std::collections::BTreeMap;

use trommel_engine::sql::{ident, literal};
use trommel_model::{DataType, Outcome};

use super::chain::{Chain, Column};
use super::types::text_of;

/// Splits a column by a separator. The column itself stays, unless its name is among the new ones;
/// parts that are not there are null; the last part takes what is left, separators included.
pub(super) fn split(chain: &mut Chain, column: &str, by: &str, into: &[String]) -> Outcome<()> {
    chain.demand_text(column)?;
    if by.is_empty() {
        return Err(chain.fault("there is no separator").next("write by = \",\""));
    }
    if into.len() < 2 {
        return Err(chain.fault("it takes at least two new columns").next("write into = [\"first\", \"second\"]"));
    }
    for (i, name) in into.iter().enumerate() {
        chain.demand_free(name, Some(column))?;
        if into[..i].iter().any(|n| n.eq_ignore_ascii_case(name)) {
            return Err(chain.fault(format!("two columns would be called \"{name}\"")));
        }
    }
    let parts = format!("string_split({}, {})", ident(column), literal(by));
    let part = |i: usize| {
        if i == into.len() {
            format!("case when len({parts}) >= {i} then array_to_string({parts}[{i}:], {}) end", literal(by))
        } else {
            format!("{parts}[{i}]")
        }
    };
    let (mut replaced, mut added) = (String::new(), String::new());
    for (i, name) in into.iter().enumerate() {
        let text = format!("{} as {}", part(i + 1), ident(name));
        if name == column {
            replaced = format!(" replace (\n    {text}\n)");
        } else {
            added.push_str(&format!(",\n    {text}"));
            chain.columns.push(Column { name: name.clone(), data_type: Some(DataType::Text), origin: None });
        }
    }
    let body = format!("select *{replaced}{added}\nfrom {}", chain.last());
    chain.push("", body);
    Ok(())
}

/// Replaces whole values, compared as text; the column becomes text. Null stays null.
pub(super) fn map_values(chain: &mut Chain, column: &str, values: &BTreeMap<String, String>, otherwise: Option<&str>) -> Outcome<()> {
    let from = chain.column(column)?.data_type.clone();
    if values.is_empty() && otherwise.is_none() {
        return Err(chain.fault("it names no value").next("write values = { old = \"new\" }"));
    }
    let name = ident(column);
    let text = text_of(&name, from.as_ref());
    let cases: Vec<String> = values.iter().map(|(from, to)| format!(" when {text} = {} then {}", literal(from), literal(to))).collect();
    let rest = otherwise.map_or(text, literal);
    chain.replace(&[(name.clone(), format!("case when {name} is null then null{} else {rest} end", cases.concat()))]);
    chain.retype(column, Some(DataType::Text));
    Ok(())
}
