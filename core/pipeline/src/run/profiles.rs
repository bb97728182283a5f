//! The profile of a table that was just published, kept for comparing: what changed since the run before?
//!
//! It is about a table that stands, so whatever goes wrong here is told and changes nothing about the step.

use trommel_connectors::is_position;
use trommel_engine::sql::{ident, qualified};
use trommel_model::{KeptProfile, Outcome, ProfileLevel, ProgressSlot, StepRecord};
use trommel_workspace::{keep_profile, state};

use super::context::Context;
use super::now;
use crate::graph::{Maker, Node};

/// Parts in which the values of rows are told apart for a sample.
const PARTS: u64 = 1 << 20;

/// Keeps the profile, or says in the step's notes why not.
pub(super) fn keep(context: &Context<'_>, node: &Node<'_>, step: &mut StepRecord) {
    if context.workspace.config.profiles.keep == 0 || matches!(node.maker, Maker::Sink(_)) {
        return;
    }
    if let Err(problem) = profiled(context, node)
        && !context.cancel.is_raised()
    {
        step.notes.push(format!("its profile is not kept: {problem}"));
    }
}

fn profiled(context: &Context<'_>, node: &Node<'_>) -> Outcome<()> {
    let keeping = context.workspace.config.profiles;
    context.attach()?;
    let schema = context.engine.describe(&format!("select * from {}", qualified(&node.name)))?;
    // Where a row stood in its file is no property of the data.
    let columns: Vec<String> = schema.names().filter(|name| !is_position(name)).map(ident).collect();
    if columns.is_empty() {
        return Ok(());
    }
    let whole = format!("select {} from {}", columns.join(", "), qualified(&node.name));
    let rows = context.engine.count(&whole, context.cancel)?;
    let (sql, sampled) = if keeping.rows > 0 && rows > keeping.rows {
        (sample(&whole, &columns, keeping.rows as f64 / rows as f64), true)
    } else {
        (whole, false)
    };
    // How far the run is, is told of its steps.
    let progress = ProgressSlot::new();
    let mut profile =
        trommel_quality::profile(&context.engine, &node.name.to_string(), &sql, ProfileLevel::Full, context.cancel, &progress)?;
    if sampled {
        profile.notes.push(format!("of {} of {rows} rows", profile.rows));
    }
    let kept = KeptProfile { run: context.id.0.clone(), at: now(), rows, profile };
    keep_profile(&state(context.workspace), &node.name, &kept, keeping.keep)
}

/// About this share of the rows, the same ones each time: those whose values hash into it.
fn sample(whole: &str, columns: &[String], share: f64) -> String {
    let limit = (share * PARTS as f64).ceil() as u64;
    format!("{whole} where hash({}) % {PARTS} < {limit}", columns.join(", "))
}
