//! Board: KPIs as cards and charts.

use egui::{RichText, ScrollArea, Ui};
use trommel_app::{BoardCommand, Command, View};
use trommel_model::{Better, CardChart, Chart, KpiValues, Standing, format_change, format_short, sanitise};

use crate::look::{self, colour};
use crate::plot;
use crate::wish::Wishes;

const CARD_WIDTH: f32 = 220.0;
const CHART_HEIGHT: f32 = 220.0;

pub(crate) fn show(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) {
    let Some(values) = view.board.values.latest() else {
        if let Some(problem) = view.board.values.problem() {
            look::problem(ui, problem);
        } else if view.board.values.is_pending() {
            ui.spinner();
        } else {
            look::empty(ui, "no board", "write boards/NAME.toml");
        }
        return;
    };
    ui.horizontal(|ui| {
        ui.heading(sanitise(&values.spec.title).into_owned());
        if ui.button("Refresh").clicked() {
            wishes.ask(Command::Board(BoardCommand::Refresh));
        }
        if ui.button("Draw a KPI to a file…").clicked() {
            wishes.choose("kpi.render");
        }
        if view.board.values.is_pending() {
            ui.spinner();
        }
        ui.label(look::muted(ui, format!("snapshot {}", values.snapshot)));
    });
    if let Some(problem) = view.board.values.problem() {
        look::problem(ui, problem);
    }
    let kpi = |name: &str| values.kpis.iter().find(|k| k.name == name);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let room = ui.available_width();
        let gap = ui.spacing().item_spacing.x;
        let a_row = (((room + gap) / (CARD_WIDTH + look::CARD_MARGINS + gap)) as usize).max(1);
        let numbers: Vec<&KpiValues> =
            values.spec.cards.iter().filter(|c| c.chart == CardChart::Number).filter_map(|card| kpi(&card.kpi)).collect();
        for row in numbers.chunks(a_row) {
            ui.horizontal_top(|ui| row.iter().for_each(|kpi| number(ui, kpi)));
        }
        for (i, card) in values.spec.cards.iter().enumerate().filter(|(_, c)| c.chart != CardChart::Number) {
            if let Some(kpi) = kpi(&card.kpi) {
                look::card(ui, |ui| {
                    ui.set_width(room - look::CARD_MARGINS);
                    plot::show(ui, &format!("card {i}"), &Chart::of(kpi, card), CHART_HEIGHT);
                });
            }
        }
    });
}

fn number(ui: &mut Ui, kpi: &KpiValues) {
    let palette = look::palette(ui);
    look::card(ui, |ui| {
        ui.set_width(CARD_WIDTH);
        ui.vertical(|ui| {
            ui.label(look::muted(ui, sanitise(&kpi.title).into_owned()));
            let shown = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| format_short(v, kpi.format, &kpi.unit));
            ui.label(RichText::new(shown(kpi.total)).size(28.0).strong());
            let current = kpi.current.as_ref().and_then(|p| p.value);
            let previous = kpi.previous.as_ref().and_then(|p| p.value);
            if let (Some(current), Some(previous)) = (current, previous)
                && let Some(change) = format_change(current, previous, kpi.format)
            {
                let up = current >= previous;
                let good = up == (kpi.better == Better::Higher);
                let tint = colour(if good { palette.good } else { palette.bad });
                ui.label(RichText::new(format!("{} {change} on the period before", if up { "▲" } else { "▼" })).color(tint).small());
            }
            let (sign, word, swatch) = match kpi.standing {
                Standing::NoTarget => return,
                Standing::Met => ("✓", "target met", palette.good),
                Standing::Missed => ("✗", "target missed", palette.warn),
                Standing::Warning => ("!", "warning", palette.bad),
            };
            let target = kpi.target.map(|t| format!(" {}", format_short(t, kpi.format, &kpi.unit))).unwrap_or_default();
            ui.label(RichText::new(format!("{sign} {word}{target}")).color(colour(swatch)).small());
        });
    });
}
