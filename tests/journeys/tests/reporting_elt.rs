//! The reporting example: a replica's tables, read where they stand, become two fact tables. The replica is a file, and a server.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic, and says what it leaves out")]

mod servers;

use std::fs;
use std::path::Path;
use std::process::Command;

use servers::{csv, mysql, postgres};
use trommel_journeys::{expect, run, text};

/// What is in the fact tables, whatever the replica is.
fn facts(root: &Path) -> String {
    expect(root, &["run"], 0);
    let sales = csv(
        root,
        "select count(*) as n, sum(pieces) as pieces, sum(paid_eur) as paid, sum(net_eur) as net, min(day) as first, max(day) as last from mart.sales",
    );
    let customers = csv(root, "select count(*) as n, sum(orders) as orders, sum(net_eur) as net, min(since) as since from mart.customers");
    let months = csv(root, "select count(*) as n, sum(net_eur) as net from mart.months");
    format!("{sales}{customers}{months}")
}

fn example(folder: &Path, more: &[&str]) -> std::path::PathBuf {
    let mut arguments = vec!["example", "reporting-elt", "--rows", "3000", "--folder", "report"];
    arguments.extend(more);
    expect(folder, &arguments, 0);
    folder.join("report")
}

#[test]
fn a_replica_becomes_two_fact_tables() {
    let folder = tempfile::tempdir().unwrap();
    let root = example(folder.path(), &[]);
    let embedded = facts(&root);
    // The same sums by the database alone.
    let sold = "select count(*) as n, sum(l.pieces) as pieces from replica.orders o join replica.order_lines l on l.order_id = o.id \
                where o.status in ('paid', 'shipped', 'returned')";
    let direct = csv(&root, sold);
    assert!(embedded.lines().nth(1).unwrap().starts_with(direct.lines().nth(1).unwrap()), "{embedded}\n{direct}");
    let plan = expect(&root, &["plan"], 0);
    assert!(plan.contains("reads replica.customers, replica.order_lines, replica.orders, replica.products"), "{plan}");
    let shown = expect(&root, &["runs", "show", "last"], 0);
    assert!(shown.contains("replica.products: 240 rows read, 2 of 5 columns"), "{shown}");
    let explained = csv(&root, "select status, count(*) from replica.orders where id > 100 group by status");
    assert!(explained.starts_with("status,count_star()"), "{explained}");
    let explain = expect(
        &root,
        &[
            "query",
            "select id from replica.orders where customer_id = 7 and ordered_at > '2024-01-01' limit 3",
            "--explain",
            "--format",
            "csv",
        ],
        0,
    );
    for part in [
        "sends,",
        "WHERE \"\"customer_id\"\" = ?",
        "columns,\"id, customer_id, ordered_at (3 of 6)\"",
        "pushed,customer_id = 7",
        "kept here,",
        "limit,none: some conditions are looked at here",
    ] {
        assert!(explain.contains(part), "{part} is not in\n{explain}");
    }
    let left: Vec<_> = fs::read_dir(root.join(".trommel/cache"))
        .unwrap()
        .filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().starts_with("remote-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    for (query, hint) in [
        ("select * from replika.main.orders", "replica"),
        ("select * from replica.ordes", "orders"),
        ("select idd from replica.orders", "id"),
    ] {
        let out = run(&root, &["query", query]);
        assert_eq!(out.status.code(), Some(2), "{query}: {}", text(&out.stderr));
        assert!(text(&out.stderr).contains(hint), "{query}: {}", text(&out.stderr));
    }

    for (option, url) in [("--postgres", postgres()), ("--mysql", mysql())] {
        let Some(url) = url else { continue };
        let folder = tempfile::tempdir().unwrap();
        let root = example(folder.path(), &[option, &url]);
        load(option, &url, &root.join("data/replica.sql"));
        let config = fs::read_to_string(root.join("trommel.toml")).unwrap();
        let ca = std::env::var("TROMMEL_TEST_CA").unwrap();
        let secret = format!("url = \"{url}\"\nca = \"{ca}\"\npassword = {{ env = \"TROMMEL_TEST_PASSWORD\" }}");
        fs::write(root.join("trommel.toml"), config.replacen(&format!("url = \"{url}\""), &secret, 1)).unwrap();
        assert_eq!(facts(&root), embedded, "{option}");
    }
}

/// The server's own client loads the script.
fn load(option: &str, url: &str, script: &Path) {
    let password = std::env::var("TROMMEL_TEST_PASSWORD").unwrap();
    let done = if option == "--postgres" {
        Command::new("psql").args(["-q", "-v", "ON_ERROR_STOP=1", url, "-f"]).arg(script).env("PGPASSWORD", password).output()
    } else {
        let port = url.rsplit_once(':').and_then(|(_, rest)| rest.split('/').next()).unwrap();
        Command::new("mariadb")
            .args([
                "--no-defaults",
                "--host=127.0.0.1",
                "--user=trommel",
                "--ssl-verify-server-cert=0",
                &format!("--port={port}"),
                "trommel",
            ])
            .stdin(fs::File::open(script).unwrap())
            .env("MYSQL_PWD", password)
            .output()
    }
    .unwrap();
    assert!(done.status.success(), "{}", text(&done.stderr));
}
