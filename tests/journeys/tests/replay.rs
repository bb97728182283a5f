//! Held rows corrected, taken back and replayed: what comes of it is what would have come had the files been right.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use trommel_journeys::{run, text};

fn workspace(root: &Path, checks: &str, files: &[(&str, &str)]) {
    for folder in ["sources", "in"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    fs::write(root.join("trommel.toml"), "name = \"replay\"\n").unwrap();
    let source = "path = \"in/*.csv\"\nload = \"new_files\"\n[[columns]]\nname = \"id\"\ntype = \"integer\"\n[[columns]]\nname = \"amount\"\ntype = \"integer\"\n";
    fs::write(root.join("sources/people.toml"), format!("{source}{checks}")).unwrap();
    for (name, text) in files {
        fs::write(root.join("in").join(name), text).unwrap();
    }
}

/// A verb that may leave rows held.
fn done(root: &Path, arguments: &[&str]) -> String {
    let out = run(root, arguments);
    assert!(matches!(out.status.code(), Some(0 | 3)), "{arguments:?}: {}", text(&out.stderr));
    text(&out.stdout)
}

fn rows(root: &Path, sql: &str) -> Vec<String> {
    done(root, &["query", sql, "--format", "csv"]).lines().skip(1).map(str::to_owned).collect()
}

fn kept(root: &Path) -> Vec<String> {
    rows(root, "select id, amount, _file, _line from raw.people order by _file, _line")
}

/// Held rows: file, line and state.
fn held(root: &Path) -> Vec<String> {
    let listed = done(root, &["quarantine", "list", "--format", "csv"]);
    let mut lines = listed.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let at = |name: &str| names.iter().rposition(|n| *n == name).unwrap();
    let (state, row) = (names.len() - at("state"), names.len() - at("row"));
    let of = |line: &str| {
        let cells: Vec<&str> = line.rsplit(',').collect();
        format!("{} {}", cells[row - 1], cells[state - 1])
    };
    let mut held: Vec<String> = lines.filter(|line| line.contains("raw.people:")).map(of).collect();
    held.sort();
    held
}

#[test]
fn decisions_follow_their_records_when_lines_move() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    workspace(root, "", &[("a.csv", "id,name,amount\n1,\"Ann\nLee\",x\n2,Bob,5\n3,Cy,7\n4,Di,y\n")]);
    done(root, &["run"]);
    assert_eq!(held(root), ["raw.people:in/a.csv:2 open", "raw.people:in/a.csv:6 open"]);
    done(root, &["quarantine", "edit", "raw.people:in/a.csv:2", "1,Ann Lee,3"]);
    // Until it is replayed, lines are where they were read.
    assert_eq!(held(root), ["raw.people:in/a.csv:2 corrected", "raw.people:in/a.csv:6 open"]);
    done(root, &["quarantine", "replay", "raw.people"]);
    assert_eq!(held(root), ["raw.people:in/a.csv:5 open"], "the record above it has one line less");
    done(root, &["quarantine", "discard", "raw.people:in/a.csv:5", "--why", "a test"]);
    assert_eq!(held(root), ["raw.people:in/a.csv:5 discarded"]);
    done(root, &["run", "--full-refresh"]);
    assert_eq!(held(root), ["raw.people:in/a.csv:5 discarded"]);
    assert_eq!(kept(root).len(), 3, "no other row is discarded in its place");
    done(root, &["quarantine", "reopen", "raw.people:in/a.csv:5"]);
    done(root, &["quarantine", "set", "raw.people:in/a.csv:5", "amount=9"]);
    done(root, &["quarantine", "replay", "raw.people"]);
    assert_eq!(kept(root), ["1,3,in/a.csv,2", "2,5,in/a.csv,3", "3,7,in/a.csv,4", "4,9,in/a.csv,5"]);
    assert_eq!(held(root), [""; 0]);

    let clean = folder.path().join("clean");
    fs::create_dir(&clean).unwrap();
    workspace(&clean, "", &[("a.csv", "id,name,amount\n1,Ann Lee,3\n2,Bob,5\n3,Cy,7\n4,Di,9\n")]);
    done(&clean, &["run"]);
    let all = "select * from raw.people order by _line";
    assert_eq!(rows(root, all), rows(&clean, all));
}

#[test]
fn a_row_that_was_held_for_another_joins_when_that_one_goes() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let unique = "[[checks]]\ncheck = \"unique\"\ncolumns = [\"id\"]\naction = \"quarantine\"\n";
    workspace(root, unique, &[("a.csv", "id,amount\n1,x\n"), ("b.csv", "id,amount\n1,5\n2,6\n")]);
    let (other, first) = (["1,5,in/b.csv,2", "2,6,in/b.csv,3"], ["1,4,in/a.csv,2", "2,6,in/b.csv,3"]);
    done(root, &["run"]);
    assert_eq!(kept(root), other);
    for again in 0..2 {
        done(root, &["quarantine", "set", "raw.people:in/a.csv:2", "amount=4"]);
        done(root, &["quarantine", "replay", "raw.people"]);
        assert_eq!(kept(root), first, "{again}");
        done(root, &["quarantine", "reopen", "raw.people:in/a.csv:2"]);
        done(root, &["quarantine", "replay", "raw.people"]);
        assert_eq!(kept(root), other, "the row of the other file joins again, {again}");
    }
    done(root, &["quarantine", "set", "raw.people:in/a.csv:2", "amount=4"]);
    done(root, &["quarantine", "replay", "raw.people"]);
    // The file comes without the record.
    fs::write(root.join("in/a.csv"), "id,amount\n3,7\n").unwrap();
    done(root, &["run"]);
    assert_eq!(kept(root), ["3,7,in/a.csv,2", "1,5,in/b.csv,2", "2,6,in/b.csv,3"]);
    let so_far = kept(root);
    done(root, &["run", "--full-refresh"]);
    assert_eq!(kept(root), so_far);
}
