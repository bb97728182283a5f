//! Recipe: rows before and after, changed cells marked, counts for the sample and the whole.

use egui::{Grid, RichText, ScrollArea, Ui};
use trommel_app::View;
use trommel_model::{PreviewCounts, RecipePreview, RowFate, sanitise};

use crate::grid::grouped;
use crate::look::{self, colour};
use crate::wish::Wishes;

const ROWS_SHOWN: usize = 100;

pub(crate) fn show(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) {
    let Some(preview) = view.recipe.preview.latest() else {
        if let Some(problem) = view.recipe.preview.problem() {
            look::problem(ui, problem);
        } else if view.recipe.preview.is_pending() {
            ui.spinner();
        } else {
            look::empty(ui, "no recipe is previewed", "choose one");
            ui.vertical_centered(|ui| {
                if ui.button("Preview a recipe…").clicked() {
                    wishes.choose("recipe.preview");
                }
            });
        }
        return;
    };
    ui.heading(view.recipe.model.as_deref().unwrap_or_default());
    counts(ui, "sample", &preview.sample);
    match &preview.whole {
        Some(whole) => counts(ui, "whole table", whole),
        None => {
            ui.label(look::muted(ui, "whole table: not counted"));
        }
    }
    ui.collapsing("SQL", |ui| {
        ui.monospace(&preview.sql);
        if ui.button("Copy").clicked() {
            wishes.copy(preview.sql.clone());
        }
    });
    rows(ui, preview);
}

fn counts(ui: &mut Ui, of: &str, c: &PreviewCounts) {
    ui.label(format!(
        "{of}: {} in, {} expanded, {} out, {} filtered, {} merged, {} held; {} rows and {} cells change",
        grouped(c.rows_in),
        grouped(c.expanded),
        grouped(c.rows_out),
        grouped(c.filtered),
        grouped(c.merged),
        grouped(c.quarantined),
        grouped(c.changed_rows),
        grouped(c.changed_cells)
    ));
}

fn rows(ui: &mut Ui, preview: &RecipePreview) {
    let palette = look::palette(ui);
    ScrollArea::both().show(ui, |ui| {
        Grid::new("recipe rows").striped(true).spacing([14.0, 4.0]).show(ui, |ui| {
            ui.label(RichText::new("fate").strong());
            for name in preview.after.schema.names() {
                ui.label(RichText::new(sanitise(name).into_owned()).strong());
            }
            ui.end_row();
            for fate in preview.fates.iter().take(ROWS_SHOWN) {
                match fate {
                    RowFate::Kept { row, changed } => {
                        ui.label(look::muted(ui, if changed.is_empty() { "same" } else { "changed" }));
                        for (i, cell) in preview.after.rows.get(*row).into_iter().flatten().enumerate() {
                            let text: String = sanitise(&cell.text()).chars().take(40).collect();
                            if changed.contains(&i) {
                                ui.label(RichText::new(format!("• {text}")).color(colour(palette.accent)).strong());
                            } else {
                                ui.label(text);
                            }
                        }
                    }
                    RowFate::Filtered => {
                        ui.label(look::muted(ui, "filtered"));
                    }
                    RowFate::Merged => {
                        ui.label(look::muted(ui, "merged"));
                    }
                    RowFate::Quarantined(reason) => {
                        ui.label(RichText::new(format!("held: {}", sanitise(reason))).color(colour(palette.warn)));
                    }
                }
                ui.end_row();
            }
        });
    });
}
