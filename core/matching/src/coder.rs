//! A column in the making: the texts of its cells by number, each distinct one kept once.

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, LargeStringArray, UInt32Array};
use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, UInt32Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use rustc_hash::FxHashMap;
use trommel_model::{Code, Outcome, Problem};

use crate::arrays::{Text, internal, whole_numbers};
use crate::intern::{combine, hash};

/// What people write where they have nothing to say.
const NOTHING: [&str; 7] = ["null", "n/a", "nan", "none", "-", "--", "unknown"];

/// Cells looked up together, so that what they wait for from memory comes at once.
const TOGETHER: usize = 64;

/// Numbers distinct texts from 1 in the order in which they first come; 0 is "missing".
#[derive(Debug)]
pub(crate) struct Coder {
    /// Where a hash points to: half of it, and the number of a text; 0 is free. Half of the slots at most are taken.
    slots: Vec<(u32, u32)>,
    /// All texts, one behind the other; number 0 is empty.
    texts: String,
    /// Where each begins, and the end of the last.
    starts: Vec<i64>,
    /// Numbers of whole numbers, which become texts once each.
    whole: FxHashMap<i64, u32>,
}

impl Default for Coder {
    fn default() -> Self {
        Self { slots: vec![(0, 0); 16], texts: String::new(), starts: vec![0, 0], whole: FxHashMap::default() }
    }
}

impl Coder {
    /// The numbers of a batch's cells; `each` hears of every cell that says something, with its row and a hash.
    pub fn code(&mut self, array: &ArrayRef, mut each: impl FnMut(usize, u64)) -> Outcome<Vec<u32>> {
        if let Some(numbers) = whole_cells(array)? {
            let texts = ArrayFormatter::try_new(array, &PLAIN).map_err(internal)?;
            let mut coded = vec![0; numbers.len()];
            let mut text = String::new();
            for (row, slot) in coded.iter_mut().enumerate().filter(|(row, _)| numbers.is_valid(*row)) {
                let number = numbers.value(row);
                each(row, of_whole(number));
                *slot = if let Some(&known) = self.whole.get(&number) {
                    known
                } else {
                    text.clear();
                    write!(text, "{}", texts.value(row)).map_err(|e| Problem::new(Code::Internal, e.to_string()))?;
                    let new = self.number(&text, hash(&text))?;
                    self.whole.insert(number, new);
                    new
                };
            }
            return Ok(coded);
        }
        let cells = Text::of(array)?;
        let mut coded = vec![0; cells.len()];
        let mut said: Vec<Cell<'_>> = Vec::with_capacity(TOGETHER);
        for (stretch, coded) in coded.chunks_mut(TOGETHER).enumerate() {
            said.clear();
            for at in 0..coded.len() {
                let row = stretch * TOGETHER + at;
                if let Some(text) = cells.get(row).and_then(said_of) {
                    let hash = hash(text);
                    each(row, hash);
                    said.push(Cell { at, text, hash, slot: self.slots[hash as usize & (self.slots.len() - 1)] });
                }
            }
            // Most cells are what their first slot says.
            for cell in &said {
                coded[cell.at] = if cell.slot.0 == half(cell.hash) { cell.slot.1 } else { 0 };
            }
            for cell in &said {
                if self.text(coded[cell.at]) != cell.text {
                    coded[cell.at] = self.number(cell.text, cell.hash)?;
                }
            }
        }
        Ok(coded)
    }

    fn text(&self, number: u32) -> &str {
        let at = number as usize;
        &self.texts[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    fn number(&mut self, text: &str, hash: u64) -> Outcome<u32> {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            match self.slots[at] {
                (_, 0) => break,
                (known, number) if known == half(hash) && self.text(number) == text => return Ok(number),
                _ => at = (at + 1) & mask,
            }
        }
        let new = self.starts.len() - 1;
        let number = u32::try_from(new).map_err(|_| Problem::new(Code::TooLarge, "a column has more than four billion different texts"))?;
        self.slots[at] = (half(hash), number);
        self.texts.push_str(text);
        self.starts.push(self.texts.len() as i64);
        if new * 2 >= self.slots.len() {
            self.grow();
        }
        Ok(number)
    }

    /// Twice as many slots.
    fn grow(&mut self) {
        let old = std::mem::take(&mut self.slots);
        self.slots = vec![(0, 0); old.len() * 2];
        let mask = self.slots.len() - 1;
        for number in 1..self.starts.len() as u32 - 1 {
            let hash = hash(self.text(number));
            let mut at = hash as usize & mask;
            while self.slots[at].1 != 0 {
                at = (at + 1) & mask;
            }
            self.slots[at] = (half(hash), number);
        }
    }

    /// The texts by number; what it takes to find a number again is given up.
    pub fn into_texts(self) -> Outcome<Arc<LargeStringArray>> {
        let Self { mut texts, mut starts, .. } = self;
        texts.shrink_to_fit();
        starts.shrink_to_fit();
        let null = std::iter::once(false).chain(std::iter::repeat_n(true, starts.len() - 2)).collect::<Vec<_>>();
        let starts = OffsetBuffer::new(ScalarBuffer::from(starts));
        let texts = Buffer::from_vec(texts.into_bytes());
        Ok(Arc::new(LargeStringArray::try_new(starts, texts, Some(null.into())).map_err(internal)?))
    }
}

/// A cell that says something.
struct Cell<'c> {
    /// Its place among those looked up together.
    at: usize,
    text: &'c str,
    hash: u64,
    /// What its hash points to.
    slot: (u32, u32),
}

