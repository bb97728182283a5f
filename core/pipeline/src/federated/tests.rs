//! Queries over tables of databases give what they give over the same rows in the engine, whatever is pushed.

mod faults;

use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use trommel_connectors::sqlite::TableWriter;
use trommel_model::{Address, Cell, ConnectionKind, Reference};

use super::*;
use crate::testing::{engine, rows};

/// A database with the tables of the tests, and an engine to read it with.
struct Place {
    connection: ConnectionSpec,
    engine: Engine,
    folder: tempfile::TempDir,
}

impl Place {
    fn new(connection: ConnectionSpec) -> Self {
        let (engine, folder) = engine();
        let place = Self { connection, engine, folder };
        let all = place.federated("select * from db.things", Fetch::Rows).unwrap();
        place.engine.execute(&format!("create schema copy; create table copy.things as {}", all.sql), &Cancel::new()).unwrap();
        drop(all);
        place
    }

    fn federated(&self, query: &str, fetch: Fetch) -> Outcome<Federated<&Engine>> {
        self.federated_until(query, fetch, &Cancel::new())
    }

    fn federated_until(&self, query: &str, fetch: Fetch, cancel: &Cancel) -> Outcome<Federated<&Engine>> {
        let connections = [self.connection.clone()];
        // The engine may remember a file by its name.
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let label = format!("fetched_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let site = Site {
            root: self.folder.path(),
            connections: &connections,
            folder: self.folder.path().join(&label),
            prefix: label,
            cancel,
            progress: &ProgressSlot::new(),
        };
        let uses = remote_uses(&connections, query, &|layer| layer == "copy")?;
        federate(&site, &self.engine, query, &uses, fetch)
    }

    /// The rows of a query, sorted, and what was read for it.
    fn ask(&self, query: &str) -> (Vec<String>, Vec<RemoteRead>) {
        let federated = self.federated(query, Fetch::Rows).unwrap_or_else(|p| panic!("{query}: {p:?}"));
        let mut found = rows(&self.engine, &federated.sql);
        found.sort();
        (found, federated.reads.clone())
    }

    /// The answer is that over the copy.
    fn same(&self, query: &str) -> RemoteRead {
        let (found, reads) = self.ask(query);
        let mut expected = rows(&self.engine, &query.replace("db.things", "copy.things"));
        expected.sort();
        assert_eq!(found, expected, "{:?}: {query}\n{:#?}", self.connection.kind, reads);
        reads.into_iter().next().unwrap()
    }
}

/// Texts that collations, padding and encodings treat in their own ways; `\\` is one backslash.
const TEXTS: [&str; 16] = ["a", "A", "a ", "b", "", " ", "é", "e\u{301}", "É", "ß", "ss", "😀", "a_b", "a%b", "a\\b", "it's"];

fn sqlite() -> (Place, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("db.sqlite");
    let columns = [
        ("id", "INTEGER"),
        ("n", "INTEGER"),
        ("amount", "NUMERIC"),
        ("w", "REAL"),
        ("s", "TEXT COLLATE NOCASE"),
        ("c", "CHAR(6)"),
        ("d", "DATE"),
        ("moment", "TIMESTAMP"),
        ("odd", ""),
    ];
    let mut table = TableWriter::create(&path, "things", &columns).unwrap();
    let mut all = (0..96_i64).map(|id| {
        let text = |value: &str| Cell::Text(value.to_owned());
        let some = |one: i64, cell: Cell| if id % 7 == one { Cell::Null } else { cell };
        vec![
            Cell::Integer(id),
            some(1, Cell::Integer(id % 5 - 2)),
            some(2, Cell::Float((id % 9) as f64 / 4.0)),
            some(3, Cell::Float((id % 4) as f64 - 1.5)),
            some(4, text(TEXTS[id as usize % 16])),
            some(5, text(TEXTS[id as usize / 3 % 16])),
            some(6, text(&format!("2024-02-{:02}", id % 28 + 1))),
            some(1, text(&format!("2024-02-{:02} 12:00:00", id % 28 + 1))),
            if id % 2 == 0 { Cell::Integer(id) } else { text(&id.to_string()) },
        ]
    });
    table.append(&mut all).unwrap();
    table.finish().unwrap();
    let connection =
        ConnectionSpec { name: "db".to_owned(), kind: ConnectionKind::Sqlite, ..ConnectionSpec::folder("db", &path.to_string_lossy()) };
    (Place::new(connection), folder)
}

