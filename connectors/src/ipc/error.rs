//! Faults of Arrow files.

use arrow::error::ArrowError;
use trommel_model::{Code, Problem};

/// The file cannot be read as Arrow.
pub fn unreadable(error: &ArrowError) -> Problem {
    let why = match error {
        ArrowError::IoError(text, _) | ArrowError::IpcError(text) | ArrowError::ParseError(text) => text.clone(),
        other => other.to_string(),
    };
    Problem::new(Code::BadArrow, "this Arrow file cannot be read").why(why).next("check that it was copied whole, or write it again")
}

/// The file is empty.
pub fn empty() -> Problem {
    Problem::new(Code::EmptyFile, "the file is empty").next("check that it was written to its end")
}

/// An older format under the same ending.
pub fn old_feather() -> Problem {
    Problem::new(Code::BadArrow, "this is Feather of version 1, which came before Arrow files")
        .next("write it again with a current library")
}

/// A breakdown of the library on a hostile file.
pub fn of_file(problem: Problem) -> Problem {
    if problem.code != Code::Internal {
        return problem;
    }
    let why = problem.why.unwrap_or(problem.what);
    Problem::new(Code::BadArrow, "this Arrow file cannot be read").why(why).next("check that it was copied whole, or write it again")
}
