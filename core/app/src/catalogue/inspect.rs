//! Entries about rows that people judge.

use trommel_model::{Code, Outcome, Problem, RowVerdict};

use super::{Action, Argument, Entry, Input, KeyBinding, Undo, Values};
use crate::{Command, DrawRequest, InspectCommand, ListKind, Screen, Subject, TableCommand};

const NAME: Argument = Argument::required("name", Input::Inspection, "may", "The inspection");
const ROW: Argument = Argument::required("row", Input::InspectedRow, "may:3", "The row, as the column row of the inspection has it");
const WHY: Argument = Argument::option("why", Input::Text, "wrong price", "Why, for whoever reads it later");

/// An entry of the table of an inspection.
macro_rules! on_row {
    ($id:literal, $title:literal, $key:literal, $help:literal, $verdict:expr) => {
        Entry {
            id: $id,
            title: $title,
            verb: &[],
            same_as: Some("inspect judge"),
            help: $help,
            arguments: &[ROW],
            keys: &[KeyBinding::on(Screen::Table, $key)],
            example: "trommel inspect judge may right 3",
            undo: Undo::Additive,
            action: Action::Ask(|v| of_row(v, $verdict)),
        }
    };
}

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "inspect.draw",
        title: "Draw rows to judge…",
        verb: &["inspect", "draw"],
        same_as: None,
        help: "Draws rows of a table at random, of each value of a column as many as it has its share, for people to judge. The same seed draws the same rows. What is drawn and judged is text in decisions/inspections/: the columns that name a row, or all of them where the table has no keys.",
        arguments: &[
            Argument::required("table", Input::Table, "mart.quotes", "The table"),
            Argument::option("name", Input::Text, "may", "What the inspection is called; by default after the table"),
            Argument::option_or("size", Input::Number, "100", "About how many rows"),
            Argument::option("by", Input::Column, "broker", "The column whose values are the strata"),
            Argument::option_or("seed", Input::Number, "1", "Another number draws other rows"),
        ],
        keys: &[],
        example: "trommel inspect draw mart.quotes --size 100 --by broker --name may",
        undo: Undo::Additive,
        action: Action::Ask(draw),
    },
    Entry {
        id: "inspect.list",
        title: "List inspections",
        verb: &["inspect", "list"],
        same_as: None,
        help: "Lists the inspections, newest first: how many rows are judged, the share of wrong rows with its interval, and who signed.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Checks, "i")],
        example: "trommel inspect list",
        undo: Undo::Nothing,
        action: Action::Ask(|_| Ok(Command::Table(TableCommand::Open(Subject::List(ListKind::Inspections))))),
    },
    Entry {
        id: "inspect.rows",
        title: "Rows of an inspection…",
        verb: &["inspect", "rows"],
        same_as: None,
        help: "Lists the rows of an inspection with what was said of them, each as the table has it now.",
        arguments: &[NAME],
        keys: &[],
        example: "trommel inspect rows may",
        undo: Undo::Nothing,
        action: Action::Ask(|v| Ok(Command::Table(TableCommand::Open(Subject::List(ListKind::Inspected(v.required("name")?)))))),
    },
    Entry {
        id: "inspect.judge",
        title: "Judge rows…",
        verb: &["inspect", "judge"],
        same_as: None,
        help: "Says of rows of an inspection, by number, whether they are right or wrong; open takes it back.",
        arguments: &[
            NAME,
            Argument::required("verdict", Input::OneOf(&["right", "wrong", "open"]), "right", "right, wrong or open"),
            Argument::many("rows", Input::Text, "3", "The rows: numbers, and ranges such as 4-9"),
            WHY,
        ],
        keys: &[],
        example: "trommel inspect judge may wrong 3 --why \"wrong price\"",
        undo: Undo::Additive,
        action: Action::Ask(judge),
    },
    on_row!("inspect.right", "This row is right", "a", "Says that all of the row under the cursor is right.", Some(RowVerdict::Right)),
    on_row!(
        "inspect.wrong",
        "Something in this row is wrong",
        "b",
        "Says that something in the row under the cursor is wrong.",
        Some(RowVerdict::Wrong)
    ),
    on_row!("inspect.open", "Take the verdict on this row back", "o", "Takes back what was said of the row under the cursor.", None),
    Entry {
        id: "inspect.sign",
        title: "Sign an inspection…",
        verb: &["inspect", "sign"],
        same_as: None,
        help: "Answers for an inspection of which every row is judged; afterwards nothing is said of it any more. Its estimate stands in reports of the table.",
        arguments: &[NAME],
        keys: &[],
        example: "trommel inspect sign may",
        undo: Undo::Additive,
        action: Action::Ask(|v| Ok(Command::Inspect(InspectCommand::Sign(v.required("name")?)))),
    },
    Entry {
        id: "inspect.show",
        title: "How an inspection stands…",
        verb: &["inspect", "show"],
        same_as: None,
        help: "Says how an inspection stands: rows judged, the share of wrong rows in the table with its interval (95 %), who signed.",
        arguments: &[NAME],
        keys: &[],
        example: "trommel inspect show may",
        undo: Undo::Nothing,
        action: Action::Ask(|v| Ok(Command::Inspect(InspectCommand::Show(v.required("name")?)))),
    },
];

