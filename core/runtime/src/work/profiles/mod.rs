//! Profiles that runs kept, what changed between two, and reports of them.

pub(super) mod report;
mod workbook;

use std::sync::Arc;

use trommel_app::{News, ProfileMoment, Subject};
use trommel_connectors::is_position;
use trommel_model::{Inspection, KeptProfile, Outcome, Profile, ProfileChange, ProfileLevel, ProfileStamp, Workspace};

use super::quality;
use crate::desk;
use crate::worker::Task;

/// What changed between two profiles of a subject.
pub(super) fn change(
    task: &Task,
    workspace: Option<&Arc<Workspace>>,
    subject: &Subject,
    from: &ProfileMoment,
    to: &ProfileMoment,
) -> Outcome<News> {
    let (from, before) = side(task, workspace, subject, from)?;
    let (to, after) = side(task, workspace, subject, to)?;
    let columns = trommel_quality::changes(&before, &after);
    let mut notes: Vec<String> = Vec::new();
    for note in before.notes.into_iter().chain(after.notes) {
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    Ok(News::ProfileChange(ProfileChange { subject: subject.to_string(), from, to, columns, notes }))
}

/// One side of a comparison.
fn side(task: &Task, workspace: Option<&Arc<Workspace>>, subject: &Subject, moment: &ProfileMoment) -> Outcome<(ProfileStamp, Profile)> {
    let (of, what) = match (moment, subject, workspace) {
        (ProfileMoment::Kept(which), Subject::Table(name), Some(workspace)) => {
            let kept = trommel_workspace::kept_profile(&desk::state(workspace), name, which)?;
            let looked_at = (kept.profile.rows < kept.rows).then_some(kept.profile.rows);
            let stamp = ProfileStamp { of: kept.run, at: Some(kept.at), rows: kept.rows, looked_at };
            return Ok((stamp, without_positions(kept.profile)));
        }
        (ProfileMoment::Of(other), ..) => (other.to_string(), other),
        (ProfileMoment::Now | ProfileMoment::Kept(_), ..) => ("now".to_owned(), subject),
    };
    let profile = quality::figures(task, workspace, what, ProfileLevel::Full)?;
    Ok((ProfileStamp { of, at: None, rows: profile.rows, looked_at: None }, without_positions(profile)))
}

/// Where a row stood in its file is no property of the data.
fn without_positions(mut profile: Profile) -> Profile {
    profile.columns.retain(|c| !is_position(&c.name));
    profile
}

/// What is kept of a subject: its profiles, oldest first, and inspections; nothing of what is no table of the lake.
#[derive(Debug, Default)]
pub(super) struct History {
    pub kept: Vec<KeptProfile>,
    /// What people found in samples of it, newest first.
    pub inspections: Vec<Inspection>,
}

impl History {
    pub(super) fn of(workspace: Option<&Workspace>, subject: &Subject) -> Outcome<Self> {
        let (Some(workspace), Subject::Table(name)) = (workspace, subject) else { return Ok(Self::default()) };
        let state = desk::state(workspace);
        let runs = trommel_workspace::kept_runs(&state, name)?;
        let read = |run: &String| trommel_workspace::kept_profile(&state, name, run);
        let kept = runs.iter().rev().map(read).collect::<Outcome<_>>()?;
        let mut inspections = trommel_workspace::inspections(&workspace.root)?;
        inspections.retain(|i| i.table == *name);
        Ok(Self { kept, inspections })
    }
}
