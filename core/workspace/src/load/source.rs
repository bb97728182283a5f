//! `sources/NAME.toml`.

use std::path::{Component, Path};

use trommel_model::{ConnectionKind, ConnectionSpec, ContractType, Deletes, FileFormat, Load, Outcome, SourceSpec, WorkspaceConfig};

use super::check::read_checks;
use super::document::{Document, Step, config_fault};
use super::explain::suggest;
use super::folder::Found;
use super::text::TextFile;

/// Columns that every raw table has besides its own.
const OWN_COLUMNS: [&str; 3] = ["_file", "_line", "_text"];

/// Reads a source and everything that can be said of it alone.
pub(crate) fn read(file: &TextFile, found: &Found) -> Outcome<SourceSpec> {
    let mut document = Document::parse(file)?;
    let checks = document.take_tables("checks")?;
    let mut spec: SourceSpec = document.read(&["checks"])?;
    spec.name.clone_from(&found.name);
    spec.checks = read_checks(file, checks)?;
    columns(&spec, file)?;
    if let Some(mark) = spec.csv.decimal_mark.filter(|mark| !matches!(mark, '.' | ',')) {
        let place = [Step::Key("csv"), Step::Key("decimal_mark")];
        return Err(
            config_fault(file, &place, format!("'{mark}' cannot be the decimal mark"), "neither . nor ,").next("use \".\" or \",\"")
        );
    }
    if let (Some(delimiter), Some(quote)) = (spec.csv.delimiter, spec.csv.quote)
        && delimiter == quote
    {
        let place = [Step::Key("csv"), Step::Key("quote")];
        return Err(config_fault(file, &place, "the quote and the delimiter are the same character", "the same as delimiter"));
    }
    Ok(spec)
}

/// Holds a source against its connection. `root` is the workspace, canonical.
pub(crate) fn examine(spec: &SourceSpec, file: &TextFile, config: &WorkspaceConfig, root: &Path) -> Outcome<()> {
    let fault = |key: &str, what: String, label: &str| config_fault(file, &[Step::Key(key)], what, label);
    let connection = match &spec.connection {
        None => None,
        Some(name) => Some(config.connections.iter().find(|c| c.name == *name).ok_or_else(|| {
            let known: Vec<_> = config.connections.iter().map(|c| c.name.as_str()).collect();
            let problem = fault("connection", format!("there is no connection \"{name}\""), "unknown connection");
            if known.is_empty() {
                problem.next("define it in trommel.toml under a line [[connections]]")
            } else {
                problem.next(suggest(name, &known))
            }
        })?),
    };
    if spec.table.is_some() && spec.query.is_some() {
        return Err(fault("query", "a source reads a table or a query, not both".to_owned(), "there is a table too"));
    }
    let from_database = spec.table.is_some() || spec.query.is_some();
    deletes(spec, file)?;
    incremental(spec, file, connection)?;
    if let Some(ConnectionSpec { kind: ConnectionKind::Sqlite | ConnectionKind::Postgres | ConnectionKind::Mysql, name, .. }) = connection {
        if spec.path.is_some() {
            return Err(fault("path", format!("the connection \"{name}\" is a database"), "a database has no files")
                .next("say `table` or `query` instead of `path`"));
        }
        if !from_database {
            return Err(fault("connection", "the source does not say what to read".to_owned(), "a database").next("add table = …"));
        }
        if spec.load == Load::NewFiles {
            return Err(fault("load", "a database has no new files".to_owned(), "only for files").next("use load = \"full\""));
        }
        return Ok(());
    }
    let Some(path) = &spec.path else {
        return Err(config_fault(file, &[], "the source does not say what to read", "no path").next("add path = …"));
    };
    let is_sqlite = spec.format.map_or_else(|| looks_like_sqlite(path), |format| format == FileFormat::Sqlite);
    if from_database && !is_sqlite {
        let key = if spec.table.is_some() { "table" } else { "query" };
        return Err(fault(key, format!("\"{key}\" is for databases"), "the source reads files")
            .next("remove it, or say format = \"sqlite\" when the file is a database"));
    }
    examine_path(path, connection, root).map_err(|what| {
        fault("path", what.to_owned(), "not a path within its folder").next(match connection {
            Some(_) => "write it relative to the connection's path, without ..",
            None => "define a connection of kind \"folder\" for the data in trommel.toml, and name it here",
        })
    })
}

