//! Steps in parallel, each after those it depends on.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use crossbeam_channel::{Sender, unbounded};
use trommel_model::{Code, Outcome, Plan, Problem, RunEvent, RunRecord, StepRecord, StepStatus};
use trommel_workspace::Ledger;

use super::context::Context;
use super::{checks, ingest, line, matching, profiles, recipe_step, sink_step, sql_step};
use crate::graph::{Maker, Node};
use crate::plan::decide;

/// How a step that did not fail ended.
pub(super) enum Ended {
    /// It published this snapshot.
    Published(u64),
    /// There was nothing to do after all, and why.
    Unchanged(String),
}

/// What a step tells while it goes on and when it is done.
enum Word {
    /// Its record, changed.
    Done(usize, StepRecord, Option<u64>),
}

/// Carries the plan out. Events, ledger and log are written by the calling thread alone, in the order in which
/// things happened. Fails only when the ledger cannot be written.
pub(super) fn carry_out(
    context: &Context<'_>,
    plan: &Plan,
    record: &mut RunRecord,
    ledger: &Ledger,
    tell: &(dyn Fn(RunEvent) + Sync),
) -> Outcome<()> {
    let id = record.id.clone();
    let note = |step: Option<&str>, text: String| -> Outcome<()> {
        let line = line(step, text);
        ledger.log(&id, &line)?;
        tell(RunEvent::Log(line));
        Ok(())
    };
    for step in record.steps.iter_mut().filter(|s| s.status == StepStatus::Skipped) {
        let known = step.checks.len();
        if let Err(problem) = checks::look_at_age(context, step) {
            if problem.code == Code::Interrupted {
                break;
            }
            step.status = StepStatus::Failed;
            step.problem = Some(problem);
        }
        if step.checks.len() > known || step.problem.is_some() {
            ledger.step(&id, step)?;
            tell(RunEvent::Step(step.clone()));
        }
    }
    let at_once = context.request.threads.max(1);
    let (send, words) = unbounded::<Word>();
    std::thread::scope(|scope| {
        let mut running = 0;
        loop {
            cancel_those_without_hope(context, plan, record, |step| {
                ledger.step(&id, step)?;
                tell(RunEvent::Step(step.clone()));
                Ok(())
            })?;
            while running < at_once && !context.cancel.is_raised() {
                let Some(at) = next(plan, record) else { break };
                let step = &mut record.steps[at];
                step.status = StepStatus::Running;
                ledger.step(&id, step)?;
                tell(RunEvent::Step(step.clone()));
                note(Some(&step.name), format!("begun: {}", plan.steps[at].why))?;
                let (send, step) = (send.clone(), step.clone());
                scope.spawn(move || work(context, at, step, &send));
                running += 1;
            }
            if running == 0 {
                return Ok(());
            }
            // A step always answers: its panics are caught, and the wish to stop reaches it.
            let Ok(Word::Done(at, step, snapshot)) = words.recv() else { return Ok(()) };
            running -= 1;
            for text in &step.notes {
                note(Some(&step.name), text.clone())?;
            }
            note(Some(&step.name), ending(&step))?;
            record.snapshot = record.snapshot.max(snapshot);
            ledger.step(&id, &step)?;
            tell(RunEvent::Step(step.clone()));
            record.steps[at] = step;
        }
    })
}

/// The first waiting step whose needs are met.
fn next(plan: &Plan, record: &RunRecord) -> Option<usize> {
    (0..plan.steps.len()).find(|i| {
        record.steps[*i].status == StepStatus::Waiting
            && needs(plan, record, *i).all(|s| matches!(s.status, StepStatus::Done | StepStatus::Skipped))
    })
}

fn needs<'a>(plan: &'a Plan, record: &'a RunRecord, at: usize) -> impl Iterator<Item = &'a StepRecord> {
    record.steps.iter().filter(move |s| plan.steps[at].depends_on.contains(&s.name))
}

/// Steps that wait for one that failed will never run; after the wish to stop none will.
fn cancel_those_without_hope(
    context: &Context<'_>,
    plan: &Plan,
    record: &mut RunRecord,
    mut changed: impl FnMut(&StepRecord) -> Outcome<()>,
) -> Outcome<()> {
    // Plan order: a step stands after those it depends on, so one pass reaches them all.
    for at in 0..plan.steps.len() {
        if record.steps[at].status != StepStatus::Waiting {
            continue;
        }
        let lost = needs(plan, record, at).find(|s| matches!(s.status, StepStatus::Failed | StepStatus::Cancelled));
        let why = match lost {
            _ if context.cancel.is_raised() => "interrupted before it began".to_owned(),
            Some(lost) => format!("{} {}", lost.name, if lost.status == StepStatus::Failed { "failed" } else { "was cancelled" }),
            None => continue,
        };
        let step = &mut record.steps[at];
        step.status = StepStatus::Cancelled;
        step.notes.push(why);
        changed(step)?;
    }
    Ok(())
}

