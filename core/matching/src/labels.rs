//! Labels: pairs of rows of which somebody says whether they are the same thing.

use arrow::array::RecordBatch;
use rustc_hash::FxHashMap;
use trommel_model::{Code, MatchDecision, Outcome, Problem, RecordKey, Verdict, did_you_mean};

use crate::arrays::Text;
use crate::decisions::settle;
use crate::files::Union;
use crate::records::Records;

/// The column that says yes or no.
const SAME: &str = "same";
/// Labels that are told of a contradiction.
const TOLD: usize = 5;

/// Pairs of rows, counted as they came over all batches, and whether they are one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels(pub(crate) Vec<(u32, u32, bool)>);

/// True for a table of pairs; else it says who records are.
pub fn are_pairs(labels: &[RecordBatch]) -> bool {
    labels.first().is_some_and(|batch| batch.column_by_name(SAME).is_some())
}

/// How rows are named: by what, and the row of each name.
pub(crate) struct Names {
    /// The columns that name a row, for instance `source` and `id`.
    pub keys: Vec<&'static str>,
    pub rows: FxHashMap<Vec<String>, u32>,
}

impl Labels {
    /// Reads pairs. Fails when a label is about no row, says neither yes nor no, or contradicts others.
    pub(crate) fn read(batches: &[RecordBatch], names: &Names) -> Outcome<Self> {
        let (mut decisions, mut shown_as, mut said) = (Vec::new(), FxHashMap::default(), 0_u64);
        for batch in batches {
            let [left, right] = sides(batch, &names.keys)?;
            let same = column(batch, SAME)?;
            for row in 0..batch.num_rows() {
                said += 1;
                let at = |side: &[Text]| -> Outcome<(Vec<String>, u32)> {
                    let written: Vec<String> = side.iter().map(|column| column.get(row).unwrap_or("").to_owned()).collect();
                    let trimmed: Vec<String> = written.iter().map(|part| part.trim().to_owned()).collect();
                    let found = names.rows.get(&written).or_else(|| names.rows.get(&trimmed));
                    let found = found.copied().ok_or_else(|| no_row(said, &trimmed, names))?;
                    Ok((trimmed, found))
                };
                let ((left_key, left), (right_key, right)) = (at(&left)?, at(&right)?);
                if left == right {
                    return Err(fault(format!("label {said} is about {} and itself", shown(&left_key))).next("name two rows"));
                }
                let same = yes_or_no(same.get(row), said)?;
                // Different rows may be shown as the same text.
                let mut record = |row: u32, key: &[String]| {
                    shown_as.entry(row).or_insert_with(|| shown(key));
                    RecordKey { source: String::new(), id: row.to_string() }
                };
                decisions.push(MatchDecision {
                    left: record(left, &left_key),
                    right: record(right, &right_key),
                    verdict: if same { Verdict::Together } else { Verdict::Apart },
                    who: String::new(),
                    why: String::new(),
                });
            }
        }
        if decisions.is_empty() {
            return Err(fault("there are no labels").next("a label is a row of two names and same, which is yes or no"));
        }
        agree(&decisions, &shown_as)
    }

    /// The same pairs by the rows' canonical numbers.
    pub(crate) fn canonical(&self, records: &Records) -> Vec<(u32, u32, bool)> {
        let canonical = records.canonical();
        let row = |came: u32| canonical[came as usize];
        let mut pairs: Vec<(u32, u32, bool)> = self.0.iter().map(|&(l, r, same)| (row(l).min(row(r)), row(l).max(row(r)), same)).collect();
        pairs.sort_unstable();
        pairs
    }

    /// The rows of files by their number, or by their id where the model has one and the labels name it.
    pub(crate) fn of_files(batches: &[RecordBatch], union: &Union, id: Option<usize>, source: Option<usize>) -> Outcome<Self> {
        let has = |name: &str| batches.first().is_some_and(|batch| batch.column_by_name(name).is_some());
        if let Some(id) = id.filter(|_| !has("row") && !has("left_row")) {
            return Self::read(batches, &Names::by_id(&union.batches, id, source)?);
        }
        let keys: Vec<&str> = if union.files.len() > 1 || has("file") || has("left_file") { vec!["file", "row"] } else { vec!["row"] };
        let mut rows = FxHashMap::default();
        let mut came = 0_u32;
        for (name, count) in &union.files {
            for row in 1..=*count {
                let key = if keys.len() > 1 { vec![name.clone(), row.to_string()] } else { vec![row.to_string()] };
                rows.insert(key, came);
                came += 1;
            }
        }
        Self::read(batches, &Names { keys, rows })
    }
}

impl Names {
    /// Rows by their id and, where there is one, their source.
    pub(crate) fn by_id(batches: &[RecordBatch], id: usize, source: Option<usize>) -> Outcome<Self> {
        let keys = if source.is_some() { vec!["source", "id"] } else { vec!["id"] };
        let mut rows = FxHashMap::default();
        let mut came = 0_u32;
        for batch in batches {
            let columns = source.into_iter().chain([id]).map(|at| Text::of(batch.column(at))).collect::<Outcome<Vec<_>>>()?;
            for row in 0..batch.num_rows() {
                // Of rows that share source and id the first stands for all.
                rows.entry(columns.iter().map(|c| c.get(row).unwrap_or("").to_owned()).collect()).or_insert(came);
                came += 1;
            }
        }
        Ok(Self { keys, rows })
    }
}

