//! How well cells that look wrong and columns about persons are found.
//!
//! `data_quality [--data DIR] [--show]`. Errors: flagged cells against cells that differ between `dirty.csv` and `clean.csv`,
//! no labels used. Personal data: the columns of the 100-row sheet with their names hidden. `--show` prints what was
//! missed and what was flagged without need.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a measurement prints what it measured")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;

use trommel_bench::quality::{self, Failure, data_folder};
use trommel_model::{Cancel, ProfileLevel, ProgressSlot};
use trommel_quality::detect;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = data_folder(&arguments).join("data_quality");
    let show = arguments.iter().any(|a| a == "--show");
    let result = errors(&folder.join("errors"), show).and_then(|()| personal(&folder.join("pii/FakeNameGenerator.com_100.csv")));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("data_quality: {error}");
            ExitCode::FAILURE
        }
    }
}

type Cells = BTreeSet<(usize, usize)>;

fn errors(folder: &Path, show: bool) -> Result<(), Failure> {
    let mut sets: Vec<_> =
        std::fs::read_dir(folder)?.filter_map(|e| Some(e.ok()?.path())).filter(|p| p.join("dirty.csv").is_file()).collect();
    sets.sort();
    for set in sets {
        let (dirty, clean) = (quality::texts(&set.join("dirty.csv"))?, quality::texts(&set.join("clean.csv"))?);
        let mut truth = Cells::new();
        for (c, column) in dirty.columns.iter().enumerate() {
            truth.extend((0..dirty.rows).filter(|row| column.text(*row) != clean.columns[c].text(*row)).map(|row| (row, c)));
        }
        let place = |name: &str| dirty.columns.iter().position(|c| c.name == name).unwrap_or(usize::MAX);
        let found = detect(&dirty, &Cancel::new())?.cells;
        let rules: BTreeMap<(usize, usize), &str> =
            found.iter().map(|f| ((f.row as usize - 1, place(&f.column)), f.rule.as_str())).collect();
        let flagged: Cells = rules.keys().copied().collect();
        let right: usize = found
            .iter()
            .filter(|f| {
                let at = (f.row as usize - 1, place(&f.column));
                truth.contains(&at) && f.suggestion.as_deref() == Some(clean.columns[at.1].text(at.0))
            })
            .count();
        println!(
            "{}: {}; {right} of {} repaired as it should be",
            set.file_name().unwrap_or_default().display(),
            score(&flagged, &truth),
            truth.len()
        );
        for (c, column) in dirty.columns.iter().enumerate() {
            let of = |cells: &Cells| cells.iter().filter(|cell| cell.1 == c).copied().collect::<Cells>();
            let (own, real) = (of(&flagged), of(&truth));
            if own.is_empty() && real.is_empty() {
                continue;
            }
            println!("  {:20} {}", column.name, score(&own, &real));
            let without: Cells = of(&flagged.difference(&own).copied().collect());
            debug_assert!(without.is_empty());
            if show {
                let some = |cells: Vec<(usize, usize)>| -> Vec<String> {
                    cells
                        .into_iter()
                        .take(6)
                        .map(|at| format!("{}:{:?} {}", at.0 + 1, column.text(at.0), rules.get(&at).unwrap_or(&"")))
                        .collect()
                };
                println!("    needless {:?}", some(own.difference(&real).copied().collect()));
                println!("    missed   {:?}", some(real.difference(&own).copied().collect()));
            }
        }
        // A column in which every cell is wrong says nothing of finding the wrong ones.
        let all_wrong: BTreeSet<usize> =
            (0..dirty.columns.len()).filter(|c| truth.iter().filter(|cell| cell.1 == *c).count() == dirty.rows).collect();
        if !all_wrong.is_empty() {
            let rest = |cells: &Cells| cells.iter().filter(|cell| !all_wrong.contains(&cell.1)).copied().collect::<Cells>();
            println!("  without columns that are wrong throughout: {}", score(&rest(&flagged), &rest(&truth)));
        }
    }
    Ok(())
}

fn score(flagged: &Cells, truth: &Cells) -> String {
    let hit = flagged.intersection(truth).count() as f64;
    let (precision, recall) = (hit / flagged.len().max(1) as f64, hit / truth.len().max(1) as f64);
    let f1 = if hit > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 };
    format!("precision {precision:.3} recall {recall:.3} F1 {f1:.3} ({} flagged, {} wrong)", flagged.len(), truth.len())
}

fn personal(file: &Path) -> Result<(), Failure> {
    let engine = quality::engine(file.parent().unwrap_or(file), 2)?;
    let named = engine.describe(&format!("SELECT * FROM read_csv('{}', sample_size = -1)", file.display()))?;
    let hidden: Vec<String> = named.names().enumerate().map(|(i, n)| format!("{} AS c{i}", trommel_engine::sql::ident(n))).collect();
    let sql = format!("SELECT {} FROM read_csv('{}', sample_size = -1)", hidden.join(", "), file.display());
    let profile = trommel_quality::profile(&engine, "sheet", &sql, ProfileLevel::Full, &Cancel::new(), &ProgressSlot::new())?;
    println!("personal data, names hidden:");
    for (name, column) in named.names().zip(&profile.columns) {
        let kind = column.meaning.kind.map(trommel_model::SemanticType::label).unwrap_or_default();
        let pii = column.meaning.pii.map(|p| format!("{} {:.2}", p.class.label(), p.confidence)).unwrap_or_default();
        let feature = column.meaning.feature.map(|f| f.kind.label()).unwrap_or_default();
        println!("  {name:22} {kind:16} {:.2}  {pii:20} {feature}", column.meaning.confidence);
    }
    Ok(())
}
