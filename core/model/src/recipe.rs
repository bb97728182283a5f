//! A recipe: ordered steps from one table to another. Compiles to SQL that anybody can read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ContractType, OnBad};

/// What a recipe does, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// The table it starts from, `layer.table`.
    pub from: String,
    /// The steps.
    #[serde(default)]
    pub steps: Vec<RecipeStep>,
}

/// One step. In TOML: `do = "trim"` and its arguments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum RecipeStep {
    /// Keeps these columns, in this order.
    Select {
        /// The columns.
        columns: Vec<String>,
    },
    /// Leaves these columns out.
    Drop {
        /// The columns.
        columns: Vec<String>,
    },
    /// Gives columns other names.
    Rename {
        /// Old name = new name.
        columns: BTreeMap<String, String>,
    },
    /// Changes the type; what does not fit goes where `on_bad` says.
    Cast {
        /// The columns.
        columns: Vec<String>,
        /// The type to make.
        to: ContractType,
        /// What happens to a value that does not fit.
        #[serde(default)]
        on_bad: OnBad,
        /// The decimal mark of the text, `.` or `,`; the other one is taken for thousands.
        #[serde(default)]
        decimal_mark: Option<char>,
    },
    /// Reads dates or timestamps from text.
    ParseDates {
        /// The columns.
        columns: Vec<String>,
        /// strftime patterns tried in order; empty means the usual ones.
        #[serde(default)]
        formats: Vec<String>,
        /// How `03/04/2024` reads when no pattern is given: day first or month first.
        #[serde(default)]
        day_first: bool,
        /// Make timestamps instead of dates.
        #[serde(default)]
        time: bool,
        /// What happens to a value that is no date.
        #[serde(default)]
        on_bad: OnBad,
    },
    /// Removes space at both ends.
    Trim {
        /// The columns.
        columns: Vec<String>,
    },
    /// Makes one space of each run of white space, and trims.
    Collapse {
        /// The columns.
        columns: Vec<String>,
    },
    /// Changes letter case.
    Case {
        /// The columns.
        columns: Vec<String>,
        /// Which case.
        to: LetterCase,
    },
    /// Replaces text.
    Replace {
        /// The columns.
        columns: Vec<String>,
        /// What to look for.
        find: String,
        /// What to put there; with `regex`, `\1` is the first group.
        with: String,
        /// Take `find` for a regular expression (RE2).
        #[serde(default)]
        regex: bool,
    },
    /// Splits one column into several by a separator.
    Split {
        /// The column.
        column: String,
        /// What stands between the parts.
        by: String,
        /// The new columns, in order; the last takes what is left.
        into: Vec<String>,
    },
    /// Replaces whole values by other ones.
    MapValues {
        /// The column.
        column: String,
        /// Old value = new value, compared as text.
        values: BTreeMap<String, String>,
        /// What every other value becomes; without it they stay.
        #[serde(default)]
        otherwise: Option<String>,
    },
    /// Puts a value where there is none.
    Fill {
        /// The columns.
        columns: Vec<String>,
        /// Which value.
        with: FillWith,
        /// The constant, for `constant`.
        #[serde(default)]
        value: Option<String>,
        /// The order of rows, for `forward`.
        #[serde(default)]
        order_by: Vec<String>,
        /// Each group that agrees in these columns has a value of its own, for `mean`, `median` and `forward`.
        #[serde(default)]
        by: Vec<String>,
    },
    /// Keeps the rows for which a SQL condition holds.
    Filter {
        /// The condition.
        keep: String,
    },
    /// Adds a column computed by a SQL expression.
    Derive {
        /// The new column.
        column: String,
        /// The expression.
        expression: String,
    },
    /// Keeps one row of each group that agrees in the key.
    Deduplicate {
        /// The columns that must agree.
        key: Vec<String>,
        /// Which row stays: the first in this order (`updated_at desc`). Without it the first in the table.
        #[serde(default)]
        order_by: Vec<String>,
    },
    /// Limits or marks numbers that lie far out.
    Outliers {
        /// The columns.
        columns: Vec<String>,
        /// What to do with them.
        action: OutlierAction,
        /// How many interquartile ranges beyond the quartiles count as far out.
        #[serde(default = "default_iqr_factor")]
        iqr_factor: f64,
    },
    /// Adds a column with a part of another one: exactly one of `pattern`, `json` and `part` says which.
    Extract {
        /// The column.
        column: String,
        /// The new column.
        into: String,
        /// A regular expression (RE2): its first group, or the whole where it has none; null where it does not match.
        #[serde(default)]
        pattern: Option<String>,
        /// A path into JSON, for instance `$.address.city`.
        #[serde(default)]
        json: Option<String>,
        /// A part of a date or timestamp.
        #[serde(default)]
        part: Option<DatePart>,
    },
    /// Adds columns from another table, by key. Rows without a match have nulls; a key that stands twice in the other
    /// table with other values is a fault, because no row may become two.
    Lookup {
        /// The other table, `layer.table`.
        table: String,
        /// Column here = column there.
        on: BTreeMap<String, String>,
        /// Column there = new column here.
        columns: BTreeMap<String, String>,
    },
    /// Converts numbers from one unit to another of the same kind.
    Convert {
        /// The columns.
        columns: Vec<String>,
        /// The unit they are in: `km`, `mi`, `m`, `ft`, `in`, `cm`, `mm`, `kg`, `g`, `lb`, `oz`, `t`, `l`, `ml`, `gal`, `c`, `f`, `k`.
        from: String,
        /// The unit they should be in.
        to: String,
    },
    /// Brings texts of a kind to one form.
    Standardise {
        /// The columns.
        columns: Vec<String>,
        /// Which form.
        form: StandardForm,
        /// The calling code of numbers that have none, for `phone`: `39`.
        #[serde(default)]
        country_code: Option<String>,
    },
    /// Makes one row of each part of a text: the other columns are repeated. A row without a value stays one row.
    SplitRows {
        /// The column.
        column: String,
        /// What stands between the parts; space around them is taken off, and empty parts are none.
        by: String,
    },
    /// Turns columns into rows: each becomes a row with the column's name and its value.
    Unpivot {
        /// The columns, of one type.
        columns: Vec<String>,
        /// The new column with their names.
        name: String,
        /// The new column with their values.
        value: String,
        /// Make rows of nulls too; without it they are left out.
        #[serde(default)]
        keep_nulls: bool,
    },
    /// Makes one row of each group that agrees in `by`, with the values of one column as columns.
    Pivot {
        /// The columns that must agree.
        by: Vec<String>,
        /// The column whose values become columns.
        column: String,
        /// The column whose values stand in them.
        value: String,
        /// What is done with several values.
        with: PivotWith,
        /// The values that become columns, in this order, compared as text; rows with another one are left out.
        values: Vec<String>,
    },
    /// Makes one row of each group that agrees in `by`.
    Aggregate {
        /// The columns that must agree; without any, all rows are one group.
        #[serde(default)]
        by: Vec<String>,
        /// New column = SQL expression over the rows of a group, for instance `sum(amount)`.
        columns: BTreeMap<String, String>,
    },
    /// Adds the rows of another table, columns by name; what one of the two does not have is null.
    Union {
        /// The other table, `layer.table`.
        table: String,
        /// A new column that says which table a row comes from.
        #[serde(default)]
        into: Option<String>,
    },
    /// Converts amounts of money by rates that stand in a table.
    Currency {
        /// The columns with amounts.
        columns: Vec<String>,
        /// The column with the currency of each row; afterwards it says `to`.
        #[serde(default)]
        from_column: Option<String>,
        /// The currency of all rows, where no column says it.
        #[serde(default)]
        from: Option<String>,
        /// The currency they should be in.
        to: String,
        /// The table of rates, `layer.table`.
        rates: String,
        /// The column with the day of each row: the newest rate up to it counts. Without one, the newest of all.
        #[serde(default)]
        date: Option<String>,
        /// The columns of the table of rates.
        #[serde(default)]
        rate_columns: RateColumns,
        /// True when a rate says how much of a currency one `to` is worth; else it says how many `to` one of it is.
        #[serde(default)]
        inverse: bool,
        /// Rates older than so many days count as none.
        #[serde(default)]
        max_age_days: Option<u32>,
        /// Digits behind the point.
        #[serde(default = "default_digits")]
        digits: u8,
        /// What happens to an amount without a rate.
        #[serde(default)]
        on_bad: OnBad,
    },
    /// Makes of what the clocks of one time zone show what those of another one show at the same moment.
    TimeZone {
        /// The columns, of dates with a time.
        columns: Vec<String>,
        /// The zone the times are in, by its IANA name (`Europe/Vienna`) or `UTC`; none for columns that hold moments.
        #[serde(default)]
        from: Option<String>,
        /// The zone they should be in.
        to: String,
        /// How a time is read that clocks skip when they are set forward.
        #[serde(default)]
        gap: ClockRule,
        /// How a time is read that clocks show twice when they are set back.
        #[serde(default)]
        overlap: ClockRule,
        /// What happens to a time that is not read.
        #[serde(default)]
        on_bad: OnBad,
    },
    /// Keeps a share of the rows, the same ones each time.
    Sample {
        /// The share, above 0 and up to 1.
        share: f64,
        /// Another number gives other rows.
        #[serde(default)]
        seed: u64,
    },
}

