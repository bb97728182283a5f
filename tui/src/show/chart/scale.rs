//! The vertical scale of a chart: round ticks that hold every value.

use trommel_model::{NumberFormat, format_ticks};

/// A range with ticks on it.
#[derive(Debug, Clone)]
pub(super) struct Scale {
    pub low: f64,
    pub high: f64,
    pub ticks: Vec<(f64, String)>,
}

/// Largest number a scale is made for; beyond it differences are not finite.
const LIMIT: f64 = 1e300;

impl Scale {
    /// A scale over the values with at most so many ticks; with `zero`, it starts at zero.
    pub(super) fn over(values: impl Iterator<Item = f64>, zero: bool, ticks: usize, format: NumberFormat) -> Self {
        let (mut low, mut high) =
            values.filter(|v| v.is_finite()).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        (low, high) = (low.clamp(-LIMIT, LIMIT), high.clamp(-LIMIT, LIMIT));
        // A scale that starts near zero starts at zero, so that heights can be compared.
        if zero || (low > 0.0 && low < high * 0.5) {
            (low, high) = (low.min(0.0), high.max(0.0));
        }
        if high - low <= high.abs() * 1e-12 {
            let pad = if high == 0.0 { 1.0 } else { high.abs() * 0.1 };
            (low, high) = (low - pad, high + pad);
        }
        let step = step((high - low) / ticks.max(1) as f64);
        (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
        let n = ((high - low) / step).round().clamp(1.0, 50.0) as usize;
        let at: Vec<f64> = (0..=n).map(|i| low + step * i as f64).collect();
        let texts = format_ticks(&at, format);
        Self { low, high, ticks: at.into_iter().zip(texts).collect() }
    }

    /// Where a value lies, from 0 at the bottom to 1 at the top.
    pub(super) fn share(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// Columns the widest tick takes.
    pub(super) fn width(&self) -> usize {
        self.ticks.iter().map(|(_, t)| crate::paint::width_of(t)).max().unwrap_or(0)
    }
}

/// The round step (1, 2, 2.5 or 5 times a power of ten) at or above `rough`.
fn step(rough: f64) -> f64 {
    let power = 10_f64.powf(rough.max(f64::MIN_POSITIVE).log10().floor());
    [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= rough * 0.999_999).unwrap_or(rough)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_hold_the_values() {
        for (values, zero, expected) in [
            (vec![3.0, 97.0], false, "0 50 100"),
            (vec![950.0, 1020.0], false, "950 1,000 1,050"),
            (vec![950.0, 1020.0], true, "0 1,000 2,000"),
            (vec![-5.0, 5.0], false, "-5 0 5"),
            (vec![], false, "0 0.5 1.0"),
        ] {
            let scale = Scale::over(values.iter().copied(), zero, 2, NumberFormat::Number);
            let ticks: Vec<&str> = scale.ticks.iter().map(|(_, t)| t.as_str()).collect();
            assert_eq!(ticks.join(" "), expected, "{values:?}");
            assert!(values.iter().all(|v| *v >= scale.low && *v <= scale.high));
        }
    }
}
