//! Reads a table or query of a SQLite database, in order of row ids, as one part.
//!
//! A first pass finds the type that keeps every value of a column, a second one reads. Both are one transaction, so that
//! they see the same rows.

use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Row, TypeInfo, ValueRef};
use trommel_model::Outcome;

use super::block::SqliteBlock;
use super::config::{PATIENCE, begin, block_on, close, open_patiently};
use super::discover::{Subject, columns, has_row_ids, subject};
use super::error;
use super::image;
use super::kinds::{self, Typed};
use super::outside::Outside;
use super::pages::Value;
use crate::assemble::{Assembler, Block, Counts};
use crate::names::unique;
use crate::plan;
use crate::read::Job;
use crate::sink::{Mode, Sink};
use crate::values::Kind;
use crate::{Piece, ReadReport};

/// Rows of one block.
const BLOCK: usize = 1024;

/// Reads a table.
pub fn read(job: &Job<'_>, sink: &dyn Sink) -> Outcome<ReadReport> {
    read_patiently(job, PATIENCE, sink)
}

/// As [`read`], with the time to wait for somebody else's lock.
pub(super) fn read_patiently(job: &Job<'_>, patience: Duration, sink: &dyn Sink) -> Outcome<ReadReport> {
    let path = &job.piece.path;
    block_on(async {
        let mut connection = open_patiently(path, patience).await?;
        let report = table(job, &mut connection, &Outside(sink)).await;
        close(connection).await;
        report
    })
}

async fn table(job: &Job<'_>, connection: &mut SqliteConnection, sink: &dyn Sink) -> Outcome<ReadReport> {
    let path = job.piece.path.as_path();
    begin(connection, job.cancel, path).await?;
    let subject = subject(connection, job.spec, &job.piece.name, path).await?;
    let declared = columns(connection, &subject, path).await?;
    let ordered = has_row_ids(connection, &subject, &declared).await;
    job.cancel.check()?;
    let image = if ordered { image::take(job, connection, &subject, &declared).await? } else { None };
    let surveyed = match &image {
        Some(image) => image.survey(job, &declared)?,
        None => None,
    };
    let image = image.filter(|_| surveyed.is_some());
    let (typed, total): (Vec<Typed>, u64) = match surveyed {
        Some(surveyed) => surveyed,
        None => kinds::ask(path, connection, &subject, &declared).await?,
    };
    let (names, mut notes) = unique(declared.iter().map(|d| d.name.clone()));
    let kinds: Vec<Kind> = typed.iter().map(|t| t.0).collect();
    let fields: Vec<_> = names.iter().cloned().zip(kinds.iter().copied()).collect();
    let piece = Piece { name: subject.name().to_owned(), ..job.piece.clone() };
    let plan = plan::plan(&piece, job.spec, job.mode, &fields)?;
    let agreed = |name: &str| plan.columns.iter().any(|c| c.contracted && c.name == name);
    notes.extend(typed.into_iter().zip(&names).filter(|(_, name)| !agreed(name)).filter_map(|(t, _)| t.1));
    sink.open(&plan.schema)?;
    job.progress.update(|p| {
        p.rows_total = total;
        p.bytes_total = 0;
    });
    let mut rows = Rows { job, assembler: Assembler::new(&plan, sink, 0), count: 0, lossy: 0 };
    let mut block = SqliteBlock::new(&names, &kinds);
    if let Some(image) = &image {
        image.read(job, &mut block, &mut |block, sound| rows.filled(block, sound))?;
    } else {
        let order = if ordered { " ORDER BY rowid" } else { "" };
        let sql = match &subject {
            Subject::Table(_) => format!("{}{order}", subject.from()),
            Subject::Query(query) => format!("SELECT * FROM ({query}\n)"),
        };
        let mut found = sqlx::query(AssertSqlSafe(sql)).fetch(connection);
        while let Some(row) = found.try_next().await.map_err(|e| error::of(&e, path))? {
            let sound = append(&row, names.len(), &mut block).map_err(|e| error::of(&e, path))?;
            rows.filled(&mut block, sound)?;
        }
    }
    let Rows { count, lossy, .. } = rows;
    let counts = rows.finish(&block)?;
    if lossy > 0 && job.mode == Mode::Lenient {
        notes.push(format!("{lossy} rows have text that is not UTF-8 or has a NUL in it; it is read with replacement characters"));
    }
    Ok(ReadReport {
        rows_in: count,
        rows_out: counts.rows_out,
        held: counts.held,
        nulled: counts.nulled,
        padded: 0,
        notes,
        dialect: None,
        found: Vec::new(),
    })
}

/// Rows on their way to the assembler.
struct Rows<'a, 'j> {
    job: &'a Job<'j>,
    assembler: Assembler<'a>,
    count: u64,
    /// Rows with a text that had to be mended.
    lossy: u64,
}

impl Rows<'_, '_> {
    /// A row was appended to the block.
    fn filled(&mut self, block: &mut SqliteBlock<'_>, sound: bool) -> Outcome<()> {
        self.count += 1;
        if !sound {
            self.lossy += 1;
            if self.job.mode == Mode::Strict {
                let raw = block.pop();
                self.assembler.take(block)?;
                self.assembler.hold_record(self.count, "encoding", "a text is not UTF-8, or has a NUL in it".to_owned(), raw)?;
                block.clear(self.count + 1);
            }
        }
        if block.rows() >= BLOCK {
            self.job.cancel.check()?;
            self.assembler.take(block)?;
            block.clear(self.count + 1);
            let count = self.count;
            self.job.progress.update(|p| p.rows = count);
        }
        Ok(())
    }

    fn finish(mut self, block: &SqliteBlock<'_>) -> Outcome<Counts> {
        self.assembler.take(block)?;
        let count = self.count;
        self.job.progress.update(|p| p.rows = count);
        self.assembler.finish()
    }
}

/// Takes a row in. False when a text in it had to be mended.
fn append(row: &SqliteRow, width: usize, block: &mut SqliteBlock<'_>) -> Result<bool, sqlx::Error> {
    let mut sound = true;
    for at in 0..width {
        let value = row.try_get_raw(at)?;
        let value = if value.is_null() {
            Value::Null
        } else {
            match value.type_info().name() {
                "INTEGER" | "BOOLEAN" => Value::Integer(row.try_get_unchecked(at)?),
                "REAL" => Value::Real(row.try_get_unchecked(at)?),
                "BLOB" => Value::Blob(row.try_get_unchecked(at)?),
                _ => Value::Text(row.try_get_unchecked(at)?),
            }
        };
        sound &= block.push_copy(value);
    }
    Ok(sound)
}
