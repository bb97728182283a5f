//! Rows into a table of a database: what all databases have in common.
//!
//! Everything happens in one transaction, so that readers see the rows of before or those of after and never a mix or
//! no table: the batch is claimed in the database's own table of batches, the rows are loaded (straight into the table,
//! or beside it and then moved over by difference), and both become visible together. A batch that was claimed before is
//! not written again, so that a run that was killed and started anew neither loses nor doubles.

mod batches;
mod fit;
mod merge;
mod plan;
mod store;
#[cfg(test)]
pub(crate) mod tests;

use std::path::Path;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use trommel_model::{Cancel, Code, ConnectionKind, ConnectionSpec, OnMisfit, Outcome, Problem, ProgressSlot, QuarantinedRow, WriteMode};

use crate::{mysql, postgres, sqlite};
pub(crate) use fit::uuid;
pub(crate) use plan::{ANY, Bounds, Going, Standing, TargetColumn};
use plan::{Plan, Route};
pub(crate) use store::{Feed, Store, Texts, slices, split_name};

/// What is to be written where.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// The workspace's folder, absolute.
    pub root: &'a Path,
    /// The connection.
    pub connection: &'a ConnectionSpec,
    /// The table, with its schema where it has one.
    pub table: &'a str,
    /// What becomes of the rows that are there.
    pub mode: WriteMode,
    /// The columns that name a row.
    pub key: &'a [String],
    /// What happens to a row that does not fit.
    pub on_bad: OnMisfit,
    /// The sink's name; empty when somebody writes by hand.
    pub sink: &'a str,
    /// Who writes, the same in every run: `workspace/environment/sink`.
    pub writer: &'a str,
    /// The run that writes.
    pub run: &'a str,
    /// Names what is written: the same rows have the same name in every run.
    pub batch: &'a str,
    /// The wish to stop.
    pub cancel: &'a Cancel,
    /// How far it is.
    pub progress: &'a ProgressSlot,
}

/// Takes batches, one after the other.
pub type Each<'e> = &'e mut dyn FnMut(RecordBatch) -> Outcome<()>;

/// The rows to write, and where those go that do not fit.
pub struct Rows<'a> {
    /// Their columns.
    pub schema: SchemaRef,
    /// Hands all of them over.
    pub stream: &'a mut dyn FnMut(Each<'_>) -> Outcome<()>,
    /// Takes rows that are held.
    pub hold: &'a mut dyn FnMut(Vec<QuarantinedRow>) -> Outcome<()>,
}

/// What became of the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Rows that came.
    pub rows_in: u64,
    /// Rows that the database took, as it counted them.
    pub rows_out: u64,
    /// Rows that were held.
    pub held: u64,
    /// What a person should know.
    pub notes: Vec<String>,
    /// The run that wrote the very same batch before; then nothing was written now.
    pub before: Option<String>,
}

/// Writes rows into a table.
pub fn write(order: &Order<'_>, rows: &mut Rows<'_>) -> Outcome<Delivered> {
    order.progress.update(|p| {
        p.doing = format!("writing {} at {}", order.table, order.connection.name);
        p.rows = 0;
        p.rows_total = 0;
        p.bytes = 0;
        p.bytes_total = 0;
    });
    let open = || open(order);
    let mut store = open()?;
    match carry_out(order, rows, store.as_mut()) {
        Err(Stopped::Fault(problem)) => Err(problem),
        // The answer to the last word did not come: the table of batches knows whether it was heard.
        Err(Stopped::Unknown(problem, mut delivered)) => {
            drop(store);
            let mut store = open()?;
            if batches::written(order, store.as_mut())?.as_deref() == Some(order.run) {
                delivered.notes.push("the connection was cut at the end; the database says that all was written".to_owned());
                return Ok(*delivered);
            }
            Err(problem)
        }
        Ok(delivered) => {
            store.close();
            Ok(delivered)
        }
    }
}

