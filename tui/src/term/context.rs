//! What the view offers to an argument: whether an entry can be done now, choices, first guesses.

use std::collections::BTreeSet;

use trommel_app::catalogue::{Argument, Entry, Input, Values};
use trommel_app::{ListKind, Subject, View};
use trommel_model::{ModelKind, Workspace};

/// Whether an entry can be done now, or why not.
pub(crate) fn may(entry: &Entry, view: &View<'_>) -> Result<(), String> {
    let open = view.workspace.current.latest();
    let needs_workspace = !matches!(
        entry.id,
        "workspace.init"
            | "workspace.example"
            | "workspace.open"
            | "workspace.doctor"
            | "query"
            | "table.query"
            | "profile"
            | "profile.check"
            | "profile.compare"
            | "profile.turn"
            | "profile.report"
            | "source.sniff"
            | "recipe.cluster"
            | "match.auto"
            | "match.run"
            | "match.estimate"
            | "match.explain"
            | "match.preview"
            | "match.review"
            | "source.import"
            | "export"
    ) && !entry.id.starts_with("show.")
        && !matches!(entry.id, "back" | "palette" | "help" | "copy_as_command" | "theme" | "quit" | "completions" | "man" | "job.cancel");
    let about_table = entry.id.starts_with("table.") && !matches!(entry.id, "table.query" | "table.list");
    if about_table && view.table.is_none() {
        return Err("no table is open; ^T lists them".to_owned());
    }
    if needs_workspace && !about_table && open.is_none() {
        let reason =
            if view.workspace.current.is_pending() { "the workspace is still being read" } else { "no workspace is open; ^O opens one" };
        return Err(reason.to_owned());
    }
    let about_held = entry.arguments.iter().any(|a| a.input == Input::HeldRow);
    if about_held && !view.table.is_some_and(|t| matches!(t.subject, Subject::List(ListKind::Quarantine(..)))) {
        return Err("it is about a row of the quarantine; ^K lists them".to_owned());
    }
    let about_inspected = entry.arguments.iter().any(|a| a.input == Input::InspectedRow);
    if about_inspected && !view.table.is_some_and(|t| matches!(t.subject, Subject::List(ListKind::Inspected(_)))) {
        return Err("it is about a row of an inspection; inspections are listed by ^P".to_owned());
    }
    if entry.id == "check.accept" && view.checks.proposals.latest().is_none() {
        return Err("no check is proposed; p on Checks proposes some".to_owned());
    }
    match (entry.id, view.pipeline.running()) {
        ("pipeline.cancel", None) => Err("no run is going on".to_owned()),
        ("pipeline.run" | "pipeline.run_prod", Some(_)) => Err("a run is going on; x cancels it".to_owned()),
        _ => match (entry.id, open) {
            ("board.refresh" | "board.open", Some(w)) if w.boards.is_empty() => {
                Err("the workspace has no board; write boards/NAME.toml".to_owned())
            }
            _ => Ok(()),
        },
    }
}

/// Values an argument can take, as far as the view knows them.
pub(crate) fn choices(input: Input, view: &View<'_>) -> Vec<String> {
    let workspace = view.workspace.current.latest();
    let from = |list: &dyn Fn(&Workspace) -> Vec<String>| workspace.map(|w| list(w)).unwrap_or_default();
    match input {
        Input::Table => tables(view),
        Input::Model => from(&|w| {
            let sinks = w.sinks.iter().map(|s| format!("sink.{}", s.name));
            w.models.iter().map(|m| m.name.to_string()).chain(sinks).collect()
        }),
        Input::Recipe => {
            from(&|w| w.models.iter().filter(|m| matches!(m.kind, ModelKind::Recipe(_))).map(|m| m.name.to_string()).collect())
        }
        Input::Match => from(&|w| w.models.iter().filter(|m| matches!(m.kind, ModelKind::Match(_))).map(|m| m.name.to_string()).collect()),
        Input::Source => from(&|w| w.sources.iter().map(|s| s.name.clone()).collect()),
        Input::Connection => from(&|w| w.config.connections.iter().map(|c| c.name.clone()).collect()),
        Input::Alert => from(&|w| w.config.alerts.iter().map(|a| a.name.clone()).collect()),
        Input::Kpi => from(&|w| w.kpis.iter().map(|k| k.name.clone()).collect()),
        Input::Board => from(&|w| w.boards.iter().map(|b| b.name.clone()).collect()),
        Input::Run => vec!["last".to_owned()],
        Input::Example => {
            ["car-rental", "marketing-refactor", "one-customer", "online-retail", "reporting-elt", "shopsphere"].map(str::to_owned).to_vec()
        }
        Input::Column => columns(view),
        Input::Shell => ["bash", "zsh", "fish", "elvish", "powershell"].map(str::to_owned).to_vec(),
        Input::OneOf(words) => words.iter().map(|w| (*w).to_owned()).collect(),
        Input::Assignment => columns_of_held(view),
        Input::Moment => ["previous", "first", "now"].map(str::to_owned).into_iter().chain(tables(view)).collect(),
        Input::Text
        | Input::Sql
        | Input::Path
        | Input::Number
        | Input::HeldRow
        | Input::Record
        | Input::Proposal
        | Input::Inspection
        | Input::InspectedRow
        | Input::None => Vec::new(),
    }
}

