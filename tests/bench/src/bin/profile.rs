//! Profile of a file: ours (summary and full) against DuckDB's `SUMMARIZE`, same file, same threads, one run.
//!
//! `profile [--runs N] [--threads N] [--rows N] [FILE …]`. Without files a CSV of 1,000,000 rows and 41 columns is made;
//! `profile --write FILE [--rows N]` makes it and does nothing else. Each side runs in a process of its own, in turn; the first run of each warms up and does not count. Seconds are of the clock
//! and of the processor; on a machine that does other work the second is the one to compare. Before a ratio counts, rows,
//! nulls, extremes and means of both sides are compared.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a measurement prints what it measured")]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use trommel_bench::quality::{self, Failure, option};
use trommel_model::{Cancel, Cell, ProfileLevel};

const SIDES: [&str; 3] = ["summary", "full", "duckdb"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.first() {
        Some(side) if SIDES.contains(&side.as_str()) => one(side, &arguments[1..]),
        _ => all(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("profile: {error}");
            ExitCode::FAILURE
        }
    }
}

/// One side in this process: prints seconds of the clock and of the processor, and peak bytes.
fn one(side: &str, arguments: &[String]) -> Result<(), Failure> {
    let [file, threads] = arguments else { return Err("usage: summary|full|duckdb FILE THREADS".into()) };
    let (file, threads) = (Path::new(file), threads.parse()?);
    let started = Instant::now();
    match side {
        "duckdb" => {
            let engine = quality::engine(file.parent().unwrap_or(file), threads)?;
            engine.execute(&format!("SUMMARIZE SELECT * FROM {}", scan(file)), &Cancel::new())?;
        }
        "summary" => drop(quality::profile(file, ProfileLevel::Summary, threads)?),
        _ => drop(quality::profile(file, ProfileLevel::Full, threads)?),
    }
    println!("{} {} {}", started.elapsed().as_secs_f64(), cpu_seconds()?, peak_bytes()?);
    Ok(())
}

fn scan(file: &Path) -> String {
    let parquet = file.extension().is_some_and(|e| e == "parquet");
    format!("{}('{}')", if parquet { "read_parquet" } else { "read_csv" }, file.display())
}

fn all(arguments: &[String]) -> Result<(), Failure> {
    let number = |name: &str, usual: u64| option(arguments, name).map_or(Ok(usual), str::parse);
    let (runs, threads, rows) = (number("--runs", 5)?, number("--threads", 2)?, number("--rows", 1_000_000)?);
    if let Some(file) = option(arguments, "--write") {
        return quality::mixed(Path::new(file), rows);
    }
    let folder = tempfile::tempdir()?;
    let mut files: Vec<PathBuf> = arguments.iter().filter(|a| Path::new(a).is_file()).map(PathBuf::from).collect();
    if files.is_empty() {
        let file = folder.path().join("mixed.csv");
        quality::mixed(&file, rows)?;
        files.push(file);
    }
    for file in &files {
        let file = std::fs::canonicalize(file)?;
        println!(
            "{}: {} bytes, {threads} threads, {runs} runs after a warm-up, file in the page cache",
            file.display(),
            std::fs::metadata(&file)?.len()
        );
        compare(&file, threads as usize)?;
        let mut taken = [[Vec::new(), Vec::new()], [Vec::new(), Vec::new()], [Vec::new(), Vec::new()]];
        let mut peaks = [0_u64; 3];
        for run in 0..=runs {
            for (at, side) in SIDES.into_iter().enumerate() {
                let output = Command::new(std::env::current_exe()?).arg(side).arg(&file).arg(threads.to_string()).output()?;
                if !output.status.success() {
                    return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
                }
                let text = String::from_utf8(output.stdout)?;
                let numbers: Vec<f64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
                if run > 0 {
                    taken[at][0].push(numbers[0]);
                    taken[at][1].push(numbers[1]);
                }
                peaks[at] = peaks[at].max(numbers[2] as u64);
            }
        }
        let mut medians = [[0.0; 2]; 3];
        for (at, side) in SIDES.into_iter().enumerate() {
            for kind in 0..2 {
                taken[at][kind].sort_by(f64::total_cmp);
                medians[at][kind] = taken[at][kind].get(taken[at][kind].len() / 2).copied().unwrap_or(0.0);
            }
            let ends = (taken[at][0].first().copied().unwrap_or(0.0), taken[at][0].last().copied().unwrap_or(0.0));
            println!(
                "  {side:8} median {:.2} s ({:.2} to {:.2}), processor {:.2} s, peak {} MiB",
                medians[at][0],
                ends.0,
                ends.1,
                medians[at][1],
                peaks[at] >> 20
            );
        }
        for at in 0..2 {
            println!(
                "  {} takes {:.2} of SUMMARIZE's time, {:.2} of its processor",
                SIDES[at],
                medians[at][0] / medians[2][0],
                medians[at][1] / medians[2][1]
            );
        }
    }
    Ok(())
}

/// Rows, nulls, extremes and means must agree before time is worth comparing.
fn compare(file: &Path, threads: usize) -> Result<(), Failure> {
    let ours = quality::profile(file, ProfileLevel::Summary, threads)?;
    let engine = quality::engine(file.parent().unwrap_or(file), threads)?;
    let mut asked = Vec::new();
    for column in &ours.columns {
        let name = trommel_engine::sql::ident(&column.name);
        let mean = if column.data_type.is_number() { format!("avg({name})::DOUBLE") } else { "NULL".to_owned() };
        asked.push(format!("count({name}), min({name})::VARCHAR, max({name})::VARCHAR, {mean}, count(DISTINCT {name})"));
    }
    let batches = engine.query(&format!("SELECT {} FROM {}", asked.join(", "), scan(file)), &Cancel::new())?;
    let cells: Vec<Cell> = batches.iter().flat_map(trommel_engine::frame::cells_of).next().unwrap_or_default();
    let mut worst: f64 = 0.0;
    for (column, theirs) in ours.columns.iter().zip(cells.chunks(5)) {
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0);
        let same = |a: &Cell, b: &Cell| {
            let (a, b) = (a.text(), b.text());
            a == b || a.parse::<f64>().ok().zip(b.parse::<f64>().ok()).is_some_and(|(a, b)| close(a, b))
        };
        let known = (ours.rows - column.nulls) as f64;
        let mean = column.mean.is_none_or(|m| theirs[3].number().is_some_and(|t| close(m, t)));
        if theirs[0].number() != Some(known) || !same(&column.min, &theirs[1]) || !same(&column.max, &theirs[2]) || !mean {
            return Err(format!("{}: {:?} {} {} {:?} against {theirs:?}", column.name, known, column.min, column.max, column.mean).into());
        }
        let (trommel_model::Count::Exact(distinct) | trommel_model::Count::About(distinct)) = column.distinct;
        if let Some(exact) = theirs[4].number() {
            worst = worst.max((distinct as f64 - exact).abs() / exact.max(1.0));
        }
    }
    println!("  rows, nulls, extremes and means agree; distinct values are off by {:.2} % at worst", worst * 100.0);
    Ok(())
}

/// Seconds of the processor this process has used.
fn cpu_seconds() -> Result<f64, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let behind = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let fields: Vec<&str> = behind.split(' ').collect();
    // The kernel counts in hundredths of a second.
    let ticks = |at: usize| fields.get(at).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    Ok((ticks(11) + ticks(12)) / 100.0)
}

/// The most memory this process had, in bytes.
fn peak_bytes() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    Ok(line.trim().trim_end_matches(" kB").trim().parse::<u64>()? << 10)
}
