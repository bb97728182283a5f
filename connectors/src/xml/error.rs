//! Faults of XML.

use trommel_model::{Code, Problem, nearest};

use super::config::{MOST_COLUMNS, MOST_PATHS};

/// A fault in a document: where, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line, from 1.
    pub line: u64,
    /// Character of the line, from 1.
    pub column: u64,
    /// What is wrong.
    pub what: String,
    /// True when the document was made to exhaust memory or time.
    pub bomb: bool,
}

/// The document is not well-formed.
pub fn unsound(fault: &Fault) -> Problem {
    let code = if fault.bomb { Code::TooLarge } else { Code::BadXml };
    let what = if fault.bomb { "the document would grow without bound" } else { "this is not well-formed XML" };
    let mut problem = Problem::new(code, what).why(fault.what.clone()).at_line(fault.line);
    problem.place.column = Some(fault.column);
    problem
}

/// There is nothing in the file.
pub fn empty() -> Problem {
    Problem::new(Code::EmptyFile, "the file is empty").next("check that it was written to its end")
}

/// An encoding nobody knows.
pub fn encoding(label: &str) -> Problem {
    Problem::new(Code::BadEncoding, format!("the document says its encoding is \"{label}\", which is not one we know"))
        .next("set encoding in [xml] to a WHATWG label such as utf-8 or latin1")
}

/// Bytes that are nothing in the encoding.
pub fn bytes(encoding: &str, count: u64) -> Problem {
    Problem::new(Code::BadXml, format!("{count} places of the document are not in its encoding, {encoding}"))
        .next("set encoding in [xml] when the document does not say it rightly")
}

/// The path of the record is not in the document.
pub fn no_record(path: &str, paths: &[String]) -> Problem {
    let near = nearest(path, paths.iter().map(String::as_str)).map_or_else(
        || format!("its elements are {}", paths.iter().take(12).cloned().collect::<Vec<_>>().join(", ")),
        |near| format!("did you mean \"{near}\"?"),
    );
    Problem::new(Code::UnknownName, format!("the document has no element \"{path}\"")).next(near)
}

/// More paths of elements than a table has use for.
pub fn too_many_paths() -> Problem {
    Problem::new(Code::TooLarge, format!("the document has more than {MOST_PATHS} different paths of elements"))
        .why("values are probably used as names")
}

/// More columns than a table may have.
pub fn too_many_columns() -> Problem {
    Problem::new(Code::TooLarge, format!("the records have more than {MOST_COLUMNS} different fields"))
        .why("values are probably used as names")
        .next("set record in [xml] to an element further inside")
}
