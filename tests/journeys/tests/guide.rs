//! The guide is true: its files are written and its commands run, in its order.
//!
//! A fenced block `… file=PATH` is that file; a block `sh run` is a list of commands, each of which ends with 0 or with
//! the code behind `# exit`.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;
use std::process::Command;

use trommel_journeys::{binary, text};

#[test]
fn every_command_of_the_guide_does_what_it_says() {
    let guide = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (mut files, mut commands) = (0, 0);
    for (info, body) in blocks(&guide) {
        if let Some(path) = info.split_whitespace().find_map(|w| w.strip_prefix("file=")) {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, body).unwrap();
            files += 1;
        } else if info == "sh run" {
            for line in body.lines().filter(|l| !l.trim().is_empty()) {
                run(folder.path(), line);
                commands += 1;
            }
        }
    }
    assert!(files >= 6 && commands >= 15, "{files} files, {commands} commands: the guide is not read right");
    let held = Command::new(binary("trommel"))
        .args(["-w", "shop", "quarantine", "list", "--format", "jsonl"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let held = text(&held.stdout);
    assert_eq!(held.lines().count(), 0, "the guide corrects the rows that were held:\n{held}");
    let decided = fs::read_to_string(folder.path().join("shop/decisions/quarantine/orders.toml")).unwrap();
    assert_eq!(decided.matches("[[rows]]").count(), 2, "the guide speaks of two rows:\n{decided}");
    assert!(fs::read(folder.path().join("daily.xlsx")).unwrap().starts_with(b"PK"));
}

fn run(folder: &Path, line: &str) {
    let (command, expected) = line.split_once("# exit ").map_or((line, 0), |(c, code)| (c, code.trim().parse().unwrap()));
    let path = format!("{}:{}", binary("trommel").parent().unwrap().display(), std::env::var("PATH").unwrap());
    let out = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", path)
        .env("TROMMEL_CONFIG_DIR", folder.join(".user"))
        .env_remove("TROMMEL_FAILPOINT")
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(expected), "$ {line}\n{}{}", text(&out.stdout), text(&out.stderr));
}

/// Fenced blocks with what stands behind their opening fence.
fn blocks(markdown: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in markdown.lines() {
        match (line.strip_prefix("```"), open.as_mut()) {
            (Some(info), None) => open = Some((info.trim().to_owned(), String::new())),
            (Some(_), Some(_)) => found.extend(open.take()),
            (None, Some((_, body))) => {
                body.push_str(line);
                body.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}
