//! Previews of recipes and the SQL they make.

use trommel_app::{News, Report};
use trommel_model::{Code, ModelKind, Outcome, Problem, Recipe, Workspace};

use crate::desk::Desk;
use crate::worker::Task;

/// Before and after on a sample, with counts.
pub(super) fn preview(task: &Task, workspace: &Workspace, model: &str, sample: u64, whole: bool) -> Outcome<News> {
    let desk = Desk::open(task, Some(workspace))?;
    let recipe = find(workspace, model)?;
    trommel_pipeline::preview(&desk.engine, recipe, usize::try_from(sample).unwrap_or(usize::MAX), whole, &task.cancel)
        .map(News::RecipePreview)
}

/// The SQL of a recipe.
pub(super) fn show(task: &Task, workspace: &Workspace, model: &str) -> Outcome<News> {
    let desk = Desk::open(task, Some(workspace))?;
    let recipe = find(workspace, model)?;
    let from: trommel_model::TableName = recipe.from.parse()?;
    let input = desk
        .engine
        .describe(&format!("SELECT * FROM {}", trommel_engine::sql::qualified(&from)))
        .map_err(|problem| problem.next(format!("the recipe reads {from}, which has no rows yet: trommel run {from}")))?;
    let compiled = trommel_pipeline::compile_in(&desk.engine, recipe, &input)?;
    Ok(News::Report(Report { title: format!("SQL of {model}"), facts: Vec::new(), text: Some(compiled.sql), ..Report::default() }))
}

fn find<'a>(workspace: &'a Workspace, name: &str) -> Outcome<&'a Recipe> {
    workspace
        .models
        .iter()
        .find_map(|m| match &m.kind {
            ModelKind::Recipe(recipe) if m.name.to_string() == name => Some(recipe),
            _ => None,
        })
        .ok_or_else(|| Problem::new(Code::UnknownName, format!("there is no recipe \"{name}\"")))
}
