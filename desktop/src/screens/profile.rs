//! Profile: what each column holds, and what changed about it.

use egui::{Grid, ProgressBar, Rect, RichText, ScrollArea, Sense, Ui, Vec2};
use trommel_app::{Command, ListKind, ProfileFront, QualityCommand, Remote, Subject, TableCommand, View, Whole};
use trommel_model::{ChangeWeight, ColumnProfile, Count, null_words, sanitise};

use crate::grid::grouped;
use crate::look;
use crate::wish::Wishes;

pub(crate) fn show(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) {
    if view.profile.subject.is_some() {
        actions(ui, view, wishes);
    }
    if view.profile.front == ProfileFront::Changes {
        changes(ui, view);
        return;
    }
    let Some((profile, whole)) = view.profile.shown() else {
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
    ui.horizontal(|ui| {
        if whole == Whole::No {
            ui.spinner();
        }
        let so_far = if whole == Whole::No { "; so far, more rows are coming" } else { "" };
        ui.label(look::muted(ui, format!("{} rows, {} columns{so_far}", grouped(profile.rows), profile.columns.len())));
    });
    for note in &profile.notes {
        ui.label(look::muted(ui, sanitise(note).into_owned()));
    }
    if let Some(relations) = &profile.relations {
        ui.collapsing("Columns together", |ui| {
            for told in relations.told(None) {
                ui.label(sanitise(&told).into_owned());
            }
        });
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

/// What can be done with what is profiled.
fn actions(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) {
    let table = match &view.profile.subject {
        Some(Subject::Table(name)) => Some(name.to_string()),
        _ => None,
    };
    ui.horizontal(|ui| {
        let first = if table.is_some() { "previous" } else { "" };
        if ui.button("Compare with…").clicked() {
            wishes.fill("profile.compare", vec![("from", first.to_owned())]);
        }
        if view.profile.change != Remote::NotAsked {
            let label = if view.profile.front == ProfileFront::Changes { "Columns" } else { "Changes" };
            if ui.button(label).clicked() {
                wishes.ask(Command::Quality(QualityCommand::TurnProfile));
            }
        }
        if let Some(table) = table
            && ui.button("Earlier runs").clicked()
            && let Ok(name) = table.parse()
        {
            wishes.ask(Command::Table(TableCommand::Open(Subject::List(ListKind::Profiles(name)))));
        }
        if ui.button("Write a report…").clicked() {
            wishes.fill("profile.report", vec![("to", "profile.html".to_owned())]);
        }
        if ui.button("Find cells that look wrong").clicked() {
            wishes.choose("profile.check");
        }
    });
}

/// What changed between two profiles, the columns that changed most first.
fn changes(ui: &mut Ui, view: &View<'_>) {
    if let Some(problem) = view.profile.change.problem() {
        look::problem(ui, problem);
        return;
    }
    if view.profile.change.is_pending() {
        ui.spinner();
    }
    let Some(change) = view.profile.change.latest() else { return };
    ui.heading(format!("{}: {}", sanitise(&change.subject), change.summary()));
    ui.label(look::muted(ui, sanitise(&format!("from {} to {}", change.from.words(grouped), change.to.words(grouped))).into_owned()));
    let palette = look::palette(ui);
    ScrollArea::both().show(ui, |ui| {
        Grid::new("changes").num_columns(9).striped(true).spacing([18.0, 8.0]).show(ui, |ui| {
            for heading in ["column", "change", "PSI", "KS", "nulls before", "nulls after", "before", "after", "what"] {
                ui.label(RichText::new(heading).strong());
            }
            ui.end_row();
            for column in &change.columns {
                let tint = match column.weight {
                    ChangeWeight::Same => palette.muted,
                    ChangeWeight::Slight => palette.warn,
                    ChangeWeight::Marked => palette.bad,
                };
                ui.label(RichText::new(sanitise(&column.name).into_owned()).strong());
                ui.label(RichText::new(column.weight.name()).color(look::colour(tint)));
                for figure in [column.psi, column.ks] {
                    ui.label(figure.map(|x| format!("{x:.2}")).unwrap_or_default());
                }
                let sides = [(&column.from, &change.from), (&column.to, &change.to)];
                for (side, stamp) in sides {
                    let rows = stamp.looked_at.unwrap_or(stamp.rows);
                    ui.label(side.as_ref().map(|c| null_words(c.nulls, rows)).unwrap_or_default());
                }
                for (side, _) in sides {
                    bars(ui, side.as_ref().map(|c| c.histogram.as_slice()).unwrap_or_default());
                }
                ui.label(sanitise(&column.remarks.join("; ")).chars().take(160).collect::<String>());
                ui.end_row();
            }
        });
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
    ui.label(look::muted(ui, format!("showing {} of {} cells that look wrong", grouped(shown as u64), grouped(findings.found))));
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
