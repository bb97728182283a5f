//! `dependency`: a cell that contradicts what another column of its row decides: one hospital with two telephone numbers.
//!
//! Dependencies hold approximately: they are discovered on a sample, verified on the whole, and counted only when they say
//! more than that one value is frequent anyway. A cell is let pass when
//! - a stricter dependency supports it: the city says Ohio, the brewery says Georgia;
//! - its contradiction is a rule of its own: all rows of another value contradict in the same way;
//! - the row contradicts most of what its determinant decides, for then it is another thing of the same name.

use rustc_hash::{FxHashMap, FxHashSet};
use trommel_model::Cancel;

use super::{Board, Coded, CodedColumn};

/// Rows a dependency is looked for in.
pub(crate) const SAMPLE: usize = 20_000;
/// Rows that may contradict a dependency.
const MOST_BROKEN: f64 = 0.12;
/// The least share of what a constant would not explain that must be explained.
const LEAST_EXPLAINED: f64 = 0.3;
/// Rows of a value from which on it decides something.
const GROUP: usize = 3;
/// The least share of a group that must agree for others to be wrong.
const AGREED: f64 = 0.7;
/// Columns that are compared with each other.
const MOST_COLUMNS: usize = 200;

/// One column decides another.
#[derive(Debug, Clone)]
pub(crate) struct Dependency {
    pub from: usize,
    pub to: usize,
    /// The share of rows that contradict it.
    pub broken: f64,
    /// By value of the deciding column: the decided value, the share that agrees, and the rows.
    pub decided: FxHashMap<u32, (u32, f64, u32)>,
}

/// A row that contradicts a dependency: what determines, the row, the dependency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Broken {
    from: u32,
    row: u32,
    at: u32,
}

pub(super) fn find(table: &Coded, board: &mut Board) {
    let found = discover(table, &board.cancel);
    let mut decided_by = vec![0_usize; table.columns.len()];
    let mut by_target = vec![Vec::new(); table.columns.len()];
    for (at, dependency) in found.iter().enumerate() {
        decided_by[dependency.from] += 1;
        by_target[dependency.to].push(at);
    }
    let mut broken: Vec<Broken> = Vec::new();
    for (at, dependency) in found.iter().enumerate().take_while(|_| !board.is_stopped()) {
        let from = dependency.from as u32;
        broken.extend(contradicted(table, dependency).map(|row| Broken { from, row: row as u32, at: at as u32 }));
    }
    broken.sort_unstable();
    let exceptions = exceptions(table, &found, &broken);
    for all in broken.chunk_by(|a, b| (a.from, a.row) == (b.from, b.row)) {
        let (from, row) = (all[0].from as usize, all[0].row as usize);
        if board.is_stopped() {
            return;
        }
        let real = all.iter().filter(|b| !table.columns[found[b.at as usize].to].is_missing(row)).count();
        if real >= 2 && 2 * real >= decided_by[from] {
            continue;
        }
        for Broken { at, .. } in all {
            let dependency = &found[*at as usize];
            let column = &table.columns[dependency.to];
            let Some((value, share, rows)) = dependency.decided.get(&table.columns[from].codes[row]) else { continue };
            let own = column.codes[row];
            let supported = by_target[dependency.to].iter().map(|other| &found[*other]).any(|other| {
                other.broken <= dependency.broken && other.decided.get(&table.columns[other.from].codes[row]).is_some_and(|d| d.0 == own)
            });
            if *share < AGREED || supported || exceptions.contains(&(*at, row as u32)) {
                continue;
            }
            let expected = &column.values[*value as usize].text;
            let confidence = share * (f64::from(*rows + 2) / 6.0).min(1.0);
            let reason = format!(
                "{} \"{}\" has \"{expected}\" in {} of {rows} rows",
                table.columns[from].name,
                table.columns[from].text(row),
                (share * f64::from(*rows)).round()
            );
            board.mark(row, dependency.to, "dependency", confidence, &reason, Some(expected));
        }
    }
}

/// The dependencies that hold approximately. Once it is cancelled, only those that were found by then.
pub(crate) fn discover(table: &Coded, cancel: &Cancel) -> Vec<Dependency> {
    let step = table.rows.div_ceil(SAMPLE).max(1);
    let sample: Vec<usize> = (0..table.rows).step_by(step).collect();
    let all: Vec<usize> = if step == 1 { Vec::new() } else { (0..table.rows).collect() };
    let usable = |column: &CodedColumn| column.distinct() > 1;
    let targets: Vec<usize> = (0..table.columns.len().min(MOST_COLUMNS)).filter(|c| usable(&table.columns[*c])).collect();
    let mut found = Vec::new();
    for from in &targets {
        let column = &table.columns[*from];
        if cancel.is_raised() || column.distinct() as f64 > 0.7 * table.rows as f64 {
            continue;
        }
        let groups = groups(column, &sample);
        let candidates = targets.iter().filter(|to| *to != from).filter_map(|to| verify(table, *from, *to, &groups, sample.len()));
        let candidates: Vec<Dependency> = candidates.collect();
        if step == 1 {
            found.extend(candidates);
        } else if !candidates.is_empty() {
            let whole = self::groups(column, &all);
            let wanted = candidates.iter().take_while(|_| !cancel.is_raised());
            found.extend(wanted.filter_map(|c| verify(table, *from, c.to, &whole, all.len())));
        }
    }
    found
}

