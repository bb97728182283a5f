//! Bounds within which fixed-width text is read.

/// Bytes of the head that columns are made out from.
pub const HEAD: usize = 1 << 20;
/// Lines of the head that columns are made out from.
pub const HEAD_LINES: usize = 2000;
/// Bytes of one line.
pub const LONGEST_LINE: usize = 16 << 20;
/// Columns of a table.
pub const MOST_COLUMNS: usize = 4096;
/// Bytes read at once.
pub const WINDOW: usize = 1 << 20;
