//! What a query needs of a table that stands in a database: plain data between who reads queries and who reads tables.

/// What a query needs of one remote table. Columns are named by their place in the table's list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemoteNeed {
    /// The columns that are looked at.
    pub columns: Vec<usize>,
    /// Conditions that hold for every row that can matter. They are looked at again where the query runs: leaving one out
    /// costs time, never the answer.
    pub conditions: Vec<RemoteCondition>,
    /// So many of the rows for which all conditions hold are enough.
    pub limit: Option<u64>,
    /// These have to be the first of them in this order.
    pub order: Vec<RemoteOrder>,
    /// Only totals of these rows are wanted.
    pub grouping: Option<RemoteGrouping>,
}

/// One column that rows are put in order by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemoteOrder {
    /// The column.
    pub column: usize,
    /// Large values come first.
    pub descending: bool,
    /// Rows without a value come before all others; else after them.
    pub nulls_first: bool,
}

/// One condition on the rows of a remote table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteCondition {
    /// As a person reads it.
    pub text: String,
    /// What it says; none when it is of no form that several systems share.
    pub says: Option<Condition>,
}

/// A condition in the forms that databases share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// All of them.
    And(Vec<Self>),
    /// One of them at least.
    Or(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// A column against a value.
    Compare {
        /// The column.
        column: usize,
        /// How.
        relation: Relation,
        /// The value.
        value: Literal,
    },
    /// A column is one of these values.
    In {
        /// The column.
        column: usize,
        /// The values; null is not among them.
        values: Vec<Literal>,
    },
    /// A column has no value.
    IsNull(usize),
    /// A column has a value.
    IsNotNull(usize),
    /// A text has a form: `%` stands for any characters, `_` for one; nothing stands for itself behind a backslash.
    Like {
        /// The column.
        column: usize,
        /// The form.
        pattern: String,
    },
    /// A column is true.
    IsTrue(usize),
}

/// How a column is compared with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A value as the engine writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// A number: `5`, `10.00`, `1e300`.
    Number(String),
    /// A text.
    Text(String),
    /// True or false.
    Boolean(bool),
    /// A text that is a value of another type: `DATE`, `2024-02-29`.
    Typed {
        /// The engine's name of the type, upper case.
        data_type: String,
        /// The value.
        text: String,
    },
}

/// Totals by groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemoteGrouping {
    /// The columns whose values make the groups; without one, all rows are one group.
    pub by: Vec<usize>,
    /// What is told of each group.
    pub totals: Vec<RemoteTotal>,
}

/// One total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteTotal {
    /// How many rows.
    Rows,
    /// How many values of a column.
    Count(usize),
    /// The sum of a column.
    Sum(usize),
    /// Its smallest value.
    Min(usize),
    /// Its largest.
    Max(usize),
}

impl Relation {
    /// As SQL writes it.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// The same said from the other side: `5 < a` is `a > 5`.
    #[must_use]
    pub fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }
}

impl Condition {
    /// The columns it looks at.
    pub fn columns(&self) -> Vec<usize> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::columns).collect(),
            Self::Not(part) => part.columns(),
            Self::Compare { column, .. }
            | Self::In { column, .. }
            | Self::Like { column, .. }
            | Self::IsNull(column)
            | Self::IsNotNull(column)
            | Self::IsTrue(column) => vec![*column],
        }
    }
}

impl RemoteTotal {
    /// The column it is of.
    pub fn column(self) -> Option<usize> {
        match self {
            Self::Rows => None,
            Self::Count(column) | Self::Sum(column) | Self::Min(column) | Self::Max(column) => Some(column),
        }
    }
}
