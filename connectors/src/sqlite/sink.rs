//! Writes tables by prepared statements, in one transaction with the account of its batch.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use arrow::datatypes::{DataType, Field};
use arrow::record_batch::RecordBatch;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, Row};
use trommel_model::{Cancel, Code, Outcome, Problem};

use super::config::ident;
use super::error;
use crate::database::write::{ANY, Bounds, Feed, Going, Order, Standing, Store, TargetColumn, Texts, slices, split_name};
use crate::layers::Patience;
use crate::render::Cells;
use crate::values::Kind;

/// The table beside; temporary tables are seen by their own connection only.
const BESIDE: &str = "_trommel_rows";
/// Values of one statement; SQLite takes 32,766.
const VALUES: usize = 8_000;
/// How long somebody else may write before we give up.
const LOCKED: Duration = Duration::from_mins(2);
/// How long SQLite waits by itself before we look whether to stop.
const LOOK: Duration = Duration::from_millis(100);
/// Steps of SQLite's machine between two looks at whether to stop.
const STEPS: i32 = 100_000;

/// A connection that writes.
pub struct Writer {
    path: PathBuf,
    patience: Patience,
    cancel: Cancel,
    connection: SqliteConnection,
}

impl Writer {
    /// Opens the database, which is made when it is not there.
    pub fn open(order: &Order<'_>) -> Outcome<Self> {
        let path = order.root.join(&order.connection.path);
        let patience = Patience::new(order.cancel)?;
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true).busy_timeout(LOOK).disable_statement_logging();
        let mut connection = patience.wait(options.connect(), |e| error::of(&e, &path))?;
        let stop = order.cancel.clone();
        let watched = async {
            connection.lock_handle().await?.set_progress_handler(STEPS, move || !stop.is_raised());
            Ok::<(), sqlx::Error>(())
        };
        patience.wait(watched, |e| error::of(&e, &path))?;
        Ok(Self { path, patience, cancel: order.cancel.clone(), connection })
    }

    fn plain(&mut self, sql: &str) -> Outcome<()> {
        self.patiently(|Self { path, patience, connection, .. }| {
            patience.wait(connection.execute(AssertSqlSafe(sql.to_owned())), |e| error::writing(&e, path)).map(drop)
        })
    }

    /// Does a statement again while somebody else has the database locked: another sink, most often, for a moment.
    fn patiently<T>(&mut self, mut work: impl FnMut(&mut Self) -> Outcome<T>) -> Outcome<T> {
        let since = Instant::now();
        loop {
            match work(self) {
                Err(problem) if problem.code == Code::Locked && since.elapsed() < LOCKED => self.cancel.check()?,
                done => return done,
            }
        }
    }

    fn bare(table: &str) -> &str {
        split_name(table).1
    }
}

impl Store for Writer {
    fn ident(&self, name: &str) -> String {
        ident(name)
    }

    fn place(&self, at: usize) -> String {
        format!("?{at}")
    }

    fn type_of(&self, field: &Field, key: bool) -> String {
        // Whole numbers beyond 64 bits have no place in SQLite; most sums of whole numbers are none.
        if field.metadata().get("trommel:type").is_some_and(|mark| mark == "int128") {
            return "INTEGER".to_owned();
        }
        match field.data_type() {
            // Fifteen digits come back as they went; for more, only text is exact.
            DataType::Decimal128(precision, scale) if *precision <= 15 => format!("DECIMAL({precision},{scale})"),
            // A key of this very type is the table's own order.
            data_type if data_type.is_integer() && key => "INTEGER".to_owned(),
            data_type => super::write::declared(data_type).to_owned(),
        }
    }

    fn insert_if_new(&self) -> (&'static str, &'static str) {
        ("INSERT OR IGNORE INTO", "")
    }

    fn batch_types(&self) -> [&'static str; 3] {
        ["TEXT", "INTEGER", "TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP"]
    }

    fn exists(&mut self, table: &str) -> Outcome<bool> {
        let name = Self::bare(table).to_owned();
        let found = self.texts("SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?1 COLLATE NOCASE", &[&name])?;
        Ok(!found.is_empty())
    }

