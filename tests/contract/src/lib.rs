//! The lake against a foreign DuckDB: what the tests share.
//!
//! The judge is a DuckDB that is not ours, of another version, with the ducklake extension as its makers
//! ship it. What it reads from our catalogue must be what we read, and the other way round.
//! `scripts/foreign-duckdb` installs it; without it the tests fail rather than pass unseen.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The rows of one query, every value as text.
pub type Rows = Vec<Vec<Option<String>>>;

/// Runs SQL texts in the foreign DuckDB, with the lake in `state` attached as `lake`; gives the rows of each.
///
/// # Panics
/// When the foreign DuckDB is not installed, or refuses a text.
pub fn foreign(state: &Path, texts: &[String]) -> Vec<Rows> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("foreign.py");
    let mut child = Command::new(python())
        .arg(script)
        .arg(state)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("the foreign DuckDB cannot be started: {e}"));
    if let Some(mut stdin) = child.stdin.take() {
        let requests = serde_json::to_vec(texts).unwrap_or_default();
        stdin.write_all(&requests).unwrap_or_else(|e| panic!("the foreign DuckDB does not listen: {e}"));
    }
    let output = child.wait_with_output().unwrap_or_else(|e| panic!("the foreign DuckDB does not end: {e}"));
    assert!(output.status.success(), "the foreign DuckDB fails:\n{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("the foreign DuckDB's answer cannot be read: {e}"))
}

/// The interpreter that has the foreign DuckDB: `TROMMEL_FOREIGN_PYTHON`, or where `scripts/foreign-duckdb` puts it.
///
/// # Panics
/// When there is none.
fn python() -> PathBuf {
    if let Some(path) = std::env::var_os("TROMMEL_FOREIGN_PYTHON") {
        return PathBuf::from(path);
    }
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))
        .unwrap_or_default();
    let path = cache.join("trommel/foreign-venv/bin/python");
    assert!(path.exists(), "the foreign DuckDB is not installed: run scripts/foreign-duckdb once");
    path
}
