//! A subject written into a table of a database, by hand.

use std::sync::Arc;

use arrow::array::RecordBatch;
use trommel_app::{News, TargetTable, Written};
use trommel_connectors::database::write::{Order, Rows, write};
use trommel_model::{Code, OnMisfit, Outcome, Problem, QuarantinedRow, Workspace};

use super::connections::connection;
use crate::relation::Relation;
use crate::worker::Task;

/// Writes all rows, or none. Whoever does it has named the connection, so a `prod` one needs no other word.
pub(super) fn to_table(task: &Task, workspace: Option<&Arc<Workspace>>, relation: &Relation, target: &TargetTable) -> Outcome<News> {
    let workspace = workspace.ok_or_else(|| Problem::new(Code::NotAWorkspace, "no workspace is open"))?;
    let connection = connection(workspace, &target.connection)?;
    let engine = &relation.desk.engine;
    let sql = trommel_pipeline::outgoing(engine, &relation.sql, false)?;
    let schema = engine.stream(&format!("{sql} limit 0"), &task.cancel, &mut |_| Ok(()))?;
    // By hand it is meant each time, so each time is a batch of its own.
    let moment = jiff::Timestamp::now();
    let run = moment.strftime("%Y%m%d-%H%M%S-hand").to_string();
    let order = Order {
        root: &workspace.root,
        connection,
        table: &target.table,
        mode: target.mode,
        key: &target.key,
        on_bad: OnMisfit::Fail,
        sink: "",
        writer: &format!("{}/{}/by hand/{}", workspace.config.name, workspace.environment, target.table),
        run: &run,
        batch: &moment.as_nanosecond().to_string(),
        cancel: &task.cancel,
        progress: &task.progress,
    };
    let mut stream = |each: &mut dyn FnMut(RecordBatch) -> Outcome<()>| engine.stream(&sql, &task.cancel, each).map(drop);
    let mut hold = |_: Vec<QuarantinedRow>| Ok(());
    let delivered = write(&order, &mut Rows { schema, stream: &mut stream, hold: &mut hold })?;
    let mut notes = relation.notes.clone();
    notes.extend(delivered.notes);
    let table = Some(format!("{} at {}", target.table, target.connection));
    Ok(News::Written(Written { files: Vec::new(), table, rows: delivered.rows_out, notes }))
}
