//! Databases as other programs make them: made with SQL, read through the connector.

use std::path::{Path, PathBuf};
use std::time::Duration;

use arrow::util::display::{ArrayFormatter, FormatOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection};
use trommel_model::{Cancel, Cell, Code, ColumnContract, ContractType, FileFormat, OnBad, Outcome, Problem, ProgressSlot, SourceSpec};

use super::config::runtime;
use super::{TableWriter, only_table, read, tables};
use crate::read::Job;
use crate::sink::{Collect, Collected, Mode};
use crate::{Piece, ReadReport};

fn connect(path: &Path) -> (tokio::runtime::Runtime, SqliteConnection) {
    let runtime = runtime().unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let connection = runtime.block_on(options.connect()).unwrap();
    (runtime, connection)
}

fn database(sql: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let (runtime, mut connection) = connect(&path);
    runtime.block_on(sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection)).unwrap();
    runtime.block_on(connection.close()).unwrap();
    (folder, path)
}

fn spec(table: &str) -> SourceSpec {
    SourceSpec::of_file("s", Some(table.to_owned()))
}

fn wanted(name: &str, data_type: ContractType) -> ColumnContract {
    ColumnContract {
        name: name.to_owned(),
        data_type,
        required: false,
        on_bad: OnBad::Quarantine,
        formats: Vec::new(),
        description: String::new(),
    }
}

fn read_as(path: &Path, spec: &SourceSpec, mode: Mode) -> Outcome<(Collected, ReadReport)> {
    let piece = Piece {
        name: spec.table.clone().unwrap_or_else(|| "query".to_owned()),
        path: path.to_owned(),
        format: FileFormat::Sqlite,
        bytes: 0,
        modified_ms: 0,
    };
    let sink = Collect::new();
    let job = Job { piece: &piece, spec, mode, threads: 1, cancel: &Cancel::new(), progress: &ProgressSlot::new() };
    let report = read::read_patiently(&job, Duration::from_millis(50), &sink)?;
    assert_eq!(report.rows_in, report.rows_out + report.held);
    Ok((sink.into_parts(), report))
}

/// `name type` of the columns before the position columns, and the rows with `∅` for no value.
fn shown(all: &Collected) -> (Vec<String>, Vec<Vec<String>>) {
    let schema = all.schema.clone().unwrap();
    let count = schema.fields().len() - 3;
    let columns = schema.fields().iter().take(count).map(|f| format!("{} {}", f.name(), f.data_type())).collect();
    let mut rows = Vec::new();
    for (_, batch) in &all.batches {
        let options = FormatOptions::new().with_null("∅");
        let cells: Vec<_> = batch.columns().iter().map(|c| ArrayFormatter::try_new(c, &options).unwrap()).collect();
        rows.extend((0..batch.num_rows()).map(|row| cells.iter().map(|c| c.value(row).to_string()).collect::<Vec<_>>()));
    }
    (columns, rows)
}

fn check(sql: &str, columns: &[&str], rows: &[&[&str]]) -> ReadReport {
    let (_folder, path) = database(sql);
    let (all, report) = read_as(&path, &spec("t"), Mode::Strict).unwrap();
    let (found, cells) = shown(&all);
    assert_eq!(found, columns, "{sql}");
    let cells: Vec<Vec<String>> = cells.into_iter().map(|row| row[..columns.len()].to_vec()).collect();
    assert_eq!(cells, rows, "{sql}");
    report
}

fn fails(outcome: Outcome<(Collected, ReadReport)>) -> Problem {
    outcome.map(drop).unwrap_err()
}

#[test]
fn types_are_those_of_the_values() {
    check(
        "create table t(a, b INTEGER); insert into t values (1, 2), (null, 9223372036854775807)",
        &["a Int64", "b Int64"],
        &[&["1", "2"], &["∅", "9223372036854775807"]],
    );
    check("create table t(a); insert into t values (1), (2.5)", &["a Float64"], &[&["1.0"], &["2.5"]]);
    check(
        "create table t(d DATE, b BOOL, c TEXT); insert into t values ('2024-02-29', 'true', '007'), (null, 'false', '')",
        &["d Date32", "b Boolean", "c Utf8"],
        &[&["2024-02-29", "true", "007"], &["∅", "false", ""]],
    );
    check(
        "create table t(a REAL, b TIMESTAMP, c); insert into t values (null, null, null)",
        &["a Float64", "b Timestamp(µs)", "c Utf8"],
        &[&["∅", "∅", "∅"]],
    );
    check("create table t(a INTEGER, x INTEGER as (a * 2))", &["a Int64", "x Int64"], &[]);
}

