//! Against a MariaDB of `scripts/servers`: tables made with SQL, read through the connector.

use std::path::Path;
use std::time::{Duration, Instant};

use trommel_model::{Address, Cancel, Cell, Code, ConnectionSpec, ProgressSlot, Reference, SourceSpec};

use super::{Session, tables};
use crate::database::{self, Reach, Server, Since, piece_of};
use crate::sink::{Collect, Mode};
use crate::testing::{failed, mysql, read_server, shown, tried};

fn run(connection: &ConnectionSpec, statements: &[&str]) {
    let mut session = session(connection);
    for statement in statements {
        session.run(statement).unwrap();
    }
    session.close();
}

fn session(connection: &ConnectionSpec) -> Session {
    Session::open(&Reach::of(Path::new("/"), connection).unwrap(), &Cancel::new()).unwrap()
}

fn spec(table: &str) -> SourceSpec {
    SourceSpec::of_file("s", Some(table.to_owned()))
}

fn query(sql: &str) -> SourceSpec {
    SourceSpec { query: Some(sql.to_owned()), ..SourceSpec::of_file("s", None) }
}

#[test]
fn every_type_comes_exact() {
    let Some(connection) = mysql() else { return };
    run(&connection, &[
        "DROP TABLE IF EXISTS types",
        "CREATE TABLE types (t1 tinyint(1), i1 tinyint, u1 tinyint unsigned, i4 int, u4 int unsigned, i8 bigint, u8 bigint unsigned, f float,
           d double, n decimal(12,3), big decimal(65,2), b bit(9), y year, x varchar(20), l varchar(20) character set latin1, tx text,
           bin varbinary(8), da date, dt datetime(6), ts timestamp(3) null, ti time, en enum('a','b'), se set('x','y'), js json)",
        "INSERT INTO types VALUES (7, -128, 255, -2147483648, 4294967295, -9223372036854775808, 18446744073709551615, 1.5, 0.1, -12.300, 1.25,
           b'100000001', 2024, 'grüße 😀', 'grüße', 'long', x'00ff', '2024-02-29', '2024-02-29 13:05:07.123456', '2024-02-29 13:05:07.5',
           '23:59:59', 'b', 'x,y', '{\"a\": 1}')",
        "INSERT INTO types (t1) VALUES (null)",
    ]);
    let (all, report) = read_server(&connection, &spec("types"), None).unwrap();
    let (columns, rows) = shown(&all);
    assert_eq!(
        columns,
        [
            "t1 Int64",
            "i1 Int64",
            "u1 Int64",
            "i4 Int64",
            "u4 Int64",
            "i8 Int64",
            "u8 Decimal128(20, 0)",
            "f Float64",
            "d Float64",
            "n Decimal128(12, 3)",
            "big Decimal128(3, 2)",
            "b Int64",
            "y Int64",
            "x Utf8",
            "l Utf8",
            "tx Utf8",
            "bin Binary",
            "da Date32",
            "dt Timestamp(µs)",
            "ts Timestamp(µs, \"UTC\")",
            "ti Time64(µs)",
            "en Utf8",
            "se Utf8",
            "js Utf8",
        ]
    );
    assert_eq!(
        rows[0],
        [
            "7",
            "-128",
            "255",
            "-2147483648",
            "4294967295",
            "-9223372036854775808",
            "18446744073709551615",
            "1.5",
            "0.1",
            "-12.300",
            "1.25",
            "257",
            "2024",
            "grüße 😀",
            "grüße",
            "long",
            "00ff",
            "2024-02-29",
            "2024-02-29T13:05:07.123456",
            "2024-02-29T13:05:07.500Z",
            "23:59:59",
            "b",
            "x,y",
            "{\"a\": 1}",
            "∅",
        ]
    );
    assert_eq!(rows[1], ["∅"; 25]);
    assert!(report.notes.is_empty(), "{:?}", report.notes);
}

#[test]
fn what_has_no_place_is_null_and_kept() {
    let Some(connection) = mysql() else { return };
    run(
        &connection,
        &[
            "DROP TABLE IF EXISTS odd",
            "CREATE TABLE odd (d date, dt datetime, ti time)",
            "SET sql_mode = 'ALLOW_INVALID_DATES'",
            "INSERT INTO odd VALUES ('0000-00-00', '0000-00-00 00:00:00', '-838:59:59'), ('2024-01-01', '2024-01-01 01:02:03', '30:00:00')",
        ],
    );
    let (all, report) = read_server(&connection, &spec("odd"), None).unwrap();
    let (columns, rows) = shown(&all);
    assert_eq!(columns, ["d Date32", "dt Timestamp(µs)", "ti Utf8"]);
    let kept = r#"{"d":"0000-00-00","dt":"0000-00-00 00:00:00","ti":"-838:59:59"}"#;
    assert_eq!(rows[0], ["∅", "∅", "-838:59:59", kept]);
    assert_eq!(rows[1], ["2024-01-01", "2024-01-01T01:02:03", "30:00:00", "∅"]);
    assert!(report.notes[0].starts_with("2 values have no place"), "{:?}", report.notes);
}

