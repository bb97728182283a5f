//! How odd JSON, Parquet, Excel and XML is read: every file of `formats`, each in a process of its own under a limit of time.
//!
//! `formats [--verbose] [DATA]`; DATA is a folder with `formats/` in it, by default `$TROMMEL_DATA` or `../shared/data`.
//! Archives are unpacked to a temporary folder. Prints for each set: tables, clear errors, panics, hangs (20 s), more than 1 GiB of
//! memory, and how far what came agrees with what the set expects. `formats --speed` measures the reading of a made workbook.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a measurement prints what it found")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use serde_json::{Value, json};
use trommel_connectors::{Collect, LINE_COLUMN, Mode, Piece, format_of, is_position, read};
use trommel_model::{Cancel, Code, FileFormat, Problem, ProgressSlot, SourceSpec};

/// Kilobytes of memory a process may take.
const MOST_KB: u64 = 1 << 20;
/// Seconds it may take.
const SECONDS: &str = "20";

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|a| a == "--one") {
        one(&arguments[1..]);
        return ExitCode::SUCCESS;
    }
    if arguments.first().is_some_and(|a| a == "--speed") {
        return done(speed());
    }
    let verbose = arguments.iter().any(|a| a == "--verbose");
    arguments.retain(|a| a != "--verbose");
    let data = arguments.first().cloned().or_else(|| std::env::var("TROMMEL_DATA").ok()).unwrap_or_else(|| "../shared/data".to_owned());
    done(measure(&PathBuf::from(data).join("formats"), verbose))
}

fn done(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("formats: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(archives: &Path, verbose: bool) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    for archive in ["json", "parquet", "excel", "xml"] {
        let path = archives.join(format!("{archive}.tar.xz"));
        let status = Command::new("tar").arg("xJf").arg(&path).arg("-C").arg(folder.path()).status().map_err(|e| e.to_string())?;
        if !status.success() {
            return Err(format!("cannot unpack {}", path.display()));
        }
    }
    let root = folder.path();
    for set in ["json", "duckdb_json", "parquet_testing", "duckdb_parquet", "calamine", "xlrd", "sheetjs", "xmlconf", "quick_xml"] {
        survive(root, set, verbose)?;
    }
    cells(root, verbose)
}

/// What became of one file in a process of its own.
struct Outcome {
    path: PathBuf,
    answer: Option<Value>,
    hung: bool,
    said: String,
}

