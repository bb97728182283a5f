//! Checks: all of them with how they stand, and all about the one under the cursor; or checks that are proposed for a table.

use ratatui::layout::Rect;
use trommel_app::catalogue::{FaceAction, Input};
use trommel_app::{CheckCommand, Command, ListKind, NoticeKind, Proposals, Remote, Subject, TableCommand, View};
use trommel_model::CheckState;

use super::Pane;
use crate::paint::{Line, Tone, width_of, wrap};
use crate::show;
use crate::term::act::Act;
use crate::term::answers::remote;
use crate::term::face::ScreenFace;
use crate::term::layout::{inset, side_by_side};
use crate::term::pen::Pen;
use crate::term::widgets::List;

/// The cursor on the checks and on the proposals.
#[derive(Default)]
pub(crate) struct Checks {
    list: List,
    proposals: List,
    pane: Pane,
    top: usize,
}

impl ScreenFace for Checks {
    fn draw(&mut self, view: &View<'_>, pen: &mut Pen<'_>, area: Rect, small: bool) {
        if view.checks.proposals != Remote::NotAsked {
            self.draw_proposals(view, pen, area, small);
            return;
        }
        let list = view.checks.list.latest().map(Vec::as_slice).unwrap_or_default();
        if list.is_empty() {
            let area = inset(area);
            let mut lines = vec![Line::new()];
            if view.workspace.current.latest().is_none() {
                lines.push(Line::new().gap(2).muted("No workspace is open; ^O opens one"));
            } else if let Remote::Ready(_) = view.checks.list {
                lines.push(Line::new().gap(2).strong("The workspace has no checks"));
                lines.push(Line::new());
                lines.push(Line::new().gap(2).accent("p").plain("  proposes checks for a table"));
                lines.push(Line::new().gap(2).muted("or write [[checks]] beside a source or a model"));
            } else {
                lines.extend(remote(&view.checks.list, pen.room(area), |_| Vec::new()));
            }
            pen.lines(area, &lines, 0);
            return;
        }
        let left = if area.width >= 140 { area.width * 3 / 5 } else { area.width * 5 / 9 };
        let (left, right) = side_by_side(area, left, small, self.pane == Pane::Second);
        if left.width > 0 {
            let pending = if view.pipeline.checks.is_pending() { "  checking" } else { "" };
            let title = Line::new().strong("Checks").muted(format!("  {}{pending}", show::checks::standing(list)));
            let inside = pen.pane(left, title, self.pane == Pane::First);
            let lines = show::checks::list_lines(list, usize::from(inside.width), pen.glyphs());
            pen.line(inside, 0, &lines.0);
            let body = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
            self.list.draw(pen, body, &lines.1, self.pane == Pane::First);
        }
        let Some(state) = list.get(self.list.cursor).filter(|_| right.width > 0) else { return };
        let right = if small { right } else { pen.wall(right) };
        let inside = pen.pane(right, Line::new().strong(&state.label), self.pane == Pane::Second);
        let lines = show::checks::about(state, pen.room(inside));
        self.top = self.top.min(lines.len().saturating_sub(usize::from(inside.height)));
        pen.lines(inside, &lines, self.top);
    }

    fn key(&mut self, key: &str, view: &View<'_>) -> Option<Vec<Act>> {
        if view.checks.proposals != Remote::NotAsked {
            let many = view.checks.proposals.latest().map_or(0, |p| p.checks.len());
            return match key {
                "esc" => Some(vec![Act::Ask(Command::Check(CheckCommand::Leave))]),
                _ => self.proposals.key(key, many).then(Vec::new),
            };
        }
        let many = view.checks.list.latest().map_or(0, Vec::len);
        match (key, self.pane) {
            ("tab" | "backtab", pane) => self.pane = pane.other(),
            ("right" | "l", Pane::First) => self.pane = Pane::Second,
            ("left" | "h" | "esc", Pane::Second) => self.pane = Pane::First,
            ("down" | "j", Pane::Second) => self.top += 1,
            ("up" | "k", Pane::Second) => self.top = self.top.saturating_sub(1),
            (_, Pane::First) if self.list.key(key, many) => self.top = 0,
            _ => return None,
        }
        Some(Vec::new())
    }

