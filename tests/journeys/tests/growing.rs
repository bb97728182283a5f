//! Tables that grow, change and shrink in a real server, and what the lake makes of it, through the binary.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic, and says what it leaves out")]

mod servers;

use std::fs;
use std::path::Path;

use serde_json::Value;
use servers::{csv, mariadb, mysql, postgres, psql, workspace};
use trommel_journeys::{expect, run, text};

/// A source with a key and a cursor, and more.
fn source(table: &str, more: &str) -> String {
    format!("connection = \"shop\"\ntable = \"{table}\"\nload = \"incremental\"\ncursor = \"at\"\nkey = [\"id\"]\n{more}")
}

/// Counts of the one step of the last run: in, out, filtered, merged.
fn counts(root: &Path) -> [u64; 4] {
    let shown: Value = serde_json::from_str(&expect(root, &["runs", "show", "last", "--format", "json"], 0)).unwrap();
    let counts = &shown["steps"][0];
    ["rows_in", "rows_out", "filtered", "merged"].map(|name| counts[name].as_u64().unwrap())
}

const ROWS: &str = "select count(*) as n, min(id) as least, max(id) as most from raw.orders";

#[test]
fn a_part_is_read_again_and_replaces_itself() {
    let Some(url) = postgres() else { return };
    psql(
        &url,
        "drop schema if exists parts cascade; create schema parts; create table parts.orders (id int, v text, at timestamp);
         insert into parts.orders select g, 'old', timestamp '2024-01-01' + g * interval '1 day' from generate_series(0, 59) g",
    );
    let folder = workspace(&url, &source("parts.orders", ""), "");
    let root = folder.path();
    expect(root, &["run"], 0);
    // Old rows are changed, one goes and one comes, all unseen by the cursor.
    psql(
        &url,
        "update parts.orders set v = 'new' where id in (5, 20, 40); delete from parts.orders where id = 21;
         insert into parts.orders values (100, 'new', '2024-01-20 12:00')",
    );
    expect(root, &["run"], 0);
    assert_eq!(csv(root, "select count(*) as n from raw.orders where v = 'new'"), "n\n0\n");
    let plan = expect(root, &["plan", "--from", "2024-01-15", "--to", "2024-02-01"], 0);
    assert!(plan.contains("from 2024-01-15 to 2024-02-01 again"), "{plan}");
    expect(root, &["run", "--from", "2024-01-15", "--to", "2024-02-01"], 0);
    // 17 days, one gone and one more: 17 rows came in place of 17.
    assert_eq!(counts(root), [34, 17, 0, 17]);
    assert_eq!(csv(root, "select string_agg(id::varchar, ' ' order by id) as ids from raw.orders where v = 'new'"), "ids\n20 100\n");
    assert_eq!(csv(root, ROWS), "n,least,most\n60,0,100\n");
    expect(root, &["run", "--from", "2024-01-15", "--to", "2024-02-01"], 0);
    assert_eq!(csv(root, ROWS), "n,least,most\n60,0,100\n", "twice is once");
    // The next run goes on where the last one ended.
    psql(&url, "insert into parts.orders values (200, 'new', '2024-03-05')");
    expect(root, &["run"], 0);
    assert_eq!(csv(root, ROWS), "n,least,most\n61,0,200\n");
    let both = run(root, &["run", "--from", "2024-01-15", "--full-refresh"]);
    assert_eq!(both.status.code(), Some(2), "{}", text(&both.stderr));
}

#[test]
fn a_row_that_is_held_and_comes_again_is_held_once_and_joins_when_it_is_mended() {
    let Some(url) = postgres() else { return };
    psql(
        &url,
        "drop schema if exists again cascade; create schema again; create table again.orders (id int, v text, at timestamp);
         insert into again.orders values (1, '1', '2024-01-01'), (2, 'x', '2024-01-02'), (3, 'y', '2024-01-02')",
    );
    let contract = "[[columns]]\nname = \"v\"\ntype = \"integer\"\n";
    let folder = workspace(&url, &source("again.orders", contract), "");
    let root = folder.path();
    let held = "select string_agg(line, ' ') as lines from (select count(*)::varchar as line from quarantine.raw__orders group by raw order by raw)";
    for _ in 0..3 {
        // The newest rows are read again by every run.
        expect(root, &["run"], 3);
        assert_eq!(csv(root, held), "lines\n1 1\n");
        assert_eq!(csv(root, ROWS), "n,least,most\n1,1,1\n");
    }
    psql(&url, "update again.orders set v = '7', at = '2024-01-03' where id = 2");
    expect(root, &["run"], 3);
    assert_eq!((csv(root, held), csv(root, ROWS)), ("lines\n1\n".to_owned(), "n,least,most\n2,1,2\n".to_owned()));
    psql(&url, "update again.orders set v = '8', at = '2024-01-04' where id = 3");
    expect(root, &["run"], 0);
    assert_eq!(csv(root, "select count(*) as n from quarantine.raw__orders"), "n\n0\n");
    assert_eq!(csv(root, ROWS), "n,least,most\n3,1,3\n");
}

