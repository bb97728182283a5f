//! Entries that take sources and connections into the workspace, and what their arguments make.

use std::path::PathBuf;

use trommel_model::{
    Code, Contract, DryRun, ExcelOptions, Existing, FileFormat, FixedOptions, JsonOptions, Load, Nested, NewSource, Outcome, Prefixes,
    Problem, SheetChoice, SourceSpec, XmlOptions,
};

use super::connection::{CONNECTION, connection};
use super::dialect::{COMMENT, DECIMAL_MARK, DELIMITER, ENCODING, ESCAPE, FILE, HEADER, QUOTE, SKIP_LINES, YES_NO, options};
use super::{Action, Argument, Entry, Input, KeyBinding, Undo, Values};
use crate::{Command, DraftCommand, Screen, SourceCommand};

const FORMATS: &[&str] = &["csv", "fixed", "json", "ndjson", "xml", "excel", "parquet", "arrow", "sqlite"];
/// A file and all that can be told of it.
const FILE_SOURCE: &[Argument] = &[
    FILE,
    Argument::option("name", Input::Text, "quotes", "The name of the source; by default made of the file's name"),
    Argument::flag("contract", "Expect the columns and the dialect that the file has now"),
    Argument::option("format", Input::OneOf(FORMATS), "csv", "The format; by default known from the ending"),
    DELIMITER,
    QUOTE,
    ESCAPE,
    COMMENT,
    HEADER,
    SKIP_LINES,
    ENCODING,
    DECIMAL_MARK,
    Argument::option("null-words", Input::Text, "NA,-", "Words that mean no value in typed columns, apart by commas"),
    Argument::option("sheet", Input::Text, "Orders", "The sheet of a workbook, by name or by its place from 1"),
    Argument::option("range", Input::Text, "B3:F200", "The cells of the sheet to read"),
    Argument::option("header-row", Input::Number, "3", "The row of the sheet that has the column names"),
    Argument::option("fill-merged", YES_NO, "yes", "Whether the value of merged cells stands in each of them"),
    Argument::option("record", Input::Text, "orders/order", "The path of the XML element that is a record"),
    Argument::option("prefixes", Input::OneOf(&["keep", "drop"]), "drop", "What becomes of ns: in ns:name"),
    Argument::option("records", Input::Text, "$.data.items", "The path to the list of JSON records"),
    Argument::option("nested", Input::OneOf(&["flatten", "keep"]), "keep", "What becomes of objects inside JSON records"),
    Argument::option("starts", Input::Text, "1,9,30", "The characters at which columns of fixed width start, from 1"),
    Argument::option("names", Input::Text, "id,name,price", "The names of columns of fixed width"),
    Argument::option("table", Input::Text, "orders", "The table of a SQLite file"),
];

