//! Checks, wherever they are written: beside a source or a model, or in `checks/NAME.toml`.

use serde::Deserialize;
use toml::Spanned;
use toml::de::DeValue;
use trommel_model::{Bound, CheckAction, CheckSpec, Code, Outcome, Problem, Rule, TableName, is_word, nearest};

use super::document::{self, Document, Step, Value, config_fault};
use super::explain::{missing_key, unknown_key, unknown_value};
use super::text::TextFile;

/// The rules and their own keys. Serde cannot refuse unknown keys in a flattened enum, so they are looked at here.
const RULES: &[(&str, &[&str])] = &[
    ("not_null", &["column"]),
    ("unique", &["columns"]),
    ("accepted_values", &["column", "values"]),
    ("range", &["column", "min", "max"]),
    ("regex", &["column", "pattern"]),
    ("row_count", &["min", "max"]),
    ("foreign_key", &["column", "references", "wait_for"]),
    ("length", &["column", "min", "max"]),
    ("format", &["column", "format"]),
    ("type", &["column", "type"]),
    ("expression", &["expression"]),
    ("functional_dependency", &["columns", "determines"]),
    ("null_share", &["column", "max"]),
    ("statistic", &["statistic", "column", "min", "max"]),
    ("freshness", &["column", "within"]),
    ("schema", &["columns", "exact"]),
    ("reconcile", &["with", "columns"]),
    ("drift", &["column", "baseline", "max"]),
    ("row_change", &["max_drop", "max_rise"]),
    ("anomaly", &["statistic", "column", "sensitivity", "season"]),
];

/// Keys that every check may have.
const COMMON: &[&str] = &["check", "action", "where", "tolerance", "severity", "dimension", "owner", "description"];

/// A file of checks about one table.
pub(crate) struct CheckFile {
    /// The table.
    pub table: TableName,
    /// The rules about it.
    pub checks: Vec<CheckSpec>,
}

/// Reads `checks/NAME.toml`.
pub(crate) fn read(file: &TextFile) -> Outcome<CheckFile> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Head {
        table: String,
    }
    let mut document = Document::parse(file)?;
    let checks = document.take_tables("checks")?;
    let head: Head = document.read(&["checks"])?;
    let table = head.table.parse().map_err(|fault| super::at_key(file, "table", fault))?;
    Ok(CheckFile { table, checks: read_checks(file, checks)? })
}

/// Reads the tables of a `[[checks]]` list.
pub(crate) fn read_checks(file: &TextFile, tables: Vec<Value>) -> Outcome<Vec<CheckSpec>> {
    tables.into_iter().map(|table| read_check(file, table)).collect()
}

fn read_check(file: &TextFile, mut value: Value) -> Outcome<CheckSpec> {
    known_keys(file, &value)?;
    dates_to_texts(&mut value);
    let asked = value.clone();
    let spec: CheckSpec = document::read(file, value, &[])?;
    possible(&spec).map_err(|(key, what, next)| {
        let at = asked.get_ref().get(key).unwrap_or(&asked);
        file.fault(Code::BadConfig, what, at.span(), "cannot be").next(next)
    })?;
    Ok(spec)
}

fn known_keys(file: &TextFile, value: &Value) -> Outcome<()> {
    let DeValue::Table(table) = value.get_ref() else { return Ok(()) };
    let Some(kind) = table.get("check") else { return Err(missing_key(file, "check", value.span()).next(name_a_rule())) };
    let Some(name) = kind.get_ref().as_str() else { return Ok(()) };
    let Some((_, own)) = RULES.iter().find(|(rule, _)| *rule == name) else {
        let rules: Vec<_> = RULES.iter().map(|(rule, _)| *rule).collect();
        return Err(unknown_value(file, Some("check"), name, &rules, kind.span()));
    };
    let allowed: Vec<_> = own.iter().chain(COMMON).copied().collect();
    match table.keys().find(|key| !allowed.contains(&key.get_ref().as_ref())) {
        Some(key) => Err(unknown_key(file, key.get_ref(), &allowed, key.span())),
        None => Ok(()),
    }
}

fn name_a_rule() -> String {
    let rules: Vec<_> = RULES.iter().map(|(rule, _)| *rule).collect();
    format!("add check = one of: {}", rules.join(", "))
}

