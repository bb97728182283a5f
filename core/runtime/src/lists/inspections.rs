//! Inspections as lists: all of them, and the rows of one beside what the table has of them now.

use std::sync::Arc;

use trommel_engine::sql::{ident, qualified};
use trommel_model::{Cell, Outcome, RowVerdict, Workspace};

use super::{Kind, List, count, maybe, put, text};
use crate::desk::Desk;
use crate::worker::Task;

/// All inspections, newest first.
pub(super) fn all(workspace: &Workspace) -> Outcome<List> {
    use Kind::{Float, Integer, Text};
    let mut list = List::new(
        &["inspection", "table", "rows", "open", "wrong", "share", "low", "high", "by", "drawn_at", "drawn_by", "signed_by"],
        &[Text, Text, Integer, Integer, Integer, Float, Float, Float, Text, Text, Text, Text],
    );
    for one in trommel_workspace::inspections(&workspace.root)? {
        let estimate = one.estimate();
        let wrong = one.rows.iter().filter(|r| r.verdict == Some(RowVerdict::Wrong)).count();
        list.row(vec![
            text(one.name.clone()),
            text(one.table.to_string()),
            count(one.rows.len() as u64),
            count(one.open() as u64),
            count(wrong as u64),
            maybe(estimate, |e| Cell::Float(e.share)),
            maybe(estimate, |e| Cell::Float(e.low)),
            maybe(estimate, |e| Cell::Float(e.high)),
            maybe(one.by.clone(), text),
            text(one.drawn_at.clone()),
            text(one.drawn_by.clone()),
            maybe(one.signed.clone(), |s| text(s.who)),
        ]);
    }
    Ok(list)
}

/// The rows of one. Where the model names its keys, each is shown as the table has it now; else as it was drawn.
pub(super) fn rows(task: &Task, desk: &Desk, workspace: &Arc<Workspace>, name: &str) -> Outcome<String> {
    let one = trommel_workspace::inspection(&workspace.root, name)?;
    let mut keys: Vec<String> = Vec::new();
    for key in one.rows.iter().flat_map(|r| r.key.keys()) {
        if !keys.contains(key) {
            keys.push(key.clone());
        }
    }
    let own = ["row", "number", "verdict", "why", "who", "stratum"];
    let named: Vec<String> = keys.iter().enumerate().map(|(i, _)| format!("_k{i}")).collect();
    let names: Vec<&str> = own.into_iter().chain(named.iter().map(String::as_str)).collect();
    let kinds: Vec<Kind> = names.iter().map(|n| if *n == "number" { Kind::Integer } else { Kind::Text }).collect();
    let mut list = List::new(&names, &kinds);
    for row in &one.rows {
        let mut cells = vec![
            text(format!("{}:{}", one.name, row.number)),
            count(row.number.into()),
            maybe(row.verdict, |v| text(v.name())),
            text(row.why.clone()),
            text(row.who.clone()),
            text(row.stratum.clone()),
        ];
        cells.extend(keys.iter().map(|key| maybe(row.key.get(key).cloned(), text)));
        list.row(cells);
    }
    let drawn = put(task, desk, &list)?;
    let model_keys = workspace.models.iter().find(|m| m.name == one.table).map(|m| m.keys.clone()).unwrap_or_default();
    let head = own.map(|n| format!("d.{}", ident(n))).join(", ");
    if !keys.is_empty() && keys.iter().all(|k| model_keys.contains(k)) {
        let on: Vec<String> = keys
            .iter()
            .zip(&named)
            .map(|(key, drawn)| format!("CAST(t.{} AS VARCHAR) IS NOT DISTINCT FROM d.{drawn}", ident(key)))
            .collect();
        return Ok(format!(
            "SELECT {head}, t.* FROM ({drawn}) AS d LEFT JOIN {} AS t ON {} ORDER BY d.number",
            qualified(&one.table),
            on.join(" AND ")
        ));
    }
    let shown: Vec<String> = keys.iter().zip(&named).map(|(key, drawn)| format!("d.{drawn} AS {}", ident(key))).collect();
    let shown = if shown.is_empty() { String::new() } else { format!(", {}", shown.join(", ")) };
    Ok(format!("SELECT {head}{shown} FROM ({drawn}) AS d ORDER BY d.number"))
}
