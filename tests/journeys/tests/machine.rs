//! What the machine does to a run: a full disk, a read-only one, a locked database, files of unusual size.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic, and says what it leaves out")]

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use trommel_journeys::{expect, run, text};

/// A small file system in memory, unmounted at the end.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    /// `None` where nobody may mount; an error in CI.
    fn of_megabytes(megabytes: u64) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let disk = Self { folder };
        let size = format!("size={megabytes}m");
        let mounted = disk.mount(&["-t", "tmpfs", "-o", &size, "tmpfs"]);
        assert!(mounted || std::env::var("CI").as_deref() != Ok("true"), "cannot mount a file system in memory: run as root");
        if !mounted {
            eprintln!("LEFT OUT: nobody but root may mount a small disk");
        }
        mounted.then_some(disk)
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn mount(&self, arguments: &[&str]) -> bool {
        Command::new("mount").args(arguments).arg(self.path()).status().is_ok_and(|s| s.success())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").arg(self.path()).status().ok();
    }
}

/// A workspace with one source of so many rows and a model on it.
fn workspace(root: &Path, rows: u64) {
    for folder in ["sources", "models/mart"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    fs::write(root.join("trommel.toml"), "name = \"small\"\n").unwrap();
    fs::write(root.join("sources/orders.toml"), "path = \"orders.csv\"\n").unwrap();
    fs::write(root.join("models/mart/total.sql"), "select count(*) as n, sum(id) as ids from ref('raw.orders')\n").unwrap();
    let mut csv = "id,name\n".to_owned();
    for i in 0..rows {
        writeln!(csv, "{i},{:016x}", i.wrapping_mul(0x9E37_79B9_7F4A_7C15)).unwrap();
    }
    fs::write(root.join("orders.csv"), csv).unwrap();
}

#[test]
fn a_full_disk_is_told_and_the_old_state_stays() {
    let Some(disk) = Disk::of_megabytes(24) else { return };
    let root = disk.path();
    workspace(root, 1_000);
    expect(root, &["run"], 0);
    let before = expect(root, &["query", "from mart.total", "--format", "csv"], 0);
    workspace(root, 200_000);
    let ballast = root.join("ballast");
    let mut file = fs::File::create(&ballast).unwrap();
    // Leave a little: enough for the ledger, too little for the table.
    let block = vec![0_u8; 64 << 10];
    while file.write_all(&block).is_ok() {}
    let length = file.metadata().unwrap().len();
    file.set_len(length.saturating_sub(768 << 10)).unwrap();
    drop(file);

    let out = run(root, &["run"]);
    let err = text(&out.stderr);
    assert_eq!(out.status.code(), Some(8), "{err}");
    assert!(err.contains("space"), "{err}");
    assert_eq!(expect(root, &["query", "from mart.total", "--format", "csv"], 0), before, "the old snapshot is readable");

    fs::remove_file(&ballast).unwrap();
    expect(root, &["run"], 0);
    assert_eq!(expect(root, &["query", "select n from mart.total", "--format", "csv"], 0).replace("\r\n", "\n"), "n\n200000\n");
    let left: Vec<_> = fs::read_dir(root.join(".trommel/lake")).unwrap().flatten().map(|e| e.file_name()).collect();
    assert!(left.iter().all(|n| !n.to_string_lossy().ends_with(".tmp")), "nothing half-written is left: {left:?}");
}

#[test]
fn a_full_disk_leaves_no_half_export() {
    let Some(disk) = Disk::of_megabytes(2) else { return };
    let root = disk.path();
    for name in ["big.csv", "big.parquet", "big.xlsx"] {
        let out = run(root, &["export", "select i, hash(i) as h, repeat('x', 40) || hash(i * 7) as t from range(300000) t(i)", name]);
        let err = text(&out.stderr);
        assert_eq!(out.status.code(), Some(8), "{name}: {err}");
        assert!(err.contains("space") && err.contains("next:"), "{name}: {err}");
        assert!(!root.join(name).exists(), "{name} is not whole and must not be there");
    }
}

#[test]
fn a_read_only_workspace_is_told() {
    let Some(disk) = Disk::of_megabytes(24) else { return };
    let root = disk.path();
    workspace(root, 100);
    expect(root, &["run"], 0);
    fs::write(root.join("orders.csv"), "id,name\n1,a\n").unwrap();
    assert!(disk.mount(&["-o", "remount,ro"]));
    let out = run(root, &["run"]);
    let err = text(&out.stderr);
    assert_eq!(out.status.code(), Some(7), "{err}");
    assert!(err.contains("read-only") || err.contains("Read-only"), "{err}");
    assert!(disk.mount(&["-o", "remount,rw"]));
    expect(root, &["run"], 0);
}

/// Somebody else who holds a SQLite database for himself.
struct Holder(Child);

impl Holder {
    fn of(database: &Path) -> Self {
        let script = "import sqlite3, sys\n\
             db = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
             db.execute('create table if not exists quotes (id integer, price real)')\n\
             db.execute('insert into quotes values (1, 9.5), (2, 7.25)')\n\
             db.execute('begin exclusive')\n\
             print('locked', flush=True)\n\
             sys.stdin.read()\n";
        let mut child =
            Command::new("python3").args(["-c", script]).arg(database).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "locked");
        Self(child)
    }

    fn let_go(mut self) {
        drop(self.0.stdin.take());
        self.0.wait().unwrap();
    }
}

