//! Finds the bytes that matter in delimited text: delimiters, quotes, escapes and line ends.
//!
//! Sixty-four bytes at a time become one bit mask, computed on machine words ("SIMD within a register", after Mycroft's
//! zero-byte test as given in Warren, Hacker's Delight, 2nd ed., §6-1), so that the parser jumps from one such byte
//! to the next without looking at what lies between.

/// The low seven bits of every byte of a word.
const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;

/// Walks over the positions of the wanted bytes, in order.
#[derive(Debug, Clone)]
pub struct Scan<'a> {
    text: &'a [u8],
    wanted: [u64; 5],
    count: usize,
    /// Where the block of `mask` starts.
    base: usize,
    mask: u64,
}

impl<'a> Scan<'a> {
    /// Looks for up to five different bytes from `start` on.
    pub fn new(text: &'a [u8], bytes: &[u8], start: usize) -> Self {
        // Places left over repeat the first byte, which changes nothing.
        let word = |at: usize| u64::from_ne_bytes([bytes.get(at).or(bytes.first()).copied().unwrap_or(b'\n'); 8]);
        let mut scan = Self { text, wanted: std::array::from_fn(word), count: bytes.len(), base: 0, mask: 0 };
        scan.seek(start);
        scan
    }

    /// Continues at another position.
    pub fn seek(&mut self, start: usize) {
        self.base = start & !63;
        self.mask = if self.base < self.text.len() { self.load() & (u64::MAX << (start & 63)) } else { 0 };
    }

    /// The next position; the text's length when there is none.
    #[inline]
    pub fn advance(&mut self) -> usize {
        while self.mask == 0 {
            self.base += 64;
            if self.base >= self.text.len() {
                self.base = self.text.len() & !63;
                return self.text.len();
            }
            self.mask = self.load();
        }
        let at = self.base + self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        at
    }

    #[inline]
    fn load(&self) -> u64 {
        match self.text.get(self.base..self.base + 64).and_then(|b| b.first_chunk::<64>()) {
            Some(block) => self.mask_of(block),
            None => self.load_last(),
        }
    }

    #[cold]
    fn load_last(&self) -> u64 {
        let rest = &self.text[self.base..];
        let mut block = [0_u8; 64];
        block[..rest.len()].copy_from_slice(rest);
        self.mask_of(&block) & ((1_u64 << rest.len()) - 1)
    }

    #[inline]
    fn mask_of(&self, block: &[u8; 64]) -> u64 {
        match self.count {
            0..=3 => self.mask_with::<3>(block),
            4 => self.mask_with::<4>(block),
            _ => self.mask_with::<5>(block),
        }
    }

    #[inline]
    fn mask_with<const N: usize>(&self, block: &[u8; 64]) -> u64 {
        let mut mask = 0;
        for (at, bytes) in block.as_chunks::<8>().0.iter().enumerate() {
            let word = u64::from_le_bytes(*bytes);
            let mut found = 0;
            for wanted in &self.wanted[..N] {
                let different = word ^ wanted;
                found |= !(((different & LOW) + LOW) | different | LOW);
            }
            // Gathers the top bits of eight bytes into one byte.
            mask |= (found.wrapping_mul(0x0002_0408_1020_4081) >> 56) << (at * 8);
        }
        mask
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(text: &[u8], bytes: &[u8], start: usize) -> Vec<usize> {
        let mut scan = Scan::new(text, bytes, start);
        std::iter::from_fn(|| Some(scan.advance()).filter(|at| *at < text.len())).collect()
    }

    proptest! {
        #[test]
        fn the_same_as_looking_at_each_byte(text in proptest::collection::vec(prop_oneof![Just(b','), Just(b'"'), Just(b'\n'), any::<u8>()], 0..300), start in 0_usize..310) {
            let bytes = b",\"\n";
            let plain: Vec<usize> = (start..text.len()).filter(|at| bytes.contains(&text[*at])).collect();
            prop_assert_eq!(all(&text, bytes, start), plain);
        }
    }

    #[test]
    fn the_end_is_reached_again_and_again() {
        let mut scan = Scan::new(b"a,b", b",", 0);
        assert_eq!([scan.advance(), scan.advance(), scan.advance()], [1, 3, 3]);
        assert_eq!(Scan::new(b"", b",", 0).advance(), 0);
    }
}
