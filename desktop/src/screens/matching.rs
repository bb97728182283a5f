//! Match: pairs by score with a threshold to drag, pairs in doubt side by side, golden record, entities that would
//! change, KPIs.

use egui::{Color32, Grid, Rect, RichText, ScrollArea, Sense, Stroke, Ui, pos2, vec2};
use trommel_app::{ALL_KPIS, Command, Foremost, MatchSubject, PreviewRequest, ReviewCommand, View};
use trommel_model::{MatchPreview, ModelKind, PreviewPair, PreviewRecord, Ruling, sanitise};

use crate::grid::grouped;
use crate::look::{self, colour};
use crate::wish::Wishes;

const BARS: f32 = 130.0;
/// Characters of a value that are shown side by side.
const SHOWN: usize = 20;

pub(crate) fn show(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) {
    let Some(preview) = view.review.preview.latest().filter(|_| view.review.preview.problem().is_none()) else {
        choose(ui, view, wishes);
        return;
    };
    ui.heading(sanitise(&preview.subject).into_owned());
    threshold(ui, view, preview, wishes);
    ui.separator();
    ui.columns(2, |columns| {
        let [left, right] = columns else { return };
        pairs(left, view, preview, wishes);
        ScrollArea::vertical().id_salt("beside").show(right, |ui| {
            notes(ui, preview);
            if let Some(pair) = view.review.selected() {
                golden(ui, pair);
                ui.separator();
            }
            changes(ui, view);
            kpis(ui, preview);
        });
    });
}

/// The matches of the workspace, while none is looked at.
fn choose(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) {
    if let Some(problem) = view.review.preview.problem() {
        look::problem(ui, problem);
    } else if view.review.preview.is_pending() {
        ui.spinner();
        return;
    }
    let workspace = view.workspace.current.latest();
    let matches = workspace.into_iter().flat_map(|w| &w.models).filter(|m| matches!(m.kind, ModelKind::Match(_)));
    let names: Vec<String> = matches.map(|m| m.name.to_string()).collect();
    if names.is_empty() {
        look::empty(ui, "the workspace has no match", "write models/LAYER/NAME.toml with kind = \"match\", or look at files");
    }
    ui.vertical_centered(|ui| {
        for name in names {
            if ui.button(format!("Look at {name}")).on_hover_text("nothing is applied").clicked() {
                wishes.ask(Command::Review(ReviewCommand::Preview(PreviewRequest {
                    subject: MatchSubject::Model(name),
                    labels: None,
                    kpis: vec![ALL_KPIS.to_owned()],
                    threshold: None,
                    html: None,
                    first: Foremost::Thresholds,
                })));
            }
        }
        if ui.button("Look at a match…").clicked() {
            wishes.choose("match.preview");
        }
    });
}

/// Bars with the threshold across them: dragged, clicked, or moved by a slider.
fn threshold(ui: &mut Ui, view: &View<'_>, preview: &MatchPreview, wishes: &mut Wishes) {
    let Some(step) = view.review.shown() else { return };
    let palette = look::palette(ui);
    let (area, response) = ui.allocate_exact_size(vec2(ui.available_width().min(760.0), BARS), Sense::click_and_drag());
    let summary = format!(
        "pairs by score; threshold {:.3}, {} entities, {} would become one, {} would fall apart",
        step.threshold, step.entities, step.merges, step.splits
    );
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Slider, true, &summary));
    let painter = ui.painter_at(area);
    let tall = |n: u64| if n == 0 { 0.0 } else { (n as f64).ln_1p() as f32 };
    let most = preview.histogram.iter().map(|n| tall(*n)).fold(1.0, f32::max);
    let wide = area.width() / preview.histogram.len().max(1) as f32;
    for (at, n) in preview.histogram.iter().enumerate() {
        let left = area.left() + at as f32 * wide;
        let bar =
            Rect::from_min_max(pos2(left + 1.0, area.bottom() - tall(*n) / most * (BARS - 4.0)), pos2(left + wide - 1.0, area.bottom()));
        let matched = (at + 1) as f64 / preview.histogram.len() as f64 > step.threshold + 1e-9;
        painter.rect_filled(bar, 1.0, if matched { colour(palette.accent) } else { colour(palette.muted) });
    }
    let x = area.left() + step.threshold as f32 * area.width();
    painter.vline(x, area.y_range(), Stroke::new(2.0, ui.visuals().strong_text_color()));
    if let Some(at) = response.interact_pointer_pos() {
        let wanted = f64::from(((at.x - area.left()) / area.width()).clamp(0.0, 1.0));
        let near = |i: &usize| (preview.steps[*i].threshold - wanted).abs();
        if let Some(step) = (0..preview.steps.len()).min_by(|a, b| near(a).total_cmp(&near(b)))
            && step != view.review.step
        {
            wishes.ask(Command::Review(ReviewCommand::Step(step)));
        }
    }
    ui.horizontal_wrapped(|ui| {
        if ui.button("Lower [").clicked() {
            wishes.choose("match.lower");
        }
        if ui.button("Higher ]").clicked() {
            wishes.choose("match.higher");
        }
        ui.label(RichText::new(format!("threshold {}", trimmed(step.threshold))).strong());
        ui.label(format!(
            "{} records become {} entities, the largest of {}",
            grouped(preview.rows),
            grouped(step.entities),
            grouped(step.largest)
        ));
        ui.label(
            RichText::new(format!("{} would become one, {} would fall apart", grouped(step.merges), grouped(step.splits)))
                .color(colour(palette.accent)),
        );
        if view.review.step != preview.chosen && view.review.model().is_some() && ui.button("Write into the model").clicked() {
            wishes.choose("match.keep_threshold");
        }
    });
    let of = preview.measured_of().map_or_else(|| "measured".to_owned(), |of| format!("measured of {of}"));
    for (quality, name) in [(step.expected, "expected".to_owned()), (step.measured, of)] {
        if let Some(q) = quality {
            ui.label(look::muted(ui, format!("{name}: precision {:.3}, recall {:.3}, F1 {:.3}", q.precision, q.recall, q.f1())));
        }
    }
}

