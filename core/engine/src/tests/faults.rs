//! Faults in SQL: what, where, and what was probably meant.

use trommel_model::{Cancel, Code};

use super::engine;

#[test]
fn faults_point_at_their_place_and_name_the_nearest() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path());
    engine
        .execute(
            "create schema raw; create table raw.orders(id integer, amount double); create table raw.customers(id integer)",
            &Cancel::new(),
        )
        .unwrap();
    let check = |sql: &str, line: u64, column: u64, at: &str, meant: Option<&str>| {
        for problem in [
            engine.describe(sql).unwrap_err(),
            engine.count(sql, &Cancel::new()).unwrap_err(),
            engine.query(sql, &Cancel::new()).unwrap_err(),
        ] {
            assert_eq!(problem.code, Code::BadSql, "{sql}: {problem:?}");
            let snippet = problem.snippet.clone().unwrap_or_else(|| panic!("{sql} has no snippet: {problem:?}"));
            assert_eq!(&sql[snippet.span], at, "{sql}");
            assert_eq!((problem.place.line, problem.place.column), (Some(line), Some(column)), "{sql}");
            if let Some(meant) = meant {
                assert_eq!(problem.next.as_deref(), Some(format!("did you mean \"{meant}\"?").as_str()), "{sql}");
            }
        }
    };
    check("select id,\n  amont\nfrom raw.orders", 2, 3, "amont", Some("amount"));
    check("select * from raw.order", 1, 15, "raw.order", Some("raw.orders"));
    check("select o.amuont from raw.orders o", 1, 8, "o.amuont", Some("amount"));
    check("select é, summ(amount) from (select *, 1 as é from raw.orders)", 1, 11, "summ(amount)", Some("sum"));
    check("select * frm raw.orders", 1, 14, "raw", None);
    check("select (1 + from raw.orders", 1, 13, "from", None);
    check("select id from raw.orders group by amount", 1, 8, "id", None);
}

#[test]
fn faults_of_the_data_are_told_apart_from_faults_of_the_text() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path());
    for sql in ["select 'x'::integer", "select cast('2020-13-01' as date)", "select 9223372036854775807 + 1", "select error('boom')"] {
        let problem = engine.query(sql, &Cancel::new()).unwrap_err();
        assert_eq!(problem.code, Code::RunFailed, "{sql}: {problem:?}");
    }
    let problem = engine.query("select 1 \0", &Cancel::new()).unwrap_err();
    assert_eq!(problem.code, Code::BadSql);
    let inside = folder.path().canonicalize().unwrap();
    let problem = engine.query(&format!("from read_parquet('{}/none.parquet')", inside.display()), &Cancel::new()).unwrap_err();
    assert_eq!(problem.code, Code::FileNotFound, "{problem:?}");
}
