//! What kind of workbook a file is, and whether it is safe to unpack: told by its first bytes and by what its archive
//! says of its parts (the archive's reader holds it to that).

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use trommel_model::{Outcome, Problem};
use zip::ZipArchive;

use super::config::{LARGEST_PART, LARGEST_SHEET, MOST_PARTS, MOST_RATIO, SMALL};
use super::error;

/// How a workbook is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// Office Open XML: XLSX, XLSM.
    Xlsx,
    /// The same with binary parts.
    Xlsb,
    /// `OpenDocument`.
    Ods,
    /// Excel 5.0 to 2003.
    Xls,
}

/// First bytes of a compound file.
const COMPOUND: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// Looks at a file. What is no workbook, or would unpack to too much, is a fault.
pub fn container(path: &Path) -> Outcome<Container> {
    let fail = |e: &std::io::Error| Problem::from_io(e, "read the file", path);
    let mut file = File::open(path).map_err(|e| fail(&e))?;
    let mut head = Vec::new();
    (&mut file).take(512).read_to_end(&mut head).map_err(|e| fail(&e))?;
    if head.is_empty() {
        return Err(error::empty());
    }
    if head.starts_with(&COMPOUND) {
        return Ok(Container::Xls);
    }
    if !head.starts_with(b"PK") {
        return Err(error::other_format(&head));
    }
    let archive = ZipArchive::new(BufReader::new(file)).map_err(error::unreadable)?;
    parts(archive)
}

fn parts(mut archive: ZipArchive<BufReader<File>>) -> Outcome<Container> {
    if archive.len() > MOST_PARTS {
        return Err(error::unreadable(format!("it has {} parts, the most are {MOST_PARTS}", archive.len())));
    }
    let (mut binary, mut open_document, mut workbook) = (false, false, false);
    for at in 0..archive.len() {
        let part = archive.by_index_raw(at).map_err(error::unreadable)?;
        let name = String::from_utf8_lossy(part.name_raw()).replace('\\', "/").to_lowercase();
        let streamed = name.contains("worksheets/") || name == "content.xml";
        let known = streamed || ["xml", "rels", "bin"].iter().any(|e| name.ends_with(e));
        // Pictures and the like are never unpacked.
        if known {
            let (packed, bytes) = (part.compressed_size(), part.size());
            let most = if streamed { LARGEST_SHEET } else { LARGEST_PART };
            if bytes > SMALL && bytes / packed.max(1) > MOST_RATIO {
                return Err(error::bomb(&name, packed, bytes));
            }
            if bytes > most && !name.contains("vbaproject") && !name.contains("media/") && !name.contains("embeddings/") {
                return Err(error::too_large(&name, bytes, most));
            }
        }
        if name.ends_with("sharedstrings.xml") {
            drop(part);
            announced(&mut archive, at)?;
        }
        binary |= name.ends_with("workbook.bin");
        workbook |= name.contains("_rels/") || name.ends_with("workbook.xml");
        open_document |= name == "content.xml";
    }
    match (binary, open_document, workbook) {
        (true, ..) => Ok(Container::Xlsb),
        (_, true, _) => Ok(Container::Ods),
        (_, _, true) => Ok(Container::Xlsx),
        _ => Err(error::unreadable("the archive has no workbook in it")),
    }
}

/// The number of texts that a workbook announces, for which the library makes room before it looks: not more than fit.
fn announced(archive: &mut ZipArchive<BufReader<File>>, at: usize) -> Outcome<()> {
    const KEY: &str = "uniqueCount=";
    let part = archive.by_index(at).map_err(error::unreadable)?;
    let bytes = part.size();
    let mut head = Vec::new();
    part.take(64 << 10).read_to_end(&mut head).map_err(error::unreadable)?;
    let head = String::from_utf8_lossy(&head);
    let digits = head.find(KEY).map(|found| head[found + KEY.len() + 1..].chars().take_while(char::is_ascii_digit).collect::<String>());
    let Some(digits) = digits.filter(|d| !d.is_empty()) else { return Ok(()) };
    // The shortest text has five bytes: `<si/>`.
    let most = (bytes / 5).max(1 << 20);
    if digits.parse::<u64>().is_ok_and(|count| count <= most) {
        Ok(())
    } else {
        Err(error::unreadable(format!("it announces {digits} texts")))
    }
}