/// A server of `scripts/servers`. Without one the continuous build fails, and elsewhere it is told.
fn server(kind: ConnectionKind, variable: &str) -> Option<ConnectionSpec> {
    let Ok(url) = std::env::var(variable) else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "no server: {variable} is not set");
        eprintln!("LEFT OUT: {variable} is not set; eval \"$(scripts/servers start)\"");
        return None;
    };
    Some(ConnectionSpec {
        ca: Some(std::env::var("TROMMEL_TEST_CA").unwrap()),
        password: Some(Reference::Env("TROMMEL_TEST_PASSWORD".to_owned())),
        ..ConnectionSpec::server("db", kind, &url)
    })
}

fn psql(sql: &str) -> String {
    let url = std::env::var("TROMMEL_TEST_POSTGRES").unwrap();
    run(Command::new("psql")
        .args(["-q", "-v", "ON_ERROR_STOP=1", &url, "-c", sql])
        .env("PGPASSWORD", std::env::var("TROMMEL_TEST_PASSWORD").unwrap()))
}

fn mariadb(sql: &str) -> String {
    let url = std::env::var("TROMMEL_TEST_MYSQL").unwrap();
    let port = url.rsplit_once(':').and_then(|(_, rest)| rest.split('/').next()).unwrap().to_owned();
    run(Command::new("mariadb")
        .args([
            "--no-defaults",
            "-N",
            "--host=127.0.0.1",
            "--user=trommel",
            "--default-character-set=utf8mb4",
            "--ssl-verify-server-cert=0",
        ])
        .args([&format!("--port={port}"), "trommel", "-e", sql])
        .env("MYSQL_PWD", std::env::var("TROMMEL_TEST_PASSWORD").unwrap()))
}

