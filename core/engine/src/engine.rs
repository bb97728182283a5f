//! One in-memory DuckDB behind plain calls: SQL in, Arrow batches out.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use duckdb::{Config, Connection};
use tempfile::TempDir;
use trommel_model::{Cancel, Code, Outcome, Problem, Schema, SortKey, TableName, Window};

use crate::cancel::watched;
use crate::operators::DISABLED_OPTIMIZERS;
use crate::problem::{Asked, OrProblem, of_engine};
use crate::types::ColumnType;
use crate::{Access, Limits, Measured, measured, put, sql, stream, window};

/// An in-memory database. `Send + Sync`; every call runs on a connection of its own, so calls from
/// several threads run side by side.
pub struct Engine {
    base: Mutex<Connection>,
    /// Views that could not be made when a lake was attached, with the reason; told when they are read.
    broken: Mutex<BTreeMap<TableName, Problem>>,
    /// Rows of the files that one scan reads together, by the path of the first file.
    stored_rows: Mutex<HashMap<String, u64>>,
    /// Where this engine spills; removed with it.
    _spill: TempDir,
}

impl Engine {
    /// Opens an empty in-memory database that keeps to `limits` and `access`.
    pub fn open(limits: &Limits, access: &Access) -> Outcome<Self> {
        make_private_folder(&limits.temp_dir)?;
        let spill = tempfile::Builder::new()
            .prefix(&format!("spill-{}-", std::process::id()))
            .tempdir_in(&limits.temp_dir)
            .map_err(|e| Problem::from_io(&e, "make a folder to spill into", &limits.temp_dir))?;
        let connection = connect(limits, access, spill.path())
            .map_err(|e| of_engine(&e, Asked::plain("")))
            .map_err(|p| Problem::new(p.code, "the engine cannot be started").why(p.to_string()))?;
        Ok(Self { base: Mutex::new(connection), broken: Mutex::default(), stored_rows: Mutex::default(), _spill: spill })
    }

    /// Runs statements (separated by `;`) that return nothing worth having. For our own statements:
    /// it is the one call that takes more than a query.
    pub fn execute(&self, sql: &str, cancel: &Cancel) -> Outcome<()> {
        let connection = self.connection()?;
        watched(&connection, cancel, || connection.execute_batch(sql).or_problem(Asked::plain(sql)))
    }

    /// Runs one query whose result is small enough to hold.
    pub fn query(&self, sql: &str, cancel: &Cancel) -> Outcome<Vec<RecordBatch>> {
        let mut batches = Vec::new();
        let schema = self.stream(sql, cancel, &mut |batch| {
            batches.push(batch);
            Ok(())
        })?;
        if batches.is_empty() {
            batches.push(RecordBatch::new_empty(schema));
        }
        Ok(batches)
    }

    /// Runs one query and hands over its batches one by one, in bounded memory. Stops at the first
    /// fault of `each`.
    pub fn stream(&self, sql: &str, cancel: &Cancel, each: &mut dyn FnMut(RecordBatch) -> Outcome<()>) -> Outcome<SchemaRef> {
        sql::one_query(sql)?;
        let connection = self.connection()?;
        watched(&connection, cancel, || stream::run(&connection, Asked::plain(sql), cancel, each)).map_err(|p| self.explain(p, sql))
    }

    /// Names and types a query would give, by the binder alone; a fault comes with its place in the text
    /// and, for an unknown name, the nearest known one.
    pub fn describe(&self, sql: &str) -> Outcome<Schema> {
        let columns = self.columns(sql)?;
        Ok(Schema::new(columns.into_iter().map(|(name, t)| trommel_model::Field::new(name, t.model())).collect()))
    }

    /// Consecutive rows of a query's result under a sort and a filter (a SQL condition over its columns).
    ///
    /// Rows that tie under `sort` are put in order by their other columns, so that the pages of one
    /// table never repeat or miss a row.
    pub fn window(&self, sql: &str, sort: &[SortKey], filter: Option<&str>, offset: u64, limit: u64, cancel: &Cancel) -> Outcome<Window> {
        window::read(self, sql, sort, filter, offset, limit, cancel)
    }

    /// Rows a query gives.
    pub fn count(&self, sql: &str, cancel: &Cancel) -> Outcome<u64> {
        sql::one_query(sql)?;
        const BEFORE: &str = "SELECT count(*) FROM (\n";
        let text = format!("{BEFORE}{}\n)", sql::body(sql));
        let connection = self.connection()?;
        watched(&connection, cancel, || connection.query_row(&text, [], |row| row.get::<_, i64>(0)).or_problem(Asked::behind(BEFORE, sql)))
            .map(|rows| rows as u64)
            .map_err(|p| self.explain(p, sql))
    }

