//! The terminal UI on a real pseudo-terminal: what a person sees and can do, and that the terminal is given back.

use std::path::{Path, PathBuf};
use std::process::Command;

use trommel_journeys::expect;
use trommel_journeys::terminal::Terminal;

const ENTER: &str = "\r";

/// The example, made and run.
fn rental(folder: &Path) -> PathBuf {
    expect(folder, &["example", "car-rental", "--rows", "3000"], 0);
    folder.join("car-rental")
}

#[test]
fn a_person_walks_through_all_screens_and_quits() {
    let folder = tempfile::tempdir().unwrap();
    let root = rental(folder.path());
    let mut terminal = Terminal::start(&root, &[], 80, 24);
    terminal.wait_for("First rows, as they come");
    for (key, word) in [
        ("2", "mart.broker_quotes"),
        ("3", "Nothing is profiled yet"),
        ("4", "Steps from raw.alpha"),
        ("5", "everything is up to date"),
        ("6", "Duplicates removed"),
        ("7", "at work"),
        ("8", "Look for faults"),
        ("1", "Quotes of broker alpha"),
    ] {
        terminal.press(key);
        terminal.wait_for(word);
    }
    // Any table by a few letters.
    terminal.press(":");
    terminal.wait_for("Make an example");
    terminal.press("mart.quotes");
    terminal.wait_until("the table found", |screen| !screen.contents().contains("Make an example"));
    terminal.press(ENTER);
    terminal.wait_for("1,370 rows");
    terminal.press("/");
    terminal.press(&format!("brokers = 3{ENTER}"));
    terminal.wait_for("where brokers = 3");
    // A larger terminal shows more.
    terminal.resize(200, 50);
    terminal.wait_until("rows of the larger terminal", |screen| screen.rows(0, 200).nth(40).is_some_and(|row| row.contains("2025-11-")));
    terminal.press("q");
    let (status, given_back) = terminal.ended();
    assert!(status.success() && given_back, "{status:?}");
}

/// Broken checks come first; enter shows the rows each of them held, and a proposal is accepted and taken back.
#[test]
fn checks_are_seen_drilled_into_proposed_accepted_and_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    expect(folder.path(), &["example", "shopsphere", "--rows", "3000"], 0);
    let root = folder.path().join("shopsphere");
    let mut terminal = Terminal::start(&root, &[], 200, 50);
    terminal.wait_for("First rows");
    terminal.press("0");
    terminal.wait_for("customer care");
    terminal.press(ENTER);
    terminal.wait_for("email has no value");
    terminal.press("0");
    terminal.wait_for("customer care");
    terminal.press("p");
    terminal.wait_for("Proposed for clean.customers");
    terminal.press("a");
    terminal.wait_for("is written to");
    let written = root.join("checks/clean_customers.toml");
    assert!(std::fs::read_to_string(&written).unwrap().contains("column = \"customer_id\""));
    terminal.press("u");
    terminal.wait_for("is taken back");
    assert!(!written.exists());
    terminal.press("q");
    assert!(terminal.ended().0.success());
}

#[test]
fn ten_million_rows_are_walked_through() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(folder.path(), &[], 80, 24);
    terminal.wait_for("Sources");
    terminal.press("\x11");
    terminal.wait_for("A SELECT over");
    // Ctrl-U: whatever stands there goes away.
    terminal.press(&format!("\x15select i, i % 7 as k from range(10000000) t(i){ENTER}"));
    terminal.wait_for("10,000,000 rows");
    terminal.press("G");
    terminal.wait_for("9999999");
    terminal.press("g");
    terminal.wait_until("the first row", |screen| screen.contents().contains("row 1 of") || screen.contents().contains("row 1 "));
    terminal.press("q");
    assert!(terminal.ended().0.success());
}

#[test]
fn a_run_is_started_watched_and_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("car-rental");
    expect(folder.path(), &["example", "car-rental", "--rows", "200000", "--no-run"], 0);
    let mut terminal = Terminal::start(&root, &[], 80, 24);
    terminal.wait_for("First rows");
    terminal.press("5");
    terminal.wait_for("would run");
    terminal.press("r");
    terminal.wait_for("running");
    terminal.press("x");
    terminal.wait_for("cancelled");
    terminal.press("q");
    assert!(terminal.ended().0.success());
    // Nothing half-done stays; the next run goes on.
    expect(&root, &["run", "--quiet"], 3);
}

#[test]
fn the_terminal_is_given_back_when_somebody_ends_us() {
    let folder = tempfile::tempdir().unwrap();
    for signal in ["-TERM", "-HUP"] {
        let terminal = Terminal::start(folder.path(), &[], 80, 24);
        terminal.wait_for("Sources");
        Command::new("kill").args([signal, &terminal.id().to_string()]).status().unwrap();
        let (_, given_back) = terminal.ended();
        assert!(given_back, "{signal}: the terminal stays as it was");
    }
}
