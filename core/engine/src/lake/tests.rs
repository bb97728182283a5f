//! The lake from the outside: what is published is read back, whole or not at all.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use trommel_model::{Code, RunId, TableName};

use super::*;
use crate::frame::cells_of;
use crate::{Access, Limits};

struct Bench {
    folder: tempfile::TempDir,
    lake: Lake,
    engine: Engine,
}

fn bench() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path()).unwrap();
    let engine = engine(folder.path());
    Bench { folder, lake, engine }
}

fn engine(folder: &Path) -> Engine {
    let limits = Limits { memory_bytes: 1 << 30, threads: 2, temp_dir: folder.join("cache") };
    Engine::open(&limits, &Access::Locked(vec![folder.canonicalize().unwrap()])).unwrap()
}

fn name(text: &str) -> TableName {
    text.parse().unwrap()
}

fn rows(ids: &[i64], text: &str) -> RecordBatch {
    let names: Vec<_> = ids.iter().map(|i| format!("{text}{i}")).collect();
    let columns: Vec<(&str, ArrayRef)> =
        vec![("id", Arc::new(Int64Array::from(ids.to_vec()))), ("name", Arc::new(StringArray::from(names)))];
    RecordBatch::try_from_iter(columns).unwrap()
}

impl Bench {
    fn file(&self, table: &str, batch: &RecordBatch) -> DataFile {
        let mut writer = self.lake.writer(&name(table), &batch.schema()).unwrap();
        writer.write(batch).unwrap();
        writer.finish().unwrap().unwrap()
    }

    fn replace(&self, table: &str, batch: &RecordBatch) -> u64 {
        let file = self.file(table, batch);
        let mut publish = self.lake.publish();
        publish.replace(&name(table), &batch.schema(), vec![file]);
        publish.commit().unwrap()
    }

    fn read_at(&self, snapshot: u64, sql: &str) -> String {
        self.lake.attach(&self.engine, snapshot).unwrap();
        let batches = self.engine.query(sql, &Cancel::new()).unwrap();
        let rows = batches.iter().flat_map(cells_of).map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
        rows.collect::<Vec<_>>().join(" ")
    }

    fn read(&self, sql: &str) -> String {
        self.read_at(self.lake.latest().unwrap(), sql)
    }
}

#[test]
fn what_is_published_is_read_back_at_every_snapshot() {
    let bench = bench();
    assert_eq!(bench.lake.latest().unwrap(), 0);
    let one = bench.replace("raw.t", &rows(&[1, 2], "a"));
    let two = bench.replace("raw.t", &rows(&[3], "b"));
    assert_eq!(bench.read_at(one, "from raw.t order by id"), "1,a1 2,a2");
    assert_eq!(bench.read_at(two, "from raw.t order by id"), "3,b3");
    let tables = bench.lake.tables(two).unwrap();
    assert_eq!(tables[0].rows, Some(1));
    assert_eq!(tables[0].schema.names().collect::<Vec<_>>(), ["id", "name"]);
    let changes: Vec<_> = bench.lake.snapshots().unwrap().into_iter().map(|s| s.changes.join("; ")).collect();
    assert_eq!(changes, ["created layer main", "created layer raw; created raw.t", "replaced rows of raw.t"]);
}

#[test]
fn appending_grows_and_widens_columns() {
    let bench = bench();
    let narrow = RecordBatch::try_from_iter([("id", Arc::new(arrow::array::Int32Array::from(vec![1])) as ArrayRef)]).unwrap();
    bench.replace("raw.t", &narrow);
    let wide = rows(&[1 << 40], "w");
    let file = bench.file("raw.t", &wide);
    let mut publish = bench.lake.publish();
    publish.append(&name("raw.t"), &wide.schema(), vec![file]);
    let snapshot = publish.commit().unwrap();
    assert_eq!(bench.read_at(snapshot, "select id, name from raw.t order by id"), "1,null 1099511627776,w1099511627776");
    assert_eq!(bench.read_at(1, "from raw.t"), "1");
    let file = bench.file("raw.t", &narrow);
    let mut publish = bench.lake.publish();
    publish.append(&name("raw.t"), &narrow.schema(), vec![file]);
    publish.commit().unwrap();
    assert_eq!(bench.read("select count(*), count(name) from raw.t"), "3,1");

    let text = RecordBatch::try_from_iter([("id", Arc::new(StringArray::from(vec!["x"])) as ArrayRef)]).unwrap();
    let file = bench.file("raw.t", &text);
    let mut publish = bench.lake.publish();
    publish.append(&name("raw.t"), &text.schema(), vec![file.clone()]);
    assert_eq!(publish.commit().unwrap_err().code, Code::Drift);
    let mut publish = bench.lake.publish();
    publish.replace(&name("raw.t"), &text.schema(), vec![file]);
    publish.commit().unwrap();
    assert_eq!(bench.read("from raw.t"), "x");
}

