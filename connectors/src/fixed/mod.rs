//! Text with columns of fixed width. See `docs.md`.

mod config;
mod discover;
mod error;
pub(crate) mod read;
#[cfg(test)]
mod tests;