    fn standing(&mut self, table: &str) -> Outcome<Option<Standing>> {
        let name = Self::bare(table).to_owned();
        let kinds = self.texts("SELECT type FROM sqlite_master WHERE type IN ('table', 'view') AND name = ?1 COLLATE NOCASE", &[&name])?;
        match kinds.first().and_then(|row| row.first().cloned().flatten()).as_deref() {
            None => return Ok(None),
            Some("view") => {
                return Err(Problem::new(Code::BadConfig, format!("{table} is a view"))
                    .in_file(&self.path)
                    .next("write to the table behind it, or give the sink another table"));
            }
            Some(_) => {}
        }
        let columns = "SELECT name, upper(type), CAST(\"notnull\" AS TEXT), dflt_value, CAST(pk AS TEXT), CAST(hidden AS TEXT) \
                       FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid";
        let rows = self.texts(columns, &[&name])?;
        let mut key: Vec<(String, String)> = Vec::new();
        let mut standing = Standing::default();
        for row in &rows {
            let [Some(name), declared, strict, default, place, hidden] = row.as_slice() else { continue };
            let declared = declared.clone().unwrap_or_default();
            let yes = |value: &Option<String>| value.as_deref().is_some_and(|v| v != "0");
            if yes(place) {
                key.push((place.clone().unwrap_or_default(), name.clone()));
            }
            let alone = yes(place) && declared == "INTEGER";
            standing.columns.push(TargetColumn {
                name: name.clone(),
                kind: kind(&declared),
                bounds: Bounds::None,
                required: yes(strict) || alone,
                optional: !yes(strict) || default.is_some() || alone,
                generated: hidden.as_deref().is_some_and(|h| matches!(h, "2" | "3")),
                cast: false,
                code: if takes_all(&declared) { ANY } else { 0 },
                shown: declared,
            });
        }
        key.sort();
        standing.key = key.into_iter().map(|(_, name)| name).collect();
        if !standing.key.is_empty() {
            standing.unique.push(standing.key.clone());
        }
        let indexes = self.texts("SELECT name FROM pragma_index_list(?1) WHERE \"unique\" = 1 AND partial = 0", &[&name])?;
        for index in indexes.into_iter().flatten().flatten() {
            let columns = self.texts("SELECT name FROM pragma_index_info(?1) ORDER BY seqno", &[&index])?;
            // An expression has no name.
            if let Some(columns) = columns.into_iter().map(|row| row.into_iter().next().flatten()).collect::<Option<Vec<String>>>() {
                standing.unique.push(columns);
            }
        }
        Ok(Some(standing))
    }

    fn qualified(&self, table: &str) -> String {
        format!("\"main\".{}", ident(Self::bare(table)))
    }

    fn make_beside(&mut self, _table: &str, columns: &[Going]) -> Outcome<String> {
        let list: Vec<String> = columns.iter().map(|c| format!("{} {}", ident(&c.column.name), c.column.shown).trim().to_owned()).collect();
        self.plain(&format!("CREATE TEMPORARY TABLE {} ({})", ident(BESIDE), list.join(", ")))?;
        Ok(format!("\"temp\".{}", ident(BESIDE)))
    }

    fn differs(&self, target: &str, beside: &str, going: &Going) -> String {
        let name = ident(&going.column.name);
        let exact = if going.kind == Some(Kind::Text) { " COLLATE BINARY" } else { "" };
        format!("{target}.{name}{exact} IS NOT {beside}.{name}")
    }

    fn as_text(&self, name: &str) -> String {
        format!("CAST({name} AS TEXT)")
    }

    fn row_as_json(&self, beside: &str, columns: &[Going]) -> String {
        let one = |c: &Going| {
            let name = ident(&c.column.name);
            let value = if c.kind.is_none() { format!("hex({beside}.{name})") } else { format!("{beside}.{name}") };
            format!("'{}', {value}", c.column.name.replace('\'', "''"))
        };
        format!("json_object({})", columns.iter().map(one).collect::<Vec<_>>().join(", "))
    }

    fn begin(&mut self) -> Outcome<()> {
        self.plain("BEGIN IMMEDIATE")
    }

