//! Writes tables by prepared statements of many rows, in one transaction with the account of its batch.
//!
//! Rows go straight into a table that is new or empty, or that they only join. Otherwise they go into a temporary table,
//! and from there by difference, so that foreign keys hold and nobody waits for a change of the table's definition,
//! which would end the transaction.

use arrow::datatypes::{DataType, Field};
use arrow::record_batch::RecordBatch;
use sqlx::mysql::{MySqlArguments, MySqlRow};
use sqlx::{Arguments, AssertSqlSafe, Row};
use trommel_model::{Code, Outcome, Problem};

use super::config::{Session, ident};
use super::{error, target};
use crate::database::Reach;
use crate::database::write::{Feed, Going, Order, Standing, Store, Texts, slices, split_name};
use crate::render::Cells;
use crate::values::{Kind, print_timestamp};

/// The table beside; temporary tables are seen by their own connection only.
const BESIDE: &str = "_trommel_rows";
/// Values of one statement; the protocol takes 65,535.
const VALUES: usize = 20_000;
/// Bytes of one statement; servers take 16 MiB, or what `max_allowed_packet` says.
const BYTES: usize = 4 << 20;

/// A connection that writes.
pub struct Writer {
    session: Session,
}

impl Writer {
    /// Connects. Values that do not fit are faults of every table, whatever the server's own mode.
    pub fn open(order: &Order<'_>) -> Outcome<Self> {
        let reach = Reach::of(order.root, order.connection)?;
        let mut session = Session::open(&reach, order.cancel)?;
        session.run("SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE')")?;
        Ok(Self { session })
    }
}

impl Store for Writer {
    fn ident(&self, name: &str) -> String {
        ident(name)
    }

    fn place(&self, _at: usize) -> String {
        "?".to_owned()
    }

    fn type_of(&self, field: &Field, key: bool) -> String {
        type_of(field, key)
    }

    fn made_as(&self) -> &'static str {
        " ENGINE = InnoDB CHARACTER SET utf8mb4"
    }

    fn makes_tables_in_transactions(&self) -> bool {
        false
    }

    fn insert_if_new(&self) -> (&'static str, &'static str) {
        ("INSERT IGNORE INTO", "")
    }

    fn batch_types(&self) -> [&'static str; 3] {
        ["varchar(255) COLLATE utf8mb4_bin", "bigint", "timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP"]
    }

    fn exists(&mut self, table: &str) -> Outcome<bool> {
        let (schema, name) = split_name(table);
        let place = if schema.is_some() { "table_schema = ?" } else { "table_schema = DATABASE()" };
        let values: Vec<&str> = schema.into_iter().chain([name]).collect();
        let sql = format!("SELECT CAST(table_name AS CHAR) FROM information_schema.tables WHERE {place} AND table_name = ?");
        Ok(!self.session.rows(&sql, &values)?.is_empty())
    }

    fn standing(&mut self, table: &str) -> Outcome<Option<Standing>> {
        let (schema, name) = split_name(table);
        target::standing(&mut self.session, schema, name)
    }

    fn make_beside(&mut self, table: &str, columns: &[Going]) -> Outcome<String> {
        let name = match split_name(table).0 {
            Some(schema) => format!("{}.{}", ident(schema), ident(BESIDE)),
            None => ident(BESIDE),
        };
        let mut list: Vec<String> = columns.iter().map(|c| format!("{} {} NULL", ident(&c.column.name), c.column.shown)).collect();
        let key: Vec<String> = columns.iter().filter(|c| c.key).map(|c| ident(&c.column.name)).collect();
        if !key.is_empty() {
            list.push(format!("INDEX ({})", key.join(", ")));
        }
        self.run(&format!("CREATE TEMPORARY TABLE {name} ({}) ENGINE = InnoDB", list.join(", ")), &[])?;
        Ok(name)
    }

    fn differs(&self, target: &str, beside: &str, going: &Going) -> String {
        let name = ident(&going.column.name);
        // Texts that a collation holds for equal may differ all the same.
        let exact = if going.kind == Some(Kind::Text) { "BINARY " } else { "" };
        format!("NOT ({exact}{target}.{name} <=> {exact}{beside}.{name})")
    }

    fn as_text(&self, name: &str) -> String {
        format!("CAST({name} AS CHAR)")
    }

    fn row_as_json(&self, beside: &str, columns: &[Going]) -> String {
        let one = |c: &Going| {
            let name = ident(&c.column.name);
            let value = if c.kind.is_none() { format!("HEX({beside}.{name})") } else { format!("{beside}.{name}") };
            format!("'{}', {value}", c.column.name.replace('\\', "\\\\").replace('\'', "''"))
        };
        format!("CAST(JSON_OBJECT({}) AS CHAR)", columns.iter().map(one).collect::<Vec<_>>().join(", "))
    }

    fn update(&self, target: &str, beside: &str, set: &[String], on: &str, differs: &str) -> String {
        format!("UPDATE {target} JOIN {beside} ON {on} SET {} WHERE {differs}", set.join(", "))
    }

    fn assigned(&self, target: &str, going: &Going) -> String {
        format!("{target}.{}", ident(&going.column.name))
    }

    fn begin(&mut self) -> Outcome<()> {
        self.session.run("START TRANSACTION")
    }

    fn run(&mut self, sql: &str, values: &[&str]) -> Outcome<u64> {
        let Session { patience, connection, reach } = &mut self.session;
        let mut query = sqlx::query(AssertSqlSafe(sql.to_owned())).persistent(false);
        for value in values {
            query = query.bind((*value).to_owned());
        }
        patience.wait(query.execute(connection), |e| error::writing(&e, reach)).map(|done| done.rows_affected())
    }

    fn texts(&mut self, sql: &str, values: &[&str]) -> Outcome<Texts> {
        let rows = self.session.rows(sql, values)?;
        rows.iter().map(|row| list(row).map_err(|e| error::of(&e, &self.session.reach))).collect()
    }

    fn load(&mut self, into: &str, columns: &[Going], feed: Feed<'_>) -> Outcome<u64> {
        let Session { patience, connection, reach } = &mut self.session;
        let names: Vec<String> = columns.iter().map(|c| ident(&c.column.name)).collect();
        let row = format!("({})", vec!["?"; columns.len()].join(","));
        let statement = |rows: usize| format!("INSERT INTO {into} ({}) VALUES {}", names.join(", "), vec![row.as_str(); rows].join(","));
        let most = (VALUES / columns.len().max(1)).max(1);
        let full = statement(most);
        let mut taken = 0;
        feed(&mut |batch| {
            let cells: Vec<Cells> =
                batch.columns().iter().map(Cells::new).collect::<Result<_, _>>().map_err(|e| unwritable(&e.to_string()))?;
            let a_row = batch.get_array_memory_size() / batch.num_rows().max(1);
            for (first, rows) in slices(&batch, most.min(BYTES / a_row.max(1))) {
                let arguments = arguments(&batch, &cells, first, rows)?;
                let sql = if rows == most { full.clone() } else { statement(rows) };
                let query = sqlx::query_with(AssertSqlSafe(sql), arguments).persistent(rows == most);
                taken += patience.wait(query.execute(&mut *connection), |e| error::writing(&e, reach))?.rows_affected();
            }
            Ok(())
        })?;
        Ok(taken)
    }

    fn commit(&mut self) -> Outcome<()> {
        self.session.run("COMMIT")
    }

    fn roll_back(&mut self) {
        // What is not committed is undone with the connection, too.
        let _ = self.session.run("ROLLBACK");
    }

    fn close(self: Box<Self>) {
        self.session.close();
    }
}

