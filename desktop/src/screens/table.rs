//! Table: the virtual grid over any size.

use egui::Ui;
use trommel_app::{Command, InspectCommand, ListKind, Subject, TableCommand, TableView, View};
use trommel_model::{HeldState, RowVerdict, TableName};

use crate::grid::{self, GridState};
use crate::look;
use crate::wish::Wishes;

pub(crate) fn show(ui: &mut Ui, view: &View<'_>, state: &mut GridState, wishes: &mut Wishes) {
    let Some(table) = view.table else {
        look::empty(ui, "no table is open", "open one from Sources or with Ctrl+P");
        return;
    };
    ui.horizontal(|ui| {
        ui.heading(table.subject.to_string());
        for (label, id) in [("Filter…", "table.filter"), ("Profile", "table.profile"), ("Export…", "export"), ("Tables", "table.list")]
        {
            if ui.button(label).clicked() {
                wishes.choose(id);
            }
        }
    });
    if let Subject::List(ListKind::Quarantine(of, standing)) = &table.subject {
        standings(ui, of.as_ref(), *standing, wishes);
        held(ui, table, state, wishes);
    }
    if matches!(table.subject, Subject::List(ListKind::Inspected(_))) {
        inspected(ui, table, state, wishes);
    }
    grid::show(ui, "table", table, state, wishes);
}

/// What can be said of the inspected row that was clicked.
fn inspected(ui: &mut Ui, table: &TableView, state: &GridState, wishes: &mut Wishes) {
    let row = state.of_selected(table, "row");
    ui.horizontal(|ui| {
        for (label, verdict) in [("Right", Some(RowVerdict::Right)), ("Wrong", Some(RowVerdict::Wrong)), ("Take back", None)] {
            let button = ui.add_enabled(row.is_some(), egui::Button::new(label)).on_disabled_hover_text("click a row first");
            let named =
                row.as_ref().and_then(|r| r.rsplit_once(':')).and_then(|(name, number)| Some((name.to_owned(), number.parse().ok()?)));
            if let (true, Some((name, number))) = (button.clicked(), named) {
                wishes.ask(Command::Inspect(InspectCommand::Judge { name, verdict, rows: vec![number], why: String::new() }));
            }
        }
        if let Subject::List(ListKind::Inspected(name)) = &table.subject
            && ui.button("Sign").on_hover_text("answers for it, once every row is judged").clicked()
        {
            wishes.ask(Command::Inspect(InspectCommand::Sign(name.clone())));
        }
    });
}

/// Which of the held rows are shown, by how they stand.
fn standings(ui: &mut Ui, of: Option<&TableName>, standing: Option<HeldState>, wishes: &mut Wishes) {
    ui.horizontal(|ui| {
        for state in std::iter::once(None).chain(HeldState::ALL.map(Some)) {
            if ui.selectable_label(standing == state, state.map_or("all", HeldState::name)).clicked() {
                wishes.ask(Command::Table(TableCommand::Open(Subject::List(ListKind::Quarantine(of.cloned(), state)))));
            }
        }
    });
}

/// What can be done about the held row that was clicked.
fn held(ui: &mut Ui, table: &TableView, state: &GridState, wishes: &mut Wishes) {
    let row = state.of_selected(table, "row");
    ui.horizontal(|ui| {
        for (label, id) in [
            ("Correct…", "quarantine.edit"),
            ("Set a value…", "quarantine.set"),
            ("Discard…", "quarantine.discard"),
            ("Take back…", "quarantine.reopen"),
        ] {
            let button = ui.add_enabled(row.is_some(), egui::Button::new(label));
            if button.on_disabled_hover_text("click a row first").clicked()
                && let Some(row) = &row
            {
                let mut known = vec![("row", row.clone())];
                // A row that a check held is told by its cells; its record is in the file.
                let by_check = state.of_selected(table, "stage").as_deref() == Some("check");
                known.extend(state.of_selected(table, "raw").filter(|_| !by_check && id == "quarantine.edit").map(|raw| ("text", raw)));
                known.extend(state.of_selected(table, "field").filter(|_| id == "quarantine.set").map(|f| ("value", format!("{f}="))));
                wishes.fill(id, known);
            }
        }
        if ui.button("Replay").on_hover_text("reads the files again in which rows were corrected").clicked() {
            wishes.choose("quarantine.replay");
        }
    });
}