/// Whether the user of a connection may write to a table: what would be written how, or why not.
pub fn may_write(order: &Order<'_>) -> Outcome<String> {
    let mut store = open(order)?;
    let found = store.standing(order.table)?;
    let words = match &found {
        Some(standing) => {
            demand_privileges(order, standing)?;
            format!("{} can be written", order.table)
        }
        None => format!("{} will be made", order.table),
    };
    store.close();
    Ok(words)
}

/// Why a write ended early.
enum Stopped {
    /// Nothing was written.
    Fault(Problem),
    /// Nobody knows.
    Unknown(Problem, Box<Delivered>),
}

impl From<Problem> for Stopped {
    fn from(problem: Problem) -> Self {
        Self::Fault(problem)
    }
}

fn open(order: &Order<'_>) -> Outcome<Box<dyn Store>> {
    Ok(match order.connection.kind {
        ConnectionKind::Postgres => Box::new(postgres::write::Writer::open(order)?),
        ConnectionKind::Mysql => Box::new(mysql::write::Writer::open(order)?),
        ConnectionKind::Sqlite => Box::new(sqlite::sink::Writer::open(order)?),
        ConnectionKind::Folder => {
            return Err(Problem::new(Code::BadConfig, format!("the connection \"{}\" is a folder", order.connection.name)));
        }
    })
}

fn carry_out(order: &Order<'_>, rows: &mut Rows<'_>, store: &mut dyn Store) -> Result<Delivered, Stopped> {
    let mut found = store.standing(order.table)?;
    if let Some(standing) = &found {
        demand_privileges(order, standing)?;
    }
    batches::make(order, store)?;
    if found.is_none() && !store.makes_tables_in_transactions() {
        make(order, &rows.schema, store)?;
        found = store.standing(order.table)?;
    }
    store.begin()?;
    if let Some(run) = batches::claim(order, store)? {
        let mut delivered = Delivered { before: Some(run), ..Delivered::default() };
        // The rows that were held then may not have been kept.
        if let (Some(standing), OnMisfit::Quarantine) = (&found, order.on_bad) {
            let plan = Plan::of(order, &rows.schema, standing)?;
            beside(order, &plan, rows, store, &mut delivered)?;
        }
        store.roll_back();
        return Ok(delivered);
    }
    let made = found.is_none();
    let standing = if let Some(standing) = found {
        standing
    } else {
        make(order, &rows.schema, store)?;
        store.standing(order.table)?.ok_or_else(|| Problem::new(Code::Internal, format!("{} was made and is not there", order.table)))?
    };
    let plan = Plan::of(order, &rows.schema, &standing)?;
    let target = store.qualified(order.table);
    let empty = made || store.texts(&format!("SELECT 'x' FROM {target} LIMIT 1"), &[])?.is_empty();
    let mut delivered = Delivered { notes: plan.notes.clone(), ..Delivered::default() };
    match plan.route(order, empty) {
        Route::Straight => {
            if order.mode == WriteMode::Replace && !made {
                // Rows that came since it was looked at.
                store.run(&format!("DELETE FROM {target}"), &[])?;
            }
            delivered.rows_out = load(order, &plan, rows, store, &target, &mut delivered)?;
        }
        Route::Beside => {
            let beside = beside(order, &plan, rows, store, &mut delivered)?;
            let note = merge::merge(order, &plan, store, &target, &beside, delivered.rows_out)?;
            delivered.notes.push(note);
        }
    }
    demand_all(order, delivered.rows_in, delivered.rows_out + delivered.held)?;
    if made {
        delivered.notes.insert(0, format!("{} was made", order.table));
    }
    batches::settle(order, store, delivered.rows_out)?;
    order.cancel.check()?;
    match store.commit() {
        Ok(()) => Ok(delivered),
        Err(problem) if problem.code == Code::Connection => Err(Stopped::Unknown(problem, Box::new(delivered))),
        Err(problem) => Err(Stopped::Fault(problem)),
    }
}

