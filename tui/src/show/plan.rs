//! A plan: what a run would do, and why.

use trommel_model::{Decision, Plan};

use super::{Head, TextTable};
use crate::paint::{Line, Room};

pub(crate) fn plan(plan: &Plan, room: Room) -> Vec<Line> {
    let mut table =
        TextTable::new(vec![Head::left("step").at_least(28), Head::left("kind").rank(1), Head::left("would").whole(), Head::left("why")]);
    for step in &plan.steps {
        let would = match step.decision {
            Decision::Run => Line::new().accent("run"),
            Decision::Skip => Line::new().muted("skip"),
        };
        table.row(vec![Line::new().plain(&step.name), Line::new().muted(step.kind.name()), would, Line::new().plain(&step.why)]);
    }
    table.lines(room).lines
}

/// `5 steps would run, 2 have nothing new`.
pub(crate) fn summary(plan: &Plan) -> String {
    let run = plan.steps.iter().filter(|s| s.decision == Decision::Run).count();
    let skip = plan.steps.len() - run;
    let steps = if run == 1 { "step" } else { "steps" };
    match (run, skip) {
        (0, 0) => "there is nothing to run: the workspace has no sources and no models".to_owned(),
        (0, _) => "nothing would run: everything is up to date".to_owned(),
        (_, 0) => format!("{run} {steps} would run"),
        (_, 1) => format!("{run} {steps} would run, 1 has nothing new"),
        (_, _) => format!("{run} {steps} would run, {skip} have nothing new"),
    }
}
