//! Queries that read tables of databases as if these were local: `from pg.public.orders o join mart.customers c …`.
//!
//! What the query needs of each remote table is found by the planner over stand-ins ([`trommel_engine::federated`]), put to
//! its database by the connector, and what comes is kept as Parquet while the query runs. All tables of one connection are
//! read in one transaction that only reads: as they were at one moment. Nothing of it outlives the query.

mod explain;
mod fetch;
#[cfg(test)]
mod tests;
mod uses;

use std::fmt::Write as _;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use trommel_connectors::remote::{Remote, RemoteTable};
use trommel_engine::federated::{self as planner, Needs};
use trommel_engine::frame::sql_type_of;
use trommel_engine::sql::{ident, qualified};
use trommel_engine::{Engine, sql};
use trommel_model::{Cancel, Code, ConnectionSpec, Outcome, Problem, ProgressSlot, TableName};

use crate::refs::{Origin, Swap, to_source};

pub use explain::RemoteRead;
pub use uses::{RemoteUse, remote_uses};

/// Where a query that reads remote tables is put together.
pub struct Site<'a> {
    /// The workspace's folder, absolute.
    pub root: &'a Path,
    /// Its connections.
    pub connections: &'a [ConnectionSpec],
    /// A folder of its own for what comes; it is made, and removed with the result.
    pub folder: PathBuf,
    /// What names in the engine begin with, so that queries do not get into each other's way.
    pub prefix: String,
    /// The wish to stop.
    pub cancel: &'a Cancel,
    /// How far it is.
    pub progress: &'a ProgressSlot,
}

/// Whether rows are fetched, or only what would be asked is found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fetch {
    /// Rows are fetched.
    Rows,
    /// Databases are only asked about their tables.
    Nothing,
}

/// A query whose remote tables stand in the engine. Dropped, they are gone.
pub struct Federated<E: Deref<Target = Engine>> {
    /// The query as the engine runs it.
    pub sql: String,
    /// What was read of each remote table.
    pub reads: Vec<RemoteRead>,
    rewritten: Rewritten,
    engine: E,
    views: Vec<TableName>,
    folder: PathBuf,
}

/// A query with other names for its remote tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Rewritten {
    source: String,
    sql: String,
    swaps: Vec<Swap>,
}

/// A remote table on its way.
struct Found {
    /// Its connection, by place.
    connection: usize,
    /// As the query names it.
    shown: String,
    path: Vec<String>,
    /// Its name in the engine.
    view: TableName,
    table: RemoteTable,
}

/// Makes the remote tables of a query readable in the engine.
pub fn federate<E: Deref<Target = Engine>>(
    site: &Site<'_>,
    engine: E,
    query: &str,
    uses: &[RemoteUse],
    fetch: Fetch,
) -> Outcome<Federated<E>> {
    let mut names: Vec<(String, &RemoteUse)> = Vec::new();
    for one in uses {
        if names.iter().all(|(known, _)| *known != one.key()) {
            names.push((one.key(), one));
        }
    }
    let view_of = |at: usize| TableName::new("main", format!("{}_{at}", site.prefix));
    let rewritten = rewritten(query, uses, &|one| names.iter().position(|(key, _)| *key == one.key()).map_or(view_of(0), view_of));
    let mut federated = Federated {
        sql: rewritten.sql.clone(),
        reads: Vec::new(),
        rewritten,
        engine,
        views: (0..names.len()).map(view_of).collect(),
        folder: site.folder.clone(),
    };

    let mut lines = Vec::new();
    let mut found = Vec::new();
    let wanted = uses::mentioned(query);
    for (at, (_, one)) in names.iter().enumerate() {
        let connection = line(site, &mut lines, one)?;
        site.progress.update(|p| p.doing = format!("looking at {}", one.shown()));
        let (_, remote) = &mut lines[connection];
        let table = remote.table(&one.path, &wanted).map_err(|p| one.explain(query, p))?;
        found.push(Found { connection, shown: one.shown(), path: one.path.clone(), view: view_of(at), table });
    }
    let mut needs = federated.needs(&found, site.cancel)?;
    // A column that nobody mentions may be needed all the same; then its type has to be known.
    let open = |found: &Found, need: &trommel_model::RemoteNeed| need.columns.iter().any(|column| !found.table.settled[*column]);
    if found.iter().zip(&needs.tables).any(|(found, need)| open(found, need)) {
        for one in &mut found {
            one.table = lines[one.connection].1.table(&one.path, &|_| true)?;
        }
        needs = federated.needs(&found, site.cancel)?;
    }
    for (one, need) in found.iter().zip(&needs.tables) {
        let statement = one.table.statement(need).map_err(|p| p.in_file(&one.shown))?;
        let remote = &mut lines[one.connection].1;
        let mut read = RemoteRead::new(&one.shown, remote, &one.table, need, &statement);
        read.notes.extend(needs.remark.clone());
        if fetch == Fetch::Rows {
            site.progress.update(|p| {
                p.doing = format!("reading {}", one.shown);
                p.rows = 0;
                p.rows_total = one.table.rows.filter(|_| !statement.is_grouped && need.conditions.is_empty()).unwrap_or(0);
            });
            let file = site.folder.join(format!("{}.parquet", one.view.table));
            let fetched = fetch::into_file(remote, &one.table, &statement, &file, site)?;
            federated.show(&one.view, &fetch::view(&one.table, need, &statement, &file))?;
            read.came(&fetched);
        }
        if statement.is_grouped
            && let Some(grouped) = &needs.grouped
        {
            federated.sql.clone_from(&grouped.sql);
        }
        federated.reads.push(read);
    }
    for (_, remote) in lines {
        remote.close();
    }
    Ok(federated)
}

