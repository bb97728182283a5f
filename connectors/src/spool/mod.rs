//! Rows that wait until the whole input was seen, so that the types of its columns are known.
//!
//! What comes out of a workbook or a document of XML can be read in one direction only, and reading it is the costly part.
//! So it is read once: cells are written down in a compact form, in memory up to a bound and beyond that in a temporary
//! file that nobody else can open, and become batches in a second pass, block by block, in parallel.

mod block;
mod deliver;
mod store;
mod value;

pub use deliver::{Layout, deliver};
pub use store::{Origin, Spool};
pub use value::Value;
