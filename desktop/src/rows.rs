//! A few rows under their names and types, for dialogs; whole tables are the grid's.

use egui::{Grid, RichText, ScrollArea, Ui};
use trommel_model::{Cell, Window, sanitise};

use crate::look;

/// Rows that a dialog shows.
const SHOWN: usize = 30;
/// Characters of a value that are shown.
const WIDEST: usize = 40;

/// Draws the first rows of a window.
pub(crate) fn show(ui: &mut Ui, id: &str, window: &Window) {
    ScrollArea::both().id_salt(id).auto_shrink([false, false]).show(ui, |ui| {
        Grid::new((id, "rows")).striped(true).spacing([14.0, 4.0]).show(ui, |ui| {
            for field in &window.schema.fields {
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    ui.add(egui::Label::new(RichText::new(sanitise(&shortened(&field.name)).into_owned()).strong()).extend());
                    ui.label(look::muted(ui, field.data_type.to_string()).small());
                });
            }
            ui.end_row();
            for row in window.rows.iter().take(SHOWN) {
                for cell in row {
                    let text = match cell {
                        Cell::Null => look::muted(ui, "null").italics(),
                        other => RichText::new(sanitise(&shortened(&other.text())).into_owned()),
                    };
                    ui.add(egui::Label::new(text).extend());
                }
                ui.end_row();
            }
        });
    });
}

fn shortened(text: &str) -> String {
    let mut characters = text.chars();
    let shown: String = characters.by_ref().take(WIDEST).map(|c| if c == '\n' || c == '\r' { ' ' } else { c }).collect();
    if characters.next().is_some() { format!("{shown}…") } else { shown }
}
