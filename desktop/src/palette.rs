//! The palette: everything that can be done, found by a few letters.

use egui::{Key, RichText, ScrollArea, TextEdit, Ui};
use trommel_app::{View, catalogue};

use crate::look;
use crate::wish::{Wish, Wishes};

/// The open palette.
#[derive(Debug, Default)]
pub(crate) struct Palette {
    typed: String,
    chosen: usize,
}

/// One thing that can be chosen.
struct Offer {
    title: String,
    hint: String,
    wish: Wish,
}

impl Palette {
    /// Draws it. True when it is done.
    pub(crate) fn show(&mut self, ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) -> bool {
        let field = ui.add(TextEdit::singleline(&mut self.typed).hint_text("type a few letters").desired_width(f32::INFINITY));
        field.request_focus();
        let offers = offers(view, &self.typed);
        let (up, down, enter, escape) = ui
            .input(|i| (i.key_pressed(Key::ArrowUp), i.key_pressed(Key::ArrowDown), i.key_pressed(Key::Enter), i.key_pressed(Key::Escape)));
        if field.changed() {
            self.chosen = 0;
        }
        if down {
            self.chosen += 1;
        }
        if up {
            self.chosen = self.chosen.saturating_sub(1);
        }
        self.chosen = self.chosen.min(offers.len().saturating_sub(1));
        let mut done = escape;
        ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
            for (i, offer) in offers.into_iter().enumerate() {
                let selected = i == self.chosen;
                let text = RichText::new(format!("{}    {}", offer.title, offer.hint));
                let row = ui.selectable_label(selected, text);
                if selected && (up || down) {
                    row.scroll_to_me(None);
                }
                if row.clicked() || (selected && enter) {
                    wishes.push(offer.wish);
                    done = true;
                }
            }
        });
        ui.label(look::muted(ui, "↑ ↓ choose   Enter do   Esc close").small());
        done
    }
}

/// What matches, best first: letters in order, words that begin with them before others.
fn offers(view: &View<'_>, typed: &str) -> Vec<Offer> {
    let mut all: Vec<Offer> = catalogue::entries()
        .iter()
        .filter(|e| !matches!(e.id, "completions" | "man"))
        .map(|e| Offer {
            title: e.title.to_owned(),
            hint: e.keys.first().map(|k| k.key.to_owned()).unwrap_or_default(),
            wish: Wish::Choose(e),
        })
        .collect();
    if let Some(workspace) = view.workspace.current.latest() {
        use trommel_app::{BoardCommand, Command, Subject, TableCommand};
        let raw = workspace.sources.iter().map(|s| trommel_model::TableName::new("raw", s.name.clone()));
        for table in raw.chain(workspace.models.iter().map(|m| m.name.clone())) {
            let title = table.to_string();
            all.push(Offer { title, hint: "table".to_owned(), wish: Wish::Ask(Command::Table(TableCommand::Open(Subject::Table(table)))) });
        }
        for board in &workspace.boards {
            let wish = Wish::Ask(Command::Board(BoardCommand::Open(Some(board.name.clone()))));
            all.push(Offer { title: board.title.clone(), hint: "board".to_owned(), wish });
        }
    }
    let mut ranked: Vec<(usize, Offer)> = all.into_iter().filter_map(|o| rank(&o.title, typed).map(|r| (r, o))).collect();
    ranked.sort_by_key(|(r, _)| *r);
    ranked.into_iter().map(|(_, o)| o).collect()
}

/// How far a title is from what was typed; nothing when its letters do not come in order.
fn rank(title: &str, typed: &str) -> Option<usize> {
    let title = title.to_lowercase();
    let typed = typed.to_lowercase();
    if let Some(at) = title.find(&typed) {
        return Some(at);
    }
    let mut letters = title.char_indices();
    let mut last = 0;
    for wanted in typed.chars().filter(|c| !c.is_whitespace()) {
        (last, _) = letters.find(|(_, c)| *c == wanted)?;
    }
    Some(100 + last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_in_order_match_and_whole_words_come_first() {
        assert!(rank("Export…", "exp") < rank("Make an example…", "exm"));
        assert_eq!(rank("Run", "xyz"), None);
        assert_eq!(rank("Run", ""), Some(0));
    }
}
