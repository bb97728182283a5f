//! Asks for the arguments of an entry before it is done.

use std::collections::BTreeMap;

use egui::{ComboBox, Key, TextEdit, Ui};
use trommel_app::catalogue::{Action, Argument, Entry, Input, Shape, Values};
use trommel_app::{Screen, Subject, View};

use crate::chooser::Chooser;
use crate::look;
use crate::wish::Wishes;

/// An entry whose arguments are asked for.
#[derive(Debug)]
pub(crate) struct Prompt {
    entry: &'static Entry,
    texts: BTreeMap<&'static str, String>,
    flags: BTreeMap<&'static str, bool>,
    fault: Option<trommel_model::Problem>,
    fresh: bool,
    /// The system's file dialog, and the argument it is for.
    chooser: Chooser,
    choosing: Option<&'static str>,
}

impl Prompt {
    /// A prompt with what the view already tells filled in.
    pub(crate) fn new(entry: &'static Entry, view: &View<'_>) -> Self {
        let mut texts = BTreeMap::new();
        for argument in entry.arguments {
            let known = known(argument, view).or_else(|| argument.default.map(str::to_owned));
            texts.insert(argument.name, known.unwrap_or_default());
        }
        Self { entry, texts, flags: BTreeMap::new(), fault: None, fresh: true, chooser: Chooser::default(), choosing: None }
    }

    /// The same with some answers given.
    pub(crate) fn with(mut self, known: Vec<(&'static str, String)>) -> Self {
        self.texts.extend(known);
        self
    }

    /// What is asked for.
    pub(crate) fn title(&self) -> &'static str {
        self.entry.title
    }

    /// Draws it. True when it is done.
    pub(crate) fn show(&mut self, ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) -> bool {
        look::sink_fields(ui);
        ui.label(look::muted(ui, self.entry.help));
        if let (Some(path), Some(name)) = (self.chooser.chosen(), self.choosing) {
            self.texts.insert(name, path.display().to_string());
        }
        egui::Grid::new(self.entry.id).num_columns(2).spacing([12.0, 8.0]).show(ui, |ui| {
            for argument in self.entry.arguments {
                let label = ui.label(argument.name).on_hover_text(argument.help);
                if argument.shape == Shape::Flag {
                    ui.checkbox(self.flags.entry(argument.name).or_default(), argument.help);
                } else {
                    let text = self.texts.entry(argument.name).or_default();
                    let choices = choices(argument, view);
                    ui.horizontal(|ui| {
                        let wide = if argument.input == Input::Sql { 420.0 } else { 260.0 };
                        let field = ui.add(TextEdit::singleline(text).desired_width(wide).hint_text(argument.sample.unwrap_or_default()));
                        let field = field.labelled_by(label.id).on_hover_text(argument.help);
                        if self.fresh {
                            field.request_focus();
                            self.fresh = false;
                        }
                        if argument.input == Input::Path && ui.button("Choose…").clicked() {
                            self.chooser.open(ui.ctx());
                            self.choosing = Some(argument.name);
                        }
                        if !choices.is_empty() {
                            ComboBox::from_id_salt(argument.name).selected_text("choose").show_ui(ui, |ui| {
                                for choice in choices {
                                    if ui.selectable_label(*text == choice, &choice).clicked() {
                                        *text = choice;
                                    }
                                }
                            });
                        }
                    });
                }
                ui.end_row();
            }
        });
        if let Some(fault) = &self.fault {
            look::problem(ui, fault);
        }
        let mut done = ui.input(|i| i.key_pressed(Key::Escape));
        let enter = ui.input(|i| i.key_pressed(Key::Enter));
        ui.horizontal(|ui| {
            if ui.button("Do it").clicked() || enter {
                done |= self.accept(wishes);
            }
            if ui.button("Cancel").clicked() {
                done = true;
            }
        });
        done
    }

    fn accept(&mut self, wishes: &mut Wishes) -> bool {
        let Action::Ask(build) = self.entry.action else { return true };
        let mut values = Values::default();
        for (name, text) in self.texts.iter().filter(|(_, t)| !t.trim().is_empty()) {
            values.push(name, text.trim());
        }
        for (name, _) in self.flags.iter().filter(|(_, set)| **set) {
            values.push(name, "true");
        }
        match build(&values) {
            Ok(command) => {
                wishes.ask(command);
                true
            }
            Err(problem) => {
                self.fault = Some(problem);
                false
            }
        }
    }
}

/// What the view already tells about an argument.
fn known(argument: &Argument, view: &View<'_>) -> Option<String> {
    match argument.input {
        Input::Table => in_front(view),
        Input::Source => view.sources.selected.clone(),
        Input::Board => view.board.name.clone(),
        Input::Recipe => view.recipe.model.clone(),
        Input::Match => view.review.model().map(str::to_owned),
        Input::Run => Some("last".to_owned()),
        // An answer that may be left out asks for something else than no answer.
        Input::Moment if argument.shape == Shape::Required => Some("previous".to_owned()),
        _ => None,
    }
}

/// What the screen in front is about, as a verb would name it.
fn in_front(view: &View<'_>) -> Option<String> {
    let subject = match view.screen {
        Screen::Sources => return view.sources.selected.as_ref().map(|source| format!("raw.{source}")),
        Screen::Profile => view.profile.subject.as_ref(),
        _ => view.table.map(|table| &table.subject),
    };
    match subject? {
        Subject::Table(name) => Some(name.to_string()),
        Subject::File(path) => Some(path.display().to_string()),
        Subject::Sql(sql) => Some(sql.clone()),
        _ => None,
    }
}

fn choices(argument: &Argument, view: &View<'_>) -> Vec<String> {
    if argument.input == Input::Example {
        return ["car-rental", "marketing-refactor", "one-customer", "online-retail", "reporting-elt", "shopsphere"]
            .map(str::to_owned)
            .to_vec();
    }
    if argument.input == Input::Column {
        let window = view.table.and_then(|t| t.window.latest());
        return window.map(|w| w.schema.names().map(str::to_owned).collect()).unwrap_or_default();
    }
    if let Input::OneOf(words) = argument.input {
        return words.iter().map(|w| (*w).to_owned()).collect();
    }
    let Some(workspace) = view.workspace.current.latest() else { return Vec::new() };
    let sources = || workspace.sources.iter().map(|s| s.name.clone());
    let models = || workspace.models.iter().map(|m| m.name.to_string());
    match argument.input {
        Input::Source => sources().collect(),
        Input::Moment => {
            let kept = ["previous", "first", "now"].map(str::to_owned);
            kept.into_iter().chain(sources().map(|s| format!("raw.{s}"))).chain(models()).collect()
        }
        Input::Connection => workspace.config.connections.iter().map(|c| c.name.clone()).collect(),
        Input::Table => sources().map(|s| format!("raw.{s}")).chain(models()).collect(),
        Input::Model => {
            let sinks = workspace.sinks.iter().map(|s| format!("sink.{}", s.name));
            sources().map(|s| format!("raw.{s}")).chain(models()).chain(sinks).collect()
        }
        Input::Recipe => workspace.models.iter().filter(|m| m.kind.name() == "recipe").map(|m| m.name.to_string()).collect(),
        Input::Match => workspace.models.iter().filter(|m| m.kind.name() == "match").map(|m| m.name.to_string()).collect(),
        Input::Alert => workspace.config.alerts.iter().map(|a| a.name.clone()).collect(),
        Input::Kpi => workspace.kpis.iter().map(|k| k.name.clone()).collect(),
        Input::Board => workspace.boards.iter().map(|b| b.name.clone()).collect(),
        _ => Vec::new(),
    }
}
