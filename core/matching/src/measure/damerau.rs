//! Damerau's similarity: as Levenshtein's, with two neighbouring characters changing places counted as one fault.
//!
//! It is the optimal string alignment: no piece is edited twice (Boytsov 2011, "Indexing methods for approximate
//! dictionary searching", section 2.2).

use super::levenshtein::{allowed, similarity};
use super::pattern::WORD;

/// The similarity of two texts of at most 64 characters, from 0 to 1; 0 when it is below `at_least`. `None` when a
/// text is longer.
pub(crate) fn damerau<T: PartialEq>(left: &[T], right: &[T], at_least: f64) -> Option<f64> {
    let longer = left.len().max(right.len());
    if longer > WORD {
        return None;
    }
    if longer == 0 {
        return Some(1.0);
    }
    let most = allowed(longer, at_least);
    if left.len().abs_diff(right.len()) > most {
        return Some(0.0);
    }
    let distance = distance(left, right);
    Some(if distance <= most { similarity(distance, longer) } else { 0.0 })
}

fn distance<T: PartialEq>(left: &[T], right: &[T]) -> usize {
    let alike = left.iter().zip(right).take_while(|(l, r)| l == r).count();
    let (left, right) = (&left[alike..], &right[alike..]);
    let mut rows = [[0_u8; WORD + 1]; 3];
    for (at, slot) in rows[1].iter_mut().enumerate() {
        *slot = at as u8;
    }
    for (i, l) in left.iter().enumerate() {
        let [before, last, next] = &mut rows;
        next[0] = i as u8 + 1;
        for (j, r) in right.iter().enumerate() {
            let mut best = (last[j] + u8::from(l != r)).min(last[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *l == right[j - 1] && left[i - 1] == *r {
                best = best.min(before[j - 1] + 1);
            }
            next[j + 1] = best;
        }
        rows.rotate_left(1);
    }
    usize::from(rows[1][right.len()])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ours(a: &str, b: &str, at_least: f64) -> f64 {
        let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        damerau(&a, &b, at_least).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn agrees_with_strsim(a in "[abcd]{0,20}", b in "[abcd]{0,20}", at_least in 0.0_f64..1.0) {
            let longer = a.len().max(b.len());
            let expected = if longer == 0 { 1.0 } else { 1.0 - strsim::osa_distance(&a, &b) as f64 / longer as f64 };
            prop_assert!((ours(&a, &b, 0.0) - expected).abs() < 1e-12);
            let cut = ours(&a, &b, at_least);
            let right = if expected >= at_least { (cut - expected).abs() < 1e-12 } else { cut <= expected + 1e-12 };
            prop_assert!(right, "{cut} {expected}");
        }
    }

    #[test]
    fn a_swap_is_one_fault_and_long_texts_are_left_to_others() {
        assert!((ours("2609", "2690", 0.0) - 0.75).abs() < 1e-12);
        assert!(damerau(&[0_u8; 65], &[0_u8; 3], 0.0).is_none());
    }
}
