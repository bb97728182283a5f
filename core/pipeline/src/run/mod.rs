//! A run: the plan carried out, each step published by itself.
//!
//! What always holds:
//! - A step publishes its table, its held rows, what it read and its fingerprint in one snapshot, or nothing.
//! - Before it publishes, its rows are accounted for: in + expanded = out + filtered + merged + quarantined, and
//!   *out* is the number of rows in the files that were written.
//! - A failed step takes those that need it with it and no others.
//! - Nothing is published after the wish to stop was seen; what a killed run leaves behind no snapshot names.

mod checks;
mod context;
mod counts;
mod held;
mod ingest;
mod late;
mod matching;
mod profiles;
mod publish;
mod recipe_step;
mod schedule;
mod sink_step;
mod sql_step;

#[cfg(test)]
mod late_tests;
#[cfg(test)]
mod match_tests;
#[cfg(test)]
mod sink_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod turning_tests;

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use jiff::Timestamp;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use trommel_engine::lake::Lake;
use trommel_engine::{Access, Engine, Limits, failpoint};
use trommel_model::{
    Cancel, Code, Decision, LogLine, Outcome, Plan, Problem, ProgressSlot, ReadRange, RowCounts, RunEvent, RunId, RunRecord, RunStatus,
    StepRecord, StepStatus, Workspace,
};
use trommel_workspace::{Ledger, State, lock, new_run_id, state};

use self::context::{Context, SCRATCH};
pub(crate) use self::late::parents;
pub use self::matching::Expressions;
pub(crate) use self::matching::readable_expressions;
pub use self::sink_step::outgoing;

use crate::changes::sink_connection;
use crate::graph::{Graph, Maker};
use crate::plan::{graph_of, plan_of};

/// What is asked of a run.
#[derive(Debug, Clone)]
pub struct RunRequest {
    /// Steps as `plan` understands them; empty means all.
    pub select: Vec<String>,
    /// Everything is read and made again.
    pub full_refresh: bool,
    /// Connections marked `prod` that may be written to: each has to be named.
    pub confirmed: Vec<String>,
    /// Only this part of the sources is read, again.
    pub range: Option<ReadRange>,
    /// Threads the run may use.
    pub threads: usize,
    /// Memory the engine may use, in bytes; beyond it the engine spills to disk. Connectors and matches hold
    /// their buffers on top; see `StepRecord::peak_bytes`.
    pub memory_bytes: u64,
}

/// Files that no snapshot names and that are older than this are left from killed runs.
const ORPHANS_AFTER: Duration = Duration::from_hours(1);

/// Runs what has to be run. A failed step is told by the record, not by an error; errors are for runs that could not
/// begin: a faulty workspace, a held lock, a broken ledger.
///
/// `tell` is called from the thread that called `run`, in order.
pub fn run(
    workspace: &Workspace,
    request: &RunRequest,
    cancel: &Cancel,
    progress: &ProgressSlot,
    tell: &(dyn Fn(RunEvent) + Sync),
) -> Outcome<RunRecord> {
    let state = state(workspace);
    let lock = lock(&state, "trommel run")?;
    let lake = Lake::open(&state.dir)?;
    let ledger = Ledger::open(&state)?;
    let graph = graph_of(workspace, &lake)?;
    let plan = plan_of(workspace, &lake, &graph, &request.select, request.full_refresh, request.range.as_ref(), cancel)?;
    demand_confirmed(workspace, &graph, &plan, &request.confirmed)?;

    let mut record = RunRecord {
        id: new_run_id(Timestamp::now(), &mut random()),
        environment: workspace.environment.clone(),
        status: RunStatus::Running,
        started_at: now(),
        ended_at: None,
        snapshot: None,
        steps: plan.steps.iter().map(waiting).collect(),
        problem: None,
    };
    ledger.begin(&record)?;
    tell(RunEvent::Started(record.clone()));
    failpoint::hit("run-begun")?;

    let temp_dir = temp_dir(&state, &record.id);
    let ended = engine(&lake, request, &temp_dir).and_then(|engine| {
        let _ = lake.clean(ORPHANS_AFTER);
        let context = Context::new(workspace, request, &graph, &lake, &ledger, engine, record.id.clone(), lock.fence, cancel, progress);
        schedule::carry_out(&context, &plan, &mut record, &ledger, tell)
    });
    let _ = std::fs::remove_dir_all(&temp_dir);
    settle(&mut record, ended, cancel);
    failpoint::hit("run-ending")?;
    ledger.end(&record)?;
    tell(RunEvent::Ended(record.clone()));
    drop(lock);
    Ok(record)
}

