//! What a match has found so far, in a file: one that was stopped or killed goes on from there.
//!
//! The file begins with what the match is of; behind it stand notes, each with its length and a sum. What a kill cut short is
//! told by its sum, and left out.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};
use trommel_engine::failpoint;
use trommel_matching::Journal;
use trommel_model::{Outcome, TableName};

use super::super::context::Context;
use crate::fingerprint::Fingerprint;
use crate::graph::Node;

/// Fewer pairs than this are compared again sooner than they are noted.
const WORTH: u64 = 10_000_000;
/// Raised when notes mean something else than before.
const KIND: &str = "trommel match 1";
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Bytes of what a match is of, and of the length and the sum before each note.
const KEY: usize = 32;
const HEAD: usize = 4 + 8;

/// The notes of one match.
#[derive(Debug)]
pub(super) struct Notes {
    path: PathBuf,
    /// What the match is made from.
    of: String,
    /// True when that tells whether its input is as it was: nobody keeps account of what a view reads.
    known: bool,
    file: Mutex<Option<File>>,
    failed: AtomicBool,
}

impl Notes {
    /// Notes of a match as it stands now: its model, its input, decisions, and the entities of the run before.
    pub fn new(context: &Context<'_>, node: &Node<'_>) -> Outcome<Self> {
        let folder = trommel_workspace::state(context.workspace).folder("match")?;
        let now = Fingerprint { run: String::new(), ..context.fingerprint(node)? };
        let before = context.lake.table_facts(&node.name)?.map(|facts| facts.fingerprint).unwrap_or_default();
        let of = format!("{KIND} {VERSION}\n{}\n{before}\n{}\n", now.to_text(), context.request.full_refresh);
        let is_view = |table: &TableName| context.graph.nodes.iter().any(|input| input.name == *table && input.is_view());
        let known = now.inputs.iter().all(|(table, snapshot)| *snapshot > 0 && !is_view(table));
        Ok(Self { path: folder.join(node.name.to_string()), of, known, file: Mutex::new(None), failed: AtomicBool::new(false) })
    }

    /// Nobody needs the notes of a match that came to its end. What cannot be removed is of another match from now on.
    pub fn done(&self) {
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let _ = fs::remove_file(&self.path);
    }

    /// True when notes could not be kept: the match went on without.
    pub fn failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Reads what is there of a match, or begins a new file; the file is open behind the last whole note.
    fn open(&self, key: &[u8], note: &mut dyn FnMut(&[u8]) -> Outcome<()>) -> Outcome<io::Result<File>> {
        let ours = fs::symlink_metadata(&self.path).is_ok_and(|about| about.is_file());
        let whole = if ours { read(&self.path, key, note)? } else { 0 };
        Ok(if whole > 0 { self.go_on(whole) } else { self.begin_anew(key) })
    }

    fn go_on(&self, whole: u64) -> io::Result<File> {
        OpenOptions::new().write(true).open(&self.path)?.set_len(whole)?;
        OpenOptions::new().append(true).open(&self.path)
    }

    fn begin_anew(&self, key: &[u8]) -> io::Result<File> {
        if fs::symlink_metadata(&self.path).is_ok() {
            fs::remove_file(&self.path)?;
        }
        let mut file = OpenOptions::new().append(true).create_new(true).open(&self.path)?;
        file.write_all(key)?;
        Ok(file)
    }

    /// A match needs its notes only when it is stopped: what cannot be kept does not end it, and its room is given back.
    fn give_up(&self, file: &mut Option<File>) {
        *file = None;
        let _ = fs::remove_file(&self.path);
        self.failed.store(true, Ordering::Relaxed);
    }
}

impl Journal for Notes {
    fn wants(&self, pairs: u64) -> bool {
        if !self.known || pairs < WORTH {
            self.done();
            return false;
        }
        true
    }

    fn begin(&self, key: u64, note: &mut dyn FnMut(&[u8]) -> Outcome<()>) -> Outcome<()> {
        let key = Sha256::new().chain_update(&self.of).chain_update(key.to_le_bytes()).finalize();
        let opened = self.open(&key, note)?;
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        match opened {
            Ok(opened) => *file = Some(opened),
            Err(_) => self.give_up(&mut file),
        }
        Ok(())
    }

    fn note(&self, note: &[u8]) -> Outcome<()> {
        let written = framed(note);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Err(_)) = file.as_mut().map(|file| file.write_all(&written)) {
            self.give_up(&mut file);
        }
        drop(file);
        failpoint::hit("match-noted")
    }
}

/// A note with its length and its sum before it.
fn framed(note: &[u8]) -> Vec<u8> {
    let mut written = Vec::with_capacity(HEAD + note.len());
    written.extend((note.len() as u32).to_le_bytes());
    written.extend(sum(note));
    written.extend(note);
    written
}