/// Tables that can be opened by name: those of the sources, then those of the models.
pub(crate) fn tables(view: &View<'_>) -> Vec<String> {
    let Some(workspace) = view.workspace.current.latest() else { return Vec::new() };
    let raw = workspace.sources.iter().map(|s| format!("raw.{}", s.name));
    raw.chain(workspace.models.iter().map(|m| m.name.to_string())).collect()
}

/// Columns of the table in front.
pub(crate) fn columns(view: &View<'_>) -> Vec<String> {
    let window = view.table.and_then(|t| t.window.latest());
    window.map(|w| w.schema.names().map(str::to_owned).collect()).unwrap_or_default()
}

/// Columns at fault in the quarantine in front, as the beginning of an assignment.
fn columns_of_held(view: &View<'_>) -> Vec<String> {
    let Some(window) = view.table.and_then(|t| t.window.latest()) else { return Vec::new() };
    let Some(at) = window.schema.position("field") else { return Vec::new() };
    let fields: BTreeSet<String> =
        window.rows.iter().filter_map(|r| r.get(at)).filter(|c| !c.is_null()).map(trommel_model::Cell::text).collect();
    fields.into_iter().map(|field| format!("{field}=")).collect()
}

/// Names that can stand in a query.
pub(crate) fn names(view: &View<'_>) -> Vec<String> {
    let mut names = tables(view);
    names.extend(columns(view));
    names
}

/// A first guess for an argument, from the values that are given already.
pub(crate) fn suggestion(entry: &Entry, argument: &Argument, values: &Values) -> Option<String> {
    let file = |name: &str| -> String { name.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect() };
    match (entry.id, argument.name) {
        ("export", "to") => Some(format!("{}.xlsx", file(values.get("subject").unwrap_or("table")))),
        ("profile.report", "to") => Some("profile.html".to_owned()),
        ("profile.compare", "from") => Some("previous".to_owned()),
        ("kpi.render", "to") => Some(format!("{}.svg", file(values.get("kpi").unwrap_or("kpi")))),
        _ => None,
    }
}

/// What a person would write for a subject.
pub(crate) fn in_words(subject: &Subject) -> String {
    match subject {
        Subject::Table(name) => name.to_string(),
        Subject::File(path) => path.display().to_string(),
        Subject::Sql(sql) | Subject::Explained(sql) => sql.clone(),
        Subject::Kpi(name) => format!("kpi:{name}"),
        Subject::Source(name) => format!("raw.{name}"),
        Subject::Remote { table, .. } => table.clone(),
        Subject::AsText(subject) => in_words(subject),
        Subject::List(_) => String::new(),
    }
}

/// A word as a shell takes it.
pub(crate) fn shell(word: &str) -> String {
    let plain = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "._-/:+,=@%".contains(c));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_the_shell() {
        for (word, expected) in [("mart.quotes", "mart.quotes"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("", "''"), ("x;rm", "'x;rm'")] {
            assert_eq!(shell(word), expected);
        }
    }
}
