//! Queries that want totals only, over one remote table: the totals are asked for, and the query is put over them.

use serde_json::{Value, json};
use trommel_model::{Outcome, RemoteGrouping, RemoteTotal};

use super::Remote;
use crate::sql;

/// What the columns of totals are called, with their number behind.
pub const TOTAL: &str = "__total_";

/// A query over totals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouped {
    /// The totals.
    pub grouping: RemoteGrouping,
    /// The query, over a table that has the columns of the groups by their names and the totals as [`TOTAL`] 0, 1, ….
    pub sql: String,
}

struct Rewrite<'a> {
    remote: &'a Remote,
    /// The name the table goes by.
    alias: String,
    grouping: RemoteGrouping,
    /// Names of results, which ORDER BY and HAVING may use.
    results: Vec<String>,
}

/// Rewrites the query; none when it is not of that form. `names` are the names of its results.
pub(super) fn of_tree(mut tree: Value, remote: &Remote, names: &[String]) -> Outcome<Option<Grouped>> {
    let Some(grouping) = rewrite(&mut tree["node"], remote, names) else { return Ok(None) };
    Ok(Some(Grouped { grouping, sql: sql::text_of(&tree)? }))
}

fn rewrite(node: &mut Value, remote: &Remote, names: &[String]) -> Option<RemoteGrouping> {
    if !is_plain(node, remote) || node["select_list"].as_array()?.len() != names.len() {
        return None;
    }
    let alias = alias(node, remote).to_owned();
    let by = groups(node, remote, &alias)?;
    let mut rewrite = Rewrite { remote, alias, grouping: RemoteGrouping { by, totals: Vec::new() }, results: names.to_vec() };
    for (item, name) in node["select_list"].as_array_mut()?.iter_mut().zip(names) {
        rewrite.expression(item, false)?;
        if item["alias"] == "" {
            item["alias"] = json!(name);
        }
    }
    rewrite.expression(&mut node["having"], true)?;
    for modifier in node["modifiers"].as_array_mut()? {
        rewrite.expression(modifier, true)?;
    }
    node["where_clause"] = node["having"].take();
    node["group_expressions"] = json!([]);
    node["group_sets"] = json!([]);
    node["aggregate_handling"] = json!("STANDARD_HANDLING");
    Some(rewrite.grouping)
}

/// True when a query reads this table and no other, by its own column names.
pub(super) fn is_plain(node: &Value, remote: &Remote) -> bool {
    let empty = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    node["type"] == "SELECT_NODE"
        && empty(&node["cte_map"]["map"])
        && node["from_table"]["type"] == "BASE_TABLE"
        && node["from_table"]["qualified_name"]["path"] == json!([remote.name.layer, remote.name.table])
        && !has_subquery(&node["where_clause"])
        && empty(&node["from_table"]["sample"])
        && empty(&node["from_table"]["column_name_alias"])
        && empty(&node["sample"])
        && empty(&node["qualify"])
}

/// The name that the table of a plain query goes by.
pub(super) fn alias<'a>(node: &'a Value, remote: &'a Remote) -> &'a str {
    node["from_table"]["alias"].as_str().filter(|a| !a.is_empty()).unwrap_or(&remote.name.table)
}

/// The columns that make the groups.
fn groups(node: &Value, remote: &Remote, alias: &str) -> Option<Vec<usize>> {
    let list = node["select_list"].as_array()?;
    let of = |item: &Value| column(item, remote, alias);
    if node["aggregate_handling"] == "FORCE_AGGREGATES" {
        return list.iter().filter(|item| !has_total(item)).map(of).collect();
    }
    let groups = node["group_expressions"].as_array()?;
    let sets = node["group_sets"].as_array()?;
    if sets.len() > 1 || sets.first().is_some_and(|set| set.as_array().is_none_or(|set| set.len() != groups.len())) {
        return None;
    }
    let one = |group: &Value| {
        let place = group["literal"]["text"].as_str().and_then(|t| t.parse::<usize>().ok());
        let result = || {
            let names = group["column_names"].as_array()?;
            let [name] = &names[..] else { return None };
            list.iter().find(|item| item["alias"] == *name)
        };
        match place {
            Some(place) => of(list.get(place.checked_sub(1)?)?),
            None => of(group).or_else(|| of(result()?)),
        }
    };
    groups.iter().map(one).collect()
}

