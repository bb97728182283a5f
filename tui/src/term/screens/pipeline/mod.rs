//! Pipeline: the graph of steps with live states, where every row went, and all about the step under the cursor.

mod about;
mod graph;

use ratatui::layout::Rect;
use trommel_app::catalogue::{FaceAction, Input};
use trommel_app::{Command, PipelineCommand, Remote, Selection, Subject, TableCommand, View};
use trommel_model::{Plan, PlanStep, RunRecord, StepRecord};

use super::Pane;
use crate::paint::{Glyphs, Line, Tone};
use crate::show;
use crate::term::act::Act;
use crate::term::face::ScreenFace;
use crate::term::layout::{inset, side_by_side, stacked};
use crate::term::pen::Pen;
use crate::term::widgets::List;

/// The cursor on the steps; the scroll of what is said about one.
#[derive(Default)]
pub(crate) struct Pipeline {
    list: List,
    pane: Pane,
    about: About,
    top: usize,
}

/// What the second pane is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum About {
    #[default]
    Step,
    Log,
}

impl ScreenFace for Pipeline {
    fn draw(&mut self, view: &View<'_>, pen: &mut Pen<'_>, area: Rect, small: bool) {
        let steps = steps(view);
        if steps.is_empty() {
            draw_nothing(view, pen, area);
            return;
        }
        self.follow(view, &steps);
        let second = self.pane == Pane::Second;
        let (graph, about) = if area.width >= 150 {
            side_by_side(area, (area.width * 3 / 5).max(100), small, second)
        } else {
            stacked(area, (area.height / 3).max(6), small, second)
        };
        if graph.width > 0 && graph.height > 0 {
            let inside = pen.pane(graph, heading(view, pen.glyphs()), !second);
            self.draw_graph(view, &steps, pen, inside);
        }
        if about.width > 0 && about.height > 0 {
            let about = if area.width >= 150 && !small { pen.wall(about) } else { about };
            self.draw_about(view, &steps, pen, about);
        }
    }

    fn key(&mut self, key: &str, view: &View<'_>) -> Option<Vec<Act>> {
        let steps = steps(view);
        match (key, self.pane) {
            ("tab" | "backtab", pane) => self.pane = pane.other(),
            ("esc", Pane::Second) => self.pane = Pane::First,
            ("o", _) => {
                self.about = if self.about == About::Step { About::Log } else { About::Step };
                self.top = 0;
            }
            ("down" | "j", Pane::Second) => self.top += 1,
            ("up" | "k", Pane::Second) => self.top = self.top.saturating_sub(1),
            ("g" | "home", Pane::Second) => self.top = 0,
            ("G" | "end", Pane::Second) => self.top = usize::MAX / 2,
            (_, Pane::First) if self.list.key(key, steps.len()) => {
                self.top = 0;
                let name = steps.get(self.list.cursor).map(|s| s.name.to_owned())?;
                return Some(vec![Act::Ask(Command::Pipeline(PipelineCommand::SelectStep(name)))]);
            }
            _ => return None,
        }
        Some(Vec::new())
    }

    fn act(&mut self, action: FaceAction, view: &View<'_>) -> Vec<Act> {
        let steps = steps(view);
        match (action, steps.get(self.list.cursor).and_then(|s| s.name.parse().ok())) {
            (FaceAction::OpenSelected, Some(table)) => vec![Act::Ask(Command::Table(TableCommand::Open(Subject::Table(table))))],
            (FaceAction::CancelSelected, _) => vec![Act::Ask(Command::Pipeline(PipelineCommand::CancelRun))],
            _ => Vec::new(),
        }
    }

    fn value(&self, input: Input, view: &View<'_>) -> Option<String> {
        let under = steps(view).get(self.list.cursor).map(|s| s.name.to_owned());
        matches!(input, Input::Table | Input::Model).then_some(under).flatten()
    }

    fn moves(&self) -> &'static [(&'static str, &'static str)] {
        &[("tab", "pane"), ("o", "log")]
    }

    fn as_command(&self, view: &View<'_>) -> String {
        if view.pipeline.run.is_some() { "run".to_owned() } else { "plan".to_owned() }
    }

    fn wants(&mut self, view: &View<'_>) -> Vec<Command> {
        // The graph needs to know what depends on what, also while a run goes on.
        let unknown = view.pipeline.plan == Remote::NotAsked && view.workspace.current.latest().is_some();
        if unknown { vec![Command::Pipeline(PipelineCommand::Plan(Selection::default()))] } else { Vec::new() }
    }
}

/// A step as far as plan and run know it.
pub(super) struct Step<'a> {
    pub name: &'a str,
    pub kind: &'static str,
    pub planned: Option<&'a PlanStep>,
    pub record: Option<&'a StepRecord>,
}

