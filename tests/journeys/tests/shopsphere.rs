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
    // Whatever is held is told why.
    assert_eq!(number(&root, "select count(*) from quarantine.clean__order_lines where rule = '' or reason = ''"), 0);
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

/// A table of the shop: source, clean table, key in both, and columns with what each should be where nothing is at fault.
struct Judged {
    name: &'static str,
    /// The raw rows with their key, each once, as the generator names it.
    raw: &'static str,
    /// The same of the clean table.
    clean: &'static str,
    columns: &'static [&'static str],
}

/// A channel by the one way of writing it.
const CHANNEL: &str = "case lower(\"Kanal\") when 'soical' then 'social' when 'news-letter' then 'newsletter' when 'dispaly' then 'display' else lower(\"Kanal\") end";

const JUDGED: [Judged; 5] = [
    Judged {
        name: "customers",
        raw: "select customer_id as key, * from raw.customers",
        clean: "select customer_id as key, * from clean.customers",
        columns: &["name", "email", "country"],
    },
    Judged {
        name: "orders",
        raw: "select order_id as key, * from raw.orders",
        clean: "select order_id as key, * from clean.orders",
        columns: &["customer_id", "ordered_at", "status"],
    },
    Judged {
        name: "order_lines",
        raw: "select distinct line_id as key, sku, quantity, unit_price from raw.order_lines",
        clean: "select line_id as key, * from clean.order_lines",
        columns: &["sku", "quantity", "unit_price"],
    },
    Judged {
        name: "products",
        raw: "select sku as key, * from raw.products",
        clean: "select sku as key, * from clean.products",
        columns: &["title", "category", "list_price"],
    },
    Judged {
        name: "marketing",
        raw: "select strftime(\"Datum\", '%Y-%m-%d') || '/' || \"Kampagne\" || '/' || {channel} as key, \"Kanal\" as channel, \
              \"Impressionen\" as impressions, \"Klicks\" as clicks, \"Kosten\" as spend, \"Bestellungen\" as orders from raw.marketing",
        clean: "select strftime(day, '%Y-%m-%d') || '/' || campaign || '/' || channel as key, * from clean.marketing",
        columns: &["channel", "impressions", "clicks", "spend", "orders"],
    },
];

/// Rows, rows with a wrong cell, wrong cells, and clean rows that are lost, of a table held against the truth.
fn judged(root: &Path, table: &Judged) -> [u64; 5] {
    let raw = table.raw.replace("{channel}", CHANNEL);
    let truth: Vec<String> = table
        .columns
        .iter()
        .map(|c| {
            format!(
                "coalesce((select any_value(right_value) from errors e where e.\"table\" = '{}' and e.key = cast(r.key as varchar) \
                 and e.\"column\" = '{c}'), cast(r.{c} as varchar)) as {c}",
                table.name
            )
        })
        .collect();
    let faulty = format!("select key from errors where \"table\" = '{}' and fault <> 'duplicate_line'", table.name);
    let same = |c: &&str| match *c {
        "ordered_at" => "cast(c.ordered_at as timestamp) is distinct from cast(t.ordered_at as timestamp)".to_owned(),
        "unit_price" | "list_price" | "spend" => {
            format!("round(cast(c.{c} as double), 2) is distinct from round(cast(replace(t.{c}, ',', '.') as double), 2)")
        }
        _ => format!("cast(c.{c} as varchar) is distinct from t.{c}"),
    };
    let wrong: Vec<String> = table.columns.iter().map(|c| format!("cast({} as integer)", same(c))).collect();
    let sql = format!(
        "with errors as (select * from raw.errors), t as (select cast(r.key as varchar) as key, {} from ({raw}) r), c as (select * replace (cast(key as varchar) as key) from ({})), \
         j as (select c.key, {} as cells from c join t on t.key = c.key) \
         select (select count(*) from t) as truth, (select count(*) from j) as kept, (select count(*) from j where cells > 0) as wrong_rows, \
         (select coalesce(sum(cells), 0) from j) as wrong_cells, \
         (select count(*) from t where key not in (select cast(key as varchar) from ({faulty})) and key not in (select key from j)) as lost",
        truth.join(", "),
        table.clean,
        wrong.join(" + "),
    );
    let line = csv(root, &sql);
    let numbers: Vec<u64> = line.lines().nth(1).unwrap().split(',').map(|n| n.parse().unwrap()).collect();
    numbers.try_into().unwrap()
}

/// Five in a hundred records are at fault; after the pipeline less than one in a hundred is, and clean rows are kept.
#[test]
fn what_is_wrong_is_put_right_and_what_is_right_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    expect(folder.path(), &["example", "shopsphere", "--rows", "12000"], 0);
    let root = folder.path().join("shopsphere");
    let shown = expect(&root, &["runs", "show", "last"], 0);
    let source = "path = \"data/truth/errors.csv\"\n[csv]\nheader = true\n[[columns]]\nname = \"right_value\"\ntype = \"text\"\n";
    fs::write(root.join("sources/errors.toml"), source).unwrap();
    expect(&root, &["run", "raw.errors"], 0);
    let (mut rows, mut kept, mut wrong, mut cells, mut all_cells, mut lost) = (0, 0, 0, 0, 0, 0);
    for table in &JUDGED {
        let [truth, stay, wrong_rows, wrong_cells, lost_clean] = judged(&root, table);
        eprintln!(
            "{}: {truth} rows, {stay} kept, {wrong_rows} with a wrong cell, {wrong_cells} cells, {lost_clean} clean rows lost",
            table.name
        );
        let of_table = stay * table.columns.len() as u64;
        assert!(wrong_cells * 100 < of_table, "{}: {wrong_cells} of {of_table} cells are wrong", table.name);
        rows += truth;
        kept += stay;
        wrong += wrong_rows;
        cells += wrong_cells;
        all_cells += of_table;
        lost += lost_clean;
    }
    let faults = number(&root, "select count(*) from raw.errors where fault <> 'duplicate_line'");
    assert!(faults * 100 > rows * 3, "{faults} faults in {rows} rows are made");
    assert!(wrong * 100 < kept, "{wrong} of {kept} rows have a wrong cell");
    assert!(cells * 100 < all_cells, "{cells} of {all_cells} cells are wrong");
    assert!(lost * 200 <= rows - faults, "{lost} clean rows of {} are lost", rows - faults);
    // Imputation and exclusion are told with how often.
    assert!(shown.contains("empty values of \"status\" were filled with the most frequent value, \"delivered\""), "{shown}");
    assert!(shown.contains("of \"spend\" were filled with the median of each channel"), "{shown}");
    let reasons = csv(&root, "select distinct rule from quarantine.clean__orders order by 1");
    assert!(reasons.contains("not_null(customer_id)") && reasons.contains("foreign_key(customer_id"), "{reasons}");
    // The checklist stands with its dimensions.
    let list = expect(&root, &["check", "--list"], 0);
    for dimension in ["completeness", "validity", "uniqueness", "consistency", "timeliness"] {
        assert!(list.contains(dimension), "{dimension}:\n{list}");
    }
    expect(&root, &["profile", "mart.order_lines", "-o", "report.html"], 0);
    let report = fs::read_to_string(root.join("report.html")).unwrap();
    assert!(report.contains("<h1>Profile of mart.order_lines</h1>") && !report.contains("http"), "it needs nothing from elsewhere");
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
