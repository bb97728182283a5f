//! KPIs before and after a match, worked out in an engine of their own; nothing is published.

use arrow::array::RecordBatch;
use trommel_engine::sql::{ident, literal, qualified};
use trommel_engine::{Access, Engine, Limits};
use trommel_model::{Beside, Code, KpiImpact, KpiSpec, MatchSpec, ModelSpec, Outcome, Problem, TableName, Workspace};

use crate::desk;
use crate::worker::Task;

/// What a match makes: golden records and the crosswalk.
pub(super) struct Made {
    pub golden: Vec<RecordBatch>,
    pub crosswalk: Vec<RecordBatch>,
}

/// Works KPIs out on the lake as it is, with each record an entity of its own, and with what a match made.
pub(super) fn impact(
    task: &Task,
    workspace: &Workspace,
    model: &ModelSpec,
    spec: &MatchSpec,
    kpis: &[&KpiSpec],
    made: Made,
) -> Outcome<Vec<KpiImpact>> {
    let lake = desk::open_lake(workspace)?;
    let snapshot = lake.latest()?;
    let built: Vec<TableName> = lake.tables(snapshot)?.into_iter().map(|t| t.name).collect();
    let graph = trommel_pipeline::graph(workspace, &built)?;
    let state = desk::state(workspace);
    let temp_dir = state.dir.join("cache").join(format!("impact-{}-{}", std::process::id(), task.ticket.0));
    let limits = Limits {
        memory_bytes: desk::memory_budget(Some(workspace))? / 2,
        threads: desk::threads(task, Some(workspace)),
        temp_dir: temp_dir.clone(),
    };
    let engine = Engine::open(&limits, &Access::Locked(vec![lake.data_dir().to_owned(), temp_dir.clone()]))?;
    lake.attach(&engine, snapshot)?;
    let mut impacts: Vec<KpiImpact> =
        kpis.iter().map(|kpi| KpiImpact { kpi: kpi.name.clone(), before: total(task, &engine, kpi), ..KpiImpact::default() }).collect();

    let crosswalk = spec.tables_beside(&model.name).into_iter().find(|(_, beside)| *beside == Beside::Crosswalk).map(|(table, _)| table);
    let crosswalk = crosswalk.ok_or_else(|| Problem::new(Code::Internal, "a match has no crosswalk"))?;
    let replaced = [model.name.clone(), crosswalk.clone()];
    let worked_out = |impacts: &mut [KpiImpact], after: bool| -> Outcome<()> {
        for (impact, kpi) in impacts.iter_mut().zip(kpis) {
            let from: TableName = kpi.from.parse()?;
            let by = trommel_pipeline::follow(&engine, &graph, &replaced, &from, &task.cancel)?;
            let value = Some(trommel_metrics::values(&engine, kpi, &task.cancel)?.total.unwrap_or(f64::NAN)).filter(|v| v.is_finite());
            if after {
                (impact.after, impact.by) = (value, by);
            } else {
                impact.unmatched = value;
            }
        }
        Ok(())
    };
    let schema = made.golden.first().map(RecordBatch::schema);
    let columns: Vec<String> = schema.iter().flat_map(|s| s.fields().iter().skip(2).map(|f| ident(f.name())).collect::<Vec<_>>()).collect();
    alone(task, &engine, spec, &columns, &replaced)?;
    worked_out(&mut impacts, false)?;
    for (table, batches) in replaced.iter().zip([made.golden, made.crosswalk]) {
        clear(task, &engine, table)?;
        engine.put(&table.to_string(), batches)?;
    }
    worked_out(&mut impacts, true)?;
    drop(engine);
    let _ = std::fs::remove_dir_all(&temp_dir);
    Ok(impacts)
}

/// A KPI on the lake as it is; none when what it is about has not been made yet.
fn total(task: &Task, engine: &Engine, kpi: &KpiSpec) -> Option<f64> {
    trommel_metrics::values(engine, kpi, &task.cancel).ok()?.total
}

/// Each record as an entity of its own, in place of what the match makes.
fn alone(task: &Task, engine: &Engine, spec: &MatchSpec, columns: &[String], [golden, crosswalk]: &[TableName; 2]) -> Outcome<()> {
    let from: TableName = spec.from.parse()?;
    let source = spec.source.as_ref().map_or_else(|| literal(""), |s| format!("coalesce(cast({} as varchar), '')", ident(s)));
    let entity = format!("concat({source}, ':', {})", ident(&spec.id));
    for table in [golden, crosswalk] {
        clear(task, engine, table)?;
    }
    let text = format!(
        "create table {} as select {entity} as entity_id, cast(1 as bigint) as entity_size, {} from {from};
         create table {} as select distinct {source} as source, {} as id, {entity} as entity_id from {from}",
        qualified(golden),
        columns.join(", "),
        qualified(crosswalk),
        ident(&spec.id),
        from = qualified(&from),
    );
    engine.execute(&text, &task.cancel)
}

/// Takes a name away, whatever it stands for.
fn clear(task: &Task, engine: &Engine, table: &TableName) -> Outcome<()> {
    let is = format!(
        "select table_type from information_schema.tables where table_schema = {} and table_name = {}",
        literal(&table.layer),
        literal(&table.table)
    );
    let found = engine.window(&is, &[], None, 0, 1, &task.cancel)?;
    let kind = found.rows.first().and_then(|row| row.first()).map(trommel_model::Cell::text);
    engine.execute(&format!("create schema if not exists {}", ident(&table.layer)), &task.cancel)?;
    match kind.as_deref() {
        None => Ok(()),
        Some("VIEW") => engine.execute(&format!("drop view {}", qualified(table)), &task.cancel),
        Some(_) => engine.execute(&format!("drop table {}", qualified(table)), &task.cancel),
    }
}
