//! `decisions/NAME.toml`: what people decided about the records of a match.

use trommel_model::{DecisionFile, ModelKind, ModelSpec, Outcome, TableName};

use super::Read;
use super::document::{Document, Step, config_fault};
use super::explain::suggest;
use super::text::TextFile;

/// Reads decisions, and holds them against the matches there are.
pub(crate) fn read(file: &TextFile, models: &[Read<ModelSpec>]) -> Outcome<DecisionFile> {
    let mut spec: DecisionFile = Document::parse(file)?.read(&[])?;
    spec.path.clone_from(&file.path);
    if let Err(fault) = spec.model.parse::<TableName>() {
        return Err(super::at_key(file, "match", fault));
    }
    let matches = models.iter().filter(|m| matches!(m.spec.kind, ModelKind::Match(_))).map(|m| m.spec.name.to_string());
    let known: Vec<String> = matches.collect();
    if !known.contains(&spec.model) {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let problem = config_fault(file, &[Step::Key("match")], format!("there is no match \"{}\"", spec.model), "unknown match");
        return Err(if known.is_empty() {
            problem.next("make a model of kind match, or remove this file")
        } else {
            problem.next(suggest(&spec.model, &known))
        });
    }
    for (at, row) in spec.decisions.iter().enumerate() {
        if row.left == row.right {
            let steps = [Step::Key("decisions"), Step::Item(at)];
            return Err(
                config_fault(file, &steps, "a record is the same as itself", "left and right are one record").next("name two records")
            );
        }
    }
    Ok(spec)
}
