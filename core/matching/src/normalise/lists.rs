//! Normalisers made of lists: titles and legal forms left out, pet names and words of addresses under one spelling.
//!
//! The lists are text files beside this one; a word is looked up by its letters and digits, in small Latin letters.

use std::borrow::Cow;
use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{ascii, lower};

type Words = FxHashSet<&'static str>;
type Spellings = FxHashMap<&'static str, &'static str>;

/// Pet and short forms → the name they stand for.
static NICKNAMES: LazyLock<Spellings> = LazyLock::new(|| spellings(include_str!("nicknames.txt")));
/// Words of addresses → their short form.
static ADDRESSES: LazyLock<Spellings> = LazyLock::new(|| spellings(include_str!("addresses.txt")));

static TITLES: LazyLock<Ends> = LazyLock::new(|| Ends::of("title-first", "title-last", "none"));
static COMPANIES: LazyLock<Ends> = LazyLock::new(|| Ends::of("company-first", "company-last", "company-join"));

/// Words that are left out where a text begins or ends.
struct Ends {
    first: Words,
    last: Words,
    /// Left out at the end once something else was.
    join: Words,
}

impl Ends {
    fn of(first: &str, last: &str, join: &str) -> Self {
        let words = |kind: &str| {
            let lines = include_str!("dropped.txt").lines().filter_map(|line| line.split_once(' '));
            lines.filter(|(name, _)| *name == kind).flat_map(|(_, words)| words.split(' ')).collect::<Words>()
        };
        Self { first: words(first), last: words(last), join: words(join) }
    }

    /// The text without such words, unless nothing else would be left.
    fn without<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let words: Vec<(&str, String)> = text.split_whitespace().map(|word| (word, plain(word))).collect();
        let (mut from, mut to) = (0, words.len());
        while from + 1 < to && self.first.contains(words[from].1.as_str()) {
            from += 1;
        }
        while to > from + 1 {
            let word = words[to - 1].1.as_str();
            let joins = to < words.len() && (word.is_empty() || self.join.contains(word));
            if !self.last.contains(word) && !joins {
                break;
            }
            to -= 1;
        }
        if from == 0 && to == words.len() {
            return Cow::Borrowed(text);
        }
        let kept: Vec<&str> = words[from..to].iter().map(|(word, _)| *word).collect();
        Cow::Owned(kept.join(" ").trim_end_matches([',', ';']).to_owned())
    }
}

/// A person's name without titles.
pub(super) fn titles(text: &str) -> Cow<'_, str> {
    TITLES.without(text)
}

/// An organisation's name without its legal form.
pub(super) fn company(text: &str) -> Cow<'_, str> {
    COMPANIES.without(text)
}

/// Given names in place of their pet and short forms.
pub(super) fn nickname(text: &str) -> Cow<'_, str> {
    replaced(text, |word| NICKNAMES.get(word).copied().map(Cow::Borrowed))
}

/// Words of addresses under one spelling, also at the end of a longer word: `Hauptstraße` is `Hauptstr`.
pub(super) fn address(text: &str) -> Cow<'_, str> {
    replaced(text, |word| {
        let short = ADDRESSES.get(word).copied().map(Cow::Borrowed);
        short.or_else(|| {
            let stem = ["strasse", "str"].iter().find_map(|end| word.strip_suffix(end)).filter(|stem| stem.len() > 2)?;
            Some(Cow::Owned(format!("{stem}str")))
        })
    })
}

/// The words with a digit in them, each once and in order: model numbers, versions, sizes. `4.0` is `4`.
pub(super) fn numbers(text: &str) -> Cow<'_, str> {
    let parts = text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | '-' | '/'));
    let number = |part: &str| {
        let kept: String = part.chars().filter(|c| c.is_alphanumeric() || *c == '.').map(|c| c.to_ascii_lowercase()).collect();
        let mut kept = kept.trim_matches('.');
        while let Some(whole) = kept.strip_suffix(".0") {
            kept = whole.trim_end_matches('.');
        }
        kept.contains(|c: char| c.is_ascii_digit()).then(|| kept.to_owned())
    };
    let mut found: Vec<String> = parts.filter_map(number).collect();
    found.sort_unstable();
    found.dedup();
    Cow::Owned(found.join(" "))
}

