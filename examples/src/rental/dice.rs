//! Chance that can be repeated: a random sequence that is a pure function of (seed, stream, index).
//!
//! Every request and every customer has a sequence of its own, so work can be shared between threads in any
//! way and still make the same bytes. The generator is `SplitMix64` (Steele, Lea, Flood 2014), written out here
//! because the bytes of an example must not change with the version of a library.

/// What a sequence is for; two streams of one seed have nothing in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Who a customer is.
    Identity = 1,
    /// Who shares name and birth date with somebody else.
    Namesake,
    /// Which brokers quote a request, and how often.
    Plan,
    /// What is asked for.
    Request,
    /// How a broker writes a quote down.
    Quote,
    /// Whether and what the customer books.
    Booking,
    /// What a marketing system knows of a person, and how it is written down.
    Marketing,
    /// A shop's customers.
    Buyer,
    /// A shop's products.
    Product,
    /// What is ordered in a shop.
    Order,
    /// Which sources know a person, and how they write the person down.
    Records,
    /// Who answers for a region.
    Regions,
    /// Customers of the shop.
    ShopCustomer,
    /// Products.
    ShopProduct,
    /// Their categories.
    ShopCategory,
    /// Their prices.
    ShopPrice,
    /// Orders.
    ShopOrder,
    /// When they are placed.
    ShopMoment,
    /// How many lines they have.
    ShopLines,
    /// What stands in a line.
    ShopLine,
    /// What marketing spends.
    ShopMarketing,
}

/// A random sequence.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The sequence number `index` of a stream.
    pub fn new(seed: u64, stream: Stream, index: u64) -> Self {
        Self(mix(mix(seed ^ 0x5EED_0F7A_0B1E_D001).wrapping_add(stream as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)) ^ mix(index))
    }

    /// A number from 0 up to but without 1.
    pub fn unit(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A whole number below `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.draw()) * n as u128) >> 64) as usize
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// A whole number below `n` where small ones come more often: the first tenth of them in about a third of the draws.
    pub fn front_heavy(&mut self, n: usize) -> usize {
        let u = self.unit();
        ((u * u * n as f64) as usize).min(n.saturating_sub(1))
    }

    /// A number around 0 with standard deviation 1, never beyond 3.5: twelve uniform draws would be a normal
    /// variate, four are close enough for a price and use no function whose last digit depends on the machine.
    pub fn bell(&mut self) -> f64 {
        (self.unit() + self.unit() + self.unit() + self.unit() - 2.0) * 1.732_050_807_568_877_2
    }

    /// One of several by weight; 0 when nothing has weight.
    pub fn weighted(&mut self, weights: impl Iterator<Item = f64> + Clone) -> usize {
        let mut left = self.unit() * weights.clone().sum::<f64>();
        for (i, weight) in weights.enumerate() {
            if left < weight {
                return i;
            }
            left -= weight;
        }
        0
    }

    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_repeat_and_streams_differ() {
        let draws = |seed, stream, index| {
            let mut dice = Dice::new(seed, stream, index);
            (0..8).map(|_| dice.below(1_000_000)).collect::<Vec<_>>()
        };
        assert_eq!(draws(42, Stream::Quote, 7), draws(42, Stream::Quote, 7));
        assert_ne!(draws(42, Stream::Quote, 7), draws(42, Stream::Request, 7));
        assert_ne!(draws(42, Stream::Quote, 7), draws(42, Stream::Quote, 8));
        assert_ne!(draws(42, Stream::Quote, 7), draws(43, Stream::Quote, 7));
    }

    #[test]
    fn draws_are_spread_as_promised() {
        let n = 40_000;
        let mut dice = Dice::new(1, Stream::Plan, 0);
        let hits = (0..n).filter(|_| dice.chance(0.08)).count() as f64;
        assert!((hits / f64::from(n) - 0.08).abs() < 0.006, "{hits}");
        let low = (0..n).filter(|_| dice.front_heavy(100) < 10).count() as f64;
        assert!((low / f64::from(n) - 0.316).abs() < 0.01, "{low}");
        let bells: Vec<f64> = (0..n).map(|_| dice.bell()).collect();
        let mean = bells.iter().sum::<f64>() / f64::from(n);
        let variance = bells.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / f64::from(n);
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
        let heavy = (0..n).filter(|_| dice.weighted([1.0, 3.0].into_iter()) == 1).count() as f64;
        assert!((heavy / f64::from(n) - 0.75).abs() < 0.01, "{heavy}");
    }
}