fn draw(values: &Values) -> Outcome<Command> {
    let table: trommel_model::TableName = values.required("table")?.parse()?;
    let name = values.get("name").map_or_else(|| format!("{}_{}", table.layer, table.table), str::to_owned);
    let size = values.number("size")?.unwrap_or(100);
    if size == 0 || size > 100_000 {
        return Err(Problem::new(Code::Usage, format!("{size} rows cannot be judged")).next("draw between 1 and 100000"));
    }
    let by = values.get("by").map(str::to_owned);
    Ok(Command::Inspect(InspectCommand::Draw(DrawRequest { table, name, size, by, seed: values.number("seed")?.unwrap_or(1) })))
}

fn judge(values: &Values) -> Outcome<Command> {
    let verdict = match values.required("verdict")?.as_str() {
        "right" => Some(RowVerdict::Right),
        "wrong" => Some(RowVerdict::Wrong),
        "open" => None,
        other => return Err(Problem::new(Code::Usage, format!("\"{other}\" is no verdict")).next("write right, wrong or open")),
    };
    let mut rows = Vec::new();
    for text in values.all("rows") {
        let wrong = || Problem::new(Code::Usage, format!("\"{text}\" is no row")).next("write a number, or a range such as 4-9");
        let (first, last) = text.split_once('-').unwrap_or((&text, &text));
        let (first, last): (u32, u32) = (first.trim().parse().map_err(|_| wrong())?, last.trim().parse().map_err(|_| wrong())?);
        if first == 0 || last < first || last - first > 100_000 {
            return Err(wrong());
        }
        rows.extend(first..=last);
    }
    if rows.is_empty() {
        return Err(Problem::new(Code::Usage, "no row is named").next("name them by number: trommel inspect judge may right 1 2 5-9"));
    }
    let why = values.get("why").unwrap_or_default().to_owned();
    Ok(Command::Inspect(InspectCommand::Judge { name: values.required("name")?, verdict, rows, why }))
}

/// A row as the list has it: `NAME:NUMBER`.
fn of_row(values: &Values, verdict: Option<RowVerdict>) -> Outcome<Command> {
    let row = values.required("row")?;
    let parts = row.rsplit_once(':').and_then(|(name, number)| Some((name.to_owned(), number.parse().ok()?)));
    let (name, number) = parts.ok_or_else(|| Problem::new(Code::Usage, format!("\"{row}\" names no row of an inspection")))?;
    Ok(Command::Inspect(InspectCommand::Judge { name, verdict, rows: vec![number], why: String::new() }))
}
