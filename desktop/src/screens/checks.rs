//! Checks: all of them with how they stand; or checks that are proposed for a table.

use egui::{Grid, RichText, ScrollArea, Ui};
use trommel_app::{CheckCommand, Command, ListKind, PipelineCommand, Proposals, Remote, Selection, Subject, TableCommand, View};
use trommel_model::{CheckAction, CheckResult, CheckState, sanitise};

use crate::grid::grouped;
use crate::look::{self, colour};
use crate::wish::Wishes;

pub(crate) fn show(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) {
    if view.checks.proposals != Remote::NotAsked {
        proposals(ui, view, wishes);
        return;
    }
    ui.horizontal(|ui| {
        ui.heading("Checks");
        if ui.button("Check now").on_hover_text("evaluates all checks on the tables as they are").clicked() {
            wishes.ask(Command::Pipeline(PipelineCommand::Check(Selection::default())));
        }
        if ui.button("Propose…").clicked() {
            wishes.choose("check.propose");
        }
        if ui.button("Scores").clicked() {
            wishes.choose("check.scores");
        }
        if view.pipeline.checks.is_pending() || view.checks.list.is_pending() {
            ui.spinner();
        }
        undo(ui, view, wishes);
    });
    if let Some(problem) = view.checks.list.problem() {
        look::problem(ui, problem);
    }
    let Some(list) = view.checks.list.latest() else {
        if view.workspace.current.latest().is_none() {
            look::empty(ui, "no workspace is open", "open one with Ctrl+O");
        }
        return;
    };
    if list.is_empty() {
        look::empty(ui, "the workspace has no checks", "propose some for a table, or write [[checks]] beside a source or a model");
        return;
    }
    let broken = list.iter().filter(|s| s.is_broken()).count();
    let never = list.iter().filter(|s| s.result.is_none()).count();
    ui.label(look::muted(ui, format!("{broken} broken, {} hold, {never} not applied yet", list.len() - broken - never)));
    ScrollArea::both().show(ui, |ui| {
        Grid::new("checks").num_columns(11).striped(true).spacing([18.0, 6.0]).show(ui, |ui| {
            for heading in ["state", "", "table", "check", "broken", "score", "severity", "dimension", "action", "owner", "found"] {
                ui.label(RichText::new(heading).strong());
            }
            ui.end_row();
            for state in list {
                row(ui, state, wishes);
                ui.end_row();
            }
        });
    });
}

fn row(ui: &mut Ui, state: &CheckState, wishes: &mut Wishes) {
    let palette = look::palette(ui);
    let tint = match (&state.result, state.spec.action) {
        (None, _) => palette.muted,
        (Some(result), _) if !result.is_broken() => palette.good,
        (_, CheckAction::Fail) => palette.bad,
        _ => palette.warn,
    };
    ui.label(RichText::new(state.word()).color(colour(tint)).strong());
    if state.spec.rule.is_by_table() {
        ui.label("");
    } else if ui.button("Rows").on_hover_text("every row that breaks it, with the reason").clicked() {
        let subject = Subject::List(ListKind::Failing(state.table.clone(), Some(state.label.clone())));
        wishes.ask(Command::Table(TableCommand::Open(subject)));
    }
    ui.label(state.table.to_string());
    let named = ui.label(sanitise(&state.label).chars().take(60).collect::<String>());
    if !state.spec.description.is_empty() {
        named.on_hover_text(sanitise(&state.spec.description).into_owned());
    }
    ui.label(state.result.as_ref().map(|r| grouped(r.broken)).unwrap_or_default());
    let score = state.result.as_ref().map(|r| format!("{:.1} %", r.score() * 100.0)).unwrap_or_default();
    let trend = state.trend.iter().map(|s| format!("{:.1} %", s * 100.0)).collect::<Vec<_>>().join(", ");
    ui.label(score).on_hover_text(format!("run by run: {trend}"));
    ui.label(state.spec.severity().name());
    ui.label(look::muted(ui, format!("{:?}", state.spec.dimension()).to_lowercase()));
    ui.label(look::muted(ui, format!("{:?}", state.spec.action).to_lowercase()));
    ui.label(sanitise(&state.spec.owner).into_owned());
    let found = state.result.as_ref().map(CheckResult::finding).unwrap_or_default();
    ui.label(sanitise(&found).chars().take(80).collect::<String>());
}

fn undo(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) {
    if let Some(last) = view.checks.accepted.last() {
        let label = format!("Undo {}", last.labels.join(", "));
        if ui.button(label).on_hover_text(format!("takes it out of {}", last.file)).clicked() {
            wishes.ask(Command::Check(CheckCommand::Undo));
        }
    }
}

fn proposals(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) {
    ui.horizontal(|ui| {
        ui.heading("Proposed checks");
        if ui.button("Back to the checks").clicked() {
            wishes.ask(Command::Check(CheckCommand::Leave));
        }
        undo(ui, view, wishes);
    });
    if let Some(problem) = view.checks.proposals.problem() {
        look::problem(ui, problem);
    }
    if view.checks.proposals.is_pending() {
        ui.spinner();
    }
    let Some(Proposals { table, checks }) = view.checks.proposals.latest() else { return };
    ui.label(look::muted(ui, format!("for {table}, from its profile")));
    if checks.is_empty() {
        look::empty(ui, "nothing is proposed that the table does not have", "");
        return;
    }
    ScrollArea::both().show(ui, |ui| {
        Grid::new("proposals").num_columns(4).striped(true).spacing([18.0, 6.0]).show(ui, |ui| {
            for (at, proposal) in checks.iter().enumerate() {
                if view.checks.is_accepted(proposal) {
                    ui.label(RichText::new("✓ accepted").color(colour(look::palette(ui).good)));
                } else if ui.button("Accept").clicked() {
                    wishes.ask(Command::Check(CheckCommand::Accept(at + 1)));
                }
                ui.label(RichText::new(sanitise(&proposal.label).into_owned()).strong());
                ui.label(look::muted(ui, sanitise(&proposal.support).into_owned()));
                ui.monospace(sanitise(&proposal.text.trim_end().replace('\n', "   ")).into_owned());
                ui.end_row();
            }
        });
    });
}