/// A table of a connection.
const TABLE_SOURCE: &[Argument] = &[
    Argument::required("connection", Input::Connection, "shop", "The connection"),
    Argument::required("table", Input::Text, "public.orders", "The table or view"),
    Argument::option("name", Input::Text, "orders", "The name of the source; by default that of the table"),
    Argument::option("cursor", Input::Text, "updated_at", "The column whose values only grow, for reading only what came since"),
    Argument::option("key", Input::Text, "id", "The columns that name a row, apart by commas"),
    Argument::option("lookback", Input::Text, "2 days", "How far before the largest cursor the next run begins"),
];

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "source.import",
        title: "Import a file…",
        verb: &[],
        same_as: Some("source add"),
        help: "Shows how a file is written and what it holds, lets each be changed with the rows following, and makes it a source.",
        arguments: &[FILE],
        keys: &[KeyBinding::on(Screen::Sources, "i")],
        example: "trommel source add quotes.csv --dry-run",
        undo: Undo::Nothing,
        action: Action::Ask(|v| Ok(draft("source.add", &[("file", v.required("file")?)]))),
    },
    Entry {
        id: "source.add",
        title: "Make a file a source",
        verb: &["source", "add"],
        same_as: None,
        help: "Writes sources/NAME.toml for a file: what is told is said there, what is found out stands beside it as a remark, or with --contract is expected of every later file. --dry-run prints the text and writes nothing. To take it back, remove the file.",
        arguments: FILE_SOURCE,
        keys: &[],
        example: "trommel source add quotes.csv --decimal-mark , --dry-run",
        undo: Undo::Additive,
        action: Action::Ask(|v| Ok(Command::Source(SourceCommand::Add(Box::new(file_source(v)?), DryRun::No)))),
    },
    Entry {
        id: "source.add_table",
        title: "Make a table a source",
        verb: &["source", "add-table"],
        same_as: None,
        help: "Writes sources/NAME.toml for a table of a connection. With a cursor each run reads only what came since, and with a key rows that come again replace the old ones. --dry-run prints the text and writes nothing. To take it back, remove the file.",
        arguments: TABLE_SOURCE,
        keys: &[],
        example: "trommel source add-table shop public.orders --cursor updated_at --key id --dry-run",
        undo: Undo::Additive,
        action: Action::Ask(|v| Ok(Command::Source(SourceCommand::Add(Box::new(table_source(v)?), DryRun::No)))),
    },
    Entry {
        id: "connect.new",
        title: "New connection…",
        verb: &[],
        same_as: Some("connect add"),
        help: "Asks how a system is reached, tries it stage by stage, and writes it to trommel.toml.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Sources, "n")],
        example: "trommel connect add shop --kind postgres --host db --user ann --dry-run",
        undo: Undo::Nothing,
        action: Action::Ask(|_| Ok(draft("connect.add", &[("kind", "postgres".to_owned())]))),
    },
    Entry {
        id: "connect.add",
        title: "Write a connection",
        verb: &["connect", "add"],
        same_as: None,
        help: "Writes a connection to trommel.toml; everything else in that file stays as it is. A password is never said, only where it is. --dry-run prints the text and writes nothing. To take it back, remove its table from the file.",
        arguments: CONNECTION,
        keys: &[],
        example: "trommel connect add shop --kind postgres --host db --user ann --password env:PW --dry-run",
        undo: Undo::Additive,
        action: Action::Ask(|v| Ok(Command::Source(SourceCommand::Connect(Box::new(connection(v, Existing::Refuse)?), DryRun::No)))),
    },
    Entry {
        id: "connect.change",
        title: "Change a connection…",
        verb: &[],
        same_as: Some("connect edit"),
        help: "Shows how a system is reached, to be changed and tried again.",
        arguments: &[Argument::required("connection", Input::Connection, "shop", "The connection")],
        keys: &[KeyBinding::on(Screen::Sources, "c")],
        example: "trommel connect edit shop --host db2 --dry-run",
        undo: Undo::Nothing,
        action: Action::Ask(|v| Ok(draft("connect.edit", &[("connection", v.required("connection")?)]))),
    },
    Entry {
        id: "connect.edit",
        title: "Write a changed connection",
        verb: &["connect", "edit"],
        same_as: None,
        help: "Writes a connection to trommel.toml in the place of the one of that name; comments and everything else in that file stay. What is not said stays as it is. --dry-run prints the text and writes nothing.",
        arguments: CONNECTION,
        keys: &[],
        example: "trommel connect edit shop --host db2 --dry-run",
        undo: Undo::Additive,
        action: Action::Ask(|v| Ok(Command::Source(SourceCommand::Connect(Box::new(connection(v, Existing::Replace)?), DryRun::No)))),
    },
    Entry {
        id: "connect.browse",
        title: "Browse the tables of a connection…",
        verb: &[],
        same_as: Some("connect tables"),
        help: "Shows the tables and views of a connection with rows and keys, the first rows of each, and makes one a source.",
        arguments: &[Argument::required("connection", Input::Connection, "shop", "The connection")],
        keys: &[KeyBinding::on(Screen::Sources, "b")],
        example: "trommel connect tables shop",
        undo: Undo::Nothing,
        action: Action::Ask(|v| Ok(Command::Source(SourceCommand::Browse(v.required("connection")?)))),
    },
];

/// A form laid open, with what is known.
fn draft(entry: &str, known: &[(&str, String)]) -> Command {
    let mut values = Values::default();
    for (name, value) in known {
        values.push(name, value.as_str());
    }
    Command::Source(SourceCommand::Draft(DraftCommand::Open { entry: entry.to_owned(), values }))
}

