//! Entries that move about, and those a face does by itself.

use super::{Action, Argument, Entry, FaceAction, Input, KeyBinding, Undo};
use crate::{Command, Screen};

macro_rules! screen {
    ($id:literal, $title:literal, $key:literal, $screen:ident, $verb:literal, $help:literal) => {
        Entry {
            id: $id,
            title: $title,
            verb: &[],
            same_as: Some($verb),
            help: $help,
            arguments: &[],
            keys: &[KeyBinding::everywhere($key)],
            example: concat!("trommel ", $verb),
            undo: Undo::Nothing,
            action: Action::Ask(|_| Ok(Command::Show(Screen::$screen))),
        }
    };
}

macro_rules! face {
    ($id:literal, $title:literal, $keys:expr, $verb:literal, $help:literal, $action:ident) => {
        Entry {
            id: $id,
            title: $title,
            verb: &[],
            same_as: Some($verb),
            help: $help,
            arguments: &[],
            keys: $keys,
            example: concat!("trommel ", $verb),
            undo: Undo::Nothing,
            action: Action::Face(FaceAction::$action),
        }
    };
}

pub(super) const ENTRIES: &[Entry] = &[
    screen!("show.sources", "Sources", "1", Sources, "source list", "Goes to the sources of the workspace."),
    screen!("show.table", "Table", "2", Table, "lake tables", "Goes to the table in front, or to the list of tables."),
    screen!("show.profile", "Profile", "3", Profile, "profile", "Goes to the profile that was asked for."),
    screen!("show.recipe", "Recipe", "4", Recipe, "recipe preview", "Goes to the recipe that is previewed."),
    screen!("show.pipeline", "Pipeline", "5", Pipeline, "plan", "Goes to the graph of steps."),
    screen!("show.board", "Board", "6", Board, "board", "Goes to the board."),
    screen!("show.jobs", "Jobs", "7", Jobs, "runs list", "Goes to the list of what runs."),
    screen!("show.help", "Help", "8", Help, "man", "Goes to the list of keys and commands."),
    screen!("show.match", "Match", "9", Match, "match preview", "Goes to the match that is looked at, or to the list of matches."),
    screen!("show.checks", "Checks", "0", Checks, "check", "Goes to the checks of the workspace and how they stand."),
    Entry {
        id: "back",
        title: "Back",
        verb: &[],
        same_as: Some("source list"),
        help: "Goes back one screen, or closes what lies on top.",
        arguments: &[],
        keys: &[KeyBinding::everywhere("esc")],
        example: "trommel source list",
        undo: Undo::Nothing,
        action: Action::Ask(|_| Ok(Command::Back)),
    },
    face!(
        "palette",
        "Commands…",
        &[KeyBinding::everywhere("ctrl+p"), KeyBinding::everywhere(":")],
        "man",
        "Finds a command, table, KPI, board or run by a few letters.",
        Palette
    ),
    face!("help", "Keys of this screen", &[KeyBinding::everywhere("?")], "man", "Shows every key of the screen in front.", Keys),
    face!(
        "copy_as_command",
        "Copy as command",
        &[KeyBinding::everywhere("y")],
        "query",
        "Copies the command line that comes to the same as what is seen.",
        CopyAsCommand
    ),
    face!(
        "job.cancel",
        "Cancel this job",
        &[KeyBinding::on(Screen::Jobs, "x")],
        "run",
        "Stops the job under the cursor; nothing half-done is published.",
        CancelSelected
    ),
    face!("theme", "Light or dark", &[KeyBinding::everywhere("ctrl+l")], "doctor", "Changes between light and dark.", ToggleTheme),
    face!("quit", "Quit", &[KeyBinding::everywhere("q")], "doctor", "Ends the program; a run that goes on is stopped cleanly first.", Quit),
    Entry {
        id: "completions",
        title: "Completions for a shell…",
        verb: &["completions"],
        same_as: None,
        help: "Prints completions for a shell: bash, zsh, fish, elvish or powershell.",
        arguments: &[Argument::required("shell", Input::Shell, "bash", "The shell")],
        keys: &[],
        example: "trommel completions bash",
        undo: Undo::Nothing,
        action: Action::Face(FaceAction::Completions),
    },
    Entry {
        id: "man",
        title: "Manual page",
        verb: &["man"],
        same_as: None,
        help: "Prints the manual page, made from the same catalogue as everything else.",
        arguments: &[Argument::flag("markdown", "The reference as Markdown instead of the manual page as roff")],
        keys: &[],
        example: "trommel man | man -l -",
        undo: Undo::Nothing,
        action: Action::Face(FaceAction::Manual),
    },
];
