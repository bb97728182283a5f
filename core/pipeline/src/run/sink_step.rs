//! Rows of the lake written back to a database or a file.
//!
//! The target keeps account of what was written, under a name that is the same whenever the same rows are written; the
//! lake notes it afterwards. A run that dies between the two finds the account and writes nothing twice.

use std::collections::BTreeMap;
use std::path::PathBuf;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use sha2::{Digest, Sha256};
use trommel_connectors::database::write::{Delivered, Order, Rows, write as write_table};
use trommel_connectors::write::{Export, Writer, format_of};
use trommel_connectors::{is_position, partitioned};
use trommel_engine::sql::{ident, qualified};
use trommel_engine::{Engine, failpoint};
use trommel_model::{Code, ConnectionSpec, DataType, Outcome, Problem, QuarantinedRow, SinkSpec, StepRecord, TableName, WriteMode};

use super::context::Context;
use super::held::Held;
use super::publish;
use super::schedule::Ended;
use crate::changes::sink_connection;
use crate::fingerprint::Fingerprint;
use crate::graph::Node;
use crate::refs::Origin;

/// Times that a write is tried when the connection is cut on the way.
const TRIES: u32 = 2;

/// Writes a sink.
pub(super) fn write(context: &Context<'_>, node: &Node<'_>, sink: &SinkSpec, step: &mut StepRecord) -> Outcome<Ended> {
    let connection = sink_connection(context.workspace, sink)?;
    let sql = select(context, node, sink)?;
    let held = if let Some(connection) = connection.filter(|c| c.kind.is_database()) {
        to_table(context, node, sink, connection, &sql, step)?
    } else {
        to_file(context, node, sink, connection, &sql, step)?;
        Vec::new()
    };
    step.counts.enforce(&step.name)?;
    failpoint::hit("sink-written")?;
    let mut publish = publish::begin(context);
    publish::replace_held(context, &mut publish, &node.name, held)?;
    publish::commit(context, publish, node).map(Ended::Published)
}

/// The SELECT of what is written: types that other systems do not have become text or JSON, and the columns that say
/// where a raw row came from stay here.
fn select(context: &Context<'_>, node: &Node<'_>, sink: &SinkSpec) -> Outcome<String> {
    let inner = match (&sink.from, &node.resolved, &sink.query) {
        (Some(from), _, _) => format!("select * from {}", qualified(&from.parse::<TableName>()?)),
        (None, Some(resolved), Some(query)) => {
            let origin = Origin { path: &sink.file(), first_line: sink.query_line, sql: query };
            let body = trommel_engine::sql::body(&resolved.sql);
            context.engine.describe(body).map_err(|p| resolved.explain(origin, p))?;
            body.to_owned()
        }
        _ => return Err(Problem::new(Code::Internal, format!("{} has nothing to write", node.name))),
    };
    outgoing(&context.engine, &inner, sink.query.is_some())
}

/// The SELECT of a query's rows as other systems take them. `positions` keeps the columns that say where a raw row came from.
pub fn outgoing(engine: &Engine, query: &str, positions: bool) -> Outcome<String> {
    let schema = engine.describe(query)?;
    let columns: Vec<String> = schema
        .fields
        .iter()
        .filter(|f| positions || !is_position(&f.name))
        .map(|f| {
            let name = ident(&f.name);
            match &f.data_type {
                DataType::List(_) | DataType::Struct(_) => format!("to_json({name}) as {name}"),
                DataType::Interval | DataType::Other(_) => format!("cast({name} as varchar) as {name}"),
                _ => name,
            }
        })
        .collect();
    Ok(format!("select {} from ({query}\n)", columns.join(", ")))
}

/// Into a table of a database. Gives the files of the rows that were held.
fn to_table(
    context: &Context<'_>,
    node: &Node<'_>,
    sink: &SinkSpec,
    connection: &ConnectionSpec,
    sql: &str,
    step: &mut StepRecord,
) -> Outcome<Vec<trommel_engine::lake::DataFile>> {
    let table = sink.table.as_deref().ok_or_else(|| Problem::new(Code::BadConfig, "the sink names no table").in_file(sink.file()))?;
    let writer = format!("{}/{}/{}", context.workspace.config.name, context.workspace.environment, sink.name);
    let batch = batch(context, node, sink)?;
    let order = Order {
        root: &context.workspace.root,
        connection,
        table,
        mode: sink.mode,
        key: &sink.key,
        on_bad: sink.on_bad,
        sink: &sink.name,
        writer: &writer,
        run: &context.id.0,
        batch: &batch,
        cancel: context.cancel,
        progress: context.progress,
    };
    for tried in 1.. {
        let mut held = Held::new(context.lake, &node.name, &context.id, None);
        match attempt(context, &order, sql, &mut held) {
            Err(problem) if problem.code == Code::Connection && tried < TRIES => {
                publish::discard(context, held.finish()?);
                context.cancel.check()?;
                step.notes.push(format!("tried again: {problem}"));
            }
            Err(problem) => {
                publish::discard(context, held.finish()?);
                return Err(problem);
            }
            Ok(delivered) => return settle(delivered, held, step),
        }
    }
    Err(Problem::new(Code::Internal, format!("{} was never tried", node.name)))
}