/// Bounds may be TOML dates; the rule keeps them as text.
fn dates_to_texts(value: &mut Value) {
    let DeValue::Table(table) = value.get_mut() else { return };
    for key in ["min", "max"] {
        if let Some(bound) = table.get_mut(key)
            && let Some(date) = bound.get_ref().as_datetime()
        {
            *bound = Spanned::new(bound.span(), DeValue::String(date.to_string().into()));
        }
    }
}

/// The key at fault, what is wrong with it, what to do.
type Impossible = (&'static str, String, &'static str);

fn possible(spec: &CheckSpec) -> Result<(), Impossible> {
    let fault = |key, what: &str, next| Err((key, what.to_owned(), next));
    match &spec.rule {
        Rule::Unique { columns } if columns.is_empty() => fault("columns", "no column is named", "name the columns that must be unique"),
        Rule::AcceptedValues { values, .. } if values.is_empty() => fault("values", "no value is accepted", "name the accepted values"),
        Rule::Range { min: None, max: None, .. }
        | Rule::RowCount { min: None, max: None }
        | Rule::Length { min: None, max: None, .. }
        | Rule::Statistic { min: None, max: None, .. } => fault("check", "the check has no bounds", "add min, max or both"),
        Rule::RowChange { max_drop: None, max_rise: None } => {
            fault("check", "the check allows any change", "add max_drop, max_rise or both")
        }
        Rule::Range { min: Some(min), max: Some(max), .. } if crossed(min, max) => fault("min", "min is above max", "swap them"),
        Rule::RowCount { min: Some(min), max: Some(max) } | Rule::Length { min: Some(min), max: Some(max), .. } if min > max => {
            fault("min", "min is above max", "swap them")
        }
        Rule::Statistic { min: Some(min), max: Some(max), .. } if min > max => fault("min", "min is above max", "swap them"),
        rule if rule.is_by_table() && spec.action.holds_rows() => {
            fault("action", "a check of the table as a whole has no rows to hold", "use action = \"warn\" or \"fail\"")
        }
        rule if spec.action == CheckAction::Wait && !matches!(rule, Rule::ForeignKey { .. }) => {
            fault("action", "only rows that refer to others can wait for them", "use action = \"quarantine\", or check = \"foreign_key\"")
        }
        _ if spec.wait_for.is_some() && spec.action != CheckAction::Wait => {
            fault("wait_for", "rows that break the check do not wait", "add action = \"wait\", or leave wait_for out")
        }
        _ if spec.patience_s().is_err() => {
            fault("wait_for", "it says no time", "write a number with minutes, hours, days or weeks, for instance \"30d\"")
        }
        Rule::Reconcile { with: table, .. } | Rule::Drift { baseline: table, .. } if table.parse::<TableName>().is_err() => Err((
            if matches!(spec.rule, Rule::Drift { .. }) { "baseline" } else { "with" },
            format!("\"{table}\" is no name of a table"),
            "write layer.table, for instance clean.customers",
        )),
        Rule::FunctionalDependency { columns, .. } if columns.is_empty() => {
            fault("columns", "no column is named", "name the columns that determine")
        }
        Rule::Schema { columns, .. } if columns.is_empty() => fault("columns", "no column is named", "name the columns there should be"),
        Rule::Expression { expression } if expression.trim().is_empty() => {
            fault("expression", "the expression says nothing", "write a condition in SQL")
        }
        _ if !(0.0..1.0).contains(&spec.tolerance) => {
            fault("tolerance", "a tolerance is a share from 0 to below 1", "write 0.01 for a hundredth of the rows")
        }
        Rule::ForeignKey { references, .. } if !is_column(references) => Err((
            "references",
            format!("\"{references}\" is not a column of a table"),
            "write layer.table.column, for instance clean.customers.id",
        )),
        rule if column(rule).is_some_and(str::is_empty) => fault("column", "the column has no name", "name the column"),
        _ => Ok(()),
    }
}