    /// Runs a query or a statement with its operators' row counts; the rows themselves are thrown away.
    pub fn measured(&self, sql: &str, cancel: &Cancel) -> Outcome<Measured> {
        self.measured_around(sql, Asked::plain(sql), cancel)
    }

    /// Makes (or replaces) an in-memory table of `batches`, at least one of which must be there: its
    /// schema gives the columns. `table` is a name without quotes; with a dot it is `layer.table`, and
    /// the layer is made when absent.
    pub fn put(&self, table: &str, batches: Vec<RecordBatch>) -> Outcome<()> {
        put::table(&self.connection()?, table, batches)
    }

    /// Like [`Engine::measured`], for a text of ours around what a person asked.
    pub(crate) fn measured_around(&self, text: &str, asked: Asked<'_>, cancel: &Cancel) -> Outcome<Measured> {
        let connection = self.connection()?;
        let mut measured =
            watched(&connection, cancel, || measured::run(&connection, text, asked)).map_err(|p| self.explain(p, asked.sql))?;
        let known = locked(&self.stored_rows);
        measured.root.note_scanned(&|file| known.get(file).copied());
        Ok(measured)
    }

    /// Names and exact types a query would give.
    pub(crate) fn columns(&self, sql: &str) -> Outcome<Vec<(String, ColumnType)>> {
        sql::one_query(sql)?;
        const BEFORE: &str = "DESCRIBE SELECT * FROM (\n";
        let text = format!("{BEFORE}{}\n)", sql::body(sql));
        let asked = Asked::behind(BEFORE, sql);
        let connection = self.connection()?;
        let rows = || -> duckdb::Result<Vec<(String, String)>> {
            let mut statement = connection.prepare(&text)?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        let rows = rows().or_problem(asked).map_err(|p| self.explain(p, sql))?;
        Ok(rows.into_iter().map(|(name, t)| (name, ColumnType::of_duckdb(&t))).collect())
    }

    /// A connection of its own for one call.
    pub(crate) fn connection(&self) -> Outcome<Connection> {
        locked(&self.base).try_clone().or_problem(Asked::plain(""))
    }

    /// Remembers why a view of the lake cannot be read (`None`: it can).
    pub(crate) fn note_view(&self, view: &TableName, problem: Option<Problem>) {
        let mut broken = locked(&self.broken);
        match problem {
            Some(problem) => broken.insert(view.clone(), problem),
            None => broken.remove(view),
        };
    }

    /// Remembers how many rows the files of one scan hold.
    pub(crate) fn note_stored_rows(&self, first_file: String, rows: u64) {
        locked(&self.stored_rows).insert(first_file, rows);
    }

    /// When a query fails because of a view that could not be made, says what is wrong with that view.
    fn explain(&self, problem: Problem, sql: &str) -> Problem {
        if problem.code != Code::BadSql {
            return problem;
        }
        let broken = locked(&self.broken);
        if broken.is_empty() {
            return problem;
        }
        let Ok(uses) = sql::tables_of(sql) else { return problem };
        let read = uses.iter().find_map(|table| match &table.name {
            sql::Named::Table(parts) if parts.len() == 2 => broken.get_key_value(&TableName::new(&parts[0], &parts[1])),
            _ => None,
        });
        match read {
            Some((view, why)) => Problem::new(why.code, format!("the view {view} cannot be read"))
                .why(why.to_string())
                .next("correct the model that makes the view, and run it again"),
            None => problem,
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn connect(limits: &Limits, access: &Access, spill: &Path) -> duckdb::Result<Connection> {
    let config = Config::default()
        .threads(limits.threads.max(1) as i64)?
        .enable_autoload_extension(false)?
        .max_memory(&format!("{}B", limits.memory_bytes))?
        .with("temp_directory", spill.to_string_lossy())?
        .with("autoinstall_known_extensions", "false")?
        .with("allow_community_extensions", "false")?;
    let connection = Connection::open_in_memory_with_flags(config)?;
    let Access::Locked(allowed) = access;
    let list = |want_folders: bool| {
        let paths: Vec<_> =
            allowed.iter().filter(|path| path.is_file() != want_folders).map(|path| sql::literal(&path.to_string_lossy())).collect();
        format!("[{}]::VARCHAR[]", paths.join(", "))
    };
    connection.execute_batch(&format!(
        "SET GLOBAL errors_as_json = true;
         SET GLOBAL disabled_optimizers = '{DISABLED_OPTIMIZERS}';
         SET GLOBAL allowed_directories = {};
         SET GLOBAL allowed_paths = {};
         SET GLOBAL enable_external_access = false;
         SET GLOBAL lock_configuration = true;",
        list(true),
        list(false),
    ))?;
    Ok(connection)
}

fn make_private_folder(path: &Path) -> Outcome<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|e| Problem::from_io(&e, "make the folder", path))
}
