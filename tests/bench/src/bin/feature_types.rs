//! Trains and measures the trees that tell what a model would use a column for, on `SortingHat`'s labelled columns.
//!
//! `feature_types [--data DIR] [--write FILE] [--rounds N] [--leaves N]`. One column in five, by a hash of its place, is kept
//! for the test; the trees that are written were grown on the others only. A second figure keeps whole files apart, so
//! that no column of a test file was seen.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a measurement prints what it measured")]

use std::process::ExitCode;

use trommel_bench::quality::{self, Failure, data_folder, option};
use trommel_quality::{Coded, Example, Forest, ForestOptions, features_of, train};

/// The labels in the order of `FeatureType::ALL`.
const LABELS: [&str; 9] =
    ["numeric", "categorical", "datetime", "sentence", "url", "embedded-number", "list", "not-generalizable", "context-specific"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("feature_types: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), Failure> {
    let number = |name: &str, usual: f64| option(arguments, name).map_or(Ok(usual), str::parse);
    let options = ForestOptions {
        rounds: number("--rounds", 160.0)? as usize,
        leaves: number("--leaves", 16.0)? as usize,
        rate: number("--rate", 0.1)?,
        rows: 0.8,
        features: number("--features", 0.3)?,
        ridge: number("--ridge", 1.0)?,
        seed: 1,
    };
    let table = quality::texts(&data_folder(arguments).join("data_quality/sortinghat/data_train.csv"))?;
    let rows: Vec<Vec<f32>> = (0..table.rows).map(|row| features_of(&example(&table, row))).collect();
    let labels: Vec<usize> = (0..table.rows)
        .map(|row| {
            let label = table.columns[column(&table, "y_act")].text(row);
            LABELS.iter().position(|l| *l == label).ok_or_else(|| format!("no kind \"{label}\""))
        })
        .collect::<Result<_, _>>()?;
    println!("{} columns, {} features", rows.len(), rows[0].len());
    let by_column: Vec<bool> = (0..table.rows).map(|row| hash(&row.to_string()).is_multiple_of(5)).collect();
    let file = column(&table, "Record_id");
    let by_file: Vec<bool> = (0..table.rows).map(|row| hash(table.columns[file].text(row)).is_multiple_of(5)).collect();
    let forest = measured("columns apart", &rows, &labels, &by_column, &options);
    if let Some(path) = option(arguments, "--write") {
        std::fs::write(path, forest.text())?;
        println!("written to {path}");
    } else {
        measured("files apart", &rows, &labels, &by_file, &options);
    }
    Ok(())
}

fn measured(what: &str, rows: &[Vec<f32>], labels: &[usize], test: &[bool], options: &ForestOptions) -> Forest {
    let taken = |kept: bool| (0..rows.len()).filter(move |i| test[*i] == kept);
    let (seen, classes): (Vec<Vec<f32>>, Vec<usize>) = taken(false).map(|i| (rows[i].clone(), labels[i])).unzip();
    // What is written is what is measured.
    let grown = train(&seen, &classes, options);
    let forest = Forest::read(&grown.text()).unwrap_or(grown);
    let mut table = [[0_u32; LABELS.len()]; LABELS.len()];
    for i in taken(true) {
        let shares = forest.shares(&rows[i]);
        let best = (0..LABELS.len()).max_by(|a, b| shares[*a].total_cmp(&shares[*b])).unwrap_or(0);
        table[labels[i]][best] += 1;
    }
    let all: u32 = table.iter().flatten().sum();
    let right: u32 = (0..LABELS.len()).map(|l| table[l][l]).sum();
    println!("{what}: accuracy {:.4} on {all} columns, trained on {}", f64::from(right) / f64::from(all), seen.len());
    for (label, row) in LABELS.iter().zip(&table) {
        println!("  {label:18} {row:?}");
    }
    forest
}

fn column(table: &Coded, name: &str) -> usize {
    table.columns.iter().position(|c| c.name == name).unwrap_or(0)
}

fn example(table: &Coded, row: usize) -> Example {
    let text = |name: &str| table.columns[column(table, name)].text(row);
    let number = |name: &str| text(name).parse().unwrap_or(0.0);
    Example {
        name: text("Attribute_name").to_owned(),
        rows: number("total_vals"),
        nulls: number("num_nans"),
        distinct: number("num_of_dist_val"),
        mean: number("mean"),
        sd: number("std_dev"),
        min: number("min_val"),
        max: number("max_val"),
        samples: (1..=5).map(|i| text(&format!("sample_{i}")).to_owned()).collect(),
    }
}

/// FNV-1a, stirred; the same everywhere.
fn hash(text: &str) -> u64 {
    let mut hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}
