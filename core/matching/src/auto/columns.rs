//! What a column holds, told from its values alone, and how such values are compared.

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use trommel_model::{Comparison, Measure, Normaliser, Outcome};

use crate::arrays::Text;
use crate::files::Union;
use crate::intern::hash;
use crate::normalise::{days, number};
use crate::plan::MAX_LEARNED;

/// Rows looked at, about; they are chosen by their content.
const LOOKED_AT: usize = 50_000;
/// A column with fewer values than this share of its rows says too little.
const FILLED: f64 = 0.02;
/// Shares of values from which on a column is of a kind.
const MOST: f64 = 0.8;
/// Columns compared at most.
const MOST_COMPARISONS: usize = 24;
/// Texts of which this share of all rows has a number in it are compared by their numbers as well.
const NUMBERED: f64 = 0.25;
const PLAIN: [Normaliser; 3] = [Normaliser::Lower, Normaliser::Ascii, Normaliser::Alphanumeric];

/// What a column is to a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Too few values, or only one: says nothing.
    Nothing,
    /// Numbers the rows.
    RowId,
    /// A name, a place, a category: a word or two.
    Name,
    /// A title, an address, a description: several words.
    Text,
    /// Digits or letters and digits that identify: a postcode, a national id, a year.
    Code,
    /// A telephone number.
    Phone,
    /// An e-mail address.
    Email,
    /// A day.
    Date,
    /// An amount.
    Number,
}

/// A column with what was seen of it.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub name: String,
    pub role: Role,
    /// Share of the rows that have a value.
    pub filled: f64,
    /// Distinct values by values.
    pub distinct: f64,
    /// Mean length of a value in characters.
    pub length: f64,
    /// Share of the rows whose value has a digit in it.
    pub numbered: f64,
}

/// All columns of the files, in order.
pub(crate) fn columns(union: &Union) -> Outcome<Vec<Column>> {
    let Some(first) = union.batches.first() else { return Ok(Vec::new()) };
    let schema = first.schema();
    let one_of = union.rows().div_ceil(LOOKED_AT).max(1) as i64;
    (2..schema.fields().len()).into_par_iter().map(|at| look(union, at, schema.field(at).name(), one_of)).collect()
}

/// Counts over the values of a column.
#[derive(Default)]
struct Seen {
    rows: usize,
    values: usize,
    distinct: FxHashSet<u64>,
    /// True while no file has a value twice.
    unique: bool,
    characters: usize,
    squares: usize,
    words: usize,
    digits: usize,
    /// Values with a digit.
    numbered: usize,
    letters: usize,
    emails: usize,
    dates: usize,
    /// Numbers without letters around them.
    numbers: usize,
    fractions: usize,
    /// Values with seven digits or more and no more than a few letters.
    phones: usize,
    /// Values of one word with a digit in it.
    coded: usize,
    /// The same without any letter.
    whole: usize,
    smallest: f64,
    largest: f64,
}

fn look(union: &Union, at: usize, name: &str, one_of: i64) -> Outcome<Column> {
    let mut seen = Seen { unique: true, smallest: f64::MAX, largest: f64::MIN, ..Seen::default() };
    for batch in &union.batches {
        let ids = batch.column(0).as_primitive::<Int64Type>();
        let cells = Text::of(batch.column(at))?;
        let mut own = FxHashSet::default();
        for row in 0..batch.num_rows() {
            if ids.value(row) % one_of != 0 {
                continue;
            }
            seen.rows += 1;
            if let Some(text) = cells.get(row) {
                seen.unique &= own.insert(hash(text));
                seen.see(text);
            }
        }
    }
    let values = seen.values.max(1) as f64;
    Ok(Column {
        name: name.to_owned(),
        role: seen.role(),
        filled: seen.values as f64 / seen.rows.max(1) as f64,
        distinct: seen.distinct.len() as f64 / values,
        length: seen.characters as f64 / values,
        numbered: seen.numbered as f64 / seen.rows.max(1) as f64,
    })
}

impl Seen {
    fn see(&mut self, text: &str) {
        self.values += 1;
        self.distinct.insert(hash(text));
        let (mut characters, mut digits, mut letters) = (0, 0, 0);
        for c in text.chars() {
            characters += 1;
            digits += usize::from(c.is_ascii_digit());
            letters += usize::from(c.is_alphabetic());
        }
        self.characters += characters;
        self.squares += characters * characters;
        self.digits += digits;
        self.numbered += usize::from(digits > 0);
        self.letters += letters;
        let words = text.split_whitespace().count();
        self.words += words;
        self.emails += usize::from(text.contains('@') && words == 1);
        self.phones += usize::from((7..=16).contains(&digits) && letters <= 4 && letters * 2 < digits);
        self.coded += usize::from(digits > 0 && words <= 2 && digits * 2 >= letters);
        self.whole += usize::from(digits == characters);
        if digits > 0 && characters <= 40 {
            let separated = text.contains(['-', '/', '.', ' ', ',']);
            let dated = (separated && digits >= 4 || digits == 8 && characters == 8) && days(text).is_some();
            self.dates += usize::from(dated);
            if letters == 0
                && let Some(n) = number(text)
            {
                self.numbers += 1;
                self.fractions += usize::from(text.trim_end_matches(|c: char| !c.is_ascii_digit()).contains(['.', ',']));
                self.smallest = self.smallest.min(n);
                self.largest = self.largest.max(n);
            }
        }
    }