fn column(rule: &Rule) -> Option<&str> {
    match rule {
        Rule::NotNull { column }
        | Rule::AcceptedValues { column, .. }
        | Rule::Range { column, .. }
        | Rule::Regex { column, .. }
        | Rule::ForeignKey { column, .. }
        | Rule::Length { column, .. }
        | Rule::Format { column, .. }
        | Rule::Type { column, .. }
        | Rule::NullShare { column, .. }
        | Rule::Statistic { column, .. }
        | Rule::Freshness { column, .. }
        | Rule::Drift { column, .. } => Some(column),
        Rule::FunctionalDependency { determines, .. } => Some(determines),
        Rule::Anomaly { column, .. } => column.as_deref(),
        Rule::Unique { .. }
        | Rule::RowCount { .. }
        | Rule::Expression { .. }
        | Rule::Schema { .. }
        | Rule::Reconcile { .. }
        | Rule::RowChange { .. } => None,
    }
}

fn crossed(min: &Bound, max: &Bound) -> bool {
    let number = |bound: &Bound| match bound {
        Bound::Integer(i) => Some(*i as f64),
        Bound::Float(x) => Some(*x),
        Bound::Text(_) => None,
    };
    matches!((number(min), number(max)), (Some(min), Some(max)) if min > max)
}

/// True for `layer.table.column`; the column may have any characters.
fn is_column(text: &str) -> bool {
    let mut parts = text.splitn(3, '.');
    let (layer, table, column) = (parts.next(), parts.next(), parts.next());
    layer.is_some_and(is_word) && table.is_some_and(is_word) && column.is_some_and(|c| !c.is_empty())
}

/// The fault of a file about a table that is neither a source nor a model.
pub(crate) fn unknown_table(file: &TextFile, table: &TableName, known: &[&str]) -> Problem {
    let what = format!("no source and no model makes {table}");
    config_fault(file, &[Step::Key("table")], what, "unknown table").next(match nearest(&table.to_string(), known.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => "sources make raw.NAME, models the layer and name of their file".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use trommel_model::{ContractType, Dimension, Severity, Statistic, TextFormat};

    use super::*;

    #[test]
    fn the_table_of_rules_is_that_of_the_vocabulary() {
        let text = || "x".to_owned();
        let rules = [
            Rule::NotNull { column: text() },
            Rule::Unique { columns: vec![text()] },
            Rule::AcceptedValues { column: text(), values: vec![text()] },
            Rule::Range { column: text(), min: Some(Bound::Integer(1)), max: Some(Bound::Integer(1)) },
            Rule::Regex { column: text(), pattern: text() },
            Rule::RowCount { min: Some(1), max: Some(1) },
            Rule::ForeignKey { column: text(), references: text() },
            Rule::Length { column: text(), min: Some(1), max: Some(1) },
            Rule::Format { column: text(), format: TextFormat::Email },
            Rule::Type { column: text(), to: ContractType::Integer },
            Rule::Expression { expression: text() },
            Rule::FunctionalDependency { columns: vec![text()], determines: text() },
            Rule::NullShare { column: text(), max: 0.5 },
            Rule::Statistic { statistic: Statistic::Mean, column: text(), min: Some(1.0), max: Some(1.0) },
            Rule::Freshness { column: text(), within: text() },
            Rule::Schema { columns: vec![text()], exact: true },
            Rule::Reconcile { with: text(), columns: vec![text()] },
            Rule::Drift { column: text(), baseline: text(), max: 0.1 },
            Rule::RowChange { max_drop: Some(0.1), max_rise: Some(0.1) },
            Rule::Anomaly { statistic: Statistic::Rows, column: Some(text()), sensitivity: 3.5, season: Some(7) },
        ];
        assert_eq!(rules.len(), RULES.len());
        for (rule, (name, keys)) in rules.iter().zip(RULES) {
            let spec = CheckSpec {
                condition: Some(text()),
                wait_for: keys.contains(&"wait_for").then(text),
                tolerance: 0.5,
                severity: Some(Severity::Error),
                dimension: Some(Dimension::Validity),
                owner: text(),
                description: text(),
                ..CheckSpec::new(rule.clone(), CheckAction::Warn)
            };
            let written = serde_json::to_value(spec).unwrap();
            assert_eq!(written["check"], **name);
            let mut written: Vec<_> = written.as_object().unwrap().keys().map(String::as_str).collect();
            let mut listed: Vec<_> = keys.iter().chain(COMMON).copied().collect();
            written.sort_unstable();
            listed.sort_unstable();
            assert_eq!(written, listed, "{name}");
        }
    }
}
