//! What a reader has to say when it is done.

use trommel_model::FoundOption;

use crate::csv::Dialect;

/// The account of one read. `rows_in = rows_out + held` for every input.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadReport {
    /// Records met; blank lines and comments are not counted.
    pub rows_in: u64,
    /// Rows handed to the sink.
    pub rows_out: u64,
    /// Rows held.
    pub held: u64,
    /// Values that did not fit and became null by choice (`on_bad = "null"`).
    pub nulled: u64,
    /// Rows with fewer or more fields than columns that were taken in all the same (lenient reading).
    pub padded: u64,
    /// Remarks for people, each one sentence.
    pub notes: Vec<String>,
    /// How the text was taken apart, for delimited text.
    pub dialect: Option<Dialect>,
    /// How the file is written, one property each, for formats that leave it open.
    pub found: Vec<FoundOption>,
}
