//! Against a PostgreSQL of `scripts/servers`: tables made with SQL, read through the connector.

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use trommel_model::{
    Cancel, Cell, Code, ColumnContract, ConnectionKind, ConnectionSpec, ContractType, OnBad, Outcome, ProgressSlot, QuarantinedRow,
    Reference, SourceSpec,
};

use super::{Session, tables};
use crate::database::{self, Reach, Server, Since, piece_of};
use crate::sink::{Collect, Mode, Sink};
use crate::testing::{failed, postgres, read_server, shown, tried};

/// Runs SQL in a schema of its own, which is made anew.
pub(super) fn schema(connection: &ConnectionSpec, name: &str, sql: &str) {
    let mut session = session(connection);
    session.run(&format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}; SET search_path = {name}; {sql}")).unwrap();
    session.close();
}

pub(super) fn session(connection: &ConnectionSpec) -> Session {
    Session::open(&Reach::of(Path::new("/"), connection).unwrap(), &Cancel::new()).unwrap()
}

pub(super) fn spec(table: &str) -> SourceSpec {
    SourceSpec::of_file("s", Some(table.to_owned()))
}

fn query(sql: &str) -> SourceSpec {
    SourceSpec { query: Some(sql.to_owned()), ..SourceSpec::of_file("s", None) }
}

fn check(connection: &ConnectionSpec, spec: &SourceSpec, columns: &[&str], rows: &[&[&str]]) -> Vec<String> {
    let (all, report) = read_server(connection, spec, None).unwrap();
    let (found, cells) = shown(&all);
    assert_eq!(found, columns);
    assert_eq!(cells, rows);
    report.notes
}

#[test]
fn every_type_comes_exact() {
    let Some(connection) = postgres() else { return };
    schema(
        &connection,
        "types",
        "CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE DOMAIN cents AS numeric(10,2) CHECK (value >= 0); CREATE TYPE pair AS (a int, b text);
         CREATE TABLE t (b bool, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, n numeric(12,3), c cents, x text, v varchar(9), k char(4), y bytea,
           d date, ts timestamp, tz timestamptz, ti time, tt timetz, iv interval, u uuid, j json, jb jsonb, m mood, a int[], ip inet, mac macaddr,
           bits bit(3), money money, r int4range, p pair, xm xml);
         INSERT INTO t VALUES (true, -2, 2147483647, -9223372036854775808, 1.5, 0.1, -12.300, 7.5, 'grüße', 'x', 'ab', '\\x00ff',
           '2024-02-29', '2024-02-29 13:05:07.123456', '2024-02-29 13:05:07+02', '23:59:59.999999', '10:00+02', '1 year 2 days 03:04:05',
           'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{\"a\": 1}', '{\"a\":1}', 'glad', '{1,null,3}', '10.0.0.0/8', '08:00:2b:01:02:03',
           B'101', '12.30', '[1,5)', '(1,\"x y\")', '<a/>');
         INSERT INTO t (b) VALUES (null)",
    );
    let columns = [
        "b Boolean",
        "i2 Int64",
        "i4 Int64",
        "i8 Int64",
        "f4 Float64",
        "f8 Float64",
        "n Decimal128(12, 3)",
        "c Decimal128(10, 2)",
        "x Utf8",
        "v Utf8",
        "k Utf8",
        "y Binary",
        "d Date32",
        "ts Timestamp(µs)",
        "tz Timestamp(µs, \"UTC\")",
        "ti Time64(µs)",
        "tt Utf8",
        "iv Utf8",
        "u Utf8",
        "j Utf8",
        "jb Utf8",
        "m Utf8",
        "a Utf8",
        "ip Utf8",
        "mac Utf8",
        "bits Utf8",
        "money Utf8",
        "r Utf8",
        "p Utf8",
        "xm Utf8",
    ];
    let row = [
        "true",
        "-2",
        "2147483647",
        "-9223372036854775808",
        "1.5",
        "0.1",
        "-12.300",
        "7.50",
        "grüße",
        "x",
        "ab  ",
        "00ff",
        "2024-02-29",
        "2024-02-29T13:05:07.123456",
        "2024-02-29T11:05:07Z",
        "23:59:59.999999",
        "10:00:00+02",
        "P1Y2DT3H4M5S",
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "{\"a\": 1}",
        "{\"a\": 1}",
        "glad",
        "[1,null,3]",
        "10.0.0.0/8",
        "08:00:2b:01:02:03",
        "101",
        "$12.30",
        "[1,5)",
        "(1,\"x y\")",
        "<a/>",
        "∅",
    ];
    let none = ["∅"; 31];
    let notes = check(&connection, &spec("types.t"), &columns, &[&row, &none]);
    assert!(notes.is_empty(), "{notes:?}");
    check(
        &connection,
        &query("SELECT n, c, m, a, y FROM types.t WHERE b;"),
        &["n Decimal128(5, 3)", "c Decimal128(3, 2)", "m Utf8", "a Utf8", "y Binary"],
        &[&["-12.300", "7.50", "glad", "[1,null,3]", "00ff", "∅"]],
    );
}

