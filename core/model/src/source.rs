//! A source: one dataset behind a connection, as `sources/NAME.toml` says it.

use serde::{Deserialize, Serialize};

use crate::{CheckSpec, ExcelOptions, FixedOptions, JsonOptions, XmlOptions};

/// What to read, how, and what is expected of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceSpec {
    /// The name; the table in the lake is `raw.NAME`. Set from the file's name.
    #[serde(skip)]
    pub name: String,
    /// What it is, for people.
    #[serde(default)]
    pub description: String,
    /// The connection in `trommel.toml`; without one, `path` is relative to the workspace.
    #[serde(default)]
    pub connection: Option<String>,
    /// A file, or a pattern such as `daily/*.csv`, under the connection's folder.
    #[serde(default)]
    pub path: Option<String>,
    /// How the files are written; by default known from the ending.
    #[serde(default)]
    pub format: Option<FileFormat>,
    /// The table to read, for databases.
    #[serde(default)]
    pub table: Option<String>,
    /// A query to read instead of a table.
    #[serde(default)]
    pub query: Option<String>,
    /// How much is read by each run.
    #[serde(default)]
    pub load: Load,
    /// The column whose values only grow, for incremental loading: what was changed last has the largest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How far before the largest cursor the next run begins, for rows that come late: `"2 days"`, or a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lookback: Option<String>,
    /// The columns that name a row, for incremental loading: a row that comes again replaces the one of its key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    /// How rows that were deleted in the database are found, for incremental loading; without it they stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletes: Option<Deletes>,
    /// What happens when columns come that the contract does not name, or named ones do not come.
    #[serde(default)]
    pub drift: Drift,
    /// Dialect of delimited text; whatever is not said is sniffed.
    #[serde(default)]
    pub csv: CsvOptions,
    /// Which part of a workbook is read.
    #[serde(default)]
    pub excel: ExcelOptions,
    /// Where the records are in XML.
    #[serde(default)]
    pub xml: XmlOptions,
    /// The columns of fixed-width text.
    #[serde(default)]
    pub fixed: FixedOptions,
    /// Where the records are in JSON.
    #[serde(default)]
    pub json: JsonOptions,
    /// The contract: expected columns. Columns not named here keep the type they come with (`drift` permitting).
    #[serde(default)]
    pub columns: Vec<ColumnContract>,
    /// Checks on `raw.NAME`.
    #[serde(default)]
    pub checks: Vec<CheckSpec>,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// Delimited text of any delimiter.
    Csv,
    /// One JSON value: a list of records, or an object that holds one.
    Json,
    /// One JSON record a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
    /// A SQLite database file.
    Sqlite,
    /// A workbook: XLSX, XLSM, XLS, XLSB or ODS.
    #[serde(alias = "xlsx", alias = "xlsm", alias = "xls", alias = "xlsb", alias = "ods")]
    Excel,
    /// XML with an element for each record.
    Xml,
    /// Text with columns of fixed width.
    Fixed,
    /// Arrow IPC, file or stream.
    Arrow,
    /// A table or query of a database server. Nobody says this; the connection does.
    #[serde(skip)]
    Server,
}

impl FileFormat {
    /// The name `format = …` has.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
            Self::Sqlite => "sqlite",
            Self::Excel => "excel",
            Self::Xml => "xml",
            Self::Fixed => "fixed",
            Self::Arrow => "arrow",
            Self::Server => "server",
        }
    }

    /// The formats a file can be said to have, by name.
    pub const OF_FILES: [Self; 9] =
        [Self::Csv, Self::Fixed, Self::Json, Self::Ndjson, Self::Xml, Self::Excel, Self::Parquet, Self::Arrow, Self::Sqlite];
}

/// How much of a source each run reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Load {
    /// Everything, replacing what was there, when the source has changed.
    #[default]
    Full,
    /// Only files not seen before (by name, size and hash), appended. A changed file replaces its own rows.
    NewFiles,
    /// Only rows whose cursor is larger than what was read before, added to it or, with a key, in place of the old ones.
    Incremental,
}

/// How deleted rows are found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Deletes {
    /// A row is not removed but marked: the column has a value, is true, or is not 0.
    Marked {
        /// The column.
        column: String,
    },
    /// By comparing keys.
    Compared(Compared),
}

/// The one way of comparing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    /// Each run reads all keys of the table, and removes the rows whose key is gone.
    CompareKeys,
}

/// What to do when the columns that come are not those of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Drift {
    /// Take new columns in; missing ones become null unless required.
    #[default]
    Evolve,
    /// Stop the run before anything is published.
    Freeze,
    /// Hold the rows of the file that drifted.
    Quarantine,
}