fn sum(note: &[u8]) -> [u8; 8] {
    let mut sum = [0; 8];
    sum.copy_from_slice(&Sha256::digest(note)[..8]);
    sum
}

/// Hands over the whole notes of a file that is of this match, and gives where the last of them ends; 0 when it is of another.
/// What cannot be read ends it as what was cut short does.
fn read(path: &Path, key: &[u8], note: &mut dyn FnMut(&[u8]) -> Outcome<()>) -> Outcome<u64> {
    let Ok(file) = File::open(path) else { return Ok(0) };
    let Ok(size) = file.metadata().map(|about| about.len()) else { return Ok(0) };
    let mut file = BufReader::new(file);
    let (mut of, mut head, mut found) = ([0; KEY], [0; HEAD], Vec::new());
    if file.read_exact(&mut of).is_err() || of != *key {
        return Ok(0);
    }
    let mut at = KEY as u64;
    while size - at >= HEAD as u64 && file.read_exact(&mut head).is_ok() {
        let length = head[..4].iter().rev().fold(0, |all, byte| all << 8 | u64::from(*byte));
        if size - at - (HEAD as u64) < length {
            break;
        }
        found.resize(length as usize, 0);
        if file.read_exact(&mut found).is_err() || sum(&found) != head[4..] {
            break;
        }
        note(&found)?;
        at += HEAD as u64 + length;
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(path: &Path) -> Notes {
        Notes { path: path.to_owned(), of: "a match".to_owned(), known: true, file: Mutex::new(None), failed: AtomicBool::new(false) }
    }

    /// What a match that begins with this key finds, and adds.
    fn went_on(path: &Path, key: u64, more: &[&str]) -> Vec<String> {
        let (notes, mut found) = (notes(path), Vec::new());
        assert!(notes.wants(WORTH));
        let mut read = |note: &[u8]| {
            found.push(String::from_utf8(note.to_vec()).unwrap());
            Ok(())
        };
        notes.begin(key, &mut read).unwrap();
        for note in more {
            notes.note(note.as_bytes()).unwrap();
        }
        assert!(!notes.failed());
        found
    }

    #[test]
    fn a_match_finds_its_own_notes_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stage.people");
        assert_eq!(went_on(&path, 7, &["one", "", "three"]), [""; 0]);
        assert_eq!(went_on(&path, 7, &["four"]), ["one", "", "three"]);
        let whole = fs::read(&path).unwrap();
        for cut in KEY..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            let found = went_on(&path, 7, &["new"]);
            assert!(["one", "", "three", "four"].starts_with(&found.iter().map(String::as_str).collect::<Vec<_>>()), "{cut}: {found:?}");
            assert_eq!(went_on(&path, 7, &[]), [found, vec!["new".to_owned()]].concat(), "{cut}");
        }
        let mut broken = whole.clone();
        broken[KEY + HEAD] ^= 1;
        fs::write(&path, &broken).unwrap();
        assert_eq!(went_on(&path, 7, &["else"]), [""; 0]);
        assert_eq!(went_on(&path, 8, &[]), [""; 0], "another match");
        assert_eq!(went_on(&path, 7, &[]), [""; 0], "the other has its notes there");
    }

    #[test]
    fn few_pairs_are_not_noted_and_what_ended_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stage.people");
        went_on(&path, 1, &["one"]);
        assert!(!notes(&path).wants(WORTH - 1));
        assert!(!path.exists());
        went_on(&path, 1, &["one"]);
        assert!(!Notes { known: false, ..notes(&path) }.wants(WORTH));
        assert!(!path.exists());
    }

    #[test]
    fn notes_that_cannot_be_kept_do_not_end_a_match() {
        let folder = tempfile::tempdir().unwrap();
        let notes = notes(&folder.path().join("not there/stage.people"));
        notes.begin(1, &mut |_| Ok(())).unwrap();
        notes.note(b"one").unwrap();
        assert!(notes.failed());
    }

    #[test]
    fn reading_notes_stops_when_it_is_asked_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stage.people");
        went_on(&path, 1, &["one", "two"]);
        let mut read = 0;
        let mut stop = |_: &[u8]| {
            read += 1;
            Err(trommel_model::Problem::new(trommel_model::Code::Interrupted, "stopped"))
        };
        assert!(notes(&path).begin(1, &mut stop).is_err());
        assert_eq!(read, 1);
        assert_eq!(went_on(&path, 1, &[]), ["one", "two"], "nothing is lost");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, elsewhere) = (folder.path().join("stage.people"), folder.path().join("precious"));
        fs::write(&elsewhere, "kept").unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        went_on(&path, 1, &["one"]);
        assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "kept");
        assert_eq!(went_on(&path, 1, &[]), ["one"]);
    }
}
