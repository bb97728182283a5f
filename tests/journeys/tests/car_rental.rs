//! The first example from its generator to its KPIs: rows are conserved, duplicates are found, exports are whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use trommel_journeys::{expect, run, text};

fn csv(workspace: &Path, sql: &str) -> Vec<Vec<String>> {
    let out = expect(workspace, &["query", sql, "--format", "csv"], 0);
    out.lines().skip(1).map(|l| l.split(',').map(str::to_owned).collect()).collect()
}

#[test]
fn the_example_runs_from_end_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let out = run(folder.path(), &["example", "car-rental", "--rows", "6000"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let workspace = folder.path().join("car-rental");

    let shown: Value = serde_json::from_str(&expect(&workspace, &["runs", "show", "last", "--format", "json"], 0)).unwrap();
    let steps = shown["steps"].as_array().unwrap();
    assert!(steps.len() >= 10, "{} steps", steps.len());
    let mut held = 0;
    for step in steps {
        let n = |name: &str| step[name].as_u64().unwrap_or_else(|| panic!("{name} of {step}"));
        let (came, went) = (n("rows_in") + n("expanded"), n("rows_out") + n("filtered") + n("merged") + n("quarantined"));
        assert_eq!(came, went, "rows are conserved: {step}");
        assert_eq!(step["status"], "done", "{step}");
        assert!(n("elapsed_ms") < 600_000 && step["peak_bytes"].is_u64() && step["kind"].is_string());
        held += n("quarantined");
    }
    assert!(held > 0, "the generator makes faulty rows on purpose");
    let listed = csv(&workspace, "select 1");
    assert_eq!(listed, [["1"]]);
    let quarantine = expect(&workspace, &["quarantine", "list", "--format", "jsonl"], 0);
    assert_eq!(quarantine.lines().count() as u64, held, "every held row is listed");
    for line in quarantine.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        assert!(!row["reason"].as_str().unwrap().is_empty() && !row["file"].as_str().unwrap().is_empty(), "{row}");
    }

    let second = run(&workspace, &["run"]);
    assert_eq!(second.status.code(), Some(0), "nothing new, nothing held: {}", text(&second.stderr));

    expect(&workspace, &["export", "mart.quotes", "q.csv"], 0);
    expect(&workspace, &["export", "mart.quotes", "q.xlsx"], 0);
    expect(&workspace, &["export", "mart.quotes", "q.parquet"], 0);
    let count = csv(&workspace, "select count(*) from mart.quotes");
    assert_eq!(csv(&workspace, "select count(*) from 'q.parquet'"), count);
    assert_eq!(csv(&workspace, "select count(*) from 'q.csv'"), count);
    assert!(fs::read(workspace.join("q.xlsx")).unwrap().starts_with(b"PK"));

    let kpis: Vec<Value> = serde_json::from_str(&expect(&workspace, &["kpi", "list", "--format", "json"], 0)).unwrap();
    assert!(kpis.len() >= 4 && kpis.iter().all(|k| k["problem"].is_null()), "{kpis:?}");
    let name = kpis[0]["kpi"].as_str().unwrap();
    expect(&workspace, &["kpi", "render", name, "k.svg"], 0);
    expect(&workspace, &["kpi", "render", name, "k.png"], 0);
    assert!(fs::read_to_string(workspace.join("k.svg")).unwrap().contains("<svg"));
    assert!(fs::read(workspace.join("k.png")).unwrap().starts_with(b"\x89PNG"));
}

/// Pairs of quotes said to belong together against the generator's truth, over quotes that were not held.
#[test]
fn duplicate_quotes_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let out = run(folder.path(), &["example", "car-rental", "--rows", "20000"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let workspace = folder.path().join("car-rental");
    let mut truth: BTreeMap<(String, String), String> = BTreeMap::new();
    for entry in fs::read_dir(workspace.join("data/truth")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        if text.lines().next().is_some_and(|header| header.starts_with("broker,quote_id,request_id")) {
            for line in text.lines().skip(1) {
                let cells: Vec<&str> = line.split(',').collect();
                truth.insert((cells[0].to_owned(), cells[1].to_owned()), cells[2].to_owned());
            }
        }
    }
    assert!(truth.len() > 15_000, "{} quotes in the truth", truth.len());
    let crosswalk = csv(&workspace, "select source, id, entity_id from stage.requests_crosswalk");
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut real: BTreeMap<String, u64> = BTreeMap::new();
    for row in &crosswalk {
        let Some(request) = truth.get(&(row[0].clone(), row[1].clone())) else { panic!("{row:?} is not in the truth") };
        found.entry(row[2].clone()).or_default().push(request.clone());
        *real.entry(request.clone()).or_default() += 1;
    }
    let pairs = |n: u64| n * (n - 1) / 2;
    let mut right = 0;
    let mut said = 0;
    for members in found.values() {
        said += pairs(members.len() as u64);
        let mut counts: BTreeMap<&String, u64> = BTreeMap::new();
        for request in members {
            *counts.entry(request).or_default() += 1;
        }
        right += counts.values().map(|n| pairs(*n)).sum::<u64>();
    }
    let all: u64 = real.values().map(|n| pairs(*n)).sum();
    let f1 = 2.0 * right as f64 / (said + all) as f64;
    println!("{right} of {said} pairs are right, {all} are real: F1 {f1:.4}");
    assert!(f1 >= 0.97, "F1 {f1:.4}");
}
