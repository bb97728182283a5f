//! Edits as people and editors make them, and what the watcher tells of them. Tests wait for events, never for time.

use std::fs;
use std::sync::mpsc::{Receiver, channel};

use super::*;
use crate::WORKSPACE_FILE;

/// Nothing takes longer, even on a loaded machine; the slowest way is a rescan.
const DEADLINE: Duration = Duration::from_secs(20);

struct Case {
    _dir: tempfile::TempDir,
    root: PathBuf,
    told: Receiver<Vec<PathBuf>>,
    watcher: Option<Watcher>,
}

impl Case {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap().join("shop");
        fs::create_dir_all(root.join("models/mart")).unwrap();
        fs::write(root.join(WORKSPACE_FILE), "name = \"shop\"").unwrap();
        fs::write(root.join("models/mart/a.sql"), "select 1").unwrap();
        let (tell, told) = channel();
        let watcher = watch(&root, move |paths| tell.send(paths).unwrap()).unwrap();
        Self { _dir: dir, root, told, watcher: Some(watcher) }
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Waits until all these files have been told and asserts that nothing else was.
    fn expect(&self, expected: &[&str]) {
        let mut expected: Vec<_> = expected.iter().map(|path| self.root.join(path)).collect();
        expected.sort();
        let deadline = Instant::now() + DEADLINE;
        let mut told = Vec::new();
        while told != expected {
            let Ok(more) = self.told.recv_timeout(deadline.saturating_duration_since(Instant::now())) else {
                panic!("told {told:?}, expected {expected:?}");
            };
            told.extend(more);
            told.sort();
            told.dedup();
        }
    }
}

#[test]
fn edits_are_told() {
    let case = Case::new();
    case.write("models/mart/a.sql", "select 2");
    case.expect(&["models/mart/a.sql"]);
    case.write(WORKSPACE_FILE, "name = \"other\"");
    case.expect(&[WORKSPACE_FILE]);
    fs::remove_file(case.root.join("models/mart/a.sql")).unwrap();
    case.expect(&["models/mart/a.sql"]);
}

#[test]
fn an_edit_of_the_same_length_is_told() {
    let case = Case::new();
    let path = case.root.join("models/mart/a.sql");
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    case.write("models/mart/a.sql", "select 3");
    fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    case.expect(&["models/mart/a.sql"]);
}

#[test]
fn new_folders_are_watched_as_well() {
    let case = Case::new();
    case.write("kpis/revenue.toml", "1");
    case.expect(&["kpis/revenue.toml"]);
    case.write("models/clean/b.toml", "1");
    case.expect(&["models/clean/b.toml"]);
    case.write("models/clean/b.toml", "22");
    case.expect(&["models/clean/b.toml"]);
    fs::remove_dir_all(case.root.join("kpis")).unwrap();
    case.expect(&["kpis/revenue.toml"]);
    case.write("kpis/revenue.toml", "1");
    case.expect(&["kpis/revenue.toml"]);
}

#[test]
fn editors_that_save_by_renaming_are_told_as_one_edit() {
    let case = Case::new();
    // As Vim does with `backup`: probe, back up, write anew, remove the back-up.
    case.write("models/mart/4913", "");
    fs::remove_file(case.root.join("models/mart/4913")).unwrap();
    fs::rename(case.root.join("models/mart/a.sql"), case.root.join("models/mart/a.sql~")).unwrap();
    case.write("models/mart/a.sql", "select 2 as changed");
    fs::remove_file(case.root.join("models/mart/a.sql~")).unwrap();
    case.expect(&["models/mart/a.sql"]);
    // As most others do: write beside it, rename over it.
    case.write("models/mart/.a.sql.tmp", "select 3 as again");
    fs::rename(case.root.join("models/mart/.a.sql.tmp"), case.root.join("models/mart/a.sql")).unwrap();
    case.expect(&["models/mart/a.sql"]);
}

#[test]
fn noise_is_not_told() {
    let case = Case::new();
    case.write(".trommel/ledger.sqlite", "x");
    case.write(".trommel/lake/a/b.parquet", "x");
    case.write("models/mart/.b.sql.swp", "x");
    case.write("models/mart/b.sql~", "x");
    case.write(".git/index", "x");
    case.write("data/orders.csv", "x");
    case.write("notes.txt", "x");
    fs::read(case.root.join("models/mart/a.sql")).unwrap();
    // An edit that counts comes after them, and is all that is told.
    case.write("models/mart/z.sql", "select 1");
    case.expect(&["models/mart/z.sql"]);
    assert!(case.told.try_recv().is_err());
}