#[test]
fn mixed_columns_become_text_and_are_told() {
    let report = check("create table t(n INTEGER); insert into t values (1), ('two'), (3)", &["n Utf8"], &[&["1"], &["two"], &["3"]]);
    assert_eq!(report.notes, ["column \"n\": 1 of 3 values are text, so the column is text although it is declared INTEGER"]);
    let report = check("create table t(b); insert into t values (x'01ff'), ('x')", &["b Utf8"], &[&["01ff"], &["x"]]);
    assert_eq!(report.notes.len(), 1);
    check("create table t(f); insert into t values (1.5), (9e999)", &["f Utf8"], &[&["1.5"], &["inf"]]);
}

#[test]
fn rows_come_in_the_order_of_their_numbers() {
    let sql = "create table t(v); create index i on t(v); insert into t(rowid, v) values (3, 'a'), (1, 'c'), (2, 'b')";
    check(sql, &["v Utf8"], &[&["c"], &["b"], &["a"]]);
    check(
        "create table t(rowid TEXT, v); insert into t values ('z', 1), ('y', 2)",
        &["rowid Utf8", "v Int64"],
        &[&["z", "1"], &["y", "2"]],
    );
    check(
        "create table t(k TEXT primary key, v) without rowid; insert into t values ('b', 1), ('a', 2)",
        &["k Utf8", "v Int64"],
        &[&["a", "2"], &["b", "1"]],
    );
    check("create table u(a); insert into u values (5); create view t as select a + 1 as b from u", &["b Int64"], &[&["6"]]);
}

