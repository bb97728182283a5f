//! XML: records in elements. See `docs.md`.

mod config;
mod discover;
mod dtd;
mod error;
mod flatten;
mod input;
mod names;
pub(crate) mod read;
mod scan;
#[cfg(test)]
mod tests;
