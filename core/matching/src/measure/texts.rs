//! Distinct texts of a column laid out for comparing: one byte a character, short ones in place.

use rustc_hash::FxHashMap;
use trommel_model::Outcome;

use super::MAX_CHARS;
use crate::watch::Watch;

/// Characters kept beside the length, so that most texts cost one visit to memory.
const IN_PLACE: usize = 24;
/// Texts laid out between two looks at the cancel flag.
const LOOK: usize = 4_096;
/// Bits of a sketch that say which letters occur, and how often.
const LETTER_BITS: u32 = 52;
const LETTERS: u64 = (1 << LETTER_BITS) - 1;
/// Bits that say which letter is the first.
const FIRST: u64 = 31 << LETTER_BITS;
/// Where the length begins, and the largest that fits.
const LENGTH: u32 = LETTER_BITS + 5;
const LONGEST: usize = 127;

/// Texts over an alphabet of at most 256 characters. A byte is the rank of a character in the alphabet, so
/// bytes compare as characters do, whatever the script.
pub(crate) struct Texts {
    entries: Vec<Entry>,
    sketches: Vec<Sketch>,
    /// Texts longer than `IN_PLACE`, each from a multiple of `IN_PLACE`.
    long: Vec<u8>,
}

/// Half a cache line, and never across two.
#[repr(align(32))]
struct Entry {
    len: u32,
    /// Where the text begins in `long`, in units of `IN_PLACE`.
    at: u32,
    head: [u8; IN_PLACE],
}

/// What bounds need to know of a text, in one word: its letters, the first of them (modulo 32) and the length.
///
/// An alphabet of few letters has several bits for each, which say that it occurs at least once, twice, and so on;
/// one of more than 52 letters has several letters share a bit.
#[derive(Clone, Copy)]
pub(crate) struct Sketch(u64);

impl Texts {
    /// `None` when the texts together use more than 256 characters, or are too many to lay out.
    pub fn new(texts: &[&str], watch: &Watch<'_>) -> Outcome<Option<Self>> {
        let Some(alphabet) = Alphabet::of(texts, watch)? else { return Ok(None) };
        let mut entries = Vec::with_capacity(texts.len() + 1);
        let mut sketches = Vec::with_capacity(texts.len() + 1);
        let mut long: Vec<u8> = Vec::new();
        entries.push(Entry { len: 0, at: 0, head: [0; IN_PLACE] });
        let bits_a_letter = (LETTER_BITS / alphabet.size.max(1)).clamp(1, 8);
        sketches.push(Sketch::of(&[], bits_a_letter));
        let mut codes = Vec::with_capacity(64);
        for (at, text) in texts.iter().enumerate() {
            if at % LOOK == 0 {
                watch.check()?;
            }
            codes.clear();
            alphabet.encode(text, &mut codes);
            let mut head = [0; IN_PLACE];
            let short = codes.len().min(IN_PLACE);
            head[..short].copy_from_slice(&codes[..short]);
            let mut start = 0;
            if codes.len() > IN_PLACE {
                let Ok(place) = u32::try_from(long.len() / IN_PLACE) else { return Ok(None) };
                start = place;
                long.extend_from_slice(&codes);
                long.resize(long.len().next_multiple_of(IN_PLACE), 0);
            }
            sketches.push(Sketch::of(&codes, bits_a_letter));
            entries.push(Entry { len: codes.len() as u32, at: start, head });
        }
        Ok(Some(Self { entries, sketches, long }))
    }

    /// The characters of a text by its number, from 1.
    #[inline]
    pub fn codes(&self, id: u32) -> &[u8] {
        let entry = &self.entries[id as usize];
        let len = entry.len as usize;
        match entry.head.get(..len) {
            Some(head) => head,
            None => &self.long[entry.at as usize * IN_PLACE..][..len],
        }
    }

    /// The sketch of a text by its number, from 1.
    #[inline]
    pub fn sketch(&self, id: u32) -> Sketch {
        self.sketches[id as usize]
    }
}

impl Sketch {
    /// `bits_a_letter` is the same for all texts that are compared.
    fn of(codes: &[u8], bits_a_letter: u32) -> Self {
        let mut letters = 0_u64;
        for &code in codes {
            let shift = u32::from(code) * bits_a_letter % (LETTER_BITS / bits_a_letter * bits_a_letter);
            let mine = ((1 << bits_a_letter) - 1) << shift;
            // The next bit, unless all are set.
            letters |= ((letters & mine) << 1 | 1 << shift) & mine;
        }
        let first = u64::from(codes.first().copied().unwrap_or(0) % 32);
        Self(letters | first << LETTER_BITS | (codes.len().min(LONGEST) as u64) << LENGTH)
    }

