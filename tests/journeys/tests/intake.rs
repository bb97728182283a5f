//! From a file or a table to a source of the workspace, through the binary: what is shown is what is written, and what is
//! written is what runs.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use trommel_journeys::{expect, run, text};

const CSV: &str = "Report of March\n\nid;name;price\n1;Müller;2,50\n2;Li;10,00\n3;Okafor;7,25\n";

fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    expect(folder.path(), &["init", "shop"], 0);
    fs::create_dir_all(folder.path().join("exports")).unwrap();
    fs::write(folder.path().join("exports/March report.csv"), CSV).unwrap();
    folder
}

fn csv(root: &Path, sql: &str) -> String {
    expect(root, &["query", sql, "--format", "csv"], 0).replace("\r\n", "\n")
}

#[test]
fn a_file_is_shown_added_and_runs() {
    let folder = workspace();
    let root = folder.path().join("shop");
    let config = fs::read_to_string(root.join("trommel.toml")).unwrap();
    let asked = ["source", "add", "../exports/March report.csv", "--name", "march", "--contract"];
    let shown = expect(&root, &[&asked[..], &["--dry-run"]].concat(), 0);
    assert!(shown.contains("# trommel.toml, added") && shown.contains("# sources/march.toml"), "{shown}");
    assert!(!root.join("sources/march.toml").exists());
    assert_eq!(fs::read_to_string(root.join("trommel.toml")).unwrap(), config, "a dry run writes nothing");

    let told = run(&root, &asked);
    assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
    assert!(text(&told.stderr).contains("to take it back, remove sources/march.toml"), "{}", text(&told.stderr));
    let source = fs::read_to_string(root.join("sources/march.toml")).unwrap();
    assert!(shown.contains(&source), "what was shown is what is written:\n{shown}\n{source}");
    for line in ["delimiter = \";\"", "skip_lines = 2", "decimal_mark = \",\"", "type = \"integer\"", "type = \"float\""] {
        assert!(source.contains(line), "{line} is not in\n{source}");
    }
    let now = fs::read_to_string(root.join("trommel.toml")).unwrap();
    assert!(now.contains("# A Trommel workspace.") && now.contains("name = \"exports\"\nkind = \"folder\""), "{now}");
    expect(&root, &["run"], 0);
    assert_eq!(csv(&root, "select id, name, price from raw.march order by id"), "id,name,price\n1,Müller,2.5\n2,Li,10.0\n3,Okafor,7.25\n");

    // Twice under one name is refused; nothing is overwritten.
    let again = run(&root, &asked);
    assert_eq!(again.status.code(), Some(2), "{}", text(&again.stderr));
    assert!(text(&again.stderr).contains("there is a source \"march\" already"));
    assert_eq!(fs::read_to_string(root.join("sources/march.toml")).unwrap(), source);
    // Taken back by removing the file it wrote.
    fs::remove_file(root.join("sources/march.toml")).unwrap();
    expect(&root, &["plan"], 0);
}

#[test]
fn what_is_told_overrules_what_is_found() {
    let folder = workspace();
    let root = folder.path().join("shop");
    fs::create_dir_all(root.join("in")).unwrap();
    fs::write(root.join("in/codes.csv"), "001,1.500\n002,2.250\n").unwrap();
    expect(&root, &["source", "add", "in/codes.csv", "--header", "no", "--decimal-mark", ","], 0);
    let source = fs::read_to_string(root.join("sources/codes.toml")).unwrap();
    assert!(
        source.contains("path = \"in/codes.csv\"") && source.contains("header = false") && source.contains("decimal_mark = \",\""),
        "{source}"
    );
    assert!(source.contains("# delimiter = \",\"  # found,"), "{source}");
    expect(&root, &["run"], 0);
    for (arguments, words) in [
        (&["source", "add", "in/codes.csv", "--delimiter", ";;"][..], "is not one character"),
        (&["source", "add", "in/none.csv"], "there is no such file"),
        (&["source", "add", "in/codes.csv", "--name", "two words"], "cannot be the name of a source"),
    ] {
        let told = run(&root, arguments);
        assert_eq!(told.status.code(), Some(2), "{arguments:?}: {}", text(&told.stderr));
        assert!(text(&told.stderr).contains(words), "{arguments:?}: {}", text(&told.stderr));
    }
    assert_eq!(fs::read_dir(root.join("sources")).unwrap().count(), 1);
}

