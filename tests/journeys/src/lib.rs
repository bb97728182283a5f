//! What journeys share: the binary, folders of their own, and where the real data lie.
#![expect(clippy::unwrap_used, clippy::missing_panics_doc, clippy::print_stderr, reason = "tests may panic, and say what they leave out")]

pub mod terminal;
pub mod window;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The path of one of our binaries, built beside this test.
pub fn binary(name: &str) -> PathBuf {
    let mut folder = std::env::current_exe().unwrap();
    folder.pop();
    if folder.ends_with("deps") {
        folder.pop();
    }
    let path = folder.join(name);
    assert!(path.is_file(), "{} is not built: cargo build --release --workspace", path.display());
    path
}

/// `trommel` in a folder, with settings of its own, no colour and English messages.
pub fn trommel(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary("trommel"));
    command
        .args(arguments)
        .current_dir(folder)
        .env("TROMMEL_CONFIG_DIR", folder.join(".user"))
        .env("NO_COLOR", "1")
        .env_remove("TROMMEL_FAILPOINT");
    command
}

/// Runs `trommel` to its end.
pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    trommel(folder, arguments).output().unwrap()
}

/// Runs `trommel`, asserts its exit code and gives its standard output.
pub fn expect(folder: &Path, arguments: &[&str], code: i32) -> String {
    let output = run(folder, arguments);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "trommel {}\nstdout:\n{out}\nstderr:\n{err}", arguments.join(" "));
    out
}

/// Bytes as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A file of the real data; `None` outside of CI when there is none, said loudly.
pub fn real_data(path: &str) -> Option<PathBuf> {
    let root =
        std::env::var_os("TROMMEL_DATA").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let file = root.join(path);
    if file.exists() {
        return Some(file);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "no real data at {}: set TROMMEL_DATA", file.display());
    eprintln!("LEFT OUT: no real data at {}", file.display());
    None
}