/// The steps of the plan, then those only the run knows.
fn steps<'a>(view: &View<'a>) -> Vec<Step<'a>> {
    let plan: &[PlanStep] = view.pipeline.plan.latest().map(|p: &Plan| p.steps.as_slice()).unwrap_or_default();
    let run: &[StepRecord] = record(view).map(|r| r.steps.as_slice()).unwrap_or_default();
    let mut steps: Vec<Step<'a>> = plan
        .iter()
        .map(|p| Step { name: &p.name, kind: p.kind.name(), planned: Some(p), record: run.iter().find(|s| s.name == p.name) })
        .collect();
    for step in run {
        if !plan.iter().any(|p| p.name == step.name) {
            steps.push(Step { name: &step.name, kind: step.kind.name(), planned: None, record: Some(step) });
        }
    }
    steps
}

fn record<'a>(view: &View<'a>) -> Option<&'a RunRecord> {
    view.pipeline.run.as_ref()?.record.as_ref()
}

impl Pipeline {
    /// The cursor stays on the step that is selected, also when the list changes.
    fn follow(&mut self, view: &View<'_>, steps: &[Step<'_>]) {
        if let Some(at) = view.pipeline.selected.as_ref().and_then(|name| steps.iter().position(|s| s.name == name)) {
            self.list.cursor = at;
        }
    }

    fn draw_graph(&mut self, view: &View<'_>, steps: &[Step<'_>], pen: &mut Pen<'_>, area: Rect) {
        let mut lines = graph::lines(steps, record(view), pen.room(area));
        // The rule under the head says nothing here, and a row is worth a step.
        lines.remove(1);
        let head = lines.remove(0);
        pen.line(area, 0, &head);
        let body = Rect { y: area.y + 1.min(area.height), height: area.height.saturating_sub(1), ..area };
        self.list.draw(pen, body, &lines, self.pane == Pane::First);
    }

    fn draw_about(&mut self, view: &View<'_>, steps: &[Step<'_>], pen: &mut Pen<'_>, area: Rect) {
        let step = steps.get(self.list.cursor);
        // Where there is room, the log stands below the step; else `o` changes between them.
        if area.height > 30 {
            let (upper, lower) = stacked(area, area.height / 2, false, false);
            self.draw_step(step, pen, upper, self.about == About::Step, "");
            self.draw_log(view, pen, lower, self.about == About::Log, "");
        } else if self.about == About::Step {
            self.draw_step(step, pen, area, true, "  o shows the log");
        } else {
            self.draw_log(view, pen, area, true, "  o shows the step");
        }
    }

    fn draw_step(&mut self, step: Option<&Step<'_>>, pen: &mut Pen<'_>, area: Rect, scrolls: bool, hint: &str) {
        let title = Line::new().strong(step.map_or("", |s| s.name)).muted(hint);
        let inside = inset(pen.pane(area, title, scrolls && self.pane == Pane::Second));
        let lines = step.map(|s| about::step(s, pen.room(inside))).unwrap_or_default();
        if scrolls {
            self.top = self.top.min(lines.len().saturating_sub(usize::from(inside.height)));
        }
        pen.lines(inside, &lines, if scrolls { self.top } else { 0 });
    }

    fn draw_log(&mut self, view: &View<'_>, pen: &mut Pen<'_>, area: Rect, scrolls: bool, hint: &str) {
        let focused = scrolls && self.pane == Pane::Second;
        let inside = inset(pen.pane(area, Line::new().strong("Log").muted(hint), focused));
        let lines = about::log(view.pipeline.run.as_ref().map(|r| r.log.as_slice()).unwrap_or_default());
        let last = lines.len().saturating_sub(usize::from(inside.height));
        // A log that nobody scrolls in shows its end.
        let top = if focused { self.top.min(last) } else { last };
        if scrolls {
            self.top = top;
        }
        pen.lines(inside, &lines, top);
    }
}

fn heading(view: &View<'_>, glyphs: Glyphs) -> Line {
    let mut line = match (record(view), view.pipeline.plan.latest()) {
        (Some(record), _) => show::run::heading(record, glyphs),
        (None, Some(plan)) => Line::new().strong("Plan").muted(format!("  {}", show::plan::summary(plan))),
        (None, None) => Line::new().strong("Plan"),
    };
    if view.pipeline.plan.is_pending() {
        line = line.muted(format!("  planning{}", glyphs.ellipsis()));
    }
    if view.pipeline.plan.problem().is_some() {
        line = line.with(Tone::Bad, "  the plan is at fault, ! says why");
    }
    line
}

fn draw_nothing(view: &View<'_>, pen: &mut Pen<'_>, area: Rect) {
    let (glyphs, area) = (pen.glyphs(), inset(area));
    let mut lines = vec![Line::new()];
    match (&view.pipeline.plan, view.workspace.current.latest()) {
        (_, None) => lines.push(Line::new().gap(2).muted("No workspace is open; ^O opens one")),
        (Remote::Failed { problem, .. }, _) => lines.extend(show::problem::whole(problem, pen.room(area))),
        (Remote::Ready(_), _) => lines.push(Line::new().gap(2).muted("The workspace has no sources and no models yet")),
        _ => lines.push(Line::new().gap(2).muted(format!("planning{}", glyphs.ellipsis()))),
    }
    pen.lines(area, &lines, 0);
}
