//! What a database does for a writer.

use arrow::datatypes::Field;
use arrow::record_batch::RecordBatch;
use trommel_model::Outcome;

use super::{Each, Going, Standing};

/// Rows of a query whose values are texts; `None` for no value.
pub type Texts = Vec<Vec<Option<String>>>;

/// Hands fitted rows over, batch by batch.
pub type Feed<'f> = &'f mut dyn FnMut(Each<'_>) -> Outcome<()>;

/// One connection to a database that is written to. Dropped before [`Store::commit`], nothing was written.
pub trait Store {
    /// A name as its SQL writes it.
    fn ident(&self, name: &str) -> String;

    /// Where the `at`-th value of a statement goes, from 1.
    fn place(&self, at: usize) -> String;

    /// A table as its SQL writes it.
    fn qualified(&self, table: &str) -> String {
        let (schema, name) = split_name(table);
        match schema {
            Some(schema) => format!("{}.{}", self.ident(schema), self.ident(name)),
            None => self.ident(name),
        }
    }

    /// The type of a new column for these values.
    fn type_of(&self, field: &Field, key: bool) -> String;

    /// What stands behind the columns of a new table.
    fn made_as(&self) -> &'static str {
        ""
    }

    /// True when a table that is made in a transaction is seen with it and not before.
    fn makes_tables_in_transactions(&self) -> bool {
        true
    }

    /// The start of an INSERT that leaves rows out that are there, and what ends it.
    fn insert_if_new(&self) -> (&'static str, &'static str);

    /// The types of the columns of the table of batches: a short text, a number, a time that is now.
    fn batch_types(&self) -> [&'static str; 3];

    /// True when a table is there.
    fn exists(&mut self, table: &str) -> Outcome<bool>;

    /// What the table is like; `None` when there is none.
    fn standing(&mut self, table: &str) -> Outcome<Option<Standing>>;

    /// Makes an empty table beside the target, that only this connection sees, and gives its name as SQL.
    fn make_beside(&mut self, table: &str, columns: &[Going]) -> Outcome<String>;

    /// Lets the database know how large a table beside has become.
    fn measure(&mut self, _beside: &str) -> Outcome<()> {
        Ok(())
    }

    /// Condition that a column of the target has another value than the one beside.
    fn differs(&self, target: &str, beside: &str, going: &Going) -> String;

    /// The value beside as the target takes it.
    fn value(&self, beside: &str, going: &Going) -> String {
        format!("{beside}.{}", self.ident(&going.column.name))
    }

    /// A value as text.
    fn as_text(&self, name: &str) -> String;

    /// A row of a table beside as JSON.
    fn row_as_json(&self, beside: &str, columns: &[Going]) -> String;

    /// `UPDATE target` with the values beside, where keys are equal and something differs.
    fn update(&self, target: &str, beside: &str, set: &[String], on: &str, differs: &str) -> String {
        format!("UPDATE {target} SET {} FROM {beside} WHERE {on} AND ({differs})", set.join(", "))
    }

    /// A column of an UPDATE's SET.
    fn assigned(&self, _target: &str, going: &Going) -> String {
        self.ident(&going.column.name)
    }

    /// What stands between the columns of an INSERT and its SELECT.
    fn overriding(&self) -> &'static str {
        ""
    }

    /// Begins the transaction.
    fn begin(&mut self) -> Outcome<()>;

    /// Runs a statement; how many rows it changed.
    fn run(&mut self, sql: &str, values: &[&str]) -> Outcome<u64>;

    /// The rows of a query whose values are texts.
    fn texts(&mut self, sql: &str, values: &[&str]) -> Outcome<Texts>;

    /// Streams rows into a table; how many the database took.
    fn load(&mut self, into: &str, columns: &[Going], feed: Feed<'_>) -> Outcome<u64>;

    /// Makes everything visible. `connection` as the fault's code means that nobody knows whether it is.
    fn commit(&mut self) -> Outcome<()>;

    /// Undoes everything.
    fn roll_back(&mut self);

    /// Says goodbye.
    fn close(self: Box<Self>);
}

/// A batch's number of rows at a time that is worth a statement.
pub fn slices(batch: &RecordBatch, most: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
    let rows = batch.num_rows();
    (0..rows).step_by(most.max(1)).map(move |first| (first, most.min(rows - first)))
}

/// A table's schema, where one is said, and its name.
pub fn split_name(table: &str) -> (Option<&str>, &str) {
    table.split_once('.').map_or((None, table), |(schema, name)| (Some(schema), name))
}
