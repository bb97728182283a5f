//! Where the marks of a value axis stand: at round numbers (1, 2, 2.5 or 5 times a power of ten) that enclose the data.

use std::ops::RangeInclusive;

use trommel_model::NumberFormat;

/// Marks from below the data to above it, evenly spaced, ascending; at least two.
///
/// `about` is how many are wanted; it comes out near to that. The range must be finite.
pub(super) fn ticks(data: RangeInclusive<f64>, about: usize, format: NumberFormat) -> Vec<f64> {
    let (mut low, mut high) = (*data.start(), *data.end());
    let size = low.abs().max(high.abs());
    if high - low <= size * 1e-9 {
        // One value: room on both sides, the value in the middle, zero as the edge of a share.
        let room = if size > 1e-300 { size * 0.5 } else { 1.0 };
        (low, high) = ((low - room).max(f64::MIN), (high + room).min(f64::MAX));
    }
    let rough = (high - low) / about.max(1) as f64;
    if !rough.is_finite() || rough < 1e-300 {
        return vec![low, high];
    }
    let power = 10_f64.powf(rough.log10().floor());
    let mut step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= rough * 0.999).unwrap_or(10.0 * power);
    if format == NumberFormat::Integer && step < 1.0 {
        step = 1.0;
    }
    let (first, last) = ((low / step + 1e-9).floor(), (high / step - 1e-9).ceil());
    let count = (last - first) as usize;
    // Multiplying keeps 0.1 + 0.2 from showing.
    let marks: Vec<f64> = (0..=count).map(|i| (first + i as f64) * step).collect();
    if marks.iter().all(|m| m.is_finite()) { marks } else { vec![low, high] }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn round_numbers_enclose_the_data() {
        use NumberFormat::{Integer, Number};
        for (low, high, about, format, expected) in [
            (0.0, 97.0, 5, Number, vec![0.0, 20.0, 40.0, 60.0, 80.0, 100.0]),
            (0.0, 1.0, 4, Number, vec![0.0, 0.25, 0.5, 0.75, 1.0]),
            (0.0, 1.0, 4, Integer, vec![0.0, 1.0]),
            (-3.0, 7.0, 5, Number, vec![-4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 8.0]),
            (1000.0, 1040.0, 4, Number, vec![1000.0, 1010.0, 1020.0, 1030.0, 1040.0]),
            (0.0, 0.0, 2, Number, vec![-1.0, 0.0, 1.0]),
        ] {
            assert_eq!(ticks(low..=high, about, format), expected, "{low} to {high}");
        }
    }

    proptest! {
        #[test]
        fn any_finite_range_gives_few_ascending_ticks_around_it(a in prop::num::f64::NORMAL | prop::num::f64::ZERO | prop::num::f64::SUBNORMAL, b in -1e6..1e6_f64, about in 1_usize..12) {
            let (low, high) = (a.min(b), a.max(b));
            let marks = ticks(low..=high, about, NumberFormat::Number);
            prop_assert!(marks.len() >= 2 && marks.len() <= 2 * about + 3, "{marks:?}");
            prop_assert!(marks.windows(2).all(|w| w[0] < w[1]), "{marks:?}");
            let slack = (high - low).abs() * 1e-6;
            prop_assert!(marks[0] <= low + slack && *marks.last().unwrap() >= high - slack, "{low} {high} {marks:?}");
        }
    }
}
