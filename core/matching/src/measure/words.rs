//! Distinct texts of a column as bags of words or of three-letter pieces, for measures that count what two have in
//! common.

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use trommel_model::{Measure, Outcome};

use super::MAX_CHARS;
use crate::intern::hash;
use crate::watch::{STRETCH, Watch};

/// Words, or pieces, of one text that are looked at.
const MAX_TOKENS: usize = 512;

/// Texts as sorted lists of numbered tokens with weights.
pub(crate) struct Words {
    kind: Kind,
    /// Tokens of all texts, text after text, in the order of their numbers.
    tokens: Vec<(u32, f32)>,
    /// Where each text begins, and the end of the last; text 0 is "missing" and has none.
    starts: Vec<u32>,
    /// Sum of each text's weights.
    totals: Vec<f32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Weights are of length 1 together, so that their products sum up to the cosine.
    Cosine,
    Jaccard,
    Containment,
    Overlap,
}

/// What a text is taken apart into.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    Word,
    Piece,
    /// An element of a list.
    Element,
}

/// A token by its hash, and how often it stands in a text.
type Counted = Vec<(u64, f32)>;

impl Words {
    /// A word's weight is the logarithm of the number of texts by that of the texts that have it (Spärck Jones 1972),
    /// times one plus the logarithm of how often it stands there. Numbers follow hashes, so nothing depends on
    /// which text came first.
    pub fn new(measure: Measure, texts: &[&str], watch: &Watch<'_>) -> Outcome<Self> {
        let kind = match measure {
            Measure::TokenSet | Measure::Jaccard => Kind::Jaccard,
            Measure::Containment => Kind::Containment,
            Measure::Overlap => Kind::Overlap,
            _ => Kind::Cosine,
        };
        let of = match measure {
            Measure::Qgram | Measure::Jaccard => Token::Piece,
            Measure::Overlap => Token::Element,
            _ => Token::Word,
        };
        let counted: Vec<Vec<Counted>> = texts
            .par_chunks(STRETCH / 16)
            .map(|part| {
                watch.check()?;
                Ok(part.iter().map(|text| count(text, of)).collect())
            })
            .collect::<Outcome<_>>()?;
        let mut texts_with: FxHashMap<u64, u32> = FxHashMap::default();
        for bag in counted.iter().flatten() {
            for (token, _) in bag {
                *texts_with.entry(*token).or_default() += 1;
            }
        }
        watch.check()?;
        let mut order: Vec<(u64, u32)> = texts_with.into_iter().collect();
        order.par_sort_unstable();
        let all = texts.len() as f32;
        let numbered: FxHashMap<u64, (u32, f32)> =
            order.into_iter().zip(0..).map(|((token, texts), number)| (token, (number, (1.0 + all / texts as f32).ln()))).collect();
        let mut words = Self { kind, tokens: Vec::new(), starts: vec![0, 0], totals: vec![0.0] };
        for bag in counted.into_iter().flatten() {
            let from = words.tokens.len();
            for (token, times) in bag {
                if let Some(&(number, rarity)) = numbered.get(&token) {
                    let weight = match kind {
                        Kind::Cosine => rarity * (1.0 + times.ln()),
                        Kind::Jaccard | Kind::Overlap => 1.0,
                        Kind::Containment => rarity,
                    };
                    words.tokens.push((number, weight));
                }
            }
            let mine = &mut words.tokens[from..];
            mine.sort_unstable_by_key(|(number, _)| *number);
            if kind == Kind::Cosine {
                let length = mine.iter().map(|(_, w)| w * w).sum::<f32>().sqrt();
                for (_, weight) in mine.iter_mut() {
                    *weight /= length.max(f32::MIN_POSITIVE);
                }
            }
            words.totals.push(mine.iter().map(|(_, w)| w).sum());
            words.starts.push(words.tokens.len() as u32);
        }
        Ok(words)
    }

    /// The tokens of a text by its number, from 1.
    #[inline]
    pub fn tokens(&self, id: u32) -> &[(u32, f32)] {
        let id = id as usize;
        &self.tokens[self.starts[id] as usize..self.starts[id + 1] as usize]
    }

