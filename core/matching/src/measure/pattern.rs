//! One text prepared for being compared with many: where each character stands in it, as bits.

/// The longest text that fits into one word of bits.
pub(super) const WORD: usize = 64;

/// Positions of each character code in the prepared text.
pub(crate) struct Pattern {
    positions: Box<[u64; 256]>,
    codes: Vec<u8>,
    /// What the caller calls the prepared text; 0 when there is none.
    id: u32,
}

impl Default for Pattern {
    fn default() -> Self {
        Self { positions: Box::new([0; 256]), codes: Vec::with_capacity(WORD), id: 0 }
    }
}

impl Pattern {
    /// Prepares a text, unless it is the one already prepared. Texts longer than 64 characters are only kept.
    #[inline]
    pub fn prepare(&mut self, id: u32, codes: &[u8]) {
        if self.id == id && id != 0 {
            return;
        }
        for &code in &self.codes {
            self.positions[usize::from(code)] = 0;
        }
        self.codes.clear();
        self.codes.extend_from_slice(codes);
        self.id = id;
        if codes.len() <= WORD {
            for (at, &code) in codes.iter().enumerate() {
                self.positions[usize::from(code)] |= 1 << at;
            }
        }
    }

    /// The prepared text.
    #[inline]
    pub(super) fn codes(&self) -> &[u8] {
        &self.codes
    }

    /// Where a character stands, one bit a position. Only for texts of at most 64 characters.
    #[inline]
    pub(super) fn positions(&self, code: u8) -> u64 {
        self.positions[usize::from(code)]
    }
}
