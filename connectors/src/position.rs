//! The three columns that say where a row came from: `_file`, `_line` and `_text`.

use arrow::datatypes::{DataType, Field};

/// Path of the file relative to its connection's folder, or the name of the database table.
pub const FILE_COLUMN: &str = "_file";
/// Line on which the record starts, or row number; from 1.
pub const LINE_COLUMN: &str = "_line";
/// The record as it came, where a typed value does not give its text back; else null.
pub const TEXT_COLUMN: &str = "_text";

/// True for the names of the position columns.
pub fn is_position(name: &str) -> bool {
    matches!(name, FILE_COLUMN | LINE_COLUMN | TEXT_COLUMN)
}

/// The three columns in Arrow, in the order in which they end every table.
pub fn fields() -> [Field; 3] {
    [
        Field::new(FILE_COLUMN, DataType::Utf8, true),
        Field::new(LINE_COLUMN, DataType::Int64, true),
        Field::new(TEXT_COLUMN, DataType::Utf8, true),
    ]
}