/// Rows by value, for values with enough rows.
fn groups(column: &CodedColumn, rows: &[usize]) -> Vec<(u32, Vec<u32>)> {
    let mut by_code: Vec<Vec<u32>> = vec![Vec::new(); column.values.len()];
    for row in rows {
        by_code[column.codes[*row] as usize].push(*row as u32);
    }
    let known = by_code.into_iter().enumerate().filter(|(code, rows)| rows.len() >= GROUP && !column.values[*code].missing);
    known.map(|(code, rows)| (code as u32, rows)).collect()
}

/// The dependency, when it holds well enough in these groups.
fn verify(table: &Coded, from: usize, to: usize, groups: &[(u32, Vec<u32>)], rows: usize) -> Option<Dependency> {
    let column = &table.columns[to];
    let covered: usize = groups.iter().map(|g| g.1.len()).sum();
    if (covered as f64) < 0.3 * rows as f64 {
        return None;
    }
    let most = (0..column.values.len()).filter(|v| !column.values[*v].missing).max_by_key(|v| column.values[*v].rows)? as u32;
    let (mut agree, mut known, mut constant) = (0_u64, 0_u64, 0_u64);
    let mut decided = FxHashMap::default();
    let mut counts = FxHashMap::<u32, u32>::default();
    for (code, rows) in groups {
        counts.clear();
        for row in rows {
            let value = column.codes[*row as usize];
            if !column.values[value as usize].missing {
                *counts.entry(value).or_default() += 1;
            }
        }
        let total: u32 = counts.values().sum();
        let Some((value, count)) = counts.iter().map(|(v, n)| (*v, *n)).max_by_key(|(v, n)| (*n, std::cmp::Reverse(*v))) else { continue };
        agree += u64::from(count);
        known += u64::from(total);
        constant += u64::from(counts.get(&most).copied().unwrap_or(0));
        decided.insert(*code, (value, f64::from(count) / f64::from(total), total));
    }
    if known == 0 {
        return None;
    }
    let broken = 1.0 - agree as f64 / known as f64;
    let by_constant = 1.0 - constant as f64 / known as f64;
    let holds = broken <= MOST_BROKEN && by_constant > 0.0 && (by_constant - broken) / by_constant >= LEAST_EXPLAINED;
    holds.then_some(Dependency { from, to, broken, decided })
}

/// Rows whose value is not the decided one; also rows without a value.
pub(crate) fn contradicted<'a>(table: &'a Coded, dependency: &'a Dependency) -> impl Iterator<Item = usize> + 'a {
    let (from, to) = (&table.columns[dependency.from], &table.columns[dependency.to]);
    (0..table.rows).filter(move |row| dependency.decided.get(&from.codes[*row]).is_some_and(|d| d.0 != to.codes[*row]))
}

/// Contradictions that are rules of their own: a value of a third column, with three rows or more, most of which contradict.
fn exceptions(table: &Coded, found: &[Dependency], broken: &[Broken]) -> FxHashSet<(u32, u32)> {
    let mut rows_of = vec![Vec::new(); found.len()];
    for Broken { row, at, .. } in broken {
        if !table.columns[found[*at as usize].to].is_missing(*row as usize) {
            rows_of[*at as usize].push(*row);
        }
    }
    let mut exceptions = FxHashSet::default();
    for (at, rows) in rows_of.iter().enumerate().filter(|(_, rows)| rows.len() >= GROUP) {
        let dependency = &found[at];
        for (third, column) in table.columns.iter().enumerate().take(MOST_COLUMNS) {
            if third == dependency.from || third == dependency.to {
                continue;
            }
            let mut counts = FxHashMap::<u32, usize>::default();
            for row in rows {
                *counts.entry(column.codes[*row as usize]).or_default() += 1;
            }
            let rule = |code: &u32| counts.get(code).is_some_and(|n| *n >= GROUP && 2 * n >= column.values[*code as usize].rows as usize);
            exceptions.extend(rows.iter().filter(|row| rule(&column.codes[**row as usize])).map(|row| (at as u32, *row)));
        }
    }
    exceptions
}
