//! `derive`: a column computed by an expression.

use trommel_engine::sql::ident;
use trommel_model::{DataType, Outcome};

use super::chain::{Chain, Column, Mode};
use super::expression;

/// Adds or replaces a column. `data_type` is its type when the engine was asked.
pub(super) fn derive(chain: &mut Chain, column: &str, expression: &str, data_type: Option<DataType>) -> Outcome<()> {
    let exists = chain.columns.iter().any(|c| c.name == column);
    if !exists {
        chain.demand_free(column, None)?;
    }
    let facts = expression::check(chain, expression)?;
    let value = expression::in_parentheses(expression);
    let name = ident(column);
    let last = chain.last().to_owned();
    let select = |value: &str, from: &str| {
        if exists {
            format!("select * replace (\n    {value} as {name}\n)\nfrom {from}")
        } else {
            format!("select *,\n    {value} as {name}\nfrom {from}")
        }
    };
    let body = match (chain.mode, facts.window) {
        (Mode::Plain { .. }, _) => select(&value, &last),
        // Looked at for rows that are still there only: another one may make it fail.
        (Mode::Tracked { .. }, false) => select(&format!("case when __fate is null then {value} end"), &last),
        // An expression that looks at other rows must not see those that left.
        (Mode::Tracked { .. }, true) => format!(
            "{}\nunion all by name\n{}",
            select(&value, &format!("{last} where __fate is null")),
            select("null", &format!("{last} where __fate is not null"))
        ),
    };
    let start = body.find(&value).map_or(0, |at| at + 1);
    chain.push_marked("", body, vec![(start..start + expression.len(), expression.to_owned())]);
    chain.columns.retain(|c| exists || c.name != column);
    if exists {
        chain.retype(column, data_type);
    } else {
        chain.columns.push(Column { name: column.to_owned(), data_type, origin: None });
    }
    Ok(())
}
