//! Writing to a PostgreSQL of `scripts/servers`, where it is hardest: every type, readers in between, and all that can go wrong.

use std::io::{Read, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::record_batch::RecordBatch;
use sqlx::Row;
use trommel_model::{Address, Cancel, Code, ConnectionSpec, OnMisfit, ProgressSlot, Tls, WriteMode};

use super::tests::{schema, session, spec};
use crate::database::write::tests::{Small, Wish, batch, deliver, replace_under_readers, write_numbers};
use crate::database::write::{Order, may_write};
use crate::testing::{postgres, read_server};

fn count(connection: &ConnectionSpec, sql: &str) -> i64 {
    session(connection).rows(sql).unwrap()[0].try_get(0).unwrap()
}

/// Rows as they come out of a table, without the columns that say where they came from.
fn rows_of(connection: &ConnectionSpec, table: &str) -> Vec<RecordBatch> {
    let (all, _) = read_server(connection, &spec(table), None).unwrap();
    let own: Vec<usize> = (0..all.schema.unwrap().fields().len() - 3).collect();
    all.batches.into_iter().map(|(_, b)| b.project(&own).unwrap()).collect()
}

#[test]
fn every_type_goes_back_as_it_came() {
    let Some(connection) = postgres() else { return };
    schema(
        &connection,
        "back",
        "CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE DOMAIN cents AS numeric(10,2) CHECK (value >= 0);
         CREATE TABLE a (b bool, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, n numeric(12,3), nn numeric, c cents, x text, v varchar(9),
           k char(4), y bytea, d date, ts timestamp, tz timestamptz, ti time, iv interval, u uuid, j json, jb jsonb, m mood, a int[], ip inet,
           bits bit(3), r int4range, xm xml);
         INSERT INTO a VALUES (true, -2, 2147483647, -9223372036854775808, 1.5, 0.1, -12.300, 12345.678, 7.5, 'grüße', 'x', 'ab', '\\x00ff',
           '2024-02-29', '2024-02-29 13:05:07.123456', '2024-02-29 13:05:07+02', '23:59:59.999999', '1 year 2 days 03:04:05',
           'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{\"a\": 1}', '{\"a\":1}', 'glad', '{1,null,3}', '10.0.0.0/8', B'101', '[1,5)', '<a/>');
         INSERT INTO a (i2) VALUES (7); CREATE TABLE b (LIKE a); CREATE TABLE c (LIKE a); INSERT INTO c (x) VALUES ('old')",
    );
    let rows = rows_of(&connection, "back.a");
    let differ = "SELECT count(*) FROM (SELECT (t.*)::text FROM back.a t EXCEPT ALL SELECT (t.*)::text FROM back.TABLE t) x";
    for table in ["b", "c"] {
        let name = format!("back.{table}");
        let (delivered, _) = deliver(&connection, &Wish::new(&name, WriteMode::Replace, &[], table), &rows).unwrap();
        assert_eq!(delivered.rows_out, 2);
        assert_eq!(count(&connection, &differ.replace("TABLE", table)), 0, "{table}");
        assert_eq!(count(&connection, &format!("SELECT count(*) FROM {name}")), 2);
    }
    let odd = batch(&[("i2", "Int64"), ("m", "Utf8")], &[&["1", "furious"]]);
    let problem = deliver(&connection, &Wish::new("back.b", WriteMode::Append, &[], "odd"), &[odd]).unwrap_err();
    assert!(problem.why.as_ref().is_some_and(|why| why.contains("furious")), "{problem:?}");
}

#[test]
fn what_a_table_has_survives_its_replacement() {
    let Some(connection) = postgres() else { return };
    schema(
        &connection,
        "kept",
        "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name varchar(20) DEFAULT 'x', born date, twice int GENERATED ALWAYS AS (id * 2) STORED);
         CREATE INDEX t_name ON t (name); COMMENT ON COLUMN t.name IS 'who'; INSERT INTO t (name) VALUES ('a'), ('b');
         DROP ROLE IF EXISTS kept_reader; CREATE ROLE kept_reader; GRANT SELECT ON t TO kept_reader; CREATE VIEW v AS SELECT id, twice FROM t;
         CREATE MATERIALIZED VIEW mv AS SELECT * FROM v",
    );
    let rows = batch(&[("id", "Int64"), ("name", "Utf8"), ("born", "Date32")], &[&["2", "B", "∅"], &["9", "N", "2000-01-01"]]);
    deliver(&connection, &Wish::new("kept.t", WriteMode::Replace, &[], "1"), &[rows]).unwrap();
    let found = "SELECT count(*) FROM kept.v JOIN kept.t USING (id) WHERE v.twice = 2 * id AND name IN ('B', 'N')";
    assert_eq!(count(&connection, found), 2);
    let kept = "SELECT (SELECT count(*) FROM pg_indexes WHERE schemaname = 'kept' AND tablename = 't')
        + (has_table_privilege('kept_reader', 'kept.t', 'SELECT'))::int + (col_description('kept.t'::regclass, 2) = 'who')::int";
    assert_eq!(count(&connection, kept), 4);
    session(&connection).run("DROP OWNED BY kept_reader; DROP ROLE kept_reader").unwrap();
}

#[test]
fn readers_see_the_rows_of_before_or_of_after() {
    let Some(connection) = postgres() else { return };
    schema(&connection, "swapped", "CREATE TABLE t (id int PRIMARY KEY, v int); CREATE TABLE plain (id int, v int)");
    replace_under_readers(&connection, ["swapped.t", "swapped.plain"], 3, &|reader, table| {
        let isolation = ["READ COMMITTED", "REPEATABLE READ", "READ COMMITTED"][reader];
        let sql = format!("SELECT count(*), count(DISTINCT v), min(v)::int8 FROM {table}");
        let mut session = session(&connection);
        Box::new(move || {
            session.run(&format!("BEGIN ISOLATION LEVEL {isolation}; SELECT 1")).unwrap();
            let row = &session.rows(&sql).unwrap()[0];
            let seen = (row.get(0), row.get(1), row.get(2));
            session.run("COMMIT").unwrap();
            seen
        })
    });
}

#[test]
fn a_connection_cut_while_rows_go_leaves_the_table_as_it_was() {
    let Some(connection) = postgres() else { return };
    schema(&connection, "cut", "CREATE TABLE t (id int, filler text); INSERT INTO t VALUES (-1, 'old')");
    let cut = |at: usize| {
        if at == 8 {
            let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'COPY%\"cut\".\"t\"%' AND pid <> pg_backend_pid()";
            assert_eq!(count(&connection, sql), 1, "nobody to cut");
        }
    };
    let problem = write_numbers(&connection, "cut.t", "1", &cut).unwrap_err();
    assert_eq!(problem.code, Code::Connection, "{problem:?}");
    assert_eq!(count(&connection, "SELECT count(*) FROM cut.t"), 1);
    assert_eq!(write_numbers(&connection, "cut.t", "1", &|_| ()).unwrap().rows_out, 40_000);
    assert_eq!(count(&connection, "SELECT count(*) FROM cut.t"), 40_001);
}

/// Passes a connection on to the server; cuts the first one in which COMMIT was sent, before its answer comes back.
fn cutting_proxy(port: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let cut = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for client in listener.incoming().map_while(Result::ok) {
                let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
                let asked = Box::leak(Box::new(Mutex::new(false)));
                let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let (asked, cut): (&Mutex<bool>, &AtomicBool) = (asked, &cut);
                scope.spawn(move || {
                    let mut bytes = [0; 16_384];
                    while let Ok(n @ 1..) = from.read(&mut bytes) {
                        if bytes[..n].windows(6).any(|w| w == b"COMMIT") && !cut.swap(true, Ordering::SeqCst) {
                            *asked.lock().unwrap() = true;
                        }
                        if to.write_all(&bytes[..n]).is_err() {
                            break;
                        }
                    }
                    let _ = to.shutdown(Shutdown::Both);
                });
                let (mut from, mut to) = (server, client);
                scope.spawn(move || {
                    let mut bytes = [0; 16_384];
                    while let Ok(n @ 1..) = from.read(&mut bytes) {
                        // The server has committed; nobody hears of it.
                        if *asked.lock().unwrap() || to.write_all(&bytes[..n]).is_err() {
                            break;
                        }
                    }
                    let _ = to.shutdown(Shutdown::Both);
                });
            }
        });
    });
    own
}

