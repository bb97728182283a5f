//! Ways of writing one value in a column, and the step of a recipe that brings them together.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::datatypes::Int64Type;
use trommel_app::{News, Report, SpellingsRequest};
use trommel_engine::sql::ident;
use trommel_model::{Code, Outcome, Problem, Spellings, Workspace, did_you_mean};

use crate::relation::relation;
use crate::worker::Task;

/// Groups that are listed for people; the step has all of them.
const TOLD: usize = 40;
/// Distinct values of a column beyond which it is rather free text.
const MOST_VALUES: u64 = 2_000_000;

/// Finds them, and adds the step to a recipe if that is asked for.
pub(super) fn spellings(task: &Task, workspace: Option<&Arc<Workspace>>, request: &SpellingsRequest) -> Outcome<News> {
    let relation = relation(task, workspace, &request.subject)?;
    let engine = &relation.desk.engine;
    let schema = engine.describe(&relation.sql)?;
    if !schema.names().any(|name| name == request.column) {
        let hint = did_you_mean(&request.column, schema.names());
        let problem = Problem::new(Code::UnknownName, format!("{} has no column \"{}\"", request.subject, request.column));
        let columns = schema.names().collect::<Vec<_>>().join(", ");
        return Err(if hint.is_empty() { problem.next(format!("it has: {columns}")) } else { problem.next(hint) });
    }
    let column = ident(&request.column);
    let select =
        format!("select cast({column} as varchar) as v, count(*) as n from ({}) where {column} is not null group by 1", relation.sql);
    let distinct = engine.count(&select, &task.cancel)?;
    if distinct > MOST_VALUES {
        return Err(Problem::new(Code::TooLarge, format!("{} has {distinct} distinct values", request.column))
            .next("filter the rows first, or match the records: trommel match preview"));
    }
    let mut values: BTreeMap<String, u64> = BTreeMap::new();
    for batch in engine.query(&select, &task.cancel)? {
        let (texts, rows) = (batch.column(0).as_string::<i32>(), batch.column(1).as_primitive::<Int64Type>());
        values.extend((0..batch.num_rows()).filter(|&r| texts.is_valid(r)).map(|r| (texts.value(r).to_owned(), rows.value(r) as u64)));
    }
    let found = trommel_matching::spellings(&values, request.method, request.radius, &task.cancel)?;
    let mut facts: Vec<(String, String)> = found.iter().take(TOLD).map(|group| (group.into.clone(), told(group))).collect();
    if found.len() > TOLD {
        facts.push(("and".to_owned(), format!("{} more groups", found.len() - TOLD)));
    }
    facts.extend(relation.notes.into_iter().map(|note| ("note".to_owned(), note)));
    let step = step(&request.column, &found);
    if let (Some(name), Some(workspace), false) = (&request.add_to, workspace, found.is_empty()) {
        let path = trommel_workspace::add_step(workspace, &name.parse()?, &step)?;
        facts.push((
            "written".to_owned(),
            format!("the step stands at the end of {}; see it with trommel recipe preview {name}", path.display()),
        ));
    }
    let title = match found.len() {
        0 => format!("{distinct} values of {}, none of them written in several ways", request.column),
        n => format!("{distinct} values of {}: {n} of them are written in several ways", request.column),
    };
    let data = serde_json::to_string(&found).map_err(|e| Problem::new(Code::Internal, "cannot write the groups").why(e.to_string()))?;
    Ok(News::Report(Report { title, facts, text: (!found.is_empty()).then_some(step), data: Some(data), problems: Vec::new() }))
}

fn told(group: &Spellings) -> String {
    group.values.iter().map(|(value, rows)| format!("\"{value}\" {rows}")).collect::<Vec<_>>().join(", ")
}

/// The step as a recipe writes it.
fn step(column: &str, found: &[Spellings]) -> String {
    let mut text = format!("[[steps]]\ndo = \"map_values\"\ncolumn = {}\n\n[steps.values]\n", quoted(column));
    for group in found {
        for (value, _) in group.values.iter().filter(|(value, _)| *value != group.into) {
            let _ = writeln!(text, "{} = {}", quoted(value), quoted(&group.into));
        }
    }
    text
}

/// A TOML text on one line.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