fn has_total(node: &Value) -> bool {
    match node {
        Value::Array(items) => items.iter().any(has_total),
        Value::Object(fields) => total_name(node).is_some() || fields.values().any(has_total),
        _ => false,
    }
}

fn has_subquery(node: &Value) -> bool {
    match node {
        Value::Array(items) => items.iter().any(has_subquery),
        Value::Object(fields) => node["class"] == "SUBQUERY" || fields.values().any(has_subquery),
        _ => false,
    }
}

fn total_name(node: &Value) -> Option<&str> {
    let name = node["function_name"].as_str().filter(|_| node["type"] == "FUNCTION")?;
    matches!(name, "count_star" | "count" | "sum" | "min" | "max").then_some(name)
}

/// The remote column that an expression is.
pub(super) fn column(node: &Value, remote: &Remote, alias: &str) -> Option<usize> {
    if node["type"] != "COLUMN_REF" {
        return None;
    }
    let names: Vec<&str> = node["column_names"].as_array()?.iter().filter_map(Value::as_str).collect();
    let name = match names[..] {
        [name] => name,
        [table, name] if table.eq_ignore_ascii_case(alias) => name,
        _ => return None,
    };
    remote.columns.fields().iter().position(|f| f.name().eq_ignore_ascii_case(name))
}

impl Rewrite<'_> {
    /// Puts columns in the place of totals. None when something else is asked of a row. `results` may be named where
    /// the list of results is not meant.
    fn expression(&mut self, node: &mut Value, results: bool) -> Option<()> {
        if total_name(node).is_some() {
            let total = self.total(node)?;
            let at = self.grouping.totals.iter().position(|t| *t == total).unwrap_or_else(|| {
                self.grouping.totals.push(total);
                self.grouping.totals.len() - 1
            });
            *node = json!({
                "class": "COLUMN_REF", "type": "COLUMN_REF", "alias": node["alias"], "query_location": node["query_location"],
                "query_location_length": 0, "column_names": [format!("{TOTAL}{at}")],
            });
            return Some(());
        }
        match node {
            Value::Array(items) => items.iter_mut().try_for_each(|item| self.expression(item, results)),
            Value::Object(fields) => {
                match fields.get("class").and_then(Value::as_str) {
                    Some("COLUMN_REF") => return self.is_known(node, results).then_some(()),
                    Some("STAR" | "WINDOW" | "SUBQUERY" | "LAMBDA" | "POSITIONAL_REFERENCE") => return None,
                    _ => {}
                }
                fields.values_mut().try_for_each(|value| self.expression(value, results))
            }
            _ => Some(()),
        }
    }

    fn is_known(&self, node: &Value, results: bool) -> bool {
        let of_group = column(node, self.remote, &self.alias).is_some_and(|c| self.grouping.by.contains(&c));
        let name = node["column_names"].as_array().and_then(|names| names.first()?.as_str());
        of_group || results && name.is_some_and(|name| self.results.iter().any(|r| r.eq_ignore_ascii_case(name)))
    }

    fn total(&self, node: &Value) -> Option<RemoteTotal> {
        let simple = node["distinct"] == false
            && node["filter"].is_null()
            && node["order_bys"]["orders"].as_array().is_some_and(Vec::is_empty)
            && node["schema"] == "";
        let arguments: Vec<&Value> = node["arguments"].as_array()?.iter().map(|a| &a["expression"]).collect();
        let of = |wrap: fn(usize) -> RemoteTotal| {
            let [only] = arguments[..] else { return None };
            column(only, self.remote, &self.alias).map(wrap)
        };
        simple.then_some(())?;
        match total_name(node)? {
            "count_star" => Some(RemoteTotal::Rows),
            "count" if arguments.is_empty() => Some(RemoteTotal::Rows),
            "count" => of(RemoteTotal::Count),
            "sum" => of(RemoteTotal::Sum),
            "min" => of(RemoteTotal::Min),
            _ => of(RemoteTotal::Max),
        }
    }
}
