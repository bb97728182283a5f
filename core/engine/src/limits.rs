//! What an engine may use: memory, threads, a folder to spill into, and which files it may touch.

use std::path::PathBuf;

/// Resources of one engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Memory for data, in bytes; beyond it the engine spills into `temp_dir`.
    pub memory_bytes: u64,
    /// Threads that work on one query.
    pub threads: usize,
    /// Where to spill, into a folder `spill-PID-…` of its own. Made when absent (mode 0700).
    pub temp_dir: PathBuf,
}

/// Which files SQL may touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Reading and writing under these folders, and these files, only; everything else is refused,
    /// no extension loads, no other database is attached and no setting changes.
    Locked(Vec<PathBuf>),
}
