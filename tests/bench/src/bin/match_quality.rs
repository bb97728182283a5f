//! Matching on real data, without configuration and with written models: pairwise precision, recall and F1 against
//! the truth.
//!
//! `match_quality [--why] [DIR [SET]]`, by default all sets of `../shared/data/entity_resolution` beside the project.
//! For one table a pair counts when both rows are in one entity; for two tables only pairs across them count.
//! Columns that tell the truth are taken away first. `--why` prints what the proposed model was made from.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use trommel_bench::matching::{Pairwise, csv, table};
use trommel_matching::{FileTable, FilesOutput, auto_files, run_files};
use trommel_model::{Cancel, Code, MatchSpec, Outcome, Problem, ProgressSlot};

/// How the truth of a set is told.
enum Truth {
    /// A column of the table says which entity a row is.
    Column(&'static str),
    /// `rec-N-org` and `rec-N-dup-K` are the same N.
    Febrl,
    /// A file of true pairs across two tables: its name, delimiter, and the columns of both ids.
    Pairs(&'static str, char, &'static str, &'static str),
    /// A file of true pairs within one table, without header: its name, delimiter, and the column of the ids.
    Within(&'static str, char, &'static str),
}

struct Set {
    name: &'static str,
    /// Files of the set and their delimiter; two files are linked.
    files: &'static [&'static str],
    delimiter: char,
    truth: Truth,
    /// The model's file in `match/`.
    model: &'static str,
}

const SETS: [Set; 9] = [
    Set { name: "febrl1", files: &["febrl/febrl1.csv"], delimiter: ',', truth: Truth::Febrl, model: "febrl" },
    Set { name: "febrl2", files: &["febrl/febrl2.csv"], delimiter: ',', truth: Truth::Febrl, model: "febrl" },
    Set {
        name: "fake_1000",
        files: &["splink_fake_1000/fake_1000.csv"],
        delimiter: ',',
        truth: Truth::Column("cluster"),
        model: "fake_1000",
    },
    Set {
        name: "DBLP-ACM",
        files: &["dblp_acm/dblp.csv", "dblp_acm/acm.csv"],
        delimiter: '%',
        truth: Truth::Pairs("dblp_acm/gt.csv", '%', "D1", "D2"),
        model: "papers",
    },
    Set {
        name: "Fodors-Zagats",
        files: &["fodors_zagats/fodors.csv", "fodors_zagats/zagats.csv"],
        delimiter: ',',
        truth: Truth::Pairs("fodors_zagats/matches.csv", ',', "fodors_id", "zagats_id"),
        model: "restaurants",
    },
    Set {
        name: "Cora",
        files: &["cora/cora.csv"],
        delimiter: '|',
        truth: Truth::Within("cora/gt.csv", '|', "Entity Id"),
        model: "citations",
    },
    Set {
        name: "Amazon-Google",
        files: &["amazon_google/amazon.csv", "amazon_google/gp.csv"],
        delimiter: '#',
        truth: Truth::Pairs("amazon_google/gt.csv", '#', "D1", "D2"),
        model: "products",
    },
    Set { name: "RLdata500", files: &["rldata/RLdata500.csv"], delimiter: ',', truth: Truth::Column("true_id"), model: "rldata" },
    Set {
        name: "childhood",
        files: &["dedupe_early_childhood/input_with_true_ids.csv"],
        delimiter: ',',
        truth: Truth::Column("True Id"),
        model: "sites",
    },
];

/// Rows of a file: names, then cells.
type Lines = (Vec<String>, Vec<Vec<String>>);

#[expect(clippy::print_stdout, reason = "a measurement prints what it measured")]
fn main() -> Outcome<()> {
    let (flags, arguments): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|a| a.starts_with("--"));
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/entity_resolution");
    let folder = arguments.first().map_or(beside, PathBuf::from);
    println!(
        "{:<14} {:<8} {:>6} {:>9} {:>8} {:>8} {:>9} {:>7} {:>7} {:>8}",
        "set", "model", "rows", "pairs", "matched", "entities", "precision", "recall", "F1", "ms"
    );
    for set in SETS.iter().filter(|s| arguments.get(1).is_none_or(|name| name == s.name)) {
        let files: Vec<Lines> = set.files.iter().map(|file| read(&folder.join(file), set.delimiter)).collect::<Outcome<_>>()?;
        let tables: Vec<FileTable> =
            files.iter().zip(set.files).map(|(lines, name)| without_truth(set, lines, name)).collect::<Outcome<_>>()?;
        let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
        let start = Instant::now();
        let (proposal, found) = auto_files(tables.clone(), 2, &cancel, &progress)?;
        let ms = start.elapsed().as_secs_f64() * 1e3;
        print(set, "auto", &found, quality(&folder, set, &files, &found)?, ms);
        if flags.iter().any(|f| f == "--why") {
            proposal.reasons.iter().for_each(|reason| println!("    {reason}"));
            tell(&found);
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("match").join(set.model).with_extension("toml");
        let text = std::fs::read_to_string(&path).map_err(|e| Problem::from_io(&e, "read", &path))?;
        let spec: MatchSpec = toml::from_str(&text).map_err(|e| Problem::new(Code::BadToml, e.to_string()).in_file(&path))?;
        let start = Instant::now();
        let found = run_files(tables, &spec, 2, &cancel, &progress)?;
        let ms = start.elapsed().as_secs_f64() * 1e3;
        print(set, "written", &found, quality(&folder, set, &files, &found)?, ms);
        if flags.iter().any(|f| f == "--why") {
            tell(&found);
        }
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a measurement prints what it measured")]
fn print(set: &Set, model: &str, found: &FilesOutput, quality: Pairwise, ms: f64) {
    let r = &found.report;
    println!(
        "{:<14} {model:<8} {:>6} {:>9} {:>8} {:>8} {:>9.4} {:>7.4} {:>7.4} {ms:>8.1}",
        set.name,
        r.rows,
        r.pairs_compared,
        r.pairs_matched,
        r.entities,
        quality.precision(),
        quality.recall(),
        quality.f1()
    );
}

/// What was learned.
#[expect(clippy::print_stdout, reason = "a measurement prints what it measured")]
fn tell(found: &FilesOutput) {
    let Some(trained) = &found.report.trained else { return };
    println!("    prior 1 in {:.0}, threshold {:.3}", 1.0 / trained.prior, trained.threshold);
    for c in &trained.comparisons {
        let levels: Vec<String> = c.levels.iter().map(|l| format!("{} m {:.3} u {:.5} {:+.1}", l.level, l.m, l.u, l.bits)).collect();
        println!("    {}: {}", c.column, levels.join(" | "));
    }
}

fn read(path: &Path, delimiter: char) -> Outcome<Lines> {
    let mut lines = csv(path, delimiter)?.into_iter();
    let names = lines.next().ok_or_else(|| Problem::new(Code::EmptyFile, "no header").in_file(path))?;
    Ok((names.iter().map(|n| n.trim().to_owned()).collect(), lines.collect()))
}

fn without_truth(set: &Set, (header, rows): &Lines, name: &str) -> Outcome<FileTable> {
    let truth = match set.truth {
        Truth::Column(name) => column(set, name, header)?,
        _ => usize::MAX,
    };
    let kept = |row: &[String]| row.iter().enumerate().filter(|(at, _)| *at != truth).map(|(_, v)| v.clone()).collect::<Vec<_>>();
    let rows: Vec<Vec<String>> = rows.iter().map(|row| kept(row)).collect();
    FileTable::of(name, &[table(&kept(header), &rows)?])
}

fn column(set: &Set, name: &str, header: &[String]) -> Outcome<usize> {
    let missing = || Problem::new(Code::UnknownName, format!("{} has no column \"{name}\"", set.name));
    header.iter().position(|h| h == name).ok_or_else(missing)
}

fn quality(folder: &Path, set: &Set, files: &[Lines], found: &FilesOutput) -> Outcome<Pairwise> {
    // The rows of a file follow each other, so a row 1 begins the next file.
    let mut of_files: Vec<Vec<String>> = Vec::new();
    for batch in found.crosswalk.batches() {
        let batch = batch?;
        let (rows, entities) = (batch.column(1).as_primitive::<Int64Type>(), batch.column(2).as_string::<i32>());
        for at in 0..rows.len() {
            if rows.value(at) == 1 {
                of_files.push(Vec::new());
            }
            if let Some(file) = of_files.last_mut() {
                file.push(entities.value(at).to_owned());
            }
        }
    }
    let (header, lines) = &files[0];
    let one = || of_files[0].iter().cloned();
    match set.truth {
        Truth::Febrl => Ok(Pairwise::of(one().zip(lines.iter().map(|row| row[0].trim().split('-').nth(1).unwrap_or("").to_owned())))),
        Truth::Column(name) => {
            let truth = column(set, name, header)?;
            Ok(Pairwise::of(one().zip(lines.iter().map(|row| row[truth].clone()))))
        }
        Truth::Within(file, delimiter, id) => {
            let id = column(set, id, header)?;
            let place: HashMap<&str, usize> = lines.iter().enumerate().map(|(at, row)| (row[id].trim(), at)).collect();
            let mut first: Vec<usize> = (0..lines.len()).collect();
            for pair in csv(&folder.join(file), delimiter)? {
                let [Some(&a), Some(&b)] = [place.get(pair[0].trim()), place.get(pair[1].trim())] else { continue };
                let (low, high) = (first[a].min(first[b]), first[a].max(first[b]));
                first.iter_mut().filter(|f| **f == high).for_each(|f| *f = low);
            }
            Ok(Pairwise::of(one().zip(first)))
        }
        Truth::Pairs(file, delimiter, left, right) => {
            let (names, pairs) = read(&folder.join(file), delimiter)?;
            let (left, right) = (column(set, left, &names)?, column(set, right, &names)?);
            let by_id = |at: usize| -> Outcome<HashMap<&str, &str>> {
                let id = column(set, "id", &files[at].0)?;
                Ok(files[at].1.iter().zip(&of_files[at]).map(|(row, entity)| (row[id].trim(), entity.as_str())).collect())
            };
            let (lefts, rights) = (by_id(0)?, by_id(1)?);
            let mut quality = Pairwise::default();
            for pair in &pairs {
                quality.truth += 1;
                let entity = lefts.get(pair[left].trim());
                quality.both += u64::from(entity.is_some() && entity == rights.get(pair[right].trim()));
            }
            let mut sides: HashMap<&str, [u64; 2]> = HashMap::new();
            for (side, entities) in of_files.iter().enumerate() {
                for entity in entities {
                    sides.entry(entity).or_default()[side] += 1;
                }
            }
            quality.found = sides.values().map(|[left, right]| left * right).sum();
            Ok(quality)
        }
    }
}
