//! Habits of the code that a reader relies on.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn files(under: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(under).unwrap().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') && name != "target" {
                files(&path, ending, found);
            }
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
}

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(&root(), ".rs", &mut found);
    assert!(found.len() > 50, "the search for sources is broken");
    found
}

#[test]
fn every_file_says_what_it_is_for() {
    for path in sources() {
        let text = fs::read_to_string(&path).unwrap();
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! ") && first.len() > 12, "{} does not open with //! and a sentence", path.display());
    }
}

#[test]
fn nothing_is_left_undone_in_the_code() {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("todo", "!("), concat!("unimplemented", "!(")];
    for path in sources() {
        let text = fs::read_to_string(&path).unwrap();
        for mark in marks {
            let at = text.lines().position(|l| l.contains(mark) && !l.contains("concat!"));
            assert!(at.is_none(), "{} line {}: {mark}", path.display(), at.unwrap_or_default() + 1);
        }
    }
}

#[test]
fn unsafe_code_is_forbidden_everywhere() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("unsafe_code = \"forbid\""));
    let mut manifests = Vec::new();
    files(&root(), "Cargo.toml", &mut manifests);
    for path in manifests.into_iter().filter(|p| p != &root().join("Cargo.toml")) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("[lints]\nworkspace = true"), "{} does not take the workspace's lints", path.display());
    }
}

#[test]
fn top_folders_say_what_may_live_in_them() {
    for folder in ["core", "connectors", "tui", "desktop", "examples", "tests", "assets", "docs", "scripts"] {
        let text = fs::read_to_string(root().join(folder).join("README.md")).unwrap_or_default();
        assert!(text.lines().count() >= 3, "{folder}/README.md is missing or empty");
    }
}
