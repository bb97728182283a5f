//! The columns of a table of the lake: their tree, their identifiers, and how they change.
//!
//! A column keeps its identifier (the Parquet field id of its values) for as long as files written
//! before can still be read as it; another meaning under an old name gets a new identifier. Identifiers
//! are never used twice in a table.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType as Arrow, Field as ArrowField, FieldRef, Schema as ArrowSchema, TimeUnit};
use sqlx::{Row, SqliteConnection};
use trommel_model::{Code, Field, Outcome, Problem, Schema, TableName};

use super::catalogue::Work;
use crate::types::ColumnType;

/// A column with its identifier and the columns within it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub id: i64,
    pub name: String,
    pub column_type: ColumnType,
    /// The value of rows written before the column came, as DuckLake keeps it.
    pub initial_default: Option<String>,
    pub children: Vec<Column>,
}

/// Whether files written before stay part of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OldFiles {
    /// They go: any change of columns is possible.
    Go,
    /// They stay: columns may come, types may widen, nothing else.
    Stay,
}

/// The columns of a table, and the largest identifier it ever used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Columns {
    pub list: Vec<Column>,
    pub highest: i64,
}

impl Columns {
    /// The columns of table `table_id` as they stand at `snapshot`.
    pub async fn load(connection: &mut SqliteConnection, table_id: i64, snapshot: i64) -> Work<Self> {
        let rows = sqlx::query(
            "SELECT column_id, column_name, column_type, initial_default, parent_column FROM ducklake_column
             WHERE table_id = ? AND begin_snapshot <= ? AND (end_snapshot IS NULL OR end_snapshot > ?)
             ORDER BY column_order, column_id",
        )
        .bind(table_id)
        .bind(snapshot)
        .bind(snapshot)
        .fetch_all(&mut *connection)
        .await?;
        let mut below: HashMap<Option<i64>, Vec<Stored>> = HashMap::new();
        for row in &rows {
            let parent: Option<i64> = row.try_get("parent_column")?;
            below.entry(parent).or_default().push(Stored {
                id: row.try_get("column_id")?,
                name: row.try_get("column_name")?,
                type_name: row.try_get("column_type")?,
                initial_default: row.try_get("initial_default")?,
            });
        }
        let list = tree(&mut below, None)?;
        let highest: Option<i64> = sqlx::query_scalar("SELECT max(column_id) FROM ducklake_column WHERE table_id = ?")
            .bind(table_id)
            .fetch_one(connection)
            .await?;
        Ok(Self { list, highest: highest.unwrap_or_default() })
    }

    /// What the columns become when rows of `wanted` are written to `table`.
    ///
    /// Identifiers depend on `wanted` alone, not on `old`: a file can be written before it is known
    /// whether it replaces the others or joins them.
    pub fn evolved(&self, table: &TableName, wanted: &[(String, ColumnType)], old: OldFiles) -> Outcome<Self> {
        for (name, column_type) in wanted {
            column_type.storable_in_lake().map_err(|p| p.at_field(name))?;
            if wanted.iter().filter(|(other, _)| same(other, name)).count() > 1 {
                return Err(Problem::new(Code::Drift, format!("{table} would have two columns \"{name}\""))
                    .next("give one of them another name; upper and lower case do not tell columns apart"));
            }
        }
        let mut highest = self.highest;
        let list = evolve(&self.list, wanted, old, &mut highest).map_err(|at| refused(table, at))?;
        Ok(Self { list, highest })
    }

    /// The Arrow schema that a Parquet file of rows of `wanted` has: what Parquet stores without loss,
    /// each field with its identifier.
    pub fn file_schema(&self, wanted: &[(String, ColumnType)]) -> Outcome<ArrowSchema> {
        let fields = wanted.iter().map(|(name, column_type)| {
            let column = self.list.iter().find(|c| same(&c.name, name));
            column
                .map(|c| file_field(c, column_type))
                .ok_or_else(|| Problem::new(Code::Internal, format!("column \"{name}\" has no identifier")))
        });
        Ok(ArrowSchema::new(fields.collect::<Outcome<Vec<_>>>()?))
    }

    /// The columns in the words of the model.
    pub fn model(&self) -> Schema {
        Schema::new(self.list.iter().map(|c| Field::new(&c.name, c.column_type.model())).collect())
    }
}

impl Column {
    /// It and the columns within it that hold values themselves.
    pub fn leaves(&self) -> Vec<&Self> {
        if self.children.is_empty() { vec![self] } else { self.children.iter().flat_map(Self::leaves).collect() }
    }
}

