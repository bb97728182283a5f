//! Jobs: what runs and what ran, how far, and what went wrong; then what was told.

use ratatui::layout::Rect;
use trommel_app::catalogue::FaceAction;
use trommel_app::{Command, Job, JobState, NoticeKind, View};

use crate::paint::{Line, Tone};
use crate::show;
use crate::term::act::Act;
use crate::term::face::ScreenFace;
use crate::term::layout::stacked;
use crate::term::pen::Pen;
use crate::term::popups::Viewer;
use crate::term::widgets::{List, meter};

/// The cursor on the jobs, newest first.
#[derive(Default)]
pub(crate) struct Jobs {
    list: List,
}

impl ScreenFace for Jobs {
    fn draw(&mut self, view: &View<'_>, pen: &mut Pen<'_>, area: Rect, small: bool) {
        let (upper, lower) = stacked(area, area.height / 3, small, false);
        let running = view.jobs.running().count();
        let title = Line::new().strong("Jobs").muted(format!("  {running} at work"));
        let inside = pen.pane(upper, title, true);
        let lines: Vec<Line> = jobs(view).iter().map(|j| line(j, pen)).collect();
        if lines.is_empty() {
            pen.line(inside, 0, &Line::new().gap(3).muted("Nothing has run yet"));
        }
        self.list.draw(pen, inside, &lines, true);
        if lower.height == 0 {
            return;
        }
        let failed = jobs(view).get(self.list.cursor).and_then(|j| if let JobState::Failed(p) = &j.state { Some(p.clone()) } else { None });
        if let Some(problem) = failed {
            let inside = pen.pane(lower, Line::new().strong("What went wrong").muted("  enter shows all of it"), false);
            let lines = show::problem::brief(&problem, pen.room(inside));
            pen.lines(inside, &lines, 0);
            return;
        }
        let inside = pen.pane(lower, Line::new().strong("Told"), false);
        let mut lines: Vec<Line> = view.notices.iter().rev().map(|n| notice(n.kind, &n.text, pen)).collect();
        if lines.is_empty() {
            lines.push(Line::new().gap(3).muted("Nothing yet"));
        }
        pen.lines(inside, &lines, 0);
    }

    fn key(&mut self, key: &str, view: &View<'_>) -> Option<Vec<Act>> {
        let jobs = jobs(view);
        if key == "enter" {
            let JobState::Failed(problem) = &jobs.get(self.list.cursor)?.state else { return Some(Vec::new()) };
            return Some(vec![Act::Push(Box::new(Viewer::problem(problem.clone())))]);
        }
        self.list.key(key, jobs.len()).then(Vec::new)
    }

    fn act(&mut self, action: FaceAction, view: &View<'_>) -> Vec<Act> {
        match (action, jobs(view).get(self.list.cursor)) {
            (FaceAction::CancelSelected, Some(job)) if !job.state.has_ended() => vec![Act::Ask(Command::CancelJob(job.ticket))],
            (FaceAction::CancelSelected, Some(job)) => vec![Act::Say(NoticeKind::Warning, format!("{} has ended", job.title))],
            (FaceAction::CancelSelected, None) => vec![Act::Say(NoticeKind::Warning, "there is no job".to_owned())],
            _ => Vec::new(),
        }
    }

    fn moves(&self) -> &'static [(&'static str, &'static str)] {
        &[("jk", "choose"), ("enter", "fault")]
    }

    fn as_command(&self, _view: &View<'_>) -> String {
        "runs list".to_owned()
    }
}

/// Newest first.
fn jobs<'a>(view: &View<'a>) -> Vec<&'a Job> {
    view.jobs.jobs.iter().rev().collect()
}

fn line(job: &Job, pen: &Pen<'_>) -> Line {
    let glyphs = pen.glyphs();
    let (sign, tone) = glyphs.job(&job.state);
    let state = match &job.state {
        JobState::Running => "running",
        JobState::Stopping => "stopping",
        JobState::Finished => "done",
        JobState::Cancelled => "cancelled",
        JobState::Failed(_) => "failed",
    };
    let mut line = Line::new()
        .gap(1)
        .with(tone, sign)
        .gap(1)
        .append(Line::new().plain(&job.title).cut(30, glyphs).padded(30))
        .gap(1)
        .append(Line::new().with(tone, state).padded(10));
    if !job.state.has_ended() {
        if let Some(share) = job.progress.ratio() {
            line = line.append(meter(share, 12, glyphs, Tone::Accent)).plain(format!(" {:>3.0} %  ", share * 100.0));
        }
        line = line.muted(crate::cli::figures(&job.progress, 0, glyphs).join(&format!(" {} ", glyphs.dot())));
    }
    if let JobState::Failed(problem) = &job.state {
        line = line.muted(problem.to_string());
    }
    line
}

fn notice(kind: NoticeKind, text: &str, pen: &Pen<'_>) -> Line {
    let (sign, tone) = match kind {
        NoticeKind::Info => (pen.glyphs().dot(), Tone::Accent),
        NoticeKind::Warning => (pen.glyphs().held(), Tone::Warn),
        NoticeKind::Error => (pen.glyphs().bad(), Tone::Bad),
    };
    Line::new().gap(1).with(tone, sign).gap(1).plain(text)
}
