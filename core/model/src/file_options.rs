//! What can be said of workbooks, XML, fixed-width text and JSON in `sources/NAME.toml`; whatever is not said is sniffed.

use serde::{Deserialize, Serialize};

/// Which part of a workbook is read, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExcelOptions {
    /// The sheet's name, or its place from 1; by default the first visible sheet with cells.
    pub sheet: Option<SheetChoice>,
    /// The cells to read, such as `B3:F200`, `B:F` or `3:200`.
    pub range: Option<String>,
    /// True when the first row of the table has the column names.
    pub header: Option<bool>,
    /// The number of the sheet's row that has the column names.
    pub header_row: Option<u64>,
    /// True to repeat the value of merged cells in each of them; by default it stands in the first only.
    pub fill_merged: bool,
}

/// A sheet by name or by place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "the name of a sheet, or its place from 1")]
pub enum SheetChoice {
    /// Its place in the workbook, from 1.
    Place(u64),
    /// Its name.
    Name(String),
}

/// Where the records are in a document of XML, and what their columns are called.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct XmlOptions {
    /// The path of the element that is a record, such as `orders/order`; by default the element that repeats.
    pub record: Option<String>,
    /// Prefixes of namespaces in names: `keep` or `drop`.
    pub prefixes: Prefixes,
    /// A WHATWG encoding label, over what the document says of itself.
    pub encoding: Option<String>,
}

/// What becomes of `ns:` in `ns:name`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prefixes {
    /// It stays.
    #[default]
    Keep,
    /// It goes.
    Drop,
}

/// The columns of fixed-width text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FixedOptions {
    /// The characters at which columns start, from 1; by default where blanks stand in every line.
    pub starts: Vec<u64>,
    /// The columns' names; by default those of the first line, when it is a header.
    pub names: Vec<String>,
    /// True when the first line has the column names.
    pub header: Option<bool>,
    /// Lines before the header that are not data.
    pub skip_lines: u64,
    /// A WHATWG encoding label.
    pub encoding: Option<String>,
}

/// Where the records are in a document of JSON, and what becomes of what is nested in them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct JsonOptions {
    /// The path to the list of records, such as `$.data.items`; by default the only list of objects.
    pub records: Option<String>,
    /// What becomes of objects inside records.
    pub nested: Nested,
}

/// What becomes of an object inside a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nested {
    /// Its members become columns `a_b`.
    #[default]
    Flatten,
    /// It stays one column of JSON text.
    Keep,
}
