//! A form on top of the screen: its lines, what was found and how sure that is, and what comes of them.

use std::collections::BTreeMap;

use egui::{Checkbox, ComboBox, Grid, Key, RichText, ScrollArea, TextEdit, Ui};
use trommel_app::catalogue::Shape;
use trommel_app::{Command, DraftCommand, DraftField, DraftKind, DraftView, SourceCommand};
use trommel_model::{FileFacts, Masked, TrialStage, sanitise};

use crate::grid::grouped;
use crate::look::{self, colour};
use crate::rows;
use crate::wish::Wishes;

/// Texts that are being typed, by the name of their line. Not printed: one may be a password.
#[derive(Default)]
pub(crate) struct FormState {
    typed: BTreeMap<&'static str, String>,
    /// A password being typed.
    password: String,
}

/// Room for the lines; what comes of them has the rest.
const LINES: f32 = 300.0;

/// Draws the form.
pub(crate) fn show(ui: &mut Ui, draft: &DraftView, state: &mut FormState, wishes: &mut Wishes) {
    look::sink_fields(ui);
    ui.label(look::muted(ui, draft.entry.help).small());
    for problem in
        [draft.fault.as_ref(), draft.facts.problem(), draft.written.problem(), draft.trial.problem.as_ref()].into_iter().flatten()
    {
        look::problem(ui, problem);
    }
    ScrollArea::vertical().id_salt("form lines").max_height(LINES).auto_shrink([false, true]).show(ui, |ui| {
        Grid::new("form").num_columns(4).spacing([12.0, 6.0]).show(ui, |ui| {
            for field in draft.fields() {
                line(ui, &field, state, wishes);
                ui.end_row();
            }
            if draft.kind() == DraftKind::Connection {
                password(ui, draft, state, wishes);
                ui.end_row();
            }
        });
    });
    buttons(ui, draft, wishes);
    ui.separator();
    match draft.kind() {
        DraftKind::File => file(ui, draft),
        DraftKind::Table => {
            if let Some(window) = draft.rows.as_ref().and_then(|r| r.window.latest()) {
                rows::show(ui, "table rows", window);
            }
        }
        DraftKind::Connection => stages(ui, &draft.trial.stages, draft.trial.is_pending()),
    }
    if ui.input(|i| i.key_pressed(Key::Escape)) {
        wishes.ask(ask(DraftCommand::Drop));
    }
}

/// The stages of a connection being tried, each with its time; the one that failed with what to do.
pub(crate) fn stages(ui: &mut Ui, stages: &[TrialStage], pending: bool) {
    let palette = look::palette(ui);
    Grid::new("stages").num_columns(3).spacing([14.0, 4.0]).show(ui, |ui| {
        for stage in stages {
            let (sign, swatch, found) = match &stage.outcome {
                Ok(found) => ("✓", palette.good, found.as_str()),
                Err(_) => ("✗", palette.bad, "failed"),
            };
            ui.label(RichText::new(format!("{sign} {}", stage.name)).color(colour(swatch)).strong());
            ui.label(look::muted(ui, format!("{:.0} ms", stage.elapsed_ms)));
            ui.label(sanitise(found).into_owned());
            ui.end_row();
        }
    });
    for problem in stages.iter().filter_map(|s| s.outcome.as_ref().err()) {
        look::problem(ui, problem);
    }
    if pending {
        ui.horizontal(|ui| {
            ui.spinner();
            ui.label("trying…");
        });
    }
}

