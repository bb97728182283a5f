//! Faults of JSON as a whole. Faults of single records are held rows, not errors.

use trommel_model::{Code, Problem};

use super::config::{LARGEST_OBJECT, LONGEST_RECORD, MOST_COLUMNS};
use super::discover::Broken;
use super::scan::Fault;

/// There is nothing in the file.
pub fn empty() -> Problem {
    Problem::new(Code::EmptyFile, "the file is empty").next("check that it was written to its end")
}

/// The document is not JSON, and no record came before the fault.
pub fn unsound(text: &[u8], fault: Fault) -> Problem {
    let at = fault.at.min(text.len());
    let start = text[..at].iter().rposition(|b| *b == b'\n').map_or(0, |n| n + 1);
    let line = memchr::memchr_iter(b'\n', &text[..at]).count() as u64 + 1;
    let column = String::from_utf8_lossy(&text[start..at]).chars().count() as u64 + 1;
    at_place(line, column, fault.expected)
}

/// The document breaks off before a record came.
pub fn broken(broken: &Broken) -> Problem {
    at_place(broken.place.0, broken.place.1, &broken.expected)
}

fn at_place(line: u64, column: u64, expected: &str) -> Problem {
    let mut problem = Problem::new(Code::BadJson, "this is not JSON").why(format!("expected {expected}")).at_line(line);
    problem.place.column = Some(column);
    problem
}

/// A document whose records are inside an object and that does not fit in memory.
pub fn too_large(bytes: u64) -> Problem {
    Problem::new(Code::TooLarge, format!("an object of {} MB is more than is held in memory ({} MB)", bytes >> 20, LARGEST_OBJECT >> 20))
        .next("write the records as one list, or one a line (NDJSON); those are read bit by bit")
}

/// The path to the records leads nowhere.
pub fn no_path(path: &str) -> Problem {
    Problem::new(Code::UnknownName, format!("the document has nothing at \"{path}\""))
        .next("write the keys that lead to the list of records, as records = \"$.data.items\" in [json]")
}

/// One record that is too large.
pub fn record_too_large(line: u64) -> Problem {
    Problem::new(Code::TooLarge, format!("a record has more than {} MB", LONGEST_RECORD >> 20)).at_line(line)
}

/// More columns than a table may have, as when ids are used as keys.
pub fn too_many_columns() -> Problem {
    Problem::new(Code::TooLarge, format!("the records have more than {MOST_COLUMNS} different fields"))
        .why("values are probably used as keys")
        .next("turn the keys into values before reading")
}