#[test]
fn an_answer_that_does_not_come_is_found_out() {
    let Some(connection) = postgres() else { return };
    schema(&connection, "unheard", "CREATE TABLE t (id int, filler text)");
    let url = std::env::var("TROMMEL_TEST_POSTGRES").unwrap();
    let port: u16 = url.rsplit_once(':').unwrap().1.split('/').next().unwrap().parse().unwrap();
    let through = url.replace(&format!("localhost:{port}"), &format!("127.0.0.1:{}", cutting_proxy(port)));
    let plain = ConnectionSpec { url: Some(Address::Text(through)), tls: Some(Tls::Off), ca: None, ..connection.clone() };
    let delivered = write_numbers(&plain, "unheard.t", "1", &|_| ()).unwrap();
    assert!(delivered.notes.iter().any(|n| n.contains("cut at the end")), "{delivered:?}");
    assert_eq!(count(&connection, "SELECT count(*) FROM unheard.t"), 40_000);
    // Whoever runs again finds it written.
    assert!(write_numbers(&connection, "unheard.t", "1", &|_| ()).unwrap().before.is_some());
    assert_eq!(count(&connection, "SELECT count(*) FROM unheard.t"), 40_000);
}

#[test]
fn faults_of_a_write_are_told_apart() {
    let Some(connection) = postgres() else { return };
    schema(
        &connection,
        "wfaults",
        "CREATE TABLE t (id int CHECK (id > 0), filler text); CREATE VIEW v AS SELECT * FROM t;
         CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(30); RETURN NEW; END';
         CREATE TABLE slow (id int, filler text); CREATE TRIGGER s BEFORE INSERT ON slow FOR EACH ROW EXECUTE FUNCTION slow()",
    );
    session(&connection)
        .run(
            "CREATE FUNCTION wfaults.none() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TABLE wfaults.swallow (id int, filler text);
             CREATE TRIGGER n BEFORE INSERT ON wfaults.swallow FOR EACH ROW EXECUTE FUNCTION wfaults.none()",
        )
        .unwrap();
    let one = batch(&[("id", "Int64"), ("filler", "Utf8")], &[&["-1", "x"]]);
    let fault = |connection: &ConnectionSpec, table: &str| {
        let problem = deliver(connection, &Wish::new(table, WriteMode::Append, &[], "1"), std::slice::from_ref(&one)).unwrap_err();
        assert!(problem.next.is_some(), "no next step: {problem:?}");
        (problem.code, problem.what)
    };
    assert_eq!(fault(&connection, "wfaults.t"), (Code::RunFailed, "a row breaks a rule of the table".to_owned()));
    assert_eq!(fault(&connection, "wfaults.v").0, Code::BadConfig);
    assert_eq!(fault(&connection, "wfaults.swallow").0, Code::LawBroken);
    assert_eq!(fault(&connection, "no_such_schema.t").0, Code::UnknownName);
    let hasty = ConnectionSpec { statement_timeout_s: Some(1), ..connection.clone() };
    assert_eq!(fault(&hasty, "wfaults.slow"), (Code::Connection, "the server gave the statement up".to_owned()));

    let password = std::env::var("TROMMEL_TEST_PASSWORD").unwrap();
    session(&connection)
        .run(&format!(
            "DROP ROLE IF EXISTS wfaults_user; CREATE ROLE wfaults_user LOGIN PASSWORD '{password}'; GRANT USAGE ON SCHEMA wfaults TO wfaults_user;
             GRANT SELECT ON ALL TABLES IN SCHEMA wfaults TO wfaults_user"
        ))
        .unwrap();
    let url = std::env::var("TROMMEL_TEST_POSTGRES").unwrap().replacen("trommel@", "wfaults_user@", 1);
    let weak = ConnectionSpec { url: Some(Address::Text(url)), ..connection.clone() };
    assert_eq!(fault(&weak, "wfaults.t"), (Code::Denied, "the user may not write to wfaults.t".to_owned()));
    session(&connection).run("GRANT INSERT ON wfaults.t TO wfaults_user").unwrap();
    // The account of batches is there by now, and not theirs.
    assert_eq!(fault(&weak, "wfaults.t"), (Code::Denied, "the user may not write there".to_owned()));
    let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
    let order = |table| Order {
        root: std::path::Path::new("/"),
        connection: &weak,
        table,
        mode: WriteMode::Replace,
        key: &[],
        on_bad: OnMisfit::Fail,
        sink: "s",
        writer: "w",
        run: "r",
        batch: "b",
        cancel: &cancel,
        progress: &progress,
    };
    assert_eq!(may_write(&order("wfaults.t")).unwrap_err().code, Code::Denied);
    session(&connection).run("DROP OWNED BY wfaults_user; DROP ROLE wfaults_user").unwrap();
}

#[test]
fn a_server_without_space_keeps_what_it_has() {
    let Some(connection) = postgres() else { return };
    let Some(small) = Small::disk("postgres") else { return };
    let path = small.path();
    schema(&connection, "tight", "");
    let mut owner = session(&connection);
    let tried = std::panic::catch_unwind(|| {
        session(&connection).run(&format!("CREATE TABLESPACE small LOCATION '{path}'")).unwrap();
        session(&connection)
            .run("CREATE TABLE tight.t (id int, filler text) TABLESPACE small; INSERT INTO tight.t VALUES (1, 'old')")
            .unwrap();
        let problem = write_numbers(&connection, "tight.t", "1", &|_| ()).unwrap_err();
        assert_eq!(problem.code, Code::NoSpace, "{problem:?}");
        assert_eq!(count(&connection, "SELECT count(*) FROM tight.t"), 1);
    });
    owner.run("DROP TABLE IF EXISTS tight.t").unwrap();
    owner.run("DROP TABLESPACE IF EXISTS small").unwrap();
    drop(small);
    tried.unwrap();
}
