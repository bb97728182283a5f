//! Arrows point down only: one table says which crate may use which, and why.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// (crate, crates of ours it may use, why).
const LAYERS: &[(&str, &[&str], &str)] = &[
    ("trommel-model", &[], "the vocabulary knows nobody"),
    ("trommel-unify", &[], "a list of external crates, no code"),
    ("trommel-app", &["model"], "its tests link no engine and run in milliseconds"),
    ("trommel-engine", &["model"], "an engine answers questions about tables; it knows no workspace"),
    ("trommel-connectors", &["model"], "rows leave as Arrow batches; what stores them is not its business"),
    ("trommel-quality", &["model", "engine"], "checks and profiles are questions about tables"),
    ("trommel-matching", &["model", "engine"], "entity resolution works on columns"),
    ("trommel-metrics", &["model", "engine"], "KPIs are questions about tables"),
    ("trommel-workspace", &["model"], "files and ledger of a workspace; it runs nothing"),
    (
        "trommel-pipeline",
        &["model", "engine", "quality", "matching", "metrics", "workspace", "connectors"],
        "it brings sources, models and the lake together",
    ),
    ("trommel-examples", &["model", "connectors"], "generators write files; the product reads them like any other"),
    (
        "trommel-runtime",
        &["model", "app", "engine", "quality", "matching", "metrics", "pipeline", "workspace", "connectors", "examples"],
        "it executes what the application layer asks for",
    ),
    ("trommel", &["model", "app", "runtime"], "a face draws views and sends commands; it never drives the domain"),
    ("trommel-desktop", &["model", "app", "runtime"], "a face draws views and sends commands; it never drives the domain"),
];

/// (external crate, crates of ours that may name it, why).
const ROOMS: &[(&str, &[&str], &str)] = &[
    ("duckdb", &["trommel-engine"], "one foreign language a room: an upgrade touches one crate"),
    ("parquet", &["trommel-engine", "trommel-connectors"], "the lake writes it, the connector reads it"),
    ("sqlx", &["trommel-engine", "trommel-connectors", "trommel-workspace"], "the catalogue, the connectors and the ledger"),
    ("ratatui", &["trommel"], "the terminal UI lives in one crate"),
    ("crossterm", &["trommel"], "the terminal UI lives in one crate"),
    ("clap", &["trommel"], "the command line lives in one crate"),
    ("egui", &["trommel-desktop"], "the desktop lives in one crate"),
    ("eframe", &["trommel-desktop"], "the desktop lives in one crate"),
    ("plotters", &["trommel-metrics"], "charts are drawn to files in one crate"),
    ("notify", &["trommel-workspace"], "files are watched in one crate"),
    ("rustls", &["trommel-connectors"], "who opens connections verifies them"),
    ("zbus", &["trommel-connectors"], "the keyring is asked where secrets are looked up, and notes are shown where alerts are sent"),
    ("rust_xlsxwriter", &["trommel-connectors"], "workbooks are written by a connector"),
];

/// Crates that stand beside the product and may use anything.
const OUTSIDE: &[&str] = &["trommel-arch", "trommel-contract", "trommel-journeys", "trommel-bench"];

fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let out = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let all: Value = serde_json::from_slice(&out.stdout).unwrap();
    let of = |p: &Value| {
        let named = p["dependencies"].as_array().unwrap().iter().filter(|d| d["kind"].is_null());
        named.map(|d| d["name"].as_str().unwrap().to_owned()).collect()
    };
    all["packages"].as_array().unwrap().iter().map(|p| (p["name"].as_str().unwrap().to_owned(), of(p))).collect()
}

#[test]
fn arrows_point_down_only() {
    let found = dependencies();
    let table: BTreeMap<&str, (&[&str], &str)> = LAYERS.iter().map(|(name, may, why)| (*name, (*may, *why))).collect();
    for (name, uses) in &found {
        if OUTSIDE.contains(&name.as_str()) {
            continue;
        }
        let Some((may, why)) = table.get(name.as_str()) else { panic!("{name} stands in no layer: add it to the table with its reason") };
        for used in uses.iter().filter_map(|u| u.strip_prefix("trommel-")).filter(|u| *u != "unify") {
            assert!(may.contains(&used), "{name} → trommel-{used} is not allowed: {why}");
        }
        assert!(!uses.contains("trommel"), "{name} → trommel is not allowed: nobody uses a face");
    }
    for (name, ..) in LAYERS {
        assert!(found.contains_key(*name), "{name} is in the table and not in the workspace");
    }
}

#[test]
fn every_foreign_language_has_its_room() {
    for (name, uses) in dependencies() {
        if OUTSIDE.contains(&name.as_str()) || name == "trommel-unify" {
            continue;
        }
        for (foreign, rooms, why) in ROOMS {
            assert!(!uses.contains(*foreign) || rooms.contains(&name.as_str()), "{name} names {foreign}: {why}");
        }
    }
}
