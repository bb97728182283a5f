//! From tables of a real server to tables of the lake, through the binary.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic, and says what it leaves out")]

mod servers;

use std::fs;
use std::path::{Path, PathBuf};

use servers::{csv, postgres, psql, workspace};
use trommel_journeys::{expect, run, text};

#[test]
fn a_table_runs_into_the_lake_with_its_bad_rows_held() {
    let Some(url) = postgres() else { return };
    psql(
        &url,
        "drop schema if exists journey cascade; create schema journey; create table journey.orders (id int, price numeric(9,2), day text);
                insert into journey.orders values (1, 9.50, '2024-02-29'), (2, 10, '2024-02-30'), (3, null, null)",
    );
    let source = "connection = \"shop\"\ntable = \"journey.orders\"\n\n[[columns]]\nname = \"day\"\ntype = \"date\"\n";
    let folder = workspace(&url, source, "");
    let root = folder.path();
    expect(root, &["run"], 3);
    assert_eq!(csv(root, "select id, price, day from raw.orders order by id"), "id,price,day\n1,9.50,2024-02-29\n3,,\n");
    assert_eq!(csv(root, "select line, rule from quarantine.raw__orders"), "line,rule\n2,cast(date)\n");
    let preview = expect(root, &["source", "preview", "orders", "--format", "csv"], 0);
    assert!(preview.contains("9.50"), "{preview}");
    psql(&url, "update journey.orders set day = '2024-03-01' where id = 2");
    expect(root, &["run"], 0);
    assert_eq!(csv(root, "select count(*) as n from raw.orders"), "n\n3\n");
    psql(&url, "drop table journey.orders");
    let gone = run(root, &["run"]);
    assert_ne!(gone.status.code(), Some(0));
    assert_eq!(csv(root, "select count(*) as n from raw.orders"), "n\n3\n", "a failed run leaves the table as it was");
}

#[test]
fn only_what_is_new_is_read_and_a_key_replaces() {
    let Some(url) = postgres() else { return };
    psql(
        &url,
        "drop schema if exists growing cascade; create schema growing; create table growing.orders (id int, v text, at timestamp);
                insert into growing.orders select g, 'old', timestamp '2024-01-01' + g * interval '1 hour' from generate_series(1, 48) g",
    );
    let source = "connection = \"shop\"\ntable = \"growing.orders\"\nload = \"incremental\"\ncursor = \"at\"\nlookback = \"2 hours\"\nkey = [\"id\"]\n";
    let folder = workspace(&url, source, "");
    let root = folder.path();
    let rows = || csv(root, "select count(*) as n, count(distinct id) as ids, count(*) filter (where v = 'new') as new from raw.orders");
    expect(root, &["run"], 0);
    assert_eq!(rows(), "n,ids,new\n48,48,0\n");
    // One row is changed, one is added, one comes late within the look-back, and one changes unseen by the cursor.
    psql(
        &url,
        "update growing.orders set v = 'new', at = '2024-01-04' where id = 7;
                insert into growing.orders values (49, 'new', '2024-01-04 01:00'), (50, 'new', '2024-01-02 23:30');
                update growing.orders set v = 'new' where id = 3",
    );
    expect(root, &["run"], 0);
    assert_eq!(rows(), "n,ids,new\n50,50,3\n");
    expect(root, &["run"], 0);
    assert_eq!(rows(), "n,ids,new\n50,50,3\n", "a run more changes nothing");
    expect(root, &["run", "--full-refresh"], 0);
    assert_eq!(rows(), "n,ids,new\n50,50,4\n");
    psql(&url, "insert into growing.orders values (51, 'new', '2024-01-05')");
    expect(root, &["run"], 0);
    assert_eq!(rows(), "n,ids,new\n51,51,5\n");
}

