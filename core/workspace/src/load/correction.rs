//! `decisions/quarantine/SOURCE.toml`: what was decided about held rows, one `[[rows]]` after the other.

use serde::{Deserialize, Serialize};
use trommel_model::{Code, Correction, Outcome, Problem};

use super::document::Document;
use super::text::TextFile;

/// Where they are, under the workspace's folder.
pub(crate) const FOLDER: &str = "decisions/quarantine";

/// The file as it is written.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Corrections {
    pub rows: Vec<Correction>,
}

/// Reads the decisions about one source.
pub(crate) fn read(file: &TextFile) -> Outcome<Vec<Correction>> {
    let read: Corrections = Document::parse(file)?.read(&[])?;
    Ok(read.rows)
}

/// The fault of decisions about a source that is not there.
pub(crate) fn unknown_source(file: &str, source: &str) -> Problem {
    Problem::new(Code::UnknownName, format!("there is no source \"{source}\" to which these decisions belong"))
        .in_file(file)
        .next("rename the file as the source is called now, or remove it")
}
