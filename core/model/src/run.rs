//! A run and its steps, as the ledger keeps them.

use serde::{Deserialize, Serialize};

use crate::{CheckResult, Problem, RowCounts, StepKind};

/// Identifies a run: the UTC start time and four random characters, `20260131-093000-k3f9`. Sorts by time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub String);

/// One execution of the pipeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Its id.
    pub id: RunId,
    /// The environment it ran in.
    pub environment: String,
    /// Where it stands.
    pub status: RunStatus,
    /// Start, RFC 3339 in UTC.
    pub started_at: String,
    /// End, when it has ended.
    pub ended_at: Option<String>,
    /// The lake snapshot it published last, if any.
    pub snapshot: Option<u64>,
    /// Its steps in plan order.
    pub steps: Vec<StepRecord>,
    /// Why it failed, when it did.
    pub problem: Option<Problem>,
}

/// One step of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The table it makes.
    pub name: String,
    /// What kind of step it is.
    pub kind: StepKind,
    /// Where it stands.
    pub status: StepStatus,
    /// Where its rows went.
    #[serde(flatten)]
    pub counts: RowCounts,
    /// Wall time.
    pub elapsed_ms: u64,
    /// Largest memory the engine held while the step ran.
    pub peak_bytes: u64,
    /// What came of its checks.
    #[serde(default)]
    pub checks: Vec<CheckResult>,
    /// Remarks: sniffed dialects, oversize blocks, values that became null.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Why it failed, when it did.
    pub problem: Option<Problem>,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// It is going on.
    Running,
    /// All steps are done.
    Done,
    /// All steps are done and rows are held.
    Held,
    /// A step failed.
    Failed,
    /// Somebody stopped it.
    Cancelled,
    /// Its process ended without a word.
    Lost,
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum StepStatus {
    Waiting,
    Running,
    Done,
    Skipped,
    Failed,
    Cancelled,
}

/// One line of a run's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// The step, or nothing for the run as a whole.
    pub step: Option<String>,
    /// What happened.
    pub text: String,
}

/// What a run tells while it goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum RunEvent {
    /// It has begun, with all its steps waiting.
    Started(RunRecord),
    /// A step changed.
    Step(StepRecord),
    /// Something worth noting.
    Log(LogLine),
    /// It has ended.
    Ended(RunRecord),
}

macro_rules! names {
    ($type:ty { $($variant:ident => $name:literal),+ $(,)? }) => {
        impl $type {
            /// The name the ledger keeps and scripts match on.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The value of a name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

names!(RunStatus { Running => "running", Done => "done", Held => "held", Failed => "failed", Cancelled => "cancelled", Lost => "lost" });
names!(StepStatus {
    Waiting => "waiting", Running => "running", Done => "done", Skipped => "skipped", Failed => "failed", Cancelled => "cancelled",
});

impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
