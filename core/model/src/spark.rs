//! A series as one line of text: a small chart where there is only room for characters.

/// What a line is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum SparkGlyphs {
    Blocks,
    Ascii,
}

/// The values as a line of at most `width` characters, from the lowest to the highest level; a gap is a space.
///
/// Where several values share a character it shows their mean. Equal values stand at half height.
pub fn spark(values: &[Option<f64>], width: usize, glyphs: SparkGlyphs) -> String {
    let levels: [char; 8] = match glyphs {
        SparkGlyphs::Blocks => ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
        SparkGlyphs::Ascii => ['_', '.', ':', '-', '=', '+', '*', '#'],
    };
    let columns = width.min(values.len());
    let means: Vec<Option<f64>> = (0..columns)
        .map(|c| {
            let shared = &values[c * values.len() / columns..(c + 1) * values.len() / columns];
            let known: Vec<f64> = shared.iter().flatten().copied().filter(|v| v.is_finite()).collect();
            (!known.is_empty()).then(|| known.iter().map(|v| v / known.len() as f64).sum())
        })
        .collect();
    let lowest = means.iter().flatten().copied().fold(f64::INFINITY, f64::min);
    let highest = means.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    let level = |v: f64| {
        // Halves, because the difference of two finite doubles may not be finite.
        let ratio = (v / 2.0 - lowest / 2.0) / (highest / 2.0 - lowest / 2.0);
        if highest > lowest { ((ratio * 8.0) as usize).min(7) } else { 3 }
    };
    means.into_iter().map(|mean| mean.map_or(' ', |v| levels[level(v)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let some = |v: &[f64]| v.iter().copied().map(Some).collect::<Vec<_>>();
        for (values, width, expected) in [
            (some(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]), 80, "▁▂▃▄▅▆▇█"),
            (some(&[0.0, 0.0, 7.0, 7.0]), 2, "▁█"),
            (some(&[5.0, 5.0]), 10, "▄▄"),
            (vec![Some(1.0), None, Some(2.0)], 10, "▁ █"),
            (vec![Some(f64::NAN), Some(f64::MIN), Some(f64::MAX)], 10, " ▁█"),
            (vec![None], 10, " "),
            (vec![], 10, ""),
            (some(&[1.0]), 0, ""),
        ] {
            assert_eq!(spark(&values, width, SparkGlyphs::Blocks), expected, "{values:?}");
        }
        assert_eq!(spark(&some(&[0.0, 3.5, 7.0]), 9, SparkGlyphs::Ascii), "_=#");
    }
}