#[test]
fn a_part_of_files_is_chosen_by_the_day_in_their_name() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("sources")).unwrap();
    fs::create_dir_all(root.join("in")).unwrap();
    fs::write(root.join("trommel.toml"), "name = \"shop\"\n[[connections]]\nname = \"in\"\nkind = \"folder\"\npath = \"in\"\n").unwrap();
    fs::write(root.join("sources/orders.toml"), "connection = \"in\"\npath = \"*.csv\"\nload = \"new_files\"\n").unwrap();
    for day in 1..=5 {
        fs::write(root.join(format!("in/orders_2024-03-0{day}.csv")), format!("id\n{day}\n")).unwrap();
    }
    expect(root, &["run", "--from", "2024-03-02", "--to", "2024-03-04"], 0);
    assert_eq!(csv(root, "select string_agg(id::varchar, ' ' order by id) as ids from raw.orders"), "ids\n2 3\n");
    expect(root, &["run"], 0);
    assert_eq!(csv(root, "select count(*) as n from raw.orders"), "n\n5\n");
    expect(root, &["run", "--from", "2024-03-05"], 0);
    assert_eq!(csv(root, "select count(*) as n from raw.orders"), "n\n5\n", "a file replaces its own rows");
    let odd = run(root, &["run", "--from", "yesterday"]);
    assert_ne!(odd.status.code(), Some(0), "{}", text(&odd.stdout));
}

#[test]
fn rows_that_are_marked_as_deleted_go() {
    let Some(url) = postgres() else { return };
    psql(
        &url,
        "drop schema if exists marks cascade; create schema marks; create table marks.orders (id int, at timestamp, deleted_at timestamp);
         insert into marks.orders select g, timestamp '2024-01-01' + g * interval '1 day', case when g = 3 then now() end from generate_series(1, 10) g",
    );
    let folder = workspace(&url, &source("marks.orders", "deletes = { column = \"deleted_at\" }\n"), "");
    let root = folder.path();
    expect(root, &["run"], 0);
    assert_eq!((counts(root), csv(root, ROWS)), ([10, 9, 1, 0], "n,least,most\n9,1,10\n".to_owned()));
    psql(
        &url,
        "update marks.orders set deleted_at = now(), at = '2024-02-01' where id in (1, 10); insert into marks.orders values (11, '2024-02-02', null)",
    );
    expect(root, &["run"], 0);
    // Three rows came (and the last one again, by its key), two of them marked; three old ones made place.
    assert_eq!(csv(root, ROWS), "n,least,most\n8,2,11\n");
    let [rows_in, rows_out, filtered, merged] = counts(root);
    assert_eq!((rows_in, filtered), (rows_out + filtered + merged, 2));
    assert!(expect(root, &["plan"], 0).contains("rows with deleted_at are removed"));
}

#[test]
fn a_row_that_came_again_is_not_compared_with_what_it_was() {
    let Some(url) = postgres() else { return };
    psql(
        &url,
        "drop schema if exists again cascade; create schema again; create table again.orders (id int, v int, at timestamp);
         insert into again.orders values (1, 10, '2024-01-01'), (2, 20, '2024-01-02'), (3, 30, '2024-01-03')",
    );
    let checks = "[[checks]]\ncheck = \"unique\"\ncolumns = [\"id\"]\naction = \"fail\"\n\
        [[checks]]\ncheck = \"unique\"\ncolumns = [\"v\"]\naction = \"quarantine\"\n";
    let folder = workspace(&url, &source("again.orders", checks), "");
    let root = folder.path();
    expect(root, &["run"], 0);
    // 2 comes again; 4 has the value that 3 has, and 3 comes again with another one.
    psql(
        &url,
        "update again.orders set at = '2024-02-01' where id = 2; update again.orders set v = 31, at = '2024-02-02' where id = 3;
         insert into again.orders values (4, 30, '2024-02-03')",
    );
    expect(root, &["run"], 0);
    let all = "select string_agg(id || ':' || v, ' ' order by id) as all from raw.orders";
    assert_eq!(csv(root, all), "all\n1:10 2:20 3:31 4:30\n");
    // 5 has the value that 1 has, and 2 comes again.
    psql(&url, "update again.orders set v = 21, at = '2024-03-01' where id = 2; insert into again.orders values (5, 10, '2024-03-02')");
    expect(root, &["run"], 3);
    let held = csv(root, "select count(*) as n from quarantine.raw__orders");
    assert_eq!((csv(root, all).as_str(), held.as_str()), ("all\n1:10 2:21 3:31 4:30\n", "n\n1\n"));
}