/// How a time of day is read that stands never or twice on the clocks of its zone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockRule {
    /// Not at all: nobody knows which moment it is.
    #[default]
    Reject,
    /// As the earlier of the two moments it can be.
    Earlier,
    /// As the later one.
    Later,
}

/// What becomes of several values that fall into one cell of a pivot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum PivotWith {
    Sum,
    Count,
    Min,
    Max,
    Mean,
    First,
}

/// The columns of a table of rates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateColumns {
    /// The currency that is converted.
    pub currency: String,
    /// The day from which on the rate counts.
    pub date: String,
    /// The rate.
    pub rate: String,
}

impl Default for RateColumns {
    fn default() -> Self {
        Self { currency: "currency".to_owned(), date: "date".to_owned(), rate: "rate".to_owned() }
    }
}

fn default_digits() -> u8 {
    2
}

/// Parts of a date or timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum DatePart {
    Year,
    Quarter,
    Month,
    Week,
    Day,
    Weekday,
    Hour,
    Minute,
}

/// Forms that texts of a kind are brought to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StandardForm {
    /// Telephone numbers as E.164: `+` and digits. What has no country gets that of the step.
    Phone,
    /// E-mail addresses in small letters, without space around them.
    Email,
    /// Street addresses: one space between words, abbreviations of street words written out, no comma or point at the end.
    Address,
}

