//! The profiles that runs kept of a table, as a list: a row for each column and run, columns in order, newest run first.

use trommel_model::{Cell, ColumnChange, KeptProfile, Outcome, TableName, Workspace};

use super::{Kind, List, count, maybe, text};
use crate::desk;

pub(super) fn list(workspace: &Workspace, table: &TableName) -> Outcome<List> {
    use Kind::{Boolean, Float, Integer, Text};
    let columns = [
        ("column", Text),
        ("run", Text),
        ("at", Text),
        ("rows", Integer),
        ("type", Text),
        ("null_share", Float),
        ("distinct", Integer),
        ("unique", Boolean),
        ("smallest", Text),
        ("largest", Text),
        ("mean", Float),
        ("sd", Float),
        ("psi", Float),
        ("ks", Float),
        ("change", Text),
        ("what", Text),
    ];
    let (names, kinds): (Vec<&'static str>, Vec<Kind>) = columns.into_iter().unzip();
    let mut list = List::new(&names, &kinds);
    let state = desk::state(workspace);
    let runs = trommel_workspace::kept_runs(&state, table)?;
    let kept: Vec<KeptProfile> = runs.iter().map(|run| trommel_workspace::kept_profile(&state, table, run)).collect::<Outcome<_>>()?;
    // Each against the one before it.
    let changes: Vec<Vec<ColumnChange>> = kept
        .iter()
        .enumerate()
        .map(|(at, new)| kept.get(at + 1).map_or_else(Vec::new, |old| trommel_quality::changes(&old.profile, &new.profile)))
        .collect();
    let mut names: Vec<&str> = Vec::new();
    for column in kept.iter().flat_map(|k| &k.profile.columns) {
        if !names.contains(&column.name.as_str()) {
            names.push(&column.name);
        }
    }
    for name in names {
        for (kept, changes) in kept.iter().zip(&changes) {
            let Some(column) = kept.profile.columns.iter().find(|c| c.name == name) else { continue };
            let change = changes.iter().find(|c| c.name == name);
            let words = |cell: &Cell| if cell.is_null() { Cell::Null } else { text(cell.text()) };
            list.row(vec![
                text(name),
                text(kept.run.clone()),
                text(kept.at.clone()),
                count(kept.rows),
                text(column.data_type.to_string()),
                Cell::Float(column.nulls as f64 / kept.profile.rows.max(1) as f64),
                count(column.distinct.number()),
                Cell::Boolean(column.unique),
                words(&column.min),
                words(&column.max),
                maybe(column.mean, Cell::Float),
                maybe(column.sd, Cell::Float),
                maybe(change.and_then(|c| c.psi), Cell::Float),
                maybe(change.and_then(|c| c.ks), Cell::Float),
                maybe(change, |c| text(c.weight.name())),
                maybe(change.filter(|c| !c.remarks.is_empty()), |c| text(c.remarks.join("; "))),
            ]);
        }
    }
    Ok(list)
}
