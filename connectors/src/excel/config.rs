//! Bounds of Excel, bounds within which workbooks are read, and the looks of the sheets we make.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

/// Rows of one sheet, the header included.
pub const SHEET_ROWS: u32 = 1_048_576;
/// Columns of one sheet.
pub const SHEET_COLUMNS: usize = 16_384;
/// Characters of one cell.
pub const CELL_CHARACTERS: usize = 32_767;
/// Widest column, in characters.
pub const WIDEST: usize = 60;
/// Digits a number keeps in Excel; longer ones are written as text.
pub const DIGITS: u32 = 15;
/// Days from 1899-12-30, day 0 of Excel, to 1970-01-01. Right from 1 March 1900 on; Excel believes in 29 February 1900.
pub const EPOCH: i64 = 25_569;
/// 1 March 1900 in days since 1970; earlier days are written as text.
pub const FIRST_DAY: i64 = 61 - EPOCH;
/// 31 December 9999, the last day Excel has; later ones are written as text.
pub const LAST_DAY: i64 = 2_958_465 - EPOCH;

/// Formats by meaning.
pub struct Looks {
    /// Column names.
    pub header: Format,
    /// Whole numbers.
    pub integer: Format,
    /// Days.
    pub date: Format,
    /// Clock times.
    pub time: Format,
    /// Day and time.
    pub timestamp: Format,
    /// Text that must stay text when it is edited.
    pub text: Format,
}

impl Looks {
    /// The formats of every workbook.
    pub fn new() -> Self {
        Self {
            header: Format::new()
                .set_bold()
                .set_background_color(Color::RGB(0xE7_EC_F1))
                .set_border_bottom(FormatBorder::Thin)
                .set_align(FormatAlign::Left),
            integer: Format::new().set_num_format("0"),
            date: Format::new().set_num_format("yyyy\\-mm\\-dd"),
            time: Format::new().set_num_format("hh:mm:ss"),
            timestamp: Format::new().set_num_format("yyyy\\-mm\\-dd hh:mm:ss"),
            text: Format::new().set_num_format("@"),
        }
    }

    /// Decimals with so many places.
    pub fn decimal(scale: i8) -> Format {
        match scale {
            ..=0 => Format::new().set_num_format("0"),
            places => Format::new().set_num_format(format!("0.{}", "0".repeat(places as usize))),
        }
    }
}

/// Parts of a workbook in its archive.
pub const MOST_PARTS: usize = 20_000;
/// Bytes of one unpacked sheet, which is read bit by bit.
pub const LARGEST_SHEET: u64 = 8 << 30;
/// Bytes of one unpacked part that is held in memory, such as the texts of all cells.
pub const LARGEST_PART: u64 = 256 << 20;
/// A part larger than [`SMALL`] that unpacks to more than this many times its size is refused.
pub const MOST_RATIO: u64 = 400;
/// Parts up to this many bytes are not asked for their ratio.
pub const SMALL: u64 = 64 << 20;
/// Bytes of a workbook of the older binary format, which is held in memory.
pub const LARGEST_BINARY: u64 = 256 << 20;
/// Cells of all sheets of such a workbook, the empty ones between them included.
pub const MOST_BINARY_CELLS: u64 = 16 << 20;
/// Values a table may have, when nearly all of them are empty.
pub const MOST_SPARSE: u64 = 256 << 20;
/// Cells that one repeated row of an ODS sheet may stand for in all.
pub const MOST_REPEATED: u64 = 64 << 20;
/// Rows that are looked at to find the header.
pub const HEAD_ROWS: usize = 200;
/// Columns up to this many are kept where they are, though nothing is in them.
pub const KEEP_EMPTY: usize = 1024;
