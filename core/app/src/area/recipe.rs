//! The recipe that is previewed.

use trommel_model::RecipePreview;

use crate::app::Effects;
use crate::area::unknown;
use crate::{App, Effect, RecipeCommand, Remote, Report, Screen, SpellingsRequest, Work};

/// A recipe on screen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RecipeView {
    /// The model, `layer.table`.
    pub model: Option<String>,
    /// Before and after.
    pub preview: Remote<RecipePreview>,
    /// The SQL it makes.
    pub sql: Remote<Report>,
    /// Ways of writing one value in a column, and the step that brings them together.
    pub spellings: Remote<Report>,
}

impl App {
    pub(crate) fn apply_recipe(&mut self, command: RecipeCommand) -> Effects {
        if let RecipeCommand::Spellings(request) = command {
            return self.spellings(request);
        }
        let workspace = self.workspace()?;
        let name = match &command {
            RecipeCommand::Preview { model, .. } | RecipeCommand::ShowSql(model) => model.clone(),
            RecipeCommand::Spellings(_) => String::new(),
        };
        let recipes = || workspace.models.iter().filter(|m| m.kind.name() == "recipe").map(|m| m.name.to_string());
        if !recipes().any(|n| n == name) {
            let names: Vec<String> = recipes().collect();
            return Err(unknown("recipe", &name, names.iter().map(String::as_str)));
        }
        let ticket = self.tickets.next();
        if self.recipe.model.as_ref() != Some(&name) {
            self.recipe = RecipeView { model: Some(name), ..RecipeView::default() };
        }
        let work = match command {
            RecipeCommand::Preview { model, sample, whole } => {
                self.recipe.preview.ask(ticket);
                self.screens.show(Screen::Recipe);
                Work::RecipePreview { workspace, model, sample, whole }
            }
            RecipeCommand::ShowSql(model) => {
                self.recipe.sql.ask(ticket);
                Work::RecipeSql(workspace, model)
            }
            RecipeCommand::Spellings(request) => Work::Spellings(Some(workspace), request),
        };
        Ok(vec![Effect { ticket, work }])
    }

    fn spellings(&mut self, request: SpellingsRequest) -> Effects {
        let workspace = self.workspace.current.latest().cloned();
        if let Some(name) = &request.add_to {
            let workspace = self.workspace()?;
            let recipes = || workspace.models.iter().filter(|m| m.kind.name() == "recipe").map(|m| m.name.to_string());
            if !recipes().any(|known| known == *name) {
                let names: Vec<String> = recipes().collect();
                return Err(unknown("recipe", name, names.iter().map(String::as_str)));
            }
        }
        let ticket = self.tickets.next();
        self.recipe.spellings.ask(ticket);
        Ok(vec![Effect { ticket, work: Work::Spellings(workspace, request) }])
    }
}