/// Letters and digits of a word in small Latin letters.
fn plain(word: &str) -> String {
    let word = ascii(word);
    let word = lower(&word);
    word.chars().filter(char::is_ascii_alphanumeric).collect()
}

fn spellings(list: &'static str) -> Spellings {
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    lines
        .flat_map(|line| {
            let mut words = line.split(' ');
            let name = words.next().unwrap_or("");
            words.map(move |word| (word, name))
        })
        .collect()
}

/// Replaces words; those that have no other spelling stay as they are.
fn replaced(text: &str, of: impl Fn(&str) -> Option<Cow<'static, str>>) -> Cow<'_, str> {
    let mut changed = false;
    let words: Vec<Cow<'_, str>> = text
        .split_whitespace()
        .map(|word| match of(&plain(word)) {
            Some(other) if other != word => {
                changed = true;
                other
            }
            _ => Cow::Borrowed(word),
        })
        .collect();
    if changed { Cow::Owned(words.join(" ")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_and_legal_forms_are_left_out_at_the_ends() {
        let cases = [
            ("Dr. med. Anna Lord", "Anna Lord"),
            ("Herr Prof. Dr. Müller", "Müller"),
            ("John Smith, PhD", "John Smith"),
            ("Dr.", "Dr."),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(titles(text), expected, "{text}");
        }
        let cases = [
            ("Müller & Söhne GmbH & Co. KG", "Müller & Söhne"),
            ("Acme Corp.", "Acme"),
            ("Fiat S.p.A.", "Fiat"),
            ("ООО Ромашка", "Ромашка"),
            ("Tea Co House", "Tea Co House"),
            ("Ltd", "Ltd"),
        ];
        for (text, expected) in cases {
            assert_eq!(company(text), expected, "{text}");
        }
    }

    #[test]
    fn words_come_under_one_spelling() {
        for (text, expected) in [("Bob", "robert"), ("Robert", "Robert"), ("Kate Annie", "catherine ann"), ("Zoe", "Zoe"), ("", "")] {
            assert_eq!(nickname(text), expected, "{text}");
        }
        let same = [
            ("12 Main Street", "12 Main St."),
            ("Hauptstraße 5", "Hauptstr. 5"),
            ("Lange Straße 1", "Lange Str. 1"),
            ("5 North Oak Avenue, Suite 3", "5 N Oak Ave Ste 3"),
        ];
        for (one, other) in same {
            assert_eq!(plain(&address(one)), plain(&address(other)), "{one} | {other}");
        }
        for (text, expected) in
            [("Photoshop Elements 4.0 (PC)", "4"), ("Sony KX-TG5632B, 2.4 GHz", "2.4 kxtg5632b"), ("no number", ""), ("4 4 10", "10 4")]
        {
            assert_eq!(numbers(text), expected, "{text}");
        }
    }

    #[test]
    fn a_form_stands_behind_one_name_and_names_stand_for_themselves() {
        for (list, of) in [(include_str!("nicknames.txt"), &*NICKNAMES), (include_str!("addresses.txt"), &*ADDRESSES)] {
            let names: Words = list.lines().filter(|l| !l.starts_with('#')).filter_map(|l| l.split(' ').next()).collect();
            let forms = list.lines().filter(|l| !l.starts_with('#')).map(|l| l.split(' ').count() - 1).sum::<usize>();
            assert_eq!(forms, of.len());
            assert!(names.iter().all(|name| !of.contains_key(name)), "{names:?}");
        }
    }
}
