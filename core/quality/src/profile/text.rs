//! What is told of texts one by one: length, letters, spaces, damage, what they read as, and their shape.

use super::key::{Key, hash_bytes};
use super::pattern::{self, Scratch};
use super::tally::Tally;
use crate::words::is_null_word;

/// Shapes kept of a column.
const SHAPES: usize = 1_024;

/// What a text reads as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reading {
    Integer,
    Decimal,
    Boolean,
    Date,
    Time,
    Nothing,
    Text,
}

const READINGS: [(Reading, &str); 7] = [
    (Reading::Integer, "integer"),
    (Reading::Decimal, "decimal"),
    (Reading::Boolean, "boolean"),
    (Reading::Date, "date"),
    (Reading::Time, "time"),
    (Reading::Nothing, "no value"),
    (Reading::Text, "text"),
];

/// Counts of texts, in rows.
#[derive(Debug, Clone)]
pub(super) struct Texts {
    rows: u64,
    characters: u64,
    facts: trommel_model::TextFacts,
    readings: [u64; READINGS.len()],
    shapes: Tally<Box<str>>,
    scratch: Scratch,
}

impl Texts {
    pub(super) fn new() -> Self {
        Self {
            rows: 0,
            characters: 0,
            facts: trommel_model::TextFacts { shortest: u64::MAX, ..Default::default() },
            readings: [0; READINGS.len()],
            shapes: Tally::new(SHAPES),
            scratch: Scratch::default(),
        }
    }

    /// Takes in a text that comes in so many rows.
    pub(super) fn add(&mut self, text: &str, rows: u64) {
        self.rows += rows;
        let facts = &mut self.facts;
        let ascii = text.is_ascii();
        let length = if ascii { text.len() as u64 } else { text.chars().count() as u64 };
        self.characters += length * rows;
        facts.shortest = facts.shortest.min(length);
        facts.longest = facts.longest.max(length);
        let inner = text.trim();
        if inner.is_empty() {
            if text.is_empty() {
                facts.empty += rows;
            } else {
                facts.blank += rows;
            }
            self.readings[Reading::Nothing as usize] += rows;
            return;
        }
        if inner.len() < text.len() {
            facts.padded += rows;
        }
        let (upper, lower) = if ascii { ascii_letters(text.as_bytes()) } else { letters(text) };
        match (upper, lower) {
            (true, false) => facts.upper += rows,
            (false, true) => facts.lower += rows,
            _ => facts.mixed += rows,
        }
        if !ascii && damaged(text) {
            facts.damaged += rows;
        }
        if text.bytes().any(|b| b < 32 && !matches!(b, b'\t' | b'\n' | b'\r') || b == 127) {
            facts.control += rows;
        }
        let reading = reading(inner);
        if reading == Reading::Nothing {
            facts.null_words += rows;
        }
        self.readings[reading as usize] += rows;
        let shape = pattern::exact(text, &mut self.scratch);
        self.shapes.add(shape, hash_bytes(shape.as_bytes()), rows);
        self.shapes.reduce();
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.characters += other.characters;
        let (mine, theirs) = (&mut self.facts, &other.facts);
        mine.shortest = mine.shortest.min(theirs.shortest);
        mine.longest = mine.longest.max(theirs.longest);
        mine.empty += theirs.empty;
        mine.blank += theirs.blank;
        mine.null_words += theirs.null_words;
        mine.padded += theirs.padded;
        mine.upper += theirs.upper;
        mine.lower += theirs.lower;
        mine.mixed += theirs.mixed;
        mine.damaged += theirs.damaged;
        mine.control += theirs.control;
        for (mine, theirs) in self.readings.iter_mut().zip(other.readings) {
            *mine += theirs;
        }
        self.shapes.merge(&other.shapes);
    }

    /// The facts for people. Empty columns have none.
    pub(super) fn facts(&self) -> trommel_model::TextFacts {
        let mut facts = self.facts.clone();
        if self.rows == 0 {
            facts.shortest = 0;
            return facts;
        }
        facts.mean_length = self.characters as f64 / self.rows as f64;
        facts.kinds =
            READINGS.iter().zip(self.readings).filter(|(_, rows)| *rows > 0).map(|((_, name), rows)| ((*name).to_owned(), rows)).collect();
        facts.kinds.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let shapes: Vec<(&str, u64)> = self.shapes.entries().iter().map(|e| (Key::look(&e.key), e.count)).collect();
        facts.patterns = pattern::told(&shapes, self.rows);
        facts
    }
}

fn ascii_letters(bytes: &[u8]) -> (bool, bool) {
    let (mut upper, mut lower) = (false, false);
    for b in bytes {
        upper |= b.is_ascii_uppercase();
        lower |= b.is_ascii_lowercase();
    }
    (upper, lower)
}