fn run(command: &mut Command) -> String {
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

fn list(escape: &str) -> String {
    TEXTS.map(|t| format!("'{}'", t.replace('\'', "''").replace('\\', escape))).join(", ")
}

fn postgres(schema: &str) -> Option<Place> {
    let connection = server(ConnectionKind::Postgres, "TROMMEL_TEST_POSTGRES")?;
    psql(&format!(
        "drop schema if exists {schema} cascade; create schema {schema}; set search_path = {schema};
         create type mood as enum ('sad', 'glad');
         create collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
         create table things (id int, n bigint, amount numeric(10,2), w float8, s text, c char(6), d date, moment timestamp, tz timestamptz, ti time,
           ok boolean, f real, m mood, lo text collate loose, free numeric, u uuid, j json);
         insert into things select g, nullif(g % 7, 1) - 3,
           case g % 11 when 1 then null when 2 then 'NaN' else g % 9 / 4.0 end, case g % 13 when 1 then null when 2 then 'NaN' else g % 4 - 1.5 end,
           case when g % 7 <> 4 then (array[{0}])[g % 16 + 1] end, case when g % 7 <> 5 then (array[{0}])[g / 3 % 16 + 1] end,
           case g % 10 when 1 then null when 2 then 'infinity' when 3 then '-infinity' else date '2024-02-01' + g % 28 end,
           case g % 10 when 1 then null when 2 then 'infinity' else timestamp '2024-02-01 12:00' + g * interval '1 hour' end,
           case g % 10 when 1 then null when 3 then '-infinity' else timestamptz '2024-02-01 12:00+02' + g * interval '1 hour' end,
           case g % 10 when 1 then null when 2 then '24:00' else time '00:00' + g * interval '17 minutes' end,
           case g % 3 when 0 then true when 1 then false end, g % 5 / 10.0, case g % 3 when 0 then 'sad' when 1 then 'glad' end::mood,
           (array[{0}])[g % 16 + 1], g % 6 / 8.0, md5((g % 4)::text)::uuid, '{{}}'
           from generate_series(0, 109) g",
        list("\\")
    ));
    Some(Place::new_in(connection, schema))
}

impl Place {
    /// As [`Place::new`], with the table in a schema of its own.
    fn new_in(connection: ConnectionSpec, schema: &str) -> Self {
        let (engine, folder) = engine();
        let place = Self { connection, engine, folder };
        let all = place.federated(&format!("select * from db.{schema}.things"), Fetch::Rows).unwrap();
        place.engine.execute(&format!("create schema copy; create table copy.things as {}", all.sql), &Cancel::new()).unwrap();
        drop(all);
        place
    }

    fn same_in(&self, schema: &str, query: &str) -> RemoteRead {
        let (found, reads) = self.ask(&query.replace("db.things", &format!("db.{schema}.things")));
        let mut expected = rows(&self.engine, &query.replace("db.things", "copy.things"));
        expected.sort();
        assert_eq!(found, expected, "{:?}: {query}\n{:#?}", self.connection.kind, reads);
        reads.into_iter().next().unwrap()
    }
}

/// The table in a database of its own: tests run side by side.
fn mysql(database: &str) -> Option<Place> {
    let mut connection = server(ConnectionKind::Mysql, "TROMMEL_TEST_MYSQL")?;
    let url = std::env::var("TROMMEL_TEST_MYSQL").unwrap();
    connection.url = Some(Address::Text(format!("{}/{database}", url.rsplit_once('/').unwrap().0)));
    let pick = |at: &str| format!("elt({at} % 16 + 1, {})", list("\\\\"));
    mariadb(&format!(
        "set sql_mode = ''; create or replace database {database}; use {database};
         create table things (id int, n bigint, amount decimal(10,2), w double, s varchar(20), c char(6), d date, moment datetime(6), ts timestamp null,
           u8 bigint unsigned, l varchar(20) character set latin1, e enum('sad', 'glad'), y year, b bit(4), js json, f float);
         insert into things select seq, nullif(seq % 7, 1) - 3, nullif(seq % 9, 1) / 4, seq % 4 - 1.5,
           if(seq % 7 = 4, null, {0}), if(seq % 7 = 5, null, {1}),
           case seq % 10 when 1 then null when 2 then '0000-00-00' when 3 then '2024-02-00' else date_add('2024-02-01', interval seq % 28 day) end,
           case seq % 10 when 1 then null when 2 then '0000-00-00 00:00:00' else date_add('2024-02-01 12:00:00.5', interval seq hour) end,
           case seq % 10 when 1 then null else date_add('2024-02-01 12:00:00', interval seq hour) end,
           18446744073709551615 - seq % 3, elt(seq % 5 + 1, 'a', 'A', 'é', 'ß', 'ss'), elt(seq % 3, 'sad', 'glad'), 2000 + seq % 30, seq % 16, '{{}}',
           seq % 5 / 10
         from (select cast(seq as signed) as seq from seq_0_to_109) as numbers",
        pick("seq"),
        pick("floor(seq / 3)")
    ));
    Some(Place::new(connection))
}

/// Conditions on the columns that all three systems have.
const CONDITIONS: &[&str] = &[
    "n = 1",
    "n <> 1",
    "n < 0",
    "n >= 1",
    "n in (0, 2)",
    "n not in (0, 2)",
    "n between -1 and 1",
    "n is null",
    "n is not null",
    "not (n = 1)",
    "amount = 0.25",
    "amount > 1",
    "amount <= 1.5",
    "amount <> 1",
    "amount is null",
    "amount is not null",
    "amount in (0.25, 2)",
    "not (amount > 1)",
    "w > 0",
    "w = -1.5",
    "w <> 0.5",
    "w is null",
    "w < 1e10",
    "not (w > 0)",
    "s = 'a'",
    "s = 'A'",
    "s = 'a '",
    "s = ''",
    "s = 'é'",
    "s = 'ß'",
    "s <> 'a'",
    "s < 'b'",
    "s > 'É'",
    "s >= 'a' and s < 'b'",
    "s in ('a', '😀', 'it''s')",
    "s not in ('a', 'ss')",
    "s like 'a%'",
    "s like '%b'",
    "s like '_'",
    "s like 'a_b'",
    "s like '%\\%'",
    "s like '%é%'",
    "s is null",
    "s is not null",
    "not (s = 'a')",
    "s = 'a\\b'",
    "lower(s) = 'a'",
    "s = 'nothing at all'",
    "contains(s, 'b')",
    "suffix(s, 'b')",
    "c = 'a'",
    "c = 'a     '",
    "c <> 'a'",
    "c < 'b'",
    "c in ('A', 'ss')",
    "c is null",
    "c like 'a%'",
    "d = '2024-02-05'",
    "d > '2024-02-10'",
    "d < '2024-02-10'",
    "d <> '2024-02-10'",
    "d between '2024-02-04' and '2024-02-09'",
    "d is null",
    "d is not null",
    "d in ('2024-02-06', '2024-02-07')",
    "not (d > '2024-02-10')",
    "d not in ('2024-02-06')",
    "moment > '2024-02-03 00:00:00'",
    "moment <= '2024-02-03 12:00:00.5'",
    "moment is null",
    "moment is not null",
    "moment = '2024-02-03 16:00:00.5'",
    "id % 2 = 0",
    "id > n",
    "n = 1 or s = 'a'",
    "n = 1 or lower(s) = 'a'",
    "(n = 1 and lower(s) = 'a') or amount > 2",
    "not (n = 1 or amount > 1)",
    "not (amount is not null)",
    "not (amount is not null and s <> 'a')",
    "not (moment is not null or d is null)",
    "n + 1 = 2",
    "id < 0 and 1 = 1",
    "1 = 0",
    "coalesce(n, 0) = 0",
    "n is distinct from 1",
    "case when n > 0 then d > '2024-02-10' else true end",
];

/// Totals in forms that go, and some that do not.
const TOTALS: &[&str] = &[
    "select count(*) from db.things where {}",
    "select n, count(*), count(d), count(amount), sum(id), sum(amount), min(d), max(moment), min(amount), max(id) from db.things where {} group by n",
    "select s, count(*) as k from db.things t where {} group by s having count(*) > 1 order by k desc, s limit 3",
    "select d, sum(n) + 1 as more from db.things where {} group by 1",
    "select min(s), max(w), avg(n), count(distinct s) from db.things where {}",
];

/// The first rows in orders that go, and in some that do not; nulls and what is null here stand at either end.
const FIRST: &[&str] = &[
    "select id, n from db.things order by n, id limit 3",
    "select id, n from db.things order by n desc, id limit 3",
    "select id, n from db.things order by n desc nulls first, id desc limit 3 offset 1",
    "select id, d from db.things where id > 2 order by d nulls first, id limit 4",
    "select id, d from db.things order by d desc, id limit 4",
    "select id, moment from db.things order by moment desc nulls first, id limit 4",
    "select id, amount as a from db.things t order by a desc, t.id limit 5",
    "select id, w from db.things order by w desc, id limit 5",
    "select id, s from db.things order by s, id limit 5",
    "select id, s from db.things order by s desc, id limit 5",
    "select id, c from db.things order by c desc, id limit 5",
    "select id from db.things where lower(s) = 'a' order by id desc limit 2",
];

#[test]
fn sqlite_gives_what_the_engine_gives() {
    let (place, _folder) = sqlite();
    for query in FIRST {
        place.same(query);
    }
    let read = place.same(FIRST[0]);
    assert_eq!((read.rows, read.limit.as_str()), (Some(3), "3, the first by n, id"));
    for (at, condition) in CONDITIONS.iter().chain(&["odd = '3'", "odd <> '4'", "odd is null"]).enumerate() {
        place.same(&format!("select id from db.things where {condition}"));
        place.same(&TOTALS[at % TOTALS.len()].replace("{}", condition));
    }
}

#[test]
fn postgres_gives_what_the_engine_gives() {
    let Some(place) = postgres("federated") else { return };
    let own = [
        "ok",
        "not ok",
        "ok = false",
        "ok is null",
        "f > 0.1",
        "f = 0.2",
        "m = 'sad'",
        "m <> 'sad'",
        "m < 'sad'",
        "m is null",
        "lo = 'a'",
        "lo <> 'A'",
        "lo < 'b'",
        "lo like 'a%'",
        "tz > '2024-02-03 00:00:00'",
        "tz is null",
        "tz is not null",
        "ti > '12:00:00'",
        "ti is null",
        "not (ti < '12:00:00')",
        "free > 0.25",
        "free is null",
        "u = 'cfcd2084-95d5-65ef-66e7-dff9f98764da'",
        "u <> 'x'",
        "j = '{}'",
        "j is null",
    ];
    for (at, condition) in CONDITIONS.iter().chain(&own).enumerate() {
        place.same_in("federated", &format!("select id from db.things where {condition}"));
        place.same_in("federated", &TOTALS[at % TOTALS.len()].replace("{}", condition));
    }
    place.same_in("federated", "select ok, m, tz, lo, count(*), min(tz), max(ti), sum(free) from db.things group by all");
    place.same_in("federated", "select lo, count(*) from db.things group by lo");
    for query in FIRST {
        place.same_in("federated", query);
    }
    for column in ["ok", "f", "m", "lo", "tz desc", "ti desc nulls first", "free desc", "u", "j"] {
        place.same_in("federated", &format!("select * from db.things order by {column}, id limit 20"));
    }
    let read = place.same_in("federated", "select id, tz, s from db.things where n > 0 order by tz desc, s, id limit 7");
    assert_eq!((read.rows, read.limit.as_str()), (Some(7), "7, the first by tz descending, s, id"));
}

#[test]
fn mysql_gives_what_the_engine_gives() {
    let Some(place) = mysql("federated") else { return };
    let own = [
        "u8 > 18446744073709551614",
        "u8 = 18446744073709551615",
        "l = 'a'",
        "l = 'é'",
        "l <> 'ss'",
        "l < 'b'",
        "e = 'sad'",
        "e <> 'sad'",
        "e is null",
        "e < 'sad'",
        "y > 2010",
        "y = 24",
        "b = 3",
        "js = '{}'",
        "f > 0.1",
        "f = 0.2",
        "ts > '2024-02-03 00:00:00'",
        "ts is null",
        "ts <= '2024-02-03 00:00:00'",
    ];
    for (at, condition) in CONDITIONS.iter().chain(&own).enumerate() {
        place.same(&format!("select id from db.things where {condition}"));
        place.same(&TOTALS[at % TOTALS.len()].replace("{}", condition));
    }
    place.same("select l, e, u8, count(*), min(ts), sum(u8) from db.things group by all");
    for query in FIRST {
        place.same(query);
    }
    for column in ["u8 desc", "l", "e desc", "y", "b", "js", "f", "ts desc nulls first"] {
        place.same(&format!("select * from db.things order by {column}, id limit 20"));
    }
    let read = place.same("select id, ts, s from db.things where n > 0 order by ts desc, s, id limit 7");
    assert_eq!((read.rows, read.limit.as_str()), (Some(7), "7, the first by ts descending, s, id"));
}

/// Any conditions, put together in any way.
fn any_condition() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(CONDITIONS).prop_map(str::to_owned);
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) or ({b})")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