/// Hears of every cell of a batch that says something, as [`Coder::code`] does, without numbering texts.
pub(crate) fn hash_cells(array: &ArrayRef, mut each: impl FnMut(usize, u64)) -> Outcome<()> {
    if let Some(numbers) = whole_cells(array)? {
        (0..numbers.len()).filter(|&row| numbers.is_valid(row)).for_each(|row| each(row, of_whole(numbers.value(row))));
        return Ok(());
    }
    let cells = Text::of(array)?;
    for (row, text) in (0..cells.len()).filter_map(|row| Some((row, cells.get(row).and_then(said_of)?))) {
        each(row, hash(text));
    }
    Ok(())
}

/// Numbers of texts as a column.
pub(crate) fn coded(numbers: Vec<u32>, texts: Arc<LargeStringArray>) -> Outcome<ArrayRef> {
    let numbers = UInt32Array::from(numbers);
    Ok(Arc::new(DictionaryArray::<UInt32Type>::try_new(numbers, texts).map_err(internal)?))
}

/// A column that says the same in so many rows; the empty text says nothing.
pub(crate) fn one_text(text: &str, rows: usize) -> Outcome<ArrayRef> {
    let mut coder = Coder::default();
    let number = if text.is_empty() { 0 } else { coder.number(text, hash(text))? };
    coded(vec![number; rows], coder.into_texts()?)
}

const PLAIN: FormatOptions<'static> = FormatOptions::new();

/// Cells that are whole numbers, days or times, as numbers.
fn whole_cells(array: &ArrayRef) -> Outcome<Option<arrow::array::Int64Array>> {
    if !whole_numbers(array.data_type()) {
        return Ok(None);
    }
    Ok(Some(cast(array, &DataType::Int64).map_err(internal)?.as_primitive::<Int64Type>().clone()))
}

fn of_whole(number: i64) -> u64 {
    combine(1, number as u64)
}

/// The half of a hash that does not say where its slot is.
fn half(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// A cell's text, unless it says nothing.
fn said_of(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && !NOTHING.iter().any(|n| text.eq_ignore_ascii_case(n))).then_some(text)
}

#[cfg(test)]
mod tests {
    use arrow::array::{Date32Array, StringArray};

    use super::*;

    fn coded_as(array: ArrayRef) -> (Vec<u32>, Vec<Option<String>>, Vec<u64>) {
        let mut coder = Coder::default();
        let mut hashes = vec![0; array.len()];
        let numbers = coder.code(&array, |row, hash| hashes[row] = hash).unwrap();
        let texts = coder.into_texts().unwrap();
        (numbers, texts.iter().map(|t| t.map(str::to_owned)).collect(), hashes)
    }

    #[test]
    fn equal_texts_have_one_number_and_nothing_has_none() {
        let cells = StringArray::from(vec![Some("b"), Some(" a "), None, Some("N/A"), Some("b"), Some(""), Some("a")]);
        let (numbers, texts, hashes) = coded_as(Arc::new(cells));
        assert_eq!(numbers, [1, 2, 0, 0, 1, 0, 2]);
        assert_eq!(texts, [None, Some("b".to_owned()), Some("a".to_owned())]);
        assert!(hashes[0] == hashes[4] && hashes[1] == hashes[6] && hashes[2] == 0 && hashes[0] != hashes[1]);
    }

    #[test]
    fn days_are_texts_once_and_hash_the_same_unnumbered() {
        let cells: ArrayRef = Arc::new(Date32Array::from(vec![Some(14_953), None, Some(14_953), Some(0)]));
        let (numbers, texts, hashes) = coded_as(cells.clone());
        assert_eq!(numbers, [1, 0, 1, 2]);
        assert_eq!(texts[1..], [Some("2010-12-10".to_owned()), Some("1970-01-01".to_owned())]);
        let mut again = vec![0; 4];
        hash_cells(&cells, |row, hash| again[row] = hash).unwrap();
        assert_eq!(again, hashes);
    }

    #[test]
    fn many_texts_keep_their_numbers_while_the_table_grows() {
        let mut coder = Coder::default();
        let cells: ArrayRef = Arc::new((0..50_000).map(|i| Some(format!("text {}", i % 20_000))).collect::<StringArray>());
        let numbers = coder.code(&cells, |_, _| {}).unwrap();
        assert!(numbers.iter().enumerate().all(|(row, &number)| number as usize == row % 20_000 + 1));
    }
}
