//! What a column is counted by: whole numbers, moments, doubles or texts, each with a hash and an order.

use std::cmp::Ordering;

/// A value as it is kept in a tally.
pub(super) trait Key: Clone + Send {
    /// The same value as it is looked at, without keeping it.
    type Look: ?Sized;

    fn hash(look: &Self::Look) -> u64;
    fn keep(look: &Self::Look) -> Self;
    fn look(&self) -> &Self::Look;
    fn order(a: &Self::Look, b: &Self::Look) -> Ordering;
    /// Where the value lies on a line; none for texts, and for values that are not finite.
    fn place(look: &Self::Look) -> Option<f64>;
    /// False for NaN, infinities and the ends of time.
    fn finite(look: &Self::Look) -> bool;
    /// How the place of a value becomes a value again.
    fn at(place: f64) -> Option<Self>;
    /// The text, for texts.
    fn text(_look: &Self::Look) -> Option<&str> {
        None
    }
}

/// A day, or a moment in the unit of its column. The ends of the range stand for infinity, as the engine has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(pub i64);

/// Longer texts are kept by their beginning; their hash is that of the whole.
pub(super) const KEPT_BYTES: usize = 2_048;

impl Key for i64 {
    type Look = i64;

    #[inline]
    fn hash(look: &i64) -> u64 {
        mixed(*look as u64)
    }
    fn keep(look: &i64) -> Self {
        *look
    }
    fn look(&self) -> &i64 {
        self
    }
    #[inline]
    fn order(a: &i64, b: &i64) -> Ordering {
        a.cmp(b)
    }
    #[inline]
    fn place(look: &i64) -> Option<f64> {
        Some(*look as f64)
    }
    fn finite(_: &i64) -> bool {
        true
    }
    fn at(place: f64) -> Option<Self> {
        Some(place.round() as i64)
    }
}

impl Key for i128 {
    type Look = i128;

    fn hash(look: &i128) -> u64 {
        mixed((*look as u64) ^ mixed((*look >> 64) as u64 ^ 0x51))
    }
    fn keep(look: &i128) -> Self {
        *look
    }
    fn look(&self) -> &i128 {
        self
    }
    fn order(a: &i128, b: &i128) -> Ordering {
        a.cmp(b)
    }
    fn place(look: &i128) -> Option<f64> {
        Some(*look as f64)
    }
    fn finite(_: &i128) -> bool {
        true
    }
    fn at(place: f64) -> Option<Self> {
        Some(place.round() as i128)
    }
}

impl Key for Moment {
    type Look = Moment;

    #[inline]
    fn hash(look: &Moment) -> u64 {
        mixed(look.0 as u64)
    }
    fn keep(look: &Moment) -> Self {
        *look
    }
    fn look(&self) -> &Moment {
        self
    }
    #[inline]
    fn order(a: &Moment, b: &Moment) -> Ordering {
        a.0.cmp(&b.0)
    }
    #[inline]
    fn place(look: &Moment) -> Option<f64> {
        Self::finite(look).then_some(look.0 as f64)
    }
    #[inline]
    fn finite(look: &Moment) -> bool {
        look.0 != i64::MAX && look.0 > -i64::MAX
    }
    fn at(place: f64) -> Option<Self> {
        Some(Self(place.round() as i64))
    }
}

impl Key for f64 {
    type Look = f64;

    #[inline]
    fn hash(look: &f64) -> u64 {
        // Both zeros are one value, and so are all NaN.
        mixed(if *look == 0.0 {
            0
        } else if look.is_nan() {
            f64::NAN.to_bits()
        } else {
            look.to_bits()
        })
    }
    fn keep(look: &f64) -> Self {
        *look
    }
    fn look(&self) -> &f64 {
        self
    }
    #[inline]
    fn order(a: &f64, b: &f64) -> Ordering {
        a.partial_cmp(b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
    }
    #[inline]
    fn place(look: &f64) -> Option<f64> {
        look.is_finite().then_some(*look)
    }
    #[inline]
    fn finite(look: &f64) -> bool {
        look.is_finite()
    }
    fn at(place: f64) -> Option<Self> {
        Some(place)
    }
}

impl Key for Box<str> {
    type Look = str;

    #[inline]
    fn hash(look: &str) -> u64 {
        hash_bytes(look.as_bytes())
    }
    fn keep(look: &str) -> Self {
        look[..look.floor_char_boundary(KEPT_BYTES)].into()
    }
    fn look(&self) -> &str {
        self
    }
    #[inline]
    fn order(a: &str, b: &str) -> Ordering {
        a.cmp(b)
    }
    fn place(_: &str) -> Option<f64> {
        None
    }
    fn finite(_: &str) -> bool {
        true
    }
    fn at(_: f64) -> Option<Self> {
        None
    }
    fn text(look: &str) -> Option<&str> {
        Some(look)
    }
}

/// The finaliser of `MurmurHash3` (Appleby): every bit of the input reaches every bit of the hash.
#[inline]
fn mixed(x: u64) -> u64 {
    let x = x ^ 0x9e37_79b9_7f4a_7c15;
    let x = (x ^ (x >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let x = (x ^ (x >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    x ^ (x >> 33)
}

/// A hash of bytes, eight at a time, by folded multiplication (as wyhash does).
#[inline]
pub(crate) fn hash_bytes(bytes: &[u8]) -> u64 {
    const K: u64 = 0x2d35_8dcc_aa6c_78a5;
    let fold = |a: u64, b: u64| {
        let wide = u128::from(a) * u128::from(b);
        (wide as u64) ^ ((wide >> 64) as u64)
    };
    let mut hash = K ^ bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        hash = fold(hash ^ u64::from_le_bytes(word), 0x8bb8_4b93_962e_acc9).rotate_left(23);
    }
    let rest = chunks.remainder();
    let mut word = 0_u64;
    for byte in rest {
        word = (word << 8) | u64::from(*byte);
    }
    mixed(fold(hash ^ word, 0x4b33_a62e_d433_d4a3) ^ hash)
}