/// The source that a file and what is told of it make.
pub(crate) fn file_source(values: &Values) -> Outcome<NewSource> {
    let known: Vec<(&str, FileFormat)> = FileFormat::OF_FILES.iter().map(|f| (f.name(), *f)).collect();
    let (header, encoding) = (values.yes_or_no("header")?, values.get("encoding").map(str::to_owned));
    let mut spec = SourceSpec::of_file("", values.get("table").map(str::to_owned));
    spec.format = values.one_of("format", &known)?;
    spec.csv = options(values)?;
    spec.csv.null_words = values.list("null-words");
    spec.excel = ExcelOptions {
        sheet: values.get("sheet").map(sheet),
        range: values.get("range").map(str::to_owned),
        header,
        header_row: values.number("header-row")?,
        fill_merged: values.yes_or_no("fill-merged")?.unwrap_or(false),
    };
    spec.xml = XmlOptions {
        record: values.get("record").map(str::to_owned),
        prefixes: values.one_of("prefixes", &[("keep", Prefixes::Keep), ("drop", Prefixes::Drop)])?.unwrap_or_default(),
        encoding: encoding.clone(),
    };
    spec.json = JsonOptions {
        records: values.get("records").map(str::to_owned),
        nested: values.one_of("nested", &[("flatten", Nested::Flatten), ("keep", Nested::Keep)])?.unwrap_or_default(),
    };
    let starts = values.list("starts").iter().map(|n| n.parse()).collect::<Result<_, _>>().map_err(|_| {
        Problem::new(Code::Usage, "starts are no numbers").next("write the characters at which columns start, for instance 1,9,30")
    })?;
    spec.fixed =
        FixedOptions { starts, names: values.list("names"), header, skip_lines: values.number("skip-lines")?.unwrap_or(0), encoding };
    Ok(NewSource {
        name: values.get("name").unwrap_or_default().to_owned(),
        file: Some(PathBuf::from(values.required("file")?)),
        spec,
        contract: if values.flag("contract") { Contract::AsFound } else { Contract::None },
    })
}

/// A sheet by its place, or by its name; `2024` is a name.
fn sheet(text: &str) -> SheetChoice {
    const MOST_SHEETS: u64 = 999;
    text.parse().ok().filter(|place| *place <= MOST_SHEETS).map_or_else(|| SheetChoice::Name(text.to_owned()), SheetChoice::Place)
}

/// The source that a table of a connection makes.
pub(crate) fn table_source(values: &Values) -> Outcome<NewSource> {
    let mut spec = SourceSpec::of_file("", Some(values.required("table")?));
    spec.connection = Some(values.required("connection")?);
    spec.cursor = values.get("cursor").map(str::to_owned);
    spec.lookback = values.get("lookback").map(str::to_owned);
    spec.key = values.list("key");
    spec.load = if spec.cursor.is_some() { Load::Incremental } else { Load::Full };
    Ok(NewSource { name: values.get("name").unwrap_or_default().to_owned(), file: None, spec, contract: Contract::None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        let mut values = Values::default();
        for (name, value) in pairs {
            values.push(name, *value);
        }
        values
    }

    #[test]
    fn what_is_said_of_a_file_is_taken() {
        let said = values(&[("file", "x.xlsx"), ("sheet", "2"), ("header-row", "3"), ("contract", "true")]);
        let made = file_source(&said).unwrap();
        assert_eq!(
            (made.spec.excel.sheet, made.spec.excel.header_row, made.contract),
            (Some(SheetChoice::Place(2)), Some(3), Contract::AsFound)
        );
        for bad in [("starts", "1,x"), ("format", "cvs"), ("nested", "maybe")] {
            assert_eq!(file_source(&values(&[("file", "x"), bad])).unwrap_err().code, Code::Usage, "{bad:?}");
        }
    }

    #[test]
    fn a_cursor_makes_a_table_incremental() {
        let said = values(&[("connection", "shop"), ("table", "public.orders"), ("cursor", "at"), ("key", "a, b")]);
        let made = table_source(&said).unwrap();
        assert_eq!((made.spec.load, made.spec.key), (Load::Incremental, vec!["a".to_owned(), "b".to_owned()]));
    }
}
