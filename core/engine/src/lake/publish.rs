//! A list of changes that become visible together, or not at all.

use arrow::datatypes::SchemaRef;
use trommel_model::{Outcome, RunId, TableName};

use super::columns::wanted;
use super::data_file::DataFile;
use super::seen::SeenFile;
use super::{Lake, commit};
use crate::types::ColumnType;

/// Changes to the lake, gathered. Nothing happens before [`Publish::commit`]; dropping it changes nothing.
pub struct Publish {
    pub(super) lake: Lake,
    /// The newest snapshot when the list was begun.
    pub(super) base: Outcome<i64>,
    pub(super) run: Option<(RunId, u64)>,
    pub(super) changes: Vec<Change>,
}

/// One change.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Rows { table: TableName, wanted: Vec<(String, ColumnType)>, scope: Scope, files: Vec<DataFile> },
    View { view: TableName, sql: String },
    Drop { table: TableName },
    Seen(SeenFile),
    Forget { source: String, file: String },
    Fingerprint { table: TableName, text: String },
}

/// Which rows go when the new ones come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scope {
    /// All of them.
    All,
    /// None.
    None,
    /// Those that came from one source file.
    OfSource(String),
}

impl Publish {
    /// Says on whose behalf: the run, and its fencing token. A commit whose token is lower than one the
    /// lake has seen is refused: a newer run has taken over.
    pub fn run(&mut self, run: &RunId, fence: u64) {
        self.run = Some((run.clone(), fence));
    }

    /// The table holds the rows of `files` and nothing else. Made when absent; without files it is empty.
    pub fn replace(&mut self, table: &TableName, schema: &SchemaRef, files: Vec<DataFile>) {
        self.rows(table, schema, Scope::All, files);
    }

    /// The rows of `files` join those of the table. Made when absent; new columns are added, types widen,
    /// columns that `schema` lacks stay and are null in the new rows.
    pub fn append(&mut self, table: &TableName, schema: &SchemaRef, files: Vec<DataFile>) {
        self.rows(table, schema, Scope::None, files);
    }

    /// The rows that came from `source_file` go, those of `files` come; all other rows stay. Columns as
    /// with [`Publish::append`].
    pub fn replace_files(&mut self, table: &TableName, schema: &SchemaRef, source_file: &str, files: Vec<DataFile>) {
        self.rows(table, schema, Scope::OfSource(source_file.to_owned()), files);
    }

    /// The name stands for a query from now on; `sql` names other tables as `layer.table`.
    pub fn view(&mut self, table: &TableName, sql: &str) {
        self.changes.push(Change::View { view: table.clone(), sql: sql.to_owned() });
    }

    /// The table or view is gone; earlier snapshots still have it.
    pub fn drop_table(&mut self, table: &TableName) {
        self.changes.push(Change::Drop { table: table.clone() });
    }

    /// Remembers a source file whose rows are in.
    pub fn seen(&mut self, file: SeenFile) {
        self.changes.push(Change::Seen(file));
    }

    /// Forgets a source file.
    pub fn forget(&mut self, source: &str, file: &str) {
        self.changes.push(Change::Forget { source: source.to_owned(), file: file.to_owned() });
    }

    /// Remembers what the table was made from.
    pub fn fingerprint(&mut self, table: &TableName, text: &str) {
        self.changes.push(Change::Fingerprint { table: table.clone(), text: text.to_owned() });
    }

    /// Publishes everything in one transaction, and gives the number of the snapshot that has it. Without
    /// a change to a table or view that is the newest one there was.
    ///
    /// Snapshots that others have published meanwhile are built upon, unless they changed one of the same
    /// tables: then this fails and nothing is published.
    pub fn commit(self) -> Outcome<u64> {
        commit::run(self)
    }

    fn rows(&mut self, table: &TableName, schema: &SchemaRef, scope: Scope, files: Vec<DataFile>) {
        self.changes.push(Change::Rows { table: table.clone(), wanted: wanted(schema), scope, files });
    }
}

impl Change {
    /// The table or view it changes, if it changes one.
    pub fn table(&self) -> Option<&TableName> {
        match self {
            Self::Rows { table, .. } | Self::View { view: table, .. } | Self::Drop { table } => Some(table),
            Self::Seen(_) | Self::Forget { .. } | Self::Fingerprint { .. } => None,
        }
    }
}