/// Loads the rows into a table beside the target, and holds those whose key comes twice; the table's name.
fn beside(order: &Order<'_>, plan: &Plan, rows: &mut Rows<'_>, store: &mut dyn Store, delivered: &mut Delivered) -> Outcome<String> {
    let beside = store.make_beside(order.table, &plan.columns)?;
    delivered.rows_out = load(order, plan, rows, store, &beside, delivered)?;
    store.measure(&beside)?;
    let twice = merge::hold_twins(order, plan, rows, store, &beside)?;
    delivered.held += twice;
    delivered.rows_out -= twice;
    Ok(beside)
}

/// Makes the target with the types of the rows and the key as its primary key.
fn make(order: &Order<'_>, schema: &SchemaRef, store: &mut dyn Store) -> Outcome<()> {
    plan::demand_key(order, schema)?;
    let columns: Vec<String> = schema
        .fields()
        .iter()
        .map(|field| {
            let key = order.key.iter().any(|k| k == field.name());
            format!("{} {}{}", store.ident(field.name()), store.type_of(field, key), if key { " NOT NULL" } else { "" })
        })
        .collect();
    let key: Vec<String> = order.key.iter().map(|k| store.ident(k)).collect();
    let key = if key.is_empty() { String::new() } else { format!(", PRIMARY KEY ({})", key.join(", ")) };
    let sql = format!("CREATE TABLE {} ({}{key}){}", store.qualified(order.table), columns.join(", "), store.made_as());
    store.run(&sql, &[]).map(drop)
}

/// Streams the rows, those that fit, into a table of these columns; how many the database took.
fn load(order: &Order<'_>, plan: &Plan, rows: &mut Rows<'_>, store: &mut dyn Store, into: &str, delivered: &mut Delivered) -> Outcome<u64> {
    let (mut rows_in, mut held) = (0_u64, 0_u64);
    let Rows { stream, hold, .. } = rows;
    let mut feed = |each: Each<'_>| {
        (*stream)(&mut |batch: RecordBatch| {
            order.cancel.check()?;
            let fitted = fit::fit(order, plan, &batch, rows_in + 1)?;
            rows_in += batch.num_rows() as u64;
            held += fitted.held.len() as u64;
            if !fitted.held.is_empty() {
                (*hold)(fitted.held)?;
            }
            if fitted.batch.num_rows() > 0 {
                each(fitted.batch)?;
            }
            order.progress.update(|p| p.rows = rows_in);
            Ok(())
        })
    };
    let taken = store.load(into, &plan.columns, &mut feed)?;
    delivered.rows_in = rows_in;
    delivered.held = held;
    Ok(taken)
}

/// Fails before anything is visible when the database took other rows than it was given.
fn demand_all(order: &Order<'_>, given: u64, taken: u64) -> Outcome<()> {
    if given == taken {
        return Ok(());
    }
    Err(Problem::new(Code::LawBroken, format!("{} did not take all of its rows", order.table))
        .in_file(super::shown(order.connection))
        .why(format!("{given} rows were given, {taken} are accounted for"))
        .next("nothing was written; look for a trigger or a rule of the table that leaves rows out"))
}

fn demand_privileges(order: &Order<'_>, standing: &Standing) -> Outcome<()> {
    let needed: &[&str] = match order.mode {
        WriteMode::Append => &["INSERT"],
        WriteMode::Upsert => &["SELECT", "INSERT", "UPDATE"],
        WriteMode::Replace => &["SELECT", "INSERT", "UPDATE", "DELETE"],
    };
    let missing: Vec<&str> = needed.iter().copied().filter(|p| standing.denied.iter().any(|d| d == p)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(", ");
    Err(Problem::new(Code::Denied, format!("the user may not write to {}", order.table))
        .in_file(super::shown(order.connection))
        .why(format!("to {} it, {list} is needed", order.mode.name()))
        .next(format!("ask the owner for the privilege: GRANT {list} ON {} TO …", order.table)))
}