#[test]
fn what_has_no_place_is_null_and_kept() {
    let Some(connection) = postgres() else { return };
    schema(
        &connection,
        "odd",
        "CREATE TABLE t (d date, ts timestamp, n numeric(5,1), ti time);
         INSERT INTO t VALUES ('infinity', '-infinity', 'NaN', '24:00'), ('2024-01-01', '2024-01-01', 1, '01:00')",
    );
    let columns = ["d Date32", "ts Timestamp(µs)", "n Decimal128(5, 1)", "ti Time64(µs)"];
    let kept = r#"{"d":"infinity","ts":"-infinity","n":"NaN","ti":"24:00:00"}"#;
    let rows: [&[&str]; 2] = [&["∅", "∅", "∅", "∅", kept], &["2024-01-01", "2024-01-01T00:00:00", "1.0", "01:00:00", "∅"]];
    let notes = check(&connection, &spec("odd.t"), &columns, &rows);
    assert!(notes[0].starts_with("4 values have no place"), "{notes:?}");
}

#[test]
fn numbers_without_bounds_get_those_of_their_values() {
    let Some(connection) = postgres() else { return };
    schema(
        &connection,
        "bounds",
        "CREATE TABLE t (fits numeric, long numeric, nan numeric, empty numeric);
         INSERT INTO t VALUES (1.25, 1e40, 'NaN', null), (-1234, 0.5, 1, null)",
    );
    let notes = check(
        &connection,
        &spec("bounds.t"),
        &["fits Decimal128(6, 2)", "long Utf8", "nan Utf8", "empty Decimal128(1, 0)"],
        &[&["1.25", "10000000000000000000000000000000000000000", "NaN", "∅", "∅"], &["-1234.00", "0.5", "1", "∅", "∅"]],
    );
    assert_eq!(notes.len(), 2, "{notes:?}");
}

#[test]
fn a_type_without_a_place_is_refused_by_name() {
    let Some(connection) = postgres() else { return };
    schema(
        &connection,
        "refused",
        "CREATE TYPE odd; CREATE FUNCTION odd_in(cstring) RETURNS odd AS 'int4in' LANGUAGE internal IMMUTABLE STRICT;
         CREATE FUNCTION odd_out(odd) RETURNS cstring AS 'int4out' LANGUAGE internal IMMUTABLE STRICT;
         CREATE TYPE odd (INPUT = odd_in, OUTPUT = odd_out, LIKE = int4); CREATE TABLE t (a int, o odd); INSERT INTO t VALUES (1, '7')",
    );
    let problem = read_server(&connection, &spec("refused.t"), None).map(drop).unwrap_err();
    assert_eq!((problem.code, problem.place.field.as_deref()), (Code::BadConfig, Some("o")));
    check(&connection, &query("SELECT a, o::text FROM refused.t"), &["a Int64", "o Utf8"], &[&["1", "7", "∅"]]);
}

