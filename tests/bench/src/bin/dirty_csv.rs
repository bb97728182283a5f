//! How well broken and odd CSV is read: the Pollock score and the share of dialects made out, on the sets of `dirty_csv`.
//!
//! `dirty_csv [--verbose] [DATA]`; DATA is a folder with `dirty_csv/` in it, by default `$TROMMEL_DATA` or
//! `../shared/data`. Archives are unpacked to a temporary folder. Definitions: `DATA/README.md`, and Vitagliano, Hameed,
//! Jiang, Naumann et al., "Pollock: A data loading benchmark" (PVLDB 16, 2023).
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a measurement prints what it measured")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;

use arrow::datatypes::Schema;
use arrow::record_batch::RecordBatch;
use trommel_bench::csv::parse;
use trommel_connectors::write::{Export, Format, Writer};
use trommel_connectors::{Collect, Mode, Piece, csv, is_position, read};
use trommel_model::{Cancel, Code, CsvOptions, FileFormat, Problem, ProgressSlot, SourceSpec};

type Table = Vec<Vec<String>>;

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let verbose = arguments.iter().any(|a| a == "--verbose");
    arguments.retain(|a| a != "--verbose");
    let data = arguments.first().cloned().or_else(|| std::env::var("TROMMEL_DATA").ok()).unwrap_or_else(|| "../shared/data".to_owned());
    let sets = PathBuf::from(data).join("dirty_csv");
    match measure(&sets, verbose) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dirty_csv: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(sets: &Path, verbose: bool) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    for archive in ["pollock_polluted", "pollock_survey", "csvsniffer", "duckdb_csv"] {
        let path = sets.join(format!("{archive}.tar.xz"));
        let status = Command::new("tar").arg("xJf").arg(&path).arg("-C").arg(folder.path()).status().map_err(|e| e.to_string())?;
        if !status.success() {
            return Err(format!("cannot unpack {}", path.display()));
        }
    }
    let weights = std::fs::read_to_string(sets.join("pollock_weights.json")).map_err(|e| e.to_string())?;
    let weights: BTreeMap<String, f64> = serde_json::from_str(&weights).map_err(|e| e.to_string())?;
    for set in ["pollock_polluted", "pollock_survey"] {
        pollock(&folder.path().join(set), set, &weights, verbose)?;
    }
    for set in ["CSV", "CSV_Wrangling", "W3C-CSVW"] {
        dialects(&folder.path().join("csvsniffer"), set, verbose)?;
    }
    spectrum(&sets.join("csv-spectrum"))?;
    survivors(&folder.path().join("duckdb_csv"), verbose)
}

/// Prints the Pollock scores of a set.
fn pollock(folder: &Path, set: &str, weights: &BTreeMap<String, f64>, verbose: bool) -> Result<(), String> {
    let (mut simple, mut weighted, mut weight_sum) = ([0.0; 10], 0.0, 0.0);
    let files = files_of(&folder.join("csv"))?;
    for path in &files {
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let clean = std::fs::read(folder.join("clean").join(name)).map_err(|e| e.to_string())?;
        let clean = parse(&String::from_utf8_lossy(&clean));
        let measures = load(path).map_or([0.0; 10], |loaded| compare(&clean, &loaded));
        for (sum, value) in simple.iter_mut().zip(measures) {
            *sum += value;
        }
        let score: f64 = measures.iter().sum();
        if let Some(weight) = weights.get(name) {
            weighted += weight * score;
            weight_sum += weight;
        }
        if verbose && score < 9.8 {
            println!("  {score:7.4}  {name}  {measures:.3?}");
        }
    }
    let count = files.len() as f64;
    let means: Vec<f64> = simple.iter().map(|s| s / count).collect();
    println!("{set}: {} files, simple {:.4}, weighted {}", files.len(), means.iter().sum::<f64>(), shown(weighted, weight_sum));
    println!("  S {:.3}  header P R F1 {:.3?}  record {:.3?}  cell {:.3?}", means[0], &means[1..4], &means[4..7], &means[7..10]);
    Ok(())
}

