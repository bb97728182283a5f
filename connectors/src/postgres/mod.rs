//! PostgreSQL, and servers that speak its protocol. See `docs.md`.

mod config;
mod copy;
mod discover;
mod encode;
mod error;
mod fill;
mod numeric;
mod read;
mod remote;
mod target;
#[cfg(test)]
mod tests;
mod types;
pub(crate) mod write;
#[cfg(test)]
mod write_tests;

pub(crate) use config::{Session, ident};
pub(crate) use discover::{list, tables};
pub(crate) use error::{reach_fault, tls_fault};
pub(crate) use fill::fill;
pub(crate) use read::read;
pub(crate) use remote::{Facts, Reader};