    fn run(&mut self, sql: &str, values: &[&str]) -> Outcome<u64> {
        self.patiently(|Self { path, patience, connection, .. }| {
            let mut query = sqlx::query(AssertSqlSafe(sql.to_owned())).persistent(false);
            for value in values {
                query = query.bind((*value).to_owned());
            }
            patience.wait(query.execute(connection), |e| error::writing(&e, path)).map(|done| done.rows_affected())
        })
    }

    fn texts(&mut self, sql: &str, values: &[&str]) -> Outcome<Texts> {
        self.patiently(|Self { path, patience, connection, .. }| {
            let mut query = sqlx::query(AssertSqlSafe(sql.to_owned())).persistent(false);
            for value in values {
                query = query.bind((*value).to_owned());
            }
            let rows = patience.wait(query.fetch_all(connection), |e| error::writing(&e, path))?;
            rows.iter().map(|row| list(row).map_err(|e| error::of(&e, path))).collect()
        })
    }

    fn load(&mut self, into: &str, columns: &[Going], feed: Feed<'_>) -> Outcome<u64> {
        let Self { path, patience, connection, .. } = self;
        let names: Vec<String> = columns.iter().map(|c| ident(&c.column.name)).collect();
        let at_once = (VALUES / columns.len().max(1)).max(1);
        let statement = |rows: usize| {
            let row = format!("({})", vec!["?"; columns.len()].join(","));
            format!("INSERT INTO {into} ({}) VALUES {}", names.join(", "), vec![row; rows].join(","))
        };
        let full = statement(at_once);
        let mut taken = 0;
        feed(&mut |batch| {
            let cells = cells(&batch)?;
            for (first, rows) in slices(&batch, at_once) {
                let arguments = arguments(&cells, first, rows)?;
                let sql = if rows == at_once { full.clone() } else { statement(rows) };
                let query = sqlx::query_with(AssertSqlSafe(sql), arguments).persistent(rows == at_once);
                taken += patience.wait(query.execute(&mut *connection), |e| error::writing(&e, path))?.rows_affected();
            }
            Ok(())
        })?;
        Ok(taken)
    }

    fn commit(&mut self) -> Outcome<()> {
        self.plain("COMMIT")
    }

    fn roll_back(&mut self) {
        // What is not committed is undone with the connection, too.
        let _ = self.plain("ROLLBACK");
    }

    fn close(self: Box<Self>) {
        self.patience.part(self.connection.close());
    }
}

fn list(row: &SqliteRow) -> Result<Vec<Option<String>>, sqlx::Error> {
    (0..row.len()).map(|at| row.try_get_unchecked(at)).collect()
}

fn cells(batch: &RecordBatch) -> Outcome<Vec<Cells>> {
    let all = batch.columns().iter().map(Cells::new).collect::<Result<_, _>>();
    all.map_err(|e| Problem::new(Code::Internal, "a column cannot be written to SQLite").why(e.to_string()))
}

fn arguments(cells: &[Cells], first: usize, rows: usize) -> Outcome<SqliteArguments> {
    let mut arguments = SqliteArguments::default();
    for row in first..first + rows {
        for column in cells {
            super::write::bind(&mut arguments, column, row)
                .map_err(|e| Problem::new(Code::Internal, "a value cannot be written to SQLite").why(e.to_string()))?;
        }
    }
    Ok(arguments)
}

/// True for a declaration that says nothing of values.
fn takes_all(declared: &str) -> bool {
    declared.is_empty() || declared.contains("BLOB") || declared == "ANY"
}

/// What the values of a column with this declaration are; dates and times are texts of ISO 8601.
fn kind(declared: &str) -> Option<Kind> {
    let has = |word: &str| declared.contains(word);
    Some(if takes_all(declared) {
        return None;
    } else if has("BOOL") {
        Kind::Boolean
    } else if has("INT") && !has("POINT") {
        Kind::Integer
    } else if has("CHAR") || has("CLOB") || has("TEXT") || has("JSON") || has("UUID") {
        Kind::Text
    } else if has("REAL") || has("FLOA") || has("DOUB") {
        Kind::Float
    } else if has("TIMESTAMP") || has("DATETIME") {
        Kind::Timestamp
    } else if has("DATE") {
        Kind::Date
    } else if has("TIME") {
        Kind::Time
    } else {
        Kind::Decimal(0, 0)
    })
}
