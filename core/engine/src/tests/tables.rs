//! Tables in and out.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int8Array, Int32Array, Int64Array,
    LargeStringArray, ListArray, RecordBatch, StringArray, StringViewArray, StructArray, Time64MicrosecondArray, TimestampMicrosecondArray,
    TimestampNanosecondArray, UInt64Array,
};
use arrow::datatypes::{DataType as Arrow, Field, Int32Type};
use trommel_model::{Cancel, Cell, Code, DataType, Order, SortKey};

use super::{ask, engine, text};
use crate::frame::schema_of;

#[test]
fn what_is_put_in_comes_out() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path());
    let inner: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None]));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("bo", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ("i8", Arc::new(Int8Array::from(vec![Some(-1), None]))),
        ("u64", Arc::new(UInt64Array::from(vec![Some(u64::MAX), None]))),
        ("f", Arc::new(Float64Array::from(vec![Some(0.1), None]))),
        ("d", Arc::new(Decimal128Array::from(vec![Some(-12345), None]).with_precision_and_scale(30, 3).unwrap())),
        ("s", Arc::new(StringArray::from(vec![Some("é'\""), None]))),
        ("ls", Arc::new(LargeStringArray::from(vec![Some("large"), None]))),
        ("sv", Arc::new(StringViewArray::from(vec![Some("a view of more than twelve bytes"), None]))),
        ("di", Arc::new(vec![Some("one"), None].into_iter().collect::<DictionaryArray<Int32Type>>())),
        ("bl", Arc::new(BinaryArray::from(vec![Some(&[0u8, 255][..]), None]))),
        ("da", Arc::new(Date32Array::from(vec![Some(-1), None]))),
        ("ti", Arc::new(Time64MicrosecondArray::from(vec![Some(1), None]))),
        ("ts", Arc::new(TimestampMicrosecondArray::from(vec![Some(1), None]))),
        ("tz", Arc::new(TimestampMicrosecondArray::from(vec![Some(1), None]).with_timezone("UTC"))),
        ("tn", Arc::new(TimestampNanosecondArray::from(vec![Some(1), None]))),
        ("li", Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(1), None]), None]))),
        ("st", Arc::new(StructArray::from(vec![(Arc::new(Field::new("x", Arrow::Int32, true)), inner)]))),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true))).unwrap();
    engine.put("raw.t", vec![batch.clone(), batch.slice(1, 1)]).unwrap();
    let first = "true,-1,18446744073709551615,0.1,-12.345,é'\",large,a view of more than twelve bytes,one,\\x00ff,1969-12-31,00:00:00.000001,\
                 1970-01-01 00:00:00.000001,1970-01-01 00:00:00.000001+00,1970-01-01 00:00:00.000000001,[1,null],{\"x\":1}";
    assert_eq!(ask(&engine, "from raw.t limit 1"), first);
    assert_eq!(ask(&engine, "select count(*), count(s), count(li) from raw.t"), "3,1,1");
    let sql =
        "select * exclude (sv, ls, di), '5d1b4cfa-26c9-4b4e-8f0c-5f0d6d1e6a55'::uuid as u, 7::hugeint as h, '{}'::json as j from raw.t";
    let out = engine.query(sql, &Cancel::new()).unwrap();
    engine.put("again", out.clone()).unwrap();
    assert_eq!(text(&engine.query("from again", &Cancel::new()).unwrap()), text(&out));
    engine.put("raw.t", vec![RecordBatch::new_empty(batch.schema())]).unwrap();
    assert_eq!(ask(&engine, "select count(*) from raw.t"), "0");
    assert!(engine.put("nothing", vec![]).is_err());
}

#[test]
fn names_and_types_are_told_without_running() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path());
    let sql = "select 1 as a, sum(range) as b, {'x': [1.5::decimal(4,1)]} as c, '{}'::json as d, error('never run') as e, uuid() as f,
               'x'::enum('x', 'y') as g, map {'k': 1} as h, now() as i from range(3);";
    let schema = engine.describe(sql).unwrap();
    let types: Vec<_> = schema.fields.iter().map(|f| f.data_type.to_string()).collect();
    assert_eq!(
        types,
        ["integer", "huge integer", "struct(x)", "json", "integer", "uuid", "text", "list of struct(key, value)", "timestamp with zone"]
    );
    let batches = engine.query("select '{}'::json as j, 1::utinyint as u", &Cancel::new()).unwrap();
    let types: Vec<_> = schema_of(&batches[0].schema()).fields.into_iter().map(|f| f.data_type).collect();
    assert_eq!(types, [DataType::Json, DataType::Integer]);
}

#[test]
fn windows_page_through_ties_without_repeating_a_row() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path());
    engine
        .execute(
            "create table t as select range as id, range % 3 as g, case when range % 10 = 0 then null else range end as n from range(1000)",
            &Cancel::new(),
        )
        .unwrap();
    let sort = [SortKey { column: "g".into(), order: Order::Descending }];
    let mut ids = Vec::new();
    for page in 0..10 {
        let window = engine.window("from t", &sort, None, page * 100, 100, &Cancel::new()).unwrap();
        assert_eq!((window.offset, window.rows.len()), (page * 100, 100));
        ids.extend(window.rows.into_iter().map(|row| row[0].clone()));
    }
    let mut different: Vec<_> = ids.iter().map(Cell::text).collect();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), 1000);
    let window = engine.window("select * from t where id < 30;", &[], Some("n is null -- really"), 1, 10, &Cancel::new()).unwrap();
    assert_eq!(window.rows.iter().map(|r| r[0].text()).collect::<Vec<_>>(), ["10", "20"]);
    assert_eq!(engine.count("from t where g = 1", &Cancel::new()).unwrap(), 333);
    let sort = [SortKey { column: "gg".into(), order: Order::Ascending }];
    assert_eq!(engine.window("from t", &sort, None, 0, 1, &Cancel::new()).unwrap_err().code, Code::UnknownName);
    let problem = engine.window("from t", &[], Some("idd > 3"), 0, 1, &Cancel::new()).unwrap_err();
    assert_eq!(problem.next.as_deref(), Some("did you mean \"id\"?"));
}

#[test]
fn large_results_are_streamed_in_order_and_callers_can_stop_them() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path());
    let mut next = 0;
    let schema = engine
        .stream("select range as i, 'x' as t from range(300000)", &Cancel::new(), &mut |batch| {
            let ids = batch.column(0).as_any().downcast_ref::<Int64Array>().unwrap();
            for i in ids.values() {
                assert_eq!(*i, next);
                next += 1;
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(next, 300_000);
    assert_eq!(schema.field(1).name(), "t");
    let mut batches = 0;
    let problem = engine
        .stream("select range from range(100000000)", &Cancel::new(), &mut |_| {
            batches += 1;
            Err(trommel_model::Problem::new(Code::NoSpace, "full"))
        })
        .unwrap_err();
    assert_eq!((problem.code, batches), (Code::NoSpace, 1));
}

#[test]
fn an_engine_serves_several_threads() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path());
    engine.execute("create table t as from range(1000)", &Cancel::new()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert_eq!(ask(&engine, "select sum(range) from t"), "499500");
                }
            });
        }
    });
}
