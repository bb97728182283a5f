//! What a table on screen is about: a table of the lake, a file, a query or a list Trommel keeps.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use trommel_model::{HeldState, TableName};

/// Anything that can be shown as rows and columns, sorted, filtered, profiled and exported.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Subject {
    /// A table of the lake.
    Table(TableName),
    /// A file, read through its connector.
    File(PathBuf),
    /// A query over lake tables and files.
    Sql(String),
    /// The first rows of a source, as they come.
    Source(String),
    /// The first rows of a table of a connection.
    Remote {
        /// The connection.
        connection: String,
        /// The table.
        table: String,
    },
    /// The series of a KPI.
    Kpi(String),
    /// A list Trommel keeps.
    List(ListKind),
    /// What a query asks of the databases it reads, and why not more.
    Explained(String),
    /// The same, every value of a file as the text it came as.
    AsText(Box<Self>),
}

/// Lists Trommel keeps; each is a table like any other.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ListKind {
    /// Sources: name, connection, what is read, rows, files, last run.
    Sources,
    /// Tables of the lake: name, rows, bytes, columns.
    Tables,
    /// Runs, newest first.
    Runs,
    /// Rows held back, of one table or of all.
    Quarantine(Option<TableName>, Option<HeldState>),
    /// Publishes of the lake, newest first.
    Snapshots,
    /// KPIs with their newest value.
    Kpis,
    /// Boards.
    Boards,
    /// Connections.
    Connections,
    /// Lines of a run's log.
    Logs(String),
    /// Results of the checks of the newest run.
    Checks,
    /// All rows of a table that break one of its checks, once for each; of one check, by its label, when it is named.
    Failing(TableName, Option<String>),
    /// Inspections, newest first.
    Inspections,
    /// The rows of an inspection with what was said of them.
    Inspected(String),
    /// Alerts on their way and delivered, newest first.
    Alerts,
    /// The profiles that runs kept of a table, a row for each column and run, newest first.
    Profiles(TableName),
    /// The score of each table in each dimension of quality, run by run, newest first.
    Scores,
}

impl Subject {
    /// True when the rows can change without the workspace running anything: files and lists.
    pub fn is_list(&self) -> bool {
        matches!(self, Self::List(_))
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(name) => write!(f, "{name}"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Sql(_) => f.write_str("query"),
            Self::Explained(_) => f.write_str("what a query asks of databases"),
            Self::Source(name) => write!(f, "source {name}"),
            Self::Remote { connection, table } => write!(f, "{table} of {connection}"),
            Self::Kpi(name) => write!(f, "kpi {name}"),
            Self::List(kind) => write!(f, "{kind}"),
            Self::AsText(subject) => write!(f, "{subject}"),
        }
    }
}

impl fmt::Display for ListKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sources => f.write_str("sources"),
            Self::Tables => f.write_str("tables"),
            Self::Runs => f.write_str("runs"),
            Self::Quarantine(table, state) => {
                f.write_str("quarantine")?;
                table.as_ref().map_or(Ok(()), |table| write!(f, " of {table}"))?;
                state.map_or(Ok(()), |state| write!(f, ", {}", state.name()))
            }
            Self::Snapshots => f.write_str("snapshots"),
            Self::Kpis => f.write_str("kpis"),
            Self::Boards => f.write_str("boards"),
            Self::Connections => f.write_str("connections"),
            Self::Logs(run) => write!(f, "log of {run}"),
            Self::Checks => f.write_str("checks"),
            Self::Failing(table, None) => write!(f, "rows of {table} that break checks"),
            Self::Failing(table, Some(check)) => write!(f, "rows of {table} that break {check}"),
            Self::Inspections => f.write_str("inspections"),
            Self::Inspected(name) => write!(f, "inspection {name}"),
            Self::Alerts => f.write_str("alerts"),
            Self::Profiles(table) => write!(f, "profiles of {table}"),
            Self::Scores => f.write_str("scores"),
        }
    }
}
