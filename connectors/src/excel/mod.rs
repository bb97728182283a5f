//! Workbooks: XLSX, XLSM, XLS, XLSB and ODS read, XLSX written. See `docs.md`.

mod area;
mod book;
mod cells;
mod cfb;
mod config;
mod discover;
mod error;
mod gather;
mod guard;
mod header;
mod merged;
mod ods;
pub(crate) mod read;
#[cfg(test)]
mod tests;
pub(crate) mod write;

pub use discover::{SheetInfo, sheets};
