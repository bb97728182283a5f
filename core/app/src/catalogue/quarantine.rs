//! Entries about rows held back.

use trommel_model::{Amendment, Code, HeldState, Outcome, Problem};

use super::{Action, Argument, Entry, Input, KeyBinding, Undo, Values};
use crate::{Command, ListKind, QuarantineCommand, RowDecision, Screen, Subject, TableCommand};

const ROW: Argument =
    Argument::required("row", Input::HeldRow, "raw.orders:orders.csv:17", "The row, as the column row of the quarantine has it");
/// The names of [`HeldState::ALL`].
const STATES: &[&str] = &["open", "waiting", "corrected", "still faulty", "discarded"];
const WHY: Argument = Argument::option("why", Input::Text, "typo", "Why, for whoever reads the decision later");

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "quarantine.list",
        title: "List rows held back",
        verb: &["quarantine", "list"],
        same_as: None,
        help: "Lists the rows held back, with where they came from, the rule that held them, the reason, their raw text, how they stand, and what was decided about them. Waiting rows refer to a row that has not come, and join by themselves when it does.",
        arguments: &[
            Argument::optional("table", Input::Table, "raw.bravo_quotes", "Only rows meant for this table"),
            Argument::option("state", Input::OneOf(STATES), "waiting", "Only rows that stand so"),
        ],
        keys: &[KeyBinding::everywhere("ctrl+k")],
        example: "trommel quarantine list",
        undo: Undo::Nothing,
        action: Action::Ask(|v| {
            let table = v.get("table").map(str::parse).transpose()?;
            Ok(Command::Table(TableCommand::Open(Subject::List(ListKind::Quarantine(table, v.get("state").and_then(state))))))
        }),
    },
    Entry {
        id: "quarantine.edit",
        title: "Correct a held row…",
        verb: &["quarantine", "edit"],
        same_as: None,
        help: "Writes down how the record of a held row should read; the file itself is not touched. A replay then reads it so. The decision is text in decisions/quarantine/SOURCE.toml.",
        arguments: &[
            ROW,
            Argument::required("text", Input::Record, "17,Bob,12", "The record as it should be, in the file's own dialect"),
            WHY,
        ],
        keys: &[KeyBinding::on(Screen::Table, "m")],
        example: "trommel quarantine edit raw.orders:orders.csv:17 17,Bob,12 --why typo",
        undo: Undo::Additive,
        action: Action::Ask(|v| decide(v, Amendment::Text(v.required("text")?))),
    },
    Entry {
        id: "quarantine.set",
        title: "Set values in a held row…",
        verb: &["quarantine", "set"],
        same_as: None,
        help: "Writes down other values for some fields of a held row; everything else of its record stays as it came.",
        arguments: &[
            ROW,
            Argument::required("value", Input::Assignment, "amount=12", "A column and its value"),
            Argument::many("more", Input::Assignment, "city=Oslo", "More of them"),
            WHY,
        ],
        keys: &[KeyBinding::on(Screen::Table, "=")],
        example: "trommel quarantine set raw.orders:orders.csv:17 amount=12",
        undo: Undo::Additive,
        action: Action::Ask(|v| decide(v, Amendment::Set(assignments(v)?))),
    },
    Entry {
        id: "quarantine.discard",
        title: "Discard a held row…",
        verb: &["quarantine", "discard"],
        same_as: None,
        help: "Writes down that a held row is not waited for. It stays in the quarantine with the reason, even where it would pass by now.",
        arguments: &[ROW, WHY],
        keys: &[KeyBinding::on(Screen::Table, "d")],
        example: "trommel quarantine discard raw.orders:orders.csv:17 --why test",
        undo: Undo::Additive,
        action: Action::Ask(|v| decide(v, Amendment::Discard)),
    },
    Entry {
        id: "quarantine.reopen",
        title: "Take a decision about a held row back…",
        verb: &["quarantine", "reopen"],
        same_as: None,
        help: "Takes back what was decided about a row: its record is read as it came.",
        arguments: &[ROW, WHY],
        keys: &[KeyBinding::on(Screen::Table, "u")],
        example: "trommel quarantine reopen raw.orders:orders.csv:17",
        undo: Undo::Additive,
        action: Action::Ask(|v| decide(v, Amendment::Reopen)),
    },
    Entry {
        id: "quarantine.replay",
        title: "Replay corrected rows",
        verb: &["quarantine", "replay"],
        same_as: None,
        help: "Reads the files again in which rows were corrected, and builds what is made from them. What comes of it is what would have come had the files been right. Exit code 3 when rows are still held.",
        arguments: &[Argument::many("tables", Input::Table, "raw.orders", "Only these tables")],
        keys: &[KeyBinding::on(Screen::Table, "R")],
        example: "trommel quarantine replay",
        undo: Undo::Snapshot,
        action: Action::Ask(|v| Ok(Command::Quarantine(QuarantineCommand::Replay(v.all("tables"))))),
    },
];

fn state(name: &str) -> Option<HeldState> {
    HeldState::ALL.into_iter().find(|state| state.name() == name)
}

fn decide(values: &Values, amendment: Amendment) -> Outcome<Command> {
    let row = values.required("row")?.parse()?;
    let why = values.get("why").unwrap_or_default().to_owned();
    Ok(Command::Quarantine(QuarantineCommand::Decide(RowDecision { row, amendment, why })))
}

fn assignments(values: &Values) -> Outcome<Vec<(String, String)>> {
    let all = values.all("value").into_iter().chain(values.all("more"));
    all.map(|said| {
        said.split_once('=').filter(|(column, _)| !column.trim().is_empty()).map(|(c, v)| (c.trim().to_owned(), v.to_owned())).ok_or_else(
            || Problem::new(Code::Usage, format!("\"{said}\" sets no column")).next("write column=value, for instance amount=12"),
        )
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_can_be_asked_for() {
        assert_eq!(STATES, HeldState::ALL.map(HeldState::name));
        assert_eq!(state("waiting"), Some(HeldState::Waiting));
    }
}