#[test]
fn conditions_put_together_mean_the_same_everywhere() {
    let (place, _folder) = sqlite();
    let mut places = vec![(place, None)];
    places.extend(postgres("federated_any").map(|place| (place, Some("federated_any"))));
    places.extend(mysql("federated_any").map(|place| (place, None)));
    let mut runner = TestRunner::new(Config { cases: 16, ..Config::default() });
    runner
        .run(&any_condition(), |condition| {
            for (place, schema) in &places {
                for query in [format!("select id from db.things where {condition}"), TOTALS[1].replace("{}", &condition)] {
                    match schema {
                        Some(schema) => place.same_in(schema, &query),
                        None => place.same(&query),
                    };
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn no_more_is_fetched_than_is_needed() {
    let (place, _folder) = sqlite();
    let read = place.same("select id from db.things where n = 1 and s = 'a'");
    assert_eq!(
        (read.columns, read.pushed, read.kept.len()),
        (vec!["id".to_owned(), "n".to_owned(), "s".to_owned()], vec!["n = 1".to_owned(), "s = 'a'".to_owned()], 0)
    );
    assert_eq!(
        read.sql,
        "SELECT \"id\" AS \"id\", \"n\" AS \"n\", \"s\" AS \"s\" FROM \"things\" WHERE \"n\" = ? AND \"s\" = ? COLLATE BINARY"
    );
    assert_eq!(read.values, ["1", "'a'"]);
    let read = place.ask("select id from db.things limit 5").1.remove(0);
    assert_eq!((read.rows, read.limit.as_str()), (Some(5), "5"));
    let read = place.ask("select id from db.things where lower(s) = 'a' limit 5").1.remove(0);
    assert_eq!((read.limit.as_str(), read.kept.len()), ("none: some conditions are looked at here", 1));
    let read = place.same("select n, count(*) from db.things where id > 3 group by n");
    assert_eq!((read.rows, read.aggregate.as_str()), (Some(6), "added up there"));
    let read = place.same("select count(*) from db.things where d > '2024-02-03'");
    assert_eq!(read.aggregate, "none: some conditions are looked at here");
    assert_eq!(read.kept, ["d > '2024-02-03': SQLite keeps dates and times as text"]);
}

#[test]
fn tables_join_with_those_of_the_engine_and_with_each_other() {
    let (place, _folder) = sqlite();
    place
        .engine
        .execute(
            "create schema mart; create table mart.names as select i::bigint as id, 'n' || i as name from range(5) t(i)",
            &Cancel::new(),
        )
        .unwrap();
    place.same("select o.id, c.name from db.things o join mart.names c on c.id = o.n where c.name <> 'n0'");
    place.same("select things.id from db.things join mart.names on names.id = things.id");
    place.same("select a.id, b.id from db.things a left join db.things b on b.n = a.id and b.s = 'a' where a.id < 4");
    place.same("with t as (select * from db.things where n = 1) select count(*) from t a join t b using (id)");
    place.same("select count(*) from mart.names c where not exists (select 1 from db.things o where o.n = c.id and o.s = 'a')");
}

#[test]
fn nothing_outlives_the_query() {
    let (place, _folder) = sqlite();
    let federated = place.federated("select id from db.things", Fetch::Rows).unwrap();
    let fetched = federated.folder.clone();
    assert!(fetched.is_dir());
    drop(federated);
    assert!(!fetched.exists());
    assert!(rows(&place.engine, "select view_name from duckdb_views() where view_name like 'fetched%'").is_empty());
    let cancel = Cancel::new();
    cancel.raise();
    let stopped = place.federated_until("select id from db.things", Fetch::Rows, &cancel).map(drop).unwrap_err();
    assert_eq!(stopped.code, Code::Interrupted);
    let left = std::fs::read_dir(place.folder.path())
        .unwrap()
        .filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().starts_with("fetched"));
    assert_eq!(left.count(), 0);
}

#[test]
fn two_tables_of_one_connection_are_of_one_moment() {
    let Some(place) = postgres("federated_moment") else { return };
    psql("drop table if exists federated_moment.other; create table federated_moment.other as select 1::bigint as one");
    // The second table is looked at after the first; what is added in between is of a later moment.
    let connections = [place.connection.clone()];
    let mut remote = Remote::open(place.folder.path(), &connections[0], &Cancel::new()).unwrap();
    let path = |name: &str| vec!["federated_moment".to_owned(), name.to_owned()];
    remote.table(&path("things"), &|_| true).unwrap();
    psql("insert into federated_moment.other values (2)");
    let other = remote.table(&path("other"), &|_| true).unwrap();
    let need = trommel_model::RemoteNeed { columns: vec![0], ..trommel_model::RemoteNeed::default() };
    let statement = other.statement(&need).unwrap();
    let fetched = remote.fetch(&other, &statement, &ProgressSlot::new(), &mut |_| Ok(())).unwrap();
    assert_eq!(fetched.rows, 1);
    remote.close();
}
