//! Bounds within which Parquet is read, and how it is written.

use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

/// Rows of one batch …
pub const BATCH: usize = 16 * 1024;
/// … fewer when they would have more than this many bytes.
pub const BATCH_BYTES: u64 = 64 << 20;
/// Bytes that the values of one row may have on average in one column.
pub const LARGEST_VALUE: u64 = 128 << 20;
/// A column of a row group that unpacks to more than this …
pub const LARGE_CHUNK: u64 = 512 << 20;
/// … and to more than this many times its size is refused.
pub const MOST_RATIO: u64 = 500;
/// Rows of one row group written.
const ROW_GROUP: usize = 256 * 1024;

/// How tables are written: Zstandard at its fastest usual level, statistics on.
pub fn properties() -> WriterProperties {
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).unwrap_or_default()))
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_created_by("trommel".to_owned())
        .build()
}
