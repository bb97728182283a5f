//! CSV to Parquet: our reader (strict, line numbers, quarantine on, types from the whole file) against DuckDB's
//! `COPY (FROM read_csv(…, sample_size=-1)) TO …`, same file, same threads, one run.
//!
//! `csv_ingest [--bytes N] [--runs N] [--threads N] [--file FILE]`. Each side runs in a process of its own, in turn, so
//! that peak memory is its own; the first run of each warms up and does not count. Tables are compared by value first.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a measurement prints what it measured")]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use trommel_bench::ingest;
use trommel_engine::{Access, Engine, Limits};
use trommel_model::Cancel;

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.first().map(String::as_str) {
        Some(side @ ("ours" | "duckdb")) => one(side, &arguments[1..]),
        _ => all(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("csv_ingest: {error}");
            ExitCode::FAILURE
        }
    }
}

/// One side in this process: prints seconds, seconds of processor time, and peak bytes.
fn one(side: &str, arguments: &[String]) -> Result<(), Failure> {
    let [file, folder, threads] = arguments else { return Err("usage: ours|duckdb FILE FOLDER THREADS".into()) };
    let (file, folder, threads) = (Path::new(file), Path::new(folder), threads.parse()?);
    std::fs::create_dir_all(folder)?;
    let started = Instant::now();
    if side == "ours" {
        ingest::to_parquet(file, folder, threads)?;
    } else {
        let engine = engine(&[file, folder], folder, threads)?;
        let target = folder.join("all.parquet");
        let sql = format!("COPY (SELECT * FROM read_csv('{}', sample_size=-1)) TO '{}' (FORMAT parquet)", file.display(), target.display());
        engine.execute(&sql, &Cancel::new())?;
        std::fs::File::open(&target)?.sync_all()?;
    }
    println!("{} {} {}", started.elapsed().as_secs_f64(), processor_seconds()?, peak_bytes()?);
    Ok(())
}

fn engine(paths: &[&Path], folder: &Path, threads: usize) -> Result<Engine, Failure> {
    let limits = Limits { memory_bytes: 4 << 30, threads, temp_dir: folder.to_owned() };
    let allowed = paths.iter().map(|p| p.parent().unwrap_or(p).to_owned()).chain([folder.to_owned()]).collect();
    Ok(Engine::open(&limits, &Access::Locked(allowed))?)
}

fn all(arguments: &[String]) -> Result<(), Failure> {
    let value = |name: &str| arguments.iter().position(|a| a == name).and_then(|at| arguments.get(at + 1));
    let number = |name: &str, usual: u64| value(name).map_or(Ok(usual), |v| v.parse());
    let (bytes, runs, threads) = (number("--bytes", 1_000_000_000)?, number("--runs", 5)?, number("--threads", 2)? as usize);
    let folder = tempfile::tempdir()?;
    let file = if let Some(file) = value("--file") {
        PathBuf::from(file)
    } else {
        let file = folder.path().join("orders.csv");
        let rows = ingest::generate(&file, bytes, 1)?;
        println!("made {} with {rows} rows", file.display());
        file
    };
    let mut seconds = [Vec::new(), Vec::new()];
    let mut busy = [Vec::new(), Vec::new()];
    let mut peaks = [0_u64; 2];
    for run in 0..=runs {
        for (at, side) in ["ours", "duckdb"].into_iter().enumerate() {
            let out = folder.path().join(format!("{side}-{run}"));
            let output = Command::new(std::env::current_exe()?).arg(side).arg(&file).arg(&out).arg(threads.to_string()).output()?;
            if !output.status.success() {
                return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
            }
            let text = String::from_utf8(output.stdout)?;
            let mut words = text.split_whitespace();
            let mut word = || words.next().unwrap_or("0");
            let (elapsed, processor, peak) = (word().parse::<f64>()?, word().parse::<f64>()?, word().parse::<u64>()?);
            if run == 0 && at == 1 {
                compare(folder.path(), threads)?;
            }
            if run > 0 {
                seconds[at].push(elapsed);
                busy[at].push(processor);
            }
            peaks[at] = peaks[at].max(peak);
            if run > 0 {
                std::fs::remove_dir_all(&out)?;
            }
        }
    }
    println!(
        "{} bytes, {threads} threads, {runs} runs after a warm-up, file in the page cache, output synced",
        std::fs::metadata(&file)?.len()
    );
    let (mut medians, mut work) = ([0.0; 2], [0.0; 2]);
    for (at, side) in ["ours", "duckdb"].into_iter().enumerate() {
        seconds[at].sort_by(f64::total_cmp);
        let (first, last) = (seconds[at].first().copied().unwrap_or(0.0), seconds[at].last().copied().unwrap_or(0.0));
        medians[at] = seconds[at].get(seconds[at].len() / 2).copied().unwrap_or(0.0);
        busy[at].sort_by(f64::total_cmp);
        work[at] = busy[at].get(busy[at].len() / 2).copied().unwrap_or(0.0);
        println!(
            "{side:7} median {:.2} s ({first:.2} to {last:.2}), processor {:.2} s, peak {} MiB",
            medians[at],
            work[at],
            peaks[at] >> 20
        );
    }
    println!("speed of ours: {:.2} × DuckDB's by the clock, {:.2} × by processor time", medians[1] / medians[0], work[1] / work[0]);
    Ok(())
}

/// Both tables must hold the same values before their speed is worth comparing.
fn compare(folder: &Path, threads: usize) -> Result<(), Failure> {
    let engine = engine(&[folder], folder, threads)?;
    let cancel = Cancel::new();
    let glob = |side: &str| format!("read_parquet('{}/{side}-0/*.parquet')", folder.display());
    let columns = engine.describe(&format!("SELECT * FROM {}", glob("duckdb")))?;
    let sums: Vec<String> = columns.names().map(|n| format!("sum(hash(\"{n}\"::VARCHAR)::HUGEINT)")).collect();
    let answer = |side: &str| -> Result<String, Failure> {
        let batches = engine.query(&format!("SELECT concat_ws(' ', count(*), {}) FROM {}", sums.join(", "), glob(side)), &cancel)?;
        Ok(format!("{:?}", batches.iter().map(|b| b.column(0).clone()).collect::<Vec<_>>()))
    };
    let (ours, theirs) = (answer("ours")?, answer("duckdb")?);
    if ours != theirs {
        return Err(format!("the tables differ: {ours} against {theirs}").into());
    }
    println!("both tables hold the same values");
    Ok(())
}

/// Time that all threads of this process were busy, user and system, in seconds.
fn processor_seconds() -> Result<f64, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The name of the program stands in brackets and may hold anything; times are the 12th and 13th word behind it.
    let words: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| words.get(at).unwrap_or(&"0").parse::<f64>();
    Ok((ticks(11)? + ticks(12)?) / 100.0)
}

/// The most memory this process had, in bytes.
fn peak_bytes() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    Ok(line.trim().trim_end_matches(" kB").trim().parse::<u64>()? << 10)
}
