//! The values a person gave for the arguments of an entry.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use trommel_model::{Code, Outcome, Problem, did_you_mean};

/// Values by argument name. A flag that is given has one value, `true`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Values(BTreeMap<String, Vec<String>>);

impl Values {
    /// Adds one value.
    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        self.0.entry(name.to_owned()).or_default().push(value.into());
    }

    /// Puts one value in the place of all there are; an empty one takes them away.
    pub fn set(&mut self, name: &str, value: &str) {
        if value.trim().is_empty() {
            self.0.remove(name);
        } else {
            self.0.insert(name.to_owned(), vec![value.to_owned()]);
        }
    }

    /// The names of all that is said.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Takes what another says in the place of what is said here.
    pub fn take_over(&mut self, other: &Self) {
        self.0.extend(other.0.iter().map(|(name, values)| (name.clone(), values.clone())));
    }

    /// The words of a list: given one by one, or apart by commas.
    pub fn list(&self, name: &str) -> Vec<String> {
        let all = self.0.get(name).into_iter().flatten();
        all.flat_map(|v| v.split(',')).map(str::trim).filter(|v| !v.is_empty()).map(str::to_owned).collect()
    }

    /// Yes or no, if it was said.
    pub fn yes_or_no(&self, name: &str) -> Outcome<Option<bool>> {
        Ok(match self.get(name) {
            None => None,
            Some("yes" | "true" | "1") => Some(true),
            Some("no" | "false" | "0") => Some(false),
            Some(other) => {
                return Err(Problem::new(Code::Usage, format!("{name} is neither yes nor no: \"{other}\"")).next("write yes or no"));
            }
        })
    }

    /// One of several words, if one was said.
    pub fn one_of<T: Copy>(&self, name: &str, known: &[(&str, T)]) -> Outcome<Option<T>> {
        let Some(text) = self.get(name) else { return Ok(None) };
        if let Some((_, value)) = known.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)) {
            return Ok(Some(*value));
        }
        let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        let hint = did_you_mean(text, words.iter().copied());
        let next = if hint.is_empty() { format!("use {}", words.join(", ")) } else { hint };
        Err(Problem::new(Code::Usage, format!("{name} cannot be \"{text}\"")).next(next))
    }

    /// The value of an argument, if one was given.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.first().map(String::as_str)
    }

    /// All values of an argument.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0.get(name).cloned().unwrap_or_default()
    }

    /// The value of an argument that must be given.
    pub fn required(&self, name: &str) -> Outcome<String> {
        self.get(name).map(str::to_owned).ok_or_else(|| Problem::new(Code::Usage, format!("{name} is missing")))
    }

    /// True when a flag was given.
    pub fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|v| v == "true" || v == "1")
    }

    /// A value as a path.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }

    /// A value as a number, if it was given.
    pub fn number<T: FromStr>(&self, name: &str) -> Outcome<Option<T>> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let plain: String = text.chars().filter(|c| !matches!(c, '_' | ',')).collect();
        plain.parse().map(Some).map_err(|_| {
            Problem::new(Code::Usage, format!("{name} is not a number in range: \"{text}\"")).next("write digits, for instance 1000000")
        })
    }
}
