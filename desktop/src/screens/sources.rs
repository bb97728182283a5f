//! Sources: what the workspace reads, and the first rows of the selected one.

use egui::{Panel, RichText, ScrollArea, Ui};
use trommel_app::catalogue::Values;
use trommel_app::{Command, DraftCommand, SourceCommand, Subject, TableCommand, View};
use trommel_model::{ConnectionKind, ConnectionSpec, TableName};

use crate::form;
use crate::grid::{self, GridState};
use crate::look;
use crate::wish::Wishes;

pub(crate) fn show(ui: &mut Ui, view: &View<'_>, preview: &mut GridState, wishes: &mut Wishes) {
    let Some(workspace) = view.workspace.current.latest() else {
        welcome(ui, view, wishes);
        return;
    };
    Panel::left("source list").default_size(260.0).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.heading("Sources");
            if ui.button("Import a file…").clicked() {
                wishes.choose("source.import");
            }
        });
        ScrollArea::vertical().show(ui, |ui| {
            for source in &workspace.sources {
                let selected = view.sources.selected.as_deref() == Some(source.name.as_str());
                let row = ui.selectable_label(selected, RichText::new(&source.name).strong());
                if row.clicked() {
                    wishes.ask(Command::Source(SourceCommand::Select(source.name.clone())));
                }
                if !source.description.is_empty() {
                    ui.label(look::muted(ui, &source.description).small());
                }
                ui.add_space(4.0);
            }
            if workspace.sources.is_empty() {
                look::empty(ui, "no sources yet", "import a file, or make a connection");
            }
            ui.separator();
            ui.horizontal(|ui| {
                ui.heading("Connections");
                if ui.button("New…").on_hover_text("a new connection").clicked() {
                    wishes.choose("connect.new");
                }
            });
            for connection in &workspace.config.connections {
                ui.label(&connection.name);
                // A server has no path.
                let place = connection.url.as_ref().map_or_else(|| connection.path.clone(), ToString::to_string);
                ui.label(look::muted(ui, &place).small());
                connection_buttons(ui, connection, wishes);
            }
            if !view.sources.trial.stages.is_empty() || view.sources.trial.is_pending() {
                ui.separator();
                form::stages(ui, &view.sources.trial.stages, view.sources.trial.is_pending());
            }
        });
    });
    let Some(name) = &view.sources.selected else { return };
    ui.horizontal(|ui| {
        ui.heading(name);
        if ui.button("Open its table").clicked() {
            wishes.ask(Command::Table(TableCommand::Open(Subject::Table(TableName::new("raw", name.clone())))));
        }
    });
    ui.label(look::muted(ui, "first rows, as they come"));
    if let Some(table) = &view.sources.preview {
        grid::show(ui, "source preview", table, preview, wishes);
    }
}

fn connection_buttons(ui: &mut Ui, connection: &ConnectionSpec, wishes: &mut Wishes) {
    let name = connection.name.as_str();
    let command = |command: SourceCommand| Command::Source(command);
    let mut values = Values::default();
    values.set("connection", name);
    let change = DraftCommand::Open { entry: "connect.edit".to_owned(), values };
    ui.horizontal(|ui| {
        for (title, wanted) in [
            ("Browse", command(SourceCommand::Browse(name.to_owned()))),
            ("Test", command(SourceCommand::Test(name.to_owned()))),
            ("Change", command(SourceCommand::Draft(change))),
        ] {
            // A folder has no tables.
            let shown = title != "Browse" || connection.kind != ConnectionKind::Folder;
            if shown && ui.small_button(title).on_hover_text(format!("{} {name}", title.to_lowercase())).clicked() {
                wishes.ask(wanted);
            }
        }
    });
}

/// What to do while no workspace is open.
fn welcome(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) {
    ui.add_space(48.0);
    ui.vertical_centered(|ui| {
        ui.label(RichText::new("Trommel").size(32.0).strong());
        ui.label(look::muted(ui, "wash, sort and keep what is worth keeping"));
        ui.add_space(24.0);
        if view.workspace.current.is_pending() || view.workspace.made.is_pending() {
            ui.spinner();
            ui.label("opening…");
            return;
        }
        if ui.button("Open a workspace…").clicked() {
            wishes.choose("workspace.open");
        }
        if ui.button("Make an example…").clicked() {
            wishes.choose("workspace.example");
        }
        ui.add_space(12.0);
        ui.label(look::muted(ui, "or drop a file on the window to profile it"));
    });
}
