//! Text to read and scroll: an answer, a fault, a cell, the keys of a screen.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use trommel_app::catalogue::{Scope, entries};
use trommel_app::{NoticeKind, Screen, View};
use trommel_model::Problem;

use super::{Popup, hints};
use crate::paint::{Line, Room, count, wrap};
use crate::show;
use crate::term::act::Act;
use crate::term::answers::Slot;
use crate::term::keybar::Hint;
use crate::term::keys;
use crate::term::layout::centred;
use crate::term::pen::Pen;

/// Text on top.
pub(crate) struct Viewer {
    title: String,
    content: Content,
    top: usize,
    /// Lines and rows of the last frame, to know how far there is to scroll.
    lines: usize,
    rows: usize,
}

enum Content {
    Answer(Slot),
    Problem(Problem),
    Lines(Vec<Line>),
    /// One text, wrapped to the width.
    Text(String),
}

impl Viewer {
    pub(crate) fn answer(slot: Slot) -> Self {
        Self::new(slot.title(), Content::Answer(slot))
    }

    pub(crate) fn problem(problem: Problem) -> Self {
        Self::new("What is wrong", Content::Problem(problem))
    }

    /// A value whole, however long it is.
    pub(crate) fn text(title: impl Into<String>, text: String) -> Self {
        Self::new(title, Content::Text(text))
    }

    /// The keys of a screen, those that hold everywhere, and how to move.
    pub(crate) fn keys(screen: Screen) -> Self {
        let mut lines = Vec::new();
        let mut group = |title: &str, scope: Scope| {
            lines.push(Line::new().strong(title));
            for entry in entries() {
                for key in entry.keys.iter().filter(|k| k.scope == scope) {
                    lines.push(key_line(&keys::shown(key.key), entry.title.trim_end_matches('…')));
                }
            }
            lines.push(Line::new());
        };
        group(screen.title(), Scope::On(screen));
        group("Everywhere", Scope::Everywhere);
        lines.push(Line::new().strong("Moving about"));
        lines.extend(MOVES.iter().map(|(key, does)| key_line(key, does)));
        Self::new(format!("Keys of {}", screen.title()), Content::Lines(lines))
    }

    fn new(title: impl Into<String>, content: Content) -> Self {
        Self { title: title.into(), content, top: 0, lines: 0, rows: 0 }
    }

    fn shown(&self, view: &View<'_>, room: Room) -> Vec<Line> {
        match &self.content {
            Content::Answer(slot) => slot.lines(view, room),
            Content::Problem(problem) => show::problem::whole(problem, room),
            Content::Lines(lines) => lines.clone(),
            Content::Text(text) => wrap(text, room.width.unwrap_or(80)).into_iter().map(|l| Line::new().plain(l)).collect(),
        }
    }

    fn plain(&self, view: &View<'_>) -> String {
        if let Content::Text(text) = &self.content {
            return text.clone();
        }
        let room = Room { width: None, glyphs: crate::paint::Glyphs::Unicode };
        self.shown(view, room).iter().map(|l| l.text().trim_end().to_owned() + "\n").collect()
    }
}

const MOVES: [(&str, &str); 9] = [
    ("arrows, hjkl", "move"),
    ("pgup pgdn, ^U ^D", "a page up or down"),
    ("g G", "first or last row"),
    ("0 $", "first or last column"),
    ("tab", "the next pane"),
    ("!", "the last fault, whole"),
    ("^C", "leave"),
    ("^Z", "back to the shell for a while"),
    ("esc", "back one level"),
];

fn key_line(key: &str, does: &str) -> Line {
    Line::new().gap(2).accent(key).gap(18_usize.saturating_sub(crate::paint::width_of(key))).plain(does)
}

impl Popup for Viewer {
    fn draw(&mut self, view: &View<'_>, pen: &mut Pen<'_>, area: Rect, _on_top: bool) {
        let columns = (area.width.saturating_sub(4)).clamp(20.min(area.width), 110);
        let room = Room { width: Some(usize::from(columns.saturating_sub(4))), glyphs: pen.glyphs() };
        let lines = self.shown(view, room);
        let area = centred(area, columns, (lines.len() as u16).saturating_add(2).max(3));
        let rows = usize::from(area.height.saturating_sub(2));
        (self.lines, self.rows) = (lines.len(), rows);
        self.top = self.top.min(lines.len().saturating_sub(rows));
        let mut title = Line::new().strong(&self.title);
        if lines.len() > rows {
            let last = (self.top + rows).min(lines.len());
            title = title.muted(format!("  {}-{} of {}", self.top + 1, last, count(lines.len() as u64)));
        }
        let inside = pen.popup(area, &title);
        pen.lines(inside, &lines, self.top);
    }

    fn key(&mut self, name: &str, _key: &KeyEvent, view: &View<'_>) -> Vec<Act> {
        let last = self.lines.saturating_sub(self.rows);
        match name {
            "esc" | "q" | "enter" | "?" => return vec![Act::Close],
            "y" => return vec![Act::Copy(self.plain(view)), Act::Say(NoticeKind::Info, "copied".to_owned())],
            "down" | "j" => self.top = (self.top + 1).min(last),
            "up" | "k" => self.top = self.top.saturating_sub(1),
            "pagedown" | "ctrl+d" | "space" => self.top = (self.top + self.rows.max(1)).min(last),
            "pageup" | "ctrl+u" => self.top = self.top.saturating_sub(self.rows.max(1)),
            "g" | "home" => self.top = 0,
            "G" | "end" => self.top = last,
            _ => {}
        }
        Vec::new()
    }

    fn hints(&self) -> Vec<Hint> {
        hints(&[("jk", "scroll"), ("y", "copy"), ("esc", "close")])
    }
}