/// What was remarked.
fn notes(ui: &mut Ui, preview: &MatchPreview) {
    if preview.notes.is_empty() {
        return;
    }
    egui::CollapsingHeader::new(format!("Notes ({})", preview.notes.len())).id_salt("notes").default_open(true).show(ui, |ui| {
        for note in &preview.notes {
            ui.label(look::muted(ui, format!("• {}", sanitise(note))));
        }
    });
    ui.separator();
}

/// The list of pairs, and the selected one side by side.
fn pairs(ui: &mut Ui, view: &View<'_>, preview: &MatchPreview, wishes: &mut Wishes) {
    ui.label(RichText::new("Pairs in doubt").strong());
    if preview.pairs.is_empty() {
        ui.label(look::muted(ui, "no pair is in doubt"));
        return;
    }
    ScrollArea::vertical().id_salt("pairs").max_height(160.0).auto_shrink([false, true]).show(ui, |ui| {
        for (at, pair) in preview.pairs.iter().enumerate() {
            let ruling = view.review.rulings.get(&at).map_or("", |r| r.name());
            let text = format!("{}  ↔  {}   {:.3}  {ruling}", pair.left.key, pair.right.key, pair.score);
            if ui.selectable_label(at == view.review.pair, sanitise(&text).into_owned()).clicked() {
                wishes.ask(Command::Review(ReviewCommand::Select(at)));
            }
        }
    });
    ui.horizontal_wrapped(|ui| {
        for (text, id) in [("Same: merge (m)", "match.merge"), ("Not the same: keep apart (n)", "match.keep")] {
            if ui.add_enabled(view.review.model().is_some(), egui::Button::new(text)).clicked() {
                wishes.choose(id);
            }
        }
        if ui.add_enabled(view.review.can_undo(), egui::Button::new("Undo (u)")).clicked() {
            wishes.choose("match.undo");
        }
        if let Some(Ruling::Merge | Ruling::Keep | Ruling::Split) = view.review.rulings.get(&view.review.pair) {
            ui.label(look::muted(ui, "decided; applied by the next run"));
        }
    });
    if let Some(pair) = view.review.selected() {
        ScrollArea::both().id_salt("pair").show(ui, |ui| waterfall(ui, pair));
    }
}

