//! The lock that one run of an environment holds, so that no second one starts beside it.
//!
//! The lock is the operating system's own on the file `run.lock`: it ends with the process, however that ends. What the
//! file says (who, process, host, since when) is for people only. Readers never take part: reading, previews, exports and
//! watching go on while a run holds the lock.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use trommel_model::{Code, Outcome, Problem};

use crate::disk::{private_file, write_atomically};
use crate::state::State;

const LOCK_FILE: &str = "run.lock";
const FENCE_FILE: &str = "run.fence";

/// Somebody who only looks at the lock ([`holder`]) holds it for microseconds; a run waits that out.
const LOOKERS_ARE_GONE_AFTER: Duration = Duration::from_millis(100);

/// The lock while it is held. Released when dropped, and when the process ends.
#[derive(Debug)]
pub struct RunLock {
    /// Counts the locks of this environment: larger than that of every run before, also after a crash. What a run
    /// publishes carries it, so that a run that has lost its lock can be told from the one that has it.
    pub fence: u64,
    file: File,
}

/// Who holds the lock, as the lock file says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// What was started, for instance `trommel run`.
    pub who: String,
    /// Its process.
    pub pid: u32,
    /// The machine it runs on.
    pub host: String,
    /// When it took the lock, RFC 3339 in UTC.
    pub since: String,
    /// Its fence.
    pub fence: u64,
}

/// Takes the lock for `who`, for instance `trommel run`.
///
/// `locked` when another run holds it, naming that run; `denied` when the workspace cannot be written.
pub fn lock(state: &State, who: &str) -> Outcome<RunLock> {
    state.make()?;
    let path = state.dir.join(LOCK_FILE);
    let failed = |e: &std::io::Error| Problem::from_io(e, "take the lock of the workspace", &path);
    let mut file = private_file().open(&path).map_err(|e| failed(&e))?;
    acquire(&mut file, &path)?;
    let fence = next_fence(&state.dir, read_holder(&mut file).as_ref())?;
    let holder = Holder {
        who: who.to_owned(),
        pid: std::process::id(),
        host: host(),
        since: Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        fence,
    };
    write_holder(&mut file, &holder).map_err(|e| failed(&e))?;
    Ok(RunLock { fence, file })
}

/// Who holds the lock now; nothing when nobody does. Changes nothing.
pub fn holder(state: &State) -> Outcome<Option<Holder>> {
    let path = state.dir.join(LOCK_FILE);
    let failed = |e: &std::io::Error| Problem::from_io(e, "look at the lock of the workspace", &path);
    let mut file = match File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(failed(&e)),
    };
    match file.try_lock_shared() {
        Ok(()) => file.unlock().map(|()| None).map_err(|e| failed(&e)),
        Err(TryLockError::WouldBlock) => Ok(Some(read_holder(&mut file).unwrap_or_else(Holder::unknown))),
        Err(TryLockError::Error(e)) => Err(failed(&e)),
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // An empty file tells people that nobody holds it.
        let _ = self.file.set_len(0);
        // Closing the file is not enough: a process that another thread is starting just now has a copy of it.
        let _ = self.file.unlock();
    }
}

fn acquire(file: &mut File, path: &Path) -> Outcome<()> {
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if start.elapsed() < LOOKERS_ARE_GONE_AFTER => std::thread::yield_now(),
            Err(TryLockError::WouldBlock) => return Err(locked(&read_holder(file).unwrap_or_else(Holder::unknown))),
            Err(TryLockError::Error(e)) => return Err(Problem::from_io(&e, "take the lock of the workspace", path)),
        }
    }
}

fn locked(holder: &Holder) -> Problem {
    let Holder { who, pid, host, since, .. } = holder;
    let by = if *pid == 0 { who.clone() } else { format!("{who}, process {pid} on {host}, since {since}") };
    Problem::new(Code::Locked, format!("locked by {by}"))
        .why("one run of an environment goes on at a time")
        .next("wait for that run to end, or stop it; everything that only reads works meanwhile")
}

impl Holder {
    fn unknown() -> Self {
        Self { who: "another run".to_owned(), pid: 0, host: String::new(), since: String::new(), fence: 0 }
    }
}

fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(64 * 1024).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn write_holder(file: &mut File, holder: &Holder) -> std::io::Result<()> {
    let text = serde_json::to_string(holder)?;
    file.rewind()?;
    file.write_all(text.as_bytes())?;
    file.set_len(text.len() as u64)
}

