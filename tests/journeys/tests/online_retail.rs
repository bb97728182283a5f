//! Real daily files: all at once, day after day and twice give the same tables, and the totals that are known.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use trommel_journeys::{expect, real_data};

const REVENUE: &str = "select * from mart.daily_revenue order by day";

/// The daily files, unpacked.
fn daily_files(into: &Path) -> Option<Vec<PathBuf>> {
    let archive = real_data("operational/online_retail_by_day.tar.xz")?;
    let status = Command::new("tar").arg("xJf").arg(archive).arg("-C").arg(into).status().unwrap();
    assert!(status.success());
    let mut files: Vec<PathBuf> = fs::read_dir(into.join("online_retail_by_day")).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "csv"));
    files.sort();
    assert!(files.len() > 40, "{} daily files", files.len());
    Some(files)
}

fn make(folder: &Path, data: &Path) -> PathBuf {
    expect(folder, &["example", "online-retail", "--data", &data.to_string_lossy(), "--no-run"], 0);
    folder.join("online-retail")
}

fn csv(workspace: &Path, sql: &str) -> String {
    expect(workspace, &["query", sql, "--format", "csv"], 0).replace("\r\n", "\n")
}

#[test]
fn all_days_at_once_give_the_known_totals() {
    let folder = tempfile::tempdir().unwrap();
    if daily_files(folder.path()).is_none() {
        return;
    }
    let workspace = make(folder.path(), &folder.path().join("online_retail_by_day"));
    expect(&workspace, &["run"], 0);
    let known = fs::read_to_string(real_data("operational/online_retail_daily_totals_shared.csv").unwrap()).unwrap();
    let number = |line: &str| -> Vec<String> {
        let cells = line.split(',').enumerate();
        cells.map(|(i, c)| if i == 0 { c.to_owned() } else { format!("{:.2}", c.parse::<f64>().unwrap_or(f64::NAN)) }).collect()
    };
    let rows = |text: &str| -> Vec<Vec<String>> { text.lines().skip(1).map(number).collect() };
    let found = csv(&workspace, REVENUE);
    assert_eq!(found.lines().next(), known.lines().next(), "the columns");
    assert_eq!(rows(&found), rows(&known));
    assert_eq!(expect(&workspace, &["quarantine", "list", "--format", "jsonl"], 0), "", "checks warn and never hold a row");
}

#[test]
fn day_after_day_and_twice_is_the_same_as_all_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let Some(files) = daily_files(folder.path()) else { return };
    // Ten days are enough to see an order that matters, and quick.
    let some = &files[..10];
    let (at_once, day_by_day) = (folder.path().join("a"), folder.path().join("b"));
    for place in [&at_once, &day_by_day] {
        fs::create_dir_all(place.join("in")).unwrap();
    }
    let copy = |file: &PathBuf, to: &Path| fs::copy(file, to.join("in").join(file.file_name().unwrap())).unwrap();
    for file in some {
        copy(file, &at_once);
    }
    let whole = make(&at_once, &at_once.join("in"));
    expect(&whole, &["run"], 0);
    copy(&some[0], &day_by_day);
    let grown = make(&day_by_day, &day_by_day.join("in"));
    expect(&grown, &["run"], 0);
    for file in &some[1..] {
        copy(file, &day_by_day);
        expect(&grown, &["run"], 0);
    }
    expect(&grown, &["run"], 0);
    let raw = "select * from raw.online_retail order by _file, _line";
    assert_eq!(csv(&whole, REVENUE), csv(&grown, REVENUE));
    assert_eq!(csv(&whole, raw), csv(&grown, raw));
    let before = expect(&grown, &["lake", "snapshots", "--format", "csv"], 0);
    expect(&grown, &["run"], 0);
    assert_eq!(before, expect(&grown, &["lake", "snapshots", "--format", "csv"], 0), "a run with nothing new publishes nothing");
}