#[test]
fn packed_files_and_other_formats_are_looked_into() {
    let folder = workspace();
    let root = folder.path();
    fs::write(root.join("a.json"), r#"{"data": {"rows": [{"a": 1, "b": {"c": "x"}}, {"a": 2, "b": {"c": "y"}}]}}"#).unwrap();
    fs::write(root.join("plain.csv"), CSV).unwrap();
    let packed = Command::new("gzip").args(["-k", "plain.csv"]).current_dir(root).status().unwrap();
    assert!(packed.success());
    let sniffed = |file: &str| -> Value { serde_json::from_str(&expect(root, &["source", "sniff", file, "--format", "json"], 0)).unwrap() };
    let gz = sniffed("plain.csv.gz");
    assert_eq!((&gz["delimiter"], &gz["preamble_lines"], &gz["rows"]), (&json!(";"), &json!(2), &json!(3)));
    assert_eq!(gz["confidences"]["decimal_mark"], json!(0.875), "three numbers bear the comma out");
    let json_file = sniffed("a.json");
    assert_eq!((&json_file["format"], &json_file["found"]["records"]["value"]), (&json!("json"), &json!("data.rows")));
    assert_eq!(json_file["columns"], json!([{ "name": "a", "type": "integer" }, { "name": "b_c", "type": "text" }]));
}

#[test]
fn a_connection_is_added_changed_tried_and_its_table_taken_in() {
    let folder = workspace();
    let root = folder.path().join("shop");
    let config = root.join("trommel.toml");
    fs::write(&config, "name = \"shop\" # ours\n\n# Nothing yet.\n").unwrap();
    // A database made by the product itself.
    expect(folder.path(), &["example", "car-rental", "--rows", "300", "--no-run"], 0);
    let database = folder.path().join("car-rental/data/bookings.sqlite");
    let add = ["connect", "add", "bookings", "--kind", "sqlite", "--path"];
    expect(&root, &[&add[..], &["../nowhere.sqlite"]].concat(), 0);
    assert_eq!(run(&root, &["connect", "test", "bookings"]).status.code(), Some(2));
    assert_eq!(run(&root, &[&add[..], &["x"]].concat()).status.code(), Some(2), "there is one of that name");
    expect(&root, &["connect", "edit", "bookings", "--path", &database.to_string_lossy()], 0);
    expect(&root, &["connect", "test", "bookings"], 0);
    assert!(fs::read_to_string(&config).unwrap().starts_with("name = \"shop\" # ours\n"));
    let tables = expect(&root, &["connect", "tables", "bookings"], 0);
    assert!(tables.contains("bookings") && tables.contains("about"), "{tables}");
    let shown = expect(&root, &["source", "add-table", "bookings", "bookings", "--dry-run"], 0);
    assert!(shown.contains("connection = \"bookings\"\ntable = \"bookings\""), "{shown}");
    expect(&root, &["source", "add-table", "bookings", "bookings"], 0);
    expect(&root, &["run"], 0);
    assert_ne!(csv(&root, "select count(*) as n from raw.bookings"), "n\n0\n");
    for (arguments, words) in [
        (&["source", "add-table", "bookings", "orders"][..], "orders"),
        (&["source", "add-table", "nowhere", "orders"], "there is no connection"),
        (&["source", "add-table", "bookings", "bookings", "--name", "again", "--key", "bookingid"], "has no column \"bookingid\""),
    ] {
        let told = run(&root, arguments);
        assert_ne!(told.status.code(), Some(0), "{arguments:?}");
        assert!(text(&told.stderr).contains(words), "{arguments:?}: {}", text(&told.stderr));
    }
}

#[test]
fn a_secret_is_never_said_nor_repeated() {
    let folder = workspace();
    let root = folder.path().join("shop");
    for secret in [["--password", "canary-4711"], ["--url", "postgres://ann:canary-4711@db/shop"]] {
        let asked = [&["connect", "add", "db", "--kind", "postgres", "--host", "db"][..], &secret[..]].concat();
        let told = run(&root, &asked);
        let said = format!("{}{}", text(&told.stdout), text(&told.stderr));
        assert_eq!(told.status.code(), Some(2), "{said}");
        assert!(said.contains("env:NAME") && !said.contains("canary"), "{said}");
    }
    expect(&root, &["connect", "add", "db", "--kind", "postgres", "--host", "db", "--user", "ann", "--password", "env:DB_PASSWORD"], 0);
    let config = fs::read_to_string(root.join("trommel.toml")).unwrap();
    assert!(config.contains("url = \"postgres://ann@db/\"\npassword = { env = \"DB_PASSWORD\" }"), "{config}");
}

#[test]
fn arrow_goes_out_and_comes_in() {
    let folder = workspace();
    let root = folder.path();
    fs::write(root.join("x.csv"), "a,b\n1,x\n2,\n").unwrap();
    expect(root, &["query", "select * from 'x.csv'", "-o", "x.arrow"], 0);
    assert!(fs::read(root.join("x.arrow")).unwrap().starts_with(b"ARROW1"));
    assert_eq!(csv(root, "select * from 'x.arrow'"), csv(root, "select * from 'x.csv'"));
    let streamed = run(root, &["query", "select * from 'x.csv'", "--format", "arrow"]);
    fs::write(root.join("y.arrows"), &streamed.stdout).unwrap();
    assert_eq!(csv(root, "select * from 'y.arrows'"), csv(root, "select * from 'x.csv'"));
}

#[test]
fn a_file_that_is_half_written_leaves_the_table_as_it_was() {
    let folder = workspace();
    let root = folder.path().join("shop");
    fs::create_dir_all(root.join("in")).unwrap();
    let rows: String = (1..=2_000).map(|n| format!("{n},name {n}\n")).collect();
    fs::write(root.join("in/new.csv"), format!("id,name\n{rows}")).unwrap();
    expect(&root, &["query", "select * from 'in/new.csv'", "-o", "in/whole.xlsx"], 0);
    expect(&root, &["query", "select * from 'in/new.csv'", "-o", "in/whole.json"], 0);
    for (format, half) in [("xlsx", Half::Refused), ("json", Half::Held), ("csv", Half::Held)] {
        let whole = if format == "csv" { root.join("in/new.csv") } else { root.join(format!("in/whole.{format}")) };
        let (bytes, place) = (fs::read(whole).unwrap(), root.join(format!("in/live_{format}.{format}")));
        fs::write(&place, &bytes).unwrap();
        let (name, table) = (format!("live_{format}"), format!("select count(*) as n from raw.live_{format}"));
        expect(&root, &["source", "add", &place.to_string_lossy(), "--contract"], 0);
        expect(&root, &["run", &format!("raw.{name}")], 0);
        assert_eq!(csv(&root, &table), "n\n2000\n", "{format}");
        // Cut in the middle of a record; of delimited text behind its first field, where it can be seen.
        let middle = bytes.len() / 2;
        let line = bytes[middle..].iter().position(|b| *b == b'\n').map_or(0, |at| at + 3);
        let cut = if format == "csv" { middle + line } else { middle };
        fs::write(&place, &bytes[..cut]).unwrap();
        let told = run(&root, &["run", &format!("raw.{name}")]);
        let said = format!("{}{}", text(&told.stdout), text(&told.stderr));
        match half {
            // Its index is at its end: without it there is no table at all.
            Half::Refused => {
                assert!(told.status.code().is_some_and(|c| c != 0 && c != 3), "{format}: {said}");
                assert!(said.contains(&name), "{format}: the file is named: {said}");
                assert_eq!(csv(&root, &table), "n\n2000\n", "{format}: the table is as it was");
            }
            // What is whole is taken, what is cut off is held with its place.
            Half::Held => {
                assert_eq!(told.status.code(), Some(3), "{format}: {said}");
                let held = csv(&root, &format!("select count(*) as n from quarantine.raw__{name}"));
                assert_eq!(held, "n\n1\n", "{format}: {said}");
            }
        }
        fs::write(&place, &bytes).unwrap();
        expect(&root, &["run", &format!("raw.{name}")], 0);
        assert_eq!(csv(&root, &table), "n\n2000\n", "{format}: once it is whole");
        fs::remove_file(root.join(format!("sources/{name}.toml"))).unwrap();
    }
}

/// What becomes of half a file.
#[derive(Clone, Copy)]
enum Half {
    Refused,
    Held,
}
