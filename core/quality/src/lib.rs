//! What a column holds: profile, meaning, checks, quarantine, and cells that look wrong.
//!
//! - [`profile`] and [`Profiler`] say what the columns of a table hold, in bounded memory and one pass, with what the values
//!   mean and whether they are about persons.
//! - [`detect`] finds cells that look wrong without anybody saying what is right; [`relations`] finds what columns have to do
//!   with each other; [`propose`] writes checks from a profile; [`changes`] says what is different between two profiles.
//! - [`compile`] makes SQL of a check; [`evaluate`] applies checks and counts; [`split`] separates the rows that are kept from
//!   those that are held, each held row with the first rule it breaks.
//!
//! Checks are SQL for the engine; profiles and findings are kernels over Arrow batches.

mod change;
mod check;
mod detect;
mod meaning;
mod profile;
mod propose;
mod relations;
mod words;

pub use change::changes;
pub use check::{CompiledCheck, History, Split, compile, evaluate, parent_prefix, pattern_fault, split};
pub use detect::{Coded, CodedColumn, CodedValue, Detected, detect};
pub use meaning::{Example, Forest, ForestOptions, features_of, train};
pub use profile::{Glimpses, Profiler, profile, profile_telling};
pub use propose::{proposals, propose, written};
pub use relations::relations;
