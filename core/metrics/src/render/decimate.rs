//! Fewer points that look the same: the lowest and the highest of what falls on one column of pixels.

/// Points of a series for a picture `columns` wide: position and value, gaps kept as absent values.
///
/// Of each run of points that shares a column the first, lowest, highest and last remain, in order. So every peak is
/// drawn, and a line leaves a column where it did before. A series that fits comes back whole.
pub(super) fn decimate(values: &[Option<f64>], columns: usize) -> Vec<(usize, Option<f64>)> {
    let values: Vec<Option<f64>> = values.iter().map(|v| v.filter(|v| v.is_finite())).collect();
    if values.len() <= columns.max(1) * 2 {
        return values.into_iter().enumerate().collect();
    }
    let columns = columns.max(1);
    let mut kept = Vec::with_capacity(columns * 4);
    for column in 0..columns {
        let (from, to) = (column * values.len() / columns, (column + 1) * values.len() / columns);
        let known: Vec<(usize, f64)> = (from..to).filter_map(|i| Some((i, values[i]?))).collect();
        let by_value = |a: &&(usize, f64), b: &&(usize, f64)| a.1.total_cmp(&b.1);
        let mut chosen: Vec<(usize, Option<f64>)> =
            [known.first(), known.iter().min_by(by_value), known.iter().max_by(by_value), known.last()]
                .into_iter()
                .flatten()
                .map(|(i, v)| (*i, Some(*v)))
                .collect();
        if known.is_empty() {
            // A column without any value is a gap; a lone missing point among thousands is narrower than a pixel.
            chosen.push((from, None));
        }
        chosen.sort_by_key(|(i, _)| *i);
        chosen.dedup_by_key(|(i, _)| *i);
        kept.append(&mut chosen);
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn peaks_ends_and_order_survive(values in prop::collection::vec(prop::option::weighted(0.9, -1e9..1e9_f64), 0..3000), columns in 1_usize..200) {
            let kept = decimate(&values, columns);
            prop_assert!(kept.len() <= values.len().min(columns * 4).max(columns * 2));
            prop_assert!(kept.windows(2).all(|w| w[0].0 < w[1].0));
            prop_assert!(kept.iter().all(|(i, v)| v.is_none() || values[*i] == *v));
            let most = |v: &mut dyn Iterator<Item = f64>| v.fold(f64::NEG_INFINITY, f64::max).to_bits();
            prop_assert_eq!(most(&mut kept.iter().filter_map(|k| k.1)), most(&mut values.iter().flatten().copied()));
            let least = |v: &mut dyn Iterator<Item = f64>| v.fold(f64::INFINITY, f64::min).to_bits();
            prop_assert_eq!(least(&mut kept.iter().filter_map(|k| k.1)), least(&mut values.iter().flatten().copied()));
            let last_known = values.iter().rposition(Option::is_some);
            prop_assert_eq!(kept.iter().filter(|k| k.1.is_some()).map(|k| k.0).next_back(), last_known);
        }
    }

    #[test]
    fn a_short_series_is_left_alone_and_infinities_are_gaps() {
        assert_eq!(decimate(&[Some(1.0), Some(f64::INFINITY), None], 100), vec![(0, Some(1.0)), (1, None), (2, None)]);
    }
}