#[test]
fn a_changed_source_file_replaces_its_own_rows_only() {
    let bench = bench();
    let schema = rows(&[], "").schema();
    let mut publish = bench.lake.publish();
    let (a, b) =
        (bench.file("raw.t", &rows(&[1, 2], "a")).from_source("a.csv"), bench.file("raw.t", &rows(&[3], "b")).from_source("b.csv"));
    publish.append(&name("raw.t"), &schema, vec![a, b]);
    publish.commit().unwrap();
    let mut publish = bench.lake.publish();
    publish.replace_files(&name("raw.t"), &schema, "a.csv", vec![bench.file("raw.t", &rows(&[9], "a")).from_source("a.csv")]);
    publish.commit().unwrap();
    assert_eq!(bench.read("from raw.t order by id"), "3,b3 9,a9");
    let mut publish = bench.lake.publish();
    publish.replace_files(&name("raw.t"), &schema, "b.csv", vec![]);
    publish.commit().unwrap();
    assert_eq!(bench.read("from raw.t order by id"), "9,a9");
}

#[test]
fn several_tables_views_and_facts_are_one_snapshot() {
    let bench = bench();
    let batch = rows(&[1, 2, 3], "x");
    let mut publish = bench.lake.publish();
    publish.run(&RunId("r1".into()), 7);
    publish.replace(&name("raw.a"), &batch.schema(), vec![bench.file("raw.a", &batch)]);
    publish.replace(&name("raw.b"), &batch.schema(), vec![]);
    publish.view(&name("mart.second"), "select count(*) as n from mart.first");
    publish.view(&name("mart.first"), "select id from raw.a where id > 1;");
    publish.view(&name("mart.broken"), "select nothing from raw.a");
    publish.fingerprint(&name("raw.a"), "f1");
    let file = SeenFile {
        source: "s".into(),
        file: "a.csv".into(),
        bytes: 1,
        modified_ms: 2,
        sha256: "h".into(),
        rows: 3,
        held: 0,
        run: "r1".into(),
    };
    publish.seen(file.clone());
    let snapshot = publish.commit().unwrap();
    assert_eq!(snapshot, 1);
    assert_eq!(bench.read("from mart.second"), "2");
    assert_eq!(bench.read("select count(*) from raw.b"), "0");
    assert_eq!(bench.lake.seen_files("s").unwrap(), [file]);
    assert_eq!(bench.lake.table_facts(&name("raw.a")).unwrap(), Some(TableFacts { fingerprint: "f1".into(), snapshot: 1 }));
    let problem = bench.engine.query("from mart.broken", &Cancel::new()).unwrap_err();
    assert!(problem.why.unwrap().contains("nothing"), "the reason is told");

    let mut publish = bench.lake.publish();
    publish.forget("s", "a.csv");
    assert_eq!(publish.commit().unwrap(), 1, "no table changed, so there is no new snapshot");
    assert_eq!(bench.lake.seen_files("s").unwrap(), []);

    let mut publish = bench.lake.publish();
    publish.drop_table(&name("raw.b"));
    publish.replace(&name("mart.first"), &batch.schema(), vec![bench.file("mart.first", &batch)]);
    publish.commit().unwrap();
    assert_eq!(bench.read("select count(*) from mart.first"), "3");
    assert!(bench.lake.tables(2).unwrap().iter().all(|t| t.name != name("raw.b")));
    assert!(bench.lake.tables(1).unwrap().iter().any(|t| t.name == name("raw.b")));
}

#[test]
fn writers_of_different_tables_both_get_in_and_of_the_same_table_one() {
    let bench = bench();
    let other = Lake::open(bench.folder.path()).unwrap();
    let batch = rows(&[1], "x");
    let prepare = |lake: &Lake, table: &str| {
        let mut writer = lake.writer(&name(table), &batch.schema()).unwrap();
        writer.write(&batch).unwrap();
        let mut publish = lake.publish();
        publish.append(&name(table), &batch.schema(), vec![writer.finish().unwrap().unwrap()]);
        publish
    };
    let (first, second, third) = (prepare(&bench.lake, "raw.a"), prepare(&other, "raw.b"), prepare(&other, "raw.a"));
    assert_eq!(first.commit().unwrap(), 1);
    assert_eq!(second.commit().unwrap(), 2);
    let problem = third.commit().unwrap_err();
    assert_eq!(problem.code, Code::Locked);
    assert_eq!(bench.lake.latest().unwrap(), 2);
    prepare(&other, "raw.a").commit().unwrap();
    assert_eq!(bench.read("select count(*) from raw.a"), "2");
}

