//! The rows of a file as they come, part by part, turned into coded columns at once: no row is kept as text.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Int64Type, Schema};
use rayon::prelude::*;
use trommel_model::Outcome;

use crate::coder::{Coder, coded, hash_cells, one_text};
use crate::files::{FILE, RECORD};
use crate::intern::{combine, hash};
use crate::plan::POSITION_COLUMNS;

/// The column that says where a row begins in its file, where its format has lines.
const LINE: &str = "_line";

/// A file, read.
#[derive(Debug, Clone)]
pub struct FileTable {
    /// As it is called in the crosswalk.
    pub name: String,
    /// Its columns by name; coded, or without values where nobody looks at them.
    pub(crate) columns: Vec<(String, Option<ArrayRef>)>,
    /// A hash of what each row says, whatever the order of its columns.
    pub(crate) contents: Arc<Vec<u64>>,
}

/// Takes the rows of a file in. Parts may come from several threads; the batches of one part come in order.
#[derive(Debug)]
pub struct Intake {
    name: String,
    wanted: Option<HashSet<String>>,
    columns: Mutex<Option<Arc<Vec<Column>>>>,
    parts: Mutex<BTreeMap<usize, Part>>,
}

#[derive(Debug)]
struct Column {
    name: String,
    /// Its place in the batches.
    at: usize,
    /// What the hashes of its cells begin with.
    salt: u64,
    /// None where nobody looks at it.
    coder: Option<Mutex<Coder>>,
}

/// What came of one part so far.
#[derive(Debug, Default)]
struct Part {
    rows: usize,
    /// For each column its numbers, batch after batch.
    numbers: Vec<Vec<Vec<u32>>>,
    contents: Vec<Vec<u64>>,
    /// Rows from which on lines count up by one, and the line of each.
    lines: Vec<(usize, u64)>,
}

impl Intake {
    /// Nothing yet of the file that the crosswalk calls so.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), wanted: None, columns: Mutex::default(), parts: Mutex::default() }
    }

    /// Only these columns are looked at; of the others no more is kept than that rows differ in them.
    #[must_use]
    pub fn only(self, wanted: impl IntoIterator<Item = String>) -> Self {
        Self { wanted: Some(wanted.into_iter().collect()), ..self }
    }

    /// Says which columns will come. Those that say where a row stands are none of the file's.
    pub fn open(&self, schema: &Schema) {
        let mut columns = locked(&self.columns);
        if columns.is_none() {
            *columns = Some(Arc::new(self.columns_of(schema)));
        }
    }

    fn columns_of(&self, schema: &Schema) -> Vec<Column> {
        let own = (0..).zip(schema.fields()).filter(|(_, field)| !POSITION_COLUMNS.contains(&field.name().as_str()));
        let mut taken = Names::default();
        let column = |(at, field): (usize, &arrow::datatypes::FieldRef)| {
            let name = field.name().trim().to_owned();
            let unique = taken.unique(&name);
            let looked_at = self.wanted.as_ref().is_none_or(|wanted| wanted.contains(&unique));
            Column { at, salt: hash(&unique), coder: looked_at.then(Mutex::default), name }
        };
        own.map(column).collect()
    }

    /// Takes in rows of a part.
    pub fn batch(&self, part: usize, batch: &RecordBatch) -> Outcome<()> {
        self.open(&batch.schema());
        let Some(columns) = locked(&self.columns).clone() else { return Ok(()) };
        let rows = batch.num_rows();
        // Added up, so that it does not matter in which order columns stand.
        let taken: Vec<(Vec<u32>, Vec<u64>)> = columns
            .par_iter()
            .with_max_len(1)
            .map(|column| {
                let mut contents = vec![0_u64; rows];
                let note = |row: usize, hash: u64| contents[row] = combine(column.salt, hash);
                let array = batch.column(column.at);
                let numbers = match &column.coder {
                    Some(coder) => locked(coder).code(array, note)?,
                    None => hash_cells(array, note).map(|()| Vec::new())?,
                };
                Ok((numbers, contents))
            })
            .collect::<Outcome<_>>()?;
        let mut said = vec![1_u64; rows];
        for (_, contents) in &taken {
            said.iter_mut().zip(contents).for_each(|(all, one)| *all = all.wrapping_add(*one));
        }
        let lines = lines(batch);
        let mut parts = locked(&self.parts);
        let part = parts.entry(part).or_default();
        part.numbers.resize_with(columns.len(), Vec::new);
        for (of_column, (numbers, _)) in part.numbers.iter_mut().zip(taken) {
            of_column.push(numbers);
        }
        part.contents.push(said);
        part.lines.extend(lines.into_iter().map(|(row, line)| (part.rows + row, line)));
        part.rows += rows;
        Ok(())
    }

    /// The file. `held` are the lines of rows that could not be read, in rising order: they stand at their places and
    /// say nothing, so that rows keep their numbers.
    pub fn finish(self, held: &[u64]) -> Outcome<FileTable> {
        let columns = self.columns.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or_default();
        let mut parts = self.parts.into_inner().unwrap_or_else(PoisonError::into_inner);
        let rows: usize = parts.values().map(|part| part.rows).sum();
        let gaps = gaps(parts.values(), held);
        let contents = joined(parts.values_mut().flat_map(|part| std::mem::take(&mut part.contents)), rows, &gaps, 1);
        let mut named = Vec::with_capacity(columns.len());
        // Nobody else has the columns any more.
        for (at, column) in Arc::into_inner(columns).into_iter().flatten().enumerate() {
            let array = match column.coder.map(|coder| coder.into_inner().unwrap_or_else(PoisonError::into_inner)) {
                None => None,
                Some(coder) => {
                    let numbers = parts.values_mut().flat_map(|part| part.numbers.get_mut(at).map(std::mem::take).unwrap_or_default());
                    Some(coded(joined(numbers, rows, &gaps, 0), coder.into_texts()?)?)
                }
            };
            named.push((column.name, array));
        }
        Ok(FileTable { name: self.name, columns: named, contents: Arc::new(contents) })
    }
}

