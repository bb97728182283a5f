//! Dying at the worst moments: nothing is lost, nothing is doubled, what was published stays readable.
//!
//! The tests start this test program again as a child that runs one of the two `child_…` tests, and
//! let it die at a failpoint or by SIGKILL.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use trommel_model::{Cancel, RunId, TableName};

use super::*;
use crate::{Access, Limits};

fn table() -> TableName {
    "raw.t".parse().unwrap()
}

/// Reads one "source file" of 100 rows into the lake, once, however often it is called.
fn load(lake: &Lake, file: &str) {
    if lake.seen_files("s").unwrap().iter().any(|f| f.file == file) {
        return;
    }
    let batch = RecordBatch::try_from_iter([("id", Arc::new(Int64Array::from_iter_values(0..100)) as ArrayRef)]).unwrap();
    let mut writer = lake.writer(&table(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    let file_written = writer.finish().unwrap().unwrap().from_source(file);
    let mut publish = lake.publish();
    publish.run(&RunId("r".into()), 1);
    publish.append(&table(), &batch.schema(), vec![file_written]);
    publish.seen(SeenFile {
        source: "s".into(),
        file: file.into(),
        bytes: 1,
        modified_ms: 0,
        sha256: String::new(),
        rows: 100,
        held: 0,
        run: "r".into(),
    });
    publish.commit().unwrap();
}

#[test]
#[ignore = "started by the tests below"]
fn child_loads_one() {
    if let Some(folder) = std::env::var_os("TROMMEL_CRASH_FOLDER") {
        load(&Lake::open(Path::new(&folder)).unwrap(), "second");
    }
}

#[test]
#[ignore = "started by the tests below"]
fn child_loads_on_and_on() {
    if let Some(folder) = std::env::var_os("TROMMEL_CRASH_FOLDER") {
        let lake = Lake::open(Path::new(&folder)).unwrap();
        for i in 0.. {
            load(&lake, &format!("file {i}"));
        }
    }
}

fn child(test: &str, folder: &Path, failpoint: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("lake::crash::{test}"), "--ignored", "--nocapture"])
        .env("TROMMEL_CRASH_FOLDER", folder)
        .env("TROMMEL_FAILPOINT", failpoint)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Every row in the lake is one that a seen file has, and the rows are all there. Gives the files seen.
fn check(folder: &Path) -> usize {
    let lake = Lake::open(folder).unwrap();
    let seen = lake.seen_files("s").unwrap();
    let limits = Limits { memory_bytes: 1 << 28, threads: 1, temp_dir: folder.join("cache") };
    let engine = Engine::open(&limits, &Access::Locked(vec![folder.canonicalize().unwrap()])).unwrap();
    lake.attach(&engine, lake.latest().unwrap()).unwrap();
    let rows = if seen.is_empty() { 0 } else { engine.count("from raw.t", &Cancel::new()).unwrap() };
    assert_eq!(rows, 100 * seen.len() as u64, "rows and what was seen go together");
    assert_eq!(lake.snapshots().unwrap().len() - 1, seen.len(), "each file is one snapshot");
    seen.len()
}

#[test]
fn dying_at_each_failpoint_loses_and_doubles_nothing() {
    for (failpoint, published) in [
        ("lake.file_written", false),
        ("lake.file_kept", false),
        ("lake.commit_begun", false),
        ("lake.before_commit", false),
        ("lake.after_commit", true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        load(&Lake::open(folder.path()).unwrap(), "first");
        let status = child("child_loads_one", folder.path(), failpoint).wait().unwrap();
        assert!(!status.success(), "{failpoint} was not reached");
        assert_eq!(check(folder.path()), if published { 2 } else { 1 }, "{failpoint}");
        assert!(child("child_loads_one", folder.path(), "").wait().unwrap().success());
        assert_eq!(check(folder.path()), 2, "after {failpoint}");
        let lake = Lake::open(folder.path()).unwrap();
        let left = lake.clean(Duration::ZERO).unwrap().len();
        assert_eq!(left, usize::from(!published), "{failpoint} leaves at most its own file");
        assert_eq!(check(folder.path()), 2, "cleaned after {failpoint}");
    }
}

#[test]
fn a_fault_at_each_failpoint_is_told_and_changes_nothing() {
    for failpoint in ["lake.file_written", "lake.file_kept", "lake.commit_begun", "lake.before_commit"] {
        let folder = tempfile::tempdir().unwrap();
        load(&Lake::open(folder.path()).unwrap(), "first");
        assert!(!child("child_loads_one", folder.path(), &format!("{failpoint}:error")).wait().unwrap().success());
        assert_eq!(check(folder.path()), 1, "{failpoint}");
        load(&Lake::open(folder.path()).unwrap(), "second");
        assert_eq!(check(folder.path()), 2, "after {failpoint}");
    }
}

#[test]
fn being_killed_at_any_moment_loses_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen = 0;
    for round in 0..25u64 {
        let mut running = child("child_loads_on_and_on", folder.path(), "");
        // The moment differs from round to round and falls anywhere in the two or three commits a round has time for.
        let (_nobody, nothing) = crossbeam_channel::bounded::<()>(0);
        assert!(nothing.recv_timeout(Duration::from_millis(25 + round * 37 % 90)).is_err());
        running.kill().unwrap();
        running.wait().unwrap();
        let now = check(folder.path());
        assert!(now >= seen, "what was published stays");
        seen = now;
    }
    assert!(seen > 0, "something was published in between");
}
