//! Writing to a MariaDB of `scripts/servers`: readers in between, a connection that is cut.

use std::path::Path;

use sqlx::Row;
use trommel_model::{Address, Cancel, Code, ConnectionSpec};

use super::Session;
use crate::database::Reach;
use crate::database::write::tests::{replace_under_readers, write_numbers};
use crate::testing::mysql;

fn session(connection: &ConnectionSpec) -> Session {
    Session::open(&Reach::of(Path::new("/"), connection).unwrap(), &Cancel::new()).unwrap()
}

fn run(connection: &ConnectionSpec, statements: &[&str]) {
    let mut session = session(connection);
    for statement in statements {
        session.run(statement).unwrap();
    }
    session.close();
}

fn count(connection: &ConnectionSpec, sql: &str) -> i64 {
    session(connection).rows(sql, &[]).unwrap()[0].try_get(0).unwrap()
}

#[test]
fn readers_see_the_rows_of_before_or_of_after() {
    let Some(connection) = mysql() else { return };
    run(
        &connection,
        &[
            "DROP TABLE IF EXISTS swapped_t, swapped_plain",
            "CREATE TABLE swapped_t (id INT PRIMARY KEY, v INT)",
            "CREATE TABLE swapped_plain (id INT, v INT)",
        ],
    );
    replace_under_readers(&connection, ["swapped_t", "swapped_plain"], 2, &|reader, table| {
        let isolation = ["READ COMMITTED", "REPEATABLE READ"][reader];
        let sql = format!("SELECT count(*), count(DISTINCT v), CAST(min(v) AS SIGNED) FROM {table}");
        let mut session = session(&connection);
        session.run(&format!("SET SESSION TRANSACTION ISOLATION LEVEL {isolation}")).unwrap();
        Box::new(move || {
            let row = &session.rows(&sql, &[]).unwrap()[0];
            (row.get(0), row.get(1), row.get(2))
        })
    });
}

#[test]
fn a_connection_cut_while_rows_go_leaves_the_table_as_it_was() {
    let Some(connection) = mysql() else { return };
    let password = std::env::var("TROMMEL_TEST_PASSWORD").unwrap();
    run(
        &connection,
        &[
            "DROP TABLE IF EXISTS cut_t",
            "CREATE TABLE cut_t (id INT, filler TEXT)",
            "INSERT INTO cut_t VALUES (-1, 'old')",
            &format!("CREATE OR REPLACE USER cut_writer@'%' IDENTIFIED BY '{password}'"),
            "GRANT ALL ON trommel.* TO cut_writer@'%'",
        ],
    );
    let url = std::env::var("TROMMEL_TEST_MYSQL").unwrap().replacen("trommel@", "cut_writer@", 1);
    let writer = ConnectionSpec { url: Some(Address::Text(url)), ..connection.clone() };
    let cut = |at: usize| {
        if at == 8 {
            let mut watcher = session(&connection);
            let sql = "SELECT CAST(id AS SIGNED) FROM information_schema.processlist WHERE user = 'cut_writer'";
            let open: Vec<i64> = watcher.rows(sql, &[]).unwrap().iter().map(|row| row.get(0)).collect();
            assert!(!open.is_empty(), "nobody to cut");
            for id in open {
                watcher.run(&format!("KILL {id}")).unwrap();
            }
        }
    };
    let problem = write_numbers(&writer, "cut_t", "cut", &cut).unwrap_err();
    assert_eq!(problem.code, Code::Connection, "{problem:?}");
    assert_eq!(count(&connection, "SELECT count(*) FROM cut_t"), 1);
    assert_eq!(write_numbers(&writer, "cut_t", "cut", &|_| ()).unwrap().rows_out, 40_000);
    assert_eq!(count(&connection, "SELECT count(*) FROM cut_t"), 40_001);
    run(&connection, &["DROP TABLE cut_t", "DROP USER cut_writer@'%'", "DELETE FROM _trommel_batches WHERE batch = 'cut'"]);
}

#[test]
fn a_table_without_transactions_is_not_written_to() {
    let Some(connection) = mysql() else { return };
    for engine in ["MyISAM", "Aria", "MEMORY"] {
        run(
            &connection,
            &["DROP TABLE IF EXISTS loose_t", &format!("CREATE TABLE loose_t (id INT, filler VARCHAR(80)) ENGINE = {engine}")],
        );
        let problem = write_numbers(&connection, "loose_t", "loose", &|_| ()).unwrap_err();
        assert_eq!(problem.code, Code::BadConfig, "{problem:?}");
        assert!(problem.to_string().contains(engine) && problem.next.is_some(), "{problem:?}");
        assert_eq!(count(&connection, "SELECT count(*) FROM loose_t"), 0);
    }
    run(&connection, &["DROP TABLE loose_t"]);
}
