//! Arrow IPC, files and streams. See `docs.md`.

mod error;
pub(crate) mod read;
#[cfg(test)]
mod tests;
pub(crate) mod write;
