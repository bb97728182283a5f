//! Bounds within which files are unpacked.

/// Bytes that a file may unpack to.
pub const MOST_BYTES: u64 = 200 << 30;
/// A file that unpacks to more than [`FREE`] bytes and to more than this many times its size is refused.
pub const MOST_RATIO: u64 = 250;
/// Up to this many bytes nobody asks for the ratio.
pub const FREE: u64 = 256 << 20;
/// Memory in KiB that unpacking xz may ask for.
pub const XZ_MEMORY: u32 = 256 << 10;
/// The window that unpacking Zstandard may ask for, as a power of two.
pub const ZSTD_WINDOW: u32 = 27;
/// Members of an archive.
pub const MOST_MEMBERS: usize = 100_000;