impl Outcome {
    fn of(path: &Path, format: FileFormat, spec: &Value) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|e| e.to_string())?;
        let format = serde_json::to_string(&format).map_err(|e| e.to_string())?;
        let output = Command::new("timeout")
            .args([SECONDS, &program.to_string_lossy(), "--one", format.trim_matches('"'), &path.to_string_lossy(), &spec.to_string()])
            .output()
            .map_err(|e| e.to_string())?;
        let answer = serde_json::from_slice(&output.stdout).ok();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok(Self { path: path.to_owned(), answer, hung: output.status.code() == Some(124), said })
    }

    fn is_table(&self) -> bool {
        self.answer.as_ref().is_some_and(|a| a["rows"].is_array())
    }

    /// Something of it was refused: the whole, or a row.
    fn is_refused(&self) -> bool {
        self.answer.as_ref().is_some_and(|a| !a["rows"].is_array() || a["held"].as_u64().unwrap_or(0) > 0)
    }

    fn code(&self) -> String {
        self.answer.as_ref().and_then(|a| a["code"].as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// Prints what became of a set's files.
fn survive(root: &Path, set: &str, verbose: bool) -> Result<(), String> {
    let (mut tables, mut errors, mut panics, mut hangs, mut large) = (0, BTreeMap::<String, usize>::new(), 0, 0, 0);
    let (mut agree, mut judged) = (0_u32, 0_u32);
    let index = index(root)?;
    let started = Instant::now();
    let mut most = (0, String::new());
    let files = files_of(&root.join(set))?;
    let mut read = 0;
    for path in &files {
        let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
        let Some(format) = format_for(set, &name) else { continue };
        read += 1;
        let outcome = Outcome::of(path, format, &json!({}))?;
        let kb = outcome.answer.as_ref().map_or(0, |a| a["peak_kb"].as_u64().unwrap_or(0));
        if kb > most.0 {
            most = (kb, name.clone());
        }
        hangs += usize::from(outcome.hung);
        large += usize::from(kb > MOST_KB);
        let broke = (outcome.answer.is_none() && !outcome.hung) || outcome.code() == "internal" || outcome.said.contains("panicked");
        panics += usize::from(broke);
        if outcome.is_table() {
            tables += 1;
        } else if outcome.answer.is_some() {
            *errors.entry(outcome.code()).or_default() += 1;
        }
        let expected = expected(set, &name, &index);
        if let Some(accept) = expected {
            judged += 1;
            let right = if accept { outcome.is_table() && !outcome.is_refused() } else { outcome.is_refused() };
            agree += u32::from(right);
            if !right && verbose {
                println!(
                    "  {name}: expected {}, {:?}",
                    if accept { "a table" } else { "an error" },
                    outcome.answer.as_ref().map(|a| &a["what"])
                );
            }
        }
        if verbose && (broke || outcome.hung || kb > MOST_KB) {
            println!("  {}: {} {}", outcome.path.display(), if outcome.hung { "hung" } else { "broke down" }, outcome.said.trim());
        } else if verbose && expected.is_none() && !outcome.is_table() {
            println!("  {name}: {:?}", outcome.answer.as_ref().map(|a| &a["what"]));
        }
    }
    println!(
        "{set}: {read} of {} files read, {tables} tables, errors {errors:?}, {panics} panics, {hangs} hangs, {large} over 1 GiB; {:.1} s, most {} MB ({})",
        files.len(),
        started.elapsed().as_secs_f64(),
        most.0 >> 10,
        most.1
    );
    if judged > 0 {
        println!("  {agree} of {judged} as expected ({:.2} %)", 100.0 * f64::from(agree) / f64::from(judged));
    }
    Ok(())
}

/// How a file of a set is read; `None` for papers that come with it.
fn format_for(set: &str, name: &str) -> Option<FileFormat> {
    let ending = name.rsplit('.').next().unwrap_or_default();
    match set {
        "json" => (ending == "json").then_some(FileFormat::Json),
        "parquet_testing" | "duckdb_parquet" => (ending == "parquet").then_some(FileFormat::Parquet),
        "xmlconf" => (ending == "xml" && !name.contains("/out/")).then_some(FileFormat::Xml),
        "quick_xml" => matches!(ending, "xml" | "fodt").then_some(FileFormat::Xml),
        "duckdb_json" => format_of(Path::new(name)).filter(|f| matches!(f, FileFormat::Json | FileFormat::Ndjson)),
        _ if name.contains("excel2016/") => None,
        _ => matches!(ending, "csv" | "md").then_some(()).map_or(Some(FileFormat::Excel), |()| None),
    }
}

/// Whether a file has to be accepted; `None` when that is free.
fn expected(set: &str, name: &str, index: &BTreeMap<String, (String, String)>) -> Option<bool> {
    let file = name.rsplit('/').next().unwrap_or_default();
    match set {
        "json" if file.starts_with("y_") => Some(true),
        "json" if file.starts_with("n_") => Some(false),
        "parquet_testing" if name.contains("/bad_data/") => Some(false),
        "xmlconf" => match index.get(name).map(|(kind, entities)| (kind.as_str(), entities.as_str())) {
            Some(("valid" | "invalid", _)) => Some(true),
            // A fault outside of the document cannot be known to who reads nothing from outside.
            Some(("not-wf", "none")) => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Kind and entities of the XML tests, by path.
fn index(root: &Path) -> Result<BTreeMap<String, (String, String)>, String> {
    let text = std::fs::read_to_string(root.join("xmlconf/index.csv")).map_err(|e| e.to_string())?;
    let mut index = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        // Names of the fourth edition, which the fifth allows.
        if cells.len() > 5 && cells[5].is_empty() {
            index.insert(format!("xmlconf/{}", cells[1]), (cells[2].to_owned(), cells[3].to_owned()));
        }
    }
    Ok(index)
}

/// Prints how many cells of workbooks are those that other readers found.
fn cells(root: &Path, verbose: bool) -> Result<(), String> {
    let text = std::fs::read_to_string(root.join("excel_reference.jsonl")).map_err(|e| e.to_string())?;
    let (mut right, mut all, mut books, mut refused, mut whole) = (0_u64, 0_u64, 0, 0, 0);
    for line in text.lines() {
        let book: Value = serde_json::from_str(line).map_err(|e| e.to_string())?;
        let Some(sheets) = book["sheets"].as_array() else { continue };
        let name = book["file"].as_str().unwrap_or_default();
        books += 1;
        let (mut same, mut count, mut lost) = (0_u64, 0_u64, false);
        for (at, sheet) in sheets.iter().enumerate() {
            let Some(csv) = sheet["csv"].as_str() else { continue };
            let truth = std::fs::read_to_string(root.join(csv)).map_err(|e| format!("{csv}: {e}"))?;
            let spec = json!({ "excel": { "sheet": sheet["name"].as_str().map_or(json!(at + 1), |n| json!(n)), "header": false } });
            let outcome = Outcome::of(&root.join(name), FileFormat::Excel, &spec)?;
            if !outcome.is_table() {
                lost = true;
                if verbose {
                    println!("  {name} {}: {:?}", sheet["name"], outcome.answer.as_ref().map(|a| &a["what"]));
                }
                continue;
            }
            let found = outcome.answer.as_ref().map(|a| table_of(&a["rows"])).unwrap_or_default();
            let (s, c) = compare(&trommel_bench::csv::parse(&truth), &found, if verbose { Some(csv) } else { None });
            same += s;
            count += c;
        }
        refused += usize::from(lost);
        whole += usize::from(!lost && same == count);
        right += same;
        all += count;
    }
    println!(
        "excel cells: {right} of {all} equal ({:.3} %) in {books} workbooks; {whole} equal in whole, {refused} refused",
        100.0 * right as f64 / all.max(1) as f64
    );
    Ok(())
}

/// Rows by number, cells by place from the first that is used.
fn table_of(rows: &Value) -> BTreeMap<u64, Vec<String>> {
    let mut table = BTreeMap::new();
    for row in rows.as_array().into_iter().flatten() {
        let line = row["line"].as_u64().unwrap_or(0);
        let cells = row["cells"].as_array().into_iter().flatten().map(|c| c.as_str().unwrap_or_default().to_owned()).collect();
        table.insert(line, cells);
    }
    table
}

/// Equal cells and all cells of a sheet, as another reader found them and as we did.
fn compare(truth: &[Vec<String>], found: &BTreeMap<u64, Vec<String>>, tell: Option<&str>) -> (u64, u64) {
    let filled = |row: &Vec<String>| row.iter().position(|c| !c.is_empty());
    let left = truth.iter().filter_map(filled).min().unwrap_or(0);
    let (mut same, mut all, mut told) = (0, 0, 0);
    for (at, row) in truth.iter().enumerate() {
        let ours = found.get(&(at as u64 + 1));
        for (column, cell) in row.iter().enumerate().filter(|(_, c)| !c.is_empty()) {
            all += 1;
            let mine = ours.and_then(|r| r.get(column - left.min(column))).map_or("", String::as_str);
            if alike(cell, mine) {
                same += 1;
            } else if let Some(name) = tell.filter(|_| told < 3) {
                told += 1;
                println!("  {name} row {} column {}: {cell:?}, here {mine:?}", at + 1, column + 1);
            }
        }
    }
    (same, all)
}

/// True for cells of one value: numbers by value, moments whatever their form, faults by name or by number.
fn alike(theirs: &str, ours: &str) -> bool {
    if theirs == ours || plain(theirs) == plain(ours) {
        return true;
    }
    let serial = |t: &str| t.parse::<f64>().ok().or_else(|| days(t));
    match (serial(theirs.trim()), serial(ours.trim())) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()) || (a - b).abs() < 2e-8 && days(ours.trim()).is_some(),
        _ => false,
    }
}

/// A cell in one form: a moment without `T`, midnight and zeros of a fraction, a fault by its name, otherwise lower case.
fn plain(text: &str) -> String {
    const FAULTS: [(&str, &str); 7] = [
        ("0x0", "#null!"),
        ("0x7", "#div/0!"),
        ("0xf", "#value!"),
        ("0x17", "#ref!"),
        ("0x1d", "#name?"),
        ("0x24", "#num!"),
        ("0x2a", "#n/a"),
    ];
    let lower = text.trim().to_lowercase();
    if let Some((_, name)) = FAULTS.iter().find(|(code, _)| *code == lower) {
        return (*name).to_owned();
    }
    let moment = lower.as_bytes().get(10) == Some(&b't') && lower.as_bytes()[4] == b'-';
    let spaced = if moment { lower.replacen('t', " ", 1) } else { lower };
    let short =
        if spaced.contains(':') && spaced.contains('.') { spaced.trim_end_matches('0').trim_end_matches('.').to_owned() } else { spaced };
    let clock = ["1899-12-31 ", "1899-12-30 ", "1904-01-01 "].iter().find_map(|day| short.strip_prefix(day)).unwrap_or(&short);
    clock.trim_end_matches(" 00:00:00").trim_end_matches(".0").to_owned()
}

/// The number by which a spreadsheet of 1900 writes a date or time, for readers that give no more.
fn days(text: &str) -> Option<f64> {
    let clock = |t: &str| {
        let mut parts = t.split(':').map(|p| p.parse::<f64>().ok());
        let (h, m, s) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0.0))?);
        Some((h * 3600.0 + m * 60.0 + s) / 86_400.0)
    };
    if !text.contains('-') {
        return clock(text);
    }
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, "0:0"));
    let mut parts = date.split('-').map(|p| p.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    // Days of the civil calendar from 1 March of year 0.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let since = y * 365 + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + day - 1;
    let serial = since - 693_899;
    Some((if serial <= 60 { serial - 1 } else { serial }) as f64 + clock(time)?)
}

