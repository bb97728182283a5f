//! Bounds within which XML is read.

/// Elements nested deeper than this are refused.
pub const DEEPEST: usize = 1000;
/// Bytes that the entities of a document may become in all.
pub const MOST_EXPANDED: u64 = 16 << 20;
/// Entities within entities.
pub const DEEPEST_ENTITY: usize = 32;
/// Attributes of one element.
pub const MOST_ATTRIBUTES: usize = 4096;
/// Bytes of one name, text or record.
pub const LONGEST: usize = 256 << 20;
/// Bytes of a declaration of the document's type.
pub const LONGEST_NAME: usize = 64 << 10;
/// Different paths of elements.
pub const MOST_PATHS: usize = 50_000;
/// A table has at most this many columns.
pub const MOST_COLUMNS: usize = 4096;
/// Bytes read at once.
pub const WINDOW: usize = 1 << 18;