#[test]
fn a_burst_is_told_once() {
    let case = Case::new();
    let names: Vec<_> = (0..200).map(|n| format!("models/mart/m{n:03}.sql")).collect();
    for name in &names {
        case.write(name, "select 1");
    }
    let mut told = 0;
    let mut times = 0;
    while told < 200 {
        told += case.told.recv_timeout(DEADLINE).unwrap().len();
        times += 1;
    }
    assert!((told, times <= 10) == (200, true), "{told} files told in {times} messages");
}

#[test]
fn a_renamed_root_is_gone_until_it_is_back() {
    let case = Case::new();
    let away = case.root.with_file_name("away");
    fs::rename(&case.root, &away).unwrap();
    case.expect(&[WORKSPACE_FILE, "models/mart/a.sql"]);
    fs::write(away.join("models/mart/a.sql"), "select 'nobody is told of this'").unwrap();
    fs::rename(&away, &case.root).unwrap();
    case.expect(&[WORKSPACE_FILE, "models/mart/a.sql"]);
    case.write("models/mart/a.sql", "select 2");
    case.expect(&["models/mart/a.sql"]);
}

#[test]
fn dropping_the_watcher_stops_it() {
    let mut case = Case::new();
    case.write("models/mart/a.sql", "select 2");
    case.expect(&["models/mart/a.sql"]);
    drop(case.watcher.take());
    // The channel's sender lived in the watcher's thread: it is gone, so nothing can be told any more.
    case.write("models/mart/a.sql", "select 33");
    assert_eq!(case.told.recv(), Err(mpsc::RecvError));
}

#[test]
fn a_watcher_may_be_dropped_from_its_own_call() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(WORKSPACE_FILE), "1").unwrap();
    let own = std::sync::Arc::new(std::sync::Mutex::new(None::<Watcher>));
    let (slot, (tell, told)) = (own.clone(), channel());
    let watcher = watch(dir.path(), move |paths| {
        drop(slot.lock().unwrap().take());
        tell.send(paths).unwrap();
    });
    *own.lock().unwrap() = Some(watcher.unwrap());
    fs::write(dir.path().join(WORKSPACE_FILE), "22").unwrap();
    assert_eq!(told.recv_timeout(DEADLINE).unwrap().len(), 1);
    assert_eq!(told.recv_timeout(DEADLINE), Err(RecvTimeoutError::Disconnected));
}

#[test]
fn lost_events_are_found_by_looking() {
    // Without the system's events only the regular look is left.
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(WORKSPACE_FILE), "1").unwrap();
    let before = Files::list(dir.path());
    let (wake, woken) = channel();
    let (tell, told) = channel();
    let (root, to_system) = (dir.path().to_owned(), wake.clone());
    let thread = std::thread::spawn(move || {
        attend(&root, System::deaf(), before, &woken, &to_system, &|paths| tell.send(paths).unwrap());
    });
    fs::write(dir.path().join(WORKSPACE_FILE), "22").unwrap();
    assert_eq!(told.recv_timeout(DEADLINE).unwrap(), [dir.path().join(WORKSPACE_FILE)]);
    wake.send(Wake::Stop).unwrap();
    thread.join().unwrap();
}

#[test]
fn a_stream_of_events_is_told_before_it_ends() {
    let (wake, woken) = channel();
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (flag, start) = (stop.clone(), Instant::now());
    let chatter = std::thread::spawn(move || {
        while !flag.load(std::sync::atomic::Ordering::Relaxed) {
            wake.send(Wake::Event).unwrap();
            std::thread::park_timeout(Duration::from_millis(5));
        }
        wake
    });
    assert_eq!(settle(&woken), Settled::Events);
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let wake = chatter.join().unwrap();
    assert!(start.elapsed() < DEADLINE, "{:?}", start.elapsed());
    while woken.try_recv().is_ok() {}
    for (sent, expected) in [(vec![Wake::Event, Wake::Anew, Wake::Event], Settled::Anew), (vec![Wake::Event, Wake::Stop], Settled::Stop)] {
        for reason in sent {
            wake.send(reason).unwrap();
        }
        assert_eq!(settle(&woken), expected);
    }
}

#[test]
fn a_root_that_is_not_there_is_a_fault() {
    let dir = tempfile::tempdir().unwrap();
    let problem = watch(&dir.path().join("gone"), |_| {}).unwrap_err();
    assert_eq!(problem.code, Code::FileNotFound);
}