/// The columns that rows of an Arrow schema have.
pub(super) fn wanted(schema: &ArrowSchema) -> Vec<(String, ColumnType)> {
    schema.fields().iter().map(|f| (f.name().clone(), ColumnType::of_arrow(f))).collect()
}

struct Stored {
    id: i64,
    name: String,
    type_name: String,
    initial_default: Option<String>,
}

fn tree(below: &mut HashMap<Option<i64>, Vec<Stored>>, parent: Option<i64>) -> Outcome<Vec<Column>> {
    let mut columns = Vec::new();
    for stored in below.remove(&parent).unwrap_or_default() {
        let children = tree(below, Some(stored.id))?;
        let mut types = children.iter().map(|c| c.column_type.clone());
        let column_type = match stored.type_name.as_str() {
            "list" => types.next().map(|of| ColumnType::List(Box::new(of))),
            "map" => types.next().zip(types.next()).map(|(key, value)| ColumnType::Map(Box::new(key), Box::new(value))),
            "struct" => Some(ColumnType::Struct(children.iter().map(|c| (c.name.clone(), c.column_type.clone())).collect())),
            name => ColumnType::of_lake_leaf(name),
        };
        let column_type = column_type.unwrap_or(ColumnType::Other(stored.type_name));
        columns.push(Column { id: stored.id, name: stored.name, column_type, initial_default: stored.initial_default, children });
    }
    Ok(columns)
}

/// A new column, numbered as DuckLake does: itself first, then what is within it.
fn numbered(name: &str, column_type: &ColumnType, highest: &mut i64) -> Column {
    *highest += 1;
    let id = *highest;
    let children = column_type.children().into_iter().map(|(child, t)| numbered(&child, t, highest)).collect();
    Column { id, name: name.to_owned(), column_type: column_type.clone(), initial_default: None, children }
}

/// A column that cannot become what is wanted.
struct Refused<'a> {
    column: &'a Column,
    wanted: &'a ColumnType,
}

fn refused(table: &TableName, at: Refused<'_>) -> Problem {
    Problem::new(Code::Drift, format!("column \"{}\" of {table} cannot become {}", at.column.name, at.wanted.model()))
        .why(format!("it is {}, and rows are stored as such", at.column.column_type.model()))
        .next("load the source anew with --full-refresh, or give the column its type in the source's contract")
        .at_field(&at.column.name)
}

/// The columns that `wanted` makes of `present`. New identifiers are given in the order of `wanted`.
fn evolve<'a>(
    present: &'a [Column],
    wanted: &'a [(String, ColumnType)],
    old: OldFiles,
    highest: &mut i64,
) -> Result<Vec<Column>, Refused<'a>> {
    let mut fitted = Vec::new();
    for (name, column_type) in wanted {
        let column = match present.iter().find(|c| same(&c.name, name)) {
            None => numbered(name, column_type, highest),
            Some(column) => match fit(column, column_type, old, highest) {
                Some(column) => column,
                None if old == OldFiles::Go => numbered(name, column_type, highest),
                None => return Err(Refused { column, wanted: column_type }),
            },
        };
        fitted.push(if old == OldFiles::Go { Column { name: name.clone(), initial_default: None, ..column } } else { column });
    }
    if old == OldFiles::Go {
        return Ok(fitted);
    }
    let kept = present.iter().map(|c| fitted.iter().find(|f| f.id == c.id).unwrap_or(c).clone());
    let come = fitted.iter().filter(|f| !present.iter().any(|c| c.id == f.id)).cloned();
    Ok(kept.chain(come).collect())
}

/// The column with values of type `wanted` in it, under its own identifier; `None` when that cannot be.
fn fit(column: &Column, wanted: &ColumnType, old: OldFiles, highest: &mut i64) -> Option<Column> {
    let typed = |column_type: ColumnType, children| Column { column_type, children, ..column.clone() };
    if column.column_type == *wanted || wanted.widens(&column.column_type) {
        return Some(typed(wanted.clone(), column.children.clone()));
    }
    if column.column_type.widens(wanted) {
        return Some(if old == OldFiles::Go { typed(wanted.clone(), Vec::new()) } else { column.clone() });
    }
    match (&column.column_type, wanted) {
        (ColumnType::Struct(_), ColumnType::Struct(fields)) => {
            let children = evolve(&column.children, fields, old, highest).ok()?;
            Some(typed(ColumnType::Struct(children.iter().map(|c| (c.name.clone(), c.column_type.clone())).collect()), children))
        }
        (ColumnType::List(_), ColumnType::List(of)) => {
            let element = fit(column.children.first()?, of, old, highest)?;
            Some(typed(ColumnType::List(Box::new(element.column_type.clone())), vec![element]))
        }
        _ => None,
    }
}

