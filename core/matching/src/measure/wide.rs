//! Distinct texts of a column that uses too many characters for one byte each, such as Chinese.

use rapidfuzz::distance::{jaro_winkler, levenshtein};

use super::MAX_CHARS;
use super::levenshtein::{allowed, similarity};

/// Texts as characters.
pub(crate) struct Wide {
    chars: Vec<char>,
    /// Where each text ends; text 1 begins where 0 ends.
    ends: Vec<usize>,
}

impl Wide {
    pub fn new(texts: &[&str]) -> Self {
        let mut wide = Self { chars: Vec::new(), ends: vec![0] };
        for text in texts {
            wide.chars.extend(text.chars().take(MAX_CHARS));
            wide.ends.push(wide.chars.len());
        }
        wide
    }

    /// A text by its number, from 1.
    pub fn get(&self, id: u32) -> &[char] {
        let id = id as usize;
        &self.chars[self.ends[id - 1]..self.ends[id]]
    }

    /// Jaro-Winkler similarity of two texts.
    pub fn jaro_winkler(&self, left: u32, right: u32) -> f64 {
        jaro_winkler::similarity(self.get(left).iter().copied(), self.get(right).iter().copied())
    }

    /// Levenshtein similarity of two texts; 0 when it is below `at_least`.
    pub fn levenshtein(&self, left: u32, right: u32, at_least: f64) -> f64 {
        let (left, right) = (self.get(left), self.get(right));
        let longer = left.len().max(right.len());
        let args = levenshtein::Args::default().score_cutoff(allowed(longer, at_least));
        levenshtein::distance_with_args(left.iter().copied(), right.iter().copied(), &args).map_or(0.0, |d| similarity(d, longer))
    }
}
