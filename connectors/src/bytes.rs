//! A text that many threads can read at any place: the file itself when it is UTF-8, else a copy in UTF-8.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use encoding_rs::{CoderResult, UTF_8};
use trommel_model::{Cancel, Code, Outcome, Problem};

use crate::csv::Long;
use crate::encoding::Found;

/// Copies up to this size stay in memory; larger ones go to a temporary file that nobody else can open.
const IN_MEMORY: usize = 16 << 20;

/// Text in UTF-8, though bytes that are not may occur.
#[derive(Debug)]
pub struct Text {
    path: PathBuf,
    store: Store,
    /// First byte behind the byte order mark.
    pub start: u64,
    /// Its length in bytes, the mark included.
    pub length: u64,
    /// Sequences of the source that mean nothing in its encoding; they became U+FFFD.
    pub replaced: u64,
}

#[derive(Debug)]
enum Store {
    File(File),
    Memory(Vec<u8>),
}

impl Text {
    /// Opens a file in the encoding found.
    pub fn open(path: &Path, found: Found, cancel: &Cancel) -> Outcome<Self> {
        Self::open_delimited(path, found, None, cancel)
    }

    /// Opens a file in the encoding found. A delimiter of several characters is handed on as the one that stands in for it.
    pub fn open_delimited(path: &Path, found: Found, long: Option<Long>, cancel: &Cancel) -> Outcome<Self> {
        let fail = |e: &io::Error| Problem::from_io(e, "read the file", path);
        let mut file = File::open(path).map_err(|e| fail(&e))?;
        if found.encoding == UTF_8 && long.is_none() {
            let length = file.metadata().map_err(|e| fail(&e))?.len();
            return Ok(Self { path: path.to_owned(), store: Store::File(file), start: found.mark as u64, length, replaced: 0 });
        }
        file.seek(SeekFrom::Start(found.mark as u64)).map_err(|e| fail(&e))?;
        let (store, length, replaced) = transcode(&mut file, found, long, path, cancel)?;
        Ok(Self { path: path.to_owned(), store, start: 0, length, replaced })
    }

    /// A text in memory.
    pub fn of(bytes: Vec<u8>) -> Self {
        let length = bytes.len() as u64;
        Self { path: PathBuf::new(), store: Store::Memory(bytes), start: 0, length, replaced: 0 }
    }

    /// Reads up to `count` bytes from a place on and appends them; fewer at the end.
    pub fn read(&self, at: u64, count: usize, out: &mut Vec<u8>) -> Outcome<()> {
        let count = count.min(self.length.saturating_sub(at) as usize);
        match &self.store {
            Store::Memory(bytes) => out.extend_from_slice(&bytes[at as usize..at as usize + count]),
            Store::File(file) => {
                let from = out.len();
                out.resize(from + count, 0);
                let got = read_at(file, at, &mut out[from..]).map_err(|e| Problem::from_io(&e, "read the file", &self.path))?;
                out.truncate(from + got);
                if got < count {
                    return Err(shortened(&self.path));
                }
            }
        }
        Ok(())
    }
}

/// The file was as long as it said when it was opened.
fn shortened(path: &Path) -> Problem {
    Problem::new(Code::FileUnreadable, "the file became shorter while it was read").in_file(path).next("run again once nobody writes to it")
}

/// Fills a buffer from a place on; gives how much there was.
#[cfg(unix)]
pub fn read_at(file: &File, at: u64, out: &mut [u8]) -> io::Result<usize> {
    use std::os::unix::fs::FileExt;
    fill(out, |rest, done| file.read_at(rest, at + done as u64))
}

/// Fills a buffer from a place on; gives how much there was.
#[cfg(windows)]
pub fn read_at(file: &File, at: u64, out: &mut [u8]) -> io::Result<usize> {
    use std::os::windows::fs::FileExt;
    fill(out, |rest, done| file.seek_read(rest, at + done as u64))
}

