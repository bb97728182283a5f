//! Both ways: what one DuckDB writes, the other reads, at every snapshot.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int8Array, Int16Array, Int32Array,
    Int64Array, ListArray, RecordBatch, StringArray, StructArray, Time64MicrosecondArray, TimestampMicrosecondArray,
    TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray, UInt8Array, UInt16Array, UInt32Array, UInt64Array,
};
use arrow::datatypes::{DataType, Field, Int32Type};
use trommel_contract::{Rows, foreign};
use trommel_engine::frame::cells_of;
use trommel_engine::lake::Lake;
use trommel_engine::{Access, Engine, Limits};
use trommel_model::{Cancel, Cell, TableName};

struct Both {
    _folder: tempfile::TempDir,
    /// Where `lake.sqlite` is.
    state: PathBuf,
    lake: Lake,
    engine: Engine,
}

fn both() -> Both {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().to_owned();
    Both { lake: Lake::open(&state).unwrap(), engine: engine(&state), state, _folder: folder }
}

fn engine(folder: &Path) -> Engine {
    let limits = Limits { memory_bytes: 1 << 30, threads: 2, temp_dir: folder.join("cache") };
    Engine::open(&limits, &Access::Locked(vec![folder.canonicalize().unwrap()])).unwrap()
}

fn name(text: &str) -> TableName {
    text.parse().unwrap()
}

impl Both {
    /// Publishes a query's result as the whole of a table.
    fn copy(&self, table: &str, sql: &str) {
        self.lake.attach(&self.engine, self.lake.latest().unwrap()).unwrap();
        let (file, schema, _) = self.lake.copy(&self.engine, &name(table), sql, &Cancel::new()).unwrap();
        let mut publish = self.lake.publish();
        publish.replace(&name(table), &schema, file.into_iter().collect());
        publish.commit().unwrap();
    }

    /// Adds rows to a table.
    fn append(&self, table: &str, batch: &RecordBatch) {
        let mut writer = self.lake.writer(&name(table), &batch.schema()).unwrap();
        writer.write(batch).unwrap();
        let mut publish = self.lake.publish();
        publish.append(&name(table), &batch.schema(), writer.finish().unwrap().into_iter().collect());
        publish.commit().unwrap();
    }

    /// Lets the foreign DuckDB do something.
    fn let_foreign(&self, texts: &[&str]) -> Vec<Rows> {
        foreign(&self.state, &texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>())
    }

    fn ours(&self, sql: &str) -> Rows {
        let text = |cell: &Cell| (!cell.is_null()).then(|| cell.text());
        let batches = self.engine.query(sql, &Cancel::new()).unwrap_or_else(|p| panic!("{sql}: {p:?}"));
        batches.iter().flat_map(cells_of).map(|row| row.iter().map(text).collect()).collect()
    }

    /// Reads every table and view at every snapshot on both sides: the same columns, types and values.
    fn compare(&self) {
        let mut ours = Vec::new();
        let mut asked = Vec::new();
        for snapshot in self.lake.snapshots().unwrap() {
            self.lake.attach(&self.engine, snapshot.id).unwrap();
            for table in self.lake.tables(snapshot.id).unwrap() {
                let here = format!("\"{}\".\"{}\"", table.name.layer, table.name.table);
                // The foreign side can look back at tables only, not at views.
                let there = match table.rows {
                    Some(_) => format!("lake.{here} AT (VERSION => {})", snapshot.id),
                    None if snapshot.id == self.lake.latest().unwrap() => format!("lake.{here}"),
                    None => continue,
                };
                for (columns, rest) in
                    [("column_name, column_type", "(DESCRIBE SELECT * FROM {})"), ("CAST(COLUMNS(*) AS VARCHAR)", "{} ORDER BY ALL")]
                {
                    let text = |from: &str| format!("SELECT {columns} FROM {}", rest.replace("{}", from));
                    ours.push((format!("{} at {}", table.name, snapshot.id), self.ours(&text(&here))));
                    asked.push(text(&there));
                }
                if let Some(rows) = table.rows {
                    let counted = self.ours(&format!("SELECT count(*) FROM {here}"));
                    assert_eq!(counted, vec![vec![Some(rows.to_string())]], "stored rows of {} at {}", table.name, snapshot.id);
                }
            }
        }
        let theirs = foreign(&self.state, &asked);
        for ((what, ours), theirs) in ours.iter().zip(&theirs) {
            assert_eq!(ours, theirs, "{what}");
        }
    }
}

