//! Levenshtein similarity: 1 − (insertions, deletions and substitutions) / length of the longer text.

use rapidfuzz::distance::levenshtein as any_length;

use super::pattern::{Pattern, WORD};
use super::texts::Sketch;

/// The similarity of the prepared text and another, from 0 to 1; 0 when it is below `at_least`.
///
/// Bit-parallel after Hyyrö (2003), "A bit-vector algorithm for computing Levenshtein and Damerau edit distances".
pub(crate) fn levenshtein(pattern: &Pattern, text: &[u8], at_least: f64) -> f64 {
    let (left, right) = (pattern.codes(), text);
    let longer = left.len().max(right.len());
    if longer == 0 {
        return 1.0;
    }
    let most = allowed(longer, at_least);
    if left.len().abs_diff(right.len()) > most {
        return 0.0;
    }
    let distance = if left.is_empty() {
        Some(right.len())
    } else if left.len() <= WORD {
        one_word(pattern, right, most)
    } else {
        let args = any_length::Args::default().score_cutoff(most);
        any_length::distance_with_args(left.iter().copied(), right.iter().copied(), &args)
    };
    distance.map_or(0.0, |d| similarity(d, longer))
}

/// What the similarity can be at most.
#[inline]
pub(crate) fn levenshtein_bound(left: Sketch, right: Sketch) -> f64 {
    let longer = left.len().max(right.len());
    left.common_bound(right).map_or(1.0, |m| similarity((longer - m) as usize, longer as usize))
}

pub(crate) fn similarity(distance: usize, longer: usize) -> f64 {
    if longer == 0 { 1.0 } else { 1.0 - distance as f64 / longer as f64 }
}

/// The largest distance at which the similarity is still `at_least`; never too small.
pub(super) fn allowed(longer: usize, at_least: f64) -> usize {
    ((1.0 - at_least.clamp(0.0, 1.0)) * longer as f64 + 1e-6).floor() as usize
}

fn one_word(pattern: &Pattern, text: &[u8], most: usize) -> Option<usize> {
    let len = pattern.codes().len();
    let last = 1_u64 << (len - 1);
    let (mut up, mut down) = (u64::MAX, 0_u64);
    let mut distance = len;
    for (at, &code) in text.iter().enumerate() {
        let equal = pattern.positions(code) | down;
        let diagonal = ((equal & up).wrapping_add(up) ^ up) | equal;
        let right_up = down | !(diagonal | up);
        let right_down = diagonal & up;
        distance = distance + usize::from(right_up & last != 0) - usize::from(right_down & last != 0);
        // Each character still to come can lower the distance by one at most.
        if distance > most + (text.len() - at - 1) {
            return None;
        }
        let right_up = right_up << 1 | 1;
        up = right_down << 1 | !(diagonal | right_up);
        down = right_up & diagonal;
    }
    (distance <= most).then_some(distance)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use trommel_model::{Cancel, ProgressSlot};

    use super::super::texts::Texts;
    use super::super::wide::Wide;
    use super::*;
    use crate::watch::Watch;

    fn ours(a: &str, b: &str, at_least: f64) -> (f64, f64) {
        let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
        let texts = Texts::new(&[a, b], &Watch::new(&cancel, &progress)).unwrap().unwrap();
        let mut pattern = Pattern::default();
        pattern.prepare(1, texts.codes(1));
        (levenshtein(&pattern, texts.codes(2), at_least), levenshtein_bound(texts.sketch(1), texts.sketch(2)))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn agrees_with_strsim(a in "[abcdé ]{0,70}", b in "[abcdé ]{0,70}", at_least in 0.0_f64..1.0) {
            let expected = strsim::normalized_levenshtein(&a, &b);
            let (found, bound) = ours(&a, &b, 0.0);
            prop_assert!((found - expected).abs() < 1e-12, "{found} {expected}");
            prop_assert!(bound >= found, "bound {bound} below {found}");
            let cut = ours(&a, &b, at_least).0;
            let right = if expected >= at_least { (cut - expected).abs() < 1e-12 } else { cut <= expected + 1e-12 };
            prop_assert!(right, "{cut} {expected}");
            let wide = Wide::new(&[&a, &b]).levenshtein(1, 2, at_least);
            let right = if expected >= at_least { (wide - expected).abs() < 1e-12 } else { wide <= expected + 1e-12 };
            prop_assert!(right, "{wide} {expected}");
        }

        #[test]
        fn agrees_with_strsim_on_near_texts(a in "[a-f]{1,66}", at in 0_usize..66, letter in "[a-f]{0,3}") {
            let mut b = a.clone();
            b.insert_str(at.min(a.len()), &letter);
            prop_assert!((ours(&a, &b, 0.8).0 - strsim::normalized_levenshtein(&a, &b)).abs() < 1e-12 || ours(&a, &b, 0.0).0 < 0.8);
        }
    }
}
