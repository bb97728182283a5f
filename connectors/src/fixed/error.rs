//! Faults of fixed-width text.

use trommel_model::{Code, Problem};

use super::config::{LONGEST_LINE, MOST_COLUMNS};

/// There is nothing in the file.
pub fn empty() -> Problem {
    Problem::new(Code::EmptyFile, "the file is empty").next("check that it was written to its end")
}

/// A line that is too long.
pub fn long_line(line: u64) -> Problem {
    Problem::new(Code::TooLarge, format!("a line has more than {} MB", LONGEST_LINE >> 20)).at_line(line)
}

/// Starts that cannot be.
pub fn bad_starts() -> Problem {
    Problem::new(Code::BadConfig, "starts in [fixed] are not in ascending order from 1")
        .next("write the characters at which columns start, such as starts = [1, 9, 25]")
}

/// Too many columns.
pub fn too_many_columns(count: usize) -> Problem {
    Problem::new(Code::TooLarge, format!("a line has {count} columns, the most are {MOST_COLUMNS}"))
}