#[test]
fn rows_whose_key_is_gone_go() {
    let rows = "id int, at timestamp";
    if let Some(url) = postgres() {
        psql(&url, &format!("drop schema if exists keys cascade; create schema keys; create table keys.orders ({rows})"));
        psql(&url, "insert into keys.orders select g, timestamp '2024-01-01' + g * interval '1 day' from generate_series(1, 50) g");
        vanish(&url, "keys.orders", &|sql| psql(&url, sql));
    }
    if let Some(url) = mysql() {
        mariadb(&url, &format!("drop table if exists keys_orders; create table keys_orders ({rows})"));
        mariadb(&url, "insert into keys_orders select seq, date_add('2024-01-01', interval seq day) from seq_1_to_50");
        vanish(&url, "keys_orders", &|sql| mariadb(&url, sql));
    }
}

fn vanish(url: &str, table: &str, server: &dyn Fn(&str)) {
    let folder = workspace(url, &source(table, "deletes = \"compare_keys\"\n"), "");
    let root = folder.path();
    expect(root, &["run"], 0);
    server(&format!("delete from {table} where id in (1, 25, 50)"));
    expect(root, &["run"], 0);
    assert_eq!(csv(root, ROWS), "n,least,most\n47,2,49\n");
    let [rows_in, rows_out, filtered, merged] = counts(root);
    assert_eq!((rows_in, filtered), (rows_out + filtered + merged, 3));
    let before = csv(root, "select count(*) as n from raw.orders");
    expect(root, &["run"], 0);
    assert_eq!(csv(root, "select count(*) as n from raw.orders"), before);
    // A key without a value is a key, and one that comes back is there again.
    server(&format!("insert into {table} values (null, '2024-04-01'), (25, '2024-04-02')"));
    expect(root, &["run"], 0);
    assert_eq!(csv(root, "select count(*) as n, count(id) as ids from raw.orders"), "n,ids\n49,48\n");
    server(&format!("delete from {table} where id is null"));
    expect(root, &["run"], 0);
    assert_eq!(csv(root, "select count(*) as n, count(id) as ids from raw.orders"), "n,ids\n48,48\n");
}

#[test]
fn odd_cursors_lose_nothing() {
    let Some(url) = postgres() else { return };
    psql(
        &url,
        "drop schema if exists odd_cursors cascade; create schema odd_cursors; create table odd_cursors.orders (id int, at timestamp);
         insert into odd_cursors.orders values (1, '2024-01-01'), (2, null), (3, '2024-01-03')",
    );
    let folder = workspace(&url, &source("odd_cursors.orders", "lookback = \"1 day\"\n"), "");
    let root = folder.path();
    expect(root, &["run"], 0);
    // A row without a cursor comes, one gets its cursor, and one comes late from a clock that is behind.
    psql(
        &url,
        "insert into odd_cursors.orders values (4, null), (5, '2024-01-02 12:00'); update odd_cursors.orders set at = '2024-01-04' where id = 2",
    );
    expect(root, &["run"], 0);
    assert_eq!(
        csv(root, "select count(*) as n, count(distinct id) as ids, count(\"at\") as dated from raw.orders"),
        "n,ids,dated\n5,5,4\n"
    );
    // A clock that is ahead is told of.
    psql(&url, "insert into odd_cursors.orders values (6, '2999-01-01')");
    expect(root, &["run"], 0);
    let shown = expect(root, &["runs", "show", "last"], 0);
    assert!(shown.contains("ahead of the clock"), "{shown}");
}

#[test]
fn a_type_that_changes_between_runs_is_taken_in_or_refused() {
    let Some(url) = postgres() else { return };
    psql(
        &url,
        "drop schema if exists retyped cascade; create schema retyped; create table retyped.orders (id int, v int, at timestamp);
         insert into retyped.orders values (1, 10, '2024-01-01'), (2, 20, '2024-01-02')",
    );
    let folder = workspace(&url, &source("retyped.orders", ""), "");
    let root = folder.path();
    expect(root, &["run"], 0);
    psql(&url, "alter table retyped.orders alter v type text; insert into retyped.orders values (3, 'thirty', '2024-01-03')");
    let second = run(root, &["run"]);
    let said = format!("{}{}", text(&second.stdout), text(&second.stderr));
    let rows = csv(root, "select string_agg(v::varchar, ' ' order by id) as v from raw.orders");
    match second.status.code() {
        Some(0) => assert_eq!(rows, "v\n10 20 thirty\n", "{said}"),
        _ => assert_eq!(rows, "v\n10 20\n", "a refused run changes nothing\n{said}"),
    }
    expect(root, &["run", "--full-refresh"], 0);
    assert_eq!(csv(root, "select string_agg(v, ' ' order by id) as v from raw.orders"), "v\n10 20 thirty\n");
}
