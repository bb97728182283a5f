//! `ref('layer.table')` in SQL models: replaced by the quoted table, with the way back to the user's text.
//!
//! A table named directly (`from raw.orders`) counts as a dependency just the same; `ref` says in
//! addition that the workspace has to make it.

use std::ops::Range;

use trommel_engine::sql::{Named, qualified, tables_of};
use trommel_model::{Code, Outcome, Problem, TableName};

use crate::lexer::{Token, TokenKind, tokens};

/// Where a SQL text was written.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The file, as people should see it.
    pub path: &'a str,
    /// Line of the file on which the text starts, from 1.
    pub first_line: u64,
    /// The text.
    pub sql: &'a str,
}

/// A SQL text with its refs replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// What the engine gets.
    pub sql: String,
    /// The tables it reads, each with its place in the user's text, in order of appearance.
    pub tables: Vec<TableRef>,
    swaps: Vec<Swap>,
}

/// One table named in a SQL text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRef {
    /// The table.
    pub name: TableName,
    /// Bytes of the user's text.
    pub span: Range<usize>,
    /// True for `ref('…')`.
    pub by_ref: bool,
}

/// One replaced piece: where it was and where it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Swap {
    /// Bytes of the user's text.
    pub from: Range<usize>,
    /// Bytes of the text that is run.
    pub to: Range<usize>,
}

/// The byte of the user's text from which a byte of the text that is run comes.
pub(crate) fn to_source(swaps: &[Swap], at: usize) -> usize {
    let mut shift = 0_isize;
    for swap in swaps {
        if at < swap.to.start {
            break;
        }
        if at < swap.to.end {
            return swap.from.start;
        }
        shift = swap.from.end as isize - swap.to.end as isize;
    }
    at.checked_add_signed(shift).unwrap_or(0)
}

/// Replaces every `ref('layer.table')` and lists the tables read.
pub fn resolve(origin: Origin<'_>) -> Outcome<Resolved> {
    let source = origin.sql;
    let tokens = tokens(source).map_err(|u| origin.fault("the SQL cannot be read", u.span, format!("this {} does not end", u.what)))?;
    let mut resolved = Resolved { sql: String::with_capacity(source.len()), tables: Vec::new(), swaps: Vec::new() };
    let mut copied = 0;
    for (i, token) in tokens.iter().enumerate() {
        if !is_ref(source, &tokens, i) {
            continue;
        }
        let (name, span) = ref_name(origin, &tokens[i..])?;
        resolved.sql.push_str(&source[copied..token.span.start]);
        let start = resolved.sql.len();
        resolved.sql.push_str(&qualified(&name));
        resolved.swaps.push(Swap { from: span.clone(), to: start..resolved.sql.len() });
        copied = span.end;
        resolved.tables.push(TableRef { name, span, by_ref: true });
    }
    resolved.sql.push_str(&source[copied..]);
    direct_tables(origin, &mut resolved)?;
    resolved.tables.sort_by_key(|t| t.span.start);
    Ok(resolved)
}

impl Resolved {
    /// A fault of the engine in the resolved text, shown in the user's file.
    pub fn explain(&self, origin: Origin<'_>, problem: Problem) -> Problem {
        let Some(snippet) = problem.snippet.clone() else {
            return if problem.place.file.is_none() { problem.in_file(origin.path) } else { problem };
        };
        let span = self.to_source(snippet.span.start)..self.to_source(snippet.span.end);
        let shown = Problem { snippet: None, ..problem };
        origin.point(shown, span, snippet.label)
    }

    /// The byte of the user's text from which a byte of the resolved text comes.
    pub fn to_source(&self, at: usize) -> usize {
        to_source(&self.swaps, at)
    }
}

impl<'a> Origin<'a> {
    /// A text of which no file is known.
    pub fn of_text(name: &'a str, sql: &'a str) -> Self {
        Self { path: name, first_line: 1, sql }
    }

    /// A SQL fault at these bytes of the text.
    pub fn fault(&self, what: impl Into<String>, span: Range<usize>, label: impl Into<String>) -> Problem {
        self.point(Problem::new(Code::BadSql, what), span, label.into())
    }

    /// Points a fault at bytes of the text; lines count as in the file.
    pub fn point(&self, problem: Problem, span: Range<usize>, label: String) -> Problem {
        // Lines before the text are stood in for by empty ones: the numbers beside the snippet are then those of the file.
        let before = usize::try_from(self.first_line.saturating_sub(1)).unwrap_or(0);
        let padded = format!("{}{}", "\n".repeat(before), self.sql);
        problem.in_file(self.path).pointing_at(self.path, &padded, span.start + before..span.end + before, label)
    }
}

