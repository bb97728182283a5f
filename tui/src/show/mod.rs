//! Answers as lines of text, one file a kind: the verbs print them, pop-ups and panes show them.

pub(crate) mod added;
pub(crate) mod alerts;
pub(crate) mod board;
pub(crate) mod change;
pub(crate) mod chart;
pub(crate) mod checks;
pub(crate) mod dag;
pub(crate) mod findings;
pub(crate) mod kpi;
pub(crate) mod plan;
pub(crate) mod preview;
pub(crate) mod problem;
pub(crate) mod profile;
pub(crate) mod recipe;
pub(crate) mod report;
pub(crate) mod rows;
pub(crate) mod run;
mod table;
pub(crate) mod trial;

pub(crate) use table::{Head, TextTable};