/// Reads one file and prints what came, for the process above.
fn one(arguments: &[String]) {
    let [format, path, spec] = arguments else { return };
    let mut answer =
        load(format, Path::new(path), spec).unwrap_or_else(|problem| json!({ "code": problem.code.name(), "what": problem.to_string() }));
    answer["peak_kb"] = json!(peak_kb());
    println!("{answer}");
}

fn load(format: &str, path: &Path, spec: &str) -> Result<Value, Problem> {
    let internal = |e: &dyn std::fmt::Display| Problem::new(Code::Internal, e.to_string());
    let format: FileFormat = serde_json::from_value(json!(format)).map_err(|e| internal(&e))?;
    let spec: SourceSpec = serde_json::from_str(spec).map_err(|e| internal(&e))?;
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let piece = Piece { name, path: path.to_owned(), format, bytes: std::fs::metadata(path).map_or(0, |m| m.len()), modified_ms: 0 };
    let sink = Collect::new();
    let report = read(&piece, &spec, Mode::Lenient, 2, &Cancel::new(), &ProgressSlot::new(), &sink)?;
    let mut rows = Vec::new();
    // Cells are told only where they are compared.
    if spec.excel.header == Some(false) {
        for (_, batch) in &sink.into_parts().batches {
            let schema = batch.schema();
            let line = schema.index_of(LINE_COLUMN).map_err(|e| internal(&e))?;
            let own: Vec<usize> = (0..batch.num_columns()).filter(|at| !is_position(schema.field(*at).name())).collect();
            let shown = |at: usize, row: usize| arrow::util::display::array_value_to_string(batch.column(at), row).unwrap_or_default();
            for row in 0..batch.num_rows() {
                let cells: Vec<String> = own.iter().map(|at| shown(*at, row)).collect();
                rows.push(json!({ "line": shown(line, row).parse::<u64>().unwrap_or(0), "cells": cells }));
            }
        }
    }
    Ok(json!({ "rows": rows, "held": report.held, "out": report.rows_out }))
}