fn is_ref(source: &str, tokens: &[Token], i: usize) -> bool {
    let word = tokens[i].kind == TokenKind::Word && source[tokens[i].span.clone()].eq_ignore_ascii_case("ref");
    let called = tokens.get(i + 1).is_some_and(|t| t.kind == TokenKind::Symbol('('));
    let member = i > 0 && tokens[i - 1].kind == TokenKind::Symbol('.');
    word && called && !member
}

/// The name in `ref ( 'name' )` at the start of the tokens, with the bytes of the whole call.
fn ref_name(origin: Origin<'_>, tokens: &[Token]) -> Outcome<(TableName, Range<usize>)> {
    let start = tokens[0].span.start;
    let last = tokens.get(2).map_or(start + 3, |t| t.span.end);
    let form = || origin.fault("ref takes one table name in quotes", start..last, "not of this form").next("write ref('layer.table')");
    let (Some(text), Some(close)) = (tokens.get(2), tokens.get(3)) else { return Err(form()) };
    if text.kind != TokenKind::Text || close.kind != TokenKind::Symbol(')') {
        return Err(form());
    }
    let quoted = &origin.sql[text.span.clone()];
    let inner = quoted.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')).ok_or_else(form)?;
    let name: TableName = inner.parse().map_err(|p: Problem| {
        let problem = Problem { code: Code::UnknownRef, ..p };
        origin.point(problem, text.span.clone(), "not a table name".to_owned())
    })?;
    Ok((name, start..close.span.end))
}

/// Adds tables that are named without `ref`, and refuses files: they would be read behind the graph's back.
fn direct_tables(origin: Origin<'_>, resolved: &mut Resolved) -> Outcome<()> {
    let uses = tables_of(&resolved.sql).map_err(|p| resolved.explain(origin, p))?;
    for found in uses {
        let span = resolved.to_source(found.span.start)..resolved.to_source(found.span.end);
        let parts = match found.name {
            Named::Table(parts) => parts,
            Named::File(file) => {
                return Err(origin
                    .fault("a model cannot read a file", span, format!("\"{file}\" is a file"))
                    .next("make it a source in sources/, then write ref('raw.NAME')"));
            }
        };
        let [layer, table] = parts.as_slice() else { continue };
        let name = TableName::new(layer.clone(), table.clone());
        let known = resolved.swaps.iter().any(|s| s.to.contains(&found.span.start));
        if !known {
            resolved.tables.push(TableRef { name, span, by_ref: false });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sql: &str, resolved: &str, tables: &[&str]) {
        let found = resolve(Origin::of_text("x.sql", sql)).unwrap();
        assert_eq!(found.sql, resolved);
        let named: Vec<String> = found.tables.iter().map(|t| format!("{} {}", t.name, &sql[t.span.clone()])).collect();
        assert_eq!(named, tables, "{sql}");
    }

    #[test]
    fn refs_are_replaced_outside_of_texts_and_comments_only() {
        check("select * from ref('raw.a')", "select * from \"raw\".\"a\"", &["raw.a ref('raw.a')"]);
        check(
            "select 'ref(''x.y'')' -- ref('no.no')\nfrom REF ( 'raw.a' ) a join clean.b using (id)",
            "select 'ref(''x.y'')' -- ref('no.no')\nfrom \"raw\".\"a\" a join clean.b using (id)",
            &["raw.a REF ( 'raw.a' )", "clean.b clean.b"],
        );
        check("with b as (select 1 x) select * from b", "with b as (select 1 x) select * from b", &[]);
    }

    #[test]
    fn the_way_back_leads_to_the_users_text() {
        let sql = "select é, ref_ from ref('raw.a') where bad and x in (select y from ref('raw.b')) order by z";
        let found = resolve(Origin::of_text("x.sql", sql)).unwrap();
        for word in ["é", "ref_", "bad", "order", "z"] {
            let now = found.sql.rfind(word).unwrap();
            assert_eq!(found.to_source(now), sql.rfind(word).unwrap(), "{word}");
        }
        assert_eq!(found.to_source(found.sql.find("\"b\"").unwrap()), sql.find("ref('raw.b')").unwrap());
    }

    #[test]
    fn faults_point_into_the_file() {
        let fault = |sql: &str| resolve(Origin { path: "models/m.sql", first_line: 5, sql }).unwrap_err();
        let problem = fault("select *\nfrom ref(raw.a)");
        assert_eq!((problem.code, problem.place.line, problem.place.column), (Code::BadSql, Some(6), Some(6)));
        assert_eq!(fault("select * from ref('a')").code, Code::UnknownRef);
        assert_eq!(fault("select * from 'x.csv'").code, Code::BadSql);
        let problem = fault("select 'open");
        assert_eq!((problem.place.line, problem.place.column), (Some(5), Some(8)));
        let problem = fault("select *\nfrm ref('raw.a')");
        assert_eq!((problem.code, problem.place.line), (Code::BadSql, Some(6)), "{problem:?}");
    }
}