fn line(ui: &mut Ui, field: &DraftField<'_>, state: &mut FormState, wishes: &mut Wishes) {
    let name = field.argument.name;
    let label = ui.label(name).on_hover_text(field.argument.help);
    let mut say = |value: String| wishes.ask(ask(DraftCommand::Set { name: name.to_owned(), value }));
    if field.argument.shape == Shape::Flag {
        let mut on = field.said == Some("true");
        if ui.add(Checkbox::new(&mut on, field.argument.help)).clicked() {
            say(if on { "true".to_owned() } else { String::new() });
        }
        return;
    }
    let now = field.said.or(field.found.map(|f| f.value.as_str())).unwrap_or_default();
    ui.horizontal(|ui| {
        let mut text = state.typed.get(name).cloned().unwrap_or_else(|| now.to_owned());
        let hint = field.argument.sample.unwrap_or_default();
        let edit = ui.add(TextEdit::singleline(&mut text).desired_width(220.0).hint_text(hint)).labelled_by(label.id);
        if edit.changed() {
            state.typed.insert(name, text.clone());
        }
        if edit.lost_focus()
            && let Some(typed) = state.typed.remove(name)
            && typed.trim() != now
        {
            say(typed.trim().to_owned());
        }
        if !field.choices.is_empty() {
            ComboBox::from_id_salt(name).selected_text("").width(24.0).show_ui(ui, |ui| {
                for choice in &field.choices {
                    if ui.selectable_label(now == choice, choice).clicked() && now != choice {
                        state.typed.remove(name);
                        say(choice.clone());
                    }
                }
            });
        }
    });
    match (field.said, field.found) {
        (Some(_), _) => {
            ui.horizontal(|ui| {
                ui.label(RichText::new("told").color(colour(look::palette(ui).accent)));
                if ui.small_button("×").on_hover_text(format!("leave {name} open")).clicked() {
                    say(String::new());
                }
            });
        }
        (None, Some(found)) => {
            let sure = found.sure.map(|s| format!("found, {:.0} % sure", (s * 100.0).floor()));
            ui.label(look::muted(ui, sure.unwrap_or_default()));
        }
        (None, None) => {
            ui.label("");
        }
    }
}

/// A place to type the password; it is kept outside of the workspace when the connection is saved.
fn password(ui: &mut Ui, draft: &DraftView, state: &mut FormState, wishes: &mut Wishes) {
    let label = ui.label("type it").on_hover_text("the password itself; it is kept outside of the workspace");
    let edit =
        ui.add(TextEdit::singleline(&mut state.password).password(true).desired_width(220.0).hint_text("password")).labelled_by(label.id);
    if edit.lost_focus() && !state.password.is_empty() {
        wishes.ask(ask(DraftCommand::Type(Masked::new(std::mem::take(&mut state.password)))));
    }
    let known = if draft.password.is_some() { "typed, not shown" } else { "" };
    ui.label(look::muted(ui, known));
}

fn buttons(ui: &mut Ui, draft: &DraftView, wishes: &mut Wishes) {
    let (does, others): (&str, &[(&str, DraftCommand)]) = match draft.kind() {
        DraftKind::File => ("Import", &[("View as a table", DraftCommand::Look), ("Profile", DraftCommand::Profile)]),
        DraftKind::Table => ("Make it a source", &[]),
        DraftKind::Connection => ("Save", &[("Test", DraftCommand::Try)]),
    };
    ui.horizontal(|ui| {
        if ui.add_enabled(!draft.written.is_pending(), egui::Button::new(RichText::new(does).strong())).clicked() {
            wishes.ask(ask(DraftCommand::Accept));
        }
        for (title, command) in others {
            if ui.button(*title).clicked() {
                wishes.ask(ask(command.clone()));
            }
        }
        if ui.button("Copy as command").clicked() {
            wishes.copy(format!("trommel {}", draft.as_command(quoted)));
        }
        if ui.button("Cancel").clicked() {
            wishes.ask(ask(DraftCommand::Drop));
        }
        if draft.facts.is_pending() || draft.written.is_pending() {
            ui.spinner();
        }
    });
}

fn file(ui: &mut Ui, draft: &DraftView) {
    let Some(FileFacts { columns, rows, first, notes, .. }) = draft.facts.latest() else {
        if draft.facts.is_pending() {
            ui.label("looking at the whole file…");
        }
        return;
    };
    let rows = rows.map(|n| format!("{} rows, ", grouped(n))).unwrap_or_default();
    ui.label(look::muted(ui, format!("{rows}{} columns; types are those of the whole file", columns.len())));
    for note in notes {
        ui.label(look::muted(ui, sanitise(note).into_owned()).small());
    }
    rows::show(ui, "file rows", first);
}

fn ask(command: DraftCommand) -> Command {
    Command::Source(SourceCommand::Draft(command))
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "._-/:+,=@%".contains(c));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}
