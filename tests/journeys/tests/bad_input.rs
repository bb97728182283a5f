//! Bad input gets a clear error, and nothing is lost.

use std::fs;
use std::path::Path;

use trommel_journeys::{expect, run, text};

/// Runs a verb, asserts its exit code and that standard error has every one of these words.
fn refused(root: &Path, arguments: &[&str], code: i32, words: &[&str]) {
    let out = run(root, arguments);
    let err = text(&out.stderr);
    assert_eq!(out.status.code(), Some(code), "trommel {}: {err}", arguments.join(" "));
    for word in words {
        assert!(err.to_lowercase().contains(&word.to_lowercase()), "trommel {}: \"{word}\" is not in:\n{err}", arguments.join(" "));
    }
}

#[test]
fn files_of_every_kind_of_bad() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let write = |name: &str, bytes: &[u8]| fs::write(root.join(name), bytes).unwrap();
    write("orders.csv", b"id,name\n1,a\n");
    write("empty.csv", b"");
    write("header.csv", b"id,name\n");
    write("ragged.csv", b"id,name,city\n1,a,x\n2,b\n3,c,z\n");
    write("open.csv", b"id,name\n1,\"never closed\n2,b\n3,c\n");
    write("nul.csv", b"id,name\n1,a\0b\n2,c\n");
    write("latin.csv", b"id,name\n1,Jos\xe9\n2,Fran\xe7ois\n");
    write("bom.csv", b"\xef\xbb\xbfid,name\n1,a\n");
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain("id,name\n1,é\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    write("utf16.csv", &utf16);
    write("double.csv", b"id,id,name\n1,2,a\n");
    write("cut.json", b"[{\"a\": 1}, {\"a\": 2}, {\"a\":");
    write("fake.db", b"this is not a database at all, only text that goes on for a while");
    write("we[i]rd.csv", b"a\n7\n");

    refused(root, &["query", "select * from 'order.csv'"], 2, &["no such file", "orders.csv"]);
    refused(root, &["query", "select * from 'empty.csv'"], 2, &["empty"]);
    refused(root, &["query", "select * from 'fake.db'"], 2, &["database"]);
    let csv = |sql: &str| expect(root, &["query", sql, "--format", "csv"], 0).replace("\r\n", "\n");
    assert_eq!(csv("select * from 'header.csv'"), "id,name\n");
    assert_eq!(csv("select count(*) as n, count(city) as cities from 'ragged.csv'"), "n,cities\n3,2\n");
    assert_eq!(csv("select name from 'latin.csv' order by id"), "name\nJosé\nFrançois\n");
    assert_eq!(csv("select * from 'bom.csv'"), "id,name\n1,a\n");
    assert_eq!(csv("select * from 'utf16.csv'"), "id,name\n1,é\n");
    assert_eq!(csv("select count(*) as n from 'double.csv'"), "n\n1\n");
    assert_eq!(csv("select count(*) as n from 'cut.json'"), "n\n2\n");
    assert_eq!(csv("select * from 'we[i]rd.csv'"), "a\n7\n", "an existing path is taken literally");
    assert!(csv("select count(*) as n from 'nul.csv'").ends_with("2\n"));
    assert!(csv("select count(*) as n from 'open.csv'").contains('n'));
    let ragged = run(root, &["query", "select * from 'ragged.csv'"]);
    assert!(text(&ragged.stderr).contains("padded"), "what was padded is told: {}", text(&ragged.stderr));
}

#[test]
fn faults_in_a_workspace_say_where() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    refused(root, &["run"], 2, &["not a workspace", "trommel init"]);
    expect(root, &["init", "shop"], 0);
    let shop = root.join("shop");
    let write = |path: &str, text: &str| {
        let path = shop.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("orders.csv", "id,amount\n1,2\n");
    write("sources/orders.toml", "path = \"orders.csv\"\n");
    write("models/mart/a.sql", "select * from ref('raw.ordres')\n");
    refused(&shop, &["plan"], 2, &["raw.ordres", "raw.orders", "a.sql"]);
    write("models/mart/a.sql", "select * from ref('mart.b')\n");
    write("models/mart/b.sql", "select * from ref('mart.a')\n");
    refused(&shop, &["plan"], 2, &["mart.a", "mart.b"]);
    fs::remove_file(shop.join("models/mart/b.sql")).unwrap();
    write("models/mart/a.sql", "select amuont from ref('raw.orders')\n");
    refused(&shop, &["run"], 2, &["amuont", "amount", "a.sql"]);
    write("models/mart/a.sql", "select amount from ref('raw.orders')\n");
    write("sources/orders.toml", "path = \"orders.csv\"\nlaod = \"full\"\n");
    refused(&shop, &["plan"], 2, &["laod", "load", ":2:1", "orders.toml"]);
    write("sources/orders.toml", "path = \"orders.csv\"\n");
    expect(&shop, &["run"], 0);
    refused(&shop, &["query", "mart.aa"], 2, &["mart.a"]);
    refused(&shop, &["runs", "show", "nope"], 2, &["nope"]);
    refused(&shop, &["rnu"], 2, &["run"]);
}

#[test]
fn a_failing_gate_publishes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("sources")).unwrap();
    fs::write(root.join("trommel.toml"), "name = \"gate\"\n").unwrap();
    fs::write(root.join("orders.csv"), "id\n1\n1\n").unwrap();
    fs::write(
        root.join("sources/orders.toml"),
        "path = \"orders.csv\"\n[[checks]]\ncheck = \"unique\"\ncolumns = [\"id\"]\naction = \"fail\"\n",
    )
    .unwrap();
    refused(root, &["run"], 5, &["unique(id)"]);
    refused(root, &["query", "raw.orders"], 2, &["raw.orders"]);
    fs::write(root.join("orders.csv"), "id\n1\n2\n").unwrap();
    expect(root, &["run"], 0);
    expect(root, &["query", "raw.orders", "--format", "csv"], 0);
}

#[test]
fn user_sql_cannot_leave_its_room() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for sql in [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "copy (select 1) to 'out.csv'",
        "attach 'x.db'",
        "install httpfs",
        "set enable_external_access = true",
    ] {
        let out = run(root, &["query", sql]);
        assert_ne!(out.status.code(), Some(0), "{sql} went through: {}", text(&out.stdout));
        assert!(!text(&out.stdout).contains("root:"), "{sql} read the file");
    }
    assert!(!root.join("out.csv").exists());
}
