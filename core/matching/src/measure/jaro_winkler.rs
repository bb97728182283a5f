//! Jaro-Winkler similarity (Winkler 1990): Jaro's, raised for texts that begin alike.

use rapidfuzz::distance::jaro_winkler as any_length;

use super::pattern::{Pattern, WORD};
use super::texts::Sketch;

/// Share by which each of the first four equal characters closes the gap to 1.
const PREFIX_WEIGHT: f64 = 0.1;
/// Only similarities above this are raised.
const RAISED_ABOVE: f64 = 0.7;

/// The similarity of the prepared text and another, from 0 to 1.
///
/// Characters match when they are equal and at most `max(lengths) / 2 − 1` positions apart; each matches once.
/// With m matches and t matched characters out of order, Jaro is the mean of m/len₁, m/len₂ and (m − ⌊t/2⌋)/m.
pub(crate) fn jaro_winkler(pattern: &Pattern, text: &[u8]) -> f64 {
    let (left, right) = (pattern.codes(), text);
    if left.is_empty() || right.is_empty() {
        return if left.len() == right.len() { 1.0 } else { 0.0 };
    }
    if left.len() > WORD || right.len() > WORD {
        return any_length::similarity(left.iter().copied(), right.iter().copied());
    }
    let reach = (left.len().max(right.len()) / 2).saturating_sub(1);
    let inside = low_bits(left.len());
    let mut window = low_bits(reach + 1);
    let (mut left_matched, mut right_matched) = (0_u64, 0_u64);
    for (at, &code) in right.iter().enumerate() {
        let free = pattern.positions(code) & window & inside & !left_matched;
        left_matched |= free & free.wrapping_neg();
        right_matched |= u64::from(free != 0) << at;
        window = window << 1 | u64::from(at < reach);
    }
    let matches = left_matched.count_ones();
    if matches == 0 {
        return 0.0;
    }
    let mut out_of_order = 0;
    while right_matched != 0 {
        let (l, r) = (left_matched.trailing_zeros() as usize, right_matched.trailing_zeros() as usize);
        out_of_order += u32::from(left[l] != right[r]);
        left_matched &= left_matched - 1;
        right_matched &= right_matched - 1;
    }
    let m = f64::from(matches);
    let jaro = (m / left.len() as f64 + m / right.len() as f64 + f64::from(matches - out_of_order / 2) / m) / 3.0;
    raised(jaro, left, right)
}

/// What the similarity can be at most.
#[inline]
pub(crate) fn jaro_winkler_bound(left: Sketch, right: Sketch) -> f64 {
    match left.common_bound(right) {
        None => 1.0,
        Some(m) => most_alike(m, (left.len(), right.len()), left.begins_otherwise(right)),
    }
}

/// The similarity of two texts of these lengths that have so many characters in common, when all else is for them.
pub(crate) fn most_alike(common: u32, (left, right): (u32, u32), begins_otherwise: bool) -> f64 {
    if common == 0 {
        return f64::from(u8::from(left + right == 0));
    }
    let m = f64::from(common);
    let jaro = (m / f64::from(left) + m / f64::from(right) + 1.0) / 3.0;
    raise(jaro, if begins_otherwise { 0 } else { 4 })
}

#[inline]
fn raised(jaro: f64, left: &[u8], right: &[u8]) -> f64 {
    raise(jaro, left.iter().zip(right).take(4).take_while(|(l, r)| l == r).count() as u32)
}

#[inline]
fn raise(jaro: f64, alike: u32) -> f64 {
    if jaro <= RAISED_ABOVE { jaro } else { jaro + PREFIX_WEIGHT * f64::from(alike) * (1.0 - jaro) }
}

fn low_bits(n: usize) -> u64 {
    if n >= WORD { u64::MAX } else { (1 << n) - 1 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use trommel_model::{Cancel, ProgressSlot};

    use super::super::texts::Texts;
    use super::super::wide::Wide;
    use super::*;
    use crate::watch::Watch;

    fn ours(a: &str, b: &str) -> (f64, f64) {
        let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
        let texts = Texts::new(&[a, b], &Watch::new(&cancel, &progress)).unwrap().unwrap();
        let mut pattern = Pattern::default();
        pattern.prepare(1, texts.codes(1));
        (jaro_winkler(&pattern, texts.codes(2)), jaro_winkler_bound(texts.sketch(1), texts.sketch(2)))
    }

    #[test]
    fn the_examples_of_the_literature() {
        for (a, b, expected) in [("martha", "marhta", 0.9611), ("dixon", "dicksonx", 0.8133), ("dwayne", "duane", 0.84), ("a", "b", 0.0)] {
            assert!((ours(a, b).0 - expected).abs() < 0.006, "{a} {b}: {}", ours(a, b).0);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn agrees_with_strsim(a in "[abcdeé ]{0,70}", b in "[abcdeé ]{0,70}") {
            let expected = strsim::jaro_winkler(&a, &b);
            let (found, bound) = ours(&a, &b);
            prop_assert!((found - expected).abs() < 1e-12, "{found} {expected}");
            prop_assert!(bound >= found, "bound {bound} below {found}");
            prop_assert_eq!(found.to_bits(), ours(&b, &a).0.to_bits());
            let wide = Wide::new(&[&a, &b]);
            prop_assert!((wide.jaro_winkler(1, 2) - expected).abs() < 1e-12);
        }

        #[test]
        fn agrees_with_strsim_on_names(a in "[a-z]{1,9}", cut in 0_usize..9, letter in "[a-z]") {
            let mut b = a.clone();
            b.replace_range(cut.min(a.len() - 1)..(cut + 1).min(a.len()).max(cut.min(a.len() - 1)), &letter);
            let (found, bound) = ours(&a, &b);
            prop_assert!((found - strsim::jaro_winkler(&a, &b)).abs() < 1e-12);
            prop_assert!(bound >= found);
        }
    }
}