/// Refuses a run that would write to a connection marked `prod` which nobody named.
fn demand_confirmed(workspace: &Workspace, graph: &Graph<'_>, plan: &Plan, confirmed: &[String]) -> Outcome<()> {
    let running = plan.steps.iter().filter(|s| s.decision == Decision::Run);
    for node in running.filter_map(|s| graph.nodes.iter().find(|n| n.name.to_string() == s.name)) {
        let Maker::Sink(sink) = node.maker else { continue };
        if let Some(connection) = sink_connection(workspace, sink)?.filter(|c| c.prod && !confirmed.contains(&c.name)) {
            let name = &connection.name;
            return Err(Problem::new(
                Code::Denied,
                format!("{} {} {}, which is marked prod", node.name, sink.mode.verb(), sink.destination()),
            )
            .in_file(sink.file())
            .why("what is written there cannot be undone")
            .next(format!("run again with --confirm {name}, or leave the step out")));
        }
    }
    Ok(())
}

/// Random numbers for run ids. The standard library seeds its hash maps from the system; no more is needed here.
fn random() -> StdRng {
    StdRng::seed_from_u64(RandomState::new().build_hasher().finish())
}

/// A step that has not begun.
fn waiting(step: &trommel_model::PlanStep) -> StepRecord {
    StepRecord {
        name: step.name.clone(),
        kind: step.kind,
        status: if step.decision == Decision::Skip { StepStatus::Skipped } else { StepStatus::Waiting },
        counts: RowCounts::default(),
        elapsed_ms: 0,
        peak_bytes: 0,
        checks: Vec::new(),
        notes: if step.decision == Decision::Skip { vec![step.why.clone()] } else { Vec::new() },
        problem: None,
    }
}

fn engine(lake: &Lake, request: &RunRequest, temp_dir: &std::path::Path) -> Outcome<Engine> {
    let limits = Limits { memory_bytes: request.memory_bytes, threads: request.threads.max(1), temp_dir: temp_dir.to_owned() };
    let engine = Engine::open(&limits, &Access::Locked(vec![lake.data_dir().to_owned(), temp_dir.to_owned()]))?;
    engine.execute(&format!("create schema if not exists {SCRATCH}"), &Cancel::new())?;
    Ok(engine)
}

fn temp_dir(state: &State, run: &RunId) -> std::path::PathBuf {
    state.dir.join("cache").join(format!("run-{run}"))
}

/// Gives the run its end: what became of it is read off its steps.
fn settle(record: &mut RunRecord, ended: Outcome<()>, cancel: &Cancel) {
    let failed = record.steps.iter().find(|s| s.status == StepStatus::Failed).and_then(|s| s.problem.clone());
    let cancelled = cancel.is_raised() && record.steps.iter().any(|s| s.status == StepStatus::Cancelled);
    record.problem = ended.err().or(failed);
    record.status = match &record.problem {
        _ if cancelled => RunStatus::Cancelled,
        Some(_) => RunStatus::Failed,
        None if record.steps.iter().any(|s| s.counts.quarantined > 0) => RunStatus::Held,
        None => RunStatus::Done,
    };
    if cancelled {
        record.problem = Some(Problem::interrupted());
    }
    record.ended_at = Some(now());
}

/// The present time, RFC 3339 in UTC.
fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn line(step: Option<&str>, text: impl Into<String>) -> LogLine {
    LogLine { at: now(), step: step.map(str::to_owned), text: text.into() }
}
