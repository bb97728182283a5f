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

use rustc_hash::FxHashMap;
use trommel_model::{Cancel, Finding, Outcome};

/// Findings less sure than this are not told.
const LEAST: f64 = 0.4;
/// Findings of one rule in one column that are told; the others are counted.
const MOST_TOLD: u64 = 10_000;
/// Characters of a value that a finding repeats.
const MOST_CHARS: usize = 10_000;

/// What looks wrong in a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Detected {
    /// The cells, by row and column: of each rule and column the first ones.
    pub cells: Vec<Finding>,
    /// All cells that look wrong.
    pub found: u64,
    /// What is not among `cells`, by column and rule, in words.
    pub notes: Vec<String>,
}

/// What marks a cell: how sure, by which rule, why, and what should stand there. Texts are numbers in [`Board::texts`].
#[derive(Clone, Copy)]
struct Mark {
    confidence: f64,
    reason: u32,
    suggestion: Option<u32>,
    rule: u8,
}

/// Marks by column and row. Many marks say the same, so each text is kept once.
#[derive(Default)]
pub(crate) struct Board {
    columns: Vec<FxHashMap<u32, Mark>>,
    rules: Vec<&'static str>,
    texts: Vec<Box<str>>,
    numbers: FxHashMap<Box<str>, u32>,
    cancel: Cancel,
}

impl Board {
    /// True once nobody waits for more marks; rules look for each column.
    fn is_stopped(&self) -> bool {
        self.cancel.is_raised()
    }

    /// Marks a cell, unless a surer mark stands there.
    fn mark(&mut self, row: usize, column: usize, rule: &'static str, confidence: f64, reason: &str, suggestion: Option<&str>) {
        if self.columns.len() <= column {
            self.columns.resize_with(column + 1, FxHashMap::default);
        }
        if confidence < LEAST || self.columns[column].get(&(row as u32)).is_some_and(|m| m.confidence >= confidence) {
            return;
        }
        let known = self.rules.iter().position(|name| *name == rule).unwrap_or_else(|| {
            self.rules.push(rule);
            self.rules.len() - 1
        });
        let (reason, suggestion) = (self.number(reason), suggestion.map(|text| self.number(text)));
        self.columns[column].insert(row as u32, Mark { confidence, reason, suggestion, rule: known as u8 });
    }

    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.into());
        self.numbers.insert(text.into(), number);
        number
    }

    /// The marks as findings.
    fn told(self, table: &Coded) -> Detected {
        let mut detected = Detected::default();
        let mut cells: Vec<(u32, usize, Finding)> = Vec::new();
        for (at, marks) in self.columns.into_iter().enumerate() {
            let column = &table.columns[at];
            let mut rows: Vec<(u32, Mark)> = marks.into_iter().collect();
            rows.sort_unstable_by_key(|(row, _)| *row);
            detected.found += rows.len() as u64;
            let mut counts = vec![0_u64; self.rules.len()];
            for (row, mark) in rows {
                counts[usize::from(mark.rule)] += 1;
                if counts[usize::from(mark.rule)] > MOST_TOLD {
                    continue;
                }
                let text = |number: u32| self.texts[number as usize].to_string();
                let finding = Finding {
                    row: table.row_number(row as usize),
                    column: column.name.clone(),
                    value: shortened(column.text(row as usize)),
                    rule: self.rules[usize::from(mark.rule)].to_owned(),
                    confidence: (mark.confidence * 100.0).round() / 100.0,
                    reason: text(mark.reason),
                    suggestion: mark.suggestion.map(text),
                };
                cells.push((row, at, finding));
            }
            for (rule, count) in self.rules.iter().zip(counts).filter(|(_, count)| *count > MOST_TOLD) {
                detected.notes.push(format!("{}: {count} cells by the rule {rule}, of which the first {MOST_TOLD} are told", column.name));
            }
        }
        cells.sort_by_key(|(row, column, _)| (*row, *column));
        detected.cells = cells.into_iter().map(|(_, _, finding)| finding).collect();
        detected
    }
}

/// A value of bearable length.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The cells that look wrong.
pub fn detect(table: &Coded, cancel: &Cancel) -> Outcome<Detected> {
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
    let mut board = Board { cancel: cancel.clone(), ..Board::default() };
    for rule in RULES {
        rule(table, &mut board);
        cancel.check()?;
    }
    Ok(board.told(table))
}

#[cfg(test)]
mod tests;
