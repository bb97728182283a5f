//! JSON documents and NDJSON. See `docs.md`.

mod block;
mod config;
mod discover;
mod error;
mod flatten;
pub(crate) mod read;
mod scan;
mod split;
#[cfg(test)]
mod tests;
pub(crate) mod write;

pub(crate) use write::{row_text, string};
