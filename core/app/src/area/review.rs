//! A match looked at: the threshold that is tried, the pair that is selected, decisions and the way back.

use std::collections::BTreeMap;
use std::sync::Arc;

use trommel_model::{Code, MatchPreview, PreviewPair, PreviewStep, Problem, Ruling, Workspace};

use crate::app::Effects;
use crate::area::unknown;
use crate::{
    ALL_KPIS, App, DecideRequest, Decided, Effect, MatchSubject, NoticeKind, PreviewRequest, Refused, Remote, Report, ReviewCommand,
    Screen, Ticket, Work,
};

/// A match on screen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReviewView {
    /// What was asked for last.
    pub request: Option<PreviewRequest>,
    /// What would come of it.
    pub preview: Remote<Arc<MatchPreview>>,
    /// The place of the threshold that is looked at.
    pub step: usize,
    /// The place of the selected pair.
    pub pair: usize,
    /// What was decided of pairs since the preview was made.
    pub rulings: BTreeMap<usize, Ruling>,
    /// What came of a decision, of taking an entity apart or of a new threshold.
    pub report: Remote<Report>,
    /// Decided pairs, the last one last.
    decided: Vec<usize>,
    /// Decisions that are being written: their work, the pair, what was decided.
    pending: Vec<(Ticket, usize, Ruling)>,
}

impl ReviewView {
    /// The step that is looked at.
    pub fn shown(&self) -> Option<&PreviewStep> {
        self.preview.latest()?.steps.get(self.step)
    }

    /// The selected pair.
    pub fn selected(&self) -> Option<&PreviewPair> {
        self.preview.latest()?.pairs.get(self.pair)
    }

    /// The match, when it is one of the workspace.
    pub fn model(&self) -> Option<&str> {
        match &self.request.as_ref()?.subject {
            MatchSubject::Model(name) => Some(name),
            MatchSubject::Files { .. } => None,
        }
    }

    /// True when a decision can be taken back.
    pub fn can_undo(&self) -> bool {
        !self.decided.is_empty()
    }
}

impl App {
    pub(crate) fn apply_review(&mut self, command: ReviewCommand) -> Effects {
        match command {
            ReviewCommand::Preview(request) => self.preview_match(request),
            ReviewCommand::Move(by) => {
                let to = self.review.step.saturating_add_signed(by as isize);
                self.look_at_step(to)
            }
            ReviewCommand::Step(step) => self.look_at_step(step),
            ReviewCommand::Select(pair) => {
                let pairs = self.looked_at()?.pairs.len();
                self.review.pair = pair.min(pairs.saturating_sub(1));
                Ok(Vec::new())
            }
            ReviewCommand::Rule(ruling) => self.rule(ruling),
            ReviewCommand::Undo => {
                let model = self.model_looked_at()?;
                let Some(pair) = self.review.decided.pop() else {
                    return Err(Refused(Problem::new(Code::Usage, "nothing was decided since the match was looked at")));
                };
                self.review.pair = pair;
                self.decide_pair(model, pair, Ruling::Withdrawn)
            }
            ReviewCommand::Decide(request) => {
                self.known_match(&request.model)?;
                if request.left == request.right {
                    return Err(Refused(Problem::new(Code::Usage, "a record is the same as itself").next("name two records")));
                }
                self.ask_review(ReviewCommand::Decide(request))
            }
            ReviewCommand::KeepThreshold => {
                let model = self.model_looked_at()?;
                let threshold = self.review.shown().map_or(0.0, |step| step.threshold);
                self.apply_review(ReviewCommand::Threshold { model, threshold })
            }
            ReviewCommand::Threshold { model, threshold } => {
                self.known_match(&model)?;
                in_range(threshold)?;
                self.ask_review(ReviewCommand::Threshold { model, threshold })
            }
            ReviewCommand::Unmerge(request) => {
                self.workspace()?;
                if let Some(model) = &request.model {
                    self.known_match(model)?;
                }
                self.ask_review(ReviewCommand::Unmerge(request))
            }
        }
    }

    fn preview_match(&mut self, request: PreviewRequest) -> Effects {
        let workspace = match &request.subject {
            MatchSubject::Model(name) => Some(self.known_match(name)?),
            MatchSubject::Files { files, .. } if files.is_empty() => {
                return Err(Refused(Problem::new(Code::Usage, "no file is named").next("name a match of the workspace, or files")));
            }
            MatchSubject::Files { .. } => None,
        };
        if let Some(threshold) = request.threshold {
            in_range(threshold)?;
        }
        if let Some(workspace) = &workspace {
            let known: Vec<&str> = workspace.kpis.iter().map(|k| k.name.as_str()).collect();
            if let Some(kpi) = request.kpis.iter().find(|kpi| *kpi != ALL_KPIS && !known.contains(&kpi.as_str())) {
                return Err(unknown("KPI", kpi, known.into_iter()));
            }
        } else if !request.kpis.is_empty() {
            return Err(Refused(
                Problem::new(Code::Usage, "files have no KPIs").next("name a match of the workspace to see what it does to a KPI"),
            ));
        }
        let ticket = self.tickets.next();
        if self.review.request.as_ref().map(|r| &r.subject) != Some(&request.subject) {
            self.review = ReviewView::default();
        }
        self.review.preview.ask(ticket);
        self.review.request = Some(request.clone());
        self.screens.show(Screen::Match);
        Ok(vec![Effect { ticket, work: Work::Review(workspace, ReviewCommand::Preview(request)) }])
    }