/// Values side by side with differences marked, and what each comparison adds.
fn waterfall(ui: &mut Ui, pair: &PreviewPair) {
    let palette = look::palette(ui);
    Grid::new("pair").striped(true).min_col_width(8.0).spacing([8.0, 4.0]).show(ui, |ui| {
        for head in ["", "column", &pair.left.key.to_string(), &pair.right.key.to_string(), "level", "adds", "sum"] {
            ui.label(RichText::new(sanitise(head).into_owned()).strong());
        }
        ui.end_row();
        let mut sum = pair.why.prior_bits.unwrap_or(0.0);
        if let Some(prior) = pair.why.prior_bits {
            for text in ["", "prior", "", "", "", &format!("{prior:+.1}"), &format!("{sum:+.1}")] {
                ui.label(look::muted(ui, text));
            }
            ui.end_row();
        }
        for (at, part) in pair.why.parts.iter().enumerate() {
            let differs = part.left != part.right;
            ui.label(RichText::new(if differs { "≠" } else { "" }).color(colour(palette.warn)));
            ui.label(look::muted(ui, sanitise(&part.column).into_owned()));
            for record in [&pair.left, &pair.right] {
                let whole = said(record, at);
                let text = RichText::new(shortened(&whole));
                let shown = ui.label(if differs { text.strong() } else { text });
                if whole.chars().count() > SHOWN {
                    shown.on_hover_text(whole);
                }
            }
            let level = part.level.clone().or_else(|| part.similarity.map(|s| format!("{s:.2}"))).unwrap_or_else(|| "missing".to_owned());
            ui.label(look::muted(ui, level));
            if let Some(bits) = part.bits {
                sum += bits;
                ui.label(RichText::new(format!("{bits:+.1}")).color(tone(
                    bits,
                    colour(palette.good),
                    colour(palette.bad),
                    colour(palette.muted),
                )));
                ui.label(look::muted(ui, format!("{sum:+.1}")));
            } else {
                ui.label(format!("× {}", part.weight));
                ui.label("");
            }
            ui.end_row();
        }
    });
}

fn tone(bits: f64, more: Color32, less: Color32, none: Color32) -> Color32 {
    if bits > 0.0 {
        more
    } else if bits < 0.0 {
        less
    } else {
        none
    }
}

/// The beginning of a text, so that what a comparison adds stays in sight beside it.
fn shortened(text: &str) -> String {
    if text.chars().count() > SHOWN { text.chars().take(SHOWN - 1).chain(['…']).collect() } else { text.to_owned() }
}

fn said(record: &PreviewRecord, at: usize) -> String {
    let text = record.said.get(at).and_then(Option::as_deref).unwrap_or("–");
    sanitise(text).chars().take(60).collect()
}

/// The golden record of the selected pair: each cell with where it is from.
fn golden(ui: &mut Ui, pair: &PreviewPair) {
    ui.label(RichText::new("Golden record of both").strong());
    Grid::new("golden").striped(true).spacing([12.0, 4.0]).show(ui, |ui| {
        for cell in &pair.golden {
            ui.label(look::muted(ui, sanitise(&cell.column).into_owned()));
            let value: String = sanitise(cell.value.as_deref().unwrap_or("–")).chars().take(60).collect();
            ui.label(value);
            ui.label(look::muted(ui, format!("{} ({})", sanitise(&cell.from.to_string()), cell.rule)));
            ui.end_row();
        }
    });
}

/// Entities that would change at the threshold that is looked at.
fn changes(ui: &mut Ui, view: &View<'_>) {
    let Some(step) = view.review.shown().filter(|s| !s.changes.is_empty()) else { return };
    ui.label(RichText::new("Entities that would change").strong());
    for change in &step.changes {
        ui.label(look::muted(ui, if change.merge { "would become one:" } else { "would fall apart:" }));
        for (at, part) in change.parts.iter().enumerate() {
            for record in part {
                let said: Vec<&str> = record.said.iter().map(|s| s.as_deref().unwrap_or("–")).collect();
                let text = format!("{}  {}  {}", at + 1, record.key, said.join(" | "));
                ui.label(sanitise(&text).chars().take(120).collect::<String>());
            }
        }
        if change.unlisted > 0 {
            ui.label(look::muted(ui, format!("and {} more records", grouped(change.unlisted))));
        }
    }
    ui.separator();
}

/// KPIs before and after.
fn kpis(ui: &mut Ui, preview: &MatchPreview) {
    if preview.kpis.is_empty() {
        return;
    }
    ui.label(RichText::new("KPIs").strong());
    Grid::new("kpis").striped(true).spacing([12.0, 4.0]).show(ui, |ui| {
        for head in ["KPI", "in the lake", "without a match", "with this match"] {
            ui.label(look::muted(ui, head));
        }
        ui.end_row();
        for kpi in &preview.kpis {
            ui.label(sanitise(&kpi.kpi).into_owned());
            for value in [kpi.before, kpi.unmatched, kpi.after] {
                ui.label(value.map_or_else(|| "–".to_owned(), trimmed));
            }
            ui.end_row();
        }
    });
}

fn trimmed(x: f64) -> String {
    if x.abs() >= 1_000.0 && x > 0.0 {
        return grouped(x.round() as u64);
    }
    let text = format!("{x:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
