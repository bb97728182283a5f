//! Which pairs a person should look at first.

/// A pair that could be reviewed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReviewPair {
    /// One row.
    pub left: u32,
    /// The other.
    pub right: u32,
    /// The probability that they match.
    pub probability: f64,
    /// Rows of the entities of both, as they are without this pair.
    pub rows: (u32, u32),
    /// How much an answer is expected to change: the uncertainty in bits, times the pairs of rows that are joined or
    /// parted by it.
    pub worth: f64,
}

/// Orders pairs by the value of the information that an answer brings, most first: an answer that is certain already
/// is worth nothing, one that joins two large groups much.
///
/// `pairs` are (left, right, probability); `rows_of` knows how many rows the groups of both have.
pub fn review_queue(pairs: &[(u32, u32, f64)], rows_of: impl Fn(u32, u32) -> (u32, u32)) -> Vec<ReviewPair> {
    let of = |&(left, right, probability): &(u32, u32, f64)| {
        let rows = rows_of(left, right);
        let worth = uncertainty(probability) * f64::from(rows.0) * f64::from(rows.1);
        ReviewPair { left, right, probability, rows, worth }
    };
    let mut queue: Vec<ReviewPair> = pairs.iter().map(of).filter(|pair| pair.worth > 0.0).collect();
    queue.sort_by(|a, b| b.worth.total_cmp(&a.worth).then((a.left, a.right).cmp(&(b.left, b.right))));
    queue
}

/// The entropy of a yes or no (Shannon 1948), in bits.
fn uncertainty(probability: f64) -> f64 {
    let part = |p: f64| if p > 0.0 { -p * p.log2() } else { 0.0 };
    let p = probability.clamp(0.0, 1.0);
    part(p) + part(1.0 - p)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubt_and_weight_come_first_and_certainty_not_at_all() {
        let pairs = [(1, 2, 0.99), (3, 4, 0.5), (5, 6, 1.0), (7, 8, 0.9), (9, 10, 0.5)];
        let queue = review_queue(&pairs, |left, _| (if left == 7 { 40 } else { 1 }, 1));
        let order: Vec<u32> = queue.iter().map(|p| p.left).collect();
        assert_eq!(order, [7, 3, 9, 1]);
        assert!((queue[1].worth - 1.0).abs() < 1e-12 && queue[0].rows == (40, 1));
    }
}
