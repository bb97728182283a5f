//! A question with yes and no.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use trommel_app::View;

use super::{Popup, hints};
use crate::paint::{Line, wrap};
use crate::term::act::Act;
use crate::term::keybar::Hint;
use crate::term::layout::centred;
use crate::term::pen::Pen;

/// A question.
pub(crate) struct Confirm {
    title: &'static str,
    text: String,
}

impl Confirm {
    /// Whether to leave although something runs.
    pub(crate) fn leave(running: &[String]) -> Self {
        let text =
            format!("{} is still at work. Leaving stops it cleanly: what was published stays, nothing half-done is.", running.join(", "));
        Self { title: "Leave?", text }
    }
}

impl Popup for Confirm {
    fn draw(&mut self, _view: &View<'_>, pen: &mut Pen<'_>, area: Rect, _on_top: bool) {
        let columns = 60.min(area.width);
        let lines = wrap(&self.text, usize::from(columns.saturating_sub(4)));
        let area = centred(area, columns, lines.len() as u16 + 4);
        let inside = pen.popup(area, &Line::new().strong(self.title));
        let mut shown: Vec<Line> = lines.into_iter().map(|l| Line::new().plain(l)).collect();
        shown.push(Line::new());
        shown.push(Line::new().accent("y").plain(" leave    ").accent("n").plain(" stay"));
        pen.lines(inside, &shown, 0);
    }

    fn key(&mut self, name: &str, _key: &KeyEvent, _view: &View<'_>) -> Vec<Act> {
        match name {
            "y" | "Y" | "enter" => vec![Act::Close, Act::Leave],
            "n" | "N" | "esc" | "q" => vec![Act::Close],
            _ => Vec::new(),
        }
    }

    fn hints(&self) -> Vec<Hint> {
        hints(&[("y", "leave"), ("n", "stay")])
    }
}
