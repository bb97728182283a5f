//! Cells that look wrong, found from the table alone: nobody says what is right.
//!
//! One file a rule, all with one anatomy: `find(table, board)` marks cells with how sure it is and, where it can tell, what
//! should stand there. A rule speaks where a column is regular and a cell is not: the more regular the column, the surer.
//! Where two rules mark one cell the surer one is told.

mod coded;
mod dependency;
mod distance;
mod duplicate;
mod format;
mod merged;
mod missing;
mod outlier;
mod shape;
mod typo;
mod unit;
mod variant;

pub use coded::{Coded, CodedColumn, CodedValue};
pub(crate) use dependency::{contradicted, discover};

use std::collections::BTreeMap;

use trommel_model::{Cancel, Finding, Outcome};

/// Findings less sure than this are not told.
const LEAST: f64 = 0.4;

/// What marks a cell: how sure, by which rule, why, and what should stand there.
struct Mark {
    confidence: f64,
    rule: &'static str,
    reason: String,
    suggestion: Option<String>,
}

/// Marks by row and column.
#[derive(Default)]
pub(crate) struct Board {
    marks: BTreeMap<(u32, u32), Mark>,
}

impl Board {
    /// Marks a cell, unless a surer mark stands there.
    fn mark(&mut self, row: usize, column: usize, rule: &'static str, confidence: f64, reason: &str, suggestion: Option<&str>) {
        if confidence < LEAST || self.marks.get(&(row as u32, column as u32)).is_some_and(|m| m.confidence >= confidence) {
            return;
        }
        let mark = Mark { confidence, rule, reason: reason.to_owned(), suggestion: suggestion.map(str::to_owned) };
        self.marks.insert((row as u32, column as u32), mark);
    }
}

/// The cells that look wrong, by row and column.
pub fn detect(table: &Coded, cancel: &Cancel) -> Outcome<Vec<Finding>> {
    type Rule = fn(&Coded, &mut Board);
    const RULES: [Rule; 10] = [
        typo::find,
        shape::find,
        unit::find,
        format::find,
        variant::find,
        outlier::find,
        missing::find,
        duplicate::find,
        merged::find,
        dependency::find,
    ];
    let mut board = Board::default();
    for rule in RULES {
        cancel.check()?;
        rule(table, &mut board);
    }
    let told = board.marks.into_iter().map(|((row, column), mark)| {
        let column = &table.columns[column as usize];
        Finding {
            row: table.row_number(row as usize),
            column: column.name.clone(),
            value: column.text(row as usize).to_owned(),
            rule: mark.rule.to_owned(),
            confidence: (mark.confidence * 100.0).round() / 100.0,
            reason: mark.reason,
            suggestion: mark.suggestion,
        }
    });
    Ok(told.collect())
}

#[cfg(test)]
mod tests;