/// One step from beginning to end, on a thread of its own. A panic in a parser or an engine ends the step, not the run.
fn work(context: &Context<'_>, at: usize, mut step: StepRecord, send: &Sender<Word>) {
    let begun = Instant::now();
    let done = catch_unwind(AssertUnwindSafe(|| make(context, &mut step))).unwrap_or_else(|panic| Err(panicked(panic.as_ref())));
    step.elapsed_ms = begun.elapsed().as_millis() as u64;
    let mut snapshot = None;
    match done {
        Ok(Ended::Published(at)) => {
            step.status = StepStatus::Done;
            snapshot = Some(at);
        }
        Ok(Ended::Unchanged(why)) => {
            step.status = StepStatus::Skipped;
            step.notes.push(why);
        }
        Err(problem) if problem.code == Code::Interrupted && context.cancel.is_raised() => {
            step.status = StepStatus::Cancelled;
            step.problem = Some(problem);
        }
        Err(problem) => {
            step.status = StepStatus::Failed;
            step.problem = Some(problem);
        }
    }
    // The receiver outlives every step.
    let _ = send.send(Word::Done(at, step, snapshot));
}

fn make(context: &Context<'_>, step: &mut StepRecord) -> Outcome<Ended> {
    context.cancel.check()?;
    let node = context.graph.nodes.iter().find(|n| n.name.to_string() == step.name);
    let node = node.ok_or_else(|| Problem::new(Code::Internal, format!("step {} is not in the graph", step.name)))?;
    if let Some(why) = unchanged(context, node)? {
        checks::look_at_age(context, step)?;
        return Ok(Ended::Unchanged(why));
    }
    context.attach()?;
    context.progress.update(|p| *p = trommel_model::Progress { doing: format!("making {}", node.name), ..Default::default() });
    let ended = match node.maker {
        Maker::Source(source) => ingest::ingest(context, node, source, step),
        Maker::Sink(sink) => sink_step::write(context, node, sink, step),
        Maker::Model(model) => match &model.kind {
            trommel_model::ModelKind::Sql(sql) => sql_step::sql(context, node, model, sql, step),
            trommel_model::ModelKind::Recipe(recipe) => recipe_step::recipe(context, node, model, recipe, step),
            trommel_model::ModelKind::Match(spec) => matching::matching(context, node, spec, step),
        },
    }?;
    match ended {
        Ended::Published(_) => profiles::keep(context, node, step),
        Ended::Unchanged(_) => checks::look_at_age(context, step)?,
    }
    Ok(ended)
}

/// A model was planned because an input was going to change; when the input came out the same, so does the model.
fn unchanged(context: &Context<'_>, node: &Node<'_>) -> Outcome<Option<String>> {
    if context.request.full_refresh || matches!(node.maker, Maker::Source(_)) {
        return Ok(None);
    }
    let (decision, why) = decide(context.workspace, context.graph, context.lake, node, &std::collections::BTreeSet::new())?;
    Ok((decision == trommel_model::Decision::Skip).then_some(why))
}

fn panicked(panic: &(dyn Any + Send)) -> Problem {
    let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    Problem::new(Code::Internal, "the step broke down")
        .why(said.unwrap_or("no reason is known").to_owned())
        .next("nothing of it was published; please report this")
}

fn ending(step: &StepRecord) -> String {
    let c = &step.counts;
    let seconds = step.elapsed_ms as f64 / 1000.0;
    match (&step.status, &step.problem) {
        (StepStatus::Done, _) => {
            let mut text = format!("done in {seconds:.1} s: {} rows in, {} out", c.rows_in, c.rows_out);
            for (rows, what) in [(c.filtered, "filtered"), (c.merged, "merged"), (c.expanded, "expanded"), (c.quarantined, "held")] {
                if rows > 0 {
                    text.push_str(&format!(", {rows} {what}"));
                }
            }
            text
        }
        (status, Some(problem)) => format!("{}: {problem}", status.name()),
        (status, None) => status.name().to_owned(),
    }
}