#[test]
fn a_contract_holds_the_rows_that_do_not_fit() {
    let (_folder, path) = database("create table t(n INTEGER, d TEXT); insert into t values (1, '1.50'), ('two', '2'), (3, 'x')");
    let mut spec = spec("t");
    spec.columns = vec![wanted("n", ContractType::Integer), wanted("d", ContractType::Decimal { precision: 10, scale: 2 })];
    let (all, report) = read_as(&path, &spec, Mode::Strict).unwrap();
    assert_eq!(shown(&all).0, ["n Int64", "d Decimal128(10, 2)"]);
    assert_eq!((report.rows_in, report.rows_out, report.held), (3, 1, 2));
    assert!(report.notes.is_empty(), "the contract settles the type: {:?}", report.notes);
    let held: Vec<_> = all.held.iter().map(|h| (h.line, h.rule.as_str(), h.reason.as_str(), h.raw.as_str())).collect();
    assert_eq!(
        held,
        [
            (2, "cast(integer)", "\"two\" is not an integer", r#"{"n":"two","d":"2"}"#),
            (3, "cast(decimal(10,2))", "\"x\" is not a decimal(10,2)", r#"{"n":3,"d":"x"}"#),
        ]
    );
    let (all, report) = read_as(&path, &spec, Mode::Lenient).unwrap();
    assert_eq!((shown(&all).0, report.held), (vec!["n Utf8".to_owned(), "d Utf8".to_owned()], 0));
}

#[test]
fn position_columns() {
    let (_folder, path) = database("create table t(a); insert into t values (5), (6)");
    let (all, _) = read_as(&path, &spec("t"), Mode::Strict).unwrap();
    assert_eq!(shown(&all).1, [["5", "t", "1", "∅"], ["6", "t", "2", "∅"]]);
}

#[test]
fn texts_that_are_no_text() {
    let (_folder, path) = database("create table t(a); insert into t values ('ok'), (cast(x'41ff' as text)), (cast(x'410042' as text))");
    let (all, report) = read_as(&path, &spec("t"), Mode::Strict).unwrap();
    assert_eq!((report.rows_out, report.held), (1, 2));
    assert_eq!(all.held.iter().map(|h| (h.line, h.rule.as_str())).collect::<Vec<_>>(), [(2, "encoding"), (3, "encoding")]);
    let (all, report) = read_as(&path, &spec("t"), Mode::Lenient).unwrap();
    assert_eq!((report.rows_out, report.notes.len()), (3, 1));
    assert_eq!(shown(&all).1[1][0], "A\u{FFFD}");
}

#[test]
fn a_database_in_utf16_reads_the_same() {
    check(
        "pragma encoding = 'UTF-16le'; create table t(ä TEXT, d DATE); insert into t values ('größe', '2024-02-29')",
        &["ä Utf8", "d Date32"],
        &[&["größe", "2024-02-29"]],
    );
}

#[test]
fn queries_read_like_tables() {
    let (_folder, path) = database("create table t(a, b); insert into t values (1, 'x'), (2, 'y')");
    let mut spec = SourceSpec::of_file("s", None);
    spec.query = Some("select a * 10 as a, b, a from t where a > 1; -- the last\n".to_owned());
    assert_eq!(fails(read_as(&path, &spec, Mode::Strict)).code, Code::BadSql, "a remark after the semicolon stays");
    spec.query = Some("select a * 10 as a, b, a from t where a > 1 -- the last".to_owned());
    let (all, _) = read_as(&path, &spec, Mode::Strict).unwrap();
    assert_eq!(shown(&all).1, [["20", "y", "2", "query", "1", "∅"]]);
    spec.query = Some("delete from t returning a".to_owned());
    assert_eq!(fails(read_as(&path, &spec, Mode::Strict)).code, Code::BadSql);
}

#[test]
fn tables_are_named_and_found() {
    let (_folder, path) = database("create table \"a \"\"b\"(x); create table orders(x); create view v as select 1 as one");
    assert_eq!(tables(&path).unwrap(), ["a \"b", "orders", "v"]);
    let problem = only_table(&path).unwrap_err();
    assert_eq!(problem.code, Code::UnknownName);
    assert!(problem.why.unwrap().contains("orders"));
    assert!(problem.next.unwrap().contains("x.db::"));
    let problem = fails(read_as(&path, &spec("order"), Mode::Strict));
    assert_eq!((problem.code, problem.next.as_deref()), (Code::UnknownName, Some("did you mean \"orders\"?")));
    assert!(read_as(&path, &spec("ORDERS"), Mode::Strict).is_ok());
    assert!(read_as(&path, &spec("a \"b"), Mode::Strict).is_ok());
    let (_folder, path) = database("create table t(x); create view v as select 1 as one");
    assert_eq!(only_table(&path).unwrap(), "t");
    let (_folder, path) = database("create table t(x); drop table t");
    assert_eq!(only_table(&path).unwrap_err().code, Code::EmptyFile);
}

#[test]
fn files_that_are_no_databases() {
    let folder = tempfile::tempdir().unwrap();
    for (bytes, code) in [(&b""[..], Code::EmptyFile), (&[7_u8; 5000][..], Code::BadSqlite)] {
        let path = folder.path().join("x.db");
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(only_table(&path).unwrap_err().code, code);
        assert_eq!(fails(read_as(&path, &spec("t"), Mode::Strict)).code, code);
    }
    assert_eq!(only_table(&folder.path().join("none.db")).unwrap_err().code, Code::FileNotFound);
    // The header is sound, the pages behind it are not.
    let (_folder, path) = database("create table t(x); insert into t select hex(randomblob(900)) from json_each('[1,2,3,4,5,6,7,8,9]')");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4096..].fill(0xEE);
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(fails(read_as(&path, &spec("t"), Mode::Strict)).code, Code::BadSqlite);
}

#[test]
fn a_locked_database_is_told() {
    let (_folder, path) = database("create table t(x)");
    let (runtime, mut connection) = connect(&path);
    runtime.block_on(sqlx::query("begin exclusive").execute(&mut connection)).unwrap();
    let problem = fails(read_as(&path, &spec("t"), Mode::Strict));
    assert_eq!(problem.code, Code::Locked);
    assert!(problem.next.is_some());
    runtime.block_on(sqlx::query("rollback").execute(&mut connection)).unwrap();
    assert!(read_as(&path, &spec("t"), Mode::Strict).is_ok());
}

#[test]
fn a_read_stops_when_asked_within_a_statement() {
    let (_folder, path) = database("create table t(x)");
    let mut spec = SourceSpec::of_file("s", None);
    spec.query = Some("with recursive n(i) as (select 1 union all select i + 1 from n) select i from n".to_owned());
    let piece = Piece { name: "query".to_owned(), path, format: FileFormat::Sqlite, bytes: 0, modified_ms: 0 };
    let cancel = Cancel::new();
    let progress = ProgressSlot::new();
    let sink = Collect::new();
    let job = Job { piece: &piece, spec: &spec, mode: Mode::Strict, threads: 1, cancel: &cancel, progress: &progress };
    let (ended, end) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| ended.send(read::read(&job, &sink).map(drop)));
        // The types are looked at first, which never ends here by itself.
        assert!(end.recv_timeout(Duration::from_millis(300)).is_err());
        cancel.raise();
        assert_eq!(end.recv().unwrap().unwrap_err().code, Code::Interrupted);
    });
}

