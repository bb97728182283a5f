//! Measures of similarity, and the values they work on.

mod damerau;
mod jaro_winkler;
mod levenshtein;
mod pattern;
mod place;
mod texts;
mod wide;
mod words;

pub(crate) use damerau::damerau;
pub(crate) use jaro_winkler::{jaro_winkler, jaro_winkler_bound, most_alike};
pub(crate) use levenshtein::{levenshtein, levenshtein_bound, similarity};
pub(crate) use pattern::Pattern;
pub(crate) use place::Place;
pub(crate) use texts::Texts;
pub(crate) use wide::Wide;
pub(crate) use words::{Words, words};

/// Longer texts are compared by their first so many characters; whether two are equal is always told from the
/// whole. It bounds what one pair can cost (about a tenth of a millisecond).
pub(crate) const MAX_CHARS: usize = 2_048;
