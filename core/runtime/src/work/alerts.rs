//! Alerts: what is told after a run and once a day, to whom, and how it got through.
//!
//! An alert is written down before it is sent, so that one that does not get through is not lost: it waits, is shown, and is
//! tried again with the next run. A run never fails because of it.

use jiff::{SignedDuration, Timestamp};
use trommel_app::{News, Occasion};
use trommel_model::{
    AlertMessage, AlertOn, AlertSpec, AlertState, Cancel, CheckResult, Code, Outcome, Problem, RunRecord, RunStatus, SentAlert, StepStatus,
    Workspace,
};
use trommel_workspace::{Ledger, State, alerts, put_alert};

use crate::desk;
use crate::worker::Task;

/// Times an alert is tried before it is given up.
const TRIES: u32 = 10;
/// Checks and steps that a message names.
const NAMED: usize = 25;
/// Runs that a daily report looks at.
const RUNS: usize = 1_000;

/// Tells whom it concerns, and those whom earlier alerts have not reached.
pub(super) fn alert(task: &Task, workspace: &Workspace, occasion: &Occasion) -> Outcome<News> {
    let state = desk::state(workspace);
    let specs = of_environment(workspace);
    let known = |name: &str| {
        specs.iter().copied().find(|s| s.name == name).ok_or_else(|| {
            Problem::new(Code::UnknownName, format!("there is no alert \"{name}\""))
                .next(trommel_model::did_you_mean(name, specs.iter().map(|s| s.name.as_str())))
        })
    };
    let mut fresh: Vec<(&AlertSpec, AlertMessage)> = Vec::new();
    match occasion {
        Occasion::Run(record) => {
            fresh.extend(specs.iter().filter_map(|spec| Some((*spec, of_run(workspace, spec, record)?))));
            let daily = specs.iter().copied().filter(|s| s.on.contains(&AlertOn::Daily));
            for spec in daily {
                if !told_today(&state, spec)? {
                    fresh.push((spec, daily_report(workspace, &state)?));
                }
            }
        }
        Occasion::Test(name) => {
            let lines = vec!["This is a test: alerts of this workspace reach you.".to_owned()];
            fresh.push((known(name)?, message(workspace, "test of an alert".to_owned(), lines, None)));
        }
        Occasion::Daily(name) => {
            let chosen: Vec<&AlertSpec> = match name {
                Some(name) => vec![known(name)?],
                None => specs.iter().copied().filter(|s| s.on.contains(&AlertOn::Daily)).collect(),
            };
            if chosen.is_empty() {
                return Err(Problem::new(Code::Usage, "nobody is told once a day")
                    .next("add \"daily\" to on = [...] of an alert in trommel.toml, or name one"));
            }
            for spec in chosen {
                fresh.push((spec, daily_report(workspace, &state)?));
            }
        }
        Occasion::Waiting => {}
    }
    let now = Timestamp::now();
    for (spec, message) in fresh {
        let kind = message.run.as_deref().unwrap_or("report");
        let id = format!("{}-{kind}-{}", now.strftime("%Y%m%d-%H%M%S%3f"), spec.name);
        let alert =
            SentAlert { id, alert: spec.name.clone(), message, state: AlertState::Waiting, tries: 0, tried_at: None, problem: None };
        put_alert(&state, &alert)?;
    }
    let mut done = Vec::new();
    for mut waiting in alerts(&state)?.into_iter().rev().filter(|a| a.state == AlertState::Waiting) {
        task.progress.update(|p| p.doing = format!("telling {}", waiting.alert));
        let told = match specs.iter().find(|s| s.name == waiting.alert) {
            Some(spec) => tell(workspace, spec, &waiting.message, &task.cancel),
            None => Err(Problem::new(Code::UnknownName, format!("there is no alert \"{}\" any more", waiting.alert))),
        };
        if told.as_ref().is_err_and(|p| p.code == Code::Interrupted) {
            return Err(Problem::interrupted());
        }
        waiting.tries += 1;
        waiting.tried_at = Some(Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        waiting.state = match &told {
            Ok(()) => AlertState::Sent,
            Err(_) if waiting.tries >= TRIES => AlertState::GivenUp,
            Err(_) => AlertState::Waiting,
        };
        waiting.problem = told.err();
        put_alert(&state, &waiting)?;
        done.push(waiting);
    }
    Ok(News::Alerted(done))
}

fn tell(workspace: &Workspace, spec: &AlertSpec, message: &AlertMessage, cancel: &Cancel) -> Outcome<()> {
    trommel_connectors::alert::deliver(&workspace.root, spec, message, cancel)
}

/// The alerts as they are meant in this environment: its own, and those of no environment where it has none of the name.
fn of_environment(workspace: &Workspace) -> Vec<&AlertSpec> {
    let all = &workspace.config.alerts;
    let own = |s: &&AlertSpec| s.environment.as_deref() == Some(workspace.environment.as_str());
    let has_own = |name: &str| all.iter().any(|s| own(&s) && s.name == name);
    all.iter().filter(|s| own(s) || (s.environment.is_none() && !has_own(&s.name))).collect()
}

fn message(workspace: &Workspace, title: String, lines: Vec<String>, run: Option<String>) -> AlertMessage {
    AlertMessage {
        title: format!("[{} {}] {title}", workspace.config.name, workspace.environment),
        lines,
        workspace: workspace.config.name.clone(),
        environment: workspace.environment.clone(),
        run,
        at: Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    }
}

/// What somebody is told of a run; nothing when there is nothing they want to know.
fn of_run(workspace: &Workspace, spec: &AlertSpec, record: &RunRecord) -> Option<AlertMessage> {
    let broken: Vec<&CheckResult> = record
        .steps
        .iter()
        .flat_map(|s| &s.checks)
        .filter(|c| c.is_broken() && c.severity >= spec.severity && spec.on.contains(&AlertOn::FailedChecks))
        .collect();
    let failed = matches!(record.status, RunStatus::Failed | RunStatus::Lost) && spec.on.contains(&AlertOn::FailedRun);
    let held: u64 = record.steps.iter().map(|s| s.counts.quarantined).sum();
    let held = if spec.on.contains(&AlertOn::HeldRows) { held } else { 0 };
    let mut parts = Vec::new();
    if failed {
        parts.push("a run failed".to_owned());
    }
    match broken.len() {
        0 => {}
        1 => parts.push("1 check is broken".to_owned()),
        n => parts.push(format!("{n} checks are broken")),
    }
    if held > 0 {
        parts.push(format!("{held} rows are held"));
    }
    if parts.is_empty() {
        return None;
    }
    let mut lines = Vec::new();
    if failed {
        let steps = record.steps.iter().filter(|s| s.status == StepStatus::Failed);
        let told = steps.map(|s| format!("{}: {}", s.name, s.problem.as_ref().map_or("failed".to_owned(), ToString::to_string)));
        lines.extend(told.take(NAMED));
        if lines.is_empty() {
            lines.extend(record.problem.as_ref().map(ToString::to_string));
        }
    }
    let mut worst = broken.clone();
    worst.sort_by_key(|c| std::cmp::Reverse(c.severity));
    for check in worst.iter().take(NAMED) {
        let owner = if check.owner.is_empty() { String::new() } else { format!(", owner {}", check.owner) };
        lines.push(format!("{} {}: {} ({}{owner})", check.table, check.check, check.finding(), check.severity.name()));
    }
    if worst.len() > NAMED {
        lines.push(format!("and {} more", worst.len() - NAMED));
    }
    lines.push(String::new());
    lines.push(format!("trommel runs show {}", record.id));
    if let Some(first) = worst.first() {
        lines.push(format!("trommel check {} --failing", first.table));
    }
    if held > 0 {
        lines.push("trommel quarantine list".to_owned());
    }
    Some(message(workspace, format!("{} in run {}", parts.join(", "), record.id), lines, Some(record.id.0.clone())))
}

/// True when somebody had their daily report today, by the clock and the zone of this machine.
fn told_today(state: &State, spec: &AlertSpec) -> Outcome<bool> {
    let zone = jiff::tz::TimeZone::system();
    let today = Timestamp::now().to_zoned(zone.clone()).date();
    let is_today = |at: &str| at.parse::<Timestamp>().is_ok_and(|at| at.to_zoned(zone.clone()).date() == today);
    Ok(alerts(state)?
        .iter()
        .any(|a| a.alert == spec.name && a.message.run.is_none() && a.message.title.contains(DAILY) && is_today(&a.message.at)))
}

/// What the title of a daily report says.
const DAILY: &str = "daily report";

/// How it stands: runs of the last day, broken checks, held rows, scores and how they changed.
fn daily_report(workspace: &Workspace, state: &State) -> Outcome<AlertMessage> {
    let ledger = Ledger::open(state)?;
    let since = (Timestamp::now() - SignedDuration::from_hours(24)).strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let runs: Vec<RunRecord> = ledger.list(RUNS)?.into_iter().take_while(|r| r.started_at >= since).collect();
    let failed = runs.iter().filter(|r| matches!(r.status, RunStatus::Failed | RunStatus::Lost)).count();
    let mut lines = vec![format!("{} runs in 24 hours, {failed} of them failed", runs.len())];
    let checks = ledger.newest_checks()?;
    let mut broken: Vec<&CheckResult> = checks.iter().map(|(_, c)| c).filter(|c| c.is_broken()).collect();
    broken.sort_by_key(|c| std::cmp::Reverse(c.severity));
    lines.push(format!("{} of {} checks are broken", broken.len(), checks.len()));
    lines.extend(broken.iter().take(NAMED).map(|c| format!("  {} {}: {} ({})", c.table, c.check, c.finding(), c.severity.name())));
    // Scores come newest first: the first of a table and dimension is how it stands, the first before the day how it stood.
    let scores = ledger.scores(RUNS)?;
    let mut told: Vec<(&str, &str)> = Vec::new();
    for score in &scores {
        let key = (score.table.as_str(), score.dimension.as_str());
        if told.contains(&key) {
            continue;
        }
        told.push(key);
        if told.len() == 1 {
            lines.push(String::new());
            lines.push("Scores, and what they were a day ago:".to_owned());
        }
        let before = scores.iter().find(|s| (s.table.as_str(), s.dimension.as_str()) == key && s.at < since);
        let was = before.map_or_else(String::new, |b| format!(" (was {:.1} %)", b.score * 100.0));
        if told.len() <= 2 * NAMED {
            lines.push(format!("  {} {}: {:.1} %{was}", score.table, score.dimension, score.score * 100.0));
        }
    }
    let title = match (failed, broken.len()) {
        (0, 0) => format!("{DAILY}: all is well"),
        (0, n) => format!("{DAILY}: {n} checks are broken"),
        (f, n) => format!("{DAILY}: {f} runs failed, {n} checks are broken"),
    };
    Ok(message(workspace, title, lines, None))
}
