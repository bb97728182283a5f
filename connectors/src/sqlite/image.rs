//! A table read from the pages of its database instead of row by row through SQL.
//!
//! SQLite gives the pages within the transaction, so what is read is what SQL would read at that moment. Tables that
//! need more than their records say (computed columns, other encodings, records older than a column with a default) and
//! databases too large to be held in memory go through SQL.

use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteOwnedBuf};
use trommel_model::Outcome;

use super::block::SqliteBlock;
use super::discover::{Declared, Subject};
use super::error;
use super::kinds::{Held, Typed, has_forms, reads_as_real};
use super::pages::{Pages, Record, Value, values};
use crate::read::Job;

/// Databases up to this size are held in memory while one of their tables is read.
const MOST: i64 = 256 << 20;
/// Rows between two looks at whether to stop.
const STEP: u64 = 4096;

/// The pages of a database, and what has to be known of one of its tables.
pub struct Image {
    bytes: SqliteOwnedBuf,
    root: u32,
    columns: Vec<Stored>,
}

/// How values of a column are stored.
#[derive(Debug, Clone, Copy, Default)]
struct Stored {
    /// Whole numbers read as floating point ones.
    real: bool,
    /// The row id is its value.
    row_id: bool,
    /// A value that is missing at the end of a record is not null.
    default: bool,
    /// The shape of its texts is asked for.
    forms: bool,
}

/// The image of a table; none when it has to be read through SQL.
pub async fn take(job: &Job<'_>, connection: &mut SqliteConnection, subject: &Subject, declared: &[Declared]) -> Outcome<Option<Image>> {
    let path = job.piece.path.as_path();
    let Subject::Table(table) = subject else { return Ok(None) };
    let about = "SELECT rootpage, (SELECT encoding FROM pragma_encoding), \
                 (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size), \
                 (SELECT count(*) FROM pragma_index_list(?1) WHERE origin = 'pk') \
                 FROM sqlite_master WHERE type = 'table' AND name = ?1";
    let row = sqlx::query(about).bind(table).fetch_optional(&mut *connection).await.map_err(|e| error::of(&e, path))?;
    let Some(row) = row else { return Ok(None) };
    let fact = |at: usize| row.try_get::<i64, _>(at).unwrap_or_default();
    let encoding: String = row.try_get(1).unwrap_or_default();
    let (Ok(root @ 1..), "UTF-8", 1..=MOST) = (u32::try_from(fact(0)), encoding.as_str(), fact(2)) else { return Ok(None) };
    // Without an index of its own, a primary key of one INTEGER column is the row id.
    let Some(columns) = stored(connection, table, declared, fact(3) == 0).await.map_err(|e| error::of(&e, path))? else {
        return Ok(None);
    };
    let bytes = connection.serialize(None).await.map_err(|e| error::of(&e, path))?;
    Ok(Some(Image { bytes, root, columns }))
}

async fn stored(
    connection: &mut SqliteConnection,
    table: &str,
    declared: &[Declared],
    keyed_by_row_id: bool,
) -> sqlx::Result<Option<Vec<Stored>>> {
    let facts = "SELECT upper(type), dflt_value IS NOT NULL, pk, hidden FROM pragma_table_xinfo(?1) ORDER BY cid";
    let rows = sqlx::query(facts).bind(table).fetch_all(connection).await?;
    let mut columns = Vec::with_capacity(rows.len());
    let mut key = 0;
    for row in &rows {
        let (data_type, default, place, hidden): (String, i64, i64, i64) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        if hidden != 0 {
            return Ok(None);
        }
        key += i64::from(place > 0);
        columns.push(Stored {
            real: reads_as_real(&data_type),
            row_id: place > 0 && data_type == "INTEGER" && keyed_by_row_id,
            default: default != 0,
            forms: has_forms(&data_type),
        });
    }
    if key > 1 {
        for column in &mut columns {
            column.row_id = false;
        }
    }
    Ok((columns.len() == declared.len()).then_some(columns))
}

impl Image {
    /// The type of each column and the number of rows; none when records lack values that are not null.
    pub fn survey(&self, job: &Job<'_>, declared: &[Declared]) -> Outcome<Option<(Vec<Typed>, u64)>> {
        let mut held = vec![Held::default(); self.columns.len()];
        let (mut rows, mut complete) = (0_u64, true);
        let defaults = self.columns.iter().rposition(|c| c.default).map_or(0, |last| last + 1);
        self.each(job, &mut |id, record| {
            rows += 1;
            let count = values(bytes_of(&record), |at, value| {
                if let (Some(column), Some(held)) = (self.columns.get(at), held.get_mut(at)) {
                    held.add(column.read(value, id), column.forms);
                }
            })?;
            complete &= count >= defaults;
            Ok(())
        })?;
        Ok(complete.then(|| (held.iter().zip(declared).map(|(held, column)| held.kind(column)).collect(), rows)))
    }

    /// Fills `block` row by row. `filled` is told after each row whether all of its text was sound.
    pub fn read<'a>(
        &'a self,
        job: &Job<'_>,
        block: &mut SqliteBlock<'a>,
        filled: &mut dyn FnMut(&mut SqliteBlock<'a>, bool) -> Outcome<()>,
    ) -> Outcome<()> {
        let width = self.columns.len();
        self.each(job, &mut |id, record| {
            let mut sound = true;
            let count = match record {
                Record::Whole(bytes) => values(bytes, |at, value| {
                    if let Some(column) = self.columns.get(at) {
                        sound &= block.push(column.read(value, id));
                    }
                })?,
                Record::Gathered(bytes) => values(&bytes, |at, value| {
                    if let Some(column) = self.columns.get(at) {
                        sound &= block.push_copy(column.read(value, id));
                    }
                })?,
            };
            for _ in count..width {
                block.push(Value::Null);
            }
            filled(block, sound)
        })
    }

    fn each<'a>(&'a self, job: &Job<'_>, give: &mut dyn FnMut(i64, Record<'a>) -> Outcome<()>) -> Outcome<()> {
        let mut rows = 0_u64;
        Pages::new(&self.bytes)?.each(self.root, &mut |id, record| {
            rows += 1;
            if rows.is_multiple_of(STEP) {
                job.cancel.check()?;
            }
            give(id, record)
        })
    }
}

impl Stored {
    #[inline]
    fn read(self, value: Value<'_>, row_id: i64) -> Value<'_> {
        match value {
            Value::Integer(whole) if self.real => Value::Real(whole as f64),
            Value::Null if self.row_id => Value::Integer(row_id),
            other => other,
        }
    }
}

fn bytes_of<'r>(record: &'r Record<'_>) -> &'r [u8] {
    match record {
        Record::Whole(bytes) => bytes,
        Record::Gathered(bytes) => bytes,
    }
}