#[test]
fn a_locked_database_is_told_and_read_when_it_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("sources")).unwrap();
    fs::write(root.join("trommel.toml"), "name = \"locked\"\n").unwrap();
    fs::write(root.join("sources/quotes.toml"), "path = \"quotes.db\"\ntable = \"quotes\"\n").unwrap();
    let holder = Holder::of(&root.join("quotes.db"));
    let out = run(root, &["run"]);
    let err = text(&out.stderr);
    assert_eq!(out.status.code(), Some(6), "{err}");
    assert!(err.contains("locked") && err.contains("quotes.db"), "{err}");
    holder.let_go();
    expect(root, &["run"], 0);
    assert_eq!(
        expect(root, &["query", "select sum(price) as p from raw.quotes", "--format", "csv"], 0).replace("\r\n", "\n"),
        "p\n16.75\n"
    );
}

#[test]
fn a_wrong_type_in_row_three_million_is_held_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("sources")).unwrap();
    fs::write(root.join("trommel.toml"), "name = \"long\"\n").unwrap();
    fs::write(root.join("sources/n.toml"), "path = \"n.csv\"\n[[columns]]\nname = \"id\"\ntype = \"integer\"\n").unwrap();
    let mut csv = String::with_capacity(40 << 20);
    csv.push_str("id,v\n");
    for i in 1..=3_000_010_u64 {
        if i == 3_000_000 { csv.push_str("three million,1\n") } else { writeln!(csv, "{i},1").unwrap() }
    }
    fs::write(root.join("n.csv"), csv).unwrap();
    expect(root, &["run"], 3);
    let held = expect(root, &["quarantine", "list", "--format", "csv"], 0);
    assert!(held.contains("3000001") && held.contains("three million"), "{held}");
    let counted = expect(root, &["query", "select count(*) as n, max(id) as m from raw.n", "--format", "csv"], 0);
    assert_eq!(counted.replace("\r\n", "\n"), "n,m\n3000009,3000010\n");
    // Nothing said: the column is what keeps every value.
    let asked = "select typeof(id) as t, count(*) as n from 'n.csv' group by all";
    assert_eq!(expect(root, &["query", asked, "--format", "csv"], 0).replace("\r\n", "\n"), "t,n\nVARCHAR,3000010\n");
}

#[test]
fn a_line_of_a_hundred_megabytes_is_no_end_of_memory() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let mut file = fs::File::create(root.join("long.csv")).unwrap();
    file.write_all(b"id,text\n1,short\n2,").unwrap();
    let block = vec![b'x'; 1 << 20];
    for _ in 0..100 {
        file.write_all(&block).unwrap();
    }
    file.write_all(b"\n3,after\n").unwrap();
    drop(file);
    let out = run(root, &["query", "select id, length(text) as n from 'long.csv' order by id", "--format", "csv"]);
    let (shown, err) = (text(&out.stdout).replace("\r\n", "\n"), text(&out.stderr));
    assert_eq!(out.status.code(), Some(0), "{err}");
    let whole = "id,n\n1,5\n2,104857600\n3,5\n";
    let held = shown == "id,n\n1,5\n3,5\n" && err.contains("104857602 bytes");
    assert!(shown == whole || held, "read whole, or held and told: {shown}\n{err}");
}