/// What to do with a value that does not fit its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnBad {
    /// Hold the whole row, with its position, raw text and the reason.
    #[default]
    Quarantine,
    /// Put null in its place and count it.
    Null,
}

/// One expected column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnContract {
    /// Its name in the source.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub data_type: ContractType,
    /// True when every row must have a value.
    #[serde(default)]
    pub required: bool,
    /// What happens to a row whose value does not fit.
    #[serde(default)]
    pub on_bad: OnBad,
    /// Patterns for dates and timestamps, tried in order, in strftime form (`%d.%m.%Y`). Default: ISO 8601.
    #[serde(default)]
    pub formats: Vec<String>,
    /// What it is, for people.
    #[serde(default)]
    pub description: String,
}

/// Types a contract can ask for. `decimal` keeps 18 digits before and 6 after the point unless said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ContractType {
    /// As it came.
    Text,
    /// Whole number of 64 bits.
    Integer,
    /// Floating point number of 64 bits.
    Float,
    /// Exact decimal number.
    Decimal {
        /// Digits in all, at most 38.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
    /// true/false, yes/no, t/f, y/n, 1/0 in any case.
    Boolean,
    /// Calendar day.
    Date,
    /// Time of day.
    Time,
    /// Day and time.
    Timestamp,
}

impl TryFrom<String> for ContractType {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Ok(match text.as_str() {
            "text" => Self::Text,
            "integer" => Self::Integer,
            "float" => Self::Float,
            "decimal" => Self::Decimal { precision: 24, scale: 6 },
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "time" => Self::Time,
            "timestamp" => Self::Timestamp,
            other => {
                let inner = other.strip_prefix("decimal(").and_then(|x| x.strip_suffix(')'));
                let parts = inner.and_then(|x| x.split_once(',')).and_then(|(p, s)| Some((p.trim().parse().ok()?, s.trim().parse().ok()?)));
                match parts {
                    Some((precision @ 1..=38, scale)) if scale <= precision => Self::Decimal { precision, scale },
                    _ => {
                        return Err(format!(
                            "unknown type \"{other}\"; use text, integer, float, decimal, decimal(p,s), boolean, date, time or timestamp"
                        ));
                    }
                }
            }
        })
    }
}

impl From<ContractType> for String {
    fn from(t: ContractType) -> Self {
        match t {
            ContractType::Text => "text".into(),
            ContractType::Integer => "integer".into(),
            ContractType::Float => "float".into(),
            ContractType::Decimal { precision, scale } => format!("decimal({precision},{scale})"),
            ContractType::Boolean => "boolean".into(),
            ContractType::Date => "date".into(),
            ContractType::Time => "time".into(),
            ContractType::Timestamp => "timestamp".into(),
        }
    }
}

/// Dialect of delimited text. `None` means: sniff it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CsvOptions {
    /// The character between fields.
    pub delimiter: Option<char>,
    /// The character around fields.
    pub quote: Option<char>,
    /// The character before a quote inside a quoted field; by default the quote itself.
    pub escape: Option<char>,
    /// True when the first record has the column names.
    pub header: Option<bool>,
    /// A WHATWG encoding label such as `utf-8`, `latin1`, `utf-16le`.
    pub encoding: Option<String>,
    /// Lines starting with this character are skipped and counted.
    pub comment: Option<char>,
    /// Lines before the header that are not data.
    pub skip_lines: Option<u64>,
    /// Texts that mean "no value" in typed columns, besides the empty text.
    pub null_words: Vec<String>,
    /// The decimal mark of numbers, `.` or `,`.
    pub decimal_mark: Option<char>,
    /// True when columns without a contract stay text, each value as it came.
    pub as_text: bool,
}

impl SourceSpec {
    /// A source that reads one file (or one table of a database file) with everything sniffed and inferred.
    pub fn of_file(name: &str, table: Option<String>) -> Self {
        Self {
            name: name.to_owned(),
            description: String::new(),
            connection: None,
            path: None,
            format: None,
            table,
            query: None,
            load: Load::default(),
            cursor: None,
            lookback: None,
            key: Vec::new(),
            deletes: None,
            drift: Drift::default(),
            csv: CsvOptions::default(),
            excel: ExcelOptions::default(),
            xml: XmlOptions::default(),
            fixed: FixedOptions::default(),
            json: JsonOptions::default(),
            columns: Vec::new(),
            checks: Vec::new(),
        }
    }
}
