//! Checks as SQL: which rows break a rule, how many, and which rows a table keeps without them.
//!
//! One file a rule, all with one anatomy: `broken(…)` turns the rule's words into a [`Broken`]. What is done with it is the
//! same for all: [`evaluate`] counts, [`split`] parts a table.
//!
//! A *relation* is a SELECT. Names get into SQL by `ident`, values by `literal`; the only text that goes in as it was
//! written is the condition of a check (`where`), which is SQL by definition.

mod accepted_values;
mod anomaly;
mod drift;
mod evaluate;
mod expression;
mod foreign_key;
mod format;
mod freshness;
mod functional_dependency;
mod length;
mod not_null;
mod null_share;
mod range;
mod reconcile;
mod regex;
mod row_change;
mod row_count;
mod schema;
mod split;
mod statistic;
mod subject;
mod type_of;
mod unique;
mod whole;

pub use evaluate::{History, evaluate};
pub use foreign_key::parent_prefix;
pub use regex::pattern_fault;
pub use split::{Split, split};

use std::ops::Range;

use trommel_model::{CheckAction, CheckSpec, Code, Dimension, Outcome, Place, Problem, Rule, Schema, TableName};

use foreign_key::OwnKey;
use functional_dependency::Dependency;
use subject::Subject;
use trommel_engine::sql::body;
use whole::{Measure, Whole};

/// The condition of a check that looks at every row.
const ALL: &str = "true";

/// A check as SQL.
#[derive(Debug, Clone)]
pub struct CompiledCheck {
    /// The check as a short sentence, for instance `not_null(email)`.
    pub label: String,
    /// What it is about.
    pub dimension: Dimension,
    /// What happens when it is broken.
    pub action: CheckAction,
    /// The columns it is about, in the order it names them.
    pub columns: Vec<String>,
    /// For rules about rows, a SELECT of the broken ones: all their columns, and a text `_reason`. For rules about the table
    /// as a whole, a SELECT of one row: the number `_value` that is measured.
    pub sql: String,
    /// Where in `sql` what the check says in SQL stands, and what it is called.
    written: Vec<(Range<usize>, &'static str)>,
    broken: Broken,
    /// The check's condition, safe to stand anywhere in a condition.
    looked_at: String,
    /// Where rows wait: the row that a row waits for, as a SQL text, and for how many seconds.
    waits: Option<(String, Option<i64>)>,
    /// The pattern it compares with.
    pattern: Option<String>,
}

/// What it means to break a rule.
#[derive(Debug, Clone)]
enum Broken {
    /// A row by itself: true for rows that break the rule, false or null for others; and the reason, as a SQL text.
    Row { condition: String, reason: String },
    /// Rows that have these values (none of them null) in common with another one; and the reason.
    Shared { keys: Vec<String>, reason: String },
    /// A row among the others of its relation; and the reason.
    Among { among: Among, reason: String },
    /// The table as a whole.
    Whole(Whole),
}

/// What a row breaks among the others of its relation.
#[derive(Debug, Clone)]
enum Among {
    /// It refers to one that is not there.
    Own(OwnKey),
    /// It does not say what most of its group say.
    Dependency(Dependency),
}

impl Among {
    /// True for rows of `from` that break it. `from` is anything a SELECT can read.
    fn condition(&self, from: &str, looked_at: &str) -> String {
        match self {
            Self::Own(own) => own.condition(from, looked_at),
            Self::Dependency(dependency) => dependency.condition(from, looked_at),
        }
    }
}

/// Compiles a check against a relation (a SELECT) with these columns. `table` is what the relation is called.
///
/// Fails with `unknown-name` for a column that is not there (with the nearest one), and with `bad-config` for a rule that
/// makes no sense: a range without bounds, a number for a text column, a `row_count` that is to hold rows.
pub fn compile(check: &CheckSpec, table: &TableName, relation: &str, schema: &Schema) -> Outcome<CompiledCheck> {
    // The condition stands on lines of its own, so that a comment at its end stays its own.
    let looked_at = check.condition.as_ref().map_or_else(|| ALL.to_owned(), |c| format!("(\n{c}\n)"));
    let subject = Subject { check, table, schema, relation, looked_at: &looked_at };
    subject.sensible()?;
    let one = |column: &String| vec![column.clone()];
    let (columns, broken) = match &check.rule {
        Rule::NotNull { column } => (one(column), not_null::broken(&subject, column)?),
        Rule::Unique { columns } => (columns.clone(), unique::broken(&subject, columns)?),
        Rule::AcceptedValues { column, values } => (one(column), accepted_values::broken(&subject, column, values)?),
        Rule::Range { column, min, max } => (one(column), range::broken(&subject, column, min.as_ref(), max.as_ref())?),
        Rule::Regex { column, pattern } => (one(column), regex::broken(&subject, column, pattern)?),
        Rule::Length { column, min, max } => (one(column), length::broken(&subject, column, *min, *max)?),
        Rule::Format { column, format } => (one(column), format::broken(&subject, column, *format)?),
        Rule::Type { column, to } => (one(column), type_of::broken(&subject, column, *to)?),
        Rule::Expression { expression } => (Vec::new(), expression::broken(&subject, expression)?),
        Rule::ForeignKey { column, references } => (one(column), foreign_key::broken(&subject, column, references)?),
        Rule::FunctionalDependency { columns, determines } => {
            (columns.iter().chain([determines]).cloned().collect(), functional_dependency::broken(&subject, columns, determines)?)
        }
        Rule::RowCount { min, max } => (Vec::new(), row_count::broken(&subject, *min, *max)?),
        Rule::RowChange { max_drop, max_rise } => (Vec::new(), row_change::broken(&subject, *max_drop, *max_rise)?),
        Rule::NullShare { column, max } => (one(column), null_share::broken(&subject, column, *max)?),
        Rule::Statistic { statistic, column, min, max } => (one(column), statistic::broken(&subject, *statistic, column, *min, *max)?),
        Rule::Anomaly { statistic, column, sensitivity, season } => {
            (column.iter().cloned().collect(), anomaly::broken(&subject, *statistic, column.as_deref(), *sensitivity, *season)?)
        }
        Rule::Freshness { column, within } => (one(column), freshness::broken(&subject, column, within)?),
        Rule::Schema { columns, exact } => (Vec::new(), schema::broken(&subject, columns, *exact)?),
        Rule::Reconcile { with, columns } => (columns.clone(), reconcile::broken(&subject, with, columns)?),
        Rule::Drift { column, baseline, max } => (one(column), drift::broken(&subject, column, baseline, *max)?),
    };
    let sql = broken.select(relation, &looked_at);
    let find = |text: Option<&String>, name| {
        // What was written stands between line ends, so nothing else can be taken for it.
        text.and_then(|t| sql.find(&format!("(\n{t}\n)")).map(|at| (at + 2..at + 2 + t.len(), name)))
    };
    let expression = if let Rule::Expression { expression } = &check.rule { Some(expression) } else { None };
    let waits = match &check.rule {
        Rule::ForeignKey { column, references } if check.action == CheckAction::Wait => {
            Some((foreign_key::parent(column, references), check.patience_s()?))
        }
        _ => None,
    };
    let written = [find(check.condition.as_ref(), "where"), find(expression, "expression")].into_iter().flatten().collect();
    Ok(CompiledCheck {
        label: check.label(),
        dimension: check.dimension(),
        action: check.action,
        columns,
        sql,
        written,
        broken,
        looked_at,
        waits,
        pattern: if let Rule::Regex { pattern, .. } = &check.rule { Some(pattern.clone()) } else { None },
    })
}

impl CompiledCheck {
    /// True for a check without a condition of its own.
    fn looks_at_all(&self) -> bool {
        self.looked_at == ALL
    }

