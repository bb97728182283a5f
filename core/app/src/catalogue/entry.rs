//! What one entry of the catalogue says.

use trommel_model::Outcome;

use super::Values;
use crate::{Command, Screen};

/// Something that can be done.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its name for machines, `area.action`.
    pub id: &'static str,
    /// Its name in palettes and menus; ends with `…` when something is asked first.
    pub title: &'static str,
    /// The verb of the command line, a word or two; empty for what only a screen has.
    pub verb: &'static [&'static str],
    /// The verb that comes to the same, for entries without one.
    pub same_as: Option<&'static str>,
    /// What it does, a sentence or two.
    pub help: &'static str,
    /// What it needs to know.
    pub arguments: &'static [Argument],
    /// Keys that stand for it.
    pub keys: &'static [KeyBinding],
    /// A command line to copy.
    pub example: &'static str,
    /// Whether it can be taken back.
    pub undo: Undo,
    /// What is done.
    pub action: Action,
}

/// One thing a command needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Argument {
    /// Its name; `--name` unless it is given by position.
    pub name: &'static str,
    /// How it is given.
    pub shape: Shape,
    /// What it is.
    pub input: Input,
    /// The value when nothing is given.
    pub default: Option<&'static str>,
    /// A value for help texts.
    pub sample: Option<&'static str>,
    /// What it says.
    pub help: &'static str,
}

/// How an argument is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// By position, and must be given.
    Required,
    /// By position, and may be left out.
    Optional,
    /// By position, any number of times.
    Many,
    /// `--name VALUE`.
    Option,
    /// `--name VALUE VALUE`; the second may be left out.
    Pair,
    /// `--name`.
    Flag,
}

/// What an argument is, so that a face can offer choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Input {
    Text,
    OneOf(&'static [&'static str]),
    Sql,
    Path,
    Number,
    Table,
    Model,
    Recipe,
    Match,
    Source,
    Connection,
    Kpi,
    Board,
    Run,
    Example,
    Column,
    HeldRow,
    Moment,
    Alert,
    Proposal,
    Inspection,
    InspectedRow,
    Record,
    Assignment,
    Shell,
    None,
}

/// A key and where it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyBinding {
    /// Where.
    pub scope: Scope,
    /// The key: a character, or a name such as `enter`, `esc`, `ctrl+p`, `f5`.
    pub key: &'static str,
}

/// Where a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// On every screen.
    Everywhere,
    /// On one screen.
    On(Screen),
}

/// Whether something can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// It changes nothing.
    Nothing,
    /// It makes files or rows of its own that can be removed.
    Additive,
    /// It publishes to the lake; an earlier snapshot stays readable.
    Snapshot,
}

/// What an entry does.
#[derive(Debug, Clone, Copy)]
pub enum Action {
    /// It becomes a command.
    Ask(fn(&Values) -> Outcome<Command>),
    /// The face itself does it.
    Face(FaceAction),
}

/// What a face does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaceAction {
    /// Opens the palette.
    Palette,
    /// Shows the keys of the screen in front.
    Keys,
    /// Asks for a filter of the table in front.
    AskFilter,
    /// Asks for a query.
    AskQuery,
    /// Sorts by the column under the cursor.
    SortColumn,
    /// Opens what the cursor is on.
    OpenSelected,
    /// Shows the whole value of the cell under the cursor.
    ShowCell,
    /// Copies the verb that comes to the same as what is seen.
    CopyAsCommand,
    /// Stops the job under the cursor, or the run.
    CancelSelected,
    /// Changes between light and dark.
    ToggleTheme,
    /// Prints completions for a shell.
    Completions,
    /// Prints the manual page.
    Manual,
    /// Ends the program.
    Quit,
}

impl Entry {
    /// The words of the verb, joined; for entries without one, the verb that comes to the same.
    pub fn verb_text(&self) -> String {
        self.same_as.map_or_else(|| self.verb.join(" "), str::to_owned)
    }

    /// True when a value must be known before it can be done.
    pub fn needs_input(&self) -> bool {
        self.arguments.iter().any(|a| a.shape == Shape::Required)
    }
}

impl Input {
    /// True for what nobody can guess: a face asks for it, whatever the cursor is on.
    pub fn is_always_asked(self) -> bool {
        matches!(self, Self::Path | Self::Record | Self::Assignment)
    }
}

impl Argument {
    pub(super) const fn required(name: &'static str, input: Input, sample: &'static str, help: &'static str) -> Self {
        Self { name, shape: Shape::Required, input, default: None, sample: Some(sample), help }
    }

    pub(super) const fn optional(name: &'static str, input: Input, sample: &'static str, help: &'static str) -> Self {
        Self { name, shape: Shape::Optional, input, default: None, sample: Some(sample), help }
    }

    pub(super) const fn many(name: &'static str, input: Input, sample: &'static str, help: &'static str) -> Self {
        Self { name, shape: Shape::Many, input, default: None, sample: Some(sample), help }
    }

    pub(super) const fn option(name: &'static str, input: Input, sample: &'static str, help: &'static str) -> Self {
        Self { name, shape: Shape::Option, input, default: None, sample: Some(sample), help }
    }

    pub(super) const fn option_or(name: &'static str, input: Input, default: &'static str, help: &'static str) -> Self {
        Self { name, shape: Shape::Option, input, default: Some(default), sample: Some(default), help }
    }

    pub(super) const fn pair(name: &'static str, input: Input, sample: &'static str, help: &'static str) -> Self {
        Self { name, shape: Shape::Pair, input, default: None, sample: Some(sample), help }
    }

    pub(super) const fn flag(name: &'static str, help: &'static str) -> Self {
        Self { name, shape: Shape::Flag, input: Input::None, default: None, sample: None, help }
    }
}

impl KeyBinding {
    pub(super) const fn everywhere(key: &'static str) -> Self {
        Self { scope: Scope::Everywhere, key }
    }

    pub(super) const fn on(screen: Screen, key: &'static str) -> Self {
        Self { scope: Scope::On(screen), key }
    }
}