#[test]
fn queries_windows_and_what_came_since() {
    let Some(connection) = mysql() else { return };
    run(
        &connection,
        &[
            "DROP TABLE IF EXISTS since",
            "CREATE TABLE since (id int primary key, at datetime)",
            "INSERT INTO since VALUES (1, '2024-01-01'), (2, '2024-01-02 12:00:00'), (3, '2024-01-03')",
        ],
    );
    let ids = |spec: &SourceSpec, since: Option<&Since>| {
        let (all, _) = read_server(&connection, spec, since).unwrap();
        shown(&all).1.into_iter().map(|row| row[0].clone()).collect::<Vec<_>>().join(",")
    };
    assert_eq!(ids(&query("SELECT id * 10 AS ten FROM since ORDER BY id;"), None), "10,20,30");
    assert_eq!(ids(&spec("since"), Some(&Since::new("id", "2", None, false).unwrap())), "3");
    assert_eq!(ids(&spec("since"), Some(&Since::new("at", "2024-01-03 00:00:00", Some("1 day"), true).unwrap())), "2,3");
    let server = Server { root: Path::new("/"), connection: &connection };
    let (window, _) = database::preview(&server, &query("SELECT id FROM since ORDER BY id"), 2, &Cancel::new()).unwrap();
    assert_eq!(window.rows, [[Cell::Integer(1)], [Cell::Integer(2)]]);
    let listed = tables(&Reach::of(Path::new("/"), &connection).unwrap(), &Cancel::new()).unwrap();
    let own = listed.iter().find(|t| t.name == "trommel.since").unwrap();
    assert_eq!((own.kind.as_str(), own.key.join("+")), ("table", "id".to_owned()));
}

#[test]
fn faults_are_told_apart() {
    let Some(connection) = mysql() else { return };
    let url = std::env::var("TROMMEL_TEST_MYSQL").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("wrong");
    std::fs::write(&wrong, "canary-4711\n").unwrap();
    let stage = |connection: &ConnectionSpec| {
        let stages = tried(connection).unwrap();
        assert!(!format!("{stages:?}").contains("canary"));
        failed(&stages).map(|(problem, stage)| (problem.code, stage.to_owned())).unwrap()
    };
    let other = ConnectionSpec { ca: Some(std::env::var("TROMMEL_TEST_OTHER_CA").unwrap()), ..connection.clone() };
    let nobody = ConnectionSpec { password: Some(Reference::File(wrong.display().to_string())), ..connection.clone() };
    let nowhere = ConnectionSpec {
        url: Some(Address::Text(format!("{}/no_such_database", url.strip_suffix("/trommel").unwrap()))),
        ..connection.clone()
    };
    assert_eq!(stage(&other), (Code::Denied, "TLS".to_owned()));
    assert_eq!(stage(&nobody), (Code::Denied, "authentication".to_owned()));
    assert_eq!(stage(&nowhere), (Code::UnknownName, "authentication".to_owned()));
    let code = |connection: &ConnectionSpec, spec: &SourceSpec| read_server(connection, spec, None).map(drop).unwrap_err().code;
    assert_eq!(code(&connection, &spec("no_such_table")), Code::UnknownName);
    assert_eq!(code(&connection, &query("SELECT nothing FROM dual")), Code::BadSql);
    let hasty = ConnectionSpec { statement_timeout_s: Some(1), ..connection.clone() };
    let slow = read_server(&hasty, &query("SELECT sleep(60) AS s"), None).map(drop).unwrap_err();
    assert_eq!(slow.what, "the server gave the statement up");
}

#[test]
fn reading_stops_when_asked() {
    let Some(connection) = mysql() else { return };
    let cancel = Cancel::new();
    let spec = query("SELECT sleep(31) AS s");
    let server = Server { root: Path::new("/"), connection: &connection };
    let (problem, late) = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            database::read(
                &server,
                &piece_of(&connection, &spec).unwrap(),
                &spec,
                Mode::Strict,
                None,
                1,
                &cancel,
                &ProgressSlot::new(),
                &Collect::new(),
            )
        });
        let mut watcher = session(&connection);
        let running = "SELECT 1 FROM information_schema.processlist WHERE info LIKE 'SELECT%sleep(31)%' AND id <> connection_id()";
        while watcher.rows(running, &[]).unwrap().is_empty() {}
        let asked = Instant::now();
        cancel.raise();
        (reader.join().unwrap().unwrap_err(), asked.elapsed())
    });
    assert_eq!(problem.code, Code::Interrupted);
    assert!(late < Duration::from_millis(200), "{late:?}");
}
