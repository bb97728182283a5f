//! Queries that want the first rows of one remote table in an order: `order by day desc limit 20`.

use serde_json::Value;
use trommel_model::RemoteOrder;

use super::Remote;
use super::grouping::{alias, column, is_plain};

/// The order of a query's rows, when it is one of the table's own columns.
pub(super) fn of_node(node: &Value, remote: &Remote) -> Option<Vec<RemoteOrder>> {
    if !is_plain(node, remote) {
        return None;
    }
    let list = node["select_list"].as_array()?;
    // A star that gives a column another value or name hides what the order is by.
    let changes = |star: &Value| ["replace_list", "rename_list"].iter().any(|key| star[*key].as_array().is_none_or(|l| !l.is_empty()));
    if list.iter().any(|item| item["type"] == "STAR" && changes(item)) {
        return None;
    }
    let orders = node["modifiers"].as_array()?.iter().find(|m| m["type"] == "ORDER_MODIFIER")?["orders"].as_array()?;
    orders.iter().map(|order| one(order, list, remote, alias(node, remote))).collect()
}

fn one(order: &Value, list: &[Value], remote: &Remote, alias: &str) -> Option<RemoteOrder> {
    let expression = &order["expression"];
    let names: Vec<&str> = expression["column_names"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    // A result's name goes before a column's.
    let mut results = list.iter().filter(|item| {
        let result = item["alias"].as_str().unwrap_or_default();
        matches!(names[..], [name] if name.eq_ignore_ascii_case(result))
    });
    let column = match (results.next(), results.next()) {
        (None, _) => column(expression, remote, alias)?,
        (Some(result), None) => column(result, remote, alias)?,
        (Some(_), Some(_)) => return None,
    };
    Some(RemoteOrder { column, descending: order["type"] == "DESCENDING", nulls_first: order["null_order"] == "NULLS FIRST" })
}
