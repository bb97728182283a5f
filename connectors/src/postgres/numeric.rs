//! `numeric` as PostgreSQL sends it: digits to the base 10,000. See `numeric_send` in `src/backend/utils/adt/numeric.c`.

/// A number as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numeric {
    /// In units of `10^-scale`.
    Units(i128),
    /// Not a number.
    NaN,
    /// Larger than any number.
    Infinity,
    /// Smaller than any number.
    NegativeInfinity,
    /// It has more digits than the column keeps.
    Larger,
}

const POWERS: [i128; 39] = {
    let mut powers = [1_i128; 39];
    let mut at = 1;
    while at < 39 {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// Reads a number into units of `10^-scale` with at most `precision` digits; never rounded. `None`: it is garbled.
#[inline]
pub fn numeric(bytes: &[u8], precision: u8, scale: u8) -> Option<Numeric> {
    let (head, digits) = bytes.split_at_checked(8)?;
    let word = |at: usize| i16::from_be_bytes([head[at], head[at + 1]]);
    let (count, weight) = (word(0) as u16 as usize, i32::from(word(2)));
    let negative = match word(4) as u16 {
        0x0000 => false,
        0x4000 => true,
        0xC000 => return Some(Numeric::NaN),
        0xD000 => return Some(Numeric::Infinity),
        0xF000 => return Some(Numeric::NegativeInfinity),
        _ => return None,
    };
    if digits.len() != 2 * count {
        return None;
    }
    // The last digit stands for 10,000^(weight - count + 1).
    let shift = 4 * (weight - count as i32 + 1) + i32::from(scale);
    // Zeros that fill the last digit up are left out at once: with them a number of 38 places would be too large.
    let filled = if (-3..0).contains(&shift) { shift.unsigned_abs() as usize } else { 0 };
    let mut value = 0_i128;
    for (at, pair) in digits.chunks_exact(2).enumerate() {
        let digit = i128::from(i16::from_be_bytes([pair[0], pair[1]]));
        let next = match POWERS[filled] {
            zeros if filled > 0 && at + 1 == count => {
                let cut = (digit % zeros == 0).then(|| digit / zeros);
                cut.and_then(|cut| value.checked_mul(POWERS[4 - filled])?.checked_add(cut))
            }
            _ => value.checked_mul(10_000).and_then(|v| v.checked_add(digit)),
        };
        match next {
            Some(next) => value = next,
            None => return Some(Numeric::Larger),
        }
    }
    if value == 0 {
        return Some(Numeric::Units(0));
    }
    let shift = shift + filled as i32;
    let shifted = match (usize::try_from(shift), usize::try_from(-shift)) {
        (Ok(up), _) => POWERS.get(up).and_then(|power| value.checked_mul(*power)),
        (_, Ok(down)) => POWERS.get(down).and_then(|power| (value % power == 0).then(|| value / power)),
        _ => None,
    };
    let limit = POWERS.get(usize::from(precision)).copied().unwrap_or(i128::MAX);
    Some(shifted.filter(|v| *v < limit).map_or(Numeric::Larger, |v| Numeric::Units(if negative { -v } else { v })))
}

/// Appends a number in units of `10^-scale` as the server takes it, its length in front.
pub fn put(units: i128, scale: u8, out: &mut Vec<u8>) {
    let negative = units < 0;
    // Digits are groups of four on both sides of the point: the last one is filled up.
    let fill = (4 - usize::from(scale) % 4) % 4;
    let mut value = units.unsigned_abs();
    let mut digits = [0_i16; 12];
    let mut count = 0;
    if fill > 0 && value > 0 {
        let part = 10_u128.pow((4 - fill) as u32);
        digits[0] = (value % part) as i16 * 10_i16.pow(fill as u32);
        value /= part;
        count = 1;
    }
    while value > 0 {
        digits[count] = (value % 10_000) as i16;
        value /= 10_000;
        count += 1;
    }
    let last = -i32::from(scale.div_ceil(4));
    // Zeros at the end are left out; the scale says that they are there.
    let zeros = digits[..count].iter().take_while(|d| **d == 0).count();
    let sent = count - zeros;
    let weight = if sent == 0 { 0 } else { last + count as i32 - 1 };
    out.extend_from_slice(&(8 + 2 * sent as i32).to_be_bytes());
    out.extend_from_slice(&(sent as i16).to_be_bytes());
    out.extend_from_slice(&(weight as i16).to_be_bytes());
    out.extend_from_slice(&(if negative { 0x4000_u16 } else { 0 }).to_be_bytes());
    out.extend_from_slice(&i16::from(scale).to_be_bytes());
    for digit in digits[zeros..count].iter().rev() {
        out.extend_from_slice(&digit.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_sent_comes_back(units in -(10_i128.pow(38) - 1)..10_i128.pow(38), shift in 0_u32..38, scale in 0_u8..=38) {
            let units = units / 10_i128.pow(shift);
            let mut out = Vec::new();
            put(units, scale, &mut out);
            prop_assert_eq!(out[..4].to_vec(), (out.len() as i32 - 4).to_be_bytes().to_vec());
            prop_assert_eq!(numeric(&out[4..], 38, scale), Some(Numeric::Units(units)));
        }
    }

    fn sent(weight: i16, sign: u16, digits: &[i16]) -> Vec<u8> {
        let mut out = (digits.len() as i16).to_be_bytes().to_vec();
        out.extend(weight.to_be_bytes());
        out.extend(sign.to_be_bytes());
        out.extend(2_i16.to_be_bytes());
        out.extend(digits.iter().flat_map(|d| d.to_be_bytes()));
        out
    }

    #[test]
    fn numbers_come_exact_or_not_at_all() {
        let units = |v| Some(Numeric::Units(v));
        for (bytes, precision, scale, expected) in [
            (sent(0, 0, &[12, 3400]), 10, 2, units(1234)),
            (sent(0, 0x4000, &[12, 3400]), 10, 2, units(-1234)),
            (sent(0, 0, &[]), 10, 2, units(0)),
            (sent(-1, 0, &[500]), 10, 2, units(5)),
            (sent(1, 0, &[1]), 10, 2, units(1_000_000)),
            (sent(0, 0, &[12, 3450]), 10, 2, Some(Numeric::Larger)),
            (sent(2, 0, &[1]), 8, 2, Some(Numeric::Larger)),
            (sent(0, 0xC000, &[]), 10, 2, Some(Numeric::NaN)),
            (sent(0, 0xF000, &[]), 10, 2, Some(Numeric::NegativeInfinity)),
            (vec![0, 1, 0, 0], 10, 2, None),
        ] {
            assert_eq!(numeric(&bytes, precision, scale), expected, "{bytes:?}");
        }
        let most = sent(9, 0, &[99, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999]);
        assert_eq!(numeric(&most, 38, 0), units(10_i128.pow(38) - 1));
    }
}
