//! A build of one part compiles exactly what a build of the whole does, so that nothing is compiled twice.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::process::Command;

/// Every external crate of a build with its features, one a line.
fn tree(arguments: &[&str]) -> BTreeSet<String> {
    let out = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--prefix", "none", "--no-dedupe", "--format", "{p} {f}"])
        .args(arguments)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8(out.stdout).unwrap();
    text.lines().filter(|l| !l.starts_with("trommel") && !l.is_empty()).map(str::to_owned).collect()
}

/// Names and versions without features.
fn crates(tree: &BTreeSet<String>) -> BTreeSet<String> {
    tree.iter().map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn parts_and_whole_agree_on_features() {
    // Crates of the program, and crates of build scripts alone. Of a crate that is both, `cargo tree` shows one
    // side's features on the other where the two sides meet, so those are held for the program only.
    let whole = tree(&["--workspace", "--edges", "normal,dev"]);
    let with_scripts = tree(&["--workspace", "--edges", "normal,build,dev"]);
    let both = crates(&whole);
    for part in ["trommel", "trommel-desktop", "trommel-engine", "trommel-connectors", "trommel-matching", "trommel-workspace"] {
        let mut own = tree(&["--package", part, "--edges", "normal"]);
        let scripts = tree(&["--package", part, "--edges", "normal,build"]);
        let of_scripts = scripts.into_iter().filter(|line| !both.iter().any(|c| line.starts_with(&format!("{c} "))));
        own.extend(of_scripts);
        let only_here: Vec<&String> = own.iter().filter(|line| !whole.contains(*line) && !with_scripts.contains(*line)).collect();
        assert!(
            only_here.is_empty(),
            "building {part} alone compiles crates anew because their features differ from the whole build; name the features in core/unify/Cargo.toml: {only_here:#?}"
        );
    }
}
