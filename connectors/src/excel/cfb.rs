//! Looks through an XLS file before the library does: the library makes room for every cell between the outermost ones
//! of a sheet, and for as many as a sheet says it has, so that a file of a few kilobytes could ask for all memory.
//!
//! Compound files: [MS-CFB]; records: [MS-XLS]. What a sheet says of its size is set to nothing in the copy in memory.

use trommel_model::{Outcome, Problem};

use super::config::{LARGEST_BINARY, MOST_BINARY_CELLS};
use super::error;

/// Bytes of records looked through in all; sheets that share their records are looked through each time.
const MOST_WORK: u64 = 4 * LARGEST_BINARY;
/// Ids of sectors from here on mean something else.
const RESERVED: u32 = 0xFFFF_FFFA;

/// A compound file in memory.
struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    fat: Vec<u32>,
}

/// Checks a workbook, and takes out of the copy what sheets say of their size.
pub fn check(bytes: &mut [u8]) -> Outcome<()> {
    let places = {
        let compound = Compound::open(bytes)?;
        let places = compound.workbook()?;
        let stream: Vec<u8> = places.iter().flat_map(|(at, length)| &bytes[*at..at + length]).copied().collect();
        let sizes = sheets(&stream)?;
        sizes
            .into_iter()
            .flat_map(|(at, length)| (at..at + length).filter_map(|n| place(&places, n)).collect::<Vec<_>>())
            .collect::<Vec<_>>()
    };
    for at in places {
        bytes[at] = 0;
    }
    Ok(())
}

/// Where a byte of a stream is in the file.
fn place(places: &[(usize, usize)], mut at: usize) -> Option<usize> {
    // All pieces but the last are of one length.
    let length = places.first()?.1.max(1);
    let piece = at / length;
    at %= length;
    places.get(piece).filter(|(_, length)| at < *length).map(|(start, _)| start + at)
}

impl<'a> Compound<'a> {
    fn open(bytes: &'a [u8]) -> Outcome<Self> {
        let sector = match short(bytes, 30) {
            Some(9) => 512,
            Some(12) => 4096,
            _ => return Err(broken("its sectors are of no size that is known")),
        };
        let mut compound = Self { bytes, sector, fat: Vec::new() };
        let mut ids: Vec<u32> = (0..109).filter_map(|n| long(bytes, 76 + 4 * n)).collect();
        let most = bytes.len() / sector + 1;
        let mut next = long(bytes, 68).unwrap_or(RESERVED);
        let mut seen = 0;
        while next < RESERVED && seen <= most {
            let Some(at) = compound.at(next) else { break };
            let entries = sector / 4;
            ids.extend((0..entries - 1).filter_map(|n| long(bytes, at + 4 * n)));
            next = long(bytes, at + 4 * (entries - 1)).unwrap_or(RESERVED);
            seen += 1;
        }
        for id in ids.into_iter().filter(|id| *id < RESERVED).take(most) {
            if let Some(at) = compound.at(id) {
                compound.fat.extend((0..sector / 4).filter_map(|n| long(bytes, at + 4 * n)));
            }
        }
        Ok(compound)
    }

    fn at(&self, id: u32) -> Option<usize> {
        let at = (id as usize).checked_add(1)?.checked_mul(self.sector)?;
        (at < self.bytes.len()).then_some(at)
    }

    /// The sectors of a chain, as places and lengths; `None` when it goes in circles.
    fn chain(&self, first: u32) -> Outcome<Vec<(usize, usize)>> {
        let mut places = Vec::new();
        let mut id = first;
        while id < RESERVED {
            let Some(at) = self.at(id) else { break };
            places.push((at, self.sector.min(self.bytes.len() - at)));
            if places.len() > self.bytes.len() / self.sector + 1 {
                return Err(broken("its sectors go in circles"));
            }
            id = self.fat.get(id as usize).copied().unwrap_or(RESERVED);
        }
        Ok(places)
    }

    /// Where the records of the workbook are.
    fn workbook(&self) -> Outcome<Vec<(usize, usize)>> {
        let directory = self.chain(long(self.bytes, 48).unwrap_or(RESERVED))?;
        let entries: Vec<&[u8]> = directory.iter().flat_map(|(at, length)| self.bytes[*at..at + length].chunks_exact(128)).collect();
        let named = |wanted: &str| entries.iter().find(|e| name(e).eq_ignore_ascii_case(wanted)).copied();
        if named("EncryptedPackage").is_some() {
            return Err(error::locked());
        }
        let Some(entry) = named("Workbook").or_else(|| named("Book")) else {
            return Err(broken("it has no stream named Workbook or Book"));
        };
        let first = long(entry, 116).unwrap_or(RESERVED);
        let size = long(entry, 120).unwrap_or(0) as usize;
        if size as u64 > LARGEST_BINARY {
            return Err(error::too_large("Workbook", size as u64, LARGEST_BINARY));
        }
        let cutoff = long(self.bytes, 56).unwrap_or(4096) as usize;
        if size >= cutoff {
            return self.chain(first);
        }
        self.small(entries.first().copied().unwrap_or_default(), first)
    }

