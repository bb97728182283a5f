//! MySQL and MariaDB. See `docs.md`.

mod binary;
mod config;
mod discover;
mod error;
mod fill;
mod read;
mod remote;
mod split;
#[cfg(test)]
mod split_tests;
mod target;
#[cfg(test)]
mod tests;
mod types;
pub(crate) mod write;
#[cfg(test)]
mod write_tests;

pub(crate) use config::{Session, ident};
pub(crate) use discover::{list, tables};
pub(crate) use fill::fill;
pub(crate) use read::read;
pub(crate) use remote::{Facts, Reader};
