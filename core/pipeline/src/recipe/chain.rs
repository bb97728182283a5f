//! The chain under construction: columns so far, links so far, and what can happen to a row.

use std::ops::Range;

use trommel_model::{DataType, Problem, Schema};

use super::tracked::{Death, DeathKind, Filled, Nulled};
use crate::recipe::names;

/// Which rendering is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// For people and views: rows that leave are not selected. `ordered` adds the row number.
    Plain {
        /// True when a step needs to know which row comes first.
        ordered: bool,
    },
    /// For runs and previews: rows that leave are marked.
    Tracked {
        /// Carry the row as it came along, for comparing.
        before: bool,
    },
}

/// A column at some point of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    /// Its name.
    pub name: String,
    /// Its type; absent when only the engine can tell.
    pub data_type: Option<DataType>,
    /// The column of the input it is, through renames; absent when a step made it.
    pub origin: Option<String>,
}

/// One link of the chain.
#[derive(Debug, Clone)]
pub(super) struct Link {
    /// Its name, for instance `s1_trim`.
    pub name: String,
    /// Its SELECT.
    pub body: String,
    /// Where texts of the user stand in the body.
    pub marks: Vec<Mark>,
}

/// A text of the user within generated SQL, so that a fault can be shown where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Bytes in the SQL.
    pub span: Range<usize>,
    /// The step, from 1.
    pub step: usize,
    /// The step's name.
    pub step_name: &'static str,
    /// The text as the user wrote it.
    pub text: String,
}

/// The chain with everything a step needs to know and may add to.
#[derive(Debug)]
pub(super) struct Chain {
    /// Which rendering.
    pub mode: Mode,
    /// The columns after the last link.
    pub columns: Vec<Column>,
    /// The links after `input`.
    pub links: Vec<Link>,
    /// Ways in which a row can leave; the code in `__fate` is the position plus one.
    pub deaths: Vec<Death>,
    /// Flags that say a value became null.
    pub nulled: Vec<Nulled>,
    /// Hidden columns that have the values cells were filled with.
    pub filled: Vec<Filled>,
    /// The step being compiled, from 1.
    pub step: usize,
    /// Its name.
    pub step_name: &'static str,
    /// True once a row can have become several: `__part` then says which of them it is.
    pub parts: bool,
    /// The table the recipe starts from.
    pub from: String,
    /// Tables whose rows were added, with the step that added them.
    pub unions: Vec<(usize, trommel_model::TableName)>,
    last: String,
}

impl Chain {
    /// A chain that has only its input.
    pub fn new(mode: Mode, input: &Schema) -> Self {
        let column =
            |f: &trommel_model::Field| Column { name: f.name.clone(), data_type: Some(f.data_type.clone()), origin: Some(f.name.clone()) };
        Self {
            mode,
            columns: input.fields.iter().map(column).collect(),
            links: Vec::new(),
            deaths: Vec::new(),
            nulled: Vec::new(),
            filled: Vec::new(),
            step: 0,
            step_name: "",
            parts: false,
            from: String::new(),
            unions: Vec::new(),
            last: "input".to_owned(),
        }
    }

    /// A fault in the present step.
    pub fn fault(&self, what: impl AsRef<str>) -> Problem {
        names::fault(self.step, self.step_name, what.as_ref())
    }

    /// The link before, to select from.
    pub fn last(&self) -> &str {
        &self.last
    }

    /// Adds a link named after the step; `part` tells the links of one step apart.
    pub fn push(&mut self, part: &str, body: impl Into<String>) {
        self.push_marked(part, body.into(), Vec::new());
    }

    /// Adds a link that holds texts of the user at these bytes.
    pub fn push_marked(&mut self, part: &str, body: String, texts: Vec<(Range<usize>, String)>) {
        let underscore = if part.is_empty() { "" } else { "_" };
        let name = format!("s{}_{}{underscore}{part}", self.step, self.step_name);
        let mark = |(span, text)| Mark { span, step: self.step, step_name: self.step_name, text };
        let marks = texts.into_iter().map(mark).collect();
        self.last.clone_from(&name);
        self.links.push(Link { name, body, marks });
    }

    /// Adds a link in which these columns get other values: (quoted or plain name, expression).
    pub fn replace(&mut self, items: &[(String, String)]) {
        let body = format!("select * replace (\n    {}\n)\nfrom {}", list(items), self.last);
        self.push("", body);
    }

    /// Notes a way in which a row can leave at this step, and gives its code for `__fate`.
    pub fn death(&mut self, kind: DeathKind) -> usize {
        self.deaths.push(Death { step: self.step, kind });
        self.deaths.len()
    }

    /// ` where` only rows that are still there, when rows that left are carried along.
    pub fn alive(&self) -> &'static str {
        match self.mode {
            Mode::Plain { .. } => "",
            Mode::Tracked { .. } => " where __fate is null",
        }
    }

    /// Keeps rows that left apart from the others in a window, when they are carried along.
    pub fn partition_alive(&self) -> Option<&'static str> {
        match self.mode {
            Mode::Plain { .. } => None,
            Mode::Tracked { .. } => Some("__fate is null"),
        }
    }

    /// The hidden columns that say where a row stands among all, when they are carried along.
    pub fn place(&self) -> &'static str {
        if self.parts { "__row, __part" } else { "__row" }
    }

    /// True when rows carry their place along.
    pub fn is_placed(&self) -> bool {
        !matches!(self.mode, Mode::Plain { ordered: false })
    }

    /// The hidden columns in force.
    pub fn hidden(&self) -> Vec<String> {
        match self.mode {
            Mode::Plain { ordered } => {
                let place = ["__row"].into_iter().chain(self.parts.then_some("__part"));
                place.filter(|_| ordered).map(str::to_owned).collect()
            }
            Mode::Tracked { before } => {
                let fixed = ["__row"].into_iter().chain(self.parts.then_some("__part")).chain(["__fate", "__value"]);
                let fixed = fixed.chain(before.then_some("__before"));
                let flags = self.nulled.iter().map(|n| n.flag.clone()).chain(self.filled.iter().map(|f| f.flag.clone()));
                fixed.map(str::to_owned).chain(flags).collect()
            }
        }
    }
}

fn list(items: &[(String, String)]) -> String {
    let lines: Vec<String> = items.iter().map(|(name, expression)| format!("{expression} as {name}")).collect();
    lines.join(",\n    ")
}
