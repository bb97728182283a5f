//! Where rows went, from an executed plan: each operator's own equation, and their sum.
//!
//! Every number is one DuckDB counted while rows passed, or the row count of the files a scan reads
//! (from the lake's catalogue or the files' own footers). For an operator with the inputs `I` (the
//! counted outputs of what is below it) and the counted output `O`:
//!
//! | operator | in | filtered | merged | expanded | must hold |
//! |---|---|---|---|---|---|
//! | scan of files or a table, `N` rows stored | N | N − O | | | O ≤ N; O = N without a filter |
//! | `FILTER`, `LIMIT`, `TOP_N`, samples | | I − O | | | O ≤ I |
//! | `PROJECTION`, `ORDER_BY`, `WINDOW` | | | | | O = I |
//! | aggregates, DISTINCT | | | I − O | O − I (a total over no rows, grouping sets) | |
//! | UNNEST | | I − O | | O − I | |
//! | UNION ALL | | | | | O = sum of inputs |
//! | join of `L` and `R` | | max − O | min | O − max | see below |
//! | FULL join | | | L + R − O | O − (L + R) | O ≥ L, O ≥ R |
//! | SEMI, ANTI join | | L − O, and R | | | O ≤ L |
//! | common table read several times, `B` made, `S` read | | B − S | | S − B | |
//! | rows from nowhere (VALUES, range, a single row) | | | | O | |
//!
//! Differences count when they are positive. In a join the larger input drives: its rows are left out
//! where nothing matches and multiply where much does, net; rows of the smaller one become part of
//! them. This does not depend on which side DuckDB builds its table from. Adding up all equations, the
//! inner counts cancel: rows in + expanded = rows out + filtered + merged.
//!
//! A scan that stops early (below LIMIT, or beside an empty side of a join) reads fewer rows than are
//! stored; the rest counts as filtered. A scan that DuckDB proves useless before it runs
//! (`where false`) is not in the plan and counts nothing. Where DuckDB finds row numbers first and
//! fetches the rest of the columns afterwards, the second scan of the same rows is not counted again;
//! rows that a filter from above leaves out there count as filtered. Three rewrites that scan or copy
//! a table once more than the query says are switched off for the whole engine
//! ([`DISABLED_OPTIMIZERS`]).

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use parquet::file::metadata::ParquetMetaDataReader;
use trommel_model::{Code, Outcome, Problem, RowCounts};

use crate::Operator;

/// `window_self_join` answers `sum(x) over (partition by y)` by joining a table with its own totals;
/// `distinct_aggregate_rewrite` and `grouping_sets` copy the input once per distinct or grouping set.
///
/// What that costs was only looked at once, on a busy machine where the same query varied by half: in CPU
/// seconds over 10 million rows, with all three off, a partitioned total 1 → 6, a rollup 0.5 → 1; two
/// distinct counts per group did not get slower.
pub(crate) const DISABLED_OPTIMIZERS: &str = "window_self_join,distinct_aggregate_rewrite,grouping_sets";

/// The sum over the plan below and with `root`.
pub(crate) fn row_counts(root: &Operator) -> Outcome<RowCounts> {
    let mut plan = Plan::default();
    let rows_out = plan.add(root, Whole::Yes)?;
    let counts = RowCounts { rows_out, ..plan.counts };
    counts.enforce("query")?;
    Ok(counts)
}

/// Whether an operator was asked for all of its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whole {
    Yes,
    /// Something above it may have had enough before it was done.
    Perhaps,
}

impl Whole {
    fn and(self, other: bool) -> Self {
        if other { self } else { Self::Perhaps }
    }
}

#[derive(Default)]
struct Plan {
    counts: RowCounts,
    /// Rows read from common tables, by their number.
    common_reads: HashMap<String, u64>,
}