fn shown(sum: f64, weights: f64) -> String {
    if weights > 0.0 { format!("{:.4} (over the files it has weights for)", sum / weights) } else { "-".to_owned() }
}

/// Prints the share of files whose delimiter and quote are both made out.
fn dialects(folder: &Path, set: &str, verbose: bool) -> Result<(), String> {
    let truth = std::fs::read_to_string(folder.join(format!("{set}.dialects.txt"))).map_err(|e| e.to_string())?;
    let (mut right, mut all) = (0_usize, 0_usize);
    for line in truth.lines().skip(1).filter(|l| !l.trim().is_empty()) {
        let cells: Vec<&str> = line.split('|').collect();
        let [name, _, delimiter, quote, ..] = cells[..] else { return Err(format!("bad line in {set}.dialects.txt: {line}")) };
        let expected = (named(delimiter), named(quote));
        let found = csv::sniff(&folder.join(set).join(name), &CsvOptions::default());
        let got = found.as_ref().ok().map(|d| (Some(d.delimiter), d.quote));
        all += 1;
        if got == Some(expected) {
            right += 1;
        } else if verbose {
            println!("  {name}: expected {expected:?}, found {got:?}");
        }
    }
    println!("csvsniffer {set}: {right} of {all} dialects, {:.1} %", 100.0 * right as f64 / all as f64);
    Ok(())
}

fn named(word: &str) -> Option<char> {
    match word {
        "comma" => Some(','),
        "semicolon" => Some(';'),
        "tab" => Some('\t'),
        "vslash" => Some('|'),
        "colon" => Some(':'),
        "space" => Some(' '),
        "doublequote" => Some('"'),
        "singlequote" => Some('\''),
        _ => None,
    }
}

/// Prints how many files of csv-spectrum give exactly the cells of their JSON.
fn spectrum(folder: &Path) -> Result<(), String> {
    let (mut right, mut all) = (0, 0);
    for path in files_of(&folder.join("csvs"))? {
        let name = path.file_stem().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        let json = std::fs::read_to_string(folder.join("json").join(format!("{name}.json"))).map_err(|e| e.to_string())?;
        let truth: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(&json).map_err(|e| e.to_string())?;
        all += 1;
        let Some(loaded) = load(&path) else { continue };
        // Line ends inside fields became those of the archive in the files, and stayed what they were in the truth.
        let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().replace("\r\n", "\n");
        let expected: Table = truth.iter().map(|r| r.values().map(text).collect()).collect();
        if loaded[1..] == expected[..] {
            right += 1;
        } else {
            println!("  {name}: {:?} instead of {:?}", &loaded[1..], expected);
        }
    }
    println!("csv-spectrum: {right} of {all} files exact");
    Ok(())
}

