//! Apache Parquet. See `docs.md`.

mod config;
mod error;
mod partition;
pub mod partitioned;
pub(crate) mod read;
#[cfg(test)]
mod tests;
pub(crate) mod write;

pub use write::ParquetFile;