    pub(crate) fn hear_preview(&mut self, ticket: Ticket, preview: Arc<MatchPreview>) {
        let (step, pairs) = (preview.chosen, preview.pairs.len());
        if self.review.preview.accept(ticket, Ok(preview)) {
            self.review.step = step;
            self.review.pair = self.review.pair.min(pairs.saturating_sub(1));
            self.review.rulings.clear();
            self.review.decided.clear();
        }
    }

    pub(crate) fn hear_decided(&mut self, ticket: Ticket, decided: Decided) -> Vec<Effect> {
        if let Some(at) = self.review.pending.iter().position(|(waiting, ..)| *waiting == ticket) {
            let (_, pair, ruling) = self.review.pending.remove(at);
            if ruling == Ruling::Withdrawn {
                self.review.rulings.remove(&pair);
            } else {
                self.review.rulings.insert(pair, ruling);
                self.review.decided.push(pair);
            }
            self.notices.tell(NoticeKind::Info, decided.report.title.clone());
        }
        self.review.report.accept(ticket, Ok(decided.report));
        // What was written is part of the workspace from now on.
        match self.workspace() {
            Ok(workspace) => vec![self.load(workspace.root.clone(), Some(workspace.environment.clone()))],
            Err(_) => Vec::new(),
        }
    }

    pub(crate) fn hear_review_failure(&mut self, ticket: Ticket, problem: &Problem) {
        self.review.preview.accept(ticket, Err(problem.clone()));
        self.review.report.accept(ticket, Err(problem.clone()));
        self.review.pending.retain(|(waiting, ..)| *waiting != ticket);
    }

    fn look_at_step(&mut self, step: usize) -> Effects {
        let steps = self.looked_at()?.steps.len();
        self.review.step = step.min(steps.saturating_sub(1));
        Ok(Vec::new())
    }

    fn rule(&mut self, ruling: Ruling) -> Effects {
        let model = self.model_looked_at()?;
        let (pair, pairs) = (self.review.pair, self.looked_at()?.pairs.len());
        let effects = self.decide_pair(model, pair, ruling)?;
        self.review.pair = (pair + 1).min(pairs.saturating_sub(1));
        Ok(effects)
    }

    fn decide_pair(&mut self, model: String, pair: usize, ruling: Ruling) -> Effects {
        let Some(about) = self.looked_at()?.pairs.get(pair) else {
            return Err(Refused(Problem::new(Code::Usage, "no pair is in doubt")));
        };
        let (left, right) = (about.left.key.clone(), about.right.key.clone());
        let why = format!("seen side by side at a score of {:.3}", about.score);
        let effects = self.ask_review(ReviewCommand::Decide(DecideRequest { model, left, right, ruling, why }))?;
        self.review.pending.extend(effects.iter().map(|effect| (effect.ticket, pair, ruling)));
        Ok(effects)
    }

    fn ask_review(&mut self, command: ReviewCommand) -> Effects {
        let workspace = self.workspace()?;
        let ticket = self.tickets.next();
        self.review.report.ask(ticket);
        Ok(vec![Effect { ticket, work: Work::Review(Some(workspace), command) }])
    }

    fn looked_at(&self) -> Result<&MatchPreview, Refused> {
        self.review.preview.latest().map(AsRef::as_ref).ok_or_else(|| {
            Refused(Problem::new(Code::Usage, "no match is looked at").next("look at one first: trommel match preview mart.customers"))
        })
    }

    /// The match that is looked at, when decisions about it can be kept.
    fn model_looked_at(&self) -> Result<String, Refused> {
        self.looked_at()?;
        self.review.model().map(str::to_owned).ok_or_else(|| {
            Refused(
                Problem::new(Code::Usage, "what is decided about files cannot be kept")
                    .next("put the files and the model into a workspace: trommel init"),
            )
        })
    }

    pub(crate) fn known_match(&self, name: &str) -> Result<Arc<Workspace>, Refused> {
        let workspace = self.workspace()?;
        let matches = || workspace.models.iter().filter(|m| m.kind.name() == "match").map(|m| m.name.to_string());
        if !matches().any(|known| known == name) {
            let names: Vec<String> = matches().collect();
            return Err(unknown("match", name, names.iter().map(String::as_str)));
        }
        Ok(workspace)
    }
}

fn in_range(threshold: f64) -> Result<(), Refused> {
    if (0.0..=1.0).contains(&threshold) {
        return Ok(());
    }
    Err(Refused(Problem::new(Code::Usage, format!("a threshold is a number from 0 to 1, not {threshold}")).next("for instance 0.9")))
}