    fn act(&mut self, action: FaceAction, view: &View<'_>) -> Vec<Act> {
        let Some(state) = self.state(view).filter(|_| action == FaceAction::OpenSelected) else { return Vec::new() };
        if state.spec.rule.is_by_table() {
            let text = format!("{} is about the table as a whole: no row breaks it by itself", state.label);
            return vec![Act::Say(NoticeKind::Info, text)];
        }
        let subject = Subject::List(ListKind::Failing(state.table.clone(), Some(state.label.clone())));
        vec![Act::Ask(Command::Table(TableCommand::Open(subject)))]
    }

    fn value(&self, input: Input, view: &View<'_>) -> Option<String> {
        let proposals = view.checks.proposals.latest();
        match input {
            Input::Table | Input::Model => match proposals {
                Some(proposals) => Some(proposals.table.to_string()),
                None => self.state(view).map(|s| s.table.to_string()),
            },
            Input::Proposal => proposals.map(|_| (self.proposals.cursor + 1).to_string()),
            _ => None,
        }
    }

    fn moves(&self) -> &'static [(&'static str, &'static str)] {
        &[("jk", "choose"), ("tab", "pane")]
    }

    fn as_command(&self, view: &View<'_>) -> String {
        match view.checks.proposals.latest() {
            Some(proposals) => format!("check {} --propose", proposals.table),
            None => "check --list".to_owned(),
        }
    }

    fn wants(&mut self, view: &View<'_>) -> Vec<Command> {
        let unknown = view.checks.list == Remote::NotAsked && view.workspace.current.latest().is_some();
        if unknown { vec![Command::Check(CheckCommand::List)] } else { Vec::new() }
    }
}

impl Checks {
    fn state<'v>(&self, view: &View<'v>) -> Option<&'v CheckState> {
        view.checks.list.latest()?.get(self.list.cursor)
    }

    fn draw_proposals(&mut self, view: &View<'_>, pen: &mut Pen<'_>, area: Rect, small: bool) {
        let Some(proposals) = view.checks.proposals.latest() else {
            let area = inset(area);
            let mut lines = vec![Line::new()];
            lines.extend(remote(&view.checks.proposals, pen.room(area), |_: &Proposals| Vec::new()));
            pen.lines(area, &lines, 0);
            return;
        };
        let (left, right) = side_by_side(area, area.width / 2, small, false);
        let title = Line::new().strong(format!("Proposed for {}", proposals.table)).muted("  a accepts, u takes back, esc leaves");
        let inside = pen.pane(left, title, true);
        if proposals.checks.is_empty() {
            pen.line(inside, 1, &Line::new().gap(2).muted("nothing is proposed that the table does not have"));
            return;
        }
        let glyphs = pen.glyphs();
        let names = proposals.checks.iter().map(|p| width_of(&p.label)).max().unwrap_or(0).clamp(8, 36);
        let lines: Vec<Line> = proposals
            .checks
            .iter()
            .map(|p| {
                let sign = if view.checks.is_accepted(p) { glyphs.good() } else { " " };
                Line::new()
                    .gap(1)
                    .with(Tone::Good, sign)
                    .gap(1)
                    .append(Line::new().plain(&p.label).cut(names, glyphs).padded(names))
                    .gap(2)
                    .muted(&p.support)
                    .cut(usize::from(inside.width), glyphs)
            })
            .collect();
        self.proposals.draw(pen, inside, &lines, true);
        let Some(proposal) = proposals.checks.get(self.proposals.cursor).filter(|_| right.width > 0) else { return };
        let right = if small { right } else { pen.wall(right) };
        let inside = pen.pane(right, Line::new().strong(&proposal.label), false);
        let mut lines: Vec<Line> = wrap(&proposal.support, usize::from(inside.width)).into_iter().map(|l| Line::new().muted(l)).collect();
        lines.push(Line::new());
        lines.push(Line::new().plain("[[checks]]"));
        lines.extend(proposal.text.lines().flat_map(|l| wrap(l, usize::from(inside.width))).map(|l| Line::new().plain(l)));
        pen.lines(inside, &lines, 0);
    }
}
