//! Faults of workbooks.

use std::path::Path;

use rust_xlsxwriter::XlsxError;
use trommel_model::{Code, Problem, nearest};

use super::config::SHEET_COLUMNS;

/// A failure of the writer: of the disk below it, or of a name Excel does not take.
pub fn of(error: &XlsxError, path: &Path) -> Problem {
    match error {
        XlsxError::IoError(io) => Problem::from_io(io, "write the workbook", path),
        other => Problem::new(Code::FileUnreadable, "the workbook cannot be written").in_file(path).why(other.to_string()),
    }
}

/// More columns than a sheet has.
pub fn too_wide(columns: usize, path: &Path) -> Problem {
    Problem::new(Code::TooLarge, format!("a sheet has at most {SHEET_COLUMNS} columns, the table has {columns}"))
        .in_file(path)
        .next("leave columns out, or export to CSV or Parquet")
}

/// The file cannot be read as a workbook.
pub fn unreadable(why: impl std::fmt::Display) -> Problem {
    let why = why.to_string();
    let what = "this workbook cannot be read";
    if why.to_ascii_lowercase().contains("password") {
        return locked();
    }
    Problem::new(Code::BadWorkbook, what).why(why).next("check that it was copied whole, or save it again as .xlsx")
}

/// It is encrypted.
pub fn locked() -> Problem {
    Problem::new(Code::BadWorkbook, "this workbook is protected by a password").next("save a copy without a password")
}

/// It is no workbook at all.
pub fn other_format(head: &[u8]) -> Problem {
    let text = String::from_utf8_lossy(head).trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    let problem = Problem::new(Code::BadWorkbook, "this is not a workbook");
    if text.starts_with("<?xml") || text.starts_with("<workbook") {
        return problem.why("it is a document of XML under the ending of a workbook").next("set format = \"xml\", or save it as .xlsx");
    }
    if text.starts_with("<html") || text.starts_with("<!doctype html") || text.starts_with("<table") {
        return problem.why("it is a web page under the ending of a workbook").next("open it in a spreadsheet and save it as .xlsx");
    }
    if head.starts_with(&[0x09, 0x00])
        || head.starts_with(&[0x09, 0x02])
        || head.starts_with(&[0x09, 0x04])
        || head.starts_with(&[0x09, 0x08])
    {
        return problem.why("it is of a version of Excel before 5.0").next("open it in a spreadsheet and save it as .xlsx");
    }
    if !text.is_empty() && head.iter().all(|b| *b >= b' ' || matches!(b, b'\t' | b'\r' | b'\n')) {
        return problem.why("it is plain text").next("set format = \"csv\"");
    }
    problem.next("check that it was copied whole")
}

/// There is nothing in the file.
pub fn empty() -> Problem {
    Problem::new(Code::EmptyFile, "the file is empty").next("check that it was written to its end")
}

/// No sheet has a cell with a value.
pub fn no_cells(sheets: &[String]) -> Problem {
    Problem::new(Code::EmptyFile, "no visible sheet has a cell with a value").why(format!("the sheets are {}", listed(sheets)))
}

/// No such sheet.
pub fn unknown_sheet(name: &str, sheets: &[String]) -> Problem {
    let near = nearest(name, sheets.iter().map(String::as_str))
        .map_or_else(|| format!("the sheets are {}", listed(sheets)), |near| format!("did you mean \"{near}\"?"));
    Problem::new(Code::UnknownName, format!("the workbook has no sheet \"{name}\"")).next(near)
}

/// `"A", "B"`, at most twenty of them.
pub fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(20).map(|n| format!("\"{n}\"")).collect();
    let rest = names.len() - shown.len();
    if rest == 0 { shown.join(", ") } else { format!("{} and {rest} more", shown.join(", ")) }
}

/// What a range has to look like.
pub fn bad_range(range: &str) -> Problem {
    Problem::new(Code::BadConfig, format!("\"{range}\" is not a range of cells")).next("write it as B3:F200, B:F or 3:200")
}

/// Unpacked, a part is larger than is read.
pub fn too_large(part: &str, bytes: u64, most: u64) -> Problem {
    Problem::new(Code::TooLarge, "the workbook is larger than is read")
        .why(format!("{part} unpacks to {} MB, the most is {} MB", bytes >> 20, most >> 20))
        .next("split the workbook, or export the sheet as CSV")
}

/// A part that unpacks to so much that it was made to fill a disk.
pub fn bomb(part: &str, packed: u64, bytes: u64) -> Problem {
    Problem::new(Code::TooLarge, "the workbook unpacks to far more than it could hold")
        .why(format!("{part} has {packed} bytes and unpacks to {bytes}"))
        .next("do not trust this file; if it is sound, export the sheet as CSV")
}

/// Few cells, spread far apart.
pub fn too_sparse(cells: u64, rows: u64, columns: u64) -> Problem {
    Problem::new(Code::TooLarge, format!("{cells} cells are spread over {rows} rows and {columns} columns"))
        .why("as a table that is nothing but empty values")
        .next("set range in [excel] to the cells of the table")
}

/// More cells than an older workbook may have.
pub fn too_many_cells(cells: u64, most: u64) -> Problem {
    Problem::new(Code::TooLarge, format!("the sheets span {cells} cells, the most that are read of such a workbook are {most}"))
        .next("save it as .xlsx, which is read bit by bit")
}

/// A breakdown of the library on a hostile file.
pub fn of_file(problem: Problem) -> Problem {
    if problem.code != Code::Internal {
        return problem;
    }
    unreadable(problem.why.unwrap_or(problem.what))
}