/// The open connection of a use; it is opened when it is not.
fn line(site: &Site<'_>, lines: &mut Vec<(String, Remote)>, one: &RemoteUse) -> Outcome<usize> {
    if let Some(at) = lines.iter().position(|(name, _)| *name == one.connection) {
        return Ok(at);
    }
    let connection = site.connections.iter().find(|c| c.name == one.connection).ok_or_else(|| {
        Problem::new(Code::UnknownName, format!("there is no connection \"{}\"", one.connection)).next("trommel connect list shows them")
    })?;
    site.progress.update(|p| p.doing = format!("connecting to {}", connection.name));
    lines.push((connection.name.clone(), Remote::open(site.root, connection, site.cancel)?));
    Ok(lines.len() - 1)
}

impl<E: Deref<Target = Engine>> Federated<E> {
    /// A fault of the query as the engine runs it, shown in the text as it was written.
    pub fn explain(&self, problem: Problem) -> Problem {
        self.rewritten.explain(problem)
    }

    /// What the query needs, with stand-ins for its tables in the engine.
    fn needs(&self, found: &[Found], cancel: &Cancel) -> Outcome<Needs> {
        for one in found {
            let nulls: Vec<String> =
                one.table.columns.fields().iter().map(|f| format!("CAST(NULL AS {}) AS {}", sql_type_of(f), ident(f.name()))).collect();
            self.show(&one.view, &format!("SELECT {} WHERE false", nulls.join(", ")))?;
        }
        // Faults of the text are told before anything is read.
        self.engine.describe(&self.rewritten.sql).map_err(|p| self.explain(p))?;
        let remotes: Vec<planner::Remote> =
            found.iter().map(|one| planner::Remote { name: one.view.clone(), columns: one.table.columns.clone() }).collect();
        cancel.check()?;
        planner::needs(&self.engine, &self.rewritten.sql, &remotes).map_err(|p| self.explain(p))
    }

    fn show(&self, view: &TableName, select: &str) -> Outcome<()> {
        self.engine.execute(&format!("CREATE OR REPLACE VIEW {} AS {select}", qualified(view)), &Cancel::new())
    }
}

impl<E: Deref<Target = Engine>> Drop for Federated<E> {
    fn drop(&mut self) {
        // What cannot be removed is swept up later; nobody waits for it.
        for view in &self.views {
            let _ = self.engine.execute(&format!("DROP VIEW IF EXISTS {}", qualified(view)), &Cancel::new());
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The query with the names that its remote tables have in the engine. A table without another name keeps its own.
fn rewritten(query: &str, uses: &[RemoteUse], view: &dyn Fn(&RemoteUse) -> TableName) -> Rewritten {
    let with = |alias: bool| {
        let mut out = Rewritten { source: query.to_owned(), ..Rewritten::default() };
        let mut copied = 0;
        for one in uses {
            out.sql.push_str(&query[copied..one.span.start]);
            let start = out.sql.len();
            out.sql.push_str(&qualified(&view(one)));
            if alias && one.alias.is_empty() {
                let _ = write!(out.sql, " AS {}", ident(one.path.last().map_or("", String::as_str)));
            }
            out.swaps.push(Swap { from: one.span.clone(), to: start..out.sql.len() });
            copied = one.span.end;
        }
        out.sql.push_str(&query[copied..]);
        out
    };
    // DESCRIBE and its like take a name and no alias.
    let out = with(true);
    if sql::tables_of(&out.sql).is_ok() { out } else { with(false) }
}

impl Rewritten {
    fn explain(&self, problem: Problem) -> Problem {
        let Some(snippet) = problem.snippet.clone() else { return problem };
        let span = to_source(&self.swaps, snippet.span.start)..to_source(&self.swaps, snippet.span.end);
        let origin = Origin::of_text(&snippet.origin, &self.source);
        let file = problem.place.file.clone();
        let mut shown = origin.point(Problem { snippet: None, ..problem }, span, snippet.label);
        shown.place.file = file;
        shown
    }
}