#[test]
fn what_is_written_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.sqlite");
    let mut writer = TableWriter::create(&path, "t \"x\"", &[("id", "INTEGER"), ("na\"me", "TEXT"), ("v", "REAL"), ("ok", "")]).unwrap();
    let row = |n: i64| {
        vec![
            Cell::Integer(n),
            Cell::Text(format!("é{n}")),
            Cell::Float(n as f64 + 0.5),
            if n % 2 == 0 { Cell::Null } else { Cell::Boolean(true) },
        ]
    };
    writer.append(&mut (0..20_001).map(row)).unwrap();
    writer.append(&mut std::iter::once(vec![Cell::Text("20001".to_owned()), Cell::Null, Cell::Text("x".to_owned()), Cell::Null])).unwrap();
    let uneven = writer.append(&mut [vec![Cell::Null; 4], vec![Cell::Null]].into_iter());
    assert_eq!(uneven.unwrap_err().code, Code::Usage);
    writer.finish().unwrap();
    assert_eq!(TableWriter::create(&path, "t", &[("a", "")]).map(drop).unwrap_err().code, Code::FileExists);
    assert_eq!(only_table(&path).unwrap(), "t \"x\"");
    let (all, report) = read_as(&path, &spec("t \"x\""), Mode::Strict).unwrap();
    assert_eq!(report.rows_out, 20_002, "an append that fails adds nothing");
    let (columns, rows) = shown(&all);
    assert_eq!(columns, ["id Int64", "na\"me Utf8", "v Utf8", "ok Int64"]);
    assert_eq!(rows[1], ["1", "é1", "1.5", "1", "t \"x\"", "2", "∅"]);
    assert_eq!(rows[20_001], ["20001", "∅", "x", "∅", "t \"x\"", "20002", "∅"]);
}

/// What the pages say and what SQL says is the same: a table is read from its pages, a query through SQL.
#[test]
fn pages_and_sql_read_the_same() {
    let many = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)";
    for sql in [
        format!(
            "create table t(a INTEGER PRIMARY KEY, b, c REAL, d TEXT); insert into t {many} select i * 3, i % 7, i, 'row ' || i from n;
                 delete from t where a % 9 = 0; insert into t values (-5, null, null, '')"
        ),
        "create table t(a INTEGER, b DATE); insert into t values (1, '2024-01-01'), (70000, null), (5000000000, '2024-02-29'), (-1, '2024-03-01')"
            .to_owned(),
        format!(
            "pragma page_size = 512; create table t(big, blob); insert into t {many} select
                 substr(replace(hex(zeroblob(i % 3000)), '0', 'x'), 1, i % 6000), randomblob(0) from n"
        ),
        "create table t(a, b); insert into t values (1, 2); alter table t add column c; alter table t add column d default 'new';
         insert into t values (3, 4, 5, 6)"
            .to_owned(),
        "create table t(a, b); insert into t values (1, 2); alter table t add column c; insert into t values (3, 4, 5)".to_owned(),
        "create table t(a INTEGER PRIMARY KEY DESC, b); insert into t values (null, 'x'), (7, 'y')".to_owned(),
        "create table t(a, b, PRIMARY KEY (a, b)); insert into t values (2, 'x'), (null, 'y')".to_owned(),
        "create table t(a, b, PRIMARY KEY (a)) without rowid; insert into t values (2, 'x'), (1, 'y')".to_owned(),
        "pragma journal_mode = wal; create table t(a REAL, b INTEGER); insert into t values (1, 0), (2.5, 1), (9007199254740993, 0)"
            .to_owned(),
        "create table t(a NUMERIC); insert into t values (1), (2.50), ('x')".to_owned(),
    ] {
        let (_folder, path) = database(&sql);
        let ordered = if sql.contains("without rowid") { "a" } else { "rowid" };
        let query = SourceSpec { query: Some(format!("select * from t order by {ordered}")), ..SourceSpec::of_file("s", None) };
        let (pages, first) = read_as(&path, &spec("t"), Mode::Strict).unwrap();
        let (rows, second) = read_as(&path, &query, Mode::Strict).unwrap();
        assert_eq!((first.rows_in, first.held), (second.rows_in, second.held), "{sql}");
        let values = |all: &Collected| {
            let (columns, rows) = shown(all);
            let rows: Vec<Vec<String>> = rows.into_iter().map(|row| [&row[..columns.len()], &row[columns.len() + 1..]].concat()).collect();
            (columns, rows)
        };
        let (a, b) = (values(&pages), values(&rows));
        // Declared types are known of tables only.
        assert_eq!(a.0.len(), b.0.len());
        assert_eq!(a.1, b.1, "{sql}");
    }
}

#[test]
fn the_widest_table_there_is_comes_whole() {
    let columns: Vec<String> = (0..2000).map(|at| format!("c{at}")).collect();
    let (_folder, path) = database(&format!("CREATE TABLE t ({}); INSERT INTO t (c0, c1999) VALUES (1, 'x')", columns.join(", ")));
    let (all, report) = read_as(&path, &spec("t"), Mode::Strict).unwrap();
    let (found, rows) = shown(&all);
    assert_eq!((found.len(), report.rows_in, rows[0][0].as_str(), rows[0][1999].as_str()), (2000, 1, "1", "x"));
}
