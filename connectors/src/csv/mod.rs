//! Delimited text: CSV, TSV and everything of that kind. See `docs.md`.

#[cfg(test)]
mod bad_input;
mod block;
mod config;
mod discover;
mod error;
pub(crate) mod fields;
mod locate;
pub(crate) mod read;
mod record;
mod repair;
mod scan;
mod sniff;
mod survey;
#[cfg(test)]
mod tests;
mod understand;
mod window;
pub(crate) mod write;

pub(crate) use config::Long;
pub use config::{Dialect, Newline};
pub use discover::{Description, describe, sniff};
