//! Ways of writing one value in a column: key collision (fingerprint, n-gram fingerprint, sound) and nearest neighbours,
//! as `OpenRefine` has them (openrefine.org, "Clustering methods in depth").

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use trommel_model::{Cancel, Normaliser, Outcome, SpellingMethod, Spellings};

use crate::measure::damerau;
use crate::normalise::normalise;

/// Letters of the pieces that near values have to share, so that not all are held against all.
const PIECE: usize = 3;
/// Values that share a piece beyond this number tell nothing by it.
const MOST_SHARING: usize = 2_000;
/// Of short values a single letter is too much: at least so many letters for each that may differ.
const LETTERS_A_FAULT: usize = 4;
/// A value in as many rows as this is no typing error of one that is not several times as frequent.
const FREQUENT: u64 = 3;
const TIMES: u64 = 3;

/// Groups of values that are taken for one, those of most rows first. `radius` is how many letters near values may be apart.
/// The order of the values does not matter.
pub fn spellings(values: &BTreeMap<String, u64>, method: SpellingMethod, radius: usize, cancel: &Cancel) -> Outcome<Vec<Spellings>> {
    let texts: Vec<(&str, u64)> =
        values.iter().map(|(text, rows)| (text.as_str(), *rows)).filter(|(text, _)| !text.trim().is_empty()).collect();
    let groups = match method {
        SpellingMethod::Near => near(&texts, radius, cancel)?,
        SpellingMethod::Fingerprint => by_key(&texts, fingerprint),
        SpellingMethod::Ngram => by_key(&texts, |text| pieces(&squeezed(text), 2).into_iter().collect::<String>()),
        SpellingMethod::Sound => by_key(&texts, sound),
    };
    let mut found: Vec<Spellings> = groups.into_iter().map(|group| told(&texts, &group)).collect();
    let rows = |s: &Spellings| s.values.iter().map(|(_, rows)| rows).sum::<u64>();
    found.sort_by(|a, b| rows(b).cmp(&rows(a)).then_with(|| a.into.cmp(&b.into)));
    Ok(found)
}

fn told(texts: &[(&str, u64)], group: &[usize]) -> Spellings {
    let mut values: Vec<(String, u64)> = group.iter().map(|&at| (texts[at].0.to_owned(), texts[at].1)).collect();
    values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Spellings { into: values.first().map(|(text, _)| text.trim().to_owned()).unwrap_or_default(), values }
}

fn by_key(texts: &[(&str, u64)], key: impl Fn(&str) -> String + Sync) -> Vec<Vec<usize>> {
    let keys: Vec<String> = texts.par_iter().map(|(text, _)| key(text)).collect();
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, key) in keys.iter().enumerate().filter(|(_, key)| !key.is_empty()) {
        groups.entry(key).or_default().push(at);
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}

/// Words in small Latin letters, each once, in order.
fn fingerprint(text: &str) -> String {
    let plain = plain(text);
    let words: BTreeSet<&str> = plain.split(' ').collect();
    words.into_iter().collect::<Vec<_>>().join(" ")
}

/// The sounds of its words, in order.
fn sound(text: &str) -> String {
    let plain = plain(text);
    let sounds: BTreeSet<String> = plain
        .split(' ')
        .map(|word| match normalise(word, &[Normaliser::Soundex]) {
            // Numbers sound like nothing; they stay what they are.
            Some(code) if word.chars().any(char::is_alphabetic) => code.into_owned(),
            _ => word.to_owned(),
        })
        .collect();
    sounds.into_iter().collect::<Vec<_>>().join(" ")
}

fn plain(text: &str) -> String {
    normalise(text, &[Normaliser::Lower, Normaliser::Ascii, Normaliser::Alphanumeric]).map(std::borrow::Cow::into_owned).unwrap_or_default()
}

fn squeezed(text: &str) -> String {
    plain(text).chars().filter(|c| *c != ' ').collect()
}

/// All runs of so many letters; a shorter text is one.
fn pieces(text: &str, letters: usize) -> BTreeSet<String> {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= letters {
        return if text.is_empty() { BTreeSet::new() } else { [text.to_owned()].into() };
    }
    chars.windows(letters).map(|w| w.iter().collect()).collect()
}

