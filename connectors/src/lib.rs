//! Connectors: how rows come in from files and databases, and how tables go out to files.
//!
//! One folder a system, one anatomy: `config` (what can be set, and bounds), `discover` (what is there), `read`, `write`,
//! `error` and `docs.md`. What all systems share stands beside the folders: finding files, the sink rows go to, position
//! columns, types, casts, quarantine. [`alert`] is the one room in which something is told to people.
//!
//! Nothing here names the engine, the lake or a workspace: rows leave as Arrow batches.

mod describe;
mod discover;
mod hash;
mod piece;
mod position;
mod preview;
mod read;
mod report;
mod sink;

pub mod alert;
pub mod compressed;
pub mod csv;
pub mod database;
pub mod excel;
pub mod fixed;
pub mod ipc;
pub mod json;
pub mod mysql;
pub mod parquet;
pub mod postgres;
pub mod remote;
pub mod sqlite;
pub mod write;
pub mod xml;

mod assemble;
mod atomic;
mod bytes;
mod correct;
mod drift;
mod encoding;
mod infer;
mod layers;
mod names;
mod parallel;
mod plan;
mod render;
mod spool;
#[cfg(test)]
mod testing;
mod typed;
mod values;

pub use atomic::whole_file;
pub use correct::{Corrected, Moved, Record, can_correct, corrected, record, still_there};
pub use describe::describe;
pub use discover::discover;
pub use hash::sha256;
pub use layers::{Kept, Keyring, keep as keep_secret};
pub use parquet::partitioned;
pub use piece::{Piece, Place, format_of};
pub use position::{FILE_COLUMN, LINE_COLUMN, TEXT_COLUMN, is_position};
pub use preview::preview;
pub use read::read;
pub use report::ReadReport;
pub use sink::{Collect, Collected, Mode, Sink};