fn fill(out: &mut [u8], mut read: impl FnMut(&mut [u8], usize) -> io::Result<usize>) -> io::Result<usize> {
    let mut done = 0;
    while done < out.len() {
        match read(&mut out[done..], done) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(done)
}

/// Puts a character in the place of a long delimiter, piece by piece.
struct StandIns {
    long: Long,
    /// What may be the beginning of a delimiter, then what is done.
    waiting: Vec<u8>,
    done: Vec<u8>,
}

impl StandIns {
    fn new(long: Long) -> Self {
        Self { long, waiting: Vec::new(), done: Vec::new() }
    }

    fn put(&mut self, text: &[u8], last: bool) -> &[u8] {
        self.done.clear();
        self.waiting.extend_from_slice(text);
        let delimiter = self.long.bytes();
        let mut from = 0;
        for at in memchr::memmem::find_iter(&self.waiting, delimiter) {
            self.done.extend_from_slice(&self.waiting[from..at]);
            self.done.push(self.long.stand_in);
            from = at + delimiter.len();
        }
        let rest = self.waiting.len() - from;
        let kept = if last { 0 } else { rest.min(delimiter.len() - 1) };
        let until = self.waiting.len() - kept;
        self.done.extend_from_slice(&self.waiting[from..until]);
        self.waiting.drain(..until);
        &self.done
    }
}

fn transcode(file: &mut File, found: Found, long: Option<Long>, path: &Path, cancel: &Cancel) -> Outcome<(Store, u64, u64)> {
    let reading = |e: &io::Error| Problem::from_io(e, "read the file", path);
    let writing = |e: &io::Error| Problem::from_io(e, "keep a copy in UTF-8", &std::env::temp_dir());
    let mut decoder = found.encoding.new_decoder_without_bom_handling();
    let mut input = vec![0_u8; 256 << 10];
    let mut output = vec![0_u8; 1 << 20];
    let mut memory = Vec::new();
    let mut spill: Option<File> = None;
    let (mut length, mut replaced) = (0_u64, 0_u64);
    let mut stand_ins = long.map(StandIns::new);
    loop {
        cancel.check()?;
        let got = match file.read(&mut input) {
            Ok(got) => got,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(reading(&e)),
        };
        let mut rest = &input[..got];
        loop {
            let (result, read, written, errors) = decoder.decode_to_utf8(rest, &mut output, got == 0);
            rest = &rest[read..];
            replaced += u64::from(errors);
            let done = match &mut stand_ins {
                Some(stand_ins) => stand_ins.put(&output[..written], got == 0 && result == CoderResult::InputEmpty),
                None => &output[..written],
            };
            length += done.len() as u64;
            match &mut spill {
                Some(file) => file.write_all(done).map_err(|e| writing(&e))?,
                None => memory.extend_from_slice(done),
            }
            if result == CoderResult::InputEmpty {
                break;
            }
        }
        if spill.is_none() && memory.len() > IN_MEMORY {
            let mut file = tempfile::tempfile().map_err(|e| writing(&e))?;
            file.write_all(&memory).map_err(|e| writing(&e))?;
            memory = Vec::new();
            spill = Some(file);
        }
        if got == 0 {
            let store = spill.map_or(Store::Memory(memory), Store::File);
            return Ok((store, length, replaced));
        }
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{UTF_16LE, WINDOWS_1252};

    use super::*;

    #[test]
    fn texts_come_as_utf8() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        for (bytes, encoding, mark, text) in [
            (&b"\xef\xbb\xbfa\n"[..], UTF_8, 3, "a\n"),
            (b"K\xf6ln\n", WINDOWS_1252, 0, "Köln\n"),
            (b"\xff\xfea\0\xf6\0\n\0", UTF_16LE, 2, "aö\n"),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let source = Text::open(&path, Found { encoding, mark }, &Cancel::new()).unwrap();
            let mut out = Vec::new();
            source.read(source.start, 100, &mut out).unwrap();
            assert_eq!(out, text.as_bytes());
        }
    }

    #[test]
    fn a_long_delimiter_is_handed_on_as_one_byte() {
        let long = Long::new(b"|~|", 0x1F).unwrap();
        for cut in 0..9 {
            let mut stand_ins = StandIns::new(long);
            let (head, tail) = b"a|~|b|~|c".split_at(cut);
            let mut out = stand_ins.put(head, false).to_vec();
            out.extend_from_slice(stand_ins.put(tail, true));
            assert_eq!(out, b"a\x1Fb\x1Fc", "{cut}");
        }
    }

    #[test]
    fn a_large_text_in_another_encoding_spills_to_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, b"\xf6\n".repeat(IN_MEMORY / 2)).unwrap();
        let source = Text::open(&path, Found { encoding: WINDOWS_1252, mark: 0 }, &Cancel::new()).unwrap();
        assert!(matches!(source.store, Store::File(_)));
        let mut out = Vec::new();
        source.read(source.length - 3, 10, &mut out).unwrap();
        assert_eq!(out, "ö\n".as_bytes());
    }
}