fn list(row: &MySqlRow) -> Result<Vec<Option<String>>, sqlx::Error> {
    (0..row.len()).map(|at| row.try_get_unchecked(at)).collect()
}

fn unwritable(why: &str) -> Problem {
    Problem::new(Code::Internal, "a column cannot be written to MySQL").why(why)
}

fn arguments(batch: &RecordBatch, cells: &[Cells], first: usize, rows: usize) -> Outcome<MySqlArguments> {
    let mut arguments = MySqlArguments::default();
    arguments.reserve(rows * cells.len(), batch.get_array_memory_size() / batch.num_rows().max(1) * rows);
    for row in first..first + rows {
        for column in cells {
            bind(&mut arguments, column, row).map_err(|e| unwritable(&e.to_string()))?;
        }
    }
    Ok(arguments)
}

fn bind(arguments: &mut MySqlArguments, cells: &Cells, row: usize) -> Result<(), sqlx::error::BoxDynError> {
    if cells.is_null(row) {
        return arguments.add(None::<i64>);
    }
    match cells {
        Cells::Text(a) => arguments.add(a.value(row).to_owned()),
        Cells::Integer(_, v) => arguments.add(v[row]),
        Cells::Float(_, v) => arguments.add(v[row]),
        Cells::Boolean(v) => arguments.add(i8::from(v.value(row))),
        Cells::Binary(v) => arguments.add(v.value(row).to_vec()),
        // The session is in UTC.
        Cells::Timestamp(_, v, _) => arguments.add(print_timestamp(v[row])),
        _ => {
            let mut text = String::new();
            cells.print(row, &mut text);
            arguments.add(text)
        }
    }
}

/// The type of a new column. A key cannot be of a text without an end.
fn type_of(field: &Field, key: bool) -> String {
    match field.metadata().get("trommel:type").map(String::as_str) {
        Some("uuid") => return "char(36)".to_owned(),
        Some("json") if !key => return "json".to_owned(),
        _ => {}
    }
    match field.data_type() {
        DataType::Boolean => "tinyint(1)".to_owned(),
        DataType::Int8 => "tinyint".to_owned(),
        DataType::Int16 | DataType::UInt8 => "smallint".to_owned(),
        DataType::Int32 | DataType::UInt16 => "int".to_owned(),
        DataType::Int64 | DataType::UInt32 => "bigint".to_owned(),
        DataType::UInt64 => "bigint unsigned".to_owned(),
        DataType::Float16 | DataType::Float32 => "float".to_owned(),
        DataType::Float64 => "double".to_owned(),
        DataType::Decimal128(precision, scale) if *scale <= 30 => format!("decimal({precision},{scale})"),
        DataType::Date32 | DataType::Date64 => "date".to_owned(),
        DataType::Time32(_) | DataType::Time64(_) => "time(6)".to_owned(),
        // Instants beyond 2038 have no place in a timestamp of MySQL; in UTC they have one in a datetime.
        DataType::Timestamp(..) => "datetime(6)".to_owned(),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => "longblob".to_owned(),
        _ if key => "varchar(255)".to_owned(),
        _ => "longtext".to_owned(),
    }
}
