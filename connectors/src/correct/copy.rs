//! A copy of a text file in UTF-8 in which records are as they were corrected.

use std::io::{BufWriter, Write};
use std::path::Path;

use encoding_rs::UTF_8;
use tempfile::NamedTempFile;
use trommel_model::{Cancel, Correction, FileFormat, Outcome, Problem, ProgressSlot, SourceSpec};

use super::lines::{Start, starts};
use super::moved::Moved;
use super::{can_correct, no_lines};
use crate::bytes::Text;
use crate::{Piece, compressed, encoding};

/// Bytes copied at a time.
const CHUNK: usize = 1 << 20;

/// A corrected copy of a file; it is removed when this is dropped.
#[derive(Debug)]
pub struct Corrected {
    file: NamedTempFile,
    encoding: Option<&'static str>,
    /// Corrections that were made.
    pub applied: usize,
    /// Corrections whose record is no longer there as it was.
    pub stale: Vec<Correction>,
    /// What the others do to the lines of the file.
    pub moved: Moved,
}

impl Corrected {
    /// The piece, as if its file had been right.
    pub fn piece(&self, piece: &Piece) -> Piece {
        let bytes = self.file.as_file().metadata().map_or(0, |m| m.len());
        Piece { path: self.file.path().to_owned(), bytes, ..piece.clone() }
    }

    /// The source as it has to be read from the copy.
    pub fn spec(&self, spec: &SourceSpec) -> SourceSpec {
        let mut spec = spec.clone();
        if let Some(label) = self.encoding {
            spec.csv.encoding = Some(label.to_owned());
            spec.fixed.encoding = Some(label.to_owned());
        }
        spec
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.file.path()
    }
}

/// Makes the copy. Corrections without a new text change nothing and are passed over.
pub fn corrected(
    piece: &Piece,
    spec: &SourceSpec,
    corrections: &[Correction],
    cancel: &Cancel,
    progress: &ProgressSlot,
) -> Outcome<Corrected> {
    if !can_correct(piece.format) {
        return Err(no_lines().in_file(&piece.path));
    }
    progress.update(|p| p.doing = format!("correcting {}", piece.name));
    let (text, encoding) = open(piece, spec, cancel, progress)?;
    let mut wanted: Vec<&Correction> = corrections.iter().filter(|c| c.now.is_some()).collect();
    wanted.sort_by_key(|c| c.line);
    let lines: Vec<u64> = wanted.iter().map(|c| c.line).collect();
    let places = starts(&text, &lines, cancel)?;
    let mut stale = Vec::new();
    let mut changes: Vec<(u64, &Correction)> = Vec::new();
    for (correction, start) in wanted.into_iter().zip(places) {
        match place(&text, start, &correction.was)? {
            Some(at) if changes.last().is_none_or(|(before, c)| before + c.was.len() as u64 <= at) => changes.push((at, correction)),
            _ => stale.push(correction.clone()),
        }
    }
    let writing = |e: &std::io::Error| Problem::from_io(e, "write a corrected copy", &std::env::temp_dir());
    let file = tempfile::Builder::new().prefix("trommel-").tempfile().map_err(|e| writing(&e))?;
    let mut out = BufWriter::with_capacity(CHUNK, file.as_file());
    let mut at = text.start;
    let mut buffer = Vec::new();
    let mut copy = |from: u64, until: u64, out: &mut BufWriter<&std::fs::File>| -> Outcome<()> {
        let mut from = from;
        while from < until {
            cancel.check()?;
            buffer.clear();
            text.read(from, CHUNK.min((until - from) as usize), &mut buffer)?;
            out.write_all(&buffer).map_err(|e| writing(&e))?;
            from += buffer.len() as u64;
        }
        Ok(())
    };
    for (place, correction) in &changes {
        copy(at, *place, &mut out)?;
        out.write_all(correction.now.as_deref().unwrap_or_default().as_bytes()).map_err(|e| writing(&e))?;
        at = place + correction.was.len() as u64;
    }
    copy(at, text.length, &mut out)?;
    out.flush().map_err(|e| writing(&e))?;
    drop(out);
    let moved = Moved::by(changes.iter().map(|(_, correction)| *correction));
    Ok(Corrected { file, encoding, applied: changes.len(), stale, moved })
}

/// Those of some decisions whose record is still there as it was when they were made.
pub fn still_there(
    piece: &Piece,
    spec: &SourceSpec,
    decided: &[Correction],
    cancel: &Cancel,
    progress: &ProgressSlot,
) -> Outcome<Vec<Correction>> {
    if !can_correct(piece.format) {
        return Err(no_lines().in_file(&piece.path));
    }
    let (text, _) = open(piece, spec, cancel, progress)?;
    let mut decided: Vec<&Correction> = decided.iter().collect();
    decided.sort_by_key(|c| c.line);
    let lines: Vec<u64> = decided.iter().map(|c| c.line).collect();
    let mut there = Vec::new();
    for (decision, start) in decided.into_iter().zip(starts(&text, &lines, cancel)?) {
        there.extend(place(&text, start, &decision.was)?.map(|_| decision.clone()));
    }
    Ok(there)
}

/// The text of a piece, unpacked and in UTF-8; and the encoding to say for it, where it had another one.
pub(super) fn open(piece: &Piece, spec: &SourceSpec, cancel: &Cancel, progress: &ProgressSlot) -> Outcome<(Text, Option<&'static str>)> {
    let expanded = compressed::expand(piece, u64::MAX, cancel, progress)?;
    let path = expanded.as_ref().map_or(piece.path.as_path(), |e| e.path());
    let label = match piece.format {
        FileFormat::Csv => spec.csv.encoding.as_deref(),
        FileFormat::Fixed => spec.fixed.encoding.as_deref(),
        _ => None,
    };
    let found = encoding::of_file(path, label)?;
    let text = Text::open(path, found, cancel)?;
    Ok((text, (found.encoding != UTF_8).then_some("utf-8")))
}

/// Where the record is that starts with this line and has this text; none when it is another one by now.
pub(super) fn place(text: &Text, start: Start, was: &str) -> Outcome<Option<u64>> {
    let mut seen = Vec::new();
    for at in [start.by_lf, start.by_any].into_iter().flatten() {
        seen.clear();
        text.read(at, was.len() + 1, &mut seen)?;
        let ends = seen.get(was.len()).is_none_or(|b| matches!(b, b'\n' | b'\r'));
        if ends && seen.get(..was.len()) == Some(was.as_bytes()) {
            return Ok(Some(at));
        }
    }
    Ok(None)
}