/// Every type there is, as SQL: values, extremes, nulls.
const TYPES: &str = "
    select n,
        case n when 0 then null else n % 2 = 0 end as bo,
        (n * 42 - 100)::tinyint as i8, (n * 10000 - 30000)::smallint as i16, (n - 3) * 700000000 as i32a, ((n - 3) * 700000000)::integer as i32,
        ((n::hugeint - 3) * 3000000000000000000)::bigint as i64, (n - 3) * 30000000000000000000000000000000000000::hugeint as i128,
        (n * 50)::utinyint as u8, (n * 13000)::usmallint as u16, (n * 800000000)::uinteger as u32, (n::hugeint * 3600000000000000000)::ubigint as u64,
        (n - 2.5)::float as f32, case n when 4 then 'nan' when 3 then 'inf' else (n - 2.5)::double end::double as f64,
        ((n - 3) * 1.25)::decimal(4,2) as d4, ((n - 3) * 123456.789)::decimal(18,3) as d18, ((n - 3) * 12345678901234567890.12345)::decimal(38,5) as d38,
        case n when 0 then null when 1 then '' when 2 then repeat('long ', 100) else 'é ''\"' || n end as s,
        case n when 0 then null else unhex('00ff0' || n) end as bl,
        date '1969-12-30' + n::integer as da, time '23:59:59.999990' - to_microseconds(n) as ti,
        timestamp '1969-12-31 23:59:59.999998' + to_microseconds(n) as ts, ('2020-01-01 0' || n || ':00:00+00')::timestamptz as tz,
        (timestamp '2020-01-01' + to_seconds(n))::timestamp_s as tss, (timestamp '2020-01-01' + to_milliseconds(n))::timestamp_ms as tsm,
        '2020-01-01 00:00:00.123456789'::timestamp_ns as tsn,
        to_months(n) + to_days(n) + to_milliseconds(n) as iv, ('5d1b4cfa-26c9-4b4e-8f0c-00000000000' || n)::uuid as u, ('{\"n\": ' || n || '}')::json as js,
        case n when 0 then null when 1 then [] else [n, null, -n] end as li, {'a': n, 'b': {'c': 's' || n, 'd': [date '2020-01-01']}} as st,
        [{'x': n, 'y': [n::double]}] as ls, map {'k' || n: n, 'z': null} as ma
    from range(6) r(n)";

#[test]
fn every_type_that_a_query_gives_is_read_alike() {
    let both = both();
    both.copy("mart.types", TYPES);
    both.compare();
    // Appending to it and reading it with conditions, so that the statistics we wrote decide what is read.
    let columns = both.let_foreign(&["select column_name from (describe lake.mart.types)"]).remove(0);
    let nested = ["li", "st", "ls", "ma", "iv"];
    let names: Vec<_> = columns.iter().filter_map(|row| row[0].clone()).filter(|c| !nested.contains(&c.as_str())).collect();
    let mut asked = Vec::new();
    for column in &names {
        for condition in
            ["= (select {} from t where n = 5)", "> (select {} from t where n = 1)", "< (select {} from t where n = 2)", "is null"]
        {
            asked.push(format!("select count(*) from t where {column} {}", condition.replace("{}", column)));
        }
    }
    both.lake.attach(&both.engine, both.lake.latest().unwrap()).unwrap();
    let theirs = foreign(&both.state, &asked.iter().map(|sql| sql.replace("from t", "from lake.mart.types")).collect::<Vec<_>>());
    for (sql, theirs) in asked.iter().zip(theirs) {
        assert_eq!(both.ours(&sql.replace("from t", "from mart.types")), theirs, "{sql}");
    }
}

