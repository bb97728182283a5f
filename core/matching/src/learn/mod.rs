//! Fellegi-Sunter scoring: levels of likeness are counted, their weights learned, pairs weighed, rows grouped.
//!
//! Fellegi and Sunter (1969), "A theory for record linkage"; learning after Winkler (1988) and Enamorado, Fifield and
//! Imai (2019), with u from random pairs as Splink does. Logarithms are to base 2 throughout: a weight is in bits.

mod counts;
mod dependence;
mod estimate;
mod group;
mod judge;
mod labels;
mod resolve;
mod scale;
mod weigh;

pub(crate) use group::{Edge, Rules, group};
pub(crate) use resolve::{explain, scored, weighed};
pub(crate) use scale::Scaled;
pub(crate) use weigh::Weigher;

/// The probability that a pair matches, from its weight in bits with the prior in it.
pub(crate) fn probability(bits: f64) -> f64 {
    1.0 / (1.0 + (-bits).exp2())
}

/// The weight in bits at which a probability is reached.
pub(crate) fn bits_of(probability: f64) -> f64 {
    let p = probability.clamp(1e-12, 1.0 - 1e-12);
    (p / (1.0 - p)).log2()
}
