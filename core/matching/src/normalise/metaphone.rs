//! The Double Metaphone codes of a name (Philips 2000, "The double metaphone search algorithm", C/C++ Users Journal 18):
//! how it is spoken in English, and how it may be spoken where it comes from. `Schmidt` and `Smith` share `XMT`.

use std::borrow::Cow;

use any_ascii::any_ascii_char;

use super::metaphone_letters::{after_l, c, g, j, s, t_to_z};

/// Letters of a code; the algorithm's own measure.
const MOST: usize = 4;
/// Signs around the letters, so that every rule may look a few letters back and ahead.
const BEFORE: usize = 6;
const BEHIND: usize = 6;

/// Which of the two codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Primary,
    /// The same as the primary where there is only one.
    Alternate,
}

/// What a letter adds to the primary and to the alternate code, and how many letters are done.
pub(super) type Sound = (&'static str, &'static str, usize);

/// The code of a whole text; empty when it has no Latin letter.
pub(super) fn metaphone(text: &str, which: Which) -> Cow<'_, str> {
    let word = Word::new(text);
    let (mut primary, mut alternate) = (String::with_capacity(MOST + 2), String::with_capacity(MOST + 2));
    let mut at = word.first;
    if word.has(at, &["GN", "KN", "PN", "WR", "PS"]) {
        at += 1;
    }
    if word.is(at, b"X") && at == word.first {
        primary.push('S');
        alternate.push('S');
        at += 1;
    }
    while at <= word.last && (primary.len() < MOST || alternate.len() < MOST) {
        let (one, other, step) = sound(&word, at);
        primary.push_str(one);
        alternate.push_str(other);
        at += step;
    }
    let mut code = if which == Which::Primary { primary } else { alternate };
    code.truncate(MOST);
    Cow::Owned(code.trim_end().to_owned())
}

/// Capital letters and spaces, with signs around them.
pub(super) struct Word {
    letters: Vec<u8>,
    /// Where the first and the last letter stand.
    pub first: usize,
    pub last: usize,
    /// Spelt as Slavic and German names are.
    pub slavic: bool,
}

impl Word {
    fn new(text: &str) -> Self {
        let mut letters = vec![b'-'; BEFORE];
        for c in text.trim().chars().take(64) {
            match c {
                'Ç' | 'ç' => letters.push(b'S'),
                ' ' | '-' | '/' => letters.push(b' '),
                c if c.is_ascii() => letters.extend(Some(c as u8).filter(u8::is_ascii_alphabetic).map(|b| b.to_ascii_uppercase())),
                c => letters.extend(any_ascii_char(c).bytes().filter(u8::is_ascii_alphabetic).map(|b| b.to_ascii_uppercase())),
            }
        }
        let end = letters.len();
        let part = |of: &[u8]| letters[BEFORE..].windows(of.len()).any(|w| w == of);
        let slavic = [b"W".as_slice(), b"K", b"CZ"].iter().any(|of| part(of));
        letters.extend([b' '; BEHIND]);
        // Without a letter the first stands behind the last, and nothing is looked at.
        Self { letters, first: BEFORE, last: end - 1, slavic }
    }

    /// True when one of these stands there.
    pub fn has(&self, at: usize, any: &[&str]) -> bool {
        any.iter().any(|text| self.letters[at.min(self.letters.len())..].starts_with(text.as_bytes()))
    }

    /// True when one of these letters stands there.
    pub fn is(&self, at: usize, any: &[u8]) -> bool {
        self.letters.get(at).is_some_and(|letter| any.contains(letter))
    }

    pub fn vowel(&self, at: usize) -> bool {
        self.is(at, b"AEIOUY")
    }

    /// True for names that begin so, whatever letter is looked at.
    pub fn begins(&self, any: &[&str]) -> bool {
        self.has(self.first, any)
    }

    /// Letters to go on by: two where the letter is doubled, in one of these ways.
    pub fn doubled(&self, at: usize, by: &[u8]) -> usize {
        if self.is(at + 1, by) { 2 } else { 1 }
    }
}

fn same(sound: &'static str, step: usize) -> Sound {
    (sound, sound, step)
}

fn sound(word: &Word, at: usize) -> Sound {
    match word.letters[at] {
        b'A' | b'E' | b'I' | b'O' | b'U' | b'Y' => same(if at == word.first { "A" } else { "" }, 1),
        b'B' => same("P", word.doubled(at, b"B")),
        b'C' => c(word, at),
        b'D' if word.has(at, &["DG"]) => {
            if word.is(at + 2, b"IEY") {
                same("J", 3)
            } else {
                same("TK", 2)
            }
        }
        b'D' => same("T", word.doubled(at, b"TD")),
        b'F' => same("F", word.doubled(at, b"F")),
        b'G' => g(word, at),
        b'H' if (at == word.first || word.vowel(at - 1)) && word.vowel(at + 1) => same("H", 2),
        b'J' => j(word, at),
        b'K' => same("K", word.doubled(at, b"K")),
        b'L' | b'M' | b'N' | b'P' | b'Q' | b'R' => after_l(word, at),
        b'S' => s(word, at),
        b'T' | b'V' | b'W' | b'X' | b'Z' => t_to_z(word, at),
        _ => same("", 1),
    }
}

#[cfg(test)]
mod tests {
    use super::{Which, metaphone};

    fn codes(name: &str) -> (String, String) {
        (metaphone(name, Which::Primary).into_owned(), metaphone(name, Which::Alternate).into_owned())
    }

    #[test]
    fn codes_of_the_reference_implementation() {
        let cases = include_str!("metaphone_cases.txt").lines().map(|line| line.split(';').collect::<Vec<_>>());
        let mut checked = 0;
        for case in cases.filter(|case| case.len() == 3) {
            assert_eq!(codes(case[0]), (case[1].to_owned(), case[2].to_owned()), "{}", case[0]);
            checked += 1;
        }
        assert!(checked > 300, "{checked}");
    }

    #[test]
    fn names_of_one_sound_share_a_code() {
        assert_eq!(codes("Smith").1, codes("Schmidt").0);
        assert_eq!(codes("Meyer").0, codes("Maier").0);
        assert_eq!(codes("Stephen").0, codes("Steven").0);
        assert_eq!(codes("Müller").0, codes("Mueller").0);
        for none in ["", "123", "!", "漢"] {
            assert!(codes(none).0.len() <= 4, "{none}");
        }
        assert_eq!((codes("").0, codes("12").0), (String::new(), String::new()));
    }
}
