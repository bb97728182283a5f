//! Pipeline: the graph of steps with live states; plan, run, cancel.

use std::collections::BTreeMap;

use egui::{Align2, FontId, Panel, Pos2, Rect, RichText, ScrollArea, Sense, Stroke, StrokeKind, Ui, Vec2};
use trommel_app::{Command, PipelineCommand, Selection, View};
use trommel_model::{Decision, Plan, PlanStep, StepRecord, StepStatus, sanitise};

use crate::grid::grouped;
use crate::look::{self, colour};
use crate::wish::Wishes;

const BOX: Vec2 = Vec2::new(200.0, 58.0);
const GAP: Vec2 = Vec2::new(48.0, 14.0);

pub(crate) fn show(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) {
    let running = view.pipeline.running().is_some();
    ui.horizontal(|ui| {
        ui.heading("Pipeline");
        if ui.add_enabled(!running, egui::Button::new("▶ Run")).on_disabled_hover_text("a run is going on").clicked() {
            wishes.ask(Command::Pipeline(PipelineCommand::Run(Selection::default())));
        }
        if ui.add_enabled(running, egui::Button::new("■ Cancel")).on_disabled_hover_text("no run is going on").clicked() {
            wishes.ask(Command::Pipeline(PipelineCommand::CancelRun));
        }
        if ui.button("Plan").clicked() {
            wishes.ask(Command::Pipeline(PipelineCommand::Plan(Selection::default())));
        }
        if ui.button("Runs").clicked() {
            wishes.choose("runs.list");
        }
        if ui.button("Quarantine").clicked() {
            wishes.choose("quarantine.list");
        }
        if let Some(record) = view.pipeline.run.as_ref().and_then(|r| r.record.as_ref()) {
            ui.label(look::muted(ui, format!("run {} {}", record.id, record.status.name())));
        }
    });
    if let Some(problem) = view.pipeline.plan.problem() {
        look::problem(ui, problem);
    }
    let Some(plan) = view.pipeline.plan.latest() else {
        if view.pipeline.plan.is_pending() {
            ui.spinner();
        }
        return;
    };
    if plan.steps.is_empty() {
        look::empty(ui, "the workspace has no steps", "write a source or a model");
        return;
    }
    Panel::bottom("step").resizable(true).default_size(200.0).show(ui, |ui| details(ui, view, plan));
    ScrollArea::both().show(ui, |ui| graph(ui, view, plan, wishes));
}

/// Steps in columns: each stands right of everything it depends on.
fn columns(plan: &Plan) -> Vec<Vec<&PlanStep>> {
    let mut depth: BTreeMap<&str, usize> = BTreeMap::new();
    let mut all: Vec<Vec<&PlanStep>> = Vec::new();
    for step in &plan.steps {
        let own = step.depends_on.iter().filter_map(|d| depth.get(d.as_str())).max().map_or(0, |d| d + 1);
        depth.insert(&step.name, own);
        if all.len() <= own {
            all.resize(own + 1, Vec::new());
        }
        all[own].push(step);
    }
    all
}

fn graph(ui: &mut Ui, view: &View<'_>, plan: &Plan, wishes: &mut Wishes) {
    let columns = columns(plan);
    let tallest = columns.iter().map(Vec::len).max().unwrap_or(0) as f32;
    let size = Vec2::new(columns.len() as f32 * (BOX.x + GAP.x), tallest * (BOX.y + GAP.y));
    let (area, _) = ui.allocate_exact_size(size, Sense::hover());
    let mut places: BTreeMap<&str, Rect> = BTreeMap::new();
    for (x, column) in columns.iter().enumerate() {
        for (y, step) in column.iter().enumerate() {
            let corner = area.min + Vec2::new(x as f32 * (BOX.x + GAP.x), y as f32 * (BOX.y + GAP.y));
            places.insert(&step.name, Rect::from_min_size(corner, BOX));
        }
    }
    let palette = look::palette(ui);
    let line = Stroke::new(1.5, colour(palette.grid));
    for step in &plan.steps {
        let Some(to) = places.get(step.name.as_str()) else { continue };
        for from in step.depends_on.iter().filter_map(|d| places.get(d.as_str())) {
            let (a, b) = (from.right_center(), to.left_center());
            let bend = Vec2::new(GAP.x / 2.0, 0.0);
            let curve =
                egui::epaint::CubicBezierShape::from_points_stroke([a, a + bend, b - bend, b], false, egui::Color32::TRANSPARENT, line);
            ui.painter().add(curve);
        }
    }
    let slowest = view.pipeline.run.as_ref().and_then(|r| r.record.as_ref()).and_then(|r| r.steps.iter().max_by_key(|s| s.elapsed_ms));
    for step in &plan.steps {
        let Some(place) = places.get(step.name.as_str()) else { continue };
        let known = view.pipeline.step(&step.name);
        let bottleneck = slowest.is_some_and(|s| s.name == step.name && s.elapsed_ms > 0);
        draw_step(ui, *place, step, known, bottleneck, view.pipeline.selected.as_deref() == Some(step.name.as_str()), wishes);
    }
}

