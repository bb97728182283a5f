//! A rule with what happens to rows that break it, and what came of applying it.

use jiff::{Span, SpanRelativeTo, Unit};
use serde::{Deserialize, Serialize};

use crate::{Cell, Code, Dimension, NumberFormat, Outcome, Problem, Rule, TableName, format_value};

/// A rule with what happens to rows that break it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckSpec {
    /// The rule itself.
    #[serde(flatten)]
    pub rule: Rule,
    /// What happens when it is broken.
    #[serde(default)]
    pub action: CheckAction,
    /// Only rows for which this SQL condition holds are looked at.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// How long a row may wait for its parent before it is a case for somebody, for instance `30d`; for ever without it.
    /// Only with the action `wait`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_for: Option<String>,
    /// The share of rows looked at (0 to below 1) that may break the rule before it counts as broken. Not possible where rows
    /// are held: each of them is.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tolerance: f64,
    /// How bad it is when the rule is broken; by the action without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// What it is about, where the rule alone does not say it: a condition about two moments may be about timeliness.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimension: Option<Dimension>,
    /// Who is asked about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// Why the rule exists, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(share: &f64) -> bool {
    *share == 0.0
}

impl CheckSpec {
    /// The check as a short sentence: its rule, and for one that compares with earlier runs the rows it looks at, so that each
    /// compares with its own.
    pub fn label(&self) -> String {
        let label = self.rule.label();
        match &self.condition {
            Some(condition) if self.rule.needs_history() => {
                format!("{label} where {}", condition.split_whitespace().collect::<Vec<_>>().join(" "))
            }
            _ => label,
        }
    }

    /// A rule with an action, and nothing else said.
    pub fn new(rule: Rule, action: CheckAction) -> Self {
        Self {
            rule,
            action,
            condition: None,
            wait_for: None,
            tolerance: 0.0,
            severity: None,
            dimension: None,
            owner: String::new(),
            description: String::new(),
        }
    }

    /// What it is about.
    pub fn dimension(&self) -> Dimension {
        self.dimension.unwrap_or_else(|| self.rule.dimension())
    }

    /// How bad it is when the rule is broken.
    pub fn severity(&self) -> Severity {
        self.severity.unwrap_or(match self.action {
            CheckAction::Warn | CheckAction::Wait => Severity::Warning,
            CheckAction::Quarantine | CheckAction::Fail => Severity::Error,
        })
    }

    /// How long a row may wait for its parent, in seconds; `None` for ever. Fails with `bad-config` for what is no duration.
    pub fn patience_s(&self) -> Outcome<Option<i64>> {
        let Some(text) = &self.wait_for else { return Ok(None) };
        let seconds = text.trim().parse::<Span>().ok().and_then(|span| {
            let days_are_24_hours = SpanRelativeTo::days_are_24_hours();
            span.total((Unit::Second, days_are_24_hours)).ok().filter(|s| *s >= 1.0)
        });
        let fault = || {
            Problem::new(Code::BadConfig, format!("the check {} lets rows wait for \"{text}\", which is no time", self.label()))
                .next("write a number with minutes, hours, days or weeks, for instance wait_for = \"30d\"")
        };
        seconds.map(|s| Some(s as i64)).ok_or_else(fault)
    }
}

/// How bad a broken rule is: what is shown first, and whom it wakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the usual four, by name")]
pub enum Severity {
    Info,
    Warning,
    Error,
    Critical,
}

impl Severity {
    /// The severity's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }
}

/// What happens to rows that break a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckAction {
    /// They stay and are counted.
    #[default]
    Warn,
    /// They are held back with the reason. Not possible for `row_count`.
    Quarantine,
    /// They are held back until the row they refer to has come, and then join by themselves. Only for `foreign_key`.
    Wait,
    /// The run fails and nothing of the table is published.
    Fail,
}

impl CheckAction {
    /// The action's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Quarantine => "quarantine",
            Self::Wait => "wait",
            Self::Fail => "fail",
        }
    }

    /// True when rows that break the rule are put aside.
    pub fn holds_rows(self) -> bool {
        matches!(self, Self::Quarantine | Self::Wait)
    }
}

/// What came of one check in one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckResult {
    /// The table.
    pub table: TableName,
    /// The check as a short sentence, for instance `not_null(email)`.
    pub check: String,
    /// What it is about.
    pub dimension: Dimension,
    /// What was to happen.
    pub action: CheckAction,
    /// How bad it is.
    pub severity: Severity,
    /// Who is asked about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// Rows looked at.
    pub rows: u64,
    /// Rows that break the rule; for rules about the table as a whole, 1 when broken.
    pub broken: u64,
    /// Rows that may break it: more are too many.
    pub tolerated: u64,
    /// What was measured, for rules about the table as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The fault in words, for rules about the table as a whole that are broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// A few rows that break it: column names and values.
    pub examples: Vec<Vec<(String, Cell)>>,
}

impl CheckResult {
    /// True when more rows break the rule than may.
    pub fn is_broken(&self) -> bool {
        self.broken > self.tolerated
    }

    /// What was found, in words: `3 of 10 rows break it`, `the number of rows is 3, not 5 or more`.
    pub fn finding(&self) -> String {
        let count = |n: u64| format_value(n as f64, NumberFormat::Integer, "");
        let (broken, of) = (count(self.broken), count(self.rows));
        match &self.reason {
            Some(reason) => reason.clone(),
            None if self.tolerated > 0 => format!("{broken} of {of} rows break it, {} may", count(self.tolerated)),
            None if self.broken == 1 => format!("1 of {of} rows breaks it"),
            None => format!("{broken} of {of} rows break it"),
        }
    }

    /// The share of rows that keep the rule, 0 to 1; for rules about the table as a whole, 0 or 1.
    pub fn score(&self) -> f64 {
        if self.value.is_some() || self.reason.is_some() || self.rows == 0 {
            return if self.broken == 0 { 1.0 } else { 0.0 };
        }
        1.0 - self.broken.min(self.rows) as f64 / self.rows as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_a_row_may_wait() {
        let rule = || Rule::ForeignKey { column: "a".into(), references: "raw.b.c".into() };
        for (text, expected) in [
            (None, Some(None)),
            (Some("30d"), Some(Some(2_592_000))),
            (Some("90 minutes"), Some(Some(5_400))),
            (Some("2 weeks"), Some(Some(1_209_600))),
            (Some("0d"), None),
            (Some("-3d"), None),
            (Some("1 month"), None),
            (Some("soon"), None),
        ] {
            let check = CheckSpec { wait_for: text.map(str::to_owned), ..CheckSpec::new(rule(), CheckAction::Wait) };
            assert_eq!(check.patience_s().ok(), expected, "{text:?}");
        }
    }
}