/// Every type a connector or the matcher writes, as Arrow.
fn arrow_types(from: i64) -> RecordBatch {
    let n: Vec<i64> = (from..from + 4).collect();
    let some = |i: usize| i != 0;
    macro_rules! numbers {
        ($array:ty, $type:ty) => {
            Arc::new(n.iter().enumerate().map(|(i, x)| some(i).then_some(*x as $type)).collect::<$array>()) as ArrayRef
        };
    }
    let item = Arc::new(Field::new("item", DataType::Int32, true));
    let strings: ArrayRef = Arc::new(n.iter().enumerate().map(|(i, x)| some(i).then(|| format!("é'{x}"))).collect::<StringArray>());
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from(n.clone()))),
        ("bo", Arc::new(n.iter().map(|x| Some(x % 2 == 0)).collect::<BooleanArray>())),
        ("i8", numbers!(Int8Array, i8)),
        ("i16", numbers!(Int16Array, i16)),
        ("i32", numbers!(Int32Array, i32)),
        ("u8", numbers!(UInt8Array, u8)),
        ("u16", numbers!(UInt16Array, u16)),
        ("u32", numbers!(UInt32Array, u32)),
        ("u64", numbers!(UInt64Array, u64)),
        ("f32", numbers!(Float32Array, f32)),
        ("f64", Arc::new(n.iter().enumerate().map(|(i, x)| if i == 2 { f64::NAN } else { *x as f64 / 4.0 }).collect::<Float64Array>())),
        ("dec", Arc::new(n.iter().map(|x| i128::from(*x) * -12345).collect::<Decimal128Array>().with_precision_and_scale(30, 4).unwrap())),
        ("d9", Arc::new(n.iter().map(|x| i128::from(*x) * -12345).collect::<Decimal128Array>().with_precision_and_scale(9, 2).unwrap())),
        ("s", strings.clone()),
        (
            "bl",
            Arc::new(
                n.iter().map(|x| x.to_be_bytes().to_vec()).collect::<Vec<_>>().iter().map(|b| Some(b.as_slice())).collect::<BinaryArray>(),
            ),
        ),
        ("da", Arc::new(n.iter().map(|x| Some(*x as i32 - 10)).collect::<Date32Array>())),
        ("ti", Arc::new(n.iter().map(|x| Some(x.rem_euclid(9) * 9_600_000_001)).collect::<Time64MicrosecondArray>())),
        ("ts", Arc::new(n.iter().map(|x| Some(x * 1_000_000_007 - 5)).collect::<TimestampMicrosecondArray>())),
        ("tz", Arc::new(n.iter().map(|x| Some(x * 1_000_000_007 - 5)).collect::<TimestampMicrosecondArray>().with_timezone("UTC"))),
        ("tss", numbers!(TimestampSecondArray, i64)),
        ("tsm", numbers!(TimestampMillisecondArray, i64)),
        ("tsn", numbers!(TimestampNanosecondArray, i64)),
        (
            "li",
            Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(
                n.iter().map(|x| (*x % 3 != 0).then(|| vec![Some(*x as i32), None])),
            )),
        ),
        (
            "st",
            Arc::new(StructArray::from(vec![
                (item, numbers!(Int32Array, i32)),
                (Arc::new(Field::new("t", DataType::Utf8, true)), strings),
            ])),
        ),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true))).unwrap()
}

#[test]
fn every_type_that_is_written_from_arrow_is_read_alike() {
    let both = both();
    for from in [0, 100, -50] {
        both.append("raw.types", &arrow_types(from));
    }
    both.compare();
    // Each file has its own range; a wrong bound would lose its rows.
    let asked: Vec<String> = [-50, -47, 0, 3, 50, 100, 103]
        .iter()
        .flat_map(|n| {
            ["id", "i32", "f32", "tss"].map(|c| {
                format!(
                    "select count(*) from t where {c} = {}",
                    if c == "tss" { format!("to_timestamp({n})::timestamp") } else { n.to_string() }
                )
            })
        })
        .chain(
            [
                "dec < -100",
                "d9 > 0",
                "s >= 'é''100'",
                "da < date '1960-01-01'",
                "ts < timestamp '1970-01-01'",
                "tz > timestamptz '1970-01-01 00:30:00+00'",
                "f64 > 1000",
                "isnan(f64)",
                "bl > '\\x00'::blob",
                "u64 > 18446744073709551500",
                "bo",
            ]
            .map(|c| format!("select count(*) from t where {c}")),
        )
        .collect();
    both.lake.attach(&both.engine, both.lake.latest().unwrap()).unwrap();
    let theirs = foreign(&both.state, &asked.iter().map(|sql| sql.replace("from t", "from lake.raw.types")).collect::<Vec<_>>());
    for (sql, theirs) in asked.iter().zip(theirs) {
        assert_eq!(both.ours(&sql.replace("from t", "from raw.types")), theirs, "{sql}");
    }
}

fn people(ids: &[i64]) -> RecordBatch {
    let names: StringArray = ids.iter().map(|i| Some(format!("name {i}"))).collect();
    RecordBatch::try_from_iter([("id", Arc::new(Int64Array::from(ids.to_vec())) as ArrayRef), ("name", Arc::new(names) as ArrayRef)])
        .unwrap()
}

#[test]
fn both_write_the_same_tables_in_turn() {
    take_turns(&both());
}

/// The foreign side may keep small changes in the catalogue instead of writing files.
#[test]
fn both_write_the_same_tables_in_turn_with_rows_in_the_catalogue() {
    let both = both();
    both.let_foreign(&["call lake.set_option('data_inlining_row_limit', 10)"]);
    take_turns(&both);
}

