//! Large tables by several connections, against a MariaDB of `scripts/servers`.

use std::path::Path;
use std::sync::Mutex;

use arrow::array::AsArray;
use arrow::datatypes::{Int64Type, SchemaRef};
use arrow::record_batch::RecordBatch;
use trommel_model::{Cancel, ConnectionSpec, Outcome, ProgressSlot, QuarantinedRow, Reference, SourceSpec};

use super::Session;
use crate::ReadReport;
use crate::database::{self, Reach, Server, piece_of};
use crate::sink::{Collect, Mode, Sink};
use crate::testing::mysql;

const ROWS: i64 = 1_200_000;

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
            let mut session = session(self.connection);
            session.run("INSERT INTO split SELECT -seq, 'late' FROM seq_1_to_1000")?;
            session.run("DELETE FROM split WHERE id > 1000000")?;
        }
        drop(done);
        self.inner.batch(part, batch)
    }

    fn end_part(&self, part: usize) -> Outcome<()> {
        self.inner.end_part(part)
    }

    fn held(&self, rows: Vec<QuarantinedRow>) -> Outcome<()> {
        self.inner.held(rows)
    }
}

fn session(connection: &ConnectionSpec) -> Session {
    Session::open(&Reach::of(Path::new("/"), connection).unwrap(), &Cancel::new()).unwrap()
}

fn read(connection: &ConnectionSpec, sink: &dyn Sink) -> ReadReport {
    let spec = SourceSpec::of_file("s", Some("split".to_owned()));
    let server = Server { root: Path::new("/"), connection };
    let piece = piece_of(connection, &spec).unwrap();
    database::read(&server, &piece, &spec, Mode::Strict, None, 2, &Cancel::new(), &ProgressSlot::new(), sink).unwrap().0
}

fn longs(all: &[(usize, RecordBatch)], name: &str) -> Vec<i64> {
    all.iter().flat_map(|(_, b)| b.column_by_name(name).unwrap().as_primitive::<Int64Type>().values().to_vec()).collect()
}

#[test]
fn a_large_table_is_read_in_parts_of_one_moment() {
    let Some(connection) = mysql() else { return };
    let mut owner = session(&connection);
    let make = [
        "DROP TABLE IF EXISTS split".to_owned(),
        "CREATE TABLE split (id bigint PRIMARY KEY, v varchar(10))".to_owned(),
        format!("INSERT INTO split SELECT seq, 'x' FROM seq_1_to_{ROWS}"),
        "ANALYZE TABLE split".to_owned(),
        "CREATE OR REPLACE USER reader@'%' IDENTIFIED BY 'only-reads'".to_owned(),
        "GRANT SELECT ON trommel.* TO reader@'%'".to_owned(),
    ];
    for statement in &make {
        owner.run(statement).unwrap();
    }
    // Whoever may not lock the table reads it by one connection, and is told.
    let folder = tempfile::tempdir().unwrap();
    let password = folder.path().join("password");
    std::fs::write(&password, "only-reads").unwrap();
    let url = std::env::var("TROMMEL_TEST_MYSQL").unwrap().replace("trommel@", "reader@");
    let reader = ConnectionSpec {
        url: Some(trommel_model::Address::Text(url)),
        password: Some(Reference::File(password.display().to_string())),
        ..connection.clone()
    };
    let alone = Collect::new();
    let report = read(&reader, &alone);
    assert!(report.notes.iter().any(|note| note.contains("cannot be locked")), "{:?}", report.notes);
    let alone = alone.into_parts();
    assert!(alone.batches.iter().all(|(part, _)| *part == 0));

    let sink = Meddling { inner: Collect::new(), done: Mutex::new(false), connection: &connection };
    let report = read(&connection, &sink);
    assert_eq!((report.rows_in, report.notes.len()), (ROWS as u64, 0), "{:?}", report.notes);
    let all = sink.inner.into_parts();
    assert!(all.batches.iter().any(|(part, _)| *part > 0), "one part only");
    let (ids, lines) = (longs(&all.batches, "id"), longs(&all.batches, "_line"));
    assert_eq!(ids, (1..=ROWS).collect::<Vec<_>>(), "all rows of that moment, in the order of the key, and no others");
    assert!(lines.windows(2).all(|pair| pair[0] < pair[1]), "numbers grow from part to part");
    assert_eq!(longs(&alone.batches, "id"), ids);
    // The lock is gone.
    owner.run("INSERT INTO split VALUES (9000000, 'after')").unwrap();
    owner.run("DROP TABLE split").unwrap();
    owner.close();
}
