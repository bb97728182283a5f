//! Unpacks a file, bit by bit, into a temporary file that only this user can open and that goes when it is let go.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::NamedTempFile;
use trommel_model::{Cancel, Outcome, Problem, ProgressSlot};

use super::archive::{members, open};
use super::config::{FREE, MOST_BYTES, MOST_RATIO, XZ_MEMORY, ZSTD_WINDOW};
use super::detect::{Packing, packing};
use super::error;
use crate::Piece;

/// An unpacked file; it is removed when this is dropped.
#[derive(Debug)]
pub struct Expanded(NamedTempFile);

impl Expanded {
    /// The piece, as if it had never been packed.
    pub fn piece(&self, piece: &Piece) -> Piece {
        let bytes = self.0.as_file().metadata().map_or(0, |m| m.len());
        Piece { path: self.0.path().to_owned(), bytes, ..piece.clone() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// Unpacks the file of a piece; `None` when it is not packed. At most `most` bytes are unpacked, for a preview.
pub fn expand(piece: &Piece, most: u64, cancel: &Cancel, progress: &ProgressSlot) -> Outcome<Option<Expanded>> {
    let Some(packing) = packing(&piece.path)? else { return Ok(None) };
    progress.update(|p| p.doing = format!("unpacking {}", piece.name));
    let mut job = Unpack { most, cancel, progress, taken: Arc::default() };
    job.run(piece, packing).map(Some)
}

struct Unpack<'a> {
    most: u64,
    cancel: &'a Cancel,
    progress: &'a ProgressSlot,
    /// Packed bytes read so far.
    taken: Arc<AtomicU64>,
}

impl Unpack<'_> {
    fn run(&mut self, piece: &Piece, packing: Packing) -> Outcome<Expanded> {
        if packing == Packing::Zip {
            return self.member(piece);
        }
        let file = File::open(&piece.path).map_err(|e| Problem::from_io(&e, "read the file", &piece.path))?;
        let input = BufReader::with_capacity(1 << 18, Counted { inner: file, taken: self.taken.clone() });
        match packing {
            Packing::Gzip => self.copy(flate2::bufread::MultiGzDecoder::new(input)),
            Packing::Bzip2 => self.copy(bzip2::bufread::MultiBzDecoder::new(input)),
            Packing::Xz => self.copy(lzma_rust2::XzReader::new_mem_limit(input, true, XZ_MEMORY)),
            Packing::Zstd | Packing::Zip => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(input).map_err(error::unreadable)?;
                decoder.window_log_max(ZSTD_WINDOW).map_err(error::unreadable)?;
                self.copy(decoder)
            }
        }
    }

    fn member(&mut self, piece: &Piece) -> Outcome<Expanded> {
        let members = members(&piece.path)?;
        let wanted = match (piece.inner(), &members[..]) {
            (Some(name), _) => members.iter().find(|m| m.name == name).ok_or_else(|| error::unknown_member(name))?,
            (None, [only]) => only,
            (None, _) => return Err(error::which_member(&members.iter().map(|m| m.name.clone()).collect::<Vec<_>>())),
        };
        let mut archive = open(&piece.path)?;
        let member = archive.by_index(wanted.place).map_err(error::unreadable)?;
        self.taken.store(member.compressed_size(), Ordering::Relaxed);
        self.copy(member)
    }

    fn copy(&mut self, mut from: impl Read) -> Outcome<Expanded> {
        let writing = |e: &io::Error| Problem::from_io(e, "unpack the file", &std::env::temp_dir());
        let mut file = tempfile::Builder::new().prefix("trommel-").tempfile().map_err(|e| writing(&e))?;
        let mut buffer = vec![0_u8; 1 << 18];
        let mut length = 0_u64;
        loop {
            self.cancel.check()?;
            let got = match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(got) => got,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(error::unreadable(e)),
            };
            length += got as u64;
            let taken = self.taken.load(Ordering::Relaxed);
            if length > MOST_BYTES || (length > FREE && length / taken.max(1) > MOST_RATIO) {
                return Err(error::bomb(taken, length));
            }
            file.write_all(&buffer[..got]).map_err(|e| writing(&e))?;
            self.progress.update(|p| p.bytes = taken);
            if length >= self.most {
                break;
            }
        }
        file.flush().map_err(|e| writing(&e))?;
        Ok(Expanded(file))
    }
}

/// Counts what is read.
struct Counted<R> {
    inner: R,
    taken: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(buffer)?;
        self.taken.fetch_add(got as u64, Ordering::Relaxed);
        Ok(got)
    }
}
