//! A form over the whole screen: its lines at the left (or above), what comes of them at the right (or below).
//!
//! Which lines there are, what was said and what was found is the application's; here is the cursor, and the line being typed.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use ratatui_textarea::TextArea;
use trommel_app::catalogue::{Input, Shape};
use trommel_app::{Command, DraftCommand, DraftField, DraftKind, DraftView, SourceCommand, View};
use trommel_model::{Masked, RowCount, Window};

use super::prompt::{clear, draw_field, field_text, guess, paths};
use super::{Popup, hints};
use crate::paint::{Line, Tone, count};
use crate::show;
use crate::term::act::Act;
use crate::term::context::shell;
use crate::term::keybar::Hint;
use crate::term::keys;
use crate::term::pen::Pen;
use crate::term::widgets::List;
use crate::term::widgets::grid::{Data, Grid, Mark};

/// The form that lies open.
#[derive(Default)]
pub(crate) struct Form {
    list: List,
    grid: Grid,
    /// The line that is being typed.
    typed: Option<TextArea<'static>>,
    /// What is typed is a password, which is not shown.
    hidden: bool,
    /// What the form is about, as it was drawn last.
    kind: Option<DraftKind>,
    on_rows: bool,
}

/// From this width on the two parts stand side by side.
const WIDE: u16 = 120;
/// Columns of the lines, and of their names.
const LINES: u16 = 58;
const NAMES: usize = 18;

impl Form {
    fn draw_lines(&mut self, draft: &DraftView, pen: &mut Pen<'_>, area: Rect, on_top: bool) {
        let fields = draft.fields();
        let focused = on_top && !self.on_rows;
        let lines: Vec<Line> = fields.iter().map(|f| line_of(f, usize::from(area.width), pen)).collect();
        self.list.draw(pen, area, &lines, focused);
        if let Some(typed) = &mut self.typed {
            let row = self.list.row_of_cursor();
            let left = NAMES as u16 + 1;
            let at = Rect { x: area.x + left.min(area.width), y: area.y + row, width: area.width.saturating_sub(left), height: 1 };
            let blank = " ".repeat(usize::from(at.width));
            pen.text(at.x, at.y, at.width, Tone::Plain, &blank);
            draw_field(typed, pen, at, on_top);
        }
    }

    fn draw_outcome(&mut self, draft: &DraftView, pen: &mut Pen<'_>, area: Rect, on_top: bool) {
        let fault = draft.fault.as_ref().or(draft.written.problem()).or(draft.facts.problem()).or(draft.trial.problem.as_ref());
        let mut area = area;
        if let Some(problem) = fault {
            let lines = show::problem::brief(problem, pen.room(area));
            pen.lines(area, &lines, 0);
            let taken = (lines.len() as u16 + 1).min(area.height);
            area = Rect { y: area.y + taken, height: area.height - taken, ..area };
        }
        match draft.kind() {
            DraftKind::File => self.draw_file(draft, pen, area, on_top),
            DraftKind::Table => {
                let window = draft.rows.as_ref().and_then(|r| r.window.latest());
                if let Some(window) = window {
                    let inside = pen.pane(area, Line::new().strong("First rows"), self.on_rows);
                    self.draw_rows(window, pen, inside, on_top);
                }
            }
            DraftKind::Connection => {
                let password = match (&draft.password, self.hidden) {
                    (_, true) => "  the password is being typed",
                    (Some(_), _) => "  t tries it with the password that was typed",
                    (None, _) => "  t tries it, s types a password",
                };
                let inside = pen.pane(area, Line::new().strong("Stages").muted(password), false);
                let lines = show::trial::stages(&draft.trial.stages, draft.trial.is_pending(), pen.room(inside));
                pen.lines(inside, &lines, 0);
            }
        }
    }

    fn draw_file(&mut self, draft: &DraftView, pen: &mut Pen<'_>, area: Rect, on_top: bool) {
        let Some(facts) = draft.facts.latest() else {
            if draft.facts.is_pending() {
                pen.line(area, 0, &Line::new().muted(format!("looking at the whole file{}", pen.glyphs().ellipsis())));
            }
            return;
        };
        let rows = facts.rows.map_or_else(String::new, |n| format!("{} rows, ", count(n)));
        let again = if draft.facts.is_pending() { format!("  reading again{}", pen.glyphs().ellipsis()) } else { String::new() };
        let title = Line::new().strong("First rows").muted(format!("  {rows}{} columns{again}", facts.columns.len()));
        let inside = pen.pane(area, title, self.on_rows);
        let notes = (facts.notes.len() as u16).min(inside.height / 4);
        let upper = Rect { height: inside.height - notes, ..inside };
        self.draw_rows(&facts.first, pen, upper, on_top);
        for (row, note) in facts.notes.iter().take(usize::from(notes)).enumerate() {
            let at = Rect { y: upper.bottom() + row as u16, height: 1, ..inside };
            pen.line(at, 0, &Line::new().with(Tone::Warn, pen.glyphs().dot()).gap(1).muted(note));
        }
    }

