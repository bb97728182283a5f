//! What each effect does, one file an area.

mod alerts;
mod audit;
mod boards;
mod checks;
mod connections;
mod export;
mod inspections;
mod intake;
mod matches;
mod page;
mod pipeline;
mod profiles;
mod quality;
mod quarantine;
mod recipes;
mod review;
mod sniff;
mod spellings;
mod tables;
mod workspaces;
mod writing;

use trommel_app::{News, Work};
use trommel_model::Outcome;

use crate::relation::Remotes;
use crate::worker::Task;

/// Does a piece of work. The answer ends it; `None` for work nobody waits for.
pub(crate) fn perform(task: &Task, work: Work) -> Outcome<Option<News>> {
    match work {
        Work::Load { start, environment } => workspaces::load(&start, environment.as_deref()).map(Some),
        Work::Watch(root) => workspaces::watch(task, &root).map(|()| None),
        Work::Init { folder, name } => workspaces::init(&folder, &name).map(Some),
        Work::Example(request) => workspaces::example(task, &request).map(Some),
        Work::Doctor(workspace) => Ok(Some(workspaces::doctor(task, workspace.as_deref()))),
        Work::RememberRecent(root) => {
            // That a workspace is not remembered is no reason to trouble anybody.
            let _ = trommel_workspace::user::folders(task.settings.config_dir.clone())
                .and_then(|folders| trommel_workspace::user::remember(&folders, &root));
            Ok(None)
        }
        Work::Window { workspace, subject, sort, filter, offset, limit, fresh } => {
            let remotes = if fresh { Remotes::Fresh } else { Remotes::Kept };
            tables::window(task, workspace.as_ref(), &subject, &sort, filter.as_deref(), offset, limit, remotes).map(Some)
        }
        Work::Profile { workspace, subject, level, relations } => {
            quality::profile(task, workspace.as_ref(), &subject, level, relations).map(Some)
        }
        Work::ProfileChange { workspace, subject, from, to } => profiles::change(task, workspace.as_ref(), &subject, &from, &to).map(Some),
        Work::ProfileReport { workspace, subject, profile, change, to } => {
            let kept = profiles::History::of(workspace.as_deref(), &subject)?;
            profiles::report::write(&subject, profile.as_deref(), change.as_deref(), &kept, &to).map(Some)
        }
        Work::Audit { workspace, subject } => audit::audit(task, workspace.as_ref(), &subject).map(Some),
        Work::Propose { workspace, subject } => quality::propose(task, workspace.as_ref(), &subject).map(Some),
        Work::Sniff(request) => sniff::sniff(task, &request).map(Some),
        Work::Describe(new) => intake::describe(task, &new).map(|facts| Some(News::File(facts))),
        Work::AddSource(workspace, new, dry_run) => intake::add_source(task, &workspace, &new, dry_run).map(Some),
        Work::Connect(workspace, new, dry_run) => intake::connect(task, &workspace, &new, dry_run).map(Some),
        Work::Browse(workspace, name) => connections::browse(task, &workspace, &name).map(Some),
        Work::Test { workspace, connection, password } => connections::test(task, &workspace, &connection, password.as_ref()).map(Some),
        Work::Tables(workspace, name) => connections::tables(task, &workspace, &name).map(Some),
        Work::Plan(workspace, selection) => pipeline::plan(&workspace, &selection).map(Some),
        Work::Run(workspace, selection) => pipeline::run(task, &workspace, &selection).map(Some),
        Work::Check(workspace, selection) => pipeline::check(task, &workspace, &selection).map(Some),
        Work::Inspect(workspace, command) => inspections::perform(task, &workspace, &command).map(Some),
        Work::Alert(workspace, occasion) => alerts::alert(task, &workspace, &occasion).map(Some),
        Work::CheckList(workspace) => checks::list(&workspace).map(Some),
        Work::Proposals(workspace, table) => checks::propose(task, &workspace, &table).map(Some),
        Work::AddChecks(workspace, table, chosen) => checks::add(task, &workspace, &table, &chosen).map(Some),
        Work::TakeChecksBack(workspace, added) => checks::take_back(&workspace, &added).map(Some),
        Work::Decide(workspace, decision) => quarantine::decide(task, &workspace, &decision).map(Some),
        Work::ShowRun(workspace, id) => pipeline::show(&workspace, &id).map(Some),
        Work::Board(workspace, spec) => boards::board(task, &workspace, &spec).map(Some),
        Work::Kpi(workspace, spec) => boards::kpi(task, &workspace, &spec).map(Some),
        Work::Render(workspace, spec, request) => boards::render(task, &workspace, &spec, &request).map(Some),
        Work::RecipePreview { workspace, model, sample, whole } => recipes::preview(task, &workspace, &model, sample, whole).map(Some),
        Work::RecipeSql(workspace, model) => recipes::show(task, &workspace, &model).map(Some),
        Work::Spellings(workspace, request) => spellings::spellings(task, workspace.as_ref(), &request).map(Some),
        Work::Match(workspace, command) => matches::perform(task, workspace.as_ref(), &command).map(Some),
        Work::Review(workspace, command) => review::perform(task, workspace.as_ref(), &command).map(Some),
        Work::Export(workspace, request) => export::export(task, workspace.as_ref(), &request).map(Some),
        // The session itself stops work; it never reaches a worker.
        Work::Cancel(_) => Ok(None),
    }
}
