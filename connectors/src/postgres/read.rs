//! Reads a table or query by `COPY`, as binary and straight into columns, in transactions that only read.
//!
//! A large table is read in ranges of its pages by several connections, which share the snapshot of the first: all see
//! the rows of one moment.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use arrow::datatypes::Field;
use futures_util::TryStreamExt;
use sqlx::Row;
use trommel_model::{Outcome, Problem};

use super::config::{Session, ident, literal};
use super::copy::Rows;
use super::discover::{bounds, columns};
use super::error;
use super::types::{Becomes, Declared, becomes};
use crate::ReadReport;
use crate::assemble::Counts;
use crate::database::{Column, Delivery, Found, Subject};
use crate::layers::Throttle;
use crate::names::unique;
use crate::parallel;
use crate::sink::Sink;

/// Rows of a batch …
const BATCH_ROWS: usize = 64 * 1024;
/// … or bytes of text.
const BATCH_BYTES: usize = 32 << 20;
/// Bytes taken from the connection at a time.
const CHUNK: usize = 256 * 1024;
/// Pages of one part of a table, 128 MiB. The same for any number of threads, so that a table reads the same.
const PART_PAGES: u64 = 16_384;
/// Rows that a page of 8 KiB can have at most (`MaxHeapTuplesPerPage`), and with room for pages of 32 KiB.
const PAGE_ROWS: u64 = 1_200;
/// From this version on ranges of pages are found without looking at the others.
const RANGES_SINCE: i32 = 140_000;

/// What all parts of one read share.
struct Reading<'a> {
    found: &'a Found<'a>,
    delivery: Delivery<'a>,
    columns: Vec<Becomes>,
    throttle: Throttle,
    total: Mutex<(Counts, u64, u64)>,
    sink: &'a dyn Sink,
}