    /// A fault that the engine finds in the check's SQL, in terms of the check.
    pub fn fault(&self, problem: Problem) -> Problem {
        if !matches!(problem.code, Code::BadSql | Code::RunFailed) {
            return problem;
        }
        let what = format!("the check {} cannot be applied", self.label);
        let because = match &problem.why {
            Some(why) => format!("{}: {why}", problem.what),
            None => problem.what.clone(),
        };
        let mut fault = Problem::new(Code::BadConfig, what).why(because);
        fault.next.clone_from(&problem.next);
        let within = problem
            .snippet
            .as_ref()
            .and_then(|s| self.written.iter().find(|(text, _)| text.start <= s.span.start && s.span.end <= text.end).cloned());
        if let Some((text, name)) = within {
            let narrowed = problem.narrowed_to(format!("{name} of {}", self.label), &self.sql, text);
            fault.snippet = narrowed.snippet;
        }
        if let Some((pattern, (span, label))) = self.pattern.as_ref().and_then(|p| Some((p, pattern_fault(p)?))) {
            fault = fault
                .pointing_at(format!("pattern of {}", self.label), pattern, span, label)
                .next("correct the pattern; it is read by RE2");
            // Line and column would be those of the pattern, and whoever adds the file means the check.
            fault.place = Place::default();
        }
        fault
    }
}

impl Broken {
    /// What [`CompiledCheck::sql`] is.
    fn select(&self, relation: &str, looked_at: &str) -> String {
        let from = format!("(\n{}\n)", body(relation));
        match self {
            Self::Row { condition, reason } => format!("SELECT *, {reason} AS _reason FROM {from} WHERE {looked_at} AND {condition}"),
            Self::Shared { keys, reason } => {
                let (key, known, list) = (unique::one(keys), unique::known(keys), keys.join(", "));
                let shared = format!("SELECT {key} FROM {from} WHERE {looked_at} AND {known} GROUP BY {list} HAVING count(*) > 1");
                format!("SELECT *, {reason} AS _reason FROM {from} WHERE {looked_at} AND {known} AND {key} IN ({shared})")
            }
            Self::Among { among, reason } => {
                let condition = among.condition(&from, looked_at);
                format!("SELECT *, {reason} AS _reason FROM {from} WHERE {looked_at} AND {condition}")
            }
            Self::Whole(Whole { measure: Measure::Aggregate(value), .. }) => {
                format!("SELECT {value} AS _value FROM {from} WHERE {looked_at}")
            }
            Self::Whole(Whole { measure: Measure::Query(sql), .. }) => sql.clone(),
            Self::Whole(Whole { measure: Measure::Known(_), .. }) => {
                format!("SELECT CAST(NULL AS DOUBLE) AS _value FROM {from} WHERE {looked_at} LIMIT 1")
            }
        }
    }
}

#[cfg(test)]
mod tests;
