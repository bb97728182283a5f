//! A page of a query's result, however large the result is.

use trommel_model::{Cancel, Code, Order, Outcome, Problem, Schema, SortKey, Window, did_you_mean};

use crate::cancel::watched;
use crate::problem::Asked;
use crate::{Engine, frame, sql, stream};

const BEFORE: &str = "SELECT * FROM (\n";

/// Rows `offset..offset + limit` of the query under the sort and the filter.
pub(crate) fn read(
    engine: &Engine,
    sql: &str,
    sort: &[SortKey],
    filter: Option<&str>,
    offset: u64,
    limit: u64,
    cancel: &Cancel,
) -> Outcome<Window> {
    let schema = engine.describe(sql)?;
    let mut text = format!("{BEFORE}{}\n) AS page", sql::body(sql));
    if let Some(filter) = filter.map(str::trim).filter(|f| !f.is_empty()) {
        text.push_str(&format!("\nWHERE (\n{}\n)", sql::body(filter)));
    }
    if !sort.is_empty() {
        text.push_str(&format!("\nORDER BY {}", order_by(sort, &schema)?));
    }
    text.push_str(&format!("\nLIMIT {limit} OFFSET {offset}"));
    sql::one_query(&text).map_err(|p| Problem::new(p.code, "the filter cannot be read").why(p.what))?;

    let connection = engine.connection()?;
    let mut rows = Vec::new();
    watched(&connection, cancel, || {
        stream::run_text(&connection, &text, Asked::behind(BEFORE, sql), cancel, &mut |batch| {
            rows.append(&mut frame::cells_of(&batch));
            Ok(())
        })
    })
    .map_err(|p| if filter.is_some() && p.snippet.is_none() && p.code == Code::BadSql { of_filter(p, &schema) } else { p })?;
    Ok(Window { schema, offset, rows })
}

/// The sort keys, then every other column, so that the order is the same on every page.
fn order_by(sort: &[SortKey], schema: &Schema) -> Outcome<String> {
    let mut terms = Vec::new();
    for key in sort {
        if schema.position(&key.column).is_none() {
            return Err(Problem::new(Code::UnknownName, format!("there is no column \"{}\" to sort by", key.column))
                .next(did_you_mean(&key.column, schema.names())));
        }
        let direction = match key.order {
            Order::Ascending => "ASC",
            Order::Descending => "DESC",
        };
        terms.push(format!("{} {direction} NULLS LAST", sql::ident(&key.column)));
    }
    terms.extend(schema.names().filter(|name| !sort.iter().any(|key| key.column == *name)).map(sql::ident));
    Ok(terms.join(", "))
}

fn of_filter(problem: Problem, schema: &Schema) -> Problem {
    let names: Vec<_> = schema.names().collect();
    let mut told = Problem::new(problem.code, "the filter cannot be applied").why(problem.what);
    told.next = problem.next.or_else(|| Some(format!("the columns are {}", names.join(", "))));
    told
}