#[test]
fn a_contract_holds_the_rows_that_do_not_fit() {
    let Some(connection) = postgres() else { return };
    schema(&connection, "contract", "CREATE TABLE t (id int, v text); INSERT INTO t VALUES (1, '2.50'), (2, 'x'), (null, '1')");
    let wanted = |name: &str, data_type, required| ColumnContract {
        name: name.to_owned(),
        data_type,
        required,
        on_bad: OnBad::Quarantine,
        formats: Vec::new(),
        description: String::new(),
    };
    let decimal = ContractType::Decimal { precision: 5, scale: 2 };
    let spec = SourceSpec { columns: vec![wanted("id", ContractType::Integer, true), wanted("v", decimal, false)], ..spec("contract.t") };
    let (all, report) = read_server(&connection, &spec, None).unwrap();
    assert_eq!((report.rows_in, report.rows_out, report.held), (3, 1, 2));
    assert_eq!(shown(&all).1, [["1", "2.50", "∅"]]);
    let held: Vec<_> = all.held.iter().map(|h| (h.line, h.rule.as_str(), h.raw.as_str())).collect();
    assert_eq!(held, [(2, "cast(decimal(5,2))", r#"{"id":2,"v":"x"}"#), (3, "required", r#"{"id":null,"v":"1"}"#)]);
}

#[test]
fn a_large_table_is_read_in_parts_of_one_moment() {
    let Some(connection) = postgres() else { return };
    schema(
        &connection,
        "large",
        "CREATE TABLE t (id int, filler text); ALTER TABLE t ALTER filler SET STORAGE PLAIN;
         INSERT INTO t SELECT g, repeat('x', 1900) FROM generate_series(1, 90000) g; ANALYZE t",
    );
    let server = Server { root: Path::new("/"), connection: &connection };
    // While the first rows come, others are added: they are not of that moment.
    let sink = Meddling { inner: Collect::new(), done: Mutex::new(false), connection: &connection };
    let report = database::read(
        &server,
        &piece_of(&connection, &spec("large.t")).unwrap(),
        &spec("large.t"),
        Mode::Strict,
        None,
        2,
        &Cancel::new(),
        &ProgressSlot::new(),
        &sink,
    )
    .unwrap()
    .0;
    assert_eq!(report.rows_in, 90_000);
    let all = sink.inner.into_parts();
    assert!(all.batches.iter().any(|(part, _)| *part > 0), "one part only");
    let lines: Vec<i64> = all.batches.iter().flat_map(|(_, b)| longs(b, "_line")).collect();
    assert!(lines.windows(2).all(|pair| pair[0] < pair[1]), "numbers grow from part to part");
    let mut ids: Vec<i64> = all.batches.iter().flat_map(|(_, b)| longs(b, "id")).collect();
    ids.sort_unstable();
    assert_eq!(ids, (1..=90_000).collect::<Vec<_>>());
}

fn longs(batch: &RecordBatch, name: &str) -> Vec<i64> {
    use arrow::array::AsArray;
    batch.column_by_name(name).unwrap().as_primitive::<arrow::datatypes::Int64Type>().values().to_vec()
}

/// A sink that changes the table when the first rows come.
struct Meddling<'a> {
    inner: Collect,
    done: Mutex<bool>,
    connection: &'a ConnectionSpec,
}

impl Sink for Meddling<'_> {
    fn open(&self, schema: &SchemaRef) -> Outcome<()> {
        self.inner.open(schema)
    }

    fn batch(&self, part: usize, batch: RecordBatch) -> Outcome<()> {
        let mut done = self.done.lock().unwrap();
        if !std::mem::replace(&mut *done, true) {
            session(self.connection).run("INSERT INTO large.t SELECT -g, 'late' FROM generate_series(1, 1000) g")?;
        }
        self.inner.batch(part, batch)
    }

    fn end_part(&self, part: usize) -> Outcome<()> {
        self.inner.end_part(part)
    }

    fn held(&self, rows: Vec<QuarantinedRow>) -> Outcome<()> {
        self.inner.held(rows)
    }
}

#[test]
fn only_what_came_since_is_read() {
    let Some(connection) = postgres() else { return };
    schema(
        &connection,
        "since",
        "CREATE TABLE t (id int, at timestamp); INSERT INTO t VALUES (1, '2024-01-01'), (2, '2024-01-02 12:00'), (3, '2024-01-03')",
    );
    let ids = |since: &Since| {
        let (all, _) = read_server(&connection, &spec("since.t"), Some(since)).unwrap();
        shown(&all).1.into_iter().map(|row| row[0].clone()).collect::<Vec<_>>().join(",")
    };
    assert_eq!(ids(&Since::new("id", "2", None, false).unwrap()), "3");
    assert_eq!(ids(&Since::new("id", "2", None, true).unwrap()), "2,3");
    assert_eq!(ids(&Since::new("at", "2024-01-03 00:00:00", Some("1 day"), true).unwrap()), "2,3");
}

#[test]
fn tables_with_their_keys() {
    let Some(connection) = postgres() else { return };
    schema(
        &connection,
        "listed",
        "CREATE TABLE t (b int, a int, v text, PRIMARY KEY (a, b)); CREATE VIEW w AS SELECT 1 AS one; INSERT INTO t VALUES (1, 2, 'x'); ANALYZE t",
    );
    let found = tables(&Reach::of(Path::new("/"), &connection).unwrap(), &Cancel::new()).unwrap();
    let own: Vec<_> = found
        .iter()
        .filter(|t| t.name.starts_with("listed."))
        .map(|t| format!("{} {} {:?} {}", t.name, t.kind, t.rows, t.key.join("+")))
        .collect();
    assert_eq!(own, ["listed.t table Some(1) a+b", "listed.w view None "]);
}

#[test]
fn the_first_rows_are_a_preview() {
    let Some(connection) = postgres() else { return };
    schema(&connection, "first", "CREATE TABLE t AS SELECT g AS n FROM generate_series(1, 5000) g");
    let server = Server { root: Path::new("/"), connection: &connection };
    let (window, _) = database::preview(&server, &spec("first.t"), 3, &Cancel::new()).unwrap();
    assert_eq!(window.rows, [[Cell::Integer(1)], [Cell::Integer(2)], [Cell::Integer(3)]]);
}

fn code(connection: &ConnectionSpec) -> (Code, Option<String>) {
    match tried(connection) {
        Err(problem) => (problem.code, None),
        Ok(stages) => {
            let (problem, stage) = failed(&stages).expect("it failed");
            assert!(problem.next.is_some(), "no next step: {problem:?}");
            (problem.code, Some(stage.to_owned()))
        }
    }
}

#[test]
fn each_stage_of_a_trial_says_what_is_wrong() {
    let Some(connection) = postgres() else { return };
    let url = std::env::var("TROMMEL_TEST_POSTGRES").unwrap();
    let with = |url: &str| ConnectionSpec { url: Some(trommel_model::Address::Text(url.to_owned())), ..connection.clone() };
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("wrong");
    std::fs::write(&wrong, "canary-4711\n").unwrap();
    let other = ConnectionSpec { ca: Some(std::env::var("TROMMEL_TEST_OTHER_CA").unwrap()), ..connection.clone() };
    let nobody = ConnectionSpec { password: Some(Reference::File(wrong.display().to_string())), ..connection.clone() };
    let missing = ConnectionSpec { password: Some(Reference::Env("TROMMEL_NO_SUCH_VARIABLE".to_owned())), ..connection.clone() };
    // Nothing listens on the port of a listener that is closed again.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_eq!(code(&with("postgres://x@no-such-host.invalid/x")), (Code::Connection, Some("name".to_owned())));
    assert_eq!(code(&with(&format!("postgres://x@127.0.0.1:{port}/x"))), (Code::Connection, Some("reach".to_owned())));
    assert_eq!(code(&other), (Code::Denied, Some("TLS".to_owned())));
    assert_eq!(code(&nobody), (Code::Denied, Some("authentication".to_owned())));
    assert_eq!(code(&missing), (Code::Denied, None));
    assert_eq!(
        code(&with(&format!("{}/no_such_database", url.strip_suffix("/trommel").unwrap()))),
        (Code::UnknownName, Some("authentication".to_owned()))
    );
    let all = tried(&nobody);
    assert!(!format!("{all:?}").contains("canary"), "{all:?}");

    schema(&connection, "trial", "CREATE TABLE t AS SELECT 1 AS one; ANALYZE t");
    let well = tried(&connection).unwrap();
    let stages: Vec<_> = well.iter().map(|s| (s.name.as_str(), s.outcome.is_ok())).collect();
    let expected = ["name", "reach", "TLS", "authentication", "privilege", "one row"];
    assert_eq!(stages, expected.map(|name| (name, true)));
}

#[test]
fn faults_of_a_read_are_told_apart() {
    let Some(connection) = postgres() else { return };
    schema(&connection, "faults", "CREATE TABLE t AS SELECT 1 AS one; CREATE TABLE gone AS SELECT 1 AS one; DROP TABLE gone");
    let code = |connection: &ConnectionSpec, spec: &SourceSpec| read_server(connection, spec, None).map(drop).unwrap_err().code;
    assert_eq!(code(&connection, &spec("faults.gone")), Code::UnknownName);
    assert_eq!(code(&connection, &query("SELECT nothing FROM faults.t")), Code::BadSql);
    assert_eq!(code(&connection, &query("DELETE FROM faults.t RETURNING one")), Code::BadSql);
    let hasty = ConnectionSpec { statement_timeout_s: Some(1), ..connection.clone() };
    let slow = read_server(&hasty, &query("SELECT pg_sleep(60)::text AS s"), None).map(drop).unwrap_err();
    assert_eq!((slow.code, slow.what.as_str()), (Code::Connection, "the server gave the statement up"));
}

/// A sink that ends the sessions that read, when the first rows come.
struct Cutting<'a> {
    connection: &'a ConnectionSpec,
    cut: Mutex<bool>,
}