/// The next fence, on disk before anybody sees it. The lock is held, so nobody else counts.
fn next_fence(folder: &Path, last: Option<&Holder>) -> Outcome<u64> {
    let path = folder.join(FENCE_FILE);
    let kept = match std::fs::read_to_string(&path) {
        Ok(text) => text.trim().parse::<u64>().map_err(|_| {
            Problem::new(Code::LedgerBroken, "the counter of runs is damaged")
                .in_file(&path)
                .why(format!("it should be a number, and reads \"{}\"", text.trim().chars().take(40).collect::<String>()))
                .next("remove the folder .trommel; a run makes everything in it again")
        })?,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => 0,
        Err(e) => return Err(Problem::from_io(&e, "read the counter of runs", &path)),
    };
    let fence = kept.max(last.map_or(0, |holder| holder.fence)) + 1;
    write_atomically(&path, &format!("{fence}\n"))?;
    Ok(fence)
}

fn host() -> String {
    let kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").map(|name| name.trim().to_owned());
    kernel.ok().filter(|name| !name.is_empty()).or_else(|| std::env::var("HOSTNAME").ok()).unwrap_or_else(|| "this machine".to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::BufRead as _;
    use std::process::{Child, Command, Stdio};

    use super::*;

    const CHILD_DIR: &str = "TROMMEL_TEST_LOCK_DIR";

    fn fresh() -> (tempfile::TempDir, State) {
        let dir = tempfile::tempdir().unwrap();
        let state = State { dir: dir.path().join(".trommel") };
        (dir, state)
    }

    /// Another process that holds the lock until it is killed or its input ends, and what it still has to say.
    fn child_with_lock(state: &State) -> (Child, impl Iterator<Item = String>) {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "lock::tests::a_process_that_holds_the_lock", "--ignored", "--nocapture"])
            .env(CHILD_DIR, &state.dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.ends_with("holding")), "the child has the lock");
        (child, lines)
    }

    #[test]
    #[ignore = "the other process of the tests below, started by them"]
    fn a_process_that_holds_the_lock() {
        let state = State { dir: std::env::var_os(CHILD_DIR).unwrap().into() };
        let lock = lock(&state, "trommel run").unwrap();
        println!("holding");
        std::io::stdin().lock().read_line(&mut String::new()).unwrap();
        drop(lock);
    }

    #[test]
    fn the_second_is_told_who_holds_it() {
        let (_dir, state) = fresh();
        let (mut child, rest) = child_with_lock(&state);
        let problem = lock(&state, "trommel run").unwrap_err();
        assert_eq!(problem.code, Code::Locked);
        assert!(problem.what.starts_with(&format!("locked by trommel run, process {} on ", child.id())), "{problem}");
        assert_eq!(holder(&state).unwrap().unwrap().pid, child.id());
        drop(child.stdin.take());
        rest.for_each(drop);
        assert!(child.wait().unwrap().success());
        assert_eq!(lock(&state, "trommel run").unwrap().fence, 2);
    }

    #[test]
    fn a_killed_process_holds_nothing() {
        let (_dir, state) = fresh();
        let (mut child, _) = child_with_lock(&state);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(holder(&state).unwrap(), None);
        let ours = lock(&state, "trommel run").unwrap();
        assert_eq!(ours.fence, 2, "the fence counts the killed run");
        assert_eq!(holder(&state).unwrap().unwrap().fence, 2);
    }

    #[test]
    fn the_fence_never_goes_back() {
        let (_dir, state) = fresh();
        for expected in 1..=3 {
            assert_eq!(lock(&state, "a").unwrap().fence, expected);
        }
        assert_eq!(holder(&state).unwrap(), None, "a released lock has no holder");
        let killed = Holder { fence: 9, ..Holder::unknown() };
        std::fs::write(state.dir.join(LOCK_FILE), serde_json::to_string(&killed).unwrap()).unwrap();
        assert_eq!(lock(&state, "a").unwrap().fence, 10, "the larger of both files counts");
        std::fs::remove_file(state.dir.join(LOCK_FILE)).unwrap();
        assert_eq!(lock(&state, "a").unwrap().fence, 11);
        std::fs::write(state.dir.join(FENCE_FILE), "x").unwrap();
        assert_eq!(lock(&state, "a").unwrap_err().code, Code::LedgerBroken);
    }

    #[test]
    fn lookers_do_not_keep_a_run_from_its_lock() {
        let (_dir, state) = fresh();
        drop(lock(&state, "first").unwrap());
        let stop = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                        holder(&state).unwrap();
                    }
                });
            }
            let taken: Vec<_> = (0..20).map(|_| lock(&state, "a").map(|lock| lock.fence)).collect();
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
            assert_eq!(taken, (2..22).map(Ok).collect::<Vec<_>>());
        });
    }

    #[cfg(unix)]
    #[test]
    fn its_files_are_for_the_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_dir, state) = fresh();
        let _lock = lock(&state, "a").unwrap();
        for file in [LOCK_FILE, FENCE_FILE] {
            assert_eq!(std::fs::metadata(state.dir.join(file)).unwrap().permissions().mode() & 0o777, 0o600, "{file}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_workspace_that_cannot_be_written_is_denied() {
        assert_eq!(lock(&State { dir: "/sys/kernel/.trommel".into() }, "a").unwrap_err().code, Code::Denied);
    }
}
