//! The tables of a connection, with the first rows of the one that is chosen.

use egui::{Grid, RichText, ScrollArea, Ui};
use trommel_app::catalogue::Values;
use trommel_app::{BrowserView, Command, DraftCommand, SourceCommand};
use trommel_model::sanitise;

use crate::grid::grouped;
use crate::look;
use crate::rows;
use crate::wish::Wishes;

/// Room for the list of tables.
const TABLES: f32 = 220.0;

/// Draws it.
pub(crate) fn show(ui: &mut Ui, browser: &BrowserView, wishes: &mut Wishes) {
    if let Some(problem) = browser.tables.problem() {
        look::problem(ui, problem);
        return;
    }
    let Some(tables) = browser.tables.latest() else {
        ui.horizontal(|ui| {
            ui.spinner();
            ui.label("asking the database…");
        });
        return;
    };
    ScrollArea::vertical().id_salt("tables").max_height(TABLES).auto_shrink([false, true]).show(ui, |ui| {
        Grid::new("tables").num_columns(4).striped(true).spacing([18.0, 4.0]).show(ui, |ui| {
            for heading in ["table", "kind", "rows, about", "key"] {
                ui.label(RichText::new(heading).strong());
            }
            ui.end_row();
            for table in tables {
                let chosen = browser.selected.as_deref() == Some(table.name.as_str());
                if ui.selectable_label(chosen, sanitise(&table.name).into_owned()).clicked() && !chosen {
                    wishes.ask(Command::Source(SourceCommand::SelectTable(table.name.clone())));
                }
                ui.label(&table.kind);
                ui.label(table.rows.map(grouped).unwrap_or_default());
                ui.label(sanitise(&table.key.join(", ")).into_owned());
                ui.end_row();
            }
        });
    });
    ui.separator();
    let chosen = browser.selected.as_ref().and_then(|name| tables.iter().find(|t| t.name == *name));
    if let Some(table) = chosen {
        ui.horizontal(|ui| {
            ui.label(RichText::new(sanitise(&table.name).into_owned()).strong());
            if ui.button("Make it a source…").clicked() {
                let mut values = Values::default();
                values.set("connection", &browser.connection);
                values.set("table", &table.name);
                values.set("key", &table.key.join(","));
                let open = DraftCommand::Open { entry: "source.add_table".to_owned(), values };
                wishes.ask(Command::Source(SourceCommand::Draft(open)));
            }
        });
    }
    match &browser.preview {
        Some(preview) if preview.window.is_pending() => {
            ui.spinner();
        }
        Some(preview) => {
            if let Some(problem) = preview.window.problem() {
                look::problem(ui, problem);
            } else if let Some(window) = preview.window.latest() {
                rows::show(ui, "remote rows", window);
            }
        }
        None => {}
    }
}
