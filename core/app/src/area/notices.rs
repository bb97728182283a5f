//! What is told to the person: remarks, warnings, faults.

use trommel_model::{Code, Problem, did_you_mean};

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its number.
    pub id: u64,
    /// How bad it is.
    pub kind: NoticeKind,
    /// What it says, one sentence.
    pub text: String,
    /// The whole fault, when it is one.
    pub problem: Option<Problem>,
}

/// How bad a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum NoticeKind {
    Info,
    Warning,
    Error,
}

/// A command that cannot be done now, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub Problem);

/// Newest notices; older ones fall off.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    next: u64,
    shown: Vec<Notice>,
}

const KEPT: usize = 20;

impl Notices {
    /// The notices, oldest first.
    pub(crate) fn shown(&self) -> &[Notice] {
        &self.shown
    }

    /// Tells something.
    pub(crate) fn tell(&mut self, kind: NoticeKind, text: impl Into<String>) {
        self.push(kind, text.into(), None);
    }

    /// Tells of a fault.
    pub(crate) fn problem(&mut self, problem: Problem) {
        self.push(NoticeKind::Error, problem.to_string(), Some(problem));
    }

    /// Takes one away.
    pub(crate) fn dismiss(&mut self, id: u64) {
        self.shown.retain(|n| n.id != id);
    }

    fn push(&mut self, kind: NoticeKind, text: String, problem: Option<Problem>) {
        self.next += 1;
        self.shown.push(Notice { id: self.next, kind, text, problem });
        if self.shown.len() > KEPT {
            self.shown.remove(0);
        }
    }
}

/// A name that nobody knows, with the nearest one that somebody does.
pub(crate) fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Refused {
    let names: Vec<&str> = known.collect();
    let hint = did_you_mean(name, names.iter().copied());
    let mut problem = Problem::new(Code::UnknownName, format!("there is no {what} \"{name}\""));
    problem.next = Some(match (hint.is_empty(), names.is_empty()) {
        (false, _) => hint,
        (true, false) => format!("there are: {}", names.join(", ")),
        (true, true) => format!("the workspace has no {what} yet"),
    });
    Refused(problem)
}