fn default_iqr_factor() -> f64 {
    1.5
}

/// Letter cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum LetterCase {
    Lower,
    Upper,
    Title,
}

/// Where the value for an empty cell comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FillWith {
    /// A given value.
    Constant,
    /// The arithmetic mean of the column.
    Mean,
    /// The median of the column.
    Median,
    /// The most frequent value; the smallest of equals.
    Mode,
    /// The last value before it in `order_by`.
    Forward,
}

/// What happens to numbers that lie far out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutlierAction {
    /// They become the nearest bound.
    Clip,
    /// A column `NAME_outlier` says true or false.
    Flag,
}

impl RecipeStep {
    /// The step's name in TOML.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Select { .. } => "select",
            Self::Drop { .. } => "drop",
            Self::Rename { .. } => "rename",
            Self::Cast { .. } => "cast",
            Self::ParseDates { .. } => "parse_dates",
            Self::Trim { .. } => "trim",
            Self::Collapse { .. } => "collapse",
            Self::Case { .. } => "case",
            Self::Replace { .. } => "replace",
            Self::Split { .. } => "split",
            Self::MapValues { .. } => "map_values",
            Self::Fill { .. } => "fill",
            Self::Filter { .. } => "filter",
            Self::Derive { .. } => "derive",
            Self::Deduplicate { .. } => "deduplicate",
            Self::Outliers { .. } => "outliers",
            Self::Extract { .. } => "extract",
            Self::Lookup { .. } => "lookup",
            Self::Convert { .. } => "convert",
            Self::Standardise { .. } => "standardise",
            Self::SplitRows { .. } => "split_rows",
            Self::Unpivot { .. } => "unpivot",
            Self::Pivot { .. } => "pivot",
            Self::Aggregate { .. } => "aggregate",
            Self::Union { .. } => "union",
            Self::Currency { .. } => "currency",
            Self::TimeZone { .. } => "time_zone",
            Self::Sample { .. } => "sample",
        }
    }
}

/// What a recipe would do to a sample and to the whole table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecipePreview {
    /// Rows of the sample before, in table order, with the columns the recipe reads; one that becomes several stands as
    /// many times, one of another table is empty.
    pub before: crate::Window,
    /// The same rows after; a row that leaves the table is absent, see `fates`.
    pub after: crate::Window,
    /// What became of each row of `before`, in order.
    pub fates: Vec<RowFate>,
    /// Counts over the sample.
    pub sample: PreviewCounts,
    /// Counts over the whole table, once they are known.
    pub whole: Option<PreviewCounts>,
    /// The SQL.
    pub sql: String,
}

/// What became of one sampled row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowFate {
    /// It stands in `after` at `row`, with these columns (by position in `after`) changed or new.
    Kept {
        /// Row in `after`.
        row: usize,
        /// Columns of `after` that differ from the column of the same name before.
        changed: Vec<usize>,
    },
    /// A filter step left it out.
    Filtered,
    /// A deduplicate step merged it into another.
    Merged,
    /// A value does not fit; the reason.
    Quarantined(String),
}

/// Row counts of a preview. `rows_in + expanded = rows_out + filtered + merged + quarantined`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewCounts {
    /// Rows before, over all tables that are read.
    pub rows_in: u64,
    /// Rows that came into being.
    #[serde(default)]
    pub expanded: u64,
    /// Rows after.
    pub rows_out: u64,
    /// Rows left out by filters.
    pub filtered: u64,
    /// Rows merged into others.
    pub merged: u64,
    /// Rows held.
    pub quarantined: u64,
    /// Rows kept with at least one changed cell.
    pub changed_rows: u64,
    /// Cells changed.
    pub changed_cells: u64,
}