impl Sink for Cutting<'_> {
    fn open(&self, _: &SchemaRef) -> Outcome<()> {
        Ok(())
    }

    fn batch(&self, _: usize, _: RecordBatch) -> Outcome<()> {
        let mut cut = self.cut.lock().unwrap();
        if !std::mem::replace(&mut *cut, true) {
            let ended = session(self.connection).rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%cutting%' AND pid <> pg_backend_pid()",
            )?;
            assert!(!ended.is_empty(), "nobody to cut");
        }
        Ok(())
    }

    fn end_part(&self, _: usize) -> Outcome<()> {
        Ok(())
    }

    fn held(&self, _: Vec<QuarantinedRow>) -> Outcome<()> {
        Ok(())
    }
}

#[test]
fn a_connection_cut_while_rows_come_is_a_fault() {
    let Some(connection) = postgres() else { return };
    let spec = query("SELECT g, repeat('x', 100) AS cutting FROM generate_series(1, 20000000) g");
    let sink = Cutting { connection: &connection, cut: Mutex::new(false) };
    let server = Server { root: Path::new("/"), connection: &connection };
    let problem = database::read(
        &server,
        &piece_of(&connection, &spec).unwrap(),
        &spec,
        Mode::Strict,
        None,
        1,
        &Cancel::new(),
        &ProgressSlot::new(),
        &sink,
    )
    .unwrap_err();
    assert_eq!(problem.code, Code::Connection, "{problem:?}");
}