impl Plan {
    /// Adds an operator and what is below it; gives its rows.
    fn add(&mut self, operator: &Operator, whole: Whole) -> Outcome<u64> {
        let rows = operator.rows;
        match operator.name.as_str() {
            "TABLE_SCAN" => self.scan(operator, whole),
            "UNION" => {
                let mut sum = 0;
                for child in &operator.children {
                    sum += self.add(child, whole)?;
                }
                Ok(sum)
            }
            "CTE" => self.common_table(operator, whole),
            "CTE_SCAN" => {
                *self.common_reads.entry(detail(operator, "CTE Index").to_owned()).or_default() += rows;
                Ok(rows)
            }
            "HASH_JOIN" | "NESTED_LOOP_JOIN" | "BLOCKWISE_NL_JOIN" | "PIECEWISE_MERGE_JOIN" | "IE_JOIN" | "CROSS_PRODUCT" | "ASOF_JOIN"
                if operator.children.len() == 2 =>
            {
                self.join(operator, whole)
            }
            "FILTER" | "LIMIT" | "STREAMING_LIMIT" | "LIMIT_PERCENT" | "TOP_N" | "RESERVOIR_SAMPLE" | "STREAMING_SAMPLE" => {
                let stops = matches!(operator.name.as_str(), "LIMIT" | "STREAMING_LIMIT" | "LIMIT_PERCENT");
                let input = self.inputs(operator, whole.and(!stops))?;
                hold(operator, input, rows <= input)?;
                self.counts.filtered += input - rows;
                Ok(rows)
            }
            "PROJECTION" | "ORDER_BY" | "WINDOW" | "STREAMING_WINDOW" => {
                let input = self.inputs(operator, whole)?;
                hold(operator, input, if whole == Whole::Yes { rows == input } else { rows <= input })?;
                self.counts.filtered += input - rows;
                Ok(rows)
            }
            "HASH_GROUP_BY" | "PERFECT_HASH_GROUP_BY" | "PARTITIONED_AGGREGATE" | "UNGROUPED_AGGREGATE" | "LIMITED_DISTINCT" | "PIVOT" => {
                let stops = operator.name == "LIMITED_DISTINCT";
                let input = self.inputs(operator, whole.and(!stops))?;
                self.counts.merged += input.saturating_sub(rows);
                self.counts.expanded += rows.saturating_sub(input);
                Ok(rows)
            }
            "RECURSIVE_CTE" | "RECURSIVE_KEY_CTE" => {
                let input = self.inputs(operator, Whole::Perhaps)?;
                self.counts.merged += input.saturating_sub(rows);
                self.counts.expanded += rows.saturating_sub(input);
                Ok(rows)
            }
            // DuckDB does not count what flows into it.
            "POSITIONAL_SCAN" => {
                self.counts.expanded += rows;
                Ok(rows)
            }
            // Rows from nowhere come into being; whatever else there may be is counted by its net effect.
            _ => {
                let input = self.inputs(operator, Whole::Perhaps)?;
                self.counts.filtered += input.saturating_sub(rows);
                self.counts.expanded += rows.saturating_sub(input);
                Ok(rows)
            }
        }
    }

    fn inputs(&mut self, operator: &Operator, whole: Whole) -> Outcome<u64> {
        let mut sum = 0;
        for child in &operator.children {
            sum += self.add(child, whole)?;
        }
        Ok(sum)
    }

    fn scan(&mut self, scan: &Operator, whole: Whole) -> Outcome<u64> {
        let function = detail(scan, "Function");
        if !is_parquet(scan) && detail(scan, "Table").is_empty() {
            // A function that makes rows, or a file whose rows nobody counted before.
            if function.starts_with("READ_") {
                self.counts.rows_in += scan.rows;
            } else {
                self.counts.expanded += scan.rows;
            }
            return Ok(scan.rows);
        }
        let Some(stored) = scan.scanned else {
            return Err(
                Problem::new(Code::Internal, "it is not known how many rows the files of a query hold").why(detail(scan, "Filename(s)"))
            );
        };
        let filtered = ["Filters", "Dynamic Filters", "Sample Method", "File Filters"].iter().any(|key| scan.extra.contains_key(*key));
        hold(scan, stored, if whole == Whole::Yes && !filtered { scan.rows == stored } else { scan.rows <= stored })?;
        self.counts.rows_in += stored;
        self.counts.filtered += stored - scan.rows;
        Ok(scan.rows)
    }

    fn common_table(&mut self, operator: &Operator, whole: Whole) -> Outcome<u64> {
        let [body, query] = operator.children.as_slice() else { return self.inputs(operator, whole) };
        let rows = self.add(query, whole)?;
        let read = self.common_reads.remove(detail(operator, "Table Index")).unwrap_or_default();
        let complete = detail(operator, "Execution Mode") == "MATERIALIZED";
        let made = self.add(body, Whole::Yes.and(complete))?;
        self.counts.expanded += read.saturating_sub(made);
        self.counts.filtered += made.saturating_sub(read);
        Ok(rows)
    }

