//! Corrections: records of a text file that are read as somebody wrote them instead of as they came.
//!
//! The file itself is never touched. A correction names the line on which a record starts, the text it had, and the text
//! it should have had; reading goes over a copy in which that is so. What comes of it is therefore, byte for byte, what
//! would have come had the file been right. Where a file no longer has the text that was corrected, the correction does
//! not apply and is told.

mod copy;
mod lines;
mod moved;
mod record;

pub use copy::{Corrected, corrected, still_there};
pub use moved::Moved;
pub use record::{Record, record};

use trommel_model::{Code, FileFormat, Problem};

/// True for formats whose records are lines of text.
pub fn can_correct(format: FileFormat) -> bool {
    matches!(format, FileFormat::Csv | FileFormat::Ndjson | FileFormat::Fixed)
}

fn no_lines() -> Problem {
    Problem::new(Code::Usage, "rows of this file cannot be corrected one by one")
        .why("they are not lines of a text")
        .next("correct them where they come from, or set values by a step of a recipe")
}

#[cfg(test)]
mod tests;
