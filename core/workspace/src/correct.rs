//! Writes down what was decided about a held row, behind what was decided before.

use std::path::{Path, PathBuf};

use trommel_model::{Code, Correction, Outcome, Problem};

use crate::disk::write_atomically;
use crate::load::correction::{Corrections, FOLDER};

/// Appends a decision about a row of a source to the workspace's text, and names the file.
pub fn correct(root: &Path, source: &str, correction: &Correction) -> Outcome<PathBuf> {
    let folder = root.join(FOLDER);
    std::fs::create_dir_all(&folder).map_err(|e| Problem::from_io(&e, "make the folder", &folder))?;
    let path = folder.join(format!("{source}.toml"));
    let before = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            format!("# What was decided about held rows of {source}. The last word on a line stands.\n")
        }
        Err(e) => return Err(Problem::from_io(&e, "read the file", &path)),
    };
    let said = toml::to_string(&Corrections { rows: vec![correction.clone()] })
        .map_err(|e| Problem::new(Code::Internal, "the decision cannot be written down").why(e.to_string()))?;
    let gap = if before.ends_with('\n') { "\n" } else { "\n\n" };
    write_atomically(&path, &format!("{before}{gap}{said}"))?;
    Ok(path)
}
