//! Files that are packed: gzip, Zstandard, bzip2, xz, and archives of zip. See `docs.md`.

mod archive;
mod config;
mod detect;
mod error;
mod expand;
#[cfg(test)]
mod tests;

pub use archive::{Member, members};
pub use detect::{inner_name, is_archive};
pub use expand::{Expanded, expand};
