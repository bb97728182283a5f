//! Which tables and files a query names, and where in its text.

use std::ops::Range;

use serde_json::Value;
use trommel_model::Outcome;

use super::one_query;

/// A table or file that a query reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableUse {
    /// What is named.
    pub name: Named,
    /// The bytes of the query's text that name it.
    pub span: Range<usize>,
    /// The name it goes by in the query; empty where it is its own.
    pub alias: String,
}

/// How a query names what it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// By name, in parts without quotes: `raw.orders` → `["raw", "orders"]`, `"x.csv"` → `["x.csv"]`.
    Table(Vec<String>),
    /// As a text in single quotes: `from 'x.csv'` → `x.csv`.
    File(String),
}

/// The tables and files of one query in the order in which they stand, one entry per use. Names that
/// the query itself defines (WITH) are left out. A fault of syntax comes with its place.
pub fn tables_of(sql: &str) -> Outcome<Vec<TableUse>> {
    let tree = one_query(sql)?;
    let mut found = Vec::new();
    walk(&tree, &mut Vec::new(), sql, &mut found);
    found.sort_by_key(|table| table.span.start);
    found.dedup();
    Ok(found)
}

fn walk(node: &Value, defined: &mut Vec<String>, sql: &str, found: &mut Vec<TableUse>) {
    match node {
        Value::Array(items) => items.iter().for_each(|item| walk(item, defined, sql, found)),
        Value::Object(fields) => {
            let outside = defined.len();
            if let Some(entries) = fields.get("cte_map").and_then(|map| map["map"].as_array()) {
                for entry in entries {
                    let name = entry["key"].as_str().unwrap_or_default().to_lowercase();
                    // A recursive one reads itself; another one may read a table of its own name.
                    let body = &entry["value"];
                    let recursive = body["query_node"]["type"] == "RECURSIVE_CTE_NODE";
                    if recursive {
                        defined.push(name.clone());
                    }
                    walk(body, defined, sql, found);
                    if !recursive {
                        defined.push(name);
                    }
                }
            }
            if fields.get("type").is_some_and(|t| t == "BASE_TABLE") {
                found.extend(base_table(node, defined, sql));
            }
            for (key, value) in fields {
                if key != "cte_map" {
                    walk(value, defined, sql, found);
                }
            }
            defined.truncate(outside);
        }
        _ => {}
    }
}

fn base_table(node: &Value, defined: &[String], sql: &str) -> Option<TableUse> {
    let parts: Vec<String> = node["qualified_name"]["path"].as_array()?.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let table = parts.last()?;
    if parts.len() == 1 && defined.contains(&table.to_lowercase()) {
        return None;
    }
    let start = node["query_location"].as_u64().map_or(0, |at| at as usize).min(sql.len());
    // The parser's own length takes in an alias.
    let span = name_at(sql, start);
    let name = match sql.get(span.clone()) {
        Some(text) if text.starts_with('\'') => Named::File(table.clone()),
        _ => Named::Table(parts),
    };
    Some(TableUse { name, span, alias: node["alias"].as_str().unwrap_or_default().to_owned() })
}

/// The bytes of the dotted name, or of the text in quotes, that starts at `start`.
fn name_at(sql: &str, start: usize) -> Range<usize> {
    let bytes = sql.as_bytes();
    let mut at = start;
    loop {
        at = match bytes.get(at) {
            Some(quote @ (b'"' | b'\'')) => after_quoted(bytes, at, *quote),
            _ => {
                at + sql
                    .get(at..)
                    .map_or(0, |rest| rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len()))
            }
        };
        let dot = at + blanks(sql, at);
        if bytes.get(dot) != Some(&b'.') {
            return start..at;
        }
        at = dot + 1 + blanks(sql, dot + 1);
    }
}

fn blanks(sql: &str, at: usize) -> usize {
    sql.get(at..).map_or(0, |rest| rest.len() - rest.trim_start().len())
}

fn after_quoted(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        if *byte == quote {
            if bytes.get(at) != Some(&quote) {
                break;
            }
            at += 1;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sql: &str, expected: &[(&str, &str)]) {
        let found: Vec<_> = tables_of(sql)
            .unwrap()
            .into_iter()
            .map(|table| {
                let name = match table.name {
                    Named::Table(parts) => parts.join("|"),
                    Named::File(path) => format!("file {path}"),
                };
                (name, sql[table.span].to_owned())
            })
            .collect();
        let expected: Vec<_> = expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        assert_eq!(found, expected, "{sql}");
    }

    #[test]
    fn tables_are_found_where_they_stand() {
        check("select * from raw.orders", &[("raw|orders", "raw.orders")]);
        check("from \"raw\" . \"or\"\"ders\" o join x using (id)", &[("raw|or\"ders", "\"raw\" . \"or\"\"ders\""), ("x", "x")]);
        check("select * from 'a b.csv' union all select * from \"c.csv\"", &[("file a b.csv", "'a b.csv'"), ("c.csv", "\"c.csv\"")]);
        check("select (select max(é) from b) from a where exists (select 1 from c)", &[("b", "b"), ("a", "a"), ("c", "c")]);
        check("select 1", &[]);
    }

    #[test]
    fn names_defined_by_the_query_are_left_out() {
        check("with t as (select * from s) select * from T, raw.t", &[("s", "s"), ("raw|t", "raw.t")]);
        check("with t as (select * from t) select * from t", &[("t", "t")]);
        check("with recursive r as (select 1 i union all select i + 1 from r where i < 3) select * from r, q", &[("q", "q")]);
        check("select * from (with t as (select 1) select * from t) a, t", &[("t", "t")]);
    }

    #[test]
    fn faults_have_a_place() {
        let problem = tables_of("select *\nfrm x").unwrap_err();
        assert_eq!(problem.code, trommel_model::Code::BadSql);
        assert_eq!(problem.place.line, Some(2), "{problem:?}");
        assert!(tables_of("drop table x").is_err());
        assert!(tables_of("select 1; select 2").is_err());
        assert!(tables_of("  ").is_err());
        assert!(tables_of("select '\0'").is_err());
    }
}
