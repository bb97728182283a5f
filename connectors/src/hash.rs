//! The SHA-256 of a file, by which a folder source knows what it has seen.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};
use trommel_model::{Cancel, FileFormat, Outcome, Problem};

use crate::Piece;
use crate::discover::log_of;

/// The SHA-256 of a piece's file, in lower-case hexadecimal digits. Of a SQLite database, of the file and its write-ahead log.
pub fn sha256(piece: &Piece, cancel: &Cancel) -> Outcome<String> {
    let mut digest = Sha256::new();
    feed(&mut digest, &piece.path, cancel)?;
    let log = log_of(&piece.path);
    if piece.format == FileFormat::Sqlite && log.exists() {
        feed(&mut digest, &log, cancel)?;
    }
    Ok(hex::encode(digest.finalize()))
}

fn feed(digest: &mut Sha256, path: &Path, cancel: &Cancel) -> Outcome<()> {
    let fail = |e: &std::io::Error| Problem::from_io(e, "read the file", path);
    let mut file = File::open(path).map_err(|e| fail(&e))?;
    let mut buffer = vec![0_u8; 1 << 20];
    loop {
        cancel.check()?;
        match file.read(&mut buffer).map_err(|e| fail(&e))? {
            0 => return Ok(()),
            count => digest.update(&buffer[..count]),
        }
    }
}
