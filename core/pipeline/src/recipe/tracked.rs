//! What a tracked rendering can say about the rows of its input.

use trommel_model::{ContractType, TableName};

/// The tracked rendering: a SELECT of every input row with its fate.
#[derive(Debug, Clone)]
pub(crate) struct Tracked {
    /// The SELECT. Columns: the output's, then `__row` (from 1), `__fate` (null: kept; else the code of a
    /// [`Death`], its position plus one), `__value` (the value at fault), then the flags of `nulled` and
    /// `filled`.
    pub sql: String,
    /// Ways in which a row can leave.
    pub deaths: Vec<Death>,
    /// Flags that say a value became null.
    pub nulled: Vec<Nulled>,
    /// Columns that have the values cells were filled with.
    pub filled: Vec<Filled>,
    /// Texts of the user within `sql`.
    pub marks: Vec<super::chain::Mark>,
    /// True when the fate of a row depends on other rows.
    pub looks_around: bool,
    /// True when a step loses the order of the rows on the way.
    pub ordered: bool,
    /// The columns that say where a row stands among all.
    pub place: &'static str,
    /// Tables whose rows were added, with the step that added them: their rows are numbered from [`Tracked::offset`] on.
    pub unions: Vec<(usize, TableName)>,
}

/// One way in which a row can leave the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Death {
    /// The step, from 1.
    pub step: usize,
    /// How.
    pub kind: DeathKind,
}

/// How a row leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DeathKind {
    /// A filter's condition does not hold.
    Filtered,
    /// Another row of its group stays.
    Merged,
    /// A value does not fit.
    Held {
        /// The column.
        field: String,
        /// The rule, for instance `cast(integer)`.
        rule: String,
        /// What the value is not, in words, for instance `a whole number`.
        wanted: String,
    },
}

/// A flag that says where a value became null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Nulled {
    /// The hidden column.
    pub flag: String,
    /// The column of the table.
    pub field: String,
    /// The rule.
    pub rule: String,
    /// The step, from 1.
    pub step: usize,
}

/// A hidden column that has the value a cell was filled with, as text; null where it was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filled {
    /// The hidden column.
    pub flag: String,
    /// The column of the table.
    pub field: String,
    /// With what, in words.
    pub how: String,
    /// The step, from 1.
    pub step: usize,
}

impl Tracked {
    /// A condition: the row came into being besides the one it was made of.
    pub fn expanded(&self) -> &'static str {
        if self.place == "__row" { "false" } else { "len(list_filter(__part, lambda p: p > 1)) > 0" }
    }

    /// What the numbers of rows that a step added begin after.
    pub fn offset(step: usize) -> u64 {
        1_000_000_000_000 * step as u64
    }

    /// The death behind a code of `__fate`.
    pub fn death(&self, code: i64) -> Option<&Death> {
        usize::try_from(code).ok().and_then(|c| c.checked_sub(1)).and_then(|i| self.deaths.get(i))
    }
}

impl DeathKind {
    /// Why a row is held, with its value; the empty text for other deaths.
    pub fn reason(&self, value: &str) -> String {
        match self {
            Self::Held { field, wanted, .. } => format!("\"{value}\" in {field} is not {wanted}"),
            Self::Filtered | Self::Merged => String::new(),
        }
    }
}

/// What a value of a type is called in a reason.
pub(super) fn wanted(to: ContractType) -> String {
    match to {
        ContractType::Text => "text".to_owned(),
        ContractType::Integer => "a whole number".to_owned(),
        ContractType::Float => "a number".to_owned(),
        ContractType::Decimal { precision, scale } => format!("a number of at most {} digits before the point", precision - scale),
        ContractType::Boolean => "true or false".to_owned(),
        ContractType::Date => "a date".to_owned(),
        ContractType::Time => "a time of day".to_owned(),
        ContractType::Timestamp => "a date and time".to_owned(),
    }
}
