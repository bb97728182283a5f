//! Who is told of what: alerts after runs and the daily report.

use serde::{Deserialize, Serialize};

use crate::{Address, Problem, Reference, Severity};

/// Somebody who is told, `[[alerts]]` of `trommel.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertSpec {
    /// Its name.
    pub name: String,
    /// How they are told.
    pub kind: AlertKind,
    /// Of what.
    #[serde(default = "usual_occasions")]
    pub on: Vec<AlertOn>,
    /// Only checks as bad as this, or worse.
    #[serde(default = "usual_severity")]
    pub severity: Severity,
    /// The environment in which it holds; in all without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The mail server: `smtp://user@host:587` (encrypted after greeting) or `smtps://user@host:465`; without a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<Address>,
    /// Where its password is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Reference>,
    /// Who the mail is from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// Who gets it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    /// Where a webhook is, `https://…`, or where that stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Address>,
    /// In what shape it is told.
    #[serde(default)]
    pub shape: AlertShape,
    /// The authority that signed the server's certificate, a PEM file; besides those the system trusts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
}

fn usual_occasions() -> Vec<AlertOn> {
    vec![AlertOn::FailedChecks, AlertOn::FailedRun]
}

fn usual_severity() -> Severity {
    Severity::Warning
}

/// How somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// By mail.
    Mail,
    /// By a request to a web address.
    Webhook,
    /// On the desktop of whoever is logged in.
    Desktop,
}

/// What somebody is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertOn {
    /// Checks were broken in a run.
    FailedChecks,
    /// A run failed.
    FailedRun,
    /// Rows were held in a run.
    HeldRows,
    /// Once a day, with the first run of the day: how it stands.
    Daily,
}

/// The shape of what a webhook gets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertShape {
    /// Everything, for programs.
    #[default]
    Json,
    /// As Slack and those that understand it take it.
    Slack,
    /// As Microsoft Teams takes it.
    Teams,
}

/// What is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertMessage {
    /// One line.
    pub title: String,
    /// More lines.
    pub lines: Vec<String>,
    /// The workspace.
    pub workspace: String,
    /// Its environment.
    pub environment: String,
    /// The run, when it is about one.
    pub run: Option<String>,
    /// When, RFC 3339 in UTC.
    pub at: String,
}

/// An alert on its way, or delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentAlert {
    /// Its own name: time, occasion and who is told.
    pub id: String,
    /// Who is told.
    pub alert: String,
    /// What.
    pub message: AlertMessage,
    /// How far it is.
    pub state: AlertState,
    /// Times it was tried.
    pub tries: u32,
    /// When it was tried last.
    pub tried_at: Option<String>,
    /// Why it did not get through the last time.
    pub problem: Option<Problem>,
}

/// How far an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// It is tried again with the next run.
    Waiting,
    /// It is delivered.
    Sent,
    /// It was tried too often.
    GivenUp,
}

impl SentAlert {
    /// `alert ops: sent`, or why not and what happens next.
    pub fn in_words(&self) -> String {
        let why = self.problem.as_ref().map_or_else(String::new, |p| match &p.why {
            Some(why) => format!("{}: {why}", p.what),
            None => p.what.clone(),
        });
        match self.state {
            AlertState::Sent => format!("alert {} sent: {}", self.alert, self.message.title),
            AlertState::Waiting => format!("alert {} did not get through ({why}); it is tried again with the next run", self.alert),
            AlertState::GivenUp => format!("alert {} did not get through in {} tries ({why}); it is given up", self.alert, self.tries),
        }
    }
}

impl AlertKind {
    /// The name `kind = …` has.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Webhook => "webhook",
            Self::Desktop => "desktop",
        }
    }
}

impl AlertState {
    /// In a word or two.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::GivenUp => "given up",
        }
    }
}
