//! The binary `trommel`: verbs run headless; without a verb the terminal UI opens.
//!
//! Everything goes through the application layer and the runtime: no engine, file format or
//! database is named here. Both faces are generic over [`Desk`], so they are tested without one.

pub mod cli;
mod desk;
#[cfg(test)]
mod made;
mod paint;
pub mod process;
mod show;
pub mod term;

pub use desk::Desk;
