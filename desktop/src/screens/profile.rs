//! Profile: what each column holds.

use egui::{Grid, ProgressBar, Rect, RichText, ScrollArea, Sense, Ui, Vec2};
use trommel_app::View;
use trommel_model::{ColumnProfile, Count, sanitise};

use crate::grid::grouped;
use crate::look;

pub(crate) fn show(ui: &mut Ui, view: &View<'_>) {
    let Some(profile) = view.profile.profile.latest() else {
        if let Some(problem) = view.profile.profile.problem() {
            look::problem(ui, problem);
        } else if view.profile.profile.is_pending() {
            ui.spinner();
        } else {
            look::empty(ui, "nothing was profiled yet", "open a table and press p, or drop a file on the window");
        }
        return;
    };
    ui.heading(&profile.subject);
    ui.label(look::muted(ui, format!("{} rows, {} columns", grouped(profile.rows), profile.columns.len())));
    for note in &profile.notes {
        ui.label(look::muted(ui, sanitise(note).into_owned()));
    }
    ScrollArea::both().show(ui, |ui| {
        Grid::new("profile").num_columns(12).striped(true).spacing([18.0, 8.0]).show(ui, |ui| {
            for heading in [
                "column",
                "type",
                "means",
                "personal",
                "nulls",
                "distinct",
                "smallest",
                "largest",
                "mean",
                "distribution",
                "most frequent",
                "patterns",
            ] {
                ui.label(RichText::new(heading).strong());
            }
            ui.end_row();
            for column in &profile.columns {
                row(ui, column, profile.rows);
                ui.end_row();
            }
        });
        wrong(ui, view);
    });
}

fn row(ui: &mut Ui, column: &ColumnProfile, rows: u64) {
    let short = |text: String| -> String { sanitise(&text).chars().take(24).collect() };
    ui.label(RichText::new(sanitise(&column.name).into_owned()).strong());
    ui.label(look::muted(ui, column.data_type.to_string()));
    ui.label(column.meaning.kind.map(trommel_model::SemanticType::label).unwrap_or_default())
        .on_hover_text(format!("{:.0} % sure", column.meaning.confidence * 100.0));
    ui.label(column.meaning.pii.filter(|p| p.confidence >= 0.5).map(|p| p.class.label()).unwrap_or_default());
    let share = if rows == 0 { 0.0 } else { column.nulls as f32 / rows as f32 };
    ui.add(ProgressBar::new(share).desired_width(90.0).text(format!("{:.1} %", share * 100.0)));
    ui.label(match column.distinct {
        Count::Exact(n) => grouped(n),
        Count::About(n) => format!("≈ {}", grouped(n)),
    });
    ui.label(short(column.min.text()));
    ui.label(short(column.max.text()));
    ui.label(column.mean.map(|m| format!("{m:.4}")).unwrap_or_default());
    bars(ui, &column.histogram);
    let top: Vec<String> = column.top.iter().take(3).map(|(v, n)| format!("{} ({})", short(v.text()), grouped(*n))).collect();
    ui.label(top.join(", "));
    let patterns = column.text.iter().flat_map(|t| t.patterns.iter().take(2));
    let patterns: Vec<String> = patterns.map(|(p, share)| format!("{} ({:.0} %)", short(p.clone()), share * 100.0)).collect();
    ui.label(patterns.join(", "));
}

/// The cells that look wrong, once they were asked for.
fn wrong(ui: &mut Ui, view: &View<'_>) {
    const SHOWN: usize = 200;
    if let Some(problem) = view.profile.findings.problem() {
        look::problem(ui, problem);
    } else if view.profile.findings.is_pending() {
        ui.spinner();
    }
    let Some(findings) = view.profile.findings.latest() else { return };
    ui.separator();
    let shown = findings.cells.len().min(SHOWN);
    ui.label(look::muted(
        ui,
        format!("showing {} of {} cells that look wrong", grouped(shown as u64), grouped(findings.cells.len() as u64)),
    ));
    Grid::new("findings").num_columns(6).striped(true).spacing([18.0, 4.0]).show(ui, |ui| {
        for heading in ["row", "column", "value", "rule", "should be", "because"] {
            ui.label(RichText::new(heading).strong());
        }
        ui.end_row();
        for cell in findings.cells.iter().take(SHOWN) {
            ui.label(grouped(cell.row));
            for text in [&cell.column, &cell.value, &cell.rule, cell.suggestion.as_ref().unwrap_or(&String::new()), &cell.reason] {
                ui.label(sanitise(text).chars().take(60).collect::<String>());
            }
            ui.end_row();
        }
    });
}

/// A small histogram.
fn bars(ui: &mut Ui, bins: &[u64]) {
    let (area, _) = ui.allocate_exact_size(Vec2::new(120.0, 18.0), Sense::hover());
    let most = bins.iter().copied().max().unwrap_or(0).max(1) as f32;
    let wide = area.width() / bins.len().max(1) as f32;
    for (i, rows) in bins.iter().enumerate() {
        let tall = area.height() * *rows as f32 / most;
        let corner = area.left_bottom() + Vec2::new(i as f32 * wide, -tall);
        ui.painter().rect_filled(Rect::from_min_size(corner, Vec2::new(wide - 1.0, tall)), 0.0, look::colour(look::palette(ui).accent));
    }
}
