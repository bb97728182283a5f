//! The signs we draw with, in Unicode and in plain ASCII. Every state has a sign of its own, so no colour is needed.

use trommel_app::JobState;
use trommel_model::{RunStatus, SparkGlyphs, Standing, StepStatus};

use super::Tone;

/// Which signs a terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Glyphs {
    #[default]
    Unicode,
    Ascii,
}

impl Glyphs {
    /// One of two signs.
    pub(crate) fn pick(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        match self {
            Self::Unicode => unicode,
            Self::Ascii => ascii,
        }
    }

    pub(crate) fn ellipsis(self) -> &'static str {
        self.pick("…", "~")
    }

    pub(crate) fn dot(self) -> &'static str {
        self.pick("·", "-")
    }

    pub(crate) fn then(self) -> &'static str {
        self.pick("›", ">")
    }

    pub(crate) fn arrow(self) -> &'static str {
        self.pick("→", "->")
    }

    pub(crate) fn up(self) -> &'static str {
        self.pick("▲", "^")
    }

    pub(crate) fn down(self) -> &'static str {
        self.pick("▼", "v")
    }

    pub(crate) fn rule(self) -> &'static str {
        self.pick("─", "-")
    }

    pub(crate) fn wall(self) -> &'static str {
        self.pick("│", "|")
    }

    pub(crate) fn pointer(self) -> &'static str {
        self.pick("▌", ">")
    }

    pub(crate) fn good(self) -> &'static str {
        self.pick("✓", "+")
    }

    pub(crate) fn bad(self) -> &'static str {
        self.pick("✗", "x")
    }

    pub(crate) fn held(self) -> &'static str {
        self.pick("◆", "!")
    }

    pub(crate) fn running(self) -> &'static str {
        self.pick("●", "*")
    }

    pub(crate) fn spark(self) -> SparkGlyphs {
        match self {
            Self::Unicode => SparkGlyphs::Blocks,
            Self::Ascii => SparkGlyphs::Ascii,
        }
    }

    /// Sign and tone of a step's state; `held` says that rows of it are held.
    pub(crate) fn step(self, status: StepStatus, held: bool) -> (&'static str, Tone) {
        match status {
            StepStatus::Waiting => (self.pick("○", "."), Tone::Muted),
            StepStatus::Running => (self.running(), Tone::Accent),
            StepStatus::Done if held => (self.held(), Tone::Warn),
            StepStatus::Done => (self.good(), Tone::Good),
            StepStatus::Skipped => (self.pick("◦", "="), Tone::Muted),
            StepStatus::Failed => (self.bad(), Tone::Bad),
            StepStatus::Cancelled => (self.pick("■", "#"), Tone::Warn),
        }
    }

    /// Sign and tone of a run's state.
    pub(crate) fn run(self, status: RunStatus) -> (&'static str, Tone) {
        match status {
            RunStatus::Running => (self.running(), Tone::Accent),
            RunStatus::Done => (self.good(), Tone::Good),
            RunStatus::Held => (self.held(), Tone::Warn),
            RunStatus::Failed => (self.bad(), Tone::Bad),
            RunStatus::Cancelled => (self.pick("■", "#"), Tone::Warn),
            RunStatus::Lost => ("?", Tone::Bad),
        }
    }

    /// Sign and tone of a job's state.
    pub(crate) fn job(self, state: &JobState) -> (&'static str, Tone) {
        match state {
            JobState::Running | JobState::Stopping => (self.running(), Tone::Accent),
            JobState::Finished => (self.good(), Tone::Good),
            JobState::Cancelled => (self.pick("■", "#"), Tone::Warn),
            JobState::Failed(_) => (self.bad(), Tone::Bad),
        }
    }

    /// Sign, words and tone of how a KPI stands.
    pub(crate) fn standing(self, standing: Standing) -> (&'static str, &'static str, Tone) {
        match standing {
            Standing::NoTarget => ("", "no target", Tone::Muted),
            Standing::Met => (self.good(), "met", Tone::Good),
            Standing::Missed => (self.held(), "missed", Tone::Warn),
            Standing::Warning => (self.bad(), "warning", Tone::Bad),
        }
    }
}
