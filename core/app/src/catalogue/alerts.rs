//! Entries about alerts.

use super::{Action, Argument, Entry, Input, KeyBinding, Undo};
use crate::{AlertCommand, Command, ListKind, Screen, Subject, TableCommand};

const ALERT: Argument = Argument::required("alert", Input::Alert, "ops", "The alert, as trommel.toml names it");

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "alert.list",
        title: "List alerts",
        verb: &["alert", "list"],
        same_as: None,
        help: "Lists the alerts on their way and delivered, newest first: who was told of what, how often it was tried, and why one did not get through.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Checks, "n")],
        example: "trommel alert list",
        undo: Undo::Nothing,
        action: Action::Ask(|_| Ok(Command::Table(TableCommand::Open(Subject::List(ListKind::Alerts))))),
    },
    Entry {
        id: "alert.test",
        title: "Send a test alert…",
        verb: &["alert", "test"],
        same_as: None,
        help: "Sends a test message to whom an alert tells, to see whether it gets through. What was sent cannot be taken back. Exit code 4 when the server cannot be reached, 7 when it refuses.",
        arguments: &[ALERT],
        keys: &[],
        example: "trommel alert test ops",
        undo: Undo::Additive,
        action: Action::Ask(|v| Ok(Command::Alert(AlertCommand::Test(v.required("alert")?)))),
    },
    Entry {
        id: "alert.send",
        title: "Send alerts that wait",
        verb: &["alert", "send"],
        same_as: None,
        help: "Tries the alerts again that have not got through. Every run does so too.",
        arguments: &[],
        keys: &[],
        example: "trommel alert send",
        undo: Undo::Additive,
        action: Action::Ask(|_| Ok(Command::Alert(AlertCommand::Send))),
    },
    Entry {
        id: "alert.daily",
        title: "Send the daily report",
        verb: &["alert", "daily"],
        same_as: None,
        help: "Sends the daily report now: runs of the last 24 hours, broken checks, scores and what they were a day ago. Alerts with \"daily\" among their occasions get it with the first run of each day.",
        arguments: &[Argument::optional("alert", Input::Alert, "ops", "Only this one")],
        keys: &[],
        example: "trommel alert daily",
        undo: Undo::Additive,
        action: Action::Ask(|v| Ok(Command::Alert(AlertCommand::Daily(v.get("alert").map(str::to_owned))))),
    },
];
