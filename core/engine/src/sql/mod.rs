//! SQL text: quoting, taking apart, and which tables a text names.
//!
//! [`ident`], [`qualified`] and [`literal`] are the only way names and values get into SQL text.
//! What a text means is asked of DuckDB's own parser, so that the engine and we never disagree.

mod body;
mod ident;
mod parse;
mod tables;

pub use body::body;
pub use ident::{ident, literal, qualified};
pub(crate) use parse::{one_query, text_of};
pub use tables::{Named, TableUse, tables_of};
