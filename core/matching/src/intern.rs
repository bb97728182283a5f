//! Distinct texts by number, so that equal values are told apart from different ones by comparing two numbers.

use rustc_hash::FxHashMap;

use crate::watch::STRETCH;

/// Numbers texts from 1 in the order in which they first come; 0 is "missing".
#[derive(Default)]
pub(crate) struct Interner<'a> {
    ids: FxHashMap<&'a str, u32>,
    texts: Vec<&'a str>,
}

impl<'a> Interner<'a> {
    pub fn id(&mut self, text: &'a str) -> u32 {
        let next = self.texts.len() as u32 + 1;
        *self.ids.entry(text).or_insert_with(|| {
            self.texts.push(text);
            next
        })
    }

    /// Makes room for `coming` texts in all, at the share of distinct ones among the first `STRETCH`.
    pub fn expect(&mut self, coming: usize) {
        let seen = self.texts.len();
        if seen > STRETCH / 4 {
            let more = (coming as f64 * seen as f64 / STRETCH as f64) as usize;
            self.ids.reserve(more.saturating_sub(seen));
            self.texts.reserve(more.saturating_sub(seen));
        }
    }

    /// The distinct texts; number 1 is the first.
    pub fn into_texts(self) -> Vec<&'a str> {
        self.texts
    }
}

/// A 64-bit hash of a text that is the same in every run and never 0. Two texts that share one by chance
/// share blocks, which costs a comparison and changes no score.
pub(crate) fn hash(text: &str) -> u64 {
    hash_from(0x9e37_79b9_7f4a_7c15, text)
}

/// The same from another beginning, which gives another hash.
pub(crate) fn hash_from(beginning: u64, text: &str) -> u64 {
    let mut state = beginning ^ text.len() as u64;
    let mut chunks = text.as_bytes().chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        state = mix(state ^ u64::from_le_bytes(word));
    }
    let mut word = [0; 8];
    word[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
    mix(state ^ u64::from_le_bytes(word)).max(1)
}

/// Adds the hash of one more key to that of the keys before.
pub(crate) fn combine(before: u64, key: u64) -> u64 {
    mix(before.rotate_left(23) ^ key).max(1)
}

/// The finaliser of `SplitMix64` (Steele, Lea and Flood 2014).
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn equal_texts_have_one_number() {
        let mut interner = Interner::default();
        let ids: Vec<u32> = ["b", "a", "b", ""].iter().map(|t| interner.id(t)).collect();
        assert_eq!(ids, [1, 2, 1, 3]);
        assert_eq!(interner.into_texts(), ["b", "a", ""]);
    }

    #[test]
    fn hashes_differ_and_stay() {
        let texts: Vec<String> = (0..100_000).map(|i| format!("name {i}")).chain([String::new(), "\0".into(), "\0\0".into()]).collect();
        let hashes: HashSet<u64> = texts.iter().map(|t| hash(t)).collect();
        assert_eq!(hashes.len(), texts.len());
        assert_ne!(combine(hash("a"), hash("b")), combine(hash("b"), hash("a")));
        assert_eq!(hash("trommel"), hash("trommel"));
    }
}