fn take_turns(both: &Both) {
    both.append("raw.people", &people(&(0..500).collect::<Vec<_>>()));
    both.copy("mart.initials", "select left(name, 1) as initial, count(*) as n, {'a': 1} as st from raw.people group by initial");
    let mut publish = both.lake.publish();
    publish.view(&name("mart.few"), "select id, name from raw.people where id < 3");
    publish.commit().unwrap();
    both.compare();

    both.let_foreign(&[
        "insert into lake.raw.people values (1000, 'foreign ''1'), (1001, null)",
        "delete from lake.raw.people where id = 7",
        "insert into lake.raw.people select i, 'bulk ' || i from range(2000, 2100) r(i)",
        "delete from lake.raw.people where id between 100 and 300",
        "delete from lake.raw.people where id between 2010 and 2012",
        "update lake.raw.people set name = 'updated' where id in (1, 2, 1000)",
    ]);
    both.compare();
    both.append("raw.people", &people(&[3000, 3001]));
    both.compare();

    // Columns come, go, change their name and their width.
    both.let_foreign(&[
        "drop view lake.mart.few",
        "alter table lake.raw.people add column note varchar default 'n/a'",
        "insert into lake.raw.people values (4000, 'four', 'noted')",
        "alter table lake.raw.people rename column name to full_name",
        "insert into lake.raw.people (id, full_name) values (4001, 'five')",
        "alter table lake.mart.initials add column st.b varchar",
        "alter table lake.mart.initials alter n type hugeint",
        "alter table lake.mart.initials rename column st.a to aa",
        "insert into lake.mart.initials values ('z', 1, {'aa': 5, 'b': 'x'})",
    ]);
    both.compare();
    both.append("raw.people", &people(&[5000]));
    both.compare();
    both.let_foreign(&[
        "alter table lake.raw.people drop column note",
        "create view lake.mart.few as select count(*) as n from raw.people",
    ]);
    both.compare();

    // The foreign side tidies up: rows leave the catalogue, files are merged and rewritten.
    both.let_foreign(&["call ducklake_flush_inlined_data('lake')"]);
    both.compare();
    both.let_foreign(&["call ducklake_merge_adjacent_files('lake')", "call ducklake_rewrite_data_files('lake')"]);
    both.compare();

    // And we go on: a replaced table keeps nothing, a dropped one is gone, on both sides.
    both.copy("raw.people", "select id, full_name, id % 2 = 0 as even from raw.people where id < 50");
    both.copy("mart.initials", "select 1 as one");
    let mut publish = both.lake.publish();
    publish.drop_table(&name("mart.few"));
    publish.commit().unwrap();
    both.compare();
    both.let_foreign(&[
        "insert into lake.raw.people values (1, 'last', true)",
        "create table lake.raw.theirs as select 1 as a, 'x' as b",
        "delete from lake.raw.people where id = 3",
    ]);
    both.compare();
}

#[test]
fn a_lake_that_the_other_made_is_ours_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("lake")).unwrap();
    foreign(
        folder.path(),
        &[
            "create schema lake.mart".to_owned(),
            "create table lake.mart.t (a integer, b varchar)".to_owned(),
            "insert into lake.mart.t values (1, 'x'), (2, null)".to_owned(),
            "insert into lake.mart.t select i, 'y' from range(100, 200) r(i)".to_owned(),
        ],
    );
    let state = folder.path().to_owned();
    let both = Both { lake: Lake::open(&state).unwrap(), engine: engine(&state), state, _folder: folder };
    both.compare();
    both.append("mart.t", &RecordBatch::try_from_iter([("a", Arc::new(Int32Array::from(vec![7])) as ArrayRef)]).unwrap());
    both.compare();
}

#[test]
fn a_moved_lake_is_found_by_both() {
    let mut both = both();
    both.append("raw.people", &people(&[1, 2, 3]));
    both.let_foreign(&["delete from lake.raw.people where id = 2", "insert into lake.raw.people values (9, 'nine')"]);
    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("moved");
    std::fs::rename(&both.state, &target).unwrap();
    both = Both { lake: Lake::open(&target).unwrap(), engine: engine(&target), state: target, _folder: elsewhere };
    both.compare();
    let names = both.let_foreign(&["select id from lake.raw.people order by id"]).remove(0);
    assert_eq!(names, [["1"], ["3"], ["9"]].map(|r| r.map(|x| Some(x.to_owned())).to_vec()).to_vec());
}
