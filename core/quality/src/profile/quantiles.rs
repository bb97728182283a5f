//! Where values lie, in buckets whose width grows with their distance from a base: a mergeable sketch of quantiles.
//!
//! As in `DDSketch` (Masson, Rim, Lee 2019), but by the bits of the double: sign, exponent and nine bits of the mantissa of
//! the distance name the bucket. A quantile is off by at most a 512th of its distance from the base, so by at most 0.2 %
//! of the range. Counts do not depend on the order of values.

/// Bits of the mantissa that tell buckets apart.
const FINE: u32 = 9;
/// Buckets of one exponent.
const PAGE: usize = 1 << FINE;

/// The largest error of a quantile, as a share of the distance between least and greatest value.
pub(super) const ERROR: f64 = 1.0 / PAGE as f64;

#[derive(Debug, Clone)]
pub(super) struct Quantiles {
    base: f64,
    total: u64,
    /// By sign and exponent, the place of the page plus one.
    places: Box<[u16]>,
    pages: Vec<(u16, Box<[u64]>)>,
}

impl Quantiles {
    /// `base` should lie among the values.
    pub(super) fn new(base: f64) -> Self {
        Self { base, total: 0, places: vec![0; 4_096].into_boxed_slice(), pages: Vec::new() }
    }

    /// What distances are measured from.
    pub(super) fn base(&self) -> f64 {
        self.base
    }

    #[inline]
    pub(super) fn add(&mut self, value: f64, rows: u64) {
        let bits = ((value - self.base) + 0.0).to_bits() >> (52 - FINE);
        let (page, bucket) = ((bits >> FINE) as u16, bits as usize & (PAGE - 1));
        self.page(page)[bucket] += rows;
        self.total += rows;
    }

    pub(super) fn merge(&mut self, other: &Self) {
        if self.base.to_bits() == other.base.to_bits() {
            for (page, counts) in &other.pages {
                self.page(*page).iter_mut().zip(counts).for_each(|(mine, theirs)| *mine += theirs);
            }
            self.total += other.total;
        } else {
            other.each(|low, high, rows| self.add(f64::midpoint(low, high), rows));
        }
    }

    /// Buckets that hold values, with their bounds and rows, from left to right.
    pub(super) fn buckets(&self) -> Vec<(f64, f64, u64)> {
        let mut found = Vec::new();
        self.each(|low, high, rows| found.push((low, high, rows)));
        found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        found
    }

    #[inline]
    fn page(&mut self, page: u16) -> &mut [u64] {
        let place = match self.places[page as usize] {
            0 => {
                self.pages.push((page, vec![0; PAGE].into_boxed_slice()));
                self.places[page as usize] = self.pages.len() as u16;
                self.pages.len() - 1
            }
            place => place as usize - 1,
        };
        &mut self.pages[place].1
    }

    /// Buckets that hold values, with their bounds and rows, in no order.
    fn each(&self, mut see: impl FnMut(f64, f64, u64)) {
        for (page, counts) in &self.pages {
            for (bucket, rows) in counts.iter().enumerate().filter(|(_, rows)| **rows > 0) {
                let bits = (u64::from(*page) << FINE) | bucket as u64;
                let near = f64::from_bits(bits << (52 - FINE));
                let far = f64::from_bits(((bits + 1) << (52 - FINE)).wrapping_sub(1));
                let (a, b) = (self.base + near, self.base + far);
                let (a, b) = (finite(a), finite(b));
                see(a.min(b), a.max(b), *rows);
            }
        }
    }
}

fn finite(value: f64) -> f64 {
    if value.is_nan() { f64::MAX } else { value.clamp(f64::MIN, f64::MAX) }
}

/// The values at these shares of the way through the rows, rising, between neighbours in proportion. `runs` are bounds and
/// rows, from left to right; a run of one value has equal bounds.
pub(super) fn at(runs: &[(f64, f64, u64)], shares: &[f64]) -> Vec<f64> {
    let total: u64 = runs.iter().map(|r| r.2).sum();
    // The run that holds a row, looked for from a run before it on, with the rows that lie before that one.
    let seek = |mut from: (usize, u64), row: u64| {
        while let Some(run) = runs.get(from.0).filter(|run| row >= from.1 + run.2) {
            from = (from.0 + 1, from.1 + run.2);
        }
        from
    };
    let value = |(run, before): (usize, u64), row: u64| match runs.get(run) {
        Some((low, high, rows)) if low < high => {
            let within = if *rows > 1 { (row - before) as f64 / (*rows - 1) as f64 } else { 0.5 };
            low + (high - low) * within
        }
        Some((low, ..)) => *low,
        None => runs.last().map_or(f64::NAN, |r| r.1),
    };
    let mut cursor = (0, 0);
    shares
        .iter()
        .map(|share| {
            let place = share * total.saturating_sub(1) as f64;
            let (lower, upper) = (place.floor() as u64, place.ceil() as u64);
            cursor = seek(cursor, lower);
            let (left, right) = (value(cursor, lower), value(seek(cursor, upper), upper));
            let fraction = place - place.floor();
            if fraction == 0.0 { left } else { left * (1.0 - fraction) + right * fraction }
        })
        .collect()
}

/// Rows in bins of equal width between least and greatest.
pub(super) fn bins(runs: &[(f64, f64, u64)], min: f64, max: f64, bins: usize) -> Vec<u64> {
    if min >= max {
        return vec![runs.iter().map(|r| r.2).sum()];
    }
    let mut counts = vec![0; bins];
    for (low, high, rows) in runs {
        let middle = f64::midpoint(*low, *high).clamp(min, max);
        // Halves, because the difference of two finite doubles may not be finite.
        let ratio = (middle / 2.0 - min / 2.0) / (max / 2.0 - min / 2.0);
        counts[((ratio * bins as f64).floor() as usize).min(bins - 1)] += rows;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_within_the_error_far_from_zero_and_across_it() {
        for (from, to) in [(0.0, 1.0), (1.7e15, 1.7e15 + 86_400e6), (-5.0, 1e6), (-1e-9, 1e-9)] {
            let value = |i: u64| from + (to - from) * (i as f64 / 100_000.0);
            let (mut one, mut two) = (Quantiles::new(value(33)), Quantiles::new(value(50_500)));
            for i in (0..=100_000).map(|i| (i * 7_919) % 100_001) {
                (if i % 2 == 0 { &mut one } else { &mut two }).add(value(i), 1);
            }
            one.merge(&two);
            let buckets = one.buckets();
            for (share, found) in [0.01, 0.25, 0.5, 0.9].into_iter().zip(at(&buckets, &[0.01, 0.25, 0.5, 0.9])) {
                let exact = from + (to - from) * share;
                assert!((found - exact).abs() <= 2.0 * ERROR * (to - from), "{from} {share}: {found} {exact}");
            }
            assert_eq!(bins(&buckets, from, to, 20).iter().sum::<u64>(), 100_001);
        }
    }

    #[test]
    fn few_values_give_exact_quantiles() {
        let runs = [(1.0, 1.0, 1), (2.0, 2.0, 1), (10.0, 10.0, 2)];
        assert_eq!(at(&runs, &[0.0, 0.25, 0.5, 1.0]), [1.0, 1.75, 6.0, 10.0]);
        assert_eq!(bins(&[(3.0, 3.0, 5)], 3.0, 3.0, 20), [5]);
    }
}
