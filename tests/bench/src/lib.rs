//! Measurements against peers, run by hand.

pub mod csv;
pub mod ingest;
pub mod matching;
pub mod quality;
pub mod workbook;