fn letters(text: &str) -> (bool, bool) {
    (text.chars().any(char::is_uppercase), text.chars().any(char::is_lowercase))
}

/// True for signs of UTF-8 that was read as Latin-1 or Windows-1252, and for characters that were lost.
pub(crate) fn damaged(text: &str) -> bool {
    let mut before = ' ';
    for c in text.chars() {
        let continues = ('\u{80}'..='\u{bf}').contains(&c)
            || matches!(c, '€' | '™' | '‚' | '„' | '“' | '”' | '‘' | '’' | '–' | '—' | '†' | '‡' | 'œ' | 'Ÿ' | 'š' | 'ž' | '¢');
        if c == '\u{fffd}'
            || matches!(before, 'Ã' | 'Â' | 'Ä' | 'Å') && continues
            || before == 'â' && matches!(c, '€' | '\u{80}' | '„' | '‚')
        {
            return true;
        }
        before = c;
    }
    false
}

/// What a text without white space around it reads as.
pub(crate) fn reading(text: &str) -> Reading {
    let bytes = text.as_bytes();
    match bytes.first() {
        None => Reading::Nothing,
        Some(b'0'..=b'9' | b'-' | b'+' | b'.') => number_like(bytes),
        Some(_) if text.len() <= 12 => {
            if is_null_word(text) {
                Reading::Nothing
            } else if ["true", "false", "yes", "no"].iter().any(|word| text.eq_ignore_ascii_case(word)) {
                Reading::Boolean
            } else {
                Reading::Text
            }
        }
        Some(_) => Reading::Text,
    }
}

fn number_like(bytes: &[u8]) -> Reading {
    let body = bytes.strip_prefix(b"-").or_else(|| bytes.strip_prefix(b"+")).unwrap_or(bytes);
    let digits = body.iter().filter(|b| b.is_ascii_digit()).count();
    if digits == 0 {
        return if is_null_word(std::str::from_utf8(bytes).unwrap_or_default()) { Reading::Nothing } else { Reading::Text };
    }
    if digits == body.len() {
        return Reading::Integer;
    }
    let other = |sign: u8| memchr::memchr_iter(sign, body).count();
    if digits + other(b'.') == body.len() && other(b'.') == 1 || std::str::from_utf8(bytes).is_ok_and(|t| t.parse::<f64>().is_ok()) {
        return Reading::Decimal;
    }
    let separated = |sign: u8| digits + 2 == body.len() && other(sign) == 2;
    if body.len() <= 10 && digits >= 4 && (separated(b'-') || separated(b'/') || separated(b'.')) {
        return Reading::Date;
    }
    if body.len() >= 16 && digits >= 12 && body[4] == b'-' && other(b':') >= 1 {
        return Reading::Date;
    }
    if (4..=8).contains(&body.len()) && digits + other(b':') == body.len() && digits >= 3 {
        return Reading::Time;
    }
    Reading::Text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_read_as_what_they_look_like() {
        for (text, expected) in [
            ("12", Reading::Integer),
            ("-7", Reading::Integer),
            ("1.5", Reading::Decimal),
            ("1e5", Reading::Decimal),
            ("2024-02-29", Reading::Date),
            ("1/2/2024", Reading::Date),
            ("2024-02-29 10:00:00", Reading::Date),
            ("10:30", Reading::Time),
            ("N/A", Reading::Nothing),
            ("-", Reading::Nothing),
            ("yes", Reading::Boolean),
            ("12 oz", Reading::Text),
            ("Bend", Reading::Text),
        ] {
            assert_eq!(reading(text), expected, "{text}");
        }
    }

    #[test]
    fn damage_is_seen_and_accents_are_not_damage() {
        for (text, expected) in
            [("CafÃ©", true), ("itâ€™s", true), ("\u{fffd}", true), ("Café", false), ("Ärger", false), ("São", false), ("âge", false)]
        {
            assert_eq!(damaged(text), expected, "{text}");
        }
    }

    #[test]
    fn faults_are_counted_in_rows() {
        let mut texts = Texts::new();
        for (text, rows) in [("", 2), ("  ", 1), (" a", 3), ("B", 1), ("N/A", 4), ("12", 5)] {
            texts.add(text, rows);
        }
        let facts = texts.facts();
        assert_eq!((facts.empty, facts.blank, facts.padded, facts.null_words, facts.upper, facts.lower), (2, 1, 3, 4, 5, 3));
        assert_eq!((facts.shortest, facts.longest), (0, 3));
        assert_eq!(facts.kinds[0], ("no value".to_owned(), 7));
    }
}
