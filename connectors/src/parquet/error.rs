//! Faults of Parquet files.

use parquet::errors::ParquetError;
use trommel_model::{Code, Problem};

/// The file cannot be read as Parquet.
pub fn unreadable(error: &ParquetError) -> Problem {
    Problem::new(Code::BadParquet, "this Parquet file cannot be read")
        .why(error.to_string())
        .next("check that it was copied whole, or write it again")
}

/// The file is empty.
pub fn empty() -> Problem {
    Problem::new(Code::EmptyFile, "the file is empty").next("check that it was written to its end")
}

/// A breakdown of the library on a hostile file.
pub fn of_file(problem: Problem) -> Problem {
    if problem.code != Code::Internal {
        return problem;
    }
    let why = problem.why.unwrap_or(problem.what);
    Problem::new(Code::BadParquet, "this Parquet file cannot be read").why(why).next("check that it was copied whole, or write it again")
}

/// The file ends before the rows do that it speaks of.
pub fn rows_missing(announced: u64, found: u64) -> Problem {
    Problem::new(Code::BadParquet, "the Parquet file has not the rows it speaks of")
        .why(format!("{announced} announced, {found} found"))
        .next("check that it was copied whole, or write it again")
}

/// Values or pages that are larger than is read.
pub fn too_large(column: &str, packed: u64, bytes: u64, rows: u64) -> Problem {
    Problem::new(Code::TooLarge, format!("the column \"{column}\" has larger values than are read"))
        .why(format!("{rows} rows have {} MB, packed into {packed} bytes", bytes >> 20))
        .next("write the file again with smaller row groups, or without this column")
}