    /// Characters, up to `LONGEST`.
    #[inline]
    pub fn len(self) -> u32 {
        (self.0 >> LENGTH) as u32
    }

    /// Characters that two texts can have in common at most; both shorter than `LONGEST`.
    #[inline]
    pub fn common(self, other: Self) -> u32 {
        let alone = |a: Self, b: Self| a.len() - (a.0 & !b.0 & LETTERS).count_ones().min(a.len());
        alone(self, other).min(alone(other, self))
    }

    /// True when the first letters surely differ.
    #[inline]
    pub fn begins_otherwise(self, other: Self) -> bool {
        (self.0 ^ other.0) & FIRST != 0
    }

    /// At most so many characters of two texts can be paired: one that the other text lacks has no partner.
    /// `None` when a text is too long to tell.
    #[inline]
    pub fn common_bound(self, other: Self) -> Option<u32> {
        let longest = LONGEST as u32;
        (self.len() < longest && other.len() < longest).then(|| self.common(other))
    }
}

/// The characters of a column in order.
struct Alphabet {
    /// How many there are.
    size: u32,
    ascii: [u8; 128],
    others: FxHashMap<char, u8>,
}

impl Alphabet {
    fn of(texts: &[&str], watch: &Watch<'_>) -> Outcome<Option<Self>> {
        let mut seen = [false; 128];
        let mut others: FxHashMap<char, u8> = FxHashMap::default();
        for (at, text) in texts.iter().enumerate() {
            if at % LOOK == 0 {
                watch.check()?;
            }
            if text.is_ascii() {
                for &b in text.as_bytes() {
                    seen[usize::from(b)] = true;
                }
                continue;
            }
            for c in text.chars() {
                if let Some(seen) = seen.get_mut(c as usize) {
                    *seen = true;
                } else if others.insert(c, 0).is_none() && others.len() > 256 {
                    return Ok(None);
                }
            }
        }
        let mut sorted: Vec<char> = others.keys().copied().chain(('\0'..'\u{80}').filter(|c| seen[*c as usize])).collect();
        sorted.sort_unstable();
        let size = sorted.len() as u32;
        let mut ascii = [0; 128];
        for (rank, c) in sorted.into_iter().enumerate() {
            let Ok(code) = u8::try_from(rank) else { return Ok(None) };
            match ascii.get_mut(c as usize) {
                Some(slot) => *slot = code,
                None => drop(others.insert(c, code)),
            }
        }
        Ok(Some(Self { size, ascii, others }))
    }

    fn encode(&self, text: &str, codes: &mut Vec<u8>) {
        if text.is_ascii() {
            codes.extend(text.as_bytes().iter().take(MAX_CHARS).map(|&b| self.ascii[usize::from(b)]));
            return;
        }
        let code = |c: char| self.ascii.get(c as usize).copied().unwrap_or_else(|| self.others.get(&c).copied().unwrap_or(0));
        codes.extend(text.chars().take(MAX_CHARS).map(code));
    }
}

#[cfg(test)]
mod tests {
    use trommel_model::{Cancel, ProgressSlot};

    use super::*;

    fn texts(texts: &[&str]) -> Option<Texts> {
        let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
        Texts::new(texts, &Watch::new(&cancel, &progress)).unwrap()
    }

    #[test]
    fn codes_rank_characters() {
        let long = "abab abab abab abab abab";
        let texts = texts(&["ba", "äß a", "", long]).unwrap();
        assert_eq!(texts.codes(1), [2, 1]);
        assert_eq!(texts.codes(2), [4, 3, 0, 1]); // ß before ä in Unicode
        assert_eq!(texts.codes(3).len(), 0);
        assert_eq!((texts.codes(4).len(), &texts.codes(4)[19..]), (long.len(), [0, 1, 2, 1, 2].as_slice()));
    }

    #[test]
    fn a_bound_is_never_below_what_can_be_paired() {
        let texts = texts(&["abcd", "abxy", "aaaa", "aabb"]).unwrap();
        assert_eq!(texts.sketch(1).common_bound(texts.sketch(2)), Some(2));
        assert_eq!(texts.sketch(1).common_bound(texts.sketch(3)), Some(1));
        assert_eq!(texts.sketch(3).common_bound(texts.sketch(4)), Some(2));
        assert_eq!(texts.sketch(1).common_bound(texts.sketch(1)), Some(4));
    }

    #[test]
    fn too_many_characters_are_refused() {
        let text: String = (0..300).filter_map(|i| char::from_u32(0x4e00 + i)).collect();
        assert!(texts(&[&text]).is_none());
    }

    #[test]
    fn a_megabyte_is_cut() {
        let text = "x".repeat(1 << 20);
        assert_eq!(texts(&[&text]).unwrap().codes(1).len(), MAX_CHARS);
    }
}
