//! A TOML document whose every key and value knows where it stands.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};
use trommel_model::{Code, Outcome, Problem};

use super::explain::explain;
use super::text::TextFile;

/// A value with its position.
pub(crate) type Value<'f> = Spanned<DeValue<'f>>;

/// A TOML document that is taken apart: what is left at the end is read into one type.
pub(crate) struct Document<'f> {
    file: &'f TextFile,
    root: Spanned<DeTable<'f>>,
}

/// One step on the way to a value.
#[derive(Clone, Copy)]
pub(crate) enum Step<'k> {
    /// Into a table.
    Key(&'k str),
    /// Into a list.
    Item(usize),
}

impl<'f> Document<'f> {
    /// Reads the TOML of a file.
    pub fn parse(file: &'f TextFile) -> Outcome<Self> {
        match DeTable::parse(&file.toml) {
            Ok(root) => Ok(Self { file, root }),
            Err(e) => Err(not_toml(file, &e)),
        }
    }

    /// Takes a key and its value out.
    pub fn take(&mut self, key: &str) -> Option<Value<'f>> {
        self.root.get_mut().remove(key)
    }

    /// Takes these keys out, as a document of their own.
    pub fn split(&mut self, keys: &[&str]) -> Self {
        let span = self.root.span();
        let root = self.root.get_mut();
        let table = keys.iter().filter_map(|key| root.remove_entry(*key)).collect();
        Self { file: self.file, root: Spanned::new(span, table) }
    }

    /// Takes a list of tables out, for instance `[[checks]]`.
    pub fn take_tables(&mut self, key: &str) -> Outcome<Vec<Value<'f>>> {
        let Some(list) = self.take(key) else { return Ok(Vec::new()) };
        let span = list.span();
        match list.into_inner() {
            DeValue::Array(items) if items.iter().all(|i| i.get_ref().is_table()) => Ok(items.into_iter().collect()),
            _ => Err(self
                .file
                .fault(Code::BadToml, format!("\"{key}\" must be a list of tables"), span, "not a list of tables")
                .next(format!("write each one under a line [[{key}]]"))),
        }
    }

    /// Reads what is left. `also` are keys that were taken out before, for the list of valid keys.
    pub fn read<T: Deserialize<'f>>(self, also: &[&str]) -> Outcome<T> {
        let span = self.root.span();
        read(self.file, Spanned::new(span, DeValue::Table(self.root.into_inner())), also)
    }
}

/// Reads one value into a type.
pub(crate) fn read<'f, T: Deserialize<'f>>(file: &TextFile, value: Value<'f>, also: &[&str]) -> Outcome<T> {
    let asked = value.clone();
    T::deserialize(ValueDeserializer::from(value)).map_err(|e| {
        let again = |value: Value<'f>| T::deserialize(ValueDeserializer::from(value)).err().map(|e| e.message().to_owned());
        explain(file, &asked, &e, also, &again)
    })
}

/// Where a value of a file stands; the first line when there is no such value.
pub(crate) fn span_of(file: &TextFile, steps: &[Step]) -> Range<usize> {
    let walk = || {
        let root = DeTable::parse(&file.toml).ok()?;
        let span = root.span();
        let mut value = Spanned::new(span, DeValue::Table(root.into_inner()));
        for step in steps {
            value = match (step, value.into_inner()) {
                (Step::Key(key), DeValue::Table(mut table)) => table.remove(*key)?,
                (Step::Item(at), DeValue::Array(list)) => list.into_iter().nth(*at)?,
                _ => return None,
            };
        }
        Some(value.span())
    };
    walk().unwrap_or(0..file.text.len())
}

/// A fault about what a value says: `bad-config` at its place.
pub(crate) fn config_fault(file: &TextFile, steps: &[Step], what: impl Into<String>, label: &str) -> Problem {
    file.fault(Code::BadConfig, what, span_of(file, steps), label)
}

fn not_toml(file: &TextFile, error: &toml::de::Error) -> Problem {
    let span = error.span().unwrap_or(0..0);
    file.fault(Code::BadToml, "this is not valid TOML", span, error.message()).why(error.message())
}