#[test]
fn reading_stops_when_asked() {
    let Some(connection) = postgres() else { return };
    let cancel = Cancel::new();
    let spec = query("SELECT pg_sleep(30)::text AS s");
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
        // The statement runs once the server says so.
        let mut watcher = session(&connection);
        while watcher
            .rows("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'COPY%pg_sleep(30)%' AND pid <> pg_backend_pid()")
            .unwrap()
            .is_empty()
        {}
        let asked = Instant::now();
        cancel.raise();
        (reader.join().unwrap().unwrap_err(), asked.elapsed())
    });
    assert_eq!(problem.code, Code::Interrupted);
    assert!(late < Duration::from_millis(200), "{late:?}");
}

#[test]
fn reading_is_as_slow_as_wanted() {
    let Some(connection) = postgres() else { return };
    schema(&connection, "slow", "CREATE TABLE t AS SELECT g FROM generate_series(1, 300) g");
    let slow = ConnectionSpec { rows_per_s: Some(600), ..connection };
    let began = Instant::now();
    assert_eq!(read_server(&slow, &spec("slow.t"), None).unwrap().1.rows_in, 300);
    assert!(began.elapsed() >= Duration::from_millis(490), "{:?}", began.elapsed());
}

#[test]
fn kinds_are_not_mixed_up() {
    let connection = ConnectionSpec::server("c", ConnectionKind::Mysql, "postgres://x@localhost/x");
    let problem = read_server(&connection, &spec("t"), None).map(drop).unwrap_err();
    assert_eq!(problem.code, Code::BadConfig);
}

#[test]
fn the_widest_table_there_is_comes_whole() {
    let Some(connection) = postgres() else { return };
    // As many columns as the server allows; it refuses one more by itself.
    let names: Vec<String> = (0..1600).map(|at| format!("c{at}")).collect();
    let columns: Vec<String> = names.iter().map(|name| format!("{name} bool")).collect();
    schema(&connection, "wide", &format!("CREATE TABLE t ({}); INSERT INTO t (c0, c1599) VALUES (true, false)", columns.join(", ")));
    let (all, report) = read_server(&connection, &spec("wide.t"), None).unwrap();
    let (found, rows) = shown(&all);
    assert_eq!((found.len(), report.rows_in, rows[0][0].as_str(), rows[0][1599].as_str()), (1600, 1, "true", "false"));
    let mut session = session(&connection);
    assert!(session.run("ALTER TABLE wide.t ADD COLUMN more bool").is_err());
}

#[test]
fn columns_without_a_value_and_a_table_without_a_row() {
    let Some(connection) = postgres() else { return };
    schema(
        &connection,
        "empty",
        "CREATE TABLE t (id int, v text); CREATE TABLE none (); CREATE TABLE unset (id int); INSERT INTO unset VALUES (null), (null)",
    );
    check(&connection, &spec("empty.t"), &["id Int64", "v Utf8"], &[]);
    check(&connection, &spec("empty.unset"), &["id Int64"], &[&["∅", "∅"], &["∅", "∅"]]);
}
