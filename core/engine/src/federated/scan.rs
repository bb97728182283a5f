//! What a plan asks of each scan of a stand-in.

use std::collections::BTreeSet;

use serde_json::Value;
use trommel_model::{RemoteCondition, RemoteNeed, TableName};

use super::{Remote, condition};

/// One scan of a remote table.
#[derive(Debug, Clone)]
pub(super) struct Scan {
    /// Which table.
    table: usize,
    /// Columns that are handed up or looked at.
    columns: BTreeSet<usize>,
    /// Conditions on its rows, in the planner's words.
    conditions: Vec<String>,
    /// How many rows are enough for what stands above, when all conditions hold for them.
    limit: Option<u64>,
    /// How many rows are enough when they are the first in the order of the query.
    pub first: Option<u64>,
    /// True when nothing but totals of its rows is wanted.
    pub is_grouped: bool,
}

/// What stands between a scan and what limits or adds up its rows.
#[derive(Debug, Clone, Default)]
struct Above {
    conditions: Vec<String>,
    limit: Option<u64>,
    first: Option<u64>,
    is_grouped: bool,
}

/// The stand-in of a table.
pub(super) fn stand_in(name: &TableName) -> TableName {
    TableName::new(name.layer.clone(), format!("{}__stand_in", name.table))
}

/// All scans of remote tables in a plan.
pub(super) fn of_plan(plan: &Value, remotes: &[Remote], prefix: &str) -> Vec<Scan> {
    let mut scans = Vec::new();
    for root in plan.as_array().into_iter().flatten() {
        walk(root, &Above::default(), remotes, prefix, &mut scans);
    }
    scans
}

fn walk(node: &Value, above: &Above, remotes: &[Remote], prefix: &str, scans: &mut Vec<Scan>) {
    let extra = |key: &str| flat(&node["extra_info"][key]);
    let name = node["name"].as_str().or(node["type"].as_str()).unwrap_or_default().trim();
    let mut next = Above::default();
    match name {
        "SEQ_SCAN" => {
            let table = extra("Table").replace('"', "");
            let is = |remote: &Remote| table == format!("memory.{}.{}", remote.name.layer, stand_in(&remote.name).table);
            if let Some(table) = remotes.iter().position(is) {
                let mut conditions = split(&extra("Filters"));
                conditions.extend(above.conditions.iter().cloned());
                conditions.retain(|c| !is_of_running(c));
                let handed_up = extra("Projections");
                let columns = conditions.iter().chain([&handed_up]).flat_map(|text| columns_in(text, prefix)).collect();
                scans.push(Scan { table, columns, conditions, limit: above.limit, first: above.first, is_grouped: above.is_grouped });
            }
        }
        // What a filter above other names leaves over is not known below it.
        "PROJECTION" if above.conditions.is_empty() => next = above.clone(),
        "FILTER" => {
            next = above.clone();
            next.conditions.extend(split(&extra("Expression")));
        }
        "LIMIT" | "STREAMING_LIMIT" => {
            next.limit = up_to(&extra("Limit"), &extra("Offset"));
        }
        "TOP_N" => next.first = up_to(&extra("Top"), &extra("Offset")),
        "UNGROUPED_AGGREGATE" | "HASH_GROUP_BY" | "PERFECT_HASH_GROUP_BY" => next.is_grouped = true,
        _ => {}
    }
    for child in node["children"].as_array().into_iter().flatten() {
        walk(child, &next, remotes, prefix, scans);
    }
}

/// How many rows a limit looks at, with those it passes over.
fn up_to(limit: &str, offset: &str) -> Option<u64> {
    let offset = if offset.is_empty() { Some(0) } else { offset.parse().ok() };
    limit.parse::<u64>().ok().zip(offset).and_then(|(limit, offset)| limit.checked_add(offset))
}

/// What is needed of a table by all of its scans together.
pub(super) fn need(scans: &[Scan], table: usize, remote: &Remote, prefix: &str) -> RemoteNeed {
    let scans: Vec<&Scan> = scans.iter().filter(|s| s.table == table).collect();
    let Some((first, others)) = scans.split_first() else {
        // The planner found that no row of it can matter.
        return RemoteNeed { limit: Some(0), ..RemoteNeed::default() };
    };
    let columns: BTreeSet<usize> = scans.iter().flat_map(|s| s.columns.iter().copied()).collect();
    let in_all = |text: &&String| others.iter().all(|scan| scan.conditions.contains(text));
    let mut conditions: Vec<RemoteCondition> = Vec::new();
    for text in first.conditions.iter().filter(in_all) {
        for part in condition::parts(&without_mark(text), prefix) {
            conditions.push(match part {
                Ok(says) => RemoteCondition { text: condition::shown(&says, remote), says: Some(says) },
                Err(text) => RemoteCondition { text: named(&text, remote, prefix), says: None },
            });
        }
    }
    let mut seen = Vec::new();
    conditions.retain(|c| {
        c.says.is_none()
            || !seen.contains(&c.says) && {
                seen.push(c.says.clone());
                true
            }
    });
    let limit = first.limit.filter(|_| others.is_empty());
    RemoteNeed { columns: columns.into_iter().collect(), conditions, limit, ..RemoteNeed::default() }
}

/// All of a table.
pub(super) fn everything(remote: &Remote) -> RemoteNeed {
    RemoteNeed { columns: (0..remote.columns.fields().len()).collect(), ..RemoteNeed::default() }
}

/// Conditions stand a line each; a text in quotes may have lines of its own.
fn split(text: &str) -> Vec<String> {
    let (mut parts, mut quoted) = (vec![String::new()], false);
    for c in text.chars() {
        quoted ^= c == '\'';
        match c {
            '\n' if !quoted => parts.push(String::new()),
            c => {
                let last = parts.len() - 1;
                parts[last].push(c);
            }
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// True for filters that are known only while the query runs; a text in quotes is none.
fn is_of_running(condition: &str) -> bool {
    condition.split('\'').step_by(2).any(|plain| plain.contains("Dynamic Filter"))
}

/// The planner marks what a scan may leave out, because it is looked at again, with `optional: `.
fn without_mark(text: &str) -> String {
    const MARK: &str = "optional: ";
    let (mut out, mut quoted, mut rest) = (String::with_capacity(text.len()), false, text);
    while let Some(c) = rest.chars().next() {
        if !quoted && rest.starts_with(MARK) {
            rest = &rest[MARK.len()..];
            continue;
        }
        quoted ^= c == '\'';
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// The columns that a text of the planner names.
fn columns_in(text: &str, prefix: &str) -> Vec<usize> {
    text.split(prefix).skip(1).filter_map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()).collect()
}

/// The text with the columns' own names.
fn named(text: &str, remote: &Remote, prefix: &str) -> String {
    let mut parts = text.split(prefix);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        let field = part[..end].parse::<usize>().ok().and_then(|at| remote.columns.fields().get(at));
        out.push_str(field.map_or(&part[..end], |f| f.name()));
        out.push_str(&part[end..]);
    }
    out
}

/// Values of several lines come as lists.
fn flat(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(lines) => lines.iter().map(flat).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}
