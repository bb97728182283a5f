//! Words drawn from a text by weighted min-hashing (Broder 1997; weights after Manasse, `McSherry` and Talwar 2010):
//! the more two texts are alike, the likelier the same draw gives the same word of both.

use rustc_hash::FxHashMap;

use crate::intern::hash;
use crate::measure::words;
use crate::normalised::Normalised;

/// Words of a text that take part.
const MAX_WORDS: usize = 128;

/// How readily each word is drawn.
pub(crate) struct Lots {
    weights: FxHashMap<u64, f64>,
}

impl Lots {
    /// From the distinct texts of a column and in how many rows each stands. A word of one row only is never drawn:
    /// it brings no two rows together.
    pub fn new(texts: &Normalised<'_>, rows_with: &[u32]) -> Self {
        let mut rows: FxHashMap<u64, u32> = FxHashMap::default();
        for (at, &times) in rows_with.iter().enumerate() {
            let Some(text) = texts.get(at) else { continue };
            for word in distinct(text) {
                *rows.entry(word).or_default() += times;
            }
        }
        let weight = |n: u32| f64::from(n).sqrt().recip();
        Self { weights: rows.into_iter().filter(|(_, n)| *n > 1).map(|(word, n)| (word, weight(n))).collect() }
    }

    /// The word of a text in one of the draws, as a hash; 0 when there is none.
    pub fn draw(&self, text: &str, draw: usize) -> u64 {
        let seed = hash(&draw.to_string());
        let of = |word: u64| self.weights.get(&word).map(|weight| (arrival(word, seed) / weight, word));
        let first = distinct(text).into_iter().filter_map(of).min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        first.map_or(0, |(_, word)| word)
    }
}

fn distinct(text: &str) -> Vec<u64> {
    let mut hashes: Vec<u64> = words(text).take(MAX_WORDS).map(hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// An exponential random number that is the same for one word in one draw, whatever text it stands in.
fn arrival(word: u64, seed: u64) -> f64 {
    let even = crate::intern::combine(word, seed) >> 11;
    -((even as f64 + 1.0) / (1_u64 << 53) as f64).ln()
}

#[cfg(test)]
mod tests {
    use trommel_model::{Cancel, ProgressSlot};

    use super::*;
    use crate::watch::Watch;

    #[test]
    fn like_texts_draw_like_words_and_lone_words_are_never_drawn() {
        let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
        let texts = ["the trommel washes stone", "a trommel washes stones", "the sieve keeps sand", "unheard of", "the end"];
        let normal = Normalised::new(&texts, &[], &Watch::new(&cancel, &progress)).unwrap();
        let lots = Lots::new(&normal, &[1; 5]);
        let shared = |a: usize, b: usize| {
            (0..64).filter(|&d| lots.draw(texts[a], d) != 0 && lots.draw(texts[a], d) == lots.draw(texts[b], d)).count()
        };
        assert!(shared(0, 1) > shared(0, 2), "{} {}", shared(0, 1), shared(0, 2));
        assert!(shared(0, 2) > 0);
        assert_eq!(lots.draw(texts[3], 7), 0);
    }
}
