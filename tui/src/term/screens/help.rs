//! Help: every command with its keys and its verb, from the catalogue.

use ratatui::layout::Rect;
use trommel_app::View;
use trommel_app::catalogue::{Entry, Scope, Values, entries};

use crate::paint::{Line, wrap};
use crate::term::act::Act;
use crate::term::face::ScreenFace;
use crate::term::keys;
use crate::term::layout::stacked;
use crate::term::pen::Pen;
use crate::term::widgets::List;

/// The cursor on the commands.
#[derive(Default)]
pub(crate) struct Help {
    list: List,
}

impl ScreenFace for Help {
    fn draw(&mut self, _view: &View<'_>, pen: &mut Pen<'_>, area: Rect, small: bool) {
        let (upper, lower) = stacked(area, 6.min(area.height / 3), small, false);
        let inside =
            pen.pane(upper, Line::new().strong("Commands").muted("  the same ones as in the palette and on the command line"), true);
        let glyphs = pen.glyphs();
        let lines: Vec<Line> = entries()
            .iter()
            .map(|e| {
                Line::new()
                    .gap(1)
                    .append(Line::new().plain(e.title).cut(33, glyphs).padded(34))
                    .append(Line::new().accent(held(e)).cut(19, glyphs).padded(20))
                    .muted(if e.verb.is_empty() { String::new() } else { format!("trommel {}", e.verb.join(" ")) })
            })
            .collect();
        self.list.draw(pen, inside, &lines, true);
        let Some(entry) = entries().get(self.list.cursor).filter(|_| lower.height > 1) else { return };
        let inside = pen.pane(lower, Line::new().strong(entry.title), false);
        let width = usize::from(inside.width.saturating_sub(1));
        let mut about: Vec<Line> = wrap(entry.help, width).into_iter().map(|l| Line::new().gap(1).plain(l)).collect();
        about.push(Line::new().gap(1).accent(entry.example));
        pen.lines(inside, &about, 0);
    }

    fn key(&mut self, key: &str, _view: &View<'_>) -> Option<Vec<Act>> {
        if key == "enter" {
            let entry = entries().get(self.list.cursor)?;
            return Some(vec![Act::Do(entry, Values::default())]);
        }
        self.list.key(key, entries().len()).then(Vec::new)
    }

    fn moves(&self) -> &'static [(&'static str, &'static str)] {
        &[("jk", "choose"), ("enter", "do it")]
    }

    fn as_command(&self, _view: &View<'_>) -> String {
        "man".to_owned()
    }
}

/// The keys of an entry, with where they hold.
fn held(entry: &Entry) -> String {
    let keys = entry.keys.iter().map(|k| match k.scope {
        Scope::Everywhere => keys::shown(k.key),
        Scope::On(screen) => format!("{} {}", screen.title(), keys::shown(k.key)),
    });
    keys.collect::<Vec<_>>().join(", ")
}
