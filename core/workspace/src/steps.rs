//! Adds a step to the end of a recipe; what stands in the file stays as it is.

use std::path::PathBuf;

use trommel_model::{Code, ModelKind, Outcome, Problem, TableName, Workspace};

use crate::write_atomically;

/// Writes the text of a step behind the others, and gives the file, relative to the workspace. The recipe is read again
/// afterwards: a step that cannot be read leaves the file as it was.
pub fn add_step(workspace: &Workspace, recipe: &TableName, step: &str) -> Outcome<PathBuf> {
    let model = workspace.models.iter().find(|m| m.name == *recipe && matches!(m.kind, ModelKind::Recipe(_)));
    let model = model.ok_or_else(|| Problem::new(Code::UnknownName, format!("there is no recipe \"{recipe}\"")))?;
    let absolute = workspace.root.join(&model.path);
    let before = std::fs::read_to_string(&absolute).map_err(|e| Problem::from_io(&e, "read the recipe", &absolute))?;
    let gap = if before.ends_with('\n') { "\n" } else { "\n\n" };
    write_atomically(&absolute, &format!("{before}{gap}{step}"))?;
    match crate::load(&workspace.root, Some(&workspace.environment)) {
        Ok(_) => Ok(PathBuf::from(&model.path)),
        Err(problem) => {
            write_atomically(&absolute, &before)?;
            Err(problem)
        }
    }
}
