//! Writes tables by `COPY … FROM STDIN` as binary, in one transaction with the account of its batch.
//!
//! Rows go straight into a table that is new or empty, or that they only join. Otherwise they go into a temporary table,
//! and from there by difference: no TRUNCATE (readers with an older snapshot would see no rows) and no renaming (views,
//! grants and foreign keys would stay with the old table).

use arrow::datatypes::{DataType, Field};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row};
use trommel_model::Outcome;

use super::config::{Session, ident, literal};
use super::{encode, error, target};
use crate::database::Reach;
use crate::database::write::{Feed, Going, Order, Standing, Store, Texts};

/// The table beside; temporary tables are seen by their own connection only.
const BESIDE: &str = "_trommel_rows";
/// Bytes sent at a time.
const CHUNK: usize = 256 * 1024;

/// A connection that writes.
pub struct Writer {
    session: Session,
}

impl Writer {
    /// Connects.
    pub fn open(order: &Order<'_>) -> Outcome<Self> {
        let reach = Reach::of(order.root, order.connection)?;
        Ok(Self { session: Session::open(&reach, order.cancel)? })
    }
}

impl Store for Writer {
    fn ident(&self, name: &str) -> String {
        ident(name)
    }

    fn place(&self, at: usize) -> String {
        format!("${at}")
    }

    fn type_of(&self, field: &Field, _key: bool) -> String {
        type_of(field)
    }

    fn insert_if_new(&self) -> (&'static str, &'static str) {
        ("INSERT INTO", " ON CONFLICT DO NOTHING")
    }

    fn batch_types(&self) -> [&'static str; 3] {
        ["text", "bigint", "timestamptz NOT NULL DEFAULT now()"]
    }

    fn exists(&mut self, table: &str) -> Outcome<bool> {
        let name = literal(&self.qualified(table));
        let found = self.texts(&format!("SELECT to_regclass({name})::text"), &[])?;
        Ok(found.into_iter().flatten().flatten().next().is_some())
    }

    fn standing(&mut self, table: &str) -> Outcome<Option<Standing>> {
        let name = self.qualified(table);
        target::standing(&mut self.session, &name)
    }

    fn make_beside(&mut self, _table: &str, columns: &[Going]) -> Outcome<String> {
        let columns: Vec<String> = columns
            .iter()
            .map(|c| format!("{} {}", ident(&c.column.name), if c.column.cast { "text" } else { c.column.shown.as_str() }))
            .collect();
        self.session.run(&format!("CREATE TEMPORARY TABLE {} ({}) ON COMMIT DROP", ident(BESIDE), columns.join(", ")))?;
        Ok(ident(BESIDE))
    }

    fn measure(&mut self, beside: &str) -> Outcome<()> {
        self.session.run(&format!("ANALYZE {beside}"))
    }

    fn differs(&self, target: &str, beside: &str, going: &Going) -> String {
        let (old, new) = (format!("{target}.{}", ident(&going.column.name)), self.value(beside, going));
        // Not every type can be compared, but each has a text.
        if going.column.cast || going.column.code == 114 {
            format!("{old}::text IS DISTINCT FROM ({new})::text")
        } else {
            format!("{old} IS DISTINCT FROM {new}")
        }
    }

    fn value(&self, beside: &str, going: &Going) -> String {
        let (name, shown) = (format!("{beside}.{}", ident(&going.column.name)), &going.column.shown);
        match going.column.cast {
            false => name,
            // Lists come as JSON, as they are read; the server's own form is taken too.
            true if shown.ends_with("[]") => format!(
                "CASE WHEN {name} LIKE '[%' THEN ARRAY(SELECT json_array_elements_text({name}::json))::{shown} ELSE {name}::{shown} END"
            ),
            true => format!("{name}::{shown}"),
        }
    }

    fn as_text(&self, name: &str) -> String {
        format!("{name}::text")
    }

    fn row_as_json(&self, beside: &str, _columns: &[Going]) -> String {
        format!("row_to_json({beside})::text")
    }

    fn overriding(&self) -> &'static str {
        " OVERRIDING SYSTEM VALUE"
    }

    fn begin(&mut self) -> Outcome<()> {
        self.session.run("BEGIN")
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
        let Session { patience, connection, reach } = &mut self.session;
        let mut query = sqlx::query(AssertSqlSafe(sql.to_owned())).persistent(false);
        for value in values {
            query = query.bind((*value).to_owned());
        }
        let rows = patience.wait(query.fetch_all(connection), |e| error::writing(&e, reach))?;
        rows.iter().map(|row| list(row).map_err(|e| error::of(&e, reach))).collect()
    }

    fn load(&mut self, into: &str, columns: &[Going], feed: Feed<'_>) -> Outcome<u64> {
        let Session { patience, connection, reach } = &mut self.session;
        let fault = |e: sqlx::Error| error::writing(&e, reach);
        let names: Vec<String> = columns.iter().map(|c| ident(&c.column.name)).collect();
        let sql = format!("COPY {into} ({}) FROM STDIN (FORMAT BINARY)", names.join(", "));
        let mut copy = patience.wait(connection.copy_in_raw(&sql), fault)?;
        let mut bytes = Vec::with_capacity(2 * CHUNK);
        encode::head(&mut bytes);
        feed(&mut |batch| {
            let mut row = 0;
            while row < batch.num_rows() {
                row = encode::rows(&batch, columns, row, CHUNK, &mut bytes)?;
                if bytes.len() >= CHUNK {
                    patience.wait(copy.send(bytes.as_slice()), fault)?;
                    bytes.clear();
                }
            }
            Ok(())
        })?;
        encode::tail(&mut bytes);
        patience.wait(copy.send(bytes.as_slice()), fault)?;
        patience.wait(copy.finish(), fault)
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

fn list(row: &PgRow) -> Result<Vec<Option<String>>, sqlx::Error> {
    (0..row.len()).map(|at| row.try_get(at)).collect()
}

/// The type of a new column.
fn type_of(field: &Field) -> String {
    match field.metadata().get("trommel:type").map(String::as_str) {
        Some("uuid") => return "uuid".to_owned(),
        Some("json") => return "json".to_owned(),
        _ => {}
    }
    match field.data_type() {
        DataType::Boolean => "boolean".to_owned(),
        DataType::Int8 | DataType::Int16 | DataType::UInt8 => "smallint".to_owned(),
        DataType::Int32 | DataType::UInt16 => "integer".to_owned(),
        DataType::Int64 | DataType::UInt32 => "bigint".to_owned(),
        DataType::UInt64 => "numeric(20,0)".to_owned(),
        DataType::Float16 | DataType::Float32 => "real".to_owned(),
        DataType::Float64 => "double precision".to_owned(),
        DataType::Decimal128(precision, scale) => format!("numeric({precision},{scale})"),
        DataType::Date32 | DataType::Date64 => "date".to_owned(),
        DataType::Time32(_) | DataType::Time64(_) => "time".to_owned(),
        DataType::Timestamp(_, None) => "timestamp".to_owned(),
        DataType::Timestamp(_, Some(_)) => "timestamptz".to_owned(),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => "bytea".to_owned(),
        _ => "text".to_owned(),
    }
}
