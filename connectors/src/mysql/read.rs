//! Reads a table or query by a prepared statement, whose values come as binary, in a transaction that only reads.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use arrow::datatypes::Field;
use futures_util::TryStreamExt;
use sqlx::mysql::{MySqlArguments, MySqlRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, MySql, Row};
use trommel_model::{Code, Outcome, Problem};

use super::binary::{Pushed, push};
use super::config::{Session, ident};
use super::discover::columns;
use super::error;
use super::split::{Split, split};
use super::types::{Becomes, Wire};
use crate::ReadReport;
use crate::assemble::Counts;
use crate::database::{Column, Delivery, Found, Odd, Since, Subject};
use crate::layers::Throttle;
use crate::names::unique;
use crate::parallel;
use crate::sink::Sink;

/// Rows of a batch …
const BATCH_ROWS: usize = 64 * 1024;
/// … or bytes of text.
const BATCH_BYTES: usize = 32 << 20;
/// Rows taken from the connection at a time.
const CHUNK: usize = 4096;

/// Rows on their way into columns.
pub(super) struct Rows<'a> {
    columns: &'a [Becomes],
    arrays: Vec<Column>,
    rows: usize,
    odd: Vec<Odd>,
}

/// Reads a table or query.
pub fn read(found: &Found<'_>, sink: &dyn Sink) -> Outcome<(ReadReport, Option<String>)> {
    let subject = Subject::of(found.spec);
    let mut session = Session::open(&found.reach, found.cancel)?;
    let (split, remark) = split(found, &mut session, &subject)?;
    match split.as_ref().and_then(Split::session) {
        Some(one) => std::mem::replace(&mut session, one).close(),
        None => session.begin_reading()?,
    }
    let columns = columns(&mut session, &subject)?;
    let (names, mut notes) = unique(columns.iter().map(|c| c.name.clone()));
    let fields = names.iter().zip(&columns).map(|(name, c)| Field::new(name, Column::arrow(c.kind), true)).collect();
    let delivery = Delivery::plan(found.piece, found.spec, found.mode, fields)?;
    sink.open(delivery.schema())?;
    let (largest, unset) = largest(found, &mut session, &subject)?;
    notes.extend(found.unset(unset));
    notes.extend(remark.map(str::to_owned));
    let reading = Reading { found, subject: &subject, columns: &columns, delivery: &delivery, sink, total: Mutex::default() };
    let throttle = Throttle::new(found.reach.rows_per_s, Instant::now());
    match split {
        None => {
            reading.part(&mut session, (None, None), None, 0, 0, &throttle)?;
            session.close();
        }
        Some(split) => {
            split.give_back(session);
            parallel::each(split.parts, found.threads, |part, (): &mut ()| {
                let Some(mut session) = split.session() else { return Err(Problem::new(Code::Internal, "a part has no connection")) };
                reading.part(&mut session, split.range(part), Some(&split.key), part, Split::before(part), &throttle)?;
                split.give_back(session);
                Ok(())
            })?;
            split.close();
        }
    }
    let (counts, rows_in, odd) = reading.total.into_inner().unwrap_or_else(PoisonError::into_inner);
    if odd > 0 {
        notes.push(format!("{odd} values have no place in their type (zero dates); they are null, and _text keeps the row"));
    }
    let report = ReadReport {
        rows_in,
        rows_out: counts.rows_out,
        held: counts.held,
        nulled: counts.nulled,
        padded: 0,
        notes,
        dialect: None,
        found: Vec::new(),
    };
    Ok((report, largest))
}

/// What all parts of one read share.
struct Reading<'a> {
    found: &'a Found<'a>,
    subject: &'a Subject,
    columns: &'a [Becomes],
    delivery: &'a Delivery<'a>,
    sink: &'a dyn Sink,
    /// What became of the rows, how many came, how many values were odd.
    total: Mutex<(Counts, u64, u64)>,
}

/// The condition for rows that came since the last run, with a place for the value.
fn since(found: &Found<'_>) -> String {
    found.since.map_or_else(String::new, |since| format!(" WHERE {}", since.condition(&ident(&since.column), |_| "?".to_owned())))
}

/// The largest cursor there is, and how many rows have none.
fn largest(found: &Found<'_>, session: &mut Session, subject: &Subject) -> Outcome<(Option<String>, i64)> {
    let Some(cursor) = found.spec.cursor.as_ref().filter(|_| found.most.is_none()) else { return Ok((None, 0)) };
    let name = ident(cursor);
    let sql = format!("SELECT CAST(MAX({name}) AS CHAR), COUNT(*) - COUNT({name}) FROM {}{}", subject.from(ident), since(found));
    let bound = found.since.map(Since::bounds).unwrap_or_default();
    let rows = session.rows(&sql, &bound)?;
    let Some(row) = rows.first() else { return Ok((None, 0)) };
    Ok((row.try_get::<Option<String>, _>(0).ok().flatten(), row.try_get(1).unwrap_or_default()))
}

