//! What went wrong, where, why and what to do next: the one error that reaches a person.
//!
//! Crates may have typed errors inside; at their public edge they hand over a [`Problem`].
//! Consumers match on [`Code`], never on text.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The result of everything that can fail in front of a person.
pub type Outcome<T> = Result<T, Problem>;

/// One fault, worded for a person and classified for a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What kind of fault; scripts match on this.
    pub code: Code,
    /// What failed, one sentence without a full stop.
    pub what: String,
    /// Where it failed.
    #[serde(default, skip_serializing_if = "Place::is_nowhere")]
    pub place: Place,
    /// Why it failed, when that is known and not said by `what`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The piece of text that is at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snippet: Option<Snippet>,
}

/// A position in a file or a table. All numbers count from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file.
    pub file: Option<PathBuf>,
    /// The line in the file.
    pub line: Option<u64>,
    /// The column (character) in the line.
    pub column: Option<u64>,
    /// The record in the file or table.
    pub row: Option<u64>,
    /// The field of the record.
    pub field: Option<String>,
}

/// A source text with the part that is at fault, for a caret under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snippet {
    /// What the text is, usually a path.
    pub origin: String,
    /// The whole text.
    pub source: String,
    /// Bytes of `source` that are at fault.
    pub span: Range<usize>,
    /// What is wrong with them.
    pub label: String,
}

impl Snippet {
    /// The line in which the fault begins.
    pub fn line(&self) -> &str {
        let start = self.source[..self.span.start].rfind('\n').map_or(0, |at| at + 1);
        self.source[start..].lines().next().unwrap_or_default()
    }
}

/// Fault classes. The kebab-case name is what scripts and documents use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it; `describe` has the words")]
pub enum Code {
    Usage,
    UnknownCommand,
    UnknownName,
    FileNotFound,
    FileUnreadable,
    FileExists,
    NotAWorkspace,
    BadToml,
    BadConfig,
    BadSql,
    UnknownRef,
    Cycle,
    BadRecipe,
    BadMatch,
    BadLabels,
    BadKpi,
    EmptyFile,
    BadEncoding,
    BadCsv,
    BadJson,
    BadParquet,
    BadSqlite,
    BadWorkbook,
    BadXml,
    BadArrow,
    BadArchive,
    TooLarge,
    Drift,
    Connection,
    Locked,
    Denied,
    NoSpace,
    Interrupted,
    OutputClosed,
    CheckFailed,
    LawBroken,
    LakeBroken,
    LedgerBroken,
    OutOfMemory,
    RunFailed,
    Internal,
}

/// What a process exits with. See the manual, "Exit codes".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum Exit {
    /// Everything asked for was done.
    Ok = 0,
    /// A run or an operation failed.
    Failed = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// Done, but rows went to quarantine (only from `run` and `check`).
    Held = 3,
    /// A connection failed; retrying may help.
    Connection = 4,
    /// A quality gate failed.
    Gate = 5,
    /// Somebody else holds the lock.
    Locked = 6,
    /// Permission or authentication.
    Denied = 7,
    /// No space left.
    NoSpace = 8,
    /// Interrupted by the user.
    Interrupted = 130,
}

impl Code {
    /// The name scripts match on, for instance `file-not-found`.
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// True for what can be wrong with a file that is to be read.
    pub fn is_of_a_file(self) -> bool {
        matches!(
            self,
            Self::FileUnreadable
                | Self::FileNotFound
                | Self::EmptyFile
                | Self::BadEncoding
                | Self::BadCsv
                | Self::BadJson
                | Self::BadParquet
                | Self::BadSqlite
                | Self::BadWorkbook
                | Self::BadXml
                | Self::BadArrow
                | Self::BadArchive
                | Self::TooLarge
        )
    }

    /// The exit code of a process that ends with this fault.
    pub fn exit(self) -> Exit {
        match self {
            Self::Usage
            | Self::UnknownCommand
            | Self::UnknownName
            | Self::NotAWorkspace
            | Self::BadToml
            | Self::BadConfig
            | Self::BadSql
            | Self::UnknownRef
            | Self::Cycle
            | Self::BadRecipe
            | Self::BadMatch
            | Self::BadLabels
            | Self::BadKpi
            | Self::FileExists
            | Self::FileNotFound => Exit::Usage,
            Self::Connection => Exit::Connection,
            Self::CheckFailed => Exit::Gate,
            Self::Locked => Exit::Locked,
            Self::Denied => Exit::Denied,
            Self::NoSpace => Exit::NoSpace,
            Self::Interrupted => Exit::Interrupted,
            // Whoever read the answer has had enough (`| head`).
            Self::OutputClosed => Exit::Ok,
            Self::FileUnreadable
            | Self::EmptyFile
            | Self::BadEncoding
            | Self::BadCsv
            | Self::BadJson
            | Self::BadParquet
            | Self::BadSqlite
            | Self::BadWorkbook
            | Self::BadXml
            | Self::BadArrow
            | Self::BadArchive
            | Self::TooLarge
            | Self::Drift
            | Self::LawBroken
            | Self::LakeBroken
            | Self::LedgerBroken
            | Self::OutOfMemory
            | Self::RunFailed
            | Self::Internal => Exit::Failed,
        }
    }
}

impl Problem {
    /// A fault with its class and what failed.
    pub fn new(code: Code, what: impl Into<String>) -> Self {
        Self { code, what: what.into(), place: Place::default(), why: None, next: None, snippet: None }
    }

