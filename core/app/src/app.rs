//! The application: one function for commands, one for news, one for the view.

use std::sync::Arc;

use trommel_model::{Code, Problem, Workspace};

use crate::area::{Notices, Screens};
use crate::ticket::Tickets;
use crate::{
    AlertsView, BoardView, ChecksView, Command, DraftView, Effect, InspectView, JobsView, MatchView, Message, News, NoticeKind,
    PipelineCommand, PipelineView, ProfileView, QuarantineView, RecipeView, Refused, ReviewView, Screen, SourcesView, Subject, TableView,
    Ticket, View, WorkspaceView,
};

/// The state all three faces share the shape of.
#[derive(Debug, Default)]
pub struct App {
    pub(crate) tickets: Tickets,
    pub(crate) screens: Screens,
    pub(crate) workspace: WorkspaceView,
    pub(crate) sources: SourcesView,
    pub(crate) draft: Option<DraftView>,
    pub(crate) table: Option<TableView>,
    pub(crate) profile: ProfileView,
    pub(crate) recipe: RecipeView,
    pub(crate) matches: MatchView,
    pub(crate) review: ReviewView,
    pub(crate) pipeline: PipelineView,
    pub(crate) quarantine: QuarantineView,
    pub(crate) checks: ChecksView,
    pub(crate) alerts: AlertsView,
    pub(crate) inspect: InspectView,
    pub(crate) board: BoardView,
    pub(crate) jobs: JobsView,
    pub(crate) notices: Notices,
}

/// What a command comes to.
pub(crate) type Effects = Result<Vec<Effect>, Refused>;

impl App {
    /// An application with nothing open.
    pub fn new() -> Self {
        Self::default()
    }

