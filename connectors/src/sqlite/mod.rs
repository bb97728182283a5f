//! SQLite database files. See `docs.md`.

mod block;
mod config;
mod discover;
mod error;
mod image;
mod kinds;
mod outside;
mod pages;
pub(crate) mod read;
mod remote;
pub(crate) mod sink;
mod table_writer;
#[cfg(test)]
mod tests;
mod write;

pub use config::ident;
pub use discover::{only_table, table_facts, tables};
pub use table_writer::TableWriter;
pub use write::{Insert, write};

pub(crate) use remote::{Facts, Reader};