    /// Adds the reason.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// Adds the next step.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        let next = next.into();
        // Nothing to say is not said: no name may be near enough to be what was meant.
        self.next = Some(next).filter(|n| !n.is_empty());
        self
    }

    /// Adds the file.
    #[must_use]
    pub fn in_file(mut self, file: impl AsRef<Path>) -> Self {
        self.place.file = Some(file.as_ref().to_owned());
        self
    }

    /// Adds the line, counted from 1.
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Self {
        self.place.line = Some(line);
        self
    }

    /// Adds the record, counted from 1.
    #[must_use]
    pub fn at_row(mut self, row: u64) -> Self {
        self.place.row = Some(row);
        self
    }

    /// Adds the field.
    #[must_use]
    pub fn at_field(mut self, field: impl Into<String>) -> Self {
        self.place.field = Some(field.into());
        self
    }

    /// Points at a span of a text, and sets line and column from it.
    #[must_use]
    pub fn pointing_at(mut self, origin: impl Into<String>, source: &str, span: Range<usize>, label: impl Into<String>) -> Self {
        let start = floor_boundary(source, span.start.min(source.len()));
        let end = floor_boundary(source, span.end.clamp(start, source.len()));
        let before = &source[..start];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        self.place.line = Some(before.matches('\n').count() as u64 + 1);
        self.place.column = Some(source[line_start..start].chars().count() as u64 + 1);
        self.snippet = Some(Snippet { origin: origin.into(), source: source.to_owned(), span: start..end, label: label.into() });
        self
    }

    /// Turns a fault in generated text into a fault in the `part` of it that a person wrote, which is called `origin`.
    ///
    /// A caret inside the part is kept; one outside of it (the fault shows elsewhere) points at the whole part.
    #[must_use]
    pub fn narrowed_to(self, origin: impl Into<String>, generated: &str, part: Range<usize>) -> Self {
        let text = generated.get(part.clone()).unwrap_or_default();
        let within = self.snippet.as_ref().filter(|s| s.source == generated && part.start <= s.span.start && s.span.end <= part.end);
        let (span, label) = match within {
            Some(s) => (s.span.start - part.start..s.span.end - part.start, s.label.clone()),
            None => (0..text.len(), "here".to_owned()),
        };
        self.pointing_at(origin, text, span, label)
    }

    /// A fault of the operating system on a path, classified by its kind.
    pub fn from_io(error: &std::io::Error, doing: &str, path: &Path) -> Self {
        use std::io::ErrorKind;
        let (code, next) = match error.kind() {
            ErrorKind::NotFound => (Code::FileNotFound, Some("check the path")),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                (Code::Denied, Some("check the permissions of the file and its folder"))
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                (Code::NoSpace, Some("free some space and run again; nothing was published"))
            }
            ErrorKind::Interrupted => (Code::Interrupted, None),
            ErrorKind::BrokenPipe => (Code::OutputClosed, None),
            _ => (Code::FileUnreadable, None),
        };
        let mut problem = Self::new(code, format!("cannot {doing}")).in_file(path).why(error.to_string());
        problem.next = next.map(str::to_owned);
        problem
    }

    /// The work was cancelled.
    pub fn interrupted() -> Self {
        Self::new(Code::Interrupted, "interrupted").next("nothing was published; run again to start over")
    }
}

fn floor_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl Place {
    /// True when nothing is known of the position.
    pub fn is_nowhere(&self) -> bool {
        self == &Self::default()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(file) = &self.file {
            parts.push(file.display().to_string());
        }
        if let Some(line) = self.line {
            parts.push(format!("line {line}"));
        }
        if let Some(column) = self.column {
            parts.push(format!("column {column}"));
        }
        if let Some(row) = self.row {
            parts.push(format!("row {row}"));
        }
        if let Some(field) = &self.field {
            parts.push(format!("field \"{field}\""));
        }
        f.write_str(&parts.join(", "))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if !self.place.is_nowhere() {
            write!(f, " ({})", self.place)?;
        }
        if let Some(why) = &self.why {
            write!(f, ": {why}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointing_counts_lines_and_characters() {
        let text = "a = 1\nbé = x\n";
        let at = text.find('x').unwrap();
        let p = Problem::new(Code::BadToml, "bad value").pointing_at("w.toml", text, at..at + 1, "here");
        assert_eq!((p.place.line, p.place.column), (Some(2), Some(6)));
    }

    #[test]
    fn a_fault_in_generated_text_points_into_the_part_a_person_wrote() {
        let generated = "select sum(x\n+ y) from t";
        let at = |needle: &str| generated.find(needle).unwrap()..generated.find(needle).unwrap() + needle.len();
        let part = at("sum(x\n+ y)");
        for (fault, expected) in [("y", (8..9, Some(2), Some(3))), ("from", (0..10, Some(1), Some(1)))] {
            let p = Problem::new(Code::BadSql, "x").pointing_at("sql", generated, at(fault), "unknown").narrowed_to(
                "formula",
                generated,
                part.clone(),
            );
            assert_eq!(
                (p.snippet.map(|s| (s.source, s.span)), p.place.line, p.place.column),
                (Some(("sum(x\n+ y)".to_owned(), expected.0)), expected.1, expected.2)
            );
        }
    }

    #[test]
    fn a_span_inside_a_character_does_not_panic() {
        let p = Problem::new(Code::BadSql, "x").pointing_at("q", "é", 1..1, "here");
        assert_eq!(p.snippet.map(|s| s.span), Some(0..0));
    }

    #[test]
    fn codes_have_kebab_names() {
        assert_eq!(Code::FileNotFound.name(), "file-not-found");
        assert_eq!(Code::Locked.exit() as u8, 6);
    }
}
