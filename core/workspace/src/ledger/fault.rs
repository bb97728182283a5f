//! What SQLite says, in words for a person.

use std::path::Path;

use trommel_model::{Code, Problem};

/// The fault of a statement or of opening the file.
pub(super) fn fault(error: &sqlx::Error, doing: &str, path: &Path) -> Problem {
    let what = format!("cannot {doing}");
    match error {
        sqlx::Error::Database(e) => {
            // The lowest byte is the primary result code, https://www.sqlite.org/rescode.html.
            let code = e.code().and_then(|code| code.parse::<u32>().ok()).unwrap_or_default() & 0xff;
            let (class, why, next) = match code {
                BUSY | LOCKED => (Code::Locked, "another process is writing to the ledger", "try again"),
                CORRUPT => (Code::LedgerBroken, "the file is damaged", BROKEN),
                NOT_A_DATABASE => (Code::LedgerBroken, "the file is not a SQLite database", BROKEN),
                READ_ONLY | PERM | AUTH => (Code::Denied, e.message(), "check the permissions of the workspace's folder .trommel"),
                FULL => (Code::NoSpace, "no space is left on the disk", "free some space and run again"),
                NO_MEMORY => (Code::OutOfMemory, e.message(), "free some memory and run again"),
                CANNOT_OPEN | IO => (Code::FileUnreadable, e.message(), "check the disk, and the permissions of the folder .trommel"),
                _ => (Code::LedgerBroken, e.message(), BROKEN),
            };
            Problem::new(class, what).in_file(path).why(why).next(next)
        }
        sqlx::Error::Io(e) => Problem::from_io(e, doing, path),
        other => Problem::new(Code::LedgerBroken, what).in_file(path).why(other.to_string()).next(BROKEN),
    }
}

/// The file is a SQLite database, but none of ours.
pub(super) fn not_a_ledger(path: &Path) -> Problem {
    Problem::new(Code::LedgerBroken, "cannot open the ledger").in_file(path).why("the file is a database of another program").next(BROKEN)
}

/// The file was written by a later version of the program.
pub(super) fn too_new(path: &Path, version: i64) -> Problem {
    Problem::new(Code::LedgerBroken, "cannot open the ledger")
        .in_file(path)
        .why(format!("it was written by a newer Trommel: its version is {version}, and this program knows {}", super::schema::VERSION))
        .next("use the newer program")
}

const BROKEN: &str = "move the file away; the next run starts a new ledger, and the tables of the lake stay as they are";

const PERM: u32 = 3;
const BUSY: u32 = 5;
const LOCKED: u32 = 6;
const NO_MEMORY: u32 = 7;
const READ_ONLY: u32 = 8;
const IO: u32 = 10;
const CORRUPT: u32 = 11;
const FULL: u32 = 13;
const CANNOT_OPEN: u32 = 14;
const AUTH: u32 = 23;
const NOT_A_DATABASE: u32 = 26;
