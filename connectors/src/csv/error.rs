//! Faults of a delimited text as a whole. Faults of single records are held rows, not errors.

use trommel_model::{Code, Problem};

use super::window::LONGEST_RECORD;
use crate::assemble::Counts;

/// There are no records and no header.
pub fn empty() -> Problem {
    Problem::new(Code::EmptyFile, "the file is empty").next("check that it was written to its end")
}

/// There is nothing behind the lines to skip.
pub fn empty_behind(lines: u64) -> Problem {
    Problem::new(Code::EmptyFile, format!("there is nothing behind the {lines} lines to skip")).next("check csv.skip_lines")
}

/// The header goes on and on.
pub fn endless_header() -> Problem {
    Problem::new(Code::TooLarge, format!("the header does not end within {} MB", LONGEST_RECORD >> 20))
        .next("check csv.quote and csv.skip_lines")
}

/// The two passes over the file do not agree, which happens when it is written to in between.
pub fn unaccounted(records: u64, counts: Counts) -> Problem {
    Problem::new(Code::LawBroken, "not all records are accounted for")
        .why(format!("{records} in ≠ {} out + {} held; was the file changed while it was read?", counts.rows_out, counts.held))
        .next("run again")
}
