//! Bounds within which JSON is read. What can be set is `trommel_model::JsonOptions`.

/// Values nested deeper than this are refused.
pub const DEEPEST: usize = 512;
/// Objects nested deeper than this stay JSON text instead of becoming columns.
pub const FLATTENED: usize = 16;
/// A table has at most this many columns.
pub const MOST_COLUMNS: usize = 4096;
/// A record (or the line it is on) has at most this many bytes.
pub const LONGEST_RECORD: usize = 256 << 20;
/// A document whose records are inside an object is held in memory, up to this many bytes.
pub const LARGEST_OBJECT: u64 = 1 << 30;
/// Bytes of a stretch of records; each becomes a part.
pub const STRETCH: u64 = 4 << 20;
/// Of a record that cannot be read, this many bytes are kept.
pub const KEPT_OF_BROKEN: usize = 64 << 10;
