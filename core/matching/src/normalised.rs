//! The distinct values of a column after normalising, without a heap of small strings.

use rayon::prelude::*;
use trommel_model::{Normaliser, Outcome};

use crate::intern::Interner;
use crate::normalise::normalise;
use crate::watch::{STRETCH, Watch};

/// Values normalised together.
const PART: usize = STRETCH / 8;

/// Texts by their place among the distinct values.
pub(crate) struct Normalised<'a> {
    distinct: &'a [&'a str],
    parts: Vec<Part>,
}

/// What became of `PART` values.
struct Part {
    texts: String,
    spans: Vec<Span>,
}

#[derive(Clone, Copy, PartialEq)]
enum Span {
    /// Nothing is left.
    Missing,
    /// The value was already normal.
    Unchanged,
    /// Bytes of `texts`, from and length.
    Changed(usize, u32),
}

impl<'a> Normalised<'a> {
    pub fn new(distinct: &'a [&'a str], steps: &[Normaliser], watch: &Watch<'_>) -> Outcome<Self> {
        let normalise_part = |values: &[&str]| {
            watch.check()?;
            let mut part = Part { texts: String::new(), spans: Vec::with_capacity(values.len()) };
            for value in values {
                part.spans.push(match normalise(value, steps) {
                    None => Span::Missing,
                    Some(text) if text == *value => Span::Unchanged,
                    Some(text) => {
                        let from = part.texts.len();
                        part.texts.push_str(&text);
                        Span::Changed(from, text.len() as u32)
                    }
                });
            }
            Ok(part)
        };
        Ok(Self { distinct, parts: distinct.par_chunks(PART).map(normalise_part).collect::<Outcome<_>>()? })
    }

    /// The text of a value, by its place; `None` when nothing is left of it.
    pub fn get(&self, at: usize) -> Option<&str> {
        let part = &self.parts[at / PART];
        match part.spans[at % PART] {
            Span::Missing => None,
            Span::Unchanged => Some(self.distinct[at]),
            Span::Changed(from, len) => Some(&part.texts[from..from + len as usize]),
        }
    }

    /// Works something out of every value, on all threads.
    pub fn map<T: Default + Send>(&self, of: impl Fn(&str) -> T + Sync, watch: &Watch<'_>) -> Outcome<Vec<T>> {
        let parts: Vec<Vec<T>> = (0..self.parts.len())
            .into_par_iter()
            .map(|part| {
                watch.check()?;
                let from = part * PART;
                Ok((from..from + self.parts[part].spans.len()).map(|at| self.get(at).map(&of).unwrap_or_default()).collect())
            })
            .collect::<Outcome<_>>()?;
        Ok(parts.into_iter().flatten().collect())
    }

    /// Numbers the distinct texts from 1, value by value; 0 where nothing is left. Text 1 is the first of the list.
    pub fn numbers(&self, watch: &Watch<'_>) -> Outcome<(Vec<u32>, Vec<&str>)> {
        let changed = self.parts.iter().flat_map(|part| &part.spans).any(|span| matches!(span, Span::Changed(..)));
        if !changed {
            // The values are distinct as they are.
            let spans = self.parts.iter().flat_map(|part| &part.spans).zip(1..);
            let numbers = spans.map(|(span, number)| if *span == Span::Missing { 0 } else { number });
            return Ok((numbers.collect(), self.distinct.to_vec()));
        }
        let mut interner = Interner::default();
        let mut numbers = Vec::with_capacity(self.distinct.len());
        for at in 0..self.distinct.len() {
            if at % STRETCH == 0 {
                watch.check()?;
            }
            numbers.push(self.get(at).map_or(0, |text| interner.id(text)));
            if numbers.len() == STRETCH {
                interner.expect(self.distinct.len());
            }
        }
        Ok((numbers, interner.into_texts()))
    }
}

#[cfg(test)]
mod tests {
    use trommel_model::{Cancel, ProgressSlot};

    use super::*;

    #[test]
    fn texts_that_become_equal_have_one_number() {
        let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
        let watch = Watch::new(&cancel, &progress);
        let distinct = ["b", "A", " ", "a", "B"];
        let normal = Normalised::new(&distinct, &[Normaliser::Lower], &watch).unwrap();
        assert_eq!((0..5).map(|at| normal.get(at)).collect::<Vec<_>>(), [Some("b"), Some("a"), None, Some("a"), Some("b")]);
        assert_eq!(normal.numbers(&watch).unwrap(), (vec![1, 2, 0, 2, 1], vec!["b", "a"]));
        assert_eq!(normal.map(str::len, &watch).unwrap(), [1, 1, 0, 1, 1]);
        let same = Normalised::new(&distinct, &[], &watch).unwrap();
        assert_eq!(same.numbers(&watch).unwrap().0, [1, 2, 0, 4, 5]);
    }
}
