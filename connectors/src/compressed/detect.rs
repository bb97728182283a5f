//! How a file is packed: by its first bytes, whatever it is called; and the name under its packing.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use trommel_model::{Outcome, Problem};

/// A way of packing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
    /// An archive.
    Zip,
}

/// Endings of packed files.
const ENDINGS: [&str; 9] = ["gz", "gzip", "zst", "zstd", "bz2", "bz", "xz", "zip", "z"];

/// Looks at the first bytes of a file.
pub fn packing(path: &Path) -> Outcome<Option<Packing>> {
    let mut head = Vec::with_capacity(16);
    let file = File::open(path).map_err(|e| Problem::from_io(&e, "read the file", path))?;
    file.take(16).read_to_end(&mut head).map_err(|e| Problem::from_io(&e, "read the file", path))?;
    Ok(of(&head))
}

/// What the first bytes of a file say.
pub fn of(head: &[u8]) -> Option<Packing> {
    match head {
        [0x1F, 0x8B, 8, ..] => Some(Packing::Gzip),
        [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Packing::Zstd),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31 | 0x17, ..] => Some(Packing::Bzip2),
        [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Some(Packing::Xz),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Packing::Zip),
        _ => None,
    }
}

/// The name without the ending of a packing: `x.csv.gz` is `x.csv`. Archives keep theirs.
pub fn inner_name(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((inner, ending)) if ENDINGS.contains(&ending.to_ascii_lowercase().as_str()) && !ending.eq_ignore_ascii_case("zip") => inner,
        _ => name,
    }
}

/// True for the ending of an archive.
pub fn is_archive(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("zip"))
}
