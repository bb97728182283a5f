//! A snapshot in the engine: a schema per layer, a view per table.
//!
//! A table's view reads its files by field id, so that renamed, added and widened columns come out
//! right whatever the file was written as; leaves out the positions that are deleted; and adds the rows
//! that another writer keeps in the catalogue. Views of the catalogue come after the tables, in the
//! order in which they need each other.

use std::collections::BTreeSet;

use trommel_model::{Cancel, Code, Outcome, Problem};

use super::columns::Column;
use super::read::{InlinedValue, SNAPSHOT_COLUMN, SNAPSHOT_FIELD, StoredFile, StoredTable, StoredView};
use crate::Engine;
use crate::sql::{self, ident, literal, qualified};
use crate::types::ColumnType;

/// Makes the tables and views readable in the engine as `layer.table`.
pub(super) fn attach(engine: &Engine, tables: &[StoredTable], views: &[StoredView], snapshot: i64) -> Outcome<()> {
    let layers: BTreeSet<_> = tables.iter().map(|t| &t.name.layer).chain(views.iter().map(|v| &v.name.layer)).collect();
    let mut text: Vec<String> = layers.into_iter().map(|layer| format!("CREATE SCHEMA IF NOT EXISTS {}", ident(layer))).collect();
    let cancel = Cancel::new();
    for table in tables {
        match select(engine, table, snapshot) {
            Ok(select) => {
                engine.note_view(&table.name, None);
                text.push(format!("CREATE OR REPLACE VIEW {} AS {select}", qualified(&table.name)));
            }
            Err(problem) => engine.note_view(&table.name, Some(problem)),
        }
    }
    engine.execute(&text.join(";\n"), &cancel)?;
    make_views(engine, views, &cancel);
    Ok(())
}

/// Makes views, again and again as long as one more can be made: each needs those it reads.
fn make_views(engine: &Engine, views: &[StoredView], cancel: &Cancel) {
    let mut waiting: Vec<(&StoredView, Option<Problem>)> = views.iter().map(|v| (v, None)).collect();
    loop {
        let before = waiting.len();
        waiting.retain_mut(|(view, why)| match make_view(engine, view, cancel) {
            Ok(()) => {
                engine.note_view(&view.name, None);
                false
            }
            Err(problem) => {
                *why = Some(problem);
                true
            }
        });
        if waiting.is_empty() || waiting.len() == before {
            break;
        }
    }
    for (view, why) in waiting {
        engine.note_view(&view.name, why);
    }
}

fn make_view(engine: &Engine, view: &StoredView, cancel: &Cancel) -> Outcome<()> {
    if !view.dialect.eq_ignore_ascii_case("duckdb") {
        return Err(Problem::new(Code::BadSql, format!("the view {} is written in the SQL of {}", view.name, view.dialect)));
    }
    sql::one_query(&view.sql)?;
    engine.execute(&format!("CREATE OR REPLACE VIEW {} AS {}", qualified(&view.name), sql::body(&view.sql)), cancel)
}

/// The rows of a table at the snapshot, as a SELECT.
fn select(engine: &Engine, table: &StoredTable, snapshot: i64) -> Outcome<String> {
    let columns = &table.columns.list;
    if let Some(column) = columns.iter().find(|c| matches!(c.column_type, ColumnType::Other(_))) {
        return Err(Problem::new(Code::LakeBroken, format!("{} has a column of type {}", table.name, column.column_type.model()))
            .why("this program does not read that type")
            .at_field(&column.name));
    }
    let (plain, special): (Vec<_>, Vec<_>) = table.files.iter().partition(|file| is_plain(file, snapshot));
    let mut parts = Vec::new();
    if !plain.is_empty() {
        let files: Vec<_> = plain.iter().map(|f| path_of(f)).collect();
        engine.note_stored_rows(plain[0].path.to_string_lossy().into_owned(), plain.iter().map(|f| f.rows.unsigned_abs()).sum());
        let files: Vec<_> = files.iter().map(|path| literal(path)).collect();
        parts.push(format!("SELECT {} FROM read_parquet([{}], schema = {})", names(columns), files.join(", "), schema_map(columns, None)));
    }
    for file in special {
        engine.note_stored_rows(file.path.to_string_lossy().into_owned(), file.rows.unsigned_abs());
        parts.push(special_select(table, file, snapshot)?);
    }
    if !table.inlined.is_empty() {
        parts.push(inlined_select(table));
    }
    if parts.is_empty() {
        parts.push(format!("SELECT {} WHERE false", typed_nulls(columns)));
    }
    Ok(parts.join("\nUNION ALL\n"))
}

/// True for files of which every row counts and every column has its field id.
fn is_plain(file: &StoredFile, snapshot: i64) -> bool {
    file.deletions.is_empty()
        && file.deleted_positions.is_empty()
        && file.mapping.is_none()
        && file.partial_max.is_none_or(|newest| newest <= snapshot)
}

