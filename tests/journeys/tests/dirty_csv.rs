//! A dirty CSV file with nothing told: what is made out of it, what it gives, and what it says.

use std::fs;

use serde_json::{Value, json};
use trommel_journeys::{expect, run, text};

#[test]
fn a_dirty_file_is_described_loaded_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let dirty = "Orders of May;;;\n\nid;amount;id;\n007;1,50;x;\n8;2,25;\"y;\n9;z\n\nSource: the office\n";
    fs::write(root.join("it's.csv"), dirty).unwrap();

    let sniffed: Value = serde_json::from_str(&expect(root, &["source", "sniff", "it's.csv", "--format", "json"], 0)).unwrap();
    let expected = [
        ("delimiter", json!(";")),
        ("quote", json!("\"")),
        ("escape", json!("\"")),
        ("newline", json!("lf")),
        ("encoding", json!("utf-8")),
        ("header_row", json!(3)),
        ("header_rows", json!(1)),
        ("preamble_lines", json!(2)),
        ("footer_lines", json!(1)),
        ("comment", json!(null)),
        ("decimal_mark", json!(",")),
        ("rows", json!(3)),
    ];
    for (name, value) in expected {
        assert_eq!(sniffed[name], value, "{name} of {sniffed:#}");
    }
    let columns: Vec<String> = sniffed["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| format!("{} {} {}", c["name"], c["type"], c["label"]).replace('"', ""))
        .collect();
    assert_eq!(columns, ["id text id", "amount text amount", "id_2 text id", "col_3 text "]);

    let sql = "select * from 'it''s.csv'";
    let loaded = run(root, &["query", sql, "--as-text", "-o", "out.csv"]);
    assert_eq!(loaded.status.code(), Some(0), "{}", text(&loaded.stderr));
    let written = fs::read_to_string(root.join("out.csv")).unwrap();
    assert_eq!(written, "id,amount,id,\"\"\n007,\"1,50\",x,\n8,\"2,25\",\"\"\"y\",\n9,z,,\n");
    let told = text(&loaded.stderr);
    for words in ["2 lines above the table", "1 line below the table", "padded"] {
        assert!(told.contains(words), "\"{words}\" is not in:\n{told}");
    }
    // Names that are asked for are the table's.
    assert_eq!(expect(root, &["query", "select id_2 from 'it''s.csv' where id = '007'", "--format", "csv"], 0), "id_2\nx\n");
}

#[test]
fn what_is_told_overrules_what_is_sniffed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("x.csv"), "a,b;c\n1,2;3\n").unwrap();
    let told = ["source", "sniff", "x.csv", "--format", "json", "--delimiter", ";", "--header", "no"];
    let sniffed: Value = serde_json::from_str(&expect(root, &told, 0)).unwrap();
    assert_eq!((&sniffed["delimiter"], &sniffed["header_row"], &sniffed["confidence"]), (&json!(";"), &json!(null), &json!(1.0)));
    for bad in [["source", "sniff", "gone.csv"], ["source", "sniff", "empty.csv"]] {
        fs::write(root.join("empty.csv"), "").unwrap();
        expect(root, &bad, 2);
    }
}
