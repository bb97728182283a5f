//! The same writes to a table of SQLite and, where servers run, of PostgreSQL and MariaDB.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use arrow::array::{ArrayRef, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema};
use trommel_model::{FileFormat, ProgressSlot, SourceSpec};

use super::*;
use crate::testing::{mysql, postgres, read_server, shown};
use crate::{Collect, Mode, Piece};

/// A database to write to.
pub(crate) struct Desk {
    pub connection: ConnectionSpec,
    /// Keeps the folder of a SQLite database.
    _folder: Option<tempfile::TempDir>,
}

/// Rows as text, `∅` for no value, with the types of their columns.
pub(crate) fn batch(columns: &[(&str, &str)], rows: &[&[&str]]) -> RecordBatch {
    let arrays: Vec<ArrayRef> = columns
        .iter()
        .enumerate()
        .map(|(at, (_, data_type))| {
            let texts: ArrayRef = Arc::new(rows.iter().map(|row| (row[at] != "∅").then_some(row[at])).collect::<StringArray>());
            cast(&texts, &data_type.parse::<DataType>().unwrap()).unwrap()
        })
        .collect();
    let fields: Vec<Field> = columns.iter().zip(&arrays).map(|((name, _), a)| Field::new(*name, a.data_type().clone(), true)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

/// An order with nothing special about it.
pub(crate) struct Wish<'a> {
    pub table: &'a str,
    pub mode: WriteMode,
    pub key: &'a [&'a str],
    pub on_bad: OnMisfit,
    pub run: &'a str,
    pub batch: &'a str,
}

