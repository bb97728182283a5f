//! Help: every command with its keys and its verb, printed from the catalogue.

use egui::{Grid, RichText, ScrollArea, Ui};
use trommel_app::catalogue;

use crate::look;

pub(crate) fn show(ui: &mut Ui) {
    ui.heading("Keys and commands");
    ui.label(look::muted(ui, "Ctrl+P finds any of them by a few letters"));
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        Grid::new("help").num_columns(4).striped(true).spacing([18.0, 6.0]).show(ui, |ui| {
            for heading in ["command", "keys", "verb", "what it does"] {
                ui.label(RichText::new(heading).strong());
            }
            ui.end_row();
            for entry in catalogue::entries() {
                ui.label(entry.title);
                let keys: Vec<&str> = entry.keys.iter().map(|k| k.key).collect();
                ui.monospace(keys.join(" "));
                ui.monospace(format!("trommel {}", entry.verb_text()));
                ui.add(egui::Label::new(look::muted(ui, entry.help)).wrap());
                ui.end_row();
            }
        });
    });
}
