//! A SQL model into its table, or into a view.

use trommel_engine::sql::{ident, qualified};
use trommel_model::{Code, Materialise, ModelSpec, Outcome, Problem, RowCounts, SqlModel, StepRecord, TableName};
use trommel_workspace::state;

use super::checks::judge;
use super::context::Context;
use super::counts::{enforce, rows_of};
use super::schedule::Ended;
use super::{checks, held, publish, temp_dir};
use crate::federated::{Fetch, RemoteRead, Site, federate};
use crate::graph::{Node, QUARANTINE};
use crate::refs::{Origin, Resolved};

/// Runs the model.
pub(super) fn sql(context: &Context<'_>, node: &Node<'_>, model: &ModelSpec, sql: &SqlModel, step: &mut StepRecord) -> Outcome<Ended> {
    let origin = Origin { path: &model.path, first_line: sql.first_line, sql: &sql.sql };
    let resolved = node.resolved.as_ref().ok_or_else(|| Problem::new(Code::Internal, format!("{} has no SQL", node.name)))?;
    stand_in_for_empty_quarantines(context, resolved)?;
    if !node.remotes.is_empty() {
        return remote(context, node, origin, resolved, step);
    }
    let body = trommel_engine::sql::body(&resolved.sql);
    context.engine.describe(body).map_err(|p| resolved.explain(origin, p))?;
    match model.materialise {
        Materialise::View => view(context, node, body, step),
        Materialise::Table => table(context, node, body, &|p| resolved.explain(origin, p), step),
    }
}

/// A model that reads tables of databases: they stand in the engine while it is made.
fn remote(context: &Context<'_>, node: &Node<'_>, origin: Origin<'_>, resolved: &Resolved, step: &mut StepRecord) -> Outcome<Ended> {
    let label = format!("remote_{}_{}", node.name.layer, node.name.table);
    let site = Site {
        root: &context.workspace.root,
        connections: &context.workspace.config.connections,
        folder: temp_dir(&state(context.workspace), &context.id).join(&label),
        prefix: label,
        cancel: context.cancel,
        progress: context.progress,
    };
    let explain = |p: Problem| if p.snippet.is_some() { resolved.explain(origin, p) } else { p };
    let federated = federate(&site, &context.engine, &resolved.sql, &node.remotes, Fetch::Rows).map_err(explain)?;
    step.notes.extend(federated.reads.iter().map(RemoteRead::summary));
    let body = trommel_engine::sql::body(&federated.sql).to_owned();
    table(context, node, &body, &|p| explain(federated.explain(p)), step)
}

/// The rows of a query as the model's table.
fn table(
    context: &Context<'_>,
    node: &Node<'_>,
    body: &str,
    explain: &dyn Fn(Problem) -> Problem,
    step: &mut StepRecord,
) -> Outcome<Ended> {
    let (file, schema, measured) = context.lake.copy(&context.engine, &node.name, body, context.cancel).map_err(explain)?;
    step.counts = measured.row_counts()?;
    step.peak_bytes = measured.peak_bytes;
    let done = checks::settle(context, node, file.into_iter().collect(), &schema, step)?;
    enforce(step, rows_of(&done.files))?;
    let mut publish = publish::begin(context);
    publish::replace(&mut publish, &node.name, &schema, done.files);
    publish::replace_held(context, &mut publish, &node.name, done.held)?;
    publish::commit(context, publish, node).map(Ended::Published)
}

/// A view has no rows of its own to count; its checks look at what it gives now.
pub(super) fn view(context: &Context<'_>, node: &Node<'_>, sql: &str, step: &mut StepRecord) -> Outcome<Ended> {
    if let Some(check) = node.checks().iter().find(|c| c.action.holds_rows()) {
        return Err(Problem::new(Code::BadConfig, format!("{} is a view and cannot hold rows back", node.name))
            .in_file(node.path())
            .why(format!("{} has the action {}", check.label(), check.action.name()))
            .next("set materialise = \"table\", or the action to warn or fail"));
    }
    judge(context, node, sql, node.checks(), step)?;
    step.counts = RowCounts::default();
    step.notes.push("a view: computed whenever it is read".to_owned());
    let mut publish = publish::begin(context);
    publish.view(&node.name, sql);
    publish::commit(context, publish, node).map(Ended::Published)
}

/// A model may read a quarantine in which nothing was ever held; it is an empty table to it.
fn stand_in_for_empty_quarantines(context: &Context<'_>, resolved: &Resolved) -> Outcome<()> {
    for table in resolved.tables.iter().map(|t| &t.name).filter(|t| t.layer == QUARANTINE) {
        if !context.exists(table)? {
            let columns = held::schema().fields().iter().map(|f| null_column(f)).collect::<Vec<_>>().join(", ");
            let name: &TableName = table;
            let sql = format!(
                "create schema if not exists {}; create or replace view {} as select {columns} where false",
                ident(&name.layer),
                qualified(name)
            );
            context.engine.execute(&sql, context.cancel)?;
        }
    }
    Ok(())
}

fn null_column(field: &arrow::datatypes::Field) -> String {
    let sql_type = if field.name() == "line" { "bigint" } else { "varchar" };
    format!("cast(null as {sql_type}) as {}", ident(field.name()))
}
