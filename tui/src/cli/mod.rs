//! The verbs: what is asked on the command line is parsed from the catalogue, done, and printed.
//!
//! Standard output is data, standard error is narration. Nothing here ends the process.

mod answer;
mod arguments;
mod colour;
mod manual;
mod narrator;
mod output;
mod progress;
mod reference;
mod secret;
#[cfg(test)]
mod tests;
mod verbs;

pub use arguments::{Format, Globals, Invocation, Parsed, parse};
pub use output::Io;
pub(crate) use output::glyphs;
pub(crate) use progress::figures;
pub use verbs::perform;
pub(crate) use verbs::print_problem;
