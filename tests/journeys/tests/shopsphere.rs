//! The shop: three systems become one, from files and from real servers, and a run more changes nothing.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic, and says what it leaves out")]

use std::fs;
use std::path::Path;
use std::process::Command;

use trommel_journeys::{expect, run, text, trommel};

fn csv(root: &Path, sql: &str) -> String {
    expect(root, &["query", sql, "--format", "csv"], 0).replace("\r\n", "\n")
}

fn number(root: &Path, sql: &str) -> u64 {
    csv(root, sql).lines().nth(1).unwrap().parse().unwrap()
}

#[test]
fn the_shop_runs_from_files() {
    let folder = tempfile::tempdir().unwrap();
    expect(folder.path(), &["example", "shopsphere", "--rows", "6000"], 0);
    let root = folder.path().join("shopsphere");
    let twice = number(&root, "select count(*) from 'data/truth/errors.csv' where fault = 'duplicate_line'");
    assert_eq!(
        number(&root, "select count(*) from raw.order_lines") - number(&root, "select count(distinct line_id) from raw.order_lines"),
        twice
    );
    // Every line without a price, with a price of a thousand and more, or for less than one is held, and nothing else.
    let bad =
        "select count(*) from (select distinct line_id from raw.order_lines where unit_price is null or unit_price > 1000 or quantity < 1)";
    assert_eq!(number(&root, "select count(*) from quarantine.clean__order_lines"), number(&root, bad));
    let slips = "select count(*) from 'data/truth/errors.csv' where fault in ('missing_price', 'negative_quantity')";
    assert!(number(&root, bad) >= number(&root, slips));
    // Revenue of the mart is that of the days.
    let (of_lines, of_days) = ("select sum(amount) from mart.order_lines", "select sum(revenue) from mart.daily_sales");
    assert_eq!(csv(&root, of_lines).lines().nth(1), csv(&root, of_days).lines().nth(1));
    assert_eq!(number(&root, "select count(*) from raw.marketing"), 120 * 12);
    let board = expect(&root, &["board"], 0);
    for kpi in ["Revenue", "Orders", "Average order", "Marketing spend", "Cost per click", "Cost per order"] {
        assert!(board.contains(kpi), "{kpi} is not on the board:\n{board}");
    }
    let before = expect(&root, &["lake", "snapshots", "--format", "csv"], 0);
    run(&root, &["run"]);
    assert_eq!(before, expect(&root, &["lake", "snapshots", "--format", "csv"], 0), "a run with nothing new publishes nothing");
}

/// A URL of a throw-away server of `scripts/servers`, told as a secret is told.
fn server(name: &str) -> Option<String> {
    let url = std::env::var(name).ok();
    if url.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "no server: {name} is not set");
        eprintln!("LEFT OUT: {name} is not set; eval \"$(scripts/servers start)\"");
    }
    url
}

/// A URL with the test's password in it, for a file that only this test reads, and a database of its own.
fn with(url: &str, database: &str) -> String {
    let password = std::env::var("TROMMEL_TEST_PASSWORD").unwrap();
    let (scheme, rest) = url.split_once("://").unwrap();
    let (user, place) = rest.split_once('@').unwrap();
    let (host, _) = place.split_once('/').unwrap();
    format!("{scheme}://{user}:{password}@{host}/{database}")
}

fn sql(program: &str, arguments: &[&str]) {
    let password = std::env::var("TROMMEL_TEST_PASSWORD").unwrap();
    let done = Command::new(program).args(arguments).env("PGPASSWORD", &password).env("MYSQL_PWD", &password).output().unwrap();
    assert!(done.status.success(), "{}", text(&done.stderr));
}

fn mariadb(url: &str, statement: &str) {
    let (user, place) = url.split_once("://").unwrap().1.split_once('@').unwrap();
    let (host, port) = place.split_once('/').unwrap().0.split_once(':').unwrap();
    sql("mariadb", &["-h", host, "-P", port, "-u", user, "--protocol=tcp", "--skip-ssl", "-e", statement]);
}

#[test]
fn the_shop_runs_from_real_servers_and_reads_only_what_changed() {
    let (Some(postgres), Some(mysql)) = (server("TROMMEL_TEST_POSTGRES"), server("TROMMEL_TEST_MYSQL")) else { return };
    sql("psql", &["-q", &postgres, "-c", "drop database if exists sphere"]);
    sql("psql", &["-q", &postgres, "-c", "create database sphere"]);
    mariadb(&mysql, "drop database if exists sphere; create database sphere");
    let folder = tempfile::tempdir().unwrap();
    let asked = ["example", "shopsphere", "--rows", "3000", "--postgres", "env:SPHERE_PG", "--mysql", "env:SPHERE_MY"];
    let here = |at: &Path, arguments: &[&str]| {
        let mut command = trommel(at, arguments);
        command.env("SPHERE_PG", with(&postgres, "sphere")).env("SPHERE_MY", with(&mysql, "sphere"));
        let done = command.output().unwrap();
        let said = format!("{}{}", text(&done.stdout), text(&done.stderr));
        assert!(matches!(done.status.code(), Some(0 | 3)), "{arguments:?}: {said}");
        let secret = std::env::var("TROMMEL_TEST_PASSWORD").unwrap();
        assert!(!said.contains(&secret), "{arguments:?} repeats the password");
        text(&done.stdout)
    };
    here(folder.path(), &asked);
    let root = folder.path().join("shopsphere");
    let config = fs::read_to_string(root.join("trommel.toml")).unwrap();
    assert!(config.contains("url = { env = \"SPHERE_PG\" }") && !config.contains("sqlite"), "{config}");
    let orders = number(&root, "select count(*) from raw.orders");
    assert_eq!(orders, 1_000);
    mariadb(&mysql, "update sphere.orders set status = 'returned', updated_at = '2025-12-24' where order_id = 500001");
    mariadb(&mysql, "insert into sphere.orders values (999999, 10001, '2025-10-31 20:00:00', 'shipped', '2025-12-24 01:00:00')");
    here(&root, &["run"]);
    assert_eq!(number(&root, "select count(*) from raw.orders"), orders + 1);
    assert_eq!(csv(&root, "select status from raw.orders where order_id = 500001"), "status\nreturned\n");
    // The same place a second time: tables that are there are not touched.
    let again = trommel(folder.path(), &[&asked[..], &["--folder", "other"]].concat())
        .env("SPHERE_PG", with(&postgres, "sphere"))
        .env("SPHERE_MY", with(&mysql, "sphere"))
        .output()
        .unwrap();
    assert_eq!(again.status.code(), Some(2), "{}", text(&again.stderr));
    assert!(text(&again.stderr).contains("there is a table"), "{}", text(&again.stderr));
    assert!(!folder.path().join("other").exists());
}
