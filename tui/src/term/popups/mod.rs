//! Things laid on top of a screen, as a stack: the uppermost gets the keys, `esc` takes it away.

mod browser;
mod confirm;
mod form;
mod palette;
mod prompt;
mod viewer;

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use trommel_app::View;

use super::act::Act;
use super::keybar::Hint;
use super::pen::Pen;

pub(crate) use browser::Browser;
pub(crate) use confirm::Confirm;
pub(crate) use form::Form;
pub(crate) use palette::Palette;
pub(crate) use prompt::Prompt;
pub(crate) use viewer::Viewer;

/// Something laid on top.
pub(crate) trait Popup {
    /// Draws it over an area; `on_top` when it gets the keys.
    fn draw(&mut self, view: &View<'_>, pen: &mut Pen<'_>, area: Rect, on_top: bool);

    /// Takes a key.
    fn key(&mut self, name: &str, key: &KeyEvent, view: &View<'_>) -> Vec<Act>;

    /// Takes text that was pasted.
    fn paste(&mut self, _text: &str) {}

    /// Its keys.
    fn hints(&self) -> Vec<Hint>;

    /// True once what it is about is gone.
    fn is_over(&self, _view: &View<'_>) -> bool {
        false
    }
}

fn hints(pairs: &[(&str, &str)]) -> Vec<Hint> {
    pairs.iter().map(|(k, w)| ((*k).to_owned(), (*w).to_owned())).collect()
}