fn draw_step(ui: &mut Ui, place: Rect, step: &PlanStep, known: Option<&StepRecord>, bottleneck: bool, selected: bool, wishes: &mut Wishes) {
    let palette = look::palette(ui);
    let status = known.map(|k| k.status);
    let (sign, word, tint) = match status {
        Some(StepStatus::Running) => ("▶", "running", palette.accent),
        Some(StepStatus::Done) if known.is_some_and(|k| k.counts.quarantined > 0) => ("!", "held rows", palette.warn),
        Some(StepStatus::Done) => ("✓", "done", palette.good),
        Some(StepStatus::Failed) => ("✗", "failed", palette.bad),
        Some(StepStatus::Cancelled) => ("■", "cancelled", palette.muted),
        Some(StepStatus::Waiting) => ("·", "waiting", palette.muted),
        None if step.decision == Decision::Run => ("·", "would run", palette.muted),
        Some(StepStatus::Skipped) | None => ("–", "unchanged", palette.muted),
    };
    let response = ui.interact(place, ui.scope_id().with(&step.name), Sense::click());
    let described = format!("{} {} {word}", step.kind.name(), step.name);
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, selected, described.clone()));
    if response.clicked() {
        wishes.ask(Command::Pipeline(PipelineCommand::SelectStep(step.name.clone())));
    }
    let border =
        if selected || response.has_focus() { Stroke::new(2.0, colour(palette.accent)) } else { Stroke::new(1.0, colour(palette.grid)) };
    let painter = ui.painter_at(place.expand(2.0));
    painter.rect(place, 6.0, colour(palette.surface), border, StrokeKind::Inside);
    painter.rect_filled(Rect::from_min_size(place.min, Vec2::new(4.0, place.height())), 2.0, colour(tint));
    let text =
        |at: Pos2, words: String, size: f32, swatch| painter.text(at, Align2::LEFT_TOP, words, FontId::proportional(size), colour(swatch));
    text(place.min + Vec2::new(12.0, 6.0), step.name.clone(), 14.0, palette.text);
    let state = if bottleneck { format!("{sign} {word} · slowest") } else { format!("{sign} {word}") };
    text(place.min + Vec2::new(12.0, 24.0), state, 12.0, tint);
    let figures = known.filter(|k| k.status == StepStatus::Done).map(|k| {
        let held = if k.counts.quarantined > 0 { format!(" · {} held", grouped(k.counts.quarantined)) } else { String::new() };
        format!("{} → {}{held} · {:.1} s", grouped(k.counts.rows_in), grouped(k.counts.rows_out), k.elapsed_ms as f64 / 1000.0)
    });
    text(place.min + Vec2::new(12.0, 40.0), figures.unwrap_or_else(|| step.kind.name().to_owned()), 11.0, palette.muted);
}

fn details(ui: &mut Ui, view: &View<'_>, plan: &Plan) {
    let selected = view.pipeline.selected.as_deref().and_then(|name| plan.steps.iter().find(|s| s.name == name));
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        if let Some(step) = selected {
            ui.label(RichText::new(&step.name).strong());
            ui.label(look::muted(ui, &step.why));
            if let Some(known) = view.pipeline.step(&step.name) {
                let c = &known.counts;
                ui.label(format!(
                    "{} in + {} expanded = {} out + {} filtered + {} merged + {} held",
                    grouped(c.rows_in),
                    grouped(c.expanded),
                    grouped(c.rows_out),
                    grouped(c.filtered),
                    grouped(c.merged),
                    grouped(c.quarantined)
                ));
                for check in &known.checks {
                    let sign = if check.is_broken() { "✗" } else { "✓" };
                    ui.label(format!("{sign} {}: {}", check.check, sanitise(&check.finding())));
                }
                for note in &known.notes {
                    ui.label(look::muted(ui, sanitise(note).into_owned()));
                }
                if let Some(problem) = &known.problem {
                    look::problem(ui, problem);
                }
            }
            ui.separator();
        }
        for line in view.pipeline.run.iter().flat_map(|r| r.log.iter().rev()) {
            let step = line.step.as_deref().unwrap_or_default();
            ui.label(look::muted(ui, format!("{} {step} {}", line.at, sanitise(&line.text))).small());
        }
    });
}