    /// What there is to draw.
    pub fn view(&self) -> View<'_> {
        View {
            screen: self.screens.front(),
            breadcrumbs: self.breadcrumbs(),
            workspace: &self.workspace,
            sources: &self.sources,
            draft: self.draft.as_ref(),
            table: self.table.as_ref(),
            profile: &self.profile,
            recipe: &self.recipe,
            matches: &self.matches,
            review: &self.review,
            pipeline: &self.pipeline,
            quarantine: &self.quarantine,
            checks: &self.checks,
            alerts: &self.alerts,
            inspect: &self.inspect,
            board: &self.board,
            jobs: &self.jobs,
            notices: self.notices.shown(),
        }
    }

    /// Does what is asked, or says why not.
    pub fn apply(&mut self, command: Command) -> Effects {
        let effects = match command {
            Command::Workspace(c) => self.apply_workspace(c)?,
            Command::Show(screen) => self.show(screen),
            Command::Back => {
                self.screens.back();
                Vec::new()
            }
            Command::Table(c) => self.apply_table(c)?,
            Command::Profile(subject) => self.profile(subject)?,
            Command::Quality(c) => self.apply_quality(c)?,
            Command::Source(c) => self.apply_source(c)?,
            Command::Pipeline(c) => self.apply_pipeline(c)?,
            Command::Check(c) => self.apply_check(c)?,
            Command::Alert(c) => self.apply_alert(c)?,
            Command::Inspect(c) => self.apply_inspect(c)?,
            Command::Board(c) => self.apply_board(c)?,
            Command::Quarantine(c) => self.apply_quarantine(c)?,
            Command::Recipe(c) => self.apply_recipe(c)?,
            Command::Match(c) => self.apply_match(c)?,
            Command::Review(c) => self.apply_review(c)?,
            Command::Export(request) => self.apply_export(request)?,
            Command::CancelJob(ticket) => self.cancel(ticket)?,
            Command::Dismiss(id) => {
                self.notices.dismiss(id);
                Vec::new()
            }
        };
        self.list_jobs(&effects);
        Ok(effects)
    }

    /// Takes news in; what has to be done because of it comes back.
    pub fn hear(&mut self, message: Message) -> Vec<Effect> {
        let Message { ticket, news } = message;
        if news.ends_work() {
            let outcome = match &news {
                News::Failed(problem) => Err(problem),
                News::RunEnded(record) => record.problem.as_ref().map_or(Ok(()), Err),
                _ => Ok(()),
            };
            self.jobs.end(ticket, outcome);
        }
        let effects = match news {
            News::Failed(problem) => self.hear_failure(ticket, problem),
            News::Progress(progress) => {
                self.jobs.progress(ticket, progress);
                Vec::new()
            }
            News::Workspace(workspace) => self.hear_workspace(ticket, workspace),
            News::FilesChanged(_) => self.hear_files_changed(ticket),
            News::Made(made) => {
                let (root, run) = (made.root.clone(), made.run);
                self.workspace.made.accept(ticket, Ok(made));
                let load = self.load(root, None);
                self.workspace.run_after = run.then_some(load.ticket);
                vec![load]
            }
            News::Window { window, rows, notes } => {
                for table in self.tables_on_screen() {
                    if table.window.accept(ticket, Ok(window.clone())) {
                        table.rows = Some(rows);
                        table.notes.clone_from(&notes);
                    }
                }
                Vec::new()
            }
            News::Profile(profile) => {
                if self.profile.profile.accept(ticket, Ok(profile)) {
                    self.profile.so_far = None;
                }
                Vec::new()
            }
            News::ProfileSoFar(profile) => {
                self.profile.hear_so_far(ticket, profile);
                Vec::new()
            }
            News::ProfileChange(change) => {
                self.profile.change.accept(ticket, Ok(change));
                Vec::new()
            }
            News::Findings(findings) => {
                self.profile.findings.accept(ticket, Ok(findings));
                Vec::new()
            }
            News::Plan(plan) => {
                self.pipeline.plan.accept(ticket, Ok(plan));
                Vec::new()
            }
            News::Run(event) => {
                self.pipeline.hear(ticket, event);
                Vec::new()
            }
            News::RunEnded(record) => {
                self.tell_run_end(&record);
                let alert = self.alert_of_run(&record);
                self.pipeline.end(ticket, Some(record));
                let mut effects = self.refresh_what_is_seen();
                effects.extend(alert);
                effects
            }
            News::RunShown(record) => {
                self.pipeline.shown.accept(ticket, Ok(record));
                Vec::new()
            }
            News::Alerted(told) => self.hear_alerted(ticket, told),
            News::CheckList(list) => {
                self.checks.list.accept(ticket, Ok(list));
                Vec::new()
            }
            News::Proposals(proposals) => {
                self.checks.proposals.accept(ticket, Ok(proposals));
                Vec::new()
            }
            News::ChecksAdded(added) => self.hear_checks_added(ticket, added),
            News::Checks(results) => {
                self.checks.take_in(&results);
                self.pipeline.checks.accept(ticket, Ok(results));
                Vec::new()
            }
            News::Board(values) => {
                self.board.values.accept(ticket, Ok(values));
                Vec::new()
            }
            News::Kpi(values) => {
                self.board.kpi.accept(ticket, Ok(values));
                Vec::new()
            }
            News::RecipePreview(preview) => {
                self.recipe.preview.accept(ticket, Ok(preview));
                Vec::new()
            }
            News::File(facts) => {
                if let Some(draft) = &mut self.draft {
                    draft.facts.accept(ticket, Ok(facts));
                }
                Vec::new()
            }
            News::Stage(stage) => {
                self.sources.trial.stage(ticket, stage.clone());
                if let Some(draft) = &mut self.draft {
                    draft.trial.stage(ticket, stage);
                }
                Vec::new()
            }
            News::Tables(tables) => self.hear_tables(ticket, tables),
            News::Added(added) => self.hear_added(ticket, added),
            News::Report(report) => {
                if self.inspect.report.accept(ticket, Ok(report.clone())) {
                    return self.hear_inspected(ticket, report);
                }
                if self.quarantine.decided.accept(ticket, Ok(report.clone())) {
                    self.notices.tell(NoticeKind::Info, report.title);
                    return self.refresh_what_is_seen();
                }
                self.sources.trial.end(ticket, None);
                if let Some(draft) = &mut self.draft {
                    draft.trial.end(ticket, None);
                }
                for slot in [
                    &mut self.recipe.sql,
                    &mut self.recipe.spellings,
                    &mut self.sources.sniffed,
                    &mut self.sources.connection,
                    &mut self.workspace.doctor,
                    &mut self.profile.proposed,
                    &mut self.matches.report,
                    &mut self.review.report,
                ] {
                    if slot.accept(ticket, Ok(report.clone())) {
                        break;
                    }
                }
                Vec::new()
            }
            News::MatchPreview(preview) => {
                self.hear_preview(ticket, preview);
                Vec::new()
            }
            News::Decided(decided) => self.hear_decided(ticket, decided),
            News::Written(written) => {
                let place = written.table.clone().or_else(|| written.files.first().map(|f| f.display().to_string()));
                if let Some(place) = place {
                    let rows = if written.rows > 0 { format!("{} rows ", written.rows) } else { String::new() };
                    self.notices.tell(NoticeKind::Info, format!("{rows}written to {place}"));
                }
                self.matches.written.accept(ticket, Ok(written.clone()));
                self.board.written.accept(ticket, Ok(written));
                Vec::new()
            }
        };
        self.list_jobs(&effects);
        effects
    }

    /// The workspace that is open, or the reason why there is none.
    pub(crate) fn workspace(&self) -> Result<Arc<Workspace>, Refused> {
        if let Some(workspace) = self.workspace.current.latest() {
            return Ok(workspace.clone());
        }
        Err(Refused(self.workspace.current.problem().cloned().unwrap_or_else(|| {
            Problem::new(Code::NotAWorkspace, "no workspace is open")
                .next("go to a folder that has a trommel.toml, or make one: trommel init, trommel example car-rental")
        })))
    }

    fn hear_failure(&mut self, ticket: Ticket, problem: Problem) -> Vec<Effect> {
        let p = || problem.clone();
        self.workspace.current.accept(ticket, Err(p()));
        self.workspace.made.accept(ticket, Err(p()));
        self.workspace.doctor.accept(ticket, Err(p()));
        self.sources.sniffed.accept(ticket, Err(p()));
        self.sources.connection.accept(ticket, Err(p()));
        self.sources.trial.end(ticket, Some(p()));
        self.sources.added.accept(ticket, Err(p()));
        if let Some(browser) = &mut self.sources.browsed {
            browser.tables.accept(ticket, Err(p()));
        }
        if let Some(draft) = &mut self.draft {
            draft.facts.accept(ticket, Err(p()));
            draft.trial.end(ticket, Some(p()));
            draft.written.accept(ticket, Err(p()));
        }
        for table in self.tables_on_screen() {
            table.window.accept(ticket, Err(p()));
        }
        if self.profile.profile.accept(ticket, Err(p())) {
            self.profile.so_far = None;
        }
        self.profile.change.accept(ticket, Err(p()));
        self.profile.findings.accept(ticket, Err(p()));
        self.profile.proposed.accept(ticket, Err(p()));
        self.recipe.preview.accept(ticket, Err(p()));
        self.recipe.sql.accept(ticket, Err(p()));
        self.recipe.spellings.accept(ticket, Err(p()));
        self.matches.report.accept(ticket, Err(p()));
        self.matches.written.accept(ticket, Err(p()));
        self.hear_review_failure(ticket, &problem);
        self.quarantine.decided.accept(ticket, Err(p()));
        self.pipeline.plan.accept(ticket, Err(p()));
        self.pipeline.shown.accept(ticket, Err(p()));
        self.pipeline.checks.accept(ticket, Err(p()));
        self.alerts.told.accept(ticket, Err(p()));
        self.inspect.report.accept(ticket, Err(p()));
        self.checks.list.accept(ticket, Err(p()));
        self.checks.proposals.accept(ticket, Err(p()));
        self.checks.added.accept(ticket, Err(p()));
        self.checks.undoing = self.checks.undoing.take().filter(|(waiting, _)| *waiting != ticket);
        self.pipeline.end(ticket, None);
        self.board.values.accept(ticket, Err(p()));
        self.board.kpi.accept(ticket, Err(p()));
        self.board.written.accept(ticket, Err(p()));
        if problem.code == Code::Interrupted {
            self.notices.tell(NoticeKind::Info, "stopped");
        } else {
            self.notices.problem(problem);
        }
        Vec::new()
    }

    /// Every table of which rows are in sight.
    fn tables_on_screen(&mut self) -> impl Iterator<Item = &mut TableView> {
        let browsed = self.sources.browsed.as_mut().and_then(|b| b.preview.as_mut());
        let drafted = self.draft.as_mut().and_then(|d| d.rows.as_mut());
        self.sources.preview.as_mut().into_iter().chain(browsed).chain(drafted).chain(self.table.as_mut())
    }

    /// New data or new files: asks again for what a person is looking at.
    pub(crate) fn refresh_what_is_seen(&mut self) -> Vec<Effect> {
        let Ok(workspace) = self.workspace() else { return Vec::new() };
        let mut effects = Vec::new();
        if self.pipeline.plan != crate::Remote::NotAsked {
            effects.extend(self.apply_pipeline(PipelineCommand::Plan(crate::Selection::default())).unwrap_or_default());
        }
        if self.checks.list != crate::Remote::NotAsked {
            effects.extend(self.apply_check(crate::CheckCommand::List).unwrap_or_default());
        }
        if let Some(name) = self.board.name.clone() {
            effects.extend(self.ask_board(&workspace, &name));
        }
        if let Some(table) = self.table.as_mut().filter(|t| !matches!(t.subject, Subject::File(_))) {
            effects.push(table.ask(Some(workspace), &mut self.tickets));
        }
        effects
    }

    fn breadcrumbs(&self) -> Vec<String> {
        let mut crumbs = Vec::new();
        if let Some(workspace) = self.workspace.current.latest() {
            crumbs.push(format!("{} ({})", workspace.config.name, workspace.environment));
        }
        let screen = self.screens.front();
        crumbs.push(screen.title().to_owned());
        match screen {
            Screen::Sources => crumbs.extend(self.sources.selected.clone()),
            Screen::Table => crumbs.extend(self.table.as_ref().map(|t| t.subject.to_string())),
            Screen::Profile => crumbs.extend(self.profile.subject.as_ref().map(ToString::to_string)),
            Screen::Recipe => crumbs.extend(self.recipe.model.clone()),
            Screen::Pipeline => crumbs.extend(self.pipeline.selected.clone()),
            Screen::Board => crumbs.extend(self.board.name.clone()),
            Screen::Match => crumbs.extend(self.review.preview.latest().map(|p| p.subject.clone())),
            Screen::Checks => crumbs.extend(self.checks.proposals.latest().map(|p| p.table.to_string())),
            Screen::Jobs | Screen::Help => {}
        }
        crumbs
    }
}