impl FileTable {
    /// A file that is in memory already.
    pub fn of(name: &str, batches: &[RecordBatch]) -> Outcome<Self> {
        let intake = Intake::new(name);
        batches.iter().try_for_each(|batch| intake.batch(0, batch))?;
        intake.finish(&[])
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.contents.len()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.columns.iter().map(|(name, _)| name.clone()).collect()
    }

    /// A column, coded.
    pub(crate) fn column(&self, at: usize) -> Outcome<ArrayRef> {
        match self.columns.get(at).and_then(|(_, array)| array.as_ref()) {
            Some(array) => Ok(array.clone()),
            None => one_text("", self.rows()),
        }
    }
}

/// Names of columns, each made different from those before it and from those that every table of files has.
#[derive(Debug)]
pub(crate) struct Names(HashSet<String>);

impl Default for Names {
    fn default() -> Self {
        Self(HashSet::from([RECORD.to_owned(), FILE.to_owned()]))
    }
}

impl Names {
    /// The name, or with the first number behind it that makes it another one.
    pub fn unique(&mut self, name: &str) -> String {
        let numbered = (2..).map(|n| format!("{name}_{n}"));
        let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| !self.0.contains(name)).unwrap_or_default();
        self.0.insert(free.clone());
        free
    }
}

/// Rows of a batch from which on lines count up by one, and the line of each.
fn lines(batch: &RecordBatch) -> Vec<(usize, u64)> {
    let Some(lines) = batch.column_by_name(LINE).filter(|c| c.data_type() == &DataType::Int64) else { return Vec::new() };
    let mut runs: Vec<(usize, u64)> = Vec::new();
    for (row, &line) in lines.as_primitive::<Int64Type>().values().iter().enumerate() {
        let line = line as u64;
        if runs.last().is_none_or(|(from, first)| first + (row - from) as u64 != line) {
            runs.push((row, line));
        }
    }
    runs
}

/// For each held line the row in front of which it stands.
fn gaps<'p>(parts: impl Iterator<Item = &'p Part>, held: &[u64]) -> Vec<usize> {
    if held.is_empty() {
        return Vec::new();
    }
    let (mut runs, mut rows) = (Vec::new(), 0);
    for part in parts {
        runs.extend(part.lines.iter().map(|(row, line)| (rows + row, *line)));
        rows += part.rows;
    }
    let ends: Vec<usize> = runs.iter().skip(1).map(|(row, _)| *row).chain([rows]).collect();
    let mut gaps = Vec::with_capacity(held.len());
    let mut at = 0;
    for &line in held {
        // The first row whose line is not before it.
        while at < runs.len() && runs[at].1 + (ends[at] - runs[at].0) as u64 <= line {
            at += 1;
        }
        gaps.push(runs.get(at).map_or(rows, |(row, first)| row + line.saturating_sub(*first) as usize));
    }
    gaps
}