/// Holds what is said of incremental loading against itself and the connection.
fn incremental(spec: &SourceSpec, file: &TextFile, connection: Option<&ConnectionSpec>) -> Outcome<()> {
    let fault = |key: &str, what: &str, label: &str| config_fault(file, &[Step::Key(key)], what, label);
    if spec.load != Load::Incremental {
        let said = [("cursor", spec.cursor.is_some()), ("key", !spec.key.is_empty()), ("lookback", spec.lookback.is_some())];
        return match said.into_iter().find(|(_, said)| *said) {
            Some((key, _)) => {
                Err(fault(key, "this is for incremental loading", "not used").next("add load = \"incremental\", or remove it"))
            }
            None => Ok(()),
        };
    }
    if !connection.is_some_and(|c| c.kind.is_server()) {
        return Err(fault("load", "only tables of a database server are read incrementally", "no database server")
            .next("use load = \"full\", or for files load = \"new_files\""));
    }
    if spec.cursor.is_none() {
        return Err(fault("load", "incremental loading needs a cursor", "no cursor")
            .next("add cursor = \"updated_at\": a column whose values only grow"));
    }
    if spec.lookback.is_some() && spec.key.is_empty() {
        return Err(fault("lookback", "rows read twice can only be told by a key", "no key").next("add key = [\"id\"], or remove lookback"));
    }
    Ok(())
}

/// Holds what is said of deleted rows against the rest.
fn deletes(spec: &SourceSpec, file: &TextFile) -> Outcome<()> {
    let fault = |what: &str, label: &str| config_fault(file, &[Step::Key("deletes")], what, label);
    match &spec.deletes {
        Some(Deletes::Compared(_)) if spec.load != Load::Incremental => Err(fault("keys are compared in incremental loading", "not used")
            .next("add load = \"incremental\"; a full load leaves deleted rows out by itself")),
        Some(Deletes::Compared(_)) if spec.table.is_none() => {
            Err(fault("keys are compared with those of a table", "no table").next("say table instead of query"))
        }
        Some(_) if spec.load == Load::Incremental && spec.key.is_empty() => {
            Err(fault("a deleted row is found by its key", "no key").next("add key = [\"id\"]"))
        }
        _ => Ok(()),
    }
}

fn examine_path(path: &str, connection: Option<&ConnectionSpec>, root: &Path) -> Result<(), &'static str> {
    if path.trim().is_empty() {
        return Err("the path is empty");
    }
    if Path::new(path).components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err("the path leads out of its folder");
    }
    if glob::Pattern::new(path).is_err() {
        return Err("the path is not a pattern");
    }
    let folder = connection.map_or_else(|| root.to_owned(), |c| root.join(&c.path));
    let (Ok(folder), Ok(real)) = (folder.canonicalize(), folder.join(path).canonicalize()) else {
        return Ok(()); // a pattern, or a file that comes later: reading it looks again
    };
    if real.starts_with(folder) { Ok(()) } else { Err("the path is a symbolic link that leads out of its folder") }
}

fn looks_like_sqlite(path: &str) -> bool {
    let ending = Path::new(path).extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    matches!(ending.as_str(), "sqlite" | "sqlite3" | "db" | "db3")
}

fn columns(spec: &SourceSpec, file: &TextFile) -> Outcome<()> {
    for (at, column) in spec.columns.iter().enumerate() {
        let name = &column.name;
        let fault =
            |key, what: String, label: &str| config_fault(file, &[Step::Key("columns"), Step::Item(at), Step::Key(key)], what, label);
        if name.is_empty() {
            return Err(fault("name", "a column has no name".to_owned(), "empty"));
        }
        if OWN_COLUMNS.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            return Err(fault("name", format!("every raw table has a column \"{name}\" of its own"), "taken")
                .next("leave it out, or rename it in the source"));
        }
        if spec.columns[..at].iter().any(|other| other.name.to_lowercase() == name.to_lowercase()) {
            return Err(fault("name", format!("the column \"{name}\" is named twice"), "named before")
                .next("names of columns that differ in case only are the same"));
        }
        let temporal = matches!(column.data_type, ContractType::Date | ContractType::Time | ContractType::Timestamp);
        if !column.formats.is_empty() && !temporal {
            return Err(fault("formats", format!("the column \"{name}\" is neither a date nor a time"), "only for dates and times")
                .next("remove formats, or use type = \"date\", \"time\" or \"timestamp\""));
        }
    }
    Ok(())
}
