//! Matching from the outside: tables and models in, golden records, crosswalks and reports out.
#![expect(clippy::unwrap_used, clippy::float_cmp, reason = "a test that cannot go on must fail; scores of equal rows are exactly 1")]

mod bad_input;
mod files;
mod invariance;
mod labels;
mod oracle;
mod people;
mod resume;
mod standing;
mod support;
mod survivorship;
mod unwished;
