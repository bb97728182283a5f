//! Writes a threshold into the file of a match model; everything else in it stays as it is.

use std::path::PathBuf;

use toml_edit::DocumentMut;
use trommel_model::{Code, ModelKind, ModelSpec, Outcome, Problem, Workspace};

use crate::write_atomically;

/// Sets the threshold of a match, and gives its file, relative to the workspace.
///
/// `usage` for what is no probability: above 0 and up to 1. 0 stands for the one that a learned score chooses.
pub fn set_threshold(workspace: &Workspace, model: &ModelSpec, threshold: f64) -> Outcome<PathBuf> {
    let learned = matches!(&model.kind, ModelKind::Match(spec) if spec.score.learned());
    if !((threshold > 0.0 || learned && threshold == 0.0) && threshold <= 1.0) {
        let chosen = if learned { "; 0 leaves it to what is learned" } else { "" };
        return Err(Problem::new(Code::Usage, format!("threshold {threshold} is out of range"))
            .next(format!("give a number above 0 and up to 1, for instance 0.85{chosen}")));
    }
    let absolute = workspace.root.join(&model.path);
    let text = std::fs::read_to_string(&absolute).map_err(|e| Problem::from_io(&e, "read the model", &absolute))?;
    let mut document: DocumentMut =
        text.parse().map_err(|e: toml_edit::TomlError| Problem::new(Code::BadToml, e.to_string()).in_file(&model.path))?;
    // A probability is chosen by eye: more digits than these would only be noise.
    let rounded = (threshold * 1e6).round() / 1e6;
    match document.get_mut("threshold").and_then(|item| item.as_value_mut()) {
        Some(value) => {
            let decor = value.decor().clone();
            *value = rounded.into();
            *value.decor_mut() = decor;
        }
        None => {
            document.insert("threshold", toml_edit::value(rounded));
        }
    }
    write_atomically(&absolute, &document.to_string())?;
    Ok(PathBuf::from(&model.path))
}
