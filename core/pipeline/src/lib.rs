//! Sources and models become a graph, a plan and a run.
//!
//! The way of a workspace: [`graph`] finds which table is made from which, [`plan`] says what would run and why,
//! [`run`] carries it out and publishes each table by itself. [`compile`] and [`preview`] are for recipes.
//!
//! What never happens here: SQL of ours is never built from a name without quoting it, no count is the difference of
//! two others, no table is published in part, and no file is read that a source does not name.

mod changes;
mod corrections;
pub mod federated;
mod fingerprint;
mod graph;
mod impact;
mod lexer;
mod plan;
pub mod recipe;
mod refs;
mod run;
mod select;
mod stale;

#[cfg(test)]
mod testing;

pub use changes::{as_it_was_read, lines_read};
pub use graph::{Graph, Maker, Node, QUARANTINE, RAW, SINK, graph, quarantine_of};
pub use impact::follow;
pub use plan::plan;
pub use recipe::{CompiledRecipe, OutputColumn, compile, compile_in, preview};
pub use refs::{Origin, Resolved, TableRef, resolve};
pub use run::{Expressions, RunRequest, outgoing, run};
pub use select::selected;
pub use stale::{Stale, stale};
