//! What a query asks of each remote table, and why not more: `query --explain`.

use trommel_connectors::remote::{Fate, Fetched, Remote, RemoteTable, Statement, Value};
use trommel_model::{RemoteNeed, RemoteOrder};

/// What is read of one remote table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemoteRead {
    /// The table as the query names it.
    pub table: String,
    /// Where it is.
    pub place: String,
    /// The SQL that is sent.
    pub sql: String,
    /// Its bound values.
    pub values: Vec<String>,
    /// The columns that are read.
    pub columns: Vec<String>,
    /// How many columns there are.
    pub columns_total: usize,
    /// Conditions that are sent.
    pub pushed: Vec<String>,
    /// Conditions that are looked at here only, each with why.
    pub kept: Vec<String>,
    /// The limit, or why there is none.
    pub limit: String,
    /// What is added up there, or why nothing is.
    pub aggregate: String,
    /// Rows that came.
    pub rows: Option<u64>,
    /// Rows the database believes the table has.
    pub estimate: Option<u64>,
    /// Remarks.
    pub notes: Vec<String>,
}

impl RemoteRead {
    pub(super) fn new(shown: &str, remote: &Remote, table: &RemoteTable, need: &RemoteNeed, statement: &Statement) -> Self {
        let mut read = Self {
            table: shown.to_owned(),
            place: remote.shown(),
            sql: statement.sql.clone(),
            values: statement.values.iter().map(value).collect(),
            columns: statement.schema.fields().iter().map(|f| f.name().clone()).collect(),
            columns_total: table.columns.fields().len(),
            estimate: table.rows,
            ..Self::default()
        };
        for (condition, fate) in need.conditions.iter().zip(&statement.fates) {
            match fate {
                Fate::Sent => read.pushed.push(condition.text.clone()),
                Fate::SentWider => read.pushed.push(format!("{} (and looked at again here)", condition.text)),
                Fate::Kept(why) => read.kept.push(format!("{}: {why}", condition.text)),
            }
        }
        read.limit = match (statement.limit, statement.no_limit) {
            (Some(limit), _) => {
                let fields = table.columns.fields();
                let by = |o: &RemoteOrder| format!("{}{}", fields[o.column].name(), if o.descending { " descending" } else { "" });
                let order: Vec<String> = need.order.iter().map(by).collect();
                if order.is_empty() { limit.to_string() } else { format!("{limit}, the first by {}", order.join(", ")) }
            }
            (None, Some(why)) => format!("none: {why}"),
            (None, None) => "none: all rows are needed".to_owned(),
        };
        read.aggregate = match (statement.is_grouped, statement.no_totals, &need.grouping) {
            (true, ..) => "added up there".to_owned(),
            (false, Some(why), _) => format!("none: {why}"),
            (false, None, _) => "none: the query needs rows".to_owned(),
        };
        read
    }

    pub(super) fn came(&mut self, fetched: &Fetched) {
        self.rows = Some(fetched.rows);
        self.notes.extend(fetched.notes.iter().cloned());
    }

    /// In one line, for people: what came.
    pub fn summary(&self) -> String {
        let rows = self.rows.unwrap_or_default();
        let s = if rows == 1 { "" } else { "s" };
        if self.is_added_up() {
            format!("{}: {rows} row{s} read, added up there", self.table)
        } else {
            format!("{}: {rows} row{s} read, {} of {} columns", self.table, self.columns.len().min(self.columns_total), self.columns_total)
        }
    }

    fn is_added_up(&self) -> bool {
        !self.aggregate.starts_with("none")
    }

    /// All there is to say, a line each: what, and what of it.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = vec![("from", self.place.clone()), ("sends", self.sql.clone())];
        if !self.values.is_empty() {
            lines.push(("values", self.values.join(", ")));
        }
        let columns = self.columns.join(", ");
        let columns = if self.is_added_up() {
            columns
        } else {
            format!("{columns} ({} of {})", self.columns.len().min(self.columns_total), self.columns_total)
        };
        lines.push(("columns", columns));
        lines.extend(self.pushed.iter().map(|text| ("pushed", text.clone())));
        lines.extend(self.kept.iter().map(|text| ("kept here", text.clone())));
        lines.push(("limit", self.limit.clone()));
        lines.push(("aggregate", self.aggregate.clone()));
        lines.push(match (self.rows, self.estimate) {
            (Some(rows), _) => ("rows", rows.to_string()),
            (None, Some(rows)) => ("rows", format!("the table has about {rows}")),
            (None, None) => ("rows", "nobody counted them".to_owned()),
        });
        lines.extend(self.notes.iter().map(|note| ("remark", note.clone())));
        lines
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Text(text) => trommel_engine::sql::literal(text),
    }
}
