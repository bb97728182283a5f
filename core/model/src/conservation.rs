//! The conservation law: rows are never lost without being counted.

use serde::{Deserialize, Serialize};

use crate::{Code, Outcome, Problem};

/// Where the rows that entered a step went. Every number is counted on its own, none by difference.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    /// Rows that came in, over all inputs.
    pub rows_in: u64,
    /// Rows that went out.
    pub rows_out: u64,
    /// Rows left out on purpose (filters, unmatched sides of joins, limits).
    pub filtered: u64,
    /// Rows that became part of another row (duplicates, groups, matches).
    pub merged: u64,
    /// Rows that came into being (joins and unnests that multiply).
    pub expanded: u64,
    /// Rows held back.
    pub quarantined: u64,
}

impl RowCounts {
    /// True when `rows_in + expanded = rows_out + filtered + merged + quarantined`.
    pub fn hold(&self) -> bool {
        self.rows_in + self.expanded == self.rows_out + self.filtered + self.merged + self.quarantined
    }

    /// Fails the step when the law is broken.
    pub fn enforce(&self, step: &str) -> Outcome<()> {
        if self.hold() {
            return Ok(());
        }
        Err(Problem::new(Code::LawBroken, format!("step {step} does not account for all of its rows"))
            .why(format!(
                "{} in + {} expanded ≠ {} out + {} filtered + {} merged + {} quarantined",
                self.rows_in, self.expanded, self.rows_out, self.filtered, self.merged, self.quarantined
            ))
            .next("nothing of this step was published; please report this with the model's text"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_row_breaks_the_law() {
        let counts = RowCounts { rows_in: 10, rows_out: 7, filtered: 1, merged: 1, expanded: 0, quarantined: 1 };
        assert!(counts.enforce("x").is_ok());
        let lost = RowCounts { rows_out: 6, ..counts };
        assert_eq!(lost.enforce("x").unwrap_err().code, Code::LawBroken);
    }
}
