//! `union`: the rows of another table behind those that are there, columns by name.

use trommel_engine::sql::{ident, literal, qualified};
use trommel_model::{DataType, Field, Outcome, TableName};

use super::chain::{Chain, Column, Mode};
use super::tracked::Tracked;

/// Adds the rows. `other` are the columns of the other table, when the engine was asked; without them those of both tables are
/// brought together by the engine, and only those from here are known.
pub(super) fn union(chain: &mut Chain, table: &str, into: Option<&str>, other: Option<&[Field]>) -> Outcome<()> {
    let name: TableName =
        table.parse().map_err(|_| chain.fault(format!("\"{table}\" is no table")).next("write table = \"layer.table\""))?;
    if let Some(new) = into {
        chain.demand_free(new, None)?;
    }
    let here = chain.last().to_owned();
    let there = qualified(&name);
    let label = |of: &str| into.map_or_else(String::new, |new| format!(",\n    {} as {}", literal(of), ident(new)));
    let number = format!("{} + row_number() over ()", Tracked::offset(chain.step));
    let hidden: Vec<String> = chain
        .hidden()
        .into_iter()
        .map(|h| match h.as_str() {
            "__row" => format!("{number} as __row"),
            // A row of the other table has been through no step, so nothing of it became null.
            "__part" => "cast([1] as bigint[]) as __part".to_owned(),
            "__fate" => "cast(null as smallint) as __fate".to_owned(),
            "__value" => "cast(null as varchar) as __value".to_owned(),
            "__before" => "null as __before".to_owned(),
            filled if filled.starts_with("__fill") => format!("cast(null as varchar) as {filled}"),
            flag => format!("false as {flag}"),
        })
        .collect();
    let hidden = if hidden.is_empty() { String::new() } else { format!(",\n    {}", hidden.join(",\n    ")) };
    let mut theirs = "*".to_owned();
    if let Some(fields) = other {
        for field in fields {
            if into.is_some_and(|new| new.eq_ignore_ascii_case(&field.name)) {
                return Err(chain.fault(format!("{table} has a column \"{}\" already", field.name)).next("choose another name for into"));
            }
            match chain.columns.iter().find(|c| c.name.eq_ignore_ascii_case(&field.name)) {
                Some(own) if own.name != field.name => {
                    return Err(chain
                        .fault(format!("\"{}\" here and \"{}\" in {table} differ by case only", own.name, field.name))
                        .next("rename one of them first"));
                }
                Some(own) => {
                    let fits = |a: &DataType, b: &DataType| a == b || (a.is_number() && b.is_number());
                    if let Some(own_type) = own.data_type.as_ref().filter(|t| !fits(t, &field.data_type)) {
                        return Err(chain
                            .fault(format!("\"{}\" is {own_type} here and {} in {table}", field.name, field.data_type))
                            .at_field(&field.name)
                            .next("cast it first, here or in a recipe of the other table"));
                    }
                }
                None => {}
            }
        }
        theirs = fields.iter().map(|f| ident(&f.name)).collect::<Vec<_>>().join(", ");
    }
    let body =
        format!("select *{}\nfrom {here}\nunion all by name\nselect {theirs}{}{hidden}\nfrom {there}", label(&chain.from), label(table));
    chain.push("", body);
    if let Some(new) = into {
        chain.columns.push(Column { name: new.to_owned(), data_type: Some(DataType::Text), origin: None });
    }
    for field in other.unwrap_or_default() {
        match chain.columns.iter_mut().find(|c| c.name == field.name) {
            // Two kinds of numbers become a third; the engine knows which.
            Some(own) if own.data_type.as_ref() != Some(&field.data_type) => own.data_type = None,
            Some(_) => {}
            None => chain.columns.push(Column { name: field.name.clone(), data_type: Some(field.data_type.clone()), origin: None }),
        }
    }
    if let Mode::Tracked { .. } = chain.mode {
        chain.unions.push((chain.step, name));
    }
    Ok(())
}