/// The most memory this process ever had, in kilobytes.
fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM:"));
    line.and_then(|l| l.split_whitespace().nth(1)).and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn files_of(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))? {
            let path = entry.map_err(|e| e.to_string())?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

/// Cells a second of a workbook of 200,000 rows and 10 columns: numbers, texts, dates.
fn speed() -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let path = folder.path().join("speed.xlsx");
    trommel_bench::workbook::make(&path, 200_000).map_err(|p| p.to_string())?;
    let spec: SourceSpec = serde_json::from_str("{}").map_err(|e| e.to_string())?;
    let bytes = std::fs::metadata(&path).map_err(|e| e.to_string())?.len();
    let piece = Piece { name: "speed.xlsx".to_owned(), path, format: FileFormat::Excel, bytes, modified_ms: 0 };
    let mut seconds = Vec::new();
    for _ in 0..6 {
        let started = Instant::now();
        let sink = Collect::new();
        let report = read(&piece, &spec, Mode::Strict, 2, &Cancel::new(), &ProgressSlot::new(), &sink).map_err(|p| p.to_string())?;
        if report.rows_out != 200_000 {
            return Err(format!("{} rows", report.rows_out));
        }
        seconds.push(started.elapsed().as_secs_f64());
    }
    seconds.remove(0);
    seconds.sort_by(f64::total_cmp);
    let median = seconds[seconds.len() / 2];
    println!(
        "xlsx: 2,000,000 cells ({:.1} MB) in {median:.3} s ({:.3}–{:.3}), {:.2} M cells/s, peak {} MB",
        bytes as f64 / 1e6,
        seconds[0],
        seconds[seconds.len() - 1],
        2.0 / median,
        peak_kb() >> 10
    );
    Ok(())
}