    fn draw_rows(&mut self, window: &Window, pen: &mut Pen<'_>, area: Rect, on_top: bool) {
        let shown = RowCount::Known(window.rows.len() as u64);
        let data = Data { window, rows: Some(shown), sort: &[], mark: &|_, _| Mark::Same };
        self.grid.draw(pen, area, &data, on_top && self.on_rows);
    }

    fn key_while_typing(&mut self, name: &str, key: &KeyEvent, draft: &DraftView) -> Vec<Act> {
        let Some(typed) = &mut self.typed else { return Vec::new() };
        match name {
            "esc" => (self.typed, self.hidden) = (None, false),
            "enter" => {
                let value = field_text(typed);
                self.typed = None;
                if std::mem::take(&mut self.hidden) {
                    return vec![Act::Ask(ask(DraftCommand::Type(Masked::new(value))))];
                }
                return set(draft, self.list.cursor, value.trim());
            }
            "tab" if !self.hidden => {
                let fields = draft.fields();
                let Some(field) = fields.get(self.list.cursor) else { return Vec::new() };
                let text = field_text(typed);
                let offered = if field.argument.input == Input::Path { paths(&text) } else { field.choices.clone() };
                if let Some(choice) = offered.into_iter().find(|c| c.starts_with(&text) && *c != text) {
                    clear(typed);
                    typed.insert_str(choice);
                }
            }
            "ctrl+u" => clear(typed),
            _ => {
                typed.input(keys::input(key));
            }
        }
        Vec::new()
    }

    /// The value of the line under the cursor as a text to change.
    fn begin(&mut self, draft: &DraftView) -> Vec<Act> {
        let fields = draft.fields();
        let Some(at) = fields.get(self.list.cursor) else { return Vec::new() };
        if at.argument.shape == Shape::Flag {
            return self.turn(draft, 1);
        }
        let known = at.said.map(str::to_owned).or_else(|| at.found.map(|f| f.value.clone())).unwrap_or_default();
        self.typed = Some(guess(&known));
        Vec::new()
    }

    /// The next or the last of the values the line under the cursor could have.
    fn turn(&mut self, draft: &DraftView, by: isize) -> Vec<Act> {
        let fields = draft.fields();
        let Some(at) = fields.get(self.list.cursor) else { return Vec::new() };
        if at.argument.shape == Shape::Flag {
            let value = if at.said == Some("true") { "" } else { "true" };
            return set(draft, self.list.cursor, value);
        }
        let Some(last) = at.choices.len().checked_sub(1) else { return Vec::new() };
        let now = at.said.or(at.found.map(|f| f.value.as_str()));
        let place = now.and_then(|now| at.choices.iter().position(|c| c == now));
        let next = match (place, by) {
            (None, _) => 0,
            (Some(place), 1) => {
                if place == last {
                    0
                } else {
                    place + 1
                }
            }
            (Some(place), _) => place.checked_sub(1).unwrap_or(last),
        };
        set(draft, self.list.cursor, &at.choices[next])
    }
}

impl Popup for Form {
    fn draw(&mut self, view: &View<'_>, pen: &mut Pen<'_>, area: Rect, on_top: bool) {
        let Some(draft) = view.draft else { return };
        let inside = pen.popup(area, &Line::new().strong(draft.title()));
        self.kind = Some(draft.kind());
        let rows = draft.fields().len() as u16;
        if inside.width >= WIDE {
            let left = Rect { width: LINES, ..inside };
            self.draw_lines(draft, pen, left, on_top);
            let right = pen.wall(Rect { x: inside.x + LINES + 1, width: inside.width - LINES - 1, ..inside });
            self.draw_outcome(draft, pen, right, on_top);
        } else {
            let height = rows.min(inside.height / 2);
            self.draw_lines(draft, pen, Rect { height, ..inside }, on_top);
            self.draw_outcome(draft, pen, Rect { y: inside.y + height, height: inside.height - height, ..inside }, on_top);
        }
    }

