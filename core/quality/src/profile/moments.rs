//! Mean, deviation and skew in one pass: chunks about their own mean, joined by the formulas of Pébay (2008), so that
//! neither large values nor an outlier at the beginning cost digits.

/// Values in a chunk; it stays in the first-level cache.
const CHUNK: usize = 1_024;

#[derive(Debug, Clone, Default)]
pub(super) struct Moments {
    n: f64,
    mean: f64,
    m2: f64,
    m3: f64,
    zeros: u64,
    negatives: u64,
    pending: Vec<f64>,
}

impl Moments {
    /// Takes a value in; true when a chunk is full and should be taken by [`Moments::fold`].
    #[inline]
    pub(super) fn add(&mut self, value: f64) {
        self.pending.push(value);
        if self.pending.len() == CHUNK {
            self.fold();
        }
    }

    /// Takes in a value that comes so many times.
    pub(super) fn add_many(&mut self, value: f64, rows: u64) {
        self.fold();
        self.zeros += if value == 0.0 { rows } else { 0 };
        self.negatives += if value < 0.0 { rows } else { 0 };
        self.join(rows as f64, value, 0.0, 0.0);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        let mut other = other.clone();
        other.fold();
        self.fold();
        self.zeros += other.zeros;
        self.negatives += other.negatives;
        self.join(other.n, other.mean, other.m2, other.m3);
    }

    pub(super) fn fold(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let values = std::mem::take(&mut self.pending);
        let n = values.len() as f64;
        // Divided first: the sum of large doubles may not be finite.
        let mean = values.iter().map(|v| v / n).sum::<f64>();
        let (mut m2, mut m3) = (0.0, 0.0);
        for v in &values {
            let d = v - mean;
            m2 += d * d;
            m3 += d * d * d;
            self.zeros += u64::from(*v == 0.0);
            self.negatives += u64::from(*v < 0.0);
        }
        self.join(n, mean, m2, m3);
        self.pending = values;
        self.pending.clear();
    }

    fn join(&mut self, n: f64, mean: f64, m2: f64, m3: f64) {
        if n == 0.0 {
            return;
        }
        let (total, d) = (self.n + n, mean - self.mean);
        let (a, b) = (self.n / total, n / total);
        self.m3 += m3 + d * d * d * self.n * b * (a - b) + 3.0 * d * (a * m2 - b * self.m2);
        self.m2 += m2 + d * d * self.n * b;
        self.mean = if self.n == 0.0 { mean } else { self.mean * a + mean * b };
        self.n = total;
    }

    pub(super) fn zeros(&self) -> u64 {
        self.zeros
    }

    pub(super) fn negatives(&self) -> u64 {
        self.negatives
    }

    pub(super) fn mean(&self) -> Option<f64> {
        Some(self.mean).filter(|m| self.n > 0.0 && m.is_finite())
    }

    /// Sample standard deviation.
    pub(super) fn sd(&self) -> Option<f64> {
        Some((self.m2 / (self.n - 1.0)).sqrt()).filter(|sd| self.n > 1.0 && sd.is_finite())
    }

    /// Fisher's skewness (g1); none for equal values.
    pub(super) fn skew(&self) -> Option<f64> {
        let sd = (self.m2 / self.n).sqrt();
        Some(self.m3 / self.n / (sd * sd * sd)).filter(|skew| self.n > 2.0 && sd > 0.0 && skew.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_moments_are_those_of_all_values() {
        let values: Vec<f64> = (0..5_000).map(|i| if i == 0 { 1e9 } else { f64::from(i % 97) + 1e5 }).collect();
        let (mut one, mut two) = (Moments::default(), Moments::default());
        values[..1_500].iter().for_each(|v| one.add(*v));
        values[1_500..].iter().for_each(|v| two.add(*v));
        one.merge(&two);
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let m = |k: i32| values.iter().map(|v| (v - mean).powi(k)).sum::<f64>();
        assert!((one.mean().unwrap() / mean - 1.0).abs() < 1e-12);
        assert!((one.sd().unwrap() / (m(2) / (n - 1.0)).sqrt() - 1.0).abs() < 1e-10);
        assert!((one.skew().unwrap() / (m(3) / n / (m(2) / n).powf(1.5)) - 1.0).abs() < 1e-9);
    }
}
