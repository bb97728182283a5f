//! Entries about the workspace as a whole.

use std::path::PathBuf;

use trommel_model::ExampleRequest;

use super::connection::address;
use super::{Action, Argument, Entry, Input, KeyBinding, Undo};
use crate::{Command, WorkspaceCommand};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "workspace.init",
        title: "Make a workspace…",
        verb: &["init"],
        same_as: None,
        help: "Makes a workspace: a folder with trommel.toml and places for sources, models, checks, KPIs and boards.",
        arguments: &[
            Argument::required("folder", Input::Path, "shop", "The folder to make"),
            Argument::option("name", Input::Text, "shop", "What people call it; by default the folder's name"),
        ],
        keys: &[],
        example: "trommel init shop",
        undo: Undo::Additive,
        action: Action::Ask(|v| {
            let folder = PathBuf::from(v.required("folder")?);
            let name = v.get("name").map(str::to_owned);
            let name = name.or_else(|| folder.file_name().map(|n| n.to_string_lossy().into_owned())).unwrap_or_default();
            Ok(Command::Workspace(WorkspaceCommand::Init { folder, name }))
        }),
    },
    Entry {
        id: "workspace.example",
        title: "Make an example…",
        verb: &["example"],
        same_as: None,
        help: "Makes an example workspace with generated or given data, runs it and shows its KPIs. Examples: car-rental, marketing-refactor, one-customer, online-retail, reporting-elt, shopsphere.",
        arguments: &[
            Argument::required("name", Input::Example, "car-rental", "Which example"),
            Argument::option_or("rows", Input::Number, "20000", "Rows to generate"),
            Argument::option_or("seed", Input::Number, "42", "Seed of the generator; the same seed makes the same data"),
            Argument::option("folder", Input::Path, "car-rental", "The folder to make; by default the example's name"),
            Argument::option("data", Input::Path, "daily", "A folder of real data, for examples that read one"),
            Argument::option(
                "postgres",
                Input::Text,
                "env:CATALOGUE_URL",
                "A PostgreSQL server to put tables on, for examples with databases: its URL, or env:NAME or file:PATH with it",
            ),
            Argument::option("mysql", Input::Text, "mysql://ann@127.0.0.1/shop", "A MySQL or MariaDB server, the same way"),
            Argument::flag("no-run", "Only make it; do not run it"),
        ],
        keys: &[],
        example: "trommel example car-rental",
        undo: Undo::Additive,
        action: Action::Ask(|v| {
            Ok(Command::Workspace(WorkspaceCommand::Example(ExampleRequest {
                name: v.required("name")?,
                folder: v.path("folder"),
                rows: v.number("rows")?.unwrap_or(20_000),
                seed: v.number("seed")?.unwrap_or(42),
                data: v.path("data"),
                postgres: v.get("postgres").map(|text| address("postgres", text)).transpose()?,
                mysql: v.get("mysql").map(|text| address("mysql", text)).transpose()?,
                run: !v.flag("no-run"),
            })))
        }),
    },
    Entry {
        id: "workspace.open",
        title: "Open a workspace…",
        verb: &[],
        same_as: Some("doctor"),
        help: "Opens the workspace at or above a folder. On the command line every verb does this first; -w names the folder.",
        arguments: &[
            Argument::required("folder", Input::Path, "shop", "The folder"),
            Argument::option("environment", Input::Text, "prod", "The environment; by default the workspace's own"),
        ],
        keys: &[KeyBinding::everywhere("ctrl+o")],
        example: "trommel -w shop doctor",
        undo: Undo::Nothing,
        action: Action::Ask(|v| {
            Ok(Command::Workspace(WorkspaceCommand::Open {
                start: PathBuf::from(v.required("folder")?),
                environment: v.get("environment").map(str::to_owned),
            }))
        }),
    },
    Entry {
        id: "workspace.reload",
        title: "Read the workspace again",
        verb: &[],
        same_as: Some("doctor"),
        help: "Reads all files of the workspace again. Open faces do this by themselves when a file changes.",
        arguments: &[],
        keys: &[KeyBinding::everywhere("ctrl+r")],
        example: "trommel doctor",
        undo: Undo::Nothing,
        action: Action::Ask(|_| Ok(Command::Workspace(WorkspaceCommand::Reload))),
    },
    Entry {
        id: "workspace.doctor",
        title: "Look for faults",
        verb: &["doctor"],
        same_as: None,
        help: "Says what this machine offers, where each setting comes from and what is wrong with the workspace's files.",
        arguments: &[],
        keys: &[],
        example: "trommel doctor",
        undo: Undo::Nothing,
        action: Action::Ask(|_| Ok(Command::Workspace(WorkspaceCommand::Doctor))),
    },
];
