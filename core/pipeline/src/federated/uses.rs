//! The remote tables a query names: `connection.schema.table`, or `connection.table` where that is no layer of the lake.

use std::collections::BTreeSet;
use std::ops::Range;

use trommel_engine::sql::{Named, tables_of};
use trommel_model::{Code, ConnectionKind, ConnectionSpec, Outcome, Problem, did_you_mean};

/// A remote table where a query names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteUse {
    /// The connection's name, as the workspace has it.
    pub connection: String,
    /// The table's name behind it, in one part or two.
    pub path: Vec<String>,
    /// The bytes of the query that name it.
    pub span: Range<usize>,
    /// What it goes by in the query; empty where that is its own name.
    pub alias: String,
}

/// Databases of the engine itself.
const OWN: [&str; 3] = ["memory", "system", "temp"];

/// The remote tables of a query, in order. `is_layer` knows the layers of the lake: `raw.orders` is never remote when
/// there is a layer `raw`.
pub fn remote_uses(connections: &[ConnectionSpec], query: &str, is_layer: &dyn Fn(&str) -> bool) -> Outcome<Vec<RemoteUse>> {
    let find = |name: &str| connections.iter().find(|c| c.name.eq_ignore_ascii_case(name));
    let mut found = Vec::new();
    for table in tables_of(query)? {
        let Named::Table(parts) = table.name else { continue };
        let Some((first, rest)) = parts.split_first() else { continue };
        let connection = match (find(first), rest.len()) {
            (_, 0) => continue,
            (Some(one), 1) if one.kind != ConnectionKind::Folder && !is_layer(first) => one,
            (_, 1) => continue,
            (None, _) if OWN.contains(&first.to_lowercase().as_str()) => continue,
            (Some(one), 2) => one,
            (Some(_), _) => {
                let what = format!("the name {} has too many parts", parts.join("."));
                return Err(Problem::new(Code::BadSql, what)
                    .pointing_at("query", query, table.span, "no table is named so")
                    .next("write connection.schema.table"));
            }
            (None, _) => {
                let near = did_you_mean(first, connections.iter().map(|c| c.name.as_str()));
                let next = if near.is_empty() { "trommel connect list shows the connections".to_owned() } else { near };
                return Err(Problem::new(Code::UnknownName, format!("there is no connection \"{first}\""))
                    .pointing_at("query", query, table.span, "not a connection")
                    .next(next));
            }
        };
        found.push(RemoteUse { connection: connection.name.clone(), path: rest.to_vec(), span: table.span, alias: table.alias });
    }
    Ok(found)
}

impl RemoteUse {
    /// As a person writes it.
    pub fn shown(&self) -> String {
        format!("{}.{}", self.connection, self.path.join("."))
    }

    /// Two uses with the same key are of one table.
    pub(super) fn key(&self) -> String {
        self.shown().to_lowercase()
    }

    /// A fault about the table, shown where the query names it.
    pub(super) fn explain(&self, query: &str, problem: Problem) -> Problem {
        if problem.code != Code::UnknownName || problem.snippet.is_some() {
            return problem;
        }
        let file = problem.place.file.clone();
        let mut shown = problem.pointing_at("query", query, self.span.clone(), "not found there");
        shown.place.file = file;
        shown
    }
}

/// Whether a query mentions a column's name. One that takes all columns mentions all.
pub(super) fn mentioned(query: &str) -> impl Fn(&str) -> bool + use<> {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let lower = query.to_lowercase();
    // A star behind an opening parenthesis counts rows.
    let compact: String = lower.chars().filter(|c| !c.is_whitespace()).collect();
    let all = compact.replace("count(*)", "").contains('*') || lower.contains("columns(") || lower.trim_start().starts_with("from");
    let words: BTreeSet<String> = lower.split(|c| !word(c)).map(str::to_owned).collect();
    move |name: &str| {
        let name = name.to_lowercase();
        all || words.contains(&name) || (!name.chars().all(word) && lower.contains(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connections() -> Vec<ConnectionSpec> {
        vec![
            ConnectionSpec::server("pg", ConnectionKind::Postgres, "postgres://x@localhost/x"),
            ConnectionSpec { kind: ConnectionKind::Sqlite, ..ConnectionSpec::folder("shop", "shop.db") },
            ConnectionSpec::folder("files", "files"),
            ConnectionSpec { kind: ConnectionKind::Sqlite, ..ConnectionSpec::folder("raw", "raw.db") },
        ]
    }

    fn uses(query: &str) -> Outcome<Vec<String>> {
        let found = remote_uses(&connections(), query, &|layer| layer == "raw")?;
        Ok(found.iter().map(|one| format!("{} `{}` {}", one.shown(), &query[one.span.clone()], one.alias)).collect())
    }

    #[test]
    fn tables_behind_connections_are_found() {
        let query = "select * from pg.public.orders o join raw.customers c using (id), shop.items, PG.x.y";
        assert_eq!(uses(query).unwrap(), ["pg.public.orders `pg.public.orders` o", "shop.items `shop.items` ", "pg.x.y `PG.x.y` "]);
        for none in ["select * from files.a", "select * from raw.a, b", "select * from memory.main.x"] {
            assert_eq!(uses(none).unwrap(), [""; 0], "{none}");
        }
    }

    #[test]
    fn unknown_connections_are_told_with_the_nearest() {
        let problem = uses("select *\nfrom shopp.main.items").unwrap_err();
        assert_eq!((problem.code, problem.place.line), (Code::UnknownName, Some(2)));
        assert_eq!(problem.next.as_deref(), Some("did you mean \"shop\"?"));
        assert_eq!(uses("select * from pg.a.b.c").unwrap_err().code, Code::BadSql);
    }

    #[test]
    fn columns_are_mentioned() {
        let some = mentioned("select Id, count(*) from pg.public.orders where \"the state\" = 1");
        assert!(some("id") && some("the state") && !some("amount"));
        assert!(mentioned("select o.* from pg.public.orders o")("amount"));
        assert!(mentioned("from pg.public.orders")("amount"));
    }
}
