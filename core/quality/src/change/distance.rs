//! How far two distributions are apart, from what profiles keep of them.
//!
//! PSI = Σ (q − p) · ln(q / p) over bins, p the shares before and q those after; an empty bin counts as one ten-thousandth,
//! as is usual. For samples of n and m rows of one distribution, PSI is about χ² with one degree of freedom fewer than
//! there are bins, times 1/n + 1/m (Yurdakul, "Statistical properties of the population stability index", 2018). KS is the
//! largest distance between two cumulative distributions; chance exceeds 1.63 · √((n + m) / (n · m)) once in a hundred times.

/// What an empty bin counts as.
const EMPTY: f64 = 0.000_1;

/// A distance, and how large chance alone makes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Distance {
    pub value: f64,
    pub by_chance: f64,
}

impl Distance {
    /// The distance, when it is more than chance.
    pub(super) fn beyond_chance(self) -> f64 {
        if self.value > self.by_chance { self.value } else { 0.0 }
    }
}

/// PSI of shares of the same bins, of so many rows each.
pub(super) fn psi(shares: &[(f64, f64)], rows: (u64, u64)) -> Option<Distance> {
    let filled: Vec<&(f64, f64)> = shares.iter().filter(|(p, q)| *p > 0.0 || *q > 0.0).collect();
    if filled.is_empty() || rows.0 == 0 || rows.1 == 0 {
        return None;
    }
    let term = |(p, q): &&(f64, f64)| {
        let (p, q) = (p.max(EMPTY), q.max(EMPTY));
        (q - p) * (q / p).ln()
    };
    let freedom = (filled.len() - 1) as f64;
    let by_chance = (freedom + 3.0 * (2.0 * freedom).sqrt()) * (1.0 / rows.0 as f64 + 1.0 / rows.1 as f64);
    Some(Distance { value: filled.iter().map(term).sum(), by_chance })
}

/// Shares by the tenths of what was before.
pub(super) fn tenths(before: &[f64], after: &[f64]) -> Vec<(f64, f64)> {
    let mut edges: Vec<f64> = (1..10).filter_map(|tenth| before.get(tenth * before.len().saturating_sub(1) / 10).copied()).collect();
    edges.dedup();
    let below = |of: &[f64]| -> Vec<f64> {
        let cuts = std::iter::once(0.0).chain(edges.iter().map(|edge| up_to(of, *edge))).chain(std::iter::once(1.0));
        cuts.collect::<Vec<_>>().windows(2).map(|w| (w[1] - w[0]).max(0.0)).collect()
    };
    below(before).into_iter().zip(below(after)).collect()
}

/// KS of two sets of percentiles, of so many rows each.
pub(super) fn ks(before: &[f64], after: &[f64], rows: (u64, u64)) -> Option<Distance> {
    if before.is_empty() || after.is_empty() || rows.0 == 0 || rows.1 == 0 {
        return None;
    }
    let at = |x: f64| (up_to(before, x) - up_to(after, x)).abs();
    let value = before.iter().chain(after).map(|x| at(*x)).fold(0.0, f64::max);
    let (n, m) = (rows.0 as f64, rows.1 as f64);
    // What lies between two percentiles is not known: one hundredth on each side.
    Some(Distance { value, by_chance: 1.63 * ((n + m) / (n * m)).sqrt() + 0.02 })
}

/// The share of rows up to and with a value, from percentiles; between two of them in proportion.
fn up_to(percentiles: &[f64], x: f64) -> f64 {
    let last = percentiles.len().saturating_sub(1);
    let steps = last.max(1) as f64;
    match percentiles.partition_point(|p| *p <= x) {
        0 => 0.0,
        after if after > last => 1.0,
        after => {
            let (low, high) = (percentiles[after - 1], percentiles[after]);
            // Where a step ends on a value that stands several times, all of it counts.
            let within = if low < x && high > low { (x / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0) } else { 0.0 };
            ((after - 1) as f64 + within) / steps
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_up_to_a_value_are_those_of_the_rows() {
        // Three in ten rows are 1, the others 0.
        let percentiles: Vec<f64> = (0..=100).map(|p| if p <= 70 { 0.0 } else { 1.0 }).collect();
        for (x, share) in [(-1.0, 0.0), (0.0, 0.7), (1.0, 1.0), (7.0, 1.0)] {
            assert!((up_to(&percentiles, x) - share).abs() <= 0.01, "{x}: {}", up_to(&percentiles, x));
        }
        let line: Vec<f64> = (0..=100).map(f64::from).collect();
        assert!((up_to(&line, 33.5) - 0.335).abs() < 1e-9);
    }

    #[test]
    fn known_distances() {
        // The example that textbooks give: 50:50 becomes 60:40.
        let found = psi(&[(0.5, 0.6), (0.5, 0.4)], (1_000, 1_000)).unwrap().value;
        assert!((found - 0.040_546_5).abs() < 1e-6, "{found}");
        assert!(psi(&[(0.3, 0.3), (0.7, 0.7)], (10, 10)).unwrap().value.abs() < 1e-12);
        let line = |from: f64| (0..=100).map(|p| from + f64::from(p)).collect::<Vec<_>>();
        let shifted = ks(&line(0.0), &line(25.0), (10_000, 10_000)).unwrap();
        assert!((shifted.value - 0.25).abs() < 1e-9 && shifted.beyond_chance() > 0.0);
        assert_eq!(psi(&[], (1, 1)), None);
    }
}