    fn key(&mut self, name: &str, key: &KeyEvent, view: &View<'_>) -> Vec<Act> {
        let Some(draft) = view.draft else { return vec![Act::Close] };
        if self.typed.is_some() {
            return self.key_while_typing(name, key, draft);
        }
        let kind = draft.kind();
        match name {
            "esc" => return vec![Act::Ask(ask(DraftCommand::Drop))],
            "ctrl+s" | "w" => return vec![Act::Ask(ask(DraftCommand::Accept))],
            "s" if kind == DraftKind::Connection => {
                let mut typed = guess("");
                typed.set_mask_char('*');
                (self.typed, self.hidden) = (Some(typed), true);
            }
            "t" if kind == DraftKind::Connection => return vec![Act::Ask(ask(DraftCommand::Try))],
            "v" if kind == DraftKind::File => return vec![Act::Ask(ask(DraftCommand::Look))],
            "p" if kind == DraftKind::File => return vec![Act::Ask(ask(DraftCommand::Profile))],
            "y" => return vec![Act::Copy(format!("trommel {}", draft.as_command(shell)))],
            "tab" | "backtab" if kind != DraftKind::Connection => self.on_rows = !self.on_rows,
            _ if self.on_rows => {
                let window = draft.facts.latest().map(|f| &f.first).or(draft.rows.as_ref().and_then(|r| r.window.latest()));
                let (rows, columns) = window.map_or((0, 0), |w| (w.rows.len() as u64, w.schema.fields.len()));
                self.grid.key(name, rows, columns);
            }
            "enter" => return self.begin(draft),
            "right" | "l" | "space" => return self.turn(draft, 1),
            "left" | "h" => return self.turn(draft, -1),
            "backspace" | "delete" | "x" => return set(draft, self.list.cursor, ""),
            _ => {
                self.list.key(name, draft.fields().len());
            }
        }
        Vec::new()
    }

    fn paste(&mut self, text: &str) {
        if let Some(typed) = &mut self.typed {
            typed.insert_str(text.replace(['\n', '\r'], " "));
        }
    }

    fn hints(&self) -> Vec<Hint> {
        if self.typed.is_some() {
            return hints(&[("enter", "say it"), ("tab", "complete"), ("esc", "leave it")]);
        }
        match self.kind {
            Some(DraftKind::Connection) => hints(&[
                ("enter", "change"),
                ("←→", "other values"),
                ("s", "password"),
                ("t", "try"),
                ("w", "write it"),
                ("x", "leave open"),
                ("y", "copy"),
                ("esc", "close"),
            ]),
            _ => hints(&[
                ("enter", "change"),
                ("←→", "other values"),
                ("w", "write it"),
                ("x", "leave open"),
                ("tab", "rows"),
                ("v", "view"),
                ("p", "profile"),
                ("esc", "close"),
            ]),
        }
    }

    fn is_over(&self, view: &View<'_>) -> bool {
        view.draft.is_none()
    }
}

fn ask(command: DraftCommand) -> Command {
    Command::Source(SourceCommand::Draft(command))
}

fn set(draft: &DraftView, line: usize, value: &str) -> Vec<Act> {
    let fields = draft.fields();
    let Some(field) = fields.get(line) else { return Vec::new() };
    // What is told as it was found anyway is not told.
    if field.said.is_none() && field.found.is_some_and(|f| f.value == value) {
        return Vec::new();
    }
    vec![Act::Ask(ask(DraftCommand::Set { name: field.argument.name.to_owned(), value: value.to_owned() }))]
}

/// `delimiter         ;                  found, 98 % sure`.
fn line_of(field: &DraftField<'_>, columns: usize, pen: &Pen<'_>) -> Line {
    let glyphs = pen.glyphs();
    let name = Line::new().gap(1).muted(field.argument.name).padded(NAMES);
    let (value, about) = match (field.said, field.found) {
        (Some("true"), _) if field.argument.shape == Shape::Flag => (Line::new().accent("yes"), "told".to_owned()),
        (Some(said), _) => (Line::new().accent(said), "told".to_owned()),
        (None, _) if field.argument.shape == Shape::Flag => (Line::new().plain("no"), String::new()),
        (None, Some(found)) if found.value.is_empty() => (Line::new().muted("none"), sure(found.sure)),
        (None, Some(found)) => (Line::new().plain(&found.value), sure(found.sure)),
        (None, None) => (Line::new().muted(glyphs.dot()), String::new()),
    };
    let room = columns.saturating_sub(NAMES + 3);
    // The value gives way to how sure it is, not the reverse.
    let about = crate::paint::cut_text(&about, room.saturating_sub(8), glyphs);
    let width = room.saturating_sub(about.len() + 1);
    name.gap(3).append(value.cut(width, glyphs).padded(width)).gap(1).muted(about)
}

fn sure(sure: Option<f64>) -> String {
    // Ninety-nine point nine is not a hundred.
    sure.map_or_else(String::new, |s| format!("{:.0} % sure", (s * 100.0).floor()))
}