    fn role(&self) -> Role {
        let values = self.values as f64;
        let most = |n: usize| n as f64 >= MOST * values;
        if values < FILLED * self.rows as f64 || self.values < 2 || self.distinct.len() < 2 {
            return Role::Nothing;
        }
        let mean = |n: usize| n as f64 / values;
        let spread = (mean(self.squares) - mean(self.characters).powi(2)).max(0.0).sqrt();
        if self.unique && self.values == self.rows && self.values > 20 && mean(self.words) < 1.2 && self.numbers_rows(spread) {
            return Role::RowId;
        }
        if most(self.emails) {
            return Role::Email;
        }
        if most(self.dates) {
            return Role::Date;
        }
        if most(self.phones) && mean(self.digits) >= 9.0 {
            return Role::Phone;
        }
        if most(self.numbers)
            && (self.fractions as f64 > 0.2 * values || mean(self.digits) > 1.0 && spread > 0.7 && self.distinct.len() > 30)
        {
            // Codes of one length are no amounts; whole numbers of many lengths may be.
            let amounts = self.fractions as f64 > 0.2 * values;
            return if amounts || spread > 1.5 { Role::Number } else { Role::Code };
        }
        if most(self.coded) {
            return Role::Code;
        }
        if mean(self.words) > 2.2 || mean(self.characters) > 24.0 { Role::Text } else { Role::Name }
    }

    /// True when values that never repeat are whole numbers without many gaps, or codes of digits behind a word.
    fn numbers_rows(&self, spread: f64) -> bool {
        if self.whole == self.values {
            return self.largest - self.smallest < 20.0 * self.rows as f64;
        }
        self.digits * 4 >= self.characters && self.fractions == 0 && self.emails == 0 && self.dates * 2 < self.values && spread < 8.0
    }
}

impl Column {
    /// What was seen and what follows, for a person.
    pub fn reason(&self) -> String {
        let kind = match self.role {
            Role::Nothing => "says too little and is left out",
            Role::RowId => "numbers the rows and is left out",
            Role::Name => "holds names",
            Role::Text => "holds texts",
            Role::Code => "holds codes",
            Role::Phone => "holds telephone numbers",
            Role::Email => "holds e-mail addresses",
            Role::Date => "holds days",
            Role::Number => "holds amounts",
        };
        let numbers = if self.has_numbers() { ", the numbers in them are compared by themselves too" } else { "" };
        let (filled, distinct) = (self.filled * 100.0, self.distinct * 100.0);
        format!("\"{}\" {kind}{numbers}: {filled:.0} % filled, {distinct:.0} % of the values distinct", self.name)
    }

    /// True for texts with numbers: versions, sizes, house numbers tell apart what is written alike.
    fn has_numbers(&self) -> bool {
        self.role == Role::Text && self.numbered >= NUMBERED
    }

    /// How its values are made comparable.
    pub fn normalisers(&self) -> Vec<Normaliser> {
        match self.role {
            Role::Email => vec![Normaliser::Email],
            Role::Phone => vec![Normaliser::Phone],
            Role::Date => vec![Normaliser::Date],
            Role::Number => Vec::new(),
            _ => PLAIN.to_vec(),
        }
    }

    fn comparison(&self) -> Comparison {
        let (method, levels): (Measure, &[f64]) = match self.role {
            Role::Text => (Measure::Qgram, &[0.9, 0.75, 0.6, 0.45, 0.3]),
            Role::Number => (Measure::Ratio, &[0.98, 0.9, 0.7]),
            Role::Date => (Measure::Damerau, &[0.89, 0.79]),
            Role::Email => (Measure::JaroWinkler, &[0.94, 0.85]),
            Role::Phone => (Measure::Damerau, &[0.88, 0.75]),
            Role::Code if self.length < 3.0 => (Measure::Exact, &[]),
            Role::Code if self.length < 5.0 => (Measure::Damerau, &[0.7]),
            Role::Code => (Measure::Damerau, &[0.83, 0.65]),
            _ if self.length < 3.0 => (Measure::Exact, &[]),
            _ => (Measure::JaroWinkler, &[0.94, 0.88, 0.8]),
        };
        Comparison { normalise: self.normalisers(), levels: levels.to_vec(), ..Comparison::new(&self.name, method) }
    }

    fn numbers(&self) -> Comparison {
        let levels = vec![0.5, 0.3];
        Comparison { normalise: vec![Normaliser::Numbers], levels, ..Comparison::new(&self.name, Measure::TokenSet) }
    }
}

/// A comparison for each column that says something, of too many those that tell rows apart best; then those of the
/// numbers in texts.
pub(crate) fn comparisons(columns: &[Column]) -> Vec<Comparison> {
    let mut used: Vec<&Column> = columns.iter().filter(|c| !matches!(c.role, Role::Nothing | Role::RowId)).collect();
    if used.len() > MOST_COMPARISONS {
        let mut by_worth = used.clone();
        by_worth.sort_by(|a, b| (b.filled * b.distinct).total_cmp(&(a.filled * a.distinct)).then_with(|| a.name.cmp(&b.name)));
        by_worth.truncate(MOST_COMPARISONS);
        used.retain(|c| by_worth.iter().any(|w| w.name == c.name));
    }
    let numbers = used.iter().filter(|c| c.has_numbers()).map(|c| c.numbers());
    used.iter().map(|c| c.comparison()).chain(numbers).take(MAX_LEARNED).collect()
}