/// Stretches one behind the other, with something else in front of the rows that have a gap before them.
fn joined<T: Copy>(stretches: impl Iterator<Item = Vec<T>>, rows: usize, gaps: &[usize], else_: T) -> Vec<T> {
    let mut all = Vec::with_capacity(rows + gaps.len());
    let (mut seen, mut gaps) = (0, gaps.iter().copied().peekable());
    for stretch in stretches {
        let mut from = 0;
        while let Some(gap) = gaps.next_if(|&gap| gap < seen + stretch.len()) {
            all.extend_from_slice(&stretch[from..gap - seen]);
            all.push(else_);
            from = gap - seen;
        }
        all.extend_from_slice(&stretch[from..]);
        seen += stretch.len();
    }
    all.extend(gaps.map(|_| else_));
    all
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, StringArray};
    use arrow::datatypes::Field;

    use super::*;
    use crate::arrays::Text;

    fn batch(rows: &[(&str, &str, i64)]) -> RecordBatch {
        let texts = |of: fn(&(&str, &str, i64)) -> String| Arc::new(StringArray::from_iter_values(rows.iter().map(of))) as ArrayRef;
        let lines = Arc::new(Int64Array::from_iter_values(rows.iter().map(|r| r.2)));
        let field = |name: &str| Field::new(name, DataType::Utf8, true);
        let schema = Schema::new(vec![field("a"), field("b"), Field::new(LINE, DataType::Int64, false)]);
        RecordBatch::try_new(Arc::new(schema), vec![texts(|r| r.0.to_owned()), texts(|r| r.1.to_owned()), lines]).unwrap()
    }

    fn cells(table: &FileTable, at: usize) -> Vec<String> {
        let texts = Text::of(&table.column(at).unwrap()).unwrap();
        (0..texts.len()).map(|row| texts.get(row).unwrap_or("·").to_owned()).collect()
    }

    #[test]
    fn parts_come_in_any_order_and_held_rows_keep_their_places() {
        for held in [vec![], vec![1], vec![4, 5], vec![9], vec![1, 4, 5, 9]] {
            let intake = Intake::new("x");
            intake.batch(1, &batch(&[("c", "3", 6), ("a", "1", 7)])).unwrap();
            intake.batch(0, &batch(&[("a", "1", 2), ("b", "2", 3)])).unwrap();
            intake.batch(1, &batch(&[("d", "4", 8)])).unwrap();
            let table = intake.finish(&held).unwrap();
            let mut expected: Vec<(u64, &str)> = vec![(2, "a"), (3, "b"), (6, "c"), (7, "a"), (8, "d")];
            expected.extend(held.iter().map(|line| (*line, "·")));
            expected.sort_unstable();
            assert_eq!(cells(&table, 0), expected.iter().map(|e| e.1.to_owned()).collect::<Vec<_>>(), "{held:?}");
            assert_eq!(table.rows(), 5 + held.len());
        }
    }

    #[test]
    fn what_is_not_looked_at_still_tells_rows_apart() {
        let rows = [("a", "1", 1), ("a", "2", 2), ("a", "1", 3)];
        let intake = Intake::new("x").only(["a".to_owned()]);
        intake.batch(0, &batch(&rows)).unwrap();
        let some = intake.finish(&[]).unwrap();
        let all = FileTable::of("y", &[batch(&rows)]).unwrap();
        assert_eq!(some.contents, all.contents);
        assert!(all.contents[0] == all.contents[2] && all.contents[0] != all.contents[1]);
        assert_eq!((cells(&some, 0), cells(&some, 1)), (cells(&all, 0), vec!["·".to_owned(); 3]));
        assert_eq!(all.names(), ["a", "b"]);
    }

    #[test]
    fn names_that_come_twice_are_told_apart() {
        let mut names = Names::default();
        let found: Vec<String> = ["a", "a_2", "a", "a"].iter().map(|name| names.unique(name)).collect();
        assert_eq!(found, ["a", "a_2", "a_3", "a_4"]);
    }
}