/// Reads a table or query.
pub fn read(found: &Found<'_>, sink: &dyn Sink) -> Outcome<(ReadReport, Option<String>)> {
    let subject = Subject::of(found.spec);
    let from = subject.from(ident);
    let mut leader = Session::open(&found.reach, found.cancel)?;
    leader.begin_reading(None)?;
    // From here on nobody changes its columns.
    leader.rows(&format!("SELECT 1 FROM {from} LIMIT 0"))?;
    let declared = columns(&mut leader, &subject)?;
    let bounded = bounds(&mut leader, &from, &declared)?;
    let columns = declared.iter().zip(bounded).map(|(column, bounded)| {
        becomes(column, bounded).ok_or_else(|| found.reach.fault(error::unknown_type(&column.name, &column.data_type)))
    });
    let columns: Vec<Becomes> = columns.collect::<Outcome<_>>()?;
    let (names, mut notes) = unique(declared.iter().map(|d| d.name.clone()));
    notes.extend(declared.iter().zip(&columns).filter_map(|(d, b)| remark(d, b)));
    let fields = names.iter().zip(&columns).map(|(name, c)| Field::new(name, Column::arrow(c.kind), true)).collect();
    let delivery = Delivery::plan(found.piece, found.spec, found.mode, fields)?;
    sink.open(delivery.schema())?;
    let reading = Reading {
        found,
        delivery,
        columns,
        throttle: Throttle::new(found.reach.rows_per_s, Instant::now()),
        total: Mutex::default(),
        sink,
    };
    let (largest, unset) = reading.largest(&mut leader, &from)?;
    notes.extend(reading.found.unset(unset));
    let list: Vec<&str> = reading.columns.iter().map(|c| c.asked.as_str()).collect();
    let select = format!("SELECT {} FROM {from}", list.join(", "));
    reading.all(leader, &subject, &select)?;
    let (counts, rows_in, odd) = reading.total.into_inner().unwrap_or_else(PoisonError::into_inner);
    if odd > 0 {
        notes.push(format!("{odd} values have no place in their type (infinite dates, NaN); they are null, and _text keeps the row"));
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

/// What a person has to know about a column that does not keep its type.
fn remark(declared: &Declared, becomes: &Becomes) -> Option<String> {
    let unbounded = declared.data_type == "numeric" && becomes.kind == Some(crate::values::Kind::Text);
    unbounded.then(|| format!("column \"{}\" is text: its numbers have more than 38 digits, or are none", declared.name))
}

impl Reading<'_> {
    /// The condition for rows that came since the last run.
    fn since(&self) -> Option<String> {
        let since = self.found.since?;
        Some(since.condition(&ident(&since.column), literal))
    }

    /// The largest cursor there is, and how many rows have none.
    fn largest(&self, leader: &mut Session, from: &str) -> Outcome<(Option<String>, i64)> {
        let Some(cursor) = self.found.spec.cursor.as_ref().filter(|_| self.found.most.is_none()) else { return Ok((None, 0)) };
        let conditions: Vec<String> = self.since().into_iter().collect();
        let name = ident(cursor);
        let rows = leader.rows(&format!("SELECT max({name})::text, count(*) - count({name}) FROM {from}{}", filter(&conditions)))?;
        let Some(row) = rows.first() else { return Ok((None, 0)) };
        Ok((row.try_get::<Option<String>, _>(0).ok().flatten(), row.try_get(1).unwrap_or_default()))
    }

    fn all(&self, mut leader: Session, subject: &Subject, select: &str) -> Outcome<()> {
        let conditions: Vec<String> = self.since().into_iter().collect();
        if let Some(most) = self.found.most {
            let sql = format!("{select}{} LIMIT {most}", filter(&conditions));
            self.part(&mut leader, &sql, 0, 0)?;
            leader.close();
            return Ok(());
        }
        let pages = pages(&mut leader, subject)?;
        self.found.progress.update(|p| p.rows_total = if self.found.since.is_none() { pages.rows } else { 0 });
        let parts = pages.count.div_ceil(PART_PAGES).max(1) as usize;
        if parts == 1 {
            self.part(&mut leader, &format!("{select}{}", filter(&conditions)), 0, 0)?;
            leader.close();
            return Ok(());
        }
        let snapshot = leader.rows("SELECT pg_export_snapshot()")?;
        let snapshot: String = snapshot.first().and_then(|row| row.try_get(0).ok()).unwrap_or_default();
        parallel::each(parts, self.found.threads, |part, session: &mut Option<Session>| {
            if session.is_none() {
                let mut own = Session::open(&self.found.reach, self.found.cancel)?;
                own.begin_reading(Some(&snapshot))?;
                *session = Some(own);
            }
            let Some(session) = session else { return Ok(()) };
            let first = part as u64 * PART_PAGES;
            let mut conditions = conditions.clone();
            conditions.push(format!("ctid >= '({first},0)'::tid"));
            // The last part has no end: the table may have grown since it was last measured.
            if part + 1 < parts {
                conditions.push(format!("ctid < '({},0)'::tid", first + PART_PAGES));
            }
            self.part(session, &format!("{select}{}", filter(&conditions)), part, first * PAGE_ROWS)
        })?;
        leader.close();
        Ok(())
    }

    /// Reads what a statement gives as one part. `before` is how many rows may come before it.
    fn part(&self, session: &mut Session, select: &str, part: usize, before: u64) -> Outcome<()> {
        let mut next = before + 1;
        copy_out(session, select, &self.columns, &self.throttle, &mut |rows| {
            let delivered = self.deliver(rows, next, part)?;
            next += delivered;
            Ok(delivered)
        })?;
        self.sink.end_part(part)
    }

    fn deliver(&self, rows: &mut Rows<'_>, first: u64, part: usize) -> Outcome<u64> {
        let (arrays, odd, count) = rows.finish()?;
        let counts = self.delivery.hand_on(arrays, &odd, first, part, self.sink)?;
        let mut total = self.total.lock().unwrap_or_else(PoisonError::into_inner);
        total.0.rows_out += counts.rows_out;
        total.0.held += counts.held;
        total.0.nulled += counts.nulled;
        total.1 += count as u64;
        total.2 += odd.len() as u64;
        let so_far = total.1;
        self.found.progress.update(|p| p.rows = so_far);
        Ok(count as u64)
    }
}

/// Takes the rows of a statement in; `full` gets them some at a time and says how many they were.
pub(super) fn copy_out(
    session: &mut Session,
    select: &str,
    columns: &[Becomes],
    throttle: &Throttle,
    full: &mut dyn FnMut(&mut Rows<'_>) -> Outcome<u64>,
) -> Outcome<()> {
    let Session { patience, connection, reach } = session;
    let fault = |e: sqlx::Error| error::of(&e, reach);
    let sql = format!("COPY ({select}) TO STDOUT (FORMAT BINARY)");
    let mut stream = patience.wait(connection.copy_out_raw(&sql), fault)?;
    let most = BATCH_ROWS.min(throttle.at_once());
    let mut rows = Rows::new(columns);
    let mut bytes: Vec<u8> = Vec::with_capacity(2 * CHUNK);
    let mut over = false;
    while !over {
        let gather = async {
            while bytes.len() < CHUNK {
                match stream.try_next().await? {
                    Some(chunk) => bytes.extend_from_slice(&chunk),
                    None => return Ok(true),
                }
            }
            Ok::<bool, sqlx::Error>(false)
        };
        over = patience.wait(gather, fault)?;
        let mut taken = 0;
        loop {
            taken += rows.take(&bytes[taken..], most)?;
            let (count, size) = rows.size();
            let is_full = count >= most || size >= BATCH_BYTES;
            if is_full || (over && count > 0) {
                let pause = throttle.read(full(&mut rows)?, Instant::now());
                if pause > Duration::ZERO {
                    patience.wait(paused(pause), |problem| problem)?;
                }
            }
            if !is_full {
                break;
            }
        }
        bytes.drain(..taken);
    }
    if !rows.ended() || !bytes.is_empty() {
        return Err(reach.fault(error::garbled("the stream of rows has no end")));
    }
    drop(stream);
    Ok(())
}

async fn paused(pause: Duration) -> Outcome<()> {
    tokio::time::sleep(pause).await;
    Ok::<(), Problem>(())
}

fn filter(conditions: &[String]) -> String {
    if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) }
}

/// How large a table is.
#[derive(Default)]
struct Pages {
    /// Its pages; 0 where it cannot be read in ranges of them.
    count: u64,
    /// Rows it is believed to have; 0 when nothing is known.
    rows: u64,
}

fn pages(session: &mut Session, subject: &Subject) -> Outcome<Pages> {
    let Subject::Table(..) = subject else { return Ok(Pages::default()) };
    let sql = format!(
        "SELECT CASE WHEN relkind IN ('r', 'm') AND current_setting('server_version_num')::int >= {RANGES_SINCE} \
         THEN pg_relation_size(oid) / current_setting('block_size')::int8 ELSE 0 END, greatest(reltuples, 0)::int8 \
         FROM pg_class WHERE oid = {}::regclass",
        literal(&subject.from(ident))
    );
    let rows = session.rows(&sql)?;
    let fact = |at: usize| rows.first().and_then(|row| row.try_get::<i64, _>(at).ok()).unwrap_or_default().max(0) as u64;
    Ok(Pages { count: fact(0), rows: fact(1) })
}
