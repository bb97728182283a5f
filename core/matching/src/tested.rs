//! A match held against pairs of which somebody knows whether they are one.

use trommel_model::Quality;

/// The normal quantile of 95 in 100.
const QUANTILE: f64 = 1.959_963_985;

/// How many pairs came out as people say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tested {
    /// One, and joined.
    pub right: u64,
    /// Not one, and joined.
    pub wrong: u64,
    /// One, and not joined.
    pub missed: u64,
}

impl Tested {
    /// Counts pairs; `joined` says what the match makes of two rows.
    pub fn of(pairs: &[(u32, u32, bool)], joined: impl Fn(u32, u32) -> bool) -> Self {
        let mut tested = Self::default();
        for &(left, right, same) in pairs {
            tested.count(same, joined(left, right));
        }
        tested
    }

    pub fn count(&mut self, same: bool, joined: bool) {
        match (same, joined) {
            (true, true) => self.right += 1,
            (false, true) => self.wrong += 1,
            (true, false) => self.missed += 1,
            (false, false) => {}
        }
    }

    pub fn quality(self) -> Quality {
        let right = self.right as f64;
        Quality { precision: share(right, (self.right + self.wrong) as f64), recall: share(right, (self.right + self.missed) as f64) }
    }

    /// Where F1 lies with 95 in 100. F1 rises with the share of right pairs among those that are one or joined, which is a
    /// share like any other (Wilson 1927).
    pub fn f1_interval(self) -> (f64, f64) {
        let (right, n) = (self.right as f64, (self.right + self.wrong + self.missed) as f64);
        if n == 0.0 {
            return (0.0, 1.0);
        }
        let (p, z) = (right / n, QUANTILE);
        let middle = p + z * z / (2.0 * n);
        let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        let f1 = |share: f64| 2.0 * share / (1.0 + share);
        let end = |sign: f64| f1(((middle + sign * half) / (1.0 + z * z / n)).clamp(0.0, 1.0));
        (end(-1.0), end(1.0))
    }
}

/// A share of nothing is whole: nothing was joined wrongly, nothing was missed.
pub(crate) fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_come_with_their_doubt() {
        let joined = |left: u32, right: u32| left / 10 == right / 10;
        let tested = Tested::of(&[(1, 2, true), (1, 3, true), (1, 4, false), (1, 11, true), (1, 12, false)], joined);
        assert_eq!(tested, Tested { right: 2, wrong: 1, missed: 1 });
        let quality = tested.quality();
        assert!((quality.precision - 2.0 / 3.0).abs() < 1e-9 && (quality.recall - 2.0 / 3.0).abs() < 1e-9);
        let (from, to) = tested.f1_interval();
        assert!(from < quality.f1() && quality.f1() < to && to - from > 0.5, "{from} {to}");
        let many = Tested { right: 950, wrong: 30, missed: 20 };
        let (from, to) = many.f1_interval();
        assert!(to - from < 0.02 && from > 0.96, "{from} {to}");
        assert_eq!(Tested::default().f1_interval(), (0.0, 1.0));
        assert_eq!(Tested::default().quality(), Quality { precision: 1.0, recall: 1.0 });
    }
}
