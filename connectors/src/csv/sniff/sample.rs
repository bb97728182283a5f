//! The parts of a file that sniffing looks at: its head, and of a large file also places further on.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use trommel_model::{Code, Outcome, Problem};

use crate::encoding::{self, Found};

/// Bytes of the head.
const HEAD: usize = 128 << 10;
/// Bytes of each further section.
const SECTION: usize = 24 << 10;
/// Places of the further sections, in percent of the file.
const PLACES: [u64; 3] = [33, 66, 100];

/// Samples of a file, in UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// From the start, without a byte order mark, up to a line end or the end of the file.
    pub head: Vec<u8>,
    /// Whole lines from further on; the last section ends with the file.
    pub sections: Vec<Vec<u8>>,
    /// True when the head is the whole file.
    pub whole: bool,
    /// The encoding.
    pub found: Found,
    /// True when no sample has a character beyond ASCII.
    pub ascii: bool,
}

impl Sample {
    /// Reads the samples of a file. `label` is the encoding when it is told.
    pub fn take(path: &Path, label: Option<&str>) -> Outcome<Self> {
        let fail = |e: &io::Error| Problem::from_io(e, "read the file", path);
        if path.is_dir() {
            return Err(Problem::new(Code::FileUnreadable, "this is a folder, not a file")
                .in_file(path)
                .next("name a file in it, or a pattern"));
        }
        let mut file = File::open(path).map_err(|e| fail(&e))?;
        let length = file.metadata().map_err(|e| fail(&e))?.len();
        let head = part(&mut file, 0, HEAD).map_err(|e| fail(&e))?;
        let whole = head.len() as u64 >= length;
        let mut places = Vec::new();
        if !whole {
            for place in PLACES {
                // Even offsets keep two-byte encodings in step.
                let at = (length * place / 100).saturating_sub(SECTION as u64).max(HEAD as u64) & !1;
                places.push(part(&mut file, at, SECTION).map_err(|e| fail(&e))?);
            }
        }
        Self::of(&head, &places, whole, label).map_err(|p| p.in_file(path))
    }

    /// Makes samples of bytes.
    pub fn of(head: &[u8], places: &[Vec<u8>], whole: bool, label: Option<&str>) -> Outcome<Self> {
        let found = if let Some(label) = label {
            encoding::told(label, head)?
        } else {
            let mut all = vec![head];
            all.extend(places.iter().map(Vec::as_slice));
            encoding::detect(&all)
        };
        let decode = |bytes: &[u8]| found.encoding.decode_without_bom_handling(bytes).0.into_owned().into_bytes();
        let mut text = decode(&head[found.mark.min(head.len())..]);
        if !whole && let Some(end) = text.iter().rposition(|b| matches!(b, b'\n' | b'\r')) {
            text.truncate(end + 1);
        }
        let sections = places
            .iter()
            .enumerate()
            .filter_map(|(at, bytes)| {
                let text = decode(bytes);
                let first = text.iter().position(|b| matches!(b, b'\n' | b'\r'))? + 1;
                // The last section ends where the file ends.
                let end = if at + 1 == places.len() {
                    Some(text.len())
                } else {
                    text.iter().rposition(|b| matches!(b, b'\n' | b'\r')).map(|n| n + 1)
                };
                let last = end?;
                (last > first).then(|| text[first..last].to_vec())
            })
            .collect::<Vec<_>>();
        let ascii = text.is_ascii() && sections.iter().all(|s| s.is_ascii());
        Ok(Self { head: text, sections, whole, found, ascii })
    }
}

fn part(file: &mut File, at: u64, length: usize) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.take(length as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