/// Values that hang together by steps of at most so many letters.
fn near(texts: &[(&str, u64)], radius: usize, cancel: &Cancel) -> Outcome<Vec<Vec<usize>>> {
    let plain: Vec<String> = texts.par_iter().map(|(text, _)| plain(text)).collect();
    let mut sharing: FxHashMap<String, Vec<usize>> = FxHashMap::default();
    for (at, text) in plain.iter().enumerate() {
        for piece in pieces(&text.replace(' ', ""), PIECE) {
            sharing.entry(piece).or_default().push(at);
        }
    }
    let mut pairs: BTreeSet<(usize, usize)> = BTreeSet::new();
    for group in sharing.values().filter(|g| g.len() > 1 && g.len() <= MOST_SHARING) {
        cancel.check()?;
        for (i, &a) in group.iter().enumerate() {
            pairs.extend(group[i + 1..].iter().map(|&b| (a, b)));
        }
    }
    let pairs: Vec<(usize, usize)> = pairs.into_iter().collect();
    let close: Vec<(usize, usize)> = pairs
        .par_iter()
        .map(|&(a, b)| {
            cancel.check()?;
            let (x, y) = (&plain[a], &plain[b]);
            // Numbers that differ are different numbers, not typing errors.
            let numbers = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            let (rarer, other) = (texts[a].1.min(texts[b].1), texts[a].1.max(texts[b].1));
            let both_frequent = rarer >= FREQUENT && rarer * TIMES > other && x != y;
            Ok((!both_frequent && numbers(x) == numbers(y) && apart_at_most(x, y, radius)).then_some((a, b)))
        })
        .collect::<Outcome<Vec<_>>>()?
        .into_iter()
        .flatten()
        .collect();
    let mut parent: Vec<usize> = (0..texts.len()).collect();
    let root = |parent: &mut Vec<usize>, mut at: usize| {
        while parent[at] != at {
            parent[at] = parent[parent[at]];
            at = parent[at];
        }
        at
    };
    for (a, b) in close {
        let (a, b) = (root(&mut parent, a), root(&mut parent, b));
        let (low, high) = (a.min(b), a.max(b));
        parent[high] = low;
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..texts.len() {
        groups.entry(root(&mut parent, at)).or_default().push(at);
    }
    Ok(groups.into_values().filter(|group| group.len() > 1).collect())
}

/// True when two texts are at most so many typing errors apart; of short ones fewer count as near.
fn apart_at_most(a: &str, b: &str, radius: usize) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (shorter, longer) = (a.len().min(b.len()), a.len().max(b.len()));
    let most = radius.min(shorter / LETTERS_A_FAULT);
    let at_least = 1.0 - most as f64 / longer.max(1) as f64;
    a == b || most > 0 && damerau(&a, &b, at_least - 1e-9).is_some_and(|similarity| similarity >= at_least - 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Groups of `value=rows` parted by `|`, each as its members behind what they become.
    fn found(values: &str, method: SpellingMethod) -> Vec<String> {
        let of = |part: &str| part.rsplit_once('=').map(|(text, rows)| (text.to_owned(), rows.parse().unwrap())).unwrap();
        let values: BTreeMap<String, u64> = values.split('|').map(of).collect();
        let groups = spellings(&values, method, 2, &Cancel::new()).unwrap();
        groups.iter().map(|g| format!("{}: {}", g.into, g.values.iter().map(|(v, _)| v.as_str()).collect::<Vec<_>>().join(", "))).collect()
    }

    #[test]
    fn ways_of_writing_are_found() {
        use SpellingMethod::{Fingerprint, Near, Ngram, Sound};
        for (values, method, expected) in [
            (
                "Müller, Anna=5|anna muller=2|ANNA  MÜLLER=1|Anna=9",
                Fingerprint,
                vec!["Müller, Anna: Müller, Anna, anna muller, ANNA  MÜLLER"],
            ),
            ("Krzysztof=4|Krz ysztof=1|Paris=3", Ngram, vec!["Krzysztof: Krzysztof, Krz ysztof"]),
            ("Robert=4|Rupert=2|Ashcraft=1", Sound, vec!["Robert: Robert, Rupert"]),
            ("Hamburg=9|Hambrug=1|Hamburgg=1|Bonn=4|Bern=2", Near, vec!["Hamburg: Hamburg, Hambrug, Hamburgg"]),
            ("Room 101=5|Room 102=5", Near, vec![]),
            ("Genk=7|Gent=6|Kassel=7|Hasselt=4", Near, vec![]),
            ("A=1|B=1| =4|=2", Near, vec![]),
        ] {
            assert_eq!(found(values, method), expected, "{values}");
        }
    }
}