/// The pairs without what is said twice, unless they contradict each other.
fn agree(decisions: &[MatchDecision], shown_as: &FxHashMap<u32, String>) -> Outcome<Labels> {
    let row = |key: &RecordKey| key.id.parse::<u32>().ok();
    let (settled, report) = settle(decisions, row);
    if let Some(chain) = report.contradictions.first() {
        let told = |d: &MatchDecision| {
            let verdict = if d.verdict == Verdict::Together { "are one" } else { "are not one" };
            let shown = |key: &RecordKey| row(key).and_then(|row| shown_as.get(&row)).map_or("", String::as_str);
            format!("{} and {} {verdict}", shown(&d.left), shown(&d.right))
        };
        let more = chain.len().saturating_sub(TOLD);
        let mut told: Vec<String> = chain.iter().take(TOLD).map(told).collect();
        told.extend((more > 0).then(|| format!("and {more} more")));
        return Err(fault("labels contradict each other").why(told.join("; ")).next("correct one of them"));
    }
    let mut all: Vec<(u32, u32, bool)> = settled.together.iter().map(|&(l, r)| (l, r, true)).collect();
    all.extend(settled.apart.iter().map(|&(l, r)| (l, r, false)));
    all.sort_unstable();
    Ok(Labels(all))
}

fn yes_or_no(text: Option<&str>, label: u64) -> Outcome<bool> {
    match text.map(|text| text.trim().to_lowercase()).as_deref() {
        Some("yes" | "y" | "true" | "t" | "1" | "merge") => Ok(true),
        Some("no" | "n" | "false" | "f" | "0" | "keep") => Ok(false),
        other => {
            let said = other.map_or_else(|| "is empty".to_owned(), |text| format!("is \"{text}\""));
            Err(fault(format!("same of label {label} {said}")).at_field(SAME).next("write yes or no"))
        }
    }
}

fn no_row(label: u64, key: &[String], names: &Names) -> Problem {
    let problem = fault(format!("label {label} is about {}, which is no row of this match", shown(key)));
    let near = |place: usize| {
        let known: std::collections::BTreeSet<&str> = names.rows.keys().map(|key| key[place].as_str()).collect();
        let unknown = !known.contains(key[place].as_str());
        let listed = known.iter().take(10).copied().collect::<Vec<_>>().join(", ");
        (unknown && known.len() <= 1_000).then(|| {
            let hint = did_you_mean(&key[place], known.iter().copied());
            if hint.is_empty() { format!("{} is one of {listed}", names.keys[place]) } else { hint }
        })
    };
    let rows = names.rows.len();
    match (names.keys.len() > 1).then(|| near(0)).flatten() {
        Some(hint) => problem.at_field(names.keys[0]).next(hint),
        None if names.keys.contains(&"row") => {
            problem.next(format!("rows are counted from 1, without the header; there are {rows} in all"))
        }
        None => problem.next(format!("labels name rows by {}, as the records say them", names.keys.join(" and "))),
    }
}

/// The columns of both sides.
fn sides(batch: &RecordBatch, keys: &[&str]) -> Outcome<[Vec<Text>; 2]> {
    let mut sides = [Vec::new(), Vec::new()];
    for key in keys {
        let Some(names) = side(batch, key) else { return Err(missing(batch, keys, key)) };
        for (side, name) in sides.iter_mut().zip(names) {
            side.push(column(batch, &name)?);
        }
    }
    Ok(sides)
}

/// What the column of both sides is called; the second of one name is `x_2` when a file is read.
fn side(batch: &RecordBatch, key: &str) -> Option<[String; 2]> {
    let names =
        [[key.to_owned(), format!("other_{key}")], [key.to_owned(), format!("{key}_2")], [format!("left_{key}"), format!("right_{key}")]];
    names.into_iter().find(|names| names.iter().all(|name| batch.column_by_name(name).is_some()))
}

fn missing(batch: &RecordBatch, keys: &[&str], key: &str) -> Problem {
    let schema = batch.schema();
    let has: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
    let left = keys.join(", ");
    let right = keys.iter().map(|key| format!("other_{key}")).collect::<Vec<_>>().join(", ");
    fault(format!("the labels do not name two rows by {key}"))
        .at_field(key)
        .why(format!("they have: {}", has.join(", ")))
        .next(format!("their columns are {left}, {right} and same"))
}

fn column(batch: &RecordBatch, name: &str) -> Outcome<Text> {
    let schema = batch.schema();
    let has = || schema.fields().iter().map(|f| f.name().as_str());
    let Some(found) = batch.column_by_name(name) else {
        let problem = fault(format!("the labels have no column \"{name}\"")).at_field(name);
        let hint = did_you_mean(name, has());
        let list = has().collect::<Vec<_>>().join(", ");
        return Err(if hint.is_empty() { problem.next(format!("they have: {list}")) } else { problem.next(hint) });
    };
    Text::of(found)
}

fn shown(key: &[String]) -> String {
    key.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(":")
}

fn fault(what: impl Into<String>) -> Problem {
    Problem::new(Code::BadLabels, what)
}
