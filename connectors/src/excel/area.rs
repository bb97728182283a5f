//! A rectangle of cells: `B3:F200`, `B:F`, `3:200`.

use trommel_model::Outcome;

use super::error;

/// The cells to read, both ends included, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// First row.
    pub top: u32,
    /// Last row.
    pub bottom: u32,
    /// First column.
    pub left: u32,
    /// Last column.
    pub right: u32,
}

impl Area {
    /// All cells of a sheet.
    pub const WHOLE: Self = Self { top: 0, bottom: u32::MAX, left: 0, right: u32::MAX };

    /// Reads a range as spreadsheets write it; `$` signs and a sheet's name before `!` are passed over.
    pub fn parse(text: &str) -> Outcome<Self> {
        let plain: String = text.rsplit('!').next().unwrap_or(text).chars().filter(|c| *c != '$' && !c.is_whitespace()).collect();
        let fault = || error::bad_range(text);
        let (from, to) = plain.split_once(':').unwrap_or((&plain, &plain));
        let (left, top) = corner(from).ok_or_else(fault)?;
        let (right, bottom) = corner(to).ok_or_else(fault)?;
        let area =
            Self { top: top.unwrap_or(0), bottom: bottom.unwrap_or(u32::MAX), left: left.unwrap_or(0), right: right.unwrap_or(u32::MAX) };
        let alike = top.is_some() == bottom.is_some() && left.is_some() == right.is_some();
        if alike && area.top <= area.bottom && area.left <= area.right { Ok(area) } else { Err(fault()) }
    }

    /// True when a cell lies in it.
    #[inline]
    pub fn contains(&self, row: u32, column: u32) -> bool {
        row >= self.top && row <= self.bottom && column >= self.left && column <= self.right
    }
}

/// Column and row of `B3`, `B` or `3`, from 0.
fn corner(text: &str) -> Option<(Option<u32>, Option<u32>)> {
    let split = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
    let (letters, digits) = text.split_at(split);
    if text.is_empty() || letters.len() > 3 || !letters.chars().all(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    let column = letters.bytes().fold(0_u32, |sum, b| sum * 26 + u32::from(b.to_ascii_uppercase() - b'A') + 1);
    let row = if digits.is_empty() { None } else { Some(digits.parse::<u32>().ok()?.checked_sub(1)?) };
    Some((column.checked_sub(1), row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (text, (top, bottom, left, right)) in [
            ("B3:F200", (2, 199, 1, 5)),
            ("$b$3:$f$200", (2, 199, 1, 5)),
            ("Sheet1!A1:A1", (0, 0, 0, 0)),
            ("A1", (0, 0, 0, 0)),
            ("B:F", (0, u32::MAX, 1, 5)),
            ("3:200", (2, 199, 0, u32::MAX)),
            ("XFD1:XFD9", (0, 8, 16_383, 16_383)),
        ] {
            assert_eq!(Area::parse(text).unwrap(), Area { top, bottom, left, right }, "{text}");
        }
        for bad in ["", ":", "B3:", "F2:B3", "B0:C3", "B3:F", "ABCD1", "1B", "B3:F2", "é1:é2"] {
            assert!(Area::parse(bad).is_err(), "{bad}");
        }
    }
}
