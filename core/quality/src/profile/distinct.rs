//! How many different values there are, in 16 KiB: `HyperLogLog` over 64-bit hashes.
//!
//! Registers as in `HyperLogLog`++ (Heule, Nunkesser, Hall 2013), the estimate after Ertl, "New cardinality estimation
//! algorithms for `HyperLogLog` sketches" (2017), which is unbiased over the whole range without tables of corrections.

/// Bits of the hash that choose a register.
const BITS: u32 = 14;
/// Registers.
const REGISTERS: usize = 1 << BITS;
/// Bits of the hash that are left.
const REST: u32 = 64 - BITS;

/// Relative standard error of the estimate.
pub(super) const ERROR: f64 = 0.0081;

#[derive(Debug, Clone)]
pub(super) struct Distinct(Box<[u8]>);

impl Distinct {
    pub(super) fn new() -> Self {
        Self(vec![0; REGISTERS].into_boxed_slice())
    }

    #[inline]
    pub(super) fn add(&mut self, hash: u64) {
        let register = (hash >> REST) as usize;
        let rank = ((hash << BITS) | (1 << (BITS - 1))).leading_zeros() as u8 + 1;
        if self.0[register] < rank {
            self.0[register] = rank;
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = (*mine).max(*theirs);
        }
    }

    pub(super) fn estimate(&self) -> u64 {
        let mut counts = [0_u32; REST as usize + 2];
        for rank in &self.0 {
            counts[*rank as usize] += 1;
        }
        let m = REGISTERS as f64;
        let mut z = m * tau(1.0 - f64::from(counts[REST as usize + 1]) / m);
        for k in (1..=REST as usize).rev() {
            z = 0.5 * (z + f64::from(counts[k]));
        }
        z += m * sigma(f64::from(counts[0]) / m);
        (m * m / (2.0 * std::f64::consts::LN_2 * z)).round() as u64
    }
}

fn sigma(mut x: f64) -> f64 {
    if x >= 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z <= before {
            return z;
        }
    }
}

fn tau(mut x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x).powi(2) * y;
        if z >= before {
            return z / 3.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::key::Key;

    #[test]
    fn estimates_are_within_three_errors_over_the_range() {
        for n in [1_i64, 10, 1_000, 20_000, 45_000, 100_000, 1_000_000] {
            let (mut one, mut two) = (Distinct::new(), Distinct::new());
            for i in 0..n {
                (if i % 3 == 0 { &mut one } else { &mut two }).add(i64::hash(&i));
            }
            one.merge(&two);
            let off = (one.estimate() as f64 - n as f64).abs() / n as f64;
            assert!(off <= 3.0 * ERROR, "{n}: {off}");
        }
    }
}