    /// The similarity of two texts, from 0 to 1.
    pub fn similarity(&self, left: u32, right: u32) -> f64 {
        let (mut l, mut r) = (self.tokens(left), self.tokens(right));
        let mut common = 0.0_f32;
        while let (Some(&(a, x)), Some(&(b, y))) = (l.first(), r.first()) {
            if a == b {
                common += if self.kind == Kind::Cosine { x * y } else { x };
            }
            l = &l[usize::from(a <= b)..];
            r = &r[usize::from(b <= a)..];
        }
        let (left, right) = (self.totals[left as usize], self.totals[right as usize]);
        let all = match self.kind {
            Kind::Cosine => 1.0,
            Kind::Jaccard => left + right - common,
            Kind::Containment | Kind::Overlap => left.min(right),
        };
        if all > 0.0 { f64::from(common / all).clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// The words of a text: runs of letters and digits.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// The elements of a list, written with or without brackets and quotes.
fn elements(text: &str) -> impl Iterator<Item = &str> {
    let around = |c: char| c.is_whitespace() || matches!(c, '[' | ']' | '{' | '}' | '"' | '\'');
    text.split([',', ';', '|']).map(move |element| element.trim_matches(around)).filter(|element| !element.is_empty())
}

fn count(text: &str, of: Token) -> Counted {
    let text = text.char_indices().nth(MAX_CHARS).map_or(text, |(at, _)| &text[..at]);
    let mut tokens: Vec<u64> = Vec::new();
    if of == Token::Element {
        tokens.extend(elements(text).take(MAX_TOKENS).map(hash));
        tokens.sort_unstable();
        tokens.dedup();
        return tokens.into_iter().map(|token| (token, 1.0)).collect();
    }
    for word in words(text) {
        if of == Token::Piece {
            let mut last = [' ', ' '];
            for c in word.chars().chain([' ']) {
                if last != [' ', ' '] {
                    tokens.push(piece(last[0], last[1], c));
                }
                last = [last[1], c];
            }
        } else {
            tokens.push(hash(word));
        }
        if tokens.len() >= MAX_TOKENS {
            break;
        }
    }
    tokens.sort_unstable();
    tokens.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as f32)).collect()
}

/// Three characters in one number: 21 bits each are enough for Unicode.
fn piece(a: char, b: char, c: char) -> u64 {
    u64::from(u32::from(a)) << 42 | u64::from(u32::from(b)) << 21 | u64::from(u32::from(c))
}

#[cfg(test)]
mod tests {
    use trommel_model::{Cancel, ProgressSlot};

    use super::*;

    fn similarity(measure: Measure, a: &str, b: &str) -> f64 {
        let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
        let texts = [a, b, "the third text", "the fourth"];
        Words::new(measure, &texts, &Watch::new(&cancel, &progress)).unwrap().similarity(1, 2)
    }

    #[test]
    fn words_in_common_count() {
        for (measure, a, b, expected) in [
            (Measure::TokenSet, "a b c", "b c d", 0.5),
            (Measure::TokenSet, "a b", "c", 0.0),
            (Measure::TokenSet, "", "c", 0.0),
            (Measure::Containment, "deep blue sea", "sea deep", 1.0),
            (Measure::Cosine, "deep blue sea", "sea, blue; deep", 1.0),
            (Measure::Qgram, "abcd", "abcd", 1.0),
            (Measure::Qgram, "abcd", "wxyz", 0.0),
            (Measure::Jaccard, "abcd", "abce", 1.0 / 3.0),
            (Measure::Overlap, "a, b; c", "[c, b]", 1.0),
            (Measure::Overlap, "red|blue", "blue|green|black", 0.5),
            (Measure::Overlap, "a b", "a", 0.0),
            (Measure::Overlap, "", "a", 0.0),
        ] {
            assert!((similarity(measure, a, b) - expected).abs() < 1e-6, "{measure:?} {a} {b}: {}", similarity(measure, a, b));
        }
    }

    #[test]
    fn rare_words_weigh_more() {
        let rare = similarity(Measure::Cosine, "the trommel", "a trommel");
        let common = similarity(Measure::Cosine, "the trommel", "the sieve");
        assert!(rare > common, "{rare} {common}");
        let faulty = similarity(Measure::Qgram, "schapire freund", "shapire freund");
        assert!(faulty > 0.6 && faulty < 1.0, "{faulty}");
    }
}