#[test]
fn a_run_that_was_overtaken_may_not_publish() {
    let bench = bench();
    let batch = rows(&[1], "x");
    let commit = |run: &str, fence: u64| {
        let mut publish = bench.lake.publish();
        publish.run(&RunId(run.into()), fence);
        publish.replace(&name("raw.t"), &batch.schema(), vec![bench.file("raw.t", &batch)]);
        publish.commit()
    };
    commit("old", 5).unwrap();
    commit("new", 6).unwrap();
    let problem = commit("old", 5).unwrap_err();
    assert_eq!(problem.code, Code::Locked);
    assert!(problem.why.unwrap().contains("new"));
    commit("new", 6).unwrap();
    assert_eq!(bench.lake.snapshots().unwrap().last().unwrap().run.as_deref(), Some("new"));
}

#[test]
fn a_query_becomes_a_table_with_its_types_and_counts() {
    let bench = bench();
    bench.replace("raw.t", &rows(&[1, 2, 3, 4], "x"));
    bench.lake.attach(&bench.engine, 1).unwrap();
    let sql = "select sum(id) as total, id % 2 = 0 as even, {'a': 1, 'b': [1.5::decimal(4,1)]} as nested, uuid() as u, '{}'::json as j,
               timestamp '2020-01-01 00:00:00.5' as moment, interval '1 day' as term, map {'k': 1} as m from raw.t where id > 1 group by even;";
    let (file, schema, measured) = bench.lake.copy(&bench.engine, &name("mart.t"), sql, &Cancel::new()).unwrap();
    let counts = measured.row_counts().unwrap();
    assert_eq!((counts.rows_in, counts.filtered, counts.merged, counts.rows_out), (4, 1, 1, 2));
    let mut publish = bench.lake.publish();
    publish.replace(&name("mart.t"), &schema, file.into_iter().collect());
    let snapshot = publish.commit().unwrap();
    assert_eq!(
        bench.read_at(
            snapshot,
            "select total, even, nested, moment, term, m, typeof(total), typeof(u), typeof(j) from mart.t order by even"
        ),
        "3,false,{\"a\":1,\"b\":[\"1.5\"]},2020-01-01 00:00:00.5,1 day,{\"k\":1},HUGEINT,UUID,JSON \
         6,true,{\"a\":1,\"b\":[\"1.5\"]},2020-01-01 00:00:00.5,1 day,{\"k\":1},HUGEINT,UUID,JSON"
    );
    let (file, ..) = bench.lake.copy(&bench.engine, &name("mart.t"), "select 1 as x where false", &Cancel::new()).unwrap();
    assert_eq!(file, None);
    assert_eq!(bench.lake.orphans(Duration::ZERO).unwrap(), Vec::<PathBuf>::new());
}

#[test]
fn a_lake_that_moved_is_read_where_it_is() {
    let bench = bench();
    bench.replace("raw.t", &rows(&[1], "x"));
    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("a [b] * c, d");
    drop(bench.lake);
    std::fs::rename(bench.folder.path(), &target).unwrap();
    let lake = Lake::open(&target).unwrap();
    let moved = Bench { engine: engine(&target), lake, folder: elsewhere };
    assert_eq!(moved.read("from raw.t"), "1,x1");
    moved.replace("raw.t", &rows(&[2], "y"));
    assert_eq!(moved.read("from raw.t"), "2,y2");
    let (_, _, measured) = moved.lake.copy(&moved.engine, &name("mart.t"), "from raw.t where id < 2", &Cancel::new()).unwrap();
    assert_eq!(measured.row_counts().unwrap().rows_in, 1);
}

#[test]
fn files_are_private_and_unpublished_ones_are_orphans() {
    let bench = bench();
    bench.replace("raw.t", &rows(&[1], "x"));
    let file = bench.file("raw.t", &rows(&[2], "y"));
    let path = bench.lake.data_dir().join(&file.path);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(bench.lake.orphans(Duration::from_hours(1)).unwrap(), Vec::<PathBuf>::new());
    assert_eq!(bench.lake.clean(Duration::ZERO).unwrap(), [path]);
    assert_eq!(bench.read("from raw.t"), "1,x1");
    let mut writer = bench.lake.writer(&name("raw.t"), &rows(&[], "").schema()).unwrap();
    writer.write(&rows(&[3], "z")).unwrap();
    assert_eq!(bench.lake.orphans(Duration::ZERO).unwrap().len(), 1);
    drop(writer);
    assert_eq!(bench.lake.orphans(Duration::ZERO).unwrap().len(), 0);
}

#[test]
fn what_is_not_a_lake_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("lake.sqlite"), "this is no database, whatever its name says").unwrap();
    let problem = Lake::open(folder.path()).err().unwrap();
    assert_eq!(problem.code, Code::LakeBroken);
    let bench = bench();
    assert_eq!(bench.lake.tables(99).unwrap_err().code, Code::UnknownName);
    assert!(bench.lake.writer(&TableName::new("../x", "y"), &rows(&[], "").schema()).is_err());
}