    /// A short stream: sectors of 64 bytes within the stream of the root.
    fn small(&self, root: &[u8], first: u32) -> Outcome<Vec<(usize, usize)>> {
        let container = self.chain(long(root, 116).unwrap_or(RESERVED))?;
        let table = self.chain(long(self.bytes, 60).unwrap_or(RESERVED))?;
        let ids: Vec<u32> =
            table.iter().flat_map(|(at, length)| self.bytes[*at..at + length].chunks_exact(4)).filter_map(|b| long(b, 0)).collect();
        let mut places = Vec::new();
        let mut id = first;
        while id < RESERVED && places.len() <= ids.len() {
            let Some(at) = (id as usize).checked_mul(64).and_then(|at| place(&container, at)) else { break };
            places.push((at, 64.min(self.bytes.len() - at)));
            id = ids.get(id as usize).copied().unwrap_or(RESERVED);
        }
        Ok(places)
    }
}

/// Goes through the sheets of a workbook; gives the places where they say their size.
fn sheets(stream: &[u8]) -> Outcome<Vec<(usize, usize)>> {
    let mut starts = Vec::new();
    for record in Records::new(stream, 0) {
        match record.kind {
            0x85 => starts.extend(long(stream, record.at).map(|at| at as usize)),
            0x0A => break,
            _ => {}
        }
    }
    let (mut sizes, mut cells, mut work) = (Vec::new(), 0_u64, 0_u64);
    for start in starts {
        let (mut values, mut formulas) = (Bounds::default(), Bounds::default());
        let mut depth = 0_u32;
        for record in Records::new(stream, start) {
            work += record.length as u64 + 4;
            if work > MOST_WORK {
                return Err(broken("its sheets share their records too often"));
            }
            match record.kind {
                0x0809 => depth += 1,
                0x0A if depth <= 1 => break,
                0x0A => depth -= 1,
                0x0200 if record.length >= 10 => {
                    let kept = if record.length >= 14 { 12 } else { 8 };
                    sizes.push((record.at, kept.min(record.length)));
                }
                0x0203 | 0x0204 | 0x00D6 | 0x0205 | 0x027E | 0x00FD | 0x0006 => {
                    if let (Some(row), Some(column)) = (short(stream, record.at), short(stream, record.at + 2)) {
                        values.add(row, column);
                        if record.kind == 6 {
                            formulas.add(row, column);
                        }
                    }
                }
                0x00BD if record.length >= 6 => {
                    let last = short(stream, record.at + record.length - 2);
                    if let (Some(row), Some(from), Some(to)) = (short(stream, record.at), short(stream, record.at + 2), last) {
                        values.add(row, from);
                        values.add(row, to.max(from));
                    }
                }
                _ => {}
            }
        }
        cells = cells.saturating_add(values.area()).saturating_add(formulas.area());
        if cells > MOST_BINARY_CELLS {
            return Err(error::too_many_cells(cells, MOST_BINARY_CELLS));
        }
    }
    Ok(sizes)
}

/// The rectangle of the cells seen.
#[derive(Debug, Clone, Copy, Default)]
struct Bounds {
    corners: Option<(u16, u16, u16, u16)>,
}

impl Bounds {
    fn add(&mut self, row: u16, column: u16) {
        let (top, bottom, left, right) = self.corners.unwrap_or((row, row, column, column));
        self.corners = Some((top.min(row), bottom.max(row), left.min(column), right.max(column)));
    }

    fn area(&self) -> u64 {
        self.corners.map_or(0, |(top, bottom, left, right)| (u64::from(bottom - top) + 1) * (u64::from(right - left) + 1))
    }
}

/// One record: its kind, and where its data are.
struct Record {
    kind: u16,
    at: usize,
    length: usize,
}

struct Records<'a> {
    stream: &'a [u8],
    at: usize,
}

impl<'a> Records<'a> {
    fn new(stream: &'a [u8], at: usize) -> Self {
        Self { stream, at }
    }
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let kind = short(self.stream, self.at)?;
        let length = usize::from(short(self.stream, self.at + 2)?);
        let at = self.at + 4;
        if at + length > self.stream.len() {
            return None;
        }
        self.at = at + length;
        Some(Record { kind, at, length })
    }
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|b| u16::from_le_bytes(*b))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|b| u32::from_le_bytes(*b))
}

fn name(entry: &[u8]) -> String {
    let units: Vec<u16> = (0..32).filter_map(|n| short(entry, 2 * n)).take_while(|unit| *unit != 0).collect();
    String::from_utf16_lossy(&units)
}

fn broken(why: &str) -> Problem {
    error::unreadable(why)
}