fn settle(delivered: Delivered, held: Held<'_>, step: &mut StepRecord) -> Outcome<Vec<trommel_engine::lake::DataFile>> {
    step.counts.rows_in = delivered.rows_in;
    step.counts.rows_out = delivered.rows_out;
    step.counts.quarantined = held.rows();
    if delivered.held != held.rows() {
        return Err(Problem::new(Code::LawBroken, format!("step {} does not account for all of its rows", step.name)).why(format!(
            "{} rows were counted as held, {} were kept",
            delivered.held,
            held.rows()
        )));
    }
    step.notes.extend(delivered.notes);
    if let Some(run) = delivered.before {
        step.notes.push(format!("these rows were written by run {run} already; nothing was written twice"));
    }
    held.finish()
}

fn attempt(context: &Context<'_>, order: &Order<'_>, sql: &str, held: &mut Held<'_>) -> Outcome<Delivered> {
    let schema = columns(context, sql)?;
    let mut stream = |each: &mut dyn FnMut(RecordBatch) -> Outcome<()>| context.engine.stream(sql, context.cancel, each).map(drop);
    let mut hold = |rows: Vec<QuarantinedRow>| held.add(rows);
    write_table(order, &mut Rows { schema, stream: &mut stream, hold: &mut hold })
}

fn columns(context: &Context<'_>, sql: &str) -> Outcome<SchemaRef> {
    context.engine.stream(&format!("{sql} limit 0"), context.cancel, &mut |_| Ok(()))
}

/// Names what is written: the sink's text and every run that made an input. When everything is asked for anew, a table
/// that is replaced is replaced anew; rows that are added are not added twice for it.
fn batch(context: &Context<'_>, node: &Node<'_>, sink: &SinkSpec) -> Outcome<String> {
    let fingerprint = context.fingerprint(node)?;
    let mut makers: BTreeMap<String, String> = BTreeMap::new();
    for (table, snapshot) in &fingerprint.inputs {
        let account = context.graph.maker_of(table).map_or(table, |maker| &maker.name);
        let facts = context.lake.table_facts(account)?;
        let run = facts.and_then(|f| Fingerprint::from_text(&f.fingerprint)).map(|f| f.run).unwrap_or_default();
        makers.insert(table.to_string(), format!("{snapshot} {run}"));
    }
    let anew = if context.request.full_refresh && sink.mode != WriteMode::Append { context.id.0.as_str() } else { "" };
    let named = format!("{}\n{makers:?}\n{anew}", fingerprint.text);
    Ok(hex::encode(&Sha256::digest(named.as_bytes())[..16]))
}

/// Into a file, or into a folder of files.
fn to_file(
    context: &Context<'_>,
    node: &Node<'_>,
    sink: &SinkSpec,
    connection: Option<&ConnectionSpec>,
    sql: &str,
    step: &mut StepRecord,
) -> Outcome<()> {
    let path = place(context, sink, connection)?;
    context.progress.update(|p| p.doing = format!("writing {}", path.display()));
    let mut rows_in = 0;
    let mut count = |batch: &RecordBatch| {
        rows_in += batch.num_rows() as u64;
        context.progress.update(|p| p.rows = rows_in);
    };
    let written = if sink.partition.is_empty() {
        let format =
            format_of(&path).ok_or_else(|| Problem::new(Code::BadConfig, "the ending does not say what to write").in_file(sink.file()))?;
        let export = Export { format, raw: true, title: node.name.table.clone(), notes: evidence(context, sink) };
        let mut writer = Writer::to_file(&path, &export)?;
        let schema = context.engine.stream(sql, context.cancel, &mut |batch| {
            count(&batch);
            writer.write(&batch)
        })?;
        context.cancel.check()?;
        writer.finish(&schema)?
    } else {
        let mut writer =
            partitioned::Writer::create(&path, &columns(context, sql)?, &sink.partition).map_err(|p| p.in_file(sink.file()))?;
        // Rows of one partition come together, so that one file is open at a time.
        let by: Vec<String> = sink.partition.iter().map(|name| ident(name)).collect();
        let sql = format!("{sql} order by {}", by.join(", "));
        context.engine.stream(&sql, context.cancel, &mut |batch| {
            count(&batch);
            writer.write(&batch)
        })?;
        context.cancel.check()?;
        writer.finish()?
    };
    step.counts.rows_in = rows_in;
    step.counts.rows_out = written.rows;
    step.notes.extend(written.notes);
    Ok(())
}

/// Where the file goes, its folders made.
fn place(context: &Context<'_>, sink: &SinkSpec, connection: Option<&ConnectionSpec>) -> Outcome<PathBuf> {
    let path = sink.path.as_deref().ok_or_else(|| Problem::new(Code::BadConfig, "the sink names no file").in_file(sink.file()))?;
    let root = &context.workspace.root;
    let folder = connection.map_or_else(|| root.clone(), |c| root.join(&c.path));
    let path = folder.join(path);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|e| Problem::from_io(&e, "make the folder", parent))?;
        // A link may lead out of the folder, whatever the path says.
        let (real, within) = (parent.canonicalize(), folder.canonicalize());
        if !matches!((real, within), (Ok(real), Ok(within)) if real.starts_with(&within)) {
            return Err(Problem::new(Code::BadConfig, "the path leads out of its folder by a link").in_file(sink.file()));
        }
    }
    Ok(path)
}

/// What the notes sheet of a workbook says.
fn evidence(context: &Context<'_>, sink: &SinkSpec) -> Vec<(String, String)> {
    let workspace = context.workspace;
    vec![
        ("Written by".to_owned(), format!("Trommel {}", env!("CARGO_PKG_VERSION"))),
        ("Workspace".to_owned(), format!("{} ({})", workspace.config.name, workspace.environment)),
        ("Source".to_owned(), sink.from.clone().or_else(|| sink.query.clone()).unwrap_or_default()),
        ("Run".to_owned(), context.id.0.clone()),
    ]
}
