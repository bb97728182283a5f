//! Entries about KPIs and boards.

use std::path::PathBuf;

use super::{Action, Argument, Entry, Input, KeyBinding, Undo};
use crate::{BoardCommand, Command, ListKind, RenderRequest, Screen, Subject, TableCommand};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "kpi.list",
        title: "List KPIs",
        verb: &["kpi", "list"],
        same_as: None,
        help: "Lists the KPIs with their newest value, the change against the period before, and how they stand.",
        arguments: &[],
        keys: &[],
        example: "trommel kpi list",
        undo: Undo::Nothing,
        action: Action::Ask(|_| Ok(Command::Table(TableCommand::Open(Subject::List(ListKind::Kpis))))),
    },
    Entry {
        id: "kpi.show",
        title: "Show a KPI…",
        verb: &["kpi", "show"],
        same_as: None,
        help: "Shows one KPI: total, newest period against the one before, its series as a chart, and its breakdowns.",
        arguments: &[Argument::required("kpi", Input::Kpi, "quotes_a_day", "The KPI")],
        keys: &[KeyBinding::on(Screen::Board, "enter")],
        example: "trommel kpi show quotes_a_day",
        undo: Undo::Nothing,
        action: Action::Ask(|v| Ok(Command::Board(BoardCommand::ShowKpi(v.required("kpi")?)))),
    },
    Entry {
        id: "kpi.render",
        title: "Draw a KPI to a file…",
        verb: &["kpi", "render"],
        same_as: None,
        help: "Draws a KPI as SVG or PNG; the file's ending says which.",
        arguments: &[
            Argument::required("kpi", Input::Kpi, "quotes_a_day", "The KPI"),
            Argument::required("to", Input::Path, "quotes.svg", "The file to write, .svg or .png"),
            Argument::option("by", Input::Column, "broker", "The dimension to break it down by; without one it is drawn over time"),
            Argument::option_or("width", Input::Number, "960", "Width in pixels"),
            Argument::option_or("height", Input::Number, "480", "Height in pixels"),
            Argument::flag("dark", "Light on dark"),
        ],
        keys: &[KeyBinding::on(Screen::Board, "e")],
        example: "trommel kpi render quotes_a_day quotes.svg",
        undo: Undo::Additive,
        action: Action::Ask(|v| {
            Ok(Command::Board(BoardCommand::Render(RenderRequest {
                kpi: v.required("kpi")?,
                to: PathBuf::from(v.required("to")?),
                by: v.get("by").map(str::to_owned),
                width: v.number("width")?.unwrap_or(960),
                height: v.number("height")?.unwrap_or(480),
                dark: v.flag("dark"),
            })))
        }),
    },
    Entry {
        id: "board.open",
        title: "Open a board…",
        verb: &["board"],
        same_as: None,
        help: "Shows a board: its KPIs as cards and charts. Without a name the first one.",
        arguments: &[Argument::optional("board", Input::Board, "rental", "The board")],
        keys: &[],
        example: "trommel board rental",
        undo: Undo::Nothing,
        action: Action::Ask(|v| Ok(Command::Board(BoardCommand::Open(v.get("board").map(str::to_owned))))),
    },
    Entry {
        id: "board.refresh",
        title: "Compute the board again",
        verb: &[],
        same_as: Some("board"),
        help: "Computes the KPIs of the board again from the newest snapshot.",
        arguments: &[],
        keys: &[KeyBinding::on(Screen::Board, "r")],
        example: "trommel board",
        undo: Undo::Nothing,
        action: Action::Ask(|_| Ok(Command::Board(BoardCommand::Refresh))),
    },
];
