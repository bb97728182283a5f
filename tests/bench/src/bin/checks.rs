//! 100 checks of a table (`tests/bench/checks/orders.toml`) against one scan of it, in turn, same engine and threads.
//!
//! `checks [--runs N] [--threads N] [--rows N]`. The table is a Parquet file of 10,000,000 made-up orders, 17 columns. The scan
//! reads every column that the checks name: number of values, least and greatest of each. The first round warms up and does not
//! count. Seconds are of the clock and of the processor; on a machine that does other work the second is the one to compare.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a measurement prints what it measured")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use trommel_bench::matching::{cpu_seconds, peak_mib};
use trommel_bench::quality::{self, Failure, option};
use trommel_engine::Engine;
use trommel_engine::sql::{ident, literal};
use trommel_model::{Cancel, CheckSpec, TableName};
use trommel_quality::evaluate;

/// The orders: most columns look random and are the same every time.
const ORDERS: &str = "SELECT i AS id, (h % 100000)::INTEGER AS customer, (hash(i * 7) % 1000000 / 100.0)::DOUBLE AS amount, \
    round(hash(i * 7) % 1000000 / 100.0 * 0.19, 2)::DOUBLE AS tax, (hash(i * 37) % 50 / 100.0)::DOUBLE AS discount, \
    ['new', 'paid', 'shipped', 'returned'][(1 + hash(i * 3) % 4)::INTEGER] AS status, DATE '2020-01-01' + (hash(i * 5) % 1500)::INTEGER AS day, \
    CASE WHEN hash(i * 3) % 4 > 1 THEN DATE '2020-01-01' + (hash(i * 5) % 1500 + hash(i * 41) % 30)::INTEGER END AS shipped, \
    'user' || (hash(i * 11) % 5000000) || '@example.org' AS mail, '+49 ' || (100 + hash(i * 43) % 900) || ' ' || (1000000 + hash(i * 47) % 9000000) AS phone, \
    (hash(i * 13) % 100)::DOUBLE AS score, CASE WHEN hash(i * 17) % 20 > 0 THEN (hash(i * 53) % 50)::INTEGER END AS quantity, \
    ['DE', 'FR', 'IT', 'ES', 'CH'][(1 + hash(i * 19) % 5)::INTEGER] AS country, 'AB-' || lpad((hash(i * 23) % 10000)::VARCHAR, 4, '0') AS code, \
    TIMESTAMP '2020-01-01' + to_seconds((hash(i * 29) % 150000000)::BIGINT) AS seen, hash(i * 31) % 2 = 0 AS paid, \
    [NULL, 'gift', 'call first', 'leave at the door'][(1 + hash(i * 59) % 4)::INTEGER] AS note";

/// Checks that the orders break.
const BROKEN: usize = 2;

fn main() -> ExitCode {
    match measure(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("checks: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &[String]) -> Result<(), Failure> {
    let number = |name: &str, usual: u64| option(arguments, name).map_or(Ok(usual), str::parse);
    let (runs, threads, rows) = (number("--runs", 5)?, number("--threads", 2)?, number("--rows", 10_000_000)?);
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("checks/orders.toml"))?;
    let checks = toml::from_str::<BTreeMap<String, Vec<CheckSpec>>>(&text)?.remove("checks").unwrap_or_default();
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("orders.parquet");
    let engine = quality::engine(folder.path(), threads as usize)?;
    let made = format!("{ORDERS} FROM (SELECT range AS i, hash(range) AS h FROM range({rows}))");
    engine.execute(&format!("COPY ({made}) TO {} (FORMAT parquet)", literal(&file.to_string_lossy())), &Cancel::new())?;
    let relation = format!("SELECT * FROM read_parquet({})", literal(&file.to_string_lossy()));
    let columns: Vec<String> = engine.describe(&relation)?.names().map(ident).collect();
    let each: Vec<String> = columns.iter().map(|c| format!("count({c}), min({c}), max({c})")).collect();
    let scan = format!("SELECT {} FROM ({relation})", each.join(", "));
    println!(
        "{} checks, {rows} rows, {} columns, {} MiB of Parquet, {threads} threads, {runs} rounds after a warm-up",
        checks.len(),
        columns.len(),
        std::fs::metadata(&file)?.len() >> 20
    );
    let mut taken = [[Vec::new(), Vec::new()], [Vec::new(), Vec::new()]];
    for run in 0..=runs {
        for (side, of_side) in taken.iter_mut().enumerate() {
            let (started, cpu) = (Instant::now(), cpu_seconds());
            if side == 0 {
                engine.query(&scan, &Cancel::new())?;
            } else {
                applied(&engine, &relation, &checks)?;
            }
            if run > 0 {
                of_side[0].push(started.elapsed().as_secs_f64());
                of_side[1].push(cpu_seconds() - cpu);
            }
        }
    }
    let median = |seconds: &mut Vec<f64>| {
        seconds.sort_by(f64::total_cmp);
        seconds[seconds.len() / 2]
    };
    let mut medians = [[0.0; 2]; 2];
    for (side, name) in ["one scan", "checks"].into_iter().enumerate() {
        for kind in 0..2 {
            medians[side][kind] = median(&mut taken[side][kind]);
        }
        println!("  {name:8} median {:.2} s, processor {:.2} s", medians[side][0], medians[side][1]);
    }
    println!(
        "  the checks take {:.2} of the scan's time, {:.2} of its processor; peak {} MiB",
        medians[1][0] / medians[0][0],
        medians[1][1] / medians[0][1],
        peak_mib()
    );
    Ok(())
}

fn applied(engine: &Engine, relation: &str, checks: &[CheckSpec]) -> Result<(), Failure> {
    let table = TableName::new("clean", "orders");
    let results = evaluate(engine, &table, relation, checks, &|_| Ok(Vec::new()), &Cancel::new())?;
    let broken: Vec<&str> = results.iter().filter(|r| r.broken > r.tolerated).map(|r| r.check.as_str()).collect();
    if broken.len() == BROKEN { Ok(()) } else { Err(format!("{BROKEN} checks should be broken, these are: {broken:?}").into()) }
}
