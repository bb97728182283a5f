//! Entries about sources.

use std::path::PathBuf;

use super::dialect::{FILE_AND_DIALECT, options};
use super::{Action, Argument, Entry, FaceAction, Input, KeyBinding, Undo};
use crate::{Command, ListKind, Screen, SniffRequest, SourceCommand, Subject, TableCommand};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "source.list",
        title: "List sources",
        verb: &["source", "list"],
        same_as: None,
        help: "Lists the sources with what they read and what has been taken in.",
        arguments: &[],
        keys: &[],
        example: "trommel source list",
        undo: Undo::Nothing,
        action: Action::Ask(|_| Ok(Command::Table(TableCommand::Open(Subject::List(ListKind::Sources))))),
    },
    Entry {
        id: "source.preview",
        title: "Show the first rows of a source…",
        verb: &["source", "preview"],
        same_as: None,
        help: "Reads the first rows of a source as they come, without taking anything in.",
        arguments: &[Argument::required("source", Input::Source, "quotes", "The source")],
        keys: &[],
        example: "trommel source preview bravo_quotes",
        undo: Undo::Nothing,
        action: Action::Ask(|v| Ok(Command::Table(TableCommand::Open(Subject::Source(v.required("source")?))))),
    },
    Entry {
        id: "source.sniff",
        title: "Find out how a file is written…",
        verb: &["source", "sniff"],
        same_as: None,
        help: "Finds delimiter, quote, escape, encoding, line ends, header, lines above and below the table, columns and their types of a delimited text file, and says how sure it is. What is told is taken as it is.",
        arguments: FILE_AND_DIALECT,
        keys: &[],
        example: "trommel source sniff quotes.csv",
        undo: Undo::Nothing,
        action: Action::Ask(|v| {
            Ok(Command::Source(SourceCommand::Sniff(SniffRequest { file: PathBuf::from(v.required("file")?), csv: options(v)? })))
        }),
    },
    Entry {
        id: "connect.list",
        title: "List connections",
        verb: &["connect", "list"],
        same_as: None,
        help: "Lists the connections of the workspace: their kind and where they lead.",
        arguments: &[],
        keys: &[],
        example: "trommel connect list",
        undo: Undo::Nothing,
        action: Action::Ask(|_| Ok(Command::Table(TableCommand::Open(Subject::List(ListKind::Connections))))),
    },
    Entry {
        id: "connect.test",
        title: "Test a connection…",
        verb: &["connect", "test"],
        same_as: None,
        help: "Tries a connection stage by stage (name, reach, TLS, authentication, privilege, one row), each with its time; \
               the first that fails says what to do. Exits 4 when the server cannot be reached and 7 when it lets nobody in.",
        arguments: &[Argument::required("connection", Input::Connection, "shop", "The connection")],
        keys: &[KeyBinding::on(Screen::Sources, "t")],
        example: "trommel connect test shop",
        undo: Undo::Nothing,
        action: Action::Ask(|v| Ok(Command::Source(SourceCommand::Test(v.required("connection")?)))),
    },
    Entry {
        id: "connect.tables",
        title: "List the tables of a connection…",
        verb: &["connect", "tables"],
        same_as: None,
        help: "Lists the tables and views of a connection's database with the rows they are believed to have and their keys.",
        arguments: &[Argument::required("connection", Input::Connection, "shop", "The connection")],
        keys: &[],
        example: "trommel connect tables shop",
        undo: Undo::Nothing,
        action: Action::Ask(|v| Ok(Command::Source(SourceCommand::Tables(v.required("connection")?)))),
    },
    Entry {
        id: "source.select",
        title: "Select a source",
        verb: &[],
        same_as: Some("source preview"),
        help: "Shows the first rows of the source under the cursor beside the list.",
        arguments: &[Argument::required("source", Input::Source, "quotes", "The source")],
        keys: &[],
        example: "trommel source preview bravo_quotes",
        undo: Undo::Nothing,
        action: Action::Ask(|v| Ok(Command::Source(SourceCommand::Select(v.required("source")?)))),
    },
    Entry {
        id: "source.open",
        title: "Open the table of this source",
        verb: &[],
        same_as: Some("query"),
        help: "Opens the raw table of the source under the cursor.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Sources, "enter")],
        example: "trommel query \"select * from raw.bravo_quotes\"",
        undo: Undo::Nothing,
        action: Action::Face(FaceAction::OpenSelected),
    },
];