/// The rows of a file that are not deleted, and not of a later snapshot.
fn special_select(table: &StoredTable, file: &StoredFile, snapshot: i64) -> Outcome<String> {
    let columns = &table.columns.list;
    let late = file.partial_max.is_some_and(|newest| newest > snapshot);
    let schema = match &file.mapping {
        None => schema_map(columns, late.then_some(SNAPSHOT_FIELD)),
        Some(mapping) => {
            if let Some(name) = mapping.iter().find(|m| m.from_path) {
                return Err(unreadable(table, &format!("the values of \"{}\" are in the names of its folders", name.source_name)));
            }
            let nested = columns.iter().find(|c| !c.children.is_empty());
            if let Some(column) = nested {
                return Err(unreadable(
                    table,
                    &format!("the parts of column \"{}\" are found by name in {}", column.name, file.path.display()),
                ));
            }
            let entries: Vec<_> = columns
                .iter()
                .map(|c| {
                    let source = mapping.iter().find(|m| m.field_id == c.id).map_or(c.name.as_str(), |m| &m.source_name);
                    format!("{}: {}", literal(source), definition(c))
                })
                .collect();
            format!("MAP {{{}}}", entries.join(", "))
        }
    };
    let mut text = format!(
        "SELECT {} FROM (SELECT *, file_row_number AS __position FROM read_parquet({}, schema = {schema})) AS f",
        names(columns),
        literal(&path_of(file)),
    );
    let mut conditions = Vec::new();
    if late {
        conditions.push(format!("__snapshot <= {snapshot}"));
    }
    if !file.deleted_positions.is_empty() {
        let positions: Vec<_> = file.deleted_positions.iter().map(i64::to_string).collect();
        conditions.push(format!("__position NOT IN ({})", positions.join(", ")));
    }
    for deletion in &file.deletions {
        if deletion.format != "parquet" {
            return Err(unreadable(table, &format!("its deletions are kept as {}", deletion.format)));
        }
        let of_then = match deletion.partial_max {
            Some(newest) if newest > snapshot => format!(" WHERE {SNAPSHOT_COLUMN} <= {snapshot}"),
            _ => String::new(),
        };
        let path = literal(&deletion.path.to_string_lossy());
        conditions.push(format!("__position NOT IN (SELECT pos FROM read_parquet({path}){of_then})"));
    }
    if !conditions.is_empty() {
        text.push_str(&format!(" WHERE {}", conditions.join(" AND ")));
    }
    Ok(text)
}

fn inlined_select(table: &StoredTable) -> String {
    let columns = &table.columns.list;
    let rows: Vec<_> = table
        .inlined
        .iter()
        .map(|row| {
            let values: Vec<_> = columns
                .iter()
                .map(|c| match row.get(&c.id) {
                    Some(InlinedValue::Null) => "NULL".to_owned(),
                    Some(InlinedValue::Text(text)) => literal(text),
                    Some(InlinedValue::Bytes(bytes)) => format!("unhex({})", literal(&hex::encode(bytes))),
                    None => c.initial_default.as_deref().map_or_else(|| "NULL".to_owned(), literal),
                })
                .collect();
            format!("({})", values.join(", "))
        })
        .collect();
    let aliases: Vec<_> = (0..columns.len()).map(|i| format!("c{i}")).collect();
    let casts: Vec<_> =
        columns.iter().enumerate().map(|(i, c)| format!("CAST(c{i} AS {}) AS {}", c.column_type.duckdb_name(), ident(&c.name))).collect();
    format!("SELECT {} FROM (VALUES {}) AS inlined({})", casts.join(", "), rows.join(", "), aliases.join(", "))
}

/// The `schema` option of `read_parquet`: field id → name, type and value where a file lacks the column.
fn schema_map(columns: &[Column], snapshot_field: Option<i64>) -> String {
    let mut entries: Vec<_> = columns.iter().map(|c| format!("{}: {}", c.id, definition(c))).collect();
    if let Some(id) = snapshot_field {
        entries.push(format!("{id}: {{'name': '__snapshot', 'type': 'BIGINT', 'default_value': NULL, 'children': NULL}}"));
    }
    format!("MAP {{{}}}", entries.join(", "))
}

fn definition(column: &Column) -> String {
    let children = if column.children.is_empty() { "NULL".to_owned() } else { schema_map(&column.children, None) };
    let default = column.initial_default.as_deref().map_or_else(|| "NULL".to_owned(), literal);
    format!(
        "{{'name': {}, 'type': {}, 'default_value': {default}, 'children': {children}}}",
        literal(&column.name),
        literal(&column.column_type.duckdb_name()),
    )
}

fn names(columns: &[Column]) -> String {
    columns.iter().map(|c| ident(&c.name)).collect::<Vec<_>>().join(", ")
}

fn typed_nulls(columns: &[Column]) -> String {
    let nulls: Vec<_> = columns.iter().map(|c| format!("CAST(NULL AS {}) AS {}", c.column_type.duckdb_name(), ident(&c.name))).collect();
    nulls.join(", ")
}

/// The path as `read_parquet` takes it. That is a pattern to it; where none of its characters matches
/// anything, it falls back to the path itself, so folders called `a[b]` work.
fn path_of(file: &StoredFile) -> String {
    file.path.to_string_lossy().into_owned()
}

fn unreadable(table: &StoredTable, why: &str) -> Problem {
    Problem::new(Code::LakeBroken, format!("the table {} holds what this program does not read", table.name))
        .why(why)
        .next("rewrite the table with the program that wrote it, or make it again with `trommel run --full-refresh`")
}
