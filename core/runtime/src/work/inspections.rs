//! Rows drawn to be judged, and what people say of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use trommel_app::{DrawRequest, InspectCommand, News, Report};
use trommel_connectors::is_position;
use trommel_engine::frame::cells_of;
use trommel_engine::sql::{ident, literal, qualified};
use trommel_model::{Cell, Code, InspectedRow, Inspection, Outcome, Problem, RowVerdict, Signature, Stratum, TableName, Workspace};

use super::quarantine::who;
use crate::desk::Desk;
use crate::worker::Task;

/// Strata that are told apart; the rows of all others are one.
const STRATA: usize = 20;
/// The stratum of the others, and of all rows where there is none.
const OTHERS: &str = "all others";
const ALL: &str = "all";

/// Does what is asked of an inspection.
pub(super) fn perform(task: &Task, workspace: &Arc<Workspace>, command: &InspectCommand) -> Outcome<News> {
    match command {
        InspectCommand::Draw(request) => draw(task, workspace, request),
        InspectCommand::Judge { name, verdict, rows, why } => judge(workspace, name, *verdict, rows, why),
        InspectCommand::Sign(name) => sign(workspace, name),
        InspectCommand::Show(name) => Ok(News::Report(told(&trommel_workspace::inspection(&workspace.root, name)?))),
    }
}

fn draw(task: &Task, workspace: &Arc<Workspace>, request: &DrawRequest) -> Outcome<News> {
    let desk = Desk::open(task, Some(workspace))?;
    let table = &request.table;
    let relation = format!("SELECT * FROM {}", qualified(table));
    let schema = desk.engine.describe(&relation).map_err(|p| {
        let names = crate::lists::table_names(&desk).unwrap_or_default();
        let near = trommel_model::did_you_mean(&table.to_string(), names.iter().map(String::as_str));
        if near.is_empty() { p } else { p.next(near) }
    })?;
    if let Some(by) = request.by.as_ref().filter(|by| schema.position(by).is_none()) {
        return Err(Problem::new(Code::UnknownName, format!("{table} has no column \"{by}\""))
            .next(format!("use one of: {}", schema.names().collect::<Vec<_>>().join(", "))));
    }
    if trommel_workspace::inspections(&workspace.root)?.iter().any(|i| i.name == request.name) {
        return Err(Problem::new(Code::FileExists, format!("there is an inspection \"{}\" already", request.name))
            .next("give another name: --name"));
    }
    // The columns that name a row, as the model says; all of them where it says none.
    let keys: Vec<String> = workspace.models.iter().find(|m| m.name == *table).map(|m| m.keys.clone()).unwrap_or_default();
    let known = !keys.is_empty() && keys.iter().all(|k| schema.position(k).is_some());
    let named: Vec<String> = if known { keys } else { schema.names().filter(|n| !is_position(n)).map(str::to_owned).collect() };
    let strata = strata(task, &desk, table, request.by.as_deref())?;
    let total: u64 = strata.iter().map(|s| s.rows).sum();
    if total == 0 {
        return Err(Problem::new(Code::Usage, format!("{table} has no rows to draw from")));
    }
    let listed: Vec<String> = strata.iter().filter(|s| s.value != OTHERS).map(|s| literal(&s.value)).collect();
    let stratum = match &request.by {
        None => literal(ALL),
        Some(by) => {
            let text = format!("coalesce(CAST({} AS VARCHAR), '')", ident(by));
            format!("CASE WHEN {text} IN ({}) THEN {text} ELSE {} END", listed.join(", "), literal(OTHERS))
        }
    };
    let shown: Vec<String> = named.iter().map(|n| format!("CAST({} AS VARCHAR)", ident(n))).collect();
    // A row is drawn by its values: whoever draws again with the same seed gets the same rows.
    let all: Vec<String> = schema.names().map(ident).collect();
    let order = format!("hash({}, {})", request.seed, all.join(", "));
    let mut rows: Vec<InspectedRow> = Vec::new();
    for (stratum_of, wanted) in shares(&strata, request.size) {
        let sql = format!(
            "SELECT {} FROM (SELECT *, {stratum} AS _stratum FROM {}) WHERE _stratum = {} ORDER BY {order} LIMIT {wanted}",
            shown.join(", "),
            qualified(table),
            literal(&stratum_of)
        );
        for cells in desk.engine.query(&sql, &task.cancel)?.iter().flat_map(cells_of) {
            let key: BTreeMap<String, String> =
                named.iter().zip(cells).filter(|(_, cell)| !cell.is_null()).map(|(name, cell)| (name.clone(), cell.text())).collect();
            rows.push(InspectedRow {
                number: rows.len() as u32 + 1,
                stratum: stratum_of.clone(),
                key,
                verdict: None,
                why: String::new(),
                who: String::new(),
                at: String::new(),
            });
        }
    }
    let inspection = Inspection {
        name: request.name.clone(),
        table: table.clone(),
        snapshot: desk.snapshot,
        drawn_at: now(),
        drawn_by: who(),
        seed: request.seed,
        by: request.by.clone(),
        signed: None,
        strata,
        rows,
    };
    let path = trommel_workspace::put_inspection(&workspace.root, &inspection)?;
    let mut report = told(&inspection);
    report.facts.push(("written to".to_owned(), path.display().to_string()));
    Ok(News::Report(report))
}

