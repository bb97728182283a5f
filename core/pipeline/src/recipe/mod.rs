//! A recipe becomes SQL: one readable `WITH` chain, one link a step.
//!
//! Two renderings come from the same steps. The **plain** one is what people see and what a view
//! holds: rows that leave are simply not selected. The **tracked** one is what a run and a preview
//! execute: every row of the input stays to the end and carries its number (`__row`) and what
//! became of it (`__fate`), so filtered, merged and held rows are each counted by themselves and
//! found again. A test holds that both keep the same rows with the same values.
//!
//! Rules that all steps share:
//! - An *empty* text is null, or holds nothing but white space.
//! - Statistics (mean, median, mode, quartiles) are of the rows that are still there at the step.
//! - Steps keep the order of rows; a group stands where its first row stood.
//!
//! A row can become several (`split_rows`, `unpivot`): all of them carry the number of the one they come from, and `__part` says
//! which they are. Rows of another table (`union`) have numbers of their own.

mod aggregate;
mod chain;
mod columns;
mod compile;
mod convert;
mod currency;
mod dates;
mod derive;
pub(crate) mod expression;
mod extract;
mod fill;
mod lookup;
mod names;
mod number;
mod order;
mod outliers;
mod pivot;
mod preview;
mod rows;
mod split;
mod split_rows;
mod standardise;
mod text;
mod time_zone;
mod tracked;
mod types;
mod union;
mod unpivot;
mod zones;

#[cfg(test)]
mod tests;

pub(crate) use compile::compile_with;
pub use compile::{CompiledRecipe, OutputColumn, compile, compile_in, dependencies, lookups};
pub use dates::{usual_date_formats, usual_time_formats};
pub use preview::preview;
pub(crate) use tracked::{DeathKind, Tracked};
