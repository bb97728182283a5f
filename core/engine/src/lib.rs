//! Tables: SQL by DuckDB, the lake by DuckLake, windows over big tables, memory budget, cancel.
//!
//! Invariants, above all the absences:
//! - Never a `.duckdb` file: the engine lives in memory and spills into a folder of its own, so no
//!   process ever locks another.
//! - SQL text of users runs locked down: no file outside the allowed folders, no extension, no
//!   change of settings, and only queries where a query is asked for.
//! - Nothing above this crate names duckdb, parquet or the lake's catalogue; Arrow batches and the
//!   vocabulary of `trommel-model` are what crosses the edge.
//! - Rows are counted by the engine's operators while the query runs; no count is a difference of
//!   two others.

mod cancel;
mod engine;
pub mod failpoint;
pub mod federated;
pub mod frame;
pub mod lake;
mod limits;
mod measured;
mod operators;
mod problem;
mod put;
pub mod sql;
mod stream;
mod types;
mod window;

pub use engine::Engine;
pub use limits::{Access, Limits};
pub use measured::{Measured, Operator};

#[cfg(test)]
mod tests;