#[test]
fn a_connection_is_tested_with_exit_codes() {
    let Some(url) = postgres() else { return };
    psql(&url, "create table if not exists public.tested as select 1 as one");
    let source = "connection = \"shop\"\ntable = \"public.tested\"\n";
    let more = format!(
        "\n[[connections]]\nname = \"down\"\nkind = \"postgres\"\nurl = \"postgres://x@127.0.0.1:1/x\"\n\n\
         [[connections]]\nname = \"nobody\"\nkind = \"postgres\"\nurl = \"{url}\"\npassword = {{ file = \"wrong\" }}\n"
    );
    let folder = workspace(&url, source, &more);
    let root = folder.path();
    fs::write(root.join("wrong"), "canary-4711").unwrap();
    let well = expect(root, &["connect", "test", "shop"], 0);
    for stage in ["name", "reach", "TLS", "authentication", "privilege", "one row", " ms)"] {
        assert!(well.contains(stage), "{stage} is not in:\n{well}");
    }
    let down = run(root, &["connect", "test", "down"]);
    assert_eq!(down.status.code(), Some(4), "{}{}", text(&down.stdout), text(&down.stderr));
    let nobody = run(root, &["connect", "test", "nobody"]);
    assert_eq!(nobody.status.code(), Some(7), "{}{}", text(&nobody.stdout), text(&nobody.stderr));
    assert!(!format!("{}{}", text(&nobody.stdout), text(&nobody.stderr)).contains("canary"));
    assert!(expect(root, &["connect", "tables", "shop"], 0).contains("public.tested"));
    assert!(expect(root, &["connect", "list"], 0).contains("postgres"));
}

#[test]
fn a_password_in_a_workspace_is_refused_and_not_shown() {
    for line in ["url = \"postgres://ann:canary-4711@db/shop\"", "url = \"postgres://db/shop\"\npassword = \"canary-4711\""] {
        let folder = tempfile::tempdir().unwrap();
        let config = format!("name = \"shop\"\n[[connections]]\nname = \"shop\"\nkind = \"postgres\"\n{line}\n");
        fs::write(folder.path().join("trommel.toml"), config).unwrap();
        let out = run(folder.path(), &["source", "list"]);
        let said = format!("{}{}", text(&out.stdout), text(&out.stderr));
        assert_eq!(out.status.code(), Some(2), "{said}");
        assert!(said.contains("password is written") && said.contains("env =") && !said.contains("canary"), "{said}");
    }
}

/// Every file under a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[test]
fn a_password_that_was_typed_is_kept_in_one_place_and_shown_in_none() {
    let Some(url) = postgres() else { return };
    psql(
        &url,
        "drop schema if exists canary cascade; create schema canary; create table canary.birds as select 1 as id, 'yellow' as colour",
    );
    let secret = std::env::var("TROMMEL_TEST_PASSWORD").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("trommel.toml"), "name = \"aviary\"\n").unwrap();
    let (user, place) = url.split_once("://").unwrap().1.split_once('@').unwrap();
    let ((host, port), database) = {
        let (host, database) = place.split_once('/').unwrap();
        (host.split_once(':').unwrap(), database)
    };
    let ca = std::env::var("TROMMEL_TEST_CA").unwrap();
    let said = std::cell::RefCell::new(String::new());
    let told = |arguments: &[&str], input: &str| {
        let mut child = trommel_journeys::trommel(root, arguments)
            // No desktop here: the password goes to a file of the user's own.
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
            .env_remove("TROMMEL_TEST_PASSWORD")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).ok();
        let done = child.wait_with_output().unwrap();
        let words = format!("{}{}", text(&done.stdout), text(&done.stderr));
        said.borrow_mut().push_str(&words);
        (done.status.code(), words)
    };
    let add = [
        "connect",
        "add",
        "birds",
        "--kind",
        "postgres",
        "--host",
        host,
        "--port",
        port,
        "--user",
        user,
        "--database",
        database,
        "--ca",
        &ca,
        "--password-stdin",
    ];
    let (code, words) = told(&add, &format!("{secret}\n"));
    assert_eq!(code, Some(0), "{words}");
    assert!(words.contains("which only you can read"), "{words}");
    for arguments in [
        &["connect", "test", "birds"][..],
        &["connect", "list"],
        &["connect", "tables", "birds"],
        &["source", "add-table", "birds", "canary.birds"],
        &["run"],
        &["runs", "show", "last"],
        &["runs", "logs", "last"],
        &["query", "select * from raw.birds", "--format", "csv"],
        &["doctor"],
    ] {
        let (code, words) = told(arguments, "");
        assert_eq!(code, Some(0), "{arguments:?}: {words}");
    }
    psql(&url, "drop schema canary cascade");
    told(&["run", "--full-refresh"], "");
    assert!(!said.borrow().contains(&secret), "a verb repeats the password");
    let mut all = Vec::new();
    files(root, &mut all);
    let holders: Vec<_> = all
        .iter()
        .filter(|f| memmem(&fs::read(f).unwrap(), secret.as_bytes()))
        .map(|f| f.strip_prefix(root).unwrap().display().to_string())
        .collect();
    assert_eq!(holders, [".user/secrets/aviary-birds"], "of {} files", all.len());
}

fn memmem(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len()).any(|w| w == wanted)
}
