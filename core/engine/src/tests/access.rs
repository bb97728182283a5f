//! What SQL of users cannot do.

use trommel_model::{Cancel, Code};

use super::{ask, engine};

#[test]
fn nothing_outside_the_folder_is_read_or_written() {
    let folder = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret.csv"), "a\n1\n").unwrap();
    std::fs::write(folder.path().join("own.csv"), "a\n1\n").unwrap();
    let inside = folder.path().canonicalize().unwrap();
    let engine = engine(folder.path());
    assert_eq!(ask(&engine, &format!("select * from read_csv('{}/own.csv')", inside.display())), "1");
    for sql in [
        "select * from read_text('/etc/passwd')".to_owned(),
        "select * from read_csv('/etc/passwd', columns = {'a': 'VARCHAR'}, delim = '|')".to_owned(),
        "select * from '/etc/passwd'".to_owned(),
        "select * from glob('/etc/*')".to_owned(),
        format!("select * from read_csv('{}/secret.csv')", outside.path().display()),
        format!("select * from read_csv('{}/../{}/secret.csv')", inside.display(), outside.path().file_name().unwrap().display()),
        "select * from read_csv('https://example.invalid/x.csv')".to_owned(),
        "select getenv('HOME')".to_owned(),
    ] {
        let problem = engine.query(&sql, &Cancel::new()).err().unwrap_or_else(|| panic!("{sql} was allowed"));
        assert!(matches!(problem.code, Code::Denied | Code::BadSql | Code::FileNotFound), "{sql}: {problem:?}");
    }
    for sql in [
        format!("copy (select 1) to '{}/out.csv'", outside.path().display()),
        "attach '/tmp/other.duckdb' as other".to_owned(),
        "install httpfs".to_owned(),
        "load httpfs".to_owned(),
        "set enable_external_access = true".to_owned(),
        "set global lock_configuration = false".to_owned(),
        "pragma enable_profiling = 'json'".to_owned(),
        "set memory_limit = '100GB'".to_owned(),
        "create secret (type s3)".to_owned(),
        format!("export database '{}'", outside.path().display()),
    ] {
        assert!(engine.execute(&sql, &Cancel::new()).is_err(), "{sql} was allowed");
    }
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1);
}

#[test]
fn where_a_query_is_asked_for_only_a_query_runs() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path());
    engine.execute("create table t as select 1 as a", &Cancel::new()).unwrap();
    let cancel = Cancel::new();
    for sql in [
        "drop table t",
        "select 1; drop table t",
        "drop table t; select 1",
        "copy t to 'x.csv'",
        "create view v as select 1",
        "insert into t values (2)",
        "delete from t returning *",
        "set threads = 1",
        "call pragma_version()",
        "explain analyze select 1",
        "select 1) x; drop table t; select * from (select 1",
        "",
        "-- nothing",
    ] {
        assert_eq!(engine.query(sql, &cancel).unwrap_err().code, Code::BadSql, "query {sql}");
        assert_eq!(engine.describe(sql).unwrap_err().code, Code::BadSql, "describe {sql}");
        assert!(engine.count(sql, &cancel).is_err(), "count {sql}");
        assert!(engine.window(sql, &[], None, 0, 10, &cancel).is_err(), "window {sql}");
    }
    assert!(engine.window("from t", &[], Some("true); drop table t; select (1"), 0, 10, &cancel).is_err());
    assert_eq!(ask(&engine, "from t -- all\n;"), "1");
    assert_eq!(ask(&engine, "describe t"), "a,INTEGER,YES,null,null,null");
}