impl Reading<'_> {
    /// Reads the rows whose key lies in a range, as one part. `before` is how many rows may come before it.
    fn part(
        &self,
        session: &mut Session,
        range: (Option<i64>, Option<i64>),
        key: Option<&String>,
        part: usize,
        before: u64,
        throttle: &Throttle,
    ) -> Outcome<()> {
        let found = self.found;
        let mut sql = format!("SELECT * FROM {}{}", self.subject.from(ident), since(found));
        let mut word = if found.since.is_some() { "AND" } else { "WHERE" };
        for (bound, operator) in [(range.0, ">="), (range.1, "<")] {
            if let (Some(_), Some(key)) = (bound, key) {
                sql.push_str(&format!(" {word} {} {operator} ?", ident(key)));
                word = "AND";
            }
        }
        if let Some(most) = found.most {
            sql.push_str(&format!(" LIMIT {most}"));
        }
        let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(true);
        for bound in found.since.map(Since::bounds).unwrap_or_default() {
            query = query.bind(bound.to_owned());
        }
        for bound in [range.0, range.1].into_iter().flatten() {
            query = query.bind(bound);
        }
        let mut next = before + 1;
        each(session, query, self.columns, throttle, &mut |rows| {
            let (arrays, strange, delivered) = rows.finish()?;
            let counts = self.delivery.hand_on(arrays, &strange, next, part, self.sink)?;
            next += delivered as u64;
            let mut total = self.total.lock().unwrap_or_else(PoisonError::into_inner);
            total.0.rows_out += counts.rows_out;
            total.0.held += counts.held;
            total.0.nulled += counts.nulled;
            total.1 += delivered as u64;
            total.2 += strange.len() as u64;
            let so_far = total.1;
            found.progress.update(|p| p.rows = so_far);
            Ok(delivered as u64)
        })?;
        self.sink.end_part(part)
    }
}

/// Takes the rows of a query in; `full` gets them some at a time and says how many they were.
pub(super) fn each(
    session: &mut Session,
    query: Query<'_, MySql, MySqlArguments>,
    columns: &[Becomes],
    throttle: &Throttle,
    full: &mut dyn FnMut(&mut Rows<'_>) -> Outcome<u64>,
) -> Outcome<()> {
    let Session { patience, connection, reach } = session;
    let most = BATCH_ROWS.min(throttle.at_once());
    let mut rows = Rows { columns, arrays: columns.iter().map(|c| Column::new(c.kind)).collect(), rows: 0, odd: Vec::new() };
    let mut stream = query.fetch(connection);
    let mut over = false;
    while !over {
        let gather = async {
            for _ in 0..CHUNK.min(most - rows.rows) {
                match stream.try_next().await {
                    Ok(Some(row)) => rows.take(&row)?,
                    Ok(None) => return Ok(true),
                    Err(e) => return Err(error::of(&e, reach)),
                }
            }
            Ok(false)
        };
        over = patience.wait(gather, |problem: Problem| problem)?;
        if rows.rows >= most || rows.size() >= BATCH_BYTES || (over && rows.rows > 0) {
            let pause = throttle.read(full(&mut rows)?, Instant::now());
            if pause > Duration::ZERO {
                patience.wait(paused(pause), |problem| problem)?;
            }
        }
    }
    Ok(())
}

async fn paused(pause: Duration) -> Outcome<()> {
    tokio::time::sleep(pause).await;
    Ok::<(), Problem>(())
}

impl Rows<'_> {
    #[inline]
    fn take(&mut self, row: &MySqlRow) -> Outcome<()> {
        for (at, (becomes, column)) in self.columns.iter().zip(&mut self.arrays).enumerate() {
            let mut value: Option<&[u8]> = row.try_get_unchecked(at).map_err(|_| error::garbled(&becomes.name))?;
            if value.is_none() && becomes.wire == Wire::Moment {
                // The driver takes a zero date for no value, unless it is asked for one.
                value = row.try_get_unchecked::<&[u8], _>(at).ok();
            }
            let Some(bytes) = value else {
                column.push_null();
                continue;
            };
            match push(column, becomes, bytes) {
                Pushed::Well => {}
                Pushed::Odd(raw) => {
                    column.push_null();
                    self.odd.push(Odd { row: self.rows, column: at, raw });
                }
                Pushed::Garbled => return Err(error::garbled(&becomes.name)),
            }
        }
        self.rows += 1;
        Ok(())
    }

    fn size(&self) -> usize {
        self.arrays.iter().map(Column::size).sum()
    }

    /// Hands the columns over with the values that had no place in them, and starts anew.
    pub(super) fn finish(&mut self) -> Outcome<(Vec<arrow::array::ArrayRef>, Vec<Odd>, usize)> {
        let arrays = self.arrays.iter_mut().map(Column::finish).collect::<Result<_, _>>();
        let arrays = arrays.map_err(|e| Problem::new(Code::BadEncoding, "a text of the database is not UTF-8").why(e.to_string()))?;
        Ok((arrays, std::mem::take(&mut self.odd), std::mem::take(&mut self.rows)))
    }
}
