//! The engine from the outside.

mod access;
mod cancelling;
mod counting;
mod faults;
mod tables;

use std::path::Path;

use arrow::array::RecordBatch;
use trommel_model::Cancel;

use crate::frame::cells_of;
use crate::{Access, Engine, Limits};

/// An engine that may use the folder and nothing else.
pub(crate) fn engine(folder: &Path) -> Engine {
    engine_with(folder, 1 << 30)
}

fn engine_with(folder: &Path, memory_bytes: u64) -> Engine {
    let limits = Limits { memory_bytes, threads: 2, temp_dir: folder.join("cache") };
    Engine::open(&limits, &Access::Locked(vec![folder.canonicalize().unwrap()])).unwrap()
}

fn text(batches: &[RecordBatch]) -> String {
    let rows = batches.iter().flat_map(cells_of).map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
    rows.collect::<Vec<_>>().join(" ")
}

fn ask(engine: &Engine, sql: &str) -> String {
    text(&engine.query(sql, &Cancel::new()).unwrap())
}