    fn join(&mut self, join: &Operator, whole: Whole) -> Outcome<u64> {
        let (left, right) = (&join.children[0], &join.children[1]);
        if fetches_again(join) {
            let found = self.add(right, whole)?;
            let whole = whole.and(!narrows(left));
            hold(join, found, if whole == Whole::Yes { join.rows == found } else { join.rows <= found })?;
            self.counts.filtered += found - join.rows;
            return Ok(join.rows);
        }
        // A side may be left unread once the other is known to be empty.
        let both = rows_of(left) > 0 && rows_of(right) > 0;
        let l = self.add(left, whole.and(both))?;
        let r = self.add(right, whole.and(both))?;
        let o = join.rows;
        let strict = both && whole == Whole::Yes;
        let kind = if join.name == "CROSS_PRODUCT" { "CROSS" } else { detail(join, "Join Type") };
        match kind {
            "SEMI" | "ANTI" | "MARK" | "RIGHT_SEMI" | "RIGHT_ANTI" => {
                let (kept, looked_up) = if kind.starts_with("RIGHT") { (r, l) } else { (l, r) };
                hold(join, kept, if kind == "MARK" && strict { o == kept } else { o <= kept })?;
                self.counts.filtered += kept - o + looked_up;
                return Ok(o);
            }
            "FULL" | "OUTER" => {
                hold(join, l + r, !strict || (o >= l && o >= r))?;
                self.counts.merged += (l + r).saturating_sub(o);
                self.counts.expanded += o.saturating_sub(l + r);
                return Ok(o);
            }
            "LEFT" => hold(join, l, !strict || o >= l)?,
            "RIGHT" => hold(join, r, !strict || o >= r)?,
            "SINGLE" => hold(join, l, if strict { o == l } else { o <= l })?,
            "CROSS" => hold(join, l * r, if strict { o == l * r } else { o <= l * r })?,
            _ => {}
        }
        let (larger, smaller) = (l.max(r), l.min(r));
        self.counts.merged += smaller;
        self.counts.filtered += larger.saturating_sub(o);
        self.counts.expanded += o.saturating_sub(larger);
        Ok(o)
    }
}

/// The rows of an operator, also of one that DuckDB does not count because rows only pass by.
pub(crate) fn rows_of(operator: &Operator) -> u64 {
    match operator.name.as_str() {
        "UNION" => operator.children.iter().map(rows_of).sum(),
        "CTE" => operator.children.last().map(rows_of).unwrap_or_default(),
        _ => operator.rows,
    }
}

/// True for a join that fetches the columns of rows it already has the numbers of.
fn fetches_again(join: &Operator) -> bool {
    let conditions = detail(join, "Conditions");
    detail(join, "Join Type") == "SEMI"
        && (conditions.contains("file_row_number = file_row_number") || conditions.lines().any(|line| line == "rowid = rowid"))
}

/// True for a scan that fetches rows by their numbers and leaves some of them out by a filter from above.
fn narrows(scan: &Operator) -> bool {
    let of_numbers = |filter: &str| ["(file_index ", "(file_row_number ", "(rowid "].iter().any(|number| filter.starts_with(number));
    let filters = detail(scan, "Filters").lines().chain(detail(scan, "Dynamic Filters").lines());
    filters.filter(|f| !f.is_empty()).any(|f| !of_numbers(f))
}

fn is_parquet(scan: &Operator) -> bool {
    matches!(detail(scan, "Function"), "READ_PARQUET" | "PARQUET_SCAN")
}

fn detail<'a>(operator: &'a Operator, key: &str) -> &'a str {
    operator.extra.get(key).map_or("", String::as_str)
}

fn hold(operator: &Operator, expected: u64, holds: bool) -> Outcome<()> {
    if holds {
        return Ok(());
    }
    Err(Problem::new(Code::LawBroken, format!("the query's {} does not account for its rows", operator.name))
        .why(format!("it gave {} rows where {expected} went in or are stored", operator.rows))
        .next("nothing was published; please report this with the model's text"))
}

impl Operator {
    /// Sets how many rows the files of each Parquet scan hold: as `known` says of its first file, or as
    /// the files' footers do.
    pub(crate) fn note_scanned(&mut self, known: &dyn Fn(&str) -> Option<u64>) {
        if self.name == "TABLE_SCAN" && is_parquet(self) {
            self.scanned = self.stored_rows(known);
        }
        for child in &mut self.children {
            child.note_scanned(known);
        }
    }

    fn stored_rows(&self, known: &dyn Fn(&str) -> Option<u64>) -> Option<u64> {
        let Some(files) = self.extra.get("Filename(s)") else {
            // A scan that was never begun.
            return (self.rows == 0).then_some(0);
        };
        // Paths may themselves hold the separator.
        let mut ends = files.match_indices(", ").map(|(i, _)| i).chain([files.len()]);
        if let Some(rows) = ends.find_map(|end| known(&files[..end])) {
            return Some(rows);
        }
        files.split(", ").map(footer_rows).sum()
    }
}

/// The rows of a Parquet file, as its footer says.
fn footer_rows(path: &str) -> Option<u64> {
    let file = File::open(Path::new(path)).ok()?;
    let footer = ParquetMetaDataReader::new().parse_and_finish(&file).ok()?;
    Some(footer.file_metadata().num_rows().unsigned_abs())
}
