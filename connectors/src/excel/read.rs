//! Reads one sheet of a workbook: once from start to end, its cells put aside, then into batches in parallel.

use trommel_model::{FoundOption, Outcome};

use super::book::Book;
use super::discover::{choose, others};
use super::error;
use super::gather::{Table, gather};
use crate::names::unique;
use crate::read::Job;
use crate::sink::Sink;
use crate::spool::{Layout, deliver};
use crate::{ReadReport, parallel, plan};

/// Rows that a preview puts aside.
const PREVIEW: u64 = 1000;

/// Reads a workbook. A breakdown of the library on a hostile file is a fault of the file.
pub fn read(job: &Job<'_>, sink: &dyn Sink) -> Outcome<ReadReport> {
    parallel::guarded(|| rows(job, u64::MAX, sink)).map_err(error::of_file)
}

/// The first rows of a workbook.
pub fn preview(job: &Job<'_>, sink: &dyn Sink) -> Outcome<ReadReport> {
    parallel::guarded(|| rows(job, PREVIEW, sink)).map_err(error::of_file)
}

fn rows(job: &Job<'_>, most: u64, sink: &dyn Sink) -> Outcome<ReadReport> {
    job.progress.update(|p| p.doing = format!("looking at {}", job.piece.name));
    let mut book = Book::open(&job.piece.path)?;
    let options = &job.spec.excel;
    let (sheet, table) = first_with_cells(job, &mut book, most)?;
    let (places, left_out) = table.places();
    let mut names = Vec::new();
    let mut kinds = Vec::new();
    for (column, _) in places.iter().enumerate().filter(|(_, place)| place.is_some()) {
        names.push(table.names.get(column).cloned().unwrap_or_default());
        kinds.push(table.seen.get(column).copied().unwrap_or_default().kind());
    }
    table.check_density(names.len())?;
    let (names, renamed) = unique(names);
    let fields: Vec<_> = names.iter().cloned().zip(kinds).collect();
    let mut plan = plan::plan(job.piece, job.spec, job.mode, &fields)?;
    // Numbers of a sheet have a point, whatever the source says of its text files.
    plan.mark = b'.';
    sink.open(&plan.schema)?;
    let layout = Layout { names: &names, places: &places, text: None, odd: "" };
    let counts = deliver(job, &table.spool, &layout, &plan, sink)?;
    let mut notes: Vec<String> =
        others(&book.sheets, sheet).filter(|_| options.sheet.is_none() && job.piece.inner().is_none()).into_iter().collect();
    notes.extend(remarks(&table, left_out));
    notes.extend(renamed);
    let found = made_out(job, &book, sheet, &table);
    Ok(ReadReport {
        rows_in: table.spool.rows,
        rows_out: counts.rows_out,
        held: counts.held,
        nulled: counts.nulled,
        padded: 0,
        notes,
        dialect: None,
        found,
    })
}

/// The first of the sheets in question that has a cell with a value.
fn first_with_cells(job: &Job<'_>, book: &mut Book, most: u64) -> Outcome<(usize, Table)> {
    for sheet in choose(&book.sheets, &job.spec.excel, job.piece.inner())? {
        let table = gather(job, book, sheet, &job.spec.excel, most)?;
        if !table.is_empty() {
            return Ok((sheet, table));
        }
    }
    Err(error::no_cells(&book.sheets.iter().map(|s| s.name.clone()).collect::<Vec<_>>()))
}

/// Which sheet, which part of it, and which row names the columns.
fn made_out(job: &Job<'_>, book: &Book, sheet: usize, table: &Table) -> Vec<FoundOption> {
    let options = &job.spec.excel;
    let sheets: Vec<String> = book.sheets.iter().filter(|s| s.cells).map(|s| s.name.clone()).collect();
    let visible = book.sheets.iter().filter(|s| s.cells && s.visible).count();
    let told = options.sheet.is_some() || job.piece.inner().is_some();
    // Each visible sheet that was not chosen is a doubt.
    let sure = if told { 1.0 } else { 1.0 / visible.max(1) as f64 };
    let (header, row) = if table.header_row > 0 { ("yes", table.header_row.to_string()) } else { ("no", String::new()) };
    let typed = table.seen.iter().filter(|seen| seen.typed > 0 && !seen.is_text()).count();
    let pieces = if options.header.is_some() || options.header_row.is_some() { usize::MAX } else { typed };
    vec![
        FoundOption { name: "sheet", value: book.sheets[sheet].name.clone(), sure: Some(sure), choices: sheets },
        FoundOption { name: "range", value: options.range.clone().unwrap_or_default(), sure: None, choices: Vec::new() },
        FoundOption::by_evidence("header", header, pieces).or(vec!["yes".to_owned(), "no".to_owned()]),
        FoundOption::by_evidence("header-row", row, pieces),
        FoundOption::certain("fill-merged", if options.fill_merged { "yes" } else { "no" }).or(vec!["yes".to_owned(), "no".to_owned()]),
    ]
}

fn remarks(table: &Table, left_out: usize) -> Vec<String> {
    let mut notes = Vec::new();
    match (table.header_row, table.above) {
        (0, _) => notes.push("no row names the columns".to_owned()),
        (row, 0) => notes.push(format!("the names of the columns are in row {row}")),
        (row, 1) => notes.push(format!("the names of the columns are in row {row}; 1 row above is left out")),
        (row, above) => notes.push(format!("the names of the columns are in row {row}; {above} rows above are left out")),
    }
    if table.faults > 0 {
        notes.push(format!("{} cells hold a fault such as #N/A; they are no values in columns of numbers and dates", table.faults));
    }
    if left_out > 0 {
        notes.push(format!("{left_out} columns without name and value are left out"));
    }
    notes
}