/// Names of columns are told apart without regard to case.
pub(super) fn same(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}

/// The field of a Parquet file for values of type `held` in `column`.
fn file_field(column: &Column, held: &ColumnType) -> ArrowField {
    let id = HashMap::from([("PARQUET:field_id".to_owned(), column.id.to_string())]);
    let child = |name: &str, t: &ColumnType| -> FieldRef {
        match column.children.iter().find(|c| same(&c.name, name)) {
            Some(column) => Arc::new(file_field(column, t)),
            None => Arc::new(t.arrow_field(name)),
        }
    };
    let data_type = match held {
        ColumnType::List(of) => Arrow::List(child("element", of)),
        ColumnType::Struct(fields) => Arrow::Struct(fields.iter().map(|(name, t)| child(name, t)).collect()),
        ColumnType::Map(key, value) => {
            let key = Arc::new(child("key", key).as_ref().clone().with_nullable(false));
            let pair = ArrowField::new("key_value", Arrow::Struct(vec![key, child("value", value)].into()), false);
            Arrow::Map(Arc::new(pair), false)
        }
        // Parquet has no timestamps of whole seconds.
        ColumnType::TimestampS => Arrow::Timestamp(TimeUnit::Millisecond, None),
        leaf => leaf.arrow_field("").data_type().clone(),
    };
    ArrowField::new(&column.name, data_type, true).with_metadata(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(columns: &Columns) -> String {
        let all: Vec<_> = columns.list.iter().flat_map(all).map(|c| format!("{}:{}", c.id, c.name)).collect();
        all.join(" ")
    }

    fn all(column: &Column) -> Vec<&Column> {
        std::iter::once(column).chain(column.children.iter().flat_map(all)).collect()
    }

    fn after(columns: &Columns, wanted: &[(&str, &str)], old: OldFiles) -> Outcome<Columns> {
        let wanted: Vec<_> = wanted.iter().map(|(n, t)| ((*n).to_owned(), ColumnType::of_duckdb(t))).collect();
        columns.evolved(&TableName::new("raw", "t"), &wanted, old)
    }

    #[test]
    fn identifiers_are_kept_and_never_used_again() {
        let one =
            after(&Columns::default(), &[("a", "INTEGER"), ("s", "STRUCT(x INTEGER, y VARCHAR)[]"), ("b", "DATE")], OldFiles::Go).unwrap();
        assert_eq!(text(&one), "1:a 2:s 3:element 4:x 5:y 6:b");
        let two = after(&one, &[("b", "DATE"), ("a", "VARCHAR")], OldFiles::Go).unwrap();
        assert_eq!(text(&two), "6:b 7:a");
        assert_eq!(text(&after(&one, &[("B", "DATE")], OldFiles::Go).unwrap()), "6:B");
        let three = after(&two, &[("b", "DATE"), ("c", "INTEGER")], OldFiles::Stay).unwrap();
        assert_eq!(text(&three), "6:b 7:a 8:c");
    }

    #[test]
    fn old_files_allow_only_what_they_can_be_read_as() {
        let one = after(&Columns::default(), &[("a", "INTEGER"), ("s", "STRUCT(x INTEGER)")], OldFiles::Go).unwrap();
        let wider = after(&one, &[("a", "BIGINT"), ("s", "STRUCT(x INTEGER, y DATE)")], OldFiles::Stay).unwrap();
        assert_eq!(wider.list[0].column_type, ColumnType::Int(64));
        assert_eq!(text(&wider), "1:a 2:s 3:x 4:y");
        assert_eq!(after(&wider, &[("a", "INTEGER")], OldFiles::Stay).unwrap(), wider);
        let both = [("n", "DATE"), ("s", "STRUCT(z DATE, x INTEGER)"), ("a", "BIGINT")];
        assert_eq!(text(&after(&one, &both, OldFiles::Stay).unwrap()), "1:a 2:s 3:x 5:z 4:n");
        assert_eq!(text(&after(&one, &both, OldFiles::Go).unwrap()), "4:n 2:s 5:z 3:x 1:a");
        assert!(after(&one, &[("c", "DATE"), ("C", "DATE")], OldFiles::Go).is_err());
        let problem = after(&one, &[("a", "VARCHAR")], OldFiles::Stay).unwrap_err();
        assert_eq!(problem.code, Code::Drift);
        assert_eq!(problem.place.field.as_deref(), Some("a"));
    }
}