/// The strata with their rows, the largest first; the smallest of many become one.
fn strata(task: &Task, desk: &Desk, table: &TableName, by: Option<&str>) -> Outcome<Vec<Stratum>> {
    let value = by.map_or_else(|| literal(ALL), |by| format!("coalesce(CAST({} AS VARCHAR), '')", ident(by)));
    let sql = format!("SELECT {value} AS v, count(*) AS n FROM {} GROUP BY ALL ORDER BY n DESC, v", qualified(table));
    let mut found: Vec<Stratum> = Vec::new();
    let mut others = 0;
    for cells in desk.engine.query(&sql, &task.cancel)?.iter().flat_map(cells_of) {
        let rows = match &cells[1] {
            Cell::Integer(n) => u64::try_from(*n).unwrap_or_default(),
            other => other.text().parse().unwrap_or_default(),
        };
        if found.len() < STRATA && cells[0].text() != OTHERS {
            found.push(Stratum { value: cells[0].text(), rows });
        } else {
            others += rows;
        }
    }
    if others > 0 {
        found.push(Stratum { value: OTHERS.to_owned(), rows: others });
    }
    Ok(found)
}

/// How many rows are drawn of each stratum: by its weight, and at least two where it has them.
fn shares(strata: &[Stratum], size: u64) -> Vec<(String, u64)> {
    let total: u64 = strata.iter().map(|s| s.rows).sum();
    let share = |s: &Stratum| (size as f64 * s.rows as f64 / total.max(1) as f64).round() as u64;
    strata.iter().map(|s| (s.value.clone(), share(s).max(2).min(s.rows))).collect()
}

fn judge(workspace: &Workspace, name: &str, verdict: Option<RowVerdict>, numbers: &[u32], why: &str) -> Outcome<News> {
    let mut inspection = trommel_workspace::inspection(&workspace.root, name)?;
    if let Some(signed) = &inspection.signed {
        return Err(Problem::new(Code::Usage, format!("{} has signed {name}, and nothing is said of it any more", signed.who))
            .next("draw another one"));
    }
    if let Some(none) = numbers.iter().find(|n| !inspection.rows.iter().any(|r| r.number == **n)) {
        return Err(
            Problem::new(Code::UnknownName, format!("{name} has no row {none}")).next(format!("rows are 1 to {}", inspection.rows.len()))
        );
    }
    for row in inspection.rows.iter_mut().filter(|r| numbers.contains(&r.number)) {
        row.verdict = verdict;
        (row.why, row.who, row.at) =
            if verdict.is_some() { (why.to_owned(), who(), now()) } else { (String::new(), String::new(), String::new()) };
    }
    trommel_workspace::put_inspection(&workspace.root, &inspection)?;
    Ok(News::Report(told(&inspection)))
}

fn sign(workspace: &Workspace, name: &str) -> Outcome<News> {
    let mut inspection = trommel_workspace::inspection(&workspace.root, name)?;
    if inspection.open() > 0 {
        return Err(Problem::new(Code::Usage, format!("{} rows of {name} are not judged yet", inspection.open()))
            .next(format!("they are listed by: trommel inspect rows {name}")));
    }
    if inspection.signed.is_none() {
        inspection.signed = Some(Signature { who: who(), at: now() });
        trommel_workspace::put_inspection(&workspace.root, &inspection)?;
    }
    Ok(News::Report(told(&inspection)))
}

/// How an inspection stands.
pub(super) fn told(inspection: &Inspection) -> Report {
    let mut facts = vec![
        ("table".to_owned(), inspection.table.to_string()),
        ("rows drawn".to_owned(), inspection.rows.len().to_string()),
        ("not judged yet".to_owned(), inspection.open().to_string()),
    ];
    facts.extend(inspection.by.as_ref().map(|by| ("strata by".to_owned(), by.clone())));
    if let Some(estimate) = inspection.estimate() {
        facts.push(("estimate".to_owned(), estimate.words()));
    }
    let signed = inspection.signed.as_ref().map_or_else(|| "nobody yet".to_owned(), |s| format!("{}, {}", s.who, s.at));
    facts.push(("signed by".to_owned(), signed));
    let title = match (inspection.open(), &inspection.signed) {
        (_, Some(_)) => format!("{} is signed", inspection.name),
        (0, None) => format!("all rows of {} are judged", inspection.name),
        (open, None) => format!("{open} rows of {} are to be judged", inspection.name),
    };
    let data = serde_json::json!({
        "name": inspection.name,
        "inspection": inspection,
        "estimate": inspection.estimate(),
    });
    Report { title, facts, data: Some(data.to_string()), ..Report::default() }
}

fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stratum_is_drawn_from_and_large_ones_more() {
        let stratum = |value: &str, rows| Stratum { value: value.to_owned(), rows };
        let drawn = shares(&[stratum("a", 9_000), stratum("b", 990), stratum("c", 9), stratum("d", 1)], 100);
        assert_eq!(drawn.iter().map(|d| d.1).collect::<Vec<_>>(), [90, 10, 2, 1]);
    }
}