/// Prints how many of DuckDB's own test files give a table, and with which faults the others end.
fn survivors(folder: &Path, verbose: bool) -> Result<(), String> {
    let (mut tables, mut faults) = (0, BTreeMap::<String, usize>::new());
    let files = files_of(folder)?;
    for path in &files {
        match try_load(path) {
            Ok(_) => tables += 1,
            Err(problem) => {
                *faults.entry(problem.code.name()).or_default() += 1;
                if verbose {
                    println!("  {}: {problem}", path.display());
                }
            }
        }
    }
    println!("duckdb_csv: {tables} of {} files give a table; the others: {faults:?}", files.len());
    Ok(())
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

/// The table our connector makes of a file, header first.
fn load(path: &Path) -> Option<Table> {
    try_load(path).ok()
}

fn try_load(path: &Path) -> Result<Table, Problem> {
    let piece = Piece {
        name: path.display().to_string(),
        path: path.to_owned(),
        format: FileFormat::Csv,
        bytes: std::fs::metadata(path).map_or(0, |m| m.len()),
        modified_ms: 0,
    };
    let sink = Collect::new();
    let mut spec = SourceSpec::of_file(&piece.name, None);
    spec.csv.as_text = true;
    let report = read(&piece, &spec, Mode::Lenient, 1, &Cancel::new(), &ProgressSlot::new(), &sink)?;
    let labels = report.dialect.map(|d| d.labels).unwrap_or_default();
    let collected = sink.into_parts();
    let Some(schema) = collected.schema else { return Ok(Vec::new()) };
    let columns: Vec<usize> = (0..schema.fields().len()).filter(|at| !is_position(schema.field(*at).name())).collect();
    let internal = |e: &dyn std::fmt::Display| Problem::new(Code::Internal, e.to_string());
    let folder = tempfile::tempdir().map_err(|e| internal(&e))?;
    let written = folder.path().join("loaded.csv");
    let export = Export { format: Format::Csv, raw: true, title: String::new(), notes: Vec::new() };
    let mut writer = Writer::to_file(&written, &export)?;
    // As `trommel query "select * from 'FILE'" --as-text -o OUT.csv` does: the header as it came.
    let fields = columns.iter().zip(&labels).map(|(at, label)| schema.field(*at).clone().with_name(label));
    let header = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    for (_, batch) in &collected.batches {
        let own = columns.iter().map(|at| batch.column(*at).clone()).collect();
        writer.write(&RecordBatch::try_new(header.clone(), own).map_err(|e| internal(&e))?)?;
    }
    writer.finish(&header)?;
    Ok(parse(&std::fs::read_to_string(&written).map_err(|e| internal(&e))?))
}

/// S, then precision, recall and F1 of header cells, records and cells.
fn compare(clean: &Table, loaded: &Table) -> [f64; 10] {
    let mut out = [1.0; 10];
    if clean.is_empty() {
        return out;
    }
    let header = |t: &Table| t.first().map(|r| r.iter().map(|c| normal(c)).collect::<Vec<_>>()).unwrap_or_default();
    let records = |t: &Table| t.iter().skip(1).map(|r| r.iter().map(|c| or_null(normal(c))).collect::<String>()).collect::<Vec<_>>();
    let cells = |t: &Table| t.iter().skip(1).flatten().cloned().collect::<Vec<_>>();
    out[1..4].copy_from_slice(&overlap(&header(clean), &header(loaded)));
    out[4..7].copy_from_slice(&overlap(&records(clean), &records(loaded)));
    out[7..10].copy_from_slice(&overlap(&cells(clean), &cells(loaded)));
    out
}

fn or_null(cell: String) -> String {
    if cell.is_empty() { "null".to_owned() } else { cell }
}

/// Precision, recall and F1 of two multisets, named as the benchmark's own program names them.
fn overlap(clean: &[String], loaded: &[String]) -> [f64; 3] {
    if clean.is_empty() {
        return [1.0; 3];
    }
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    for value in clean {
        *counts.entry(value).or_default() += 1;
    }
    let mut common = 0.0;
    for value in loaded {
        if let Some(left) = counts.get_mut(value.as_str()).filter(|left| **left > 0) {
            *left -= 1;
            common += 1.0;
        }
    }
    if common == 0.0 {
        return [0.0; 3];
    }
    let (precision, recall) = (common / clean.len() as f64, common / loaded.len() as f64);
    [precision, recall, 2.0 * precision * recall / (precision + recall)]
}

/// A cell by its value: booleans, whole numbers and floating point numbers in one form, otherwise lower case.
fn normal(cell: &str) -> String {
    let text = cell.trim();
    if text.eq_ignore_ascii_case("true") {
        return "1".to_owned();
    }
    if text.eq_ignore_ascii_case("false") {
        return "0".to_owned();
    }
    if let Ok(whole) = text.parse::<i128>() {
        return whole.to_string();
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => format!("{number:?}"),
        _ => cell.to_lowercase(),
    }
}