impl<'a> Wish<'a> {
    pub fn new(table: &'a str, mode: WriteMode, key: &'a [&'a str], batch: &'a str) -> Self {
        Self { table, mode, key, on_bad: OnMisfit::Fail, run: "20260101-000000-aaaa", batch }
    }
}

/// Writes, and gives what became of it with the rows that were held.
pub(crate) fn deliver(connection: &ConnectionSpec, wish: &Wish<'_>, batches: &[RecordBatch]) -> Outcome<(Delivered, Vec<QuarantinedRow>)> {
    let key: Vec<String> = wish.key.iter().map(|k| (*k).to_owned()).collect();
    let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
    let order = Order {
        root: Path::new("/"),
        connection,
        table: wish.table,
        mode: wish.mode,
        key: &key,
        on_bad: wish.on_bad,
        sink: "s",
        writer: &format!("w/dev/{}", wish.table),
        run: wish.run,
        batch: wish.batch,
        cancel: &cancel,
        progress: &progress,
    };
    let mut held = Vec::new();
    let mut stream = |each: Each<'_>| batches.iter().try_for_each(|b| each(b.clone()));
    let mut hold = |rows: Vec<QuarantinedRow>| {
        held.extend(rows);
        Ok(())
    };
    let delivered = write(&order, &mut Rows { schema: batches[0].schema(), stream: &mut stream, hold: &mut hold })?;
    if delivered.before.is_none() {
        assert_eq!(delivered.rows_in, delivered.rows_out + delivered.held, "{delivered:?}");
    }
    assert_eq!(delivered.held, held.len() as u64);
    Ok((delivered, held))
}

/// Writes numbers, and does something between the batches.
pub(crate) fn write_numbers(connection: &ConnectionSpec, table: &str, named: &str, between: &dyn Fn(usize)) -> Outcome<Delivered> {
    let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
    let order = Order {
        root: Path::new("/"),
        connection,
        table,
        mode: WriteMode::Append,
        key: &[],
        on_bad: OnMisfit::Fail,
        sink: "s",
        writer: "w",
        run: "20260101-000000-aaaa",
        batch: named,
        cancel: &cancel,
        progress: &progress,
    };
    let texts: Vec<String> = (0..2_000).map(|i| i.to_string()).collect();
    let rows: Vec<Vec<&str>> = texts.iter().map(|t| vec![t.as_str(), "0123456789012345678901234567890123456789"]).collect();
    let one = batch(&[("id", "Int64"), ("filler", "Utf8")], &rows.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let mut stream = |each: Each<'_>| {
        for at in 0..20 {
            each(one.clone())?;
            between(at);
        }
        Ok(())
    };
    write(&order, &mut Rows { schema: one.schema(), stream: &mut stream, hold: &mut |_| Ok(()) })
}

/// What a reader sees of a table: rows, versions among them, and the smallest version.
type Look = Box<dyn FnMut() -> (i64, i64, i64)>;

/// Replaces tables (id, v) again and again while others read them: each sees one version, whole.
pub(crate) fn replace_under_readers(
    connection: &ConnectionSpec,
    tables: [&str; 2],
    readers: usize,
    open: &(dyn Fn(usize, &str) -> Look + Sync),
) {
    let version = |v: &str, rows: usize| {
        let ids: Vec<String> = (0..rows).map(|i| i.to_string()).collect();
        let rows: Vec<Vec<&str>> = ids.iter().map(|id| vec![id.as_str(), v]).collect();
        batch(&[("id", "Int64"), ("v", "Int64")], &rows.iter().map(Vec::as_slice).collect::<Vec<_>>())
    };
    for table in tables {
        let write = |n: usize| {
            // The server may remember the batches of a test that ran before.
            let named = format!("{}-{n}", std::process::id());
            let wish = Wish::new(table, WriteMode::Replace, &[], &named);
            assert!(deliver(connection, &wish, &[version(&n.to_string(), 400 + n % 2)]).unwrap().0.before.is_none());
        };
        write(0);
        let (over, looks) = (AtomicBool::new(false), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for reader in 0..readers {
                let (over, looks) = (&over, &looks);
                scope.spawn(move || {
                    let mut look = open(reader, table);
                    while !over.load(Ordering::Relaxed) {
                        let (rows, versions, v) = look();
                        assert_eq!((rows, versions), (400 + v % 2, 1), "a mix of versions");
                        looks.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            (1..60).for_each(write);
            over.store(true, Ordering::Relaxed);
        });
        assert!(looks.load(Ordering::Relaxed) > 60, "{looks:?} looks");
    }
}

/// A disk of two MiB, for a server to run out of. Gone when dropped.
pub(crate) struct Small(tempfile::TempDir);

impl Small {
    /// One that belongs to a user; only root can make it.
    pub(crate) fn disk(user: &str) -> Option<Self> {
        let small = Self(tempfile::tempdir().unwrap());
        let (above, path) = (small.0.path().display().to_string(), small.path());
        let made = format!("chmod 711 {above} && mkdir {path} && mount -t tmpfs -o size=2m tmpfs {path} && chown {user}: {path}");
        if shell(&made) {
            return Some(small);
        }
        assert!(std::env::var("CI").is_err(), "a small disk cannot be made");
        eprintln!("LEFT OUT: only root can mount a small disk");
        None
    }

    /// Where it is.
    pub(crate) fn path(&self) -> String {
        self.0.path().join("small").display().to_string()
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        shell(&format!("umount {}", self.path()));
    }
}

fn shell(line: &str) -> bool {
    std::process::Command::new("sh").args(["-c", line]).status().unwrap().success()
}

impl Desk {
    /// Every database there is; tables go into a schema of that name.
    fn all() -> Vec<Self> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("desk.sqlite").display().to_string();
        let sqlite = ConnectionSpec { kind: ConnectionKind::Sqlite, path, ..ConnectionSpec::folder("desk", "") };
        let mut all = vec![Self { connection: sqlite, _folder: Some(folder) }];
        all.extend(postgres().into_iter().chain(mysql()).map(|connection| Self { connection, _folder: None }));
        all
    }

    fn kind(&self) -> ConnectionKind {
        self.connection.kind
    }

    fn run(&self, sql: &str) {
        self.store("t", |_, store| {
            for statement in sql.split(';').filter(|s| !s.trim().is_empty()) {
                store.run(statement, &[]).unwrap_or_else(|p| panic!("{statement}: {p:?}"));
            }
        });
    }

    fn store(&self, table: &str, work: impl FnOnce(&Order<'_>, &mut dyn Store)) {
        let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
        let order = Order {
            root: Path::new("/"),
            connection: &self.connection,
            table,
            mode: WriteMode::Append,
            key: &[],
            on_bad: OnMisfit::Fail,
            sink: "s",
            writer: "w",
            run: "r",
            batch: "b",
            cancel: &cancel,
            progress: &progress,
        };
        let mut store = open(&order).unwrap();
        work(&order, store.as_mut());
        store.close();
    }

    /// The table anew, or none of that name, and no account of it.
    fn fresh(&self, table: &str, columns: &str) {
        self.store(table, |order, store| {
            batches::make(order, store).unwrap();
            store.run(&format!("DELETE FROM _trommel_batches WHERE writer = 'w/dev/{table}'"), &[]).unwrap();
        });
        self.run(&format!("DROP TABLE IF EXISTS {table}"));
        if !columns.is_empty() {
            self.run(&format!("CREATE TABLE {table} ({columns})"));
        }
    }

    fn rows(&self, query: &str) -> Vec<Vec<String>> {
        let spec = SourceSpec { query: Some(query.to_owned()), ..SourceSpec::of_file("s", None) };
        if self.connection.kind.is_server() {
            let (all, _) = read_server(&self.connection, &spec, None).unwrap();
            return shown(&all)
                .1
                .into_iter()
                .map(|mut row| {
                    row.pop();
                    row
                })
                .collect();
        }
        let piece =
            Piece { name: "desk".into(), path: self.connection.path.clone().into(), format: FileFormat::Sqlite, bytes: 0, modified_ms: 0 };
        let sink = Collect::new();
        crate::read(&piece, &spec, Mode::Strict, 1, &Cancel::new(), &ProgressSlot::new(), &sink).unwrap();
        shown(&sink.into_parts())
            .1
            .into_iter()
            .map(|mut row| {
                row.pop();
                row
            })
            .collect()
    }

    fn text(&self, query: &str) -> String {
        self.rows(query).into_iter().map(|row| row.join("|")).collect::<Vec<_>>().join(" ")
    }
}

const PEOPLE: &[(&str, &str)] = &[("id", "Int64"), ("name", "Utf8"), ("born", "Date32")];

#[test]
fn a_table_is_made_with_the_types_and_the_key_of_its_rows() {
    for desk in Desk::all() {
        desk.fresh("wt_made", "");
        let columns = [
            ("id", "Int64"),
            ("b", "Boolean"),
            ("n", "Decimal128(12, 3)"),
            ("f", "Float64"),
            ("d", "Date32"),
            ("ts", "Timestamp(Microsecond, None)"),
            ("x", "Utf8"),
        ];
        let rows: [&[&str]; 2] =
            [&["1", "true", "-12.300", "0.1", "2024-02-29", "2024-02-29T13:05:07.123456", "grüße"], &["2", "∅", "∅", "∅", "∅", "∅", "∅"]];
        let (delivered, _) =
            deliver(&desk.connection, &Wish::new("wt_made", WriteMode::Replace, &["id"], "1"), &[batch(&columns, &rows)]).unwrap();
        assert_eq!((delivered.rows_in, delivered.rows_out), (2, 2), "{:?}", desk.kind());
        assert_eq!(desk.text("SELECT count(*) FROM wt_made WHERE n = -12.3 AND f = 0.1 AND x = 'grüße'"), "1", "{:?}", desk.kind());
        assert_eq!(
            desk.text("SELECT id, d, ts FROM wt_made ORDER BY id").replace('T', " "),
            "1|2024-02-29|2024-02-29 13:05:07.123456 2|∅|∅"
        );
        // The key is one.
        let again = deliver(&desk.connection, &Wish::new("wt_made", WriteMode::Append, &[], "2"), &[batch(&columns, &rows)]).unwrap_err();
        assert_eq!((again.code, again.what.as_str()), (Code::RunFailed, "a key comes twice"), "{:?} {again:?}", desk.kind());
    }
}

#[test]
fn rows_are_replaced_added_and_updated() {
    for desk in Desk::all() {
        let check = |mode, key: &[&str], named: &str, rows: &[&[&str]], expected: &str| {
            deliver(&desk.connection, &Wish::new("wt_people", mode, key, named), &[batch(PEOPLE, rows)]).unwrap();
            assert_eq!(desk.text("SELECT id, name, extra FROM wt_people ORDER BY id"), expected, "{:?} {named}", desk.kind());
        };
        desk.fresh("wt_people", "id int PRIMARY KEY, name varchar(20), born date, extra varchar(5) DEFAULT 'x'");
        check(WriteMode::Append, &[], "1", &[&["1", "Ann", "2000-01-01"], &["2", "Bob", "∅"]], "1|Ann|x 2|Bob|x");
        desk.run("UPDATE wt_people SET extra = 'own'");
        // Rows that stay keep what the sink does not write; letters of another size are another text.
        check(WriteMode::Replace, &[], "2", &[&["2", "bob", "∅"], &["3", "Cy", "∅"]], "2|bob|own 3|Cy|x");
        check(WriteMode::Upsert, &["id"], "3", &[&["3", "∅", "∅"], &["4", "Di", "∅"]], "2|bob|own 3|∅|x 4|Di|x");
        check(WriteMode::Append, &[], "4", &[&["9", "Zoe", "∅"]], "2|bob|own 3|∅|x 4|Di|x 9|Zoe|x");
        // The same batch again, as after a kill: nothing happens.
        let (delivered, _) = deliver(
            &desk.connection,
            &Wish { run: "20260102-000000-bbbb", ..Wish::new("wt_people", WriteMode::Append, &[], "4") },
            &[batch(PEOPLE, &[&["9", "Zoe", "∅"]])],
        )
        .unwrap();
        assert_eq!(delivered.before.as_deref(), Some("20260101-000000-aaaa"), "{:?}", desk.kind());
        assert_eq!(desk.text("SELECT count(*) FROM wt_people"), "4");
        // Nor may a run that slept write over what a later one wrote.
        let later = Wish { run: "20260103-000000-cccc", ..Wish::new("wt_people", WriteMode::Replace, &[], "5") };
        deliver(&desk.connection, &later, &[batch(PEOPLE, &[&["1", "Ann", "∅"]])]).unwrap();
        let slept = Wish::new("wt_people", WriteMode::Replace, &[], "6");
        assert_eq!(deliver(&desk.connection, &slept, &[batch(PEOPLE, &[&["7", "Old", "∅"]])]).unwrap_err().code, Code::Locked);
        assert_eq!(desk.text("SELECT id FROM wt_people"), "1");
    }
}

#[test]
fn a_table_without_a_key_is_replaced_whole() {
    for desk in Desk::all() {
        desk.fresh("wt_plain", "id int, name varchar(20), born date");
        let one = |named, rows: &[&[&str]]| {
            deliver(&desk.connection, &Wish::new("wt_plain", WriteMode::Replace, &[], named), &[batch(PEOPLE, rows)]).unwrap()
        };
        one("1", &[&["1", "Ann", "∅"], &["1", "Ann", "∅"]]);
        let (delivered, _) = one("2", &[&["5", "Eve", "∅"], &["6", "Flo", "∅"], &["6", "Flo", "∅"]]);
        assert_eq!(delivered.notes, ["2 rows went, 3 came"]);
        assert_eq!(desk.text("SELECT id FROM wt_plain ORDER BY id"), "5 6 6");
        one("3", &[]);
        assert_eq!(desk.text("SELECT count(*) FROM wt_plain"), "0");
    }
}

#[test]
fn rows_that_do_not_fit_are_a_fault_or_held() {
    for desk in Desk::all() {
        desk.fresh("wt_narrow", "id int NOT NULL, small smallint, name varchar(3), n decimal(4,1), at date, PRIMARY KEY (id)");
        let columns = [("id", "Int64"), ("small", "Int64"), ("name", "Utf8"), ("n", "Decimal128(9, 3)"), ("at", "Utf8")];
        let server = desk.connection.kind.is_server();
        let rows: [&[&str]; 7] = [
            &["1", "1", "abc", "1.500", "2024-01-31"],
            &["∅", "1", "abc", "1", "∅"],
            &["3", "70000", "abc", "1", "∅"],
            &["4", "1", "äöüß", "1", "∅"],
            &["5", "1", "abc", "1.250", "∅"],
            &["6", "1", "abc", "1", "soon"],
            &["7", "1", "äöü", "999.900", "∅"],
        ];
        let all = batch(&columns, &rows);
        let problem =
            deliver(&desk.connection, &Wish::new("wt_narrow", WriteMode::Append, &[], "1"), std::slice::from_ref(&all)).unwrap_err();
        assert_eq!(
            (problem.code, problem.place.row, problem.place.field.as_deref()),
            (Code::RunFailed, Some(2), Some("id")),
            "{problem:?}"
        );
        assert_eq!(desk.text("SELECT count(*) FROM wt_narrow"), "0");
        let quarantine = Wish { on_bad: OnMisfit::Quarantine, ..Wish::new("wt_narrow", WriteMode::Append, &[], "2") };
        let (_, held) = deliver(&desk.connection, &quarantine, &[all]).unwrap();
        let found: Vec<_> = held.iter().map(|h| (h.line, h.field.as_deref().unwrap())).collect();
        // SQLite has no narrow columns: what fits its kind is taken.
        let expected: &[(u64, &str)] =
            if server { &[(2, "id"), (3, "small"), (4, "name"), (5, "n"), (6, "at")] } else { &[(2, "id"), (6, "at")] };
        assert_eq!(found, expected, "{:?}", desk.kind());
        assert_eq!(held[0].raw, r#"{"id":null,"small":1,"name":"abc","n":1.000,"at":null}"#);
    }
}

#[test]
fn keys_that_come_twice_or_not_at_all() {
    for desk in Desk::all() {
        desk.fresh("wt_twins", "id int PRIMARY KEY, name varchar(20), born date");
        let rows = batch(PEOPLE, &[&["1", "Ann", "∅"], &["1", "Anna", "∅"], &["2", "Bob", "∅"], &["∅", "Nil", "∅"]]);
        let some = rows.slice(0, 3);
        deliver(&desk.connection, &Wish::new("wt_twins", WriteMode::Upsert, &["id"], "0"), &[batch(PEOPLE, &[&["7", "Gus", "∅"]])])
            .unwrap();
        let problem = deliver(&desk.connection, &Wish::new("wt_twins", WriteMode::Upsert, &["id"], "1"), &[some]).unwrap_err();
        assert_eq!(
            (problem.what.as_str(), problem.why.as_deref()),
            ("a key comes twice in what is written to wt_twins", Some("id = 1 comes 2 times")),
            "{:?}",
            desk.kind()
        );
        let problem =
            deliver(&desk.connection, &Wish::new("wt_twins", WriteMode::Upsert, &["id"], "2"), std::slice::from_ref(&rows)).unwrap_err();
        assert_eq!(problem.place.row, Some(4));
        let quarantine = Wish { on_bad: OnMisfit::Quarantine, ..Wish::new("wt_twins", WriteMode::Upsert, &["id"], "3") };
        let (_, held) = deliver(&desk.connection, &quarantine, &[rows]).unwrap();
        assert_eq!(held.iter().map(|h| h.rule.as_str()).collect::<Vec<_>>(), ["required", "unique(id)", "unique(id)"]);
        assert_eq!(desk.text("SELECT id, name FROM wt_twins ORDER BY id"), "2|Bob 7|Gus");
    }
}

#[test]
fn moments_with_and_without_a_zone() {
    for desk in Desk::all().into_iter().filter(|d| d.connection.kind.is_server()) {
        let (zoned, plain) =
            if desk.kind() == ConnectionKind::Mysql { ("timestamp(6) NULL", "datetime(6)") } else { ("timestamptz", "timestamp") };
        desk.fresh("wt_moments", &format!("id int PRIMARY KEY, a {zoned}, b {plain}"));
        let naive = [("id", "Int64"), ("a", "Timestamp(Microsecond, None)"), ("b", "Timestamp(Microsecond, None)")];
        let moment = "2024-02-29T13:05:07.123456";
        deliver(&desk.connection, &Wish::new("wt_moments", WriteMode::Append, &[], "1"), &[batch(&naive, &[&["1", moment, moment]])])
            .unwrap();
        let utc = "Timestamp(Microsecond, Some(\"+00:00\"))";
        let zoned = [("id", "Int64"), ("a", utc), ("b", utc)];
        let rows = batch(&zoned, &[&["2", &format!("{moment}Z"), &format!("{moment}Z")]]);
        deliver(&desk.connection, &Wish::new("wt_moments", WriteMode::Append, &[], "2"), &[rows]).unwrap();
        let found = desk.rows("SELECT a, b FROM wt_moments ORDER BY id");
        assert_eq!((&found[0], found[0][0].starts_with(moment), found[0][1].as_str()), (&found[1], true, moment), "{:?}", desk.kind());
    }
}

#[test]
fn columns_that_do_not_meet_are_named() {
    for desk in Desk::all() {
        desk.fresh("wt_meet", "id int NOT NULL, name varchar(20), must varchar(3) NOT NULL");
        let check = |columns: &[(&str, &str)], mode, key: &[&str], code, words: &str, next: &str| {
            let row: Vec<&str> = vec!["1"; columns.len()];
            let problem = deliver(&desk.connection, &Wish::new("wt_meet", mode, key, "1"), &[batch(columns, &[&row])]).unwrap_err();
            assert_eq!(problem.code, code, "{problem:?}");
            assert!(problem.what.contains(words) && problem.next.as_deref().unwrap_or_default().contains(next), "{problem:?}");
        };
        check(
            &[("id", "Int64"), ("nmae", "Utf8")],
            WriteMode::Append,
            &[],
            Code::UnknownName,
            "has no column \"nmae\"",
            "did you mean \"name\"?",
        );
        check(&[("id", "Int64")], WriteMode::Append, &[], Code::BadConfig, "needs a value for \"must\"", "default");
        let all = [("id", "Int64"), ("name", "Utf8"), ("must", "Utf8")];
        check(&all, WriteMode::Upsert, &["di"], Code::UnknownName, "no column \"di\"", "did you mean \"id\"?");
        check(&all, WriteMode::Upsert, &["id"], Code::BadConfig, "has no unique key of id", "CREATE UNIQUE INDEX");
    }
}

#[test]
fn what_others_refer_to_is_not_disturbed() {
    for desk in Desk::all() {
        desk.run("DROP VIEW IF EXISTS wt_grown; DROP TABLE IF EXISTS wt_cars");
        desk.fresh("wt_owners", "id int PRIMARY KEY, name varchar(20), born date");
        desk.run("CREATE INDEX wt_owners_name ON wt_owners (name)");
        desk.run("INSERT INTO wt_owners VALUES (1, 'Ann', null), (2, 'Bob', null)");
        desk.run("CREATE TABLE wt_cars (owner int, FOREIGN KEY (owner) REFERENCES wt_owners (id))");
        desk.run("INSERT INTO wt_cars VALUES (1); CREATE VIEW wt_grown AS SELECT name FROM wt_owners");
        let replace = |named, rows: &[&[&str]]| {
            deliver(&desk.connection, &Wish::new("wt_owners", WriteMode::Replace, &[], named), &[batch(PEOPLE, rows)])
        };
        replace("1", &[&["1", "Anna", "∅"], &["3", "Cy", "∅"]]).unwrap();
        assert_eq!(desk.text("SELECT name FROM wt_grown ORDER BY name"), "Anna Cy", "{:?}", desk.kind());
        let problem = replace("2", &[&["3", "Cy", "∅"]]).unwrap_err();
        assert_eq!((problem.code, problem.what.as_str()), (Code::RunFailed, "a foreign key forbids this"), "{problem:?}");
        assert_eq!(desk.text("SELECT name FROM wt_grown ORDER BY name"), "Anna Cy");
        desk.run("DROP VIEW wt_grown; DROP TABLE wt_cars");
    }
}
