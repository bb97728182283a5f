//! Rows that were deleted in the database: marked by a column, or found because their key is gone.

use std::path::PathBuf;

use arrow::datatypes::SchemaRef;
use trommel_connectors::parquet::ParquetFile;
use trommel_connectors::remote::Remote;
use trommel_engine::frame::{data_type_of, sql_type_of};
use trommel_engine::sql::{ident, literal};
use trommel_model::{Code, DataType, Deletes, Outcome, Problem, RemoteNeed, SourceSpec, StepRecord};
use trommel_workspace::state;

use super::Batch;
use super::kept;
use super::land::Landed;
use crate::changes::connection;
use crate::graph::Node;
use crate::run::context::Context;
use crate::run::publish::discard;
use crate::run::{checks, temp_dir};

/// All keys that a table of a database has, in a file that lives as long as this.
pub(super) struct Keys {
    file: PathBuf,
}

/// Reads all keys of the source's table, when it asks to compare them. This comes after its rows were read: a row that was
/// added meanwhile has a key and no row, and comes with the next run.
pub(super) fn keys(context: &Context<'_>, node: &Node<'_>, source: &SourceSpec) -> Outcome<Option<Keys>> {
    let (Some(Deletes::Compared(_)), Some(table)) = (&source.deletes, &source.table) else { return Ok(None) };
    let Some(connection) = connection(context.workspace, source)? else { return Ok(None) };
    let folder = temp_dir(&state(context.workspace), &context.id);
    let keys = Keys { file: folder.join(format!("keys_{}.parquet", node.name.table)) };
    context.progress.update(|p| p.doing = format!("comparing the keys of {table}"));
    let mut remote = Remote::open(&context.workspace.root, connection, context.cancel)?;
    let path: Vec<String> = table.splitn(2, '.').map(str::to_owned).collect();
    let found = remote.table(&path, &|name| source.key.iter().any(|key| key == name))?;
    let place = |key: &String| {
        found.columns.index_of(key).map_err(|_| {
            Problem::new(Code::UnknownName, format!("{table} has no column \"{key}\"")).in_file(node.path()).next("check key in the source")
        })
    };
    let columns = source.key.iter().map(place).collect::<Outcome<Vec<_>>>()?;
    let statement = found.statement(&RemoteNeed { columns, ..RemoteNeed::default() })?;
    std::fs::create_dir_all(&folder).map_err(|e| Problem::from_io(&e, "make a folder for keys", &folder))?;
    let mut file = ParquetFile::create(&keys.file, &statement.schema)?;
    remote.fetch(&found, &statement, context.progress, &mut |batch| {
        context.cancel.check()?;
        file.write(&batch)
    })?;
    file.finish()?;
    remote.close();
    Ok(Some(keys))
}

impl Keys {
    /// The condition for rows of the lake, called `old`, whose key is not among these.
    pub fn without(&self, source: &SourceSpec, schema: &SchemaRef) -> String {
        let same: Vec<String> = source
            .key
            .iter()
            .map(|key| {
                let name = ident(key);
                match schema.field_with_name(key) {
                    Ok(field) => format!("try_cast(there.{name} as {}) is not distinct from old.{name}", sql_type_of(field)),
                    Err(_) => "false".to_owned(),
                }
            })
            .collect();
        format!("not exists (select 1 from read_parquet({}) as there where {})", literal(&self.file.to_string_lossy()), same.join(" and "))
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        // It lies in the run's own folder, which goes with the run.
        let _ = std::fs::remove_file(&self.file);
    }
}

/// Takes rows out of what was read that are marked as deleted.
pub(super) fn marked(
    context: &Context<'_>,
    node: &Node<'_>,
    source: &SourceSpec,
    batch: &Batch,
    landed: &mut Landed,
    step: &mut StepRecord,
) -> Outcome<()> {
    let Some(Deletes::Marked { column }) = &source.deletes else { return Ok(()) };
    let schema = &batch.unified.schema;
    let field = schema.field_with_name(column).map_err(|_| {
        let near = trommel_model::did_you_mean(column, schema.fields().iter().map(|f| f.name().as_str()));
        let problem =
            Problem::new(Code::UnknownName, format!("there is no column \"{column}\", which marks deleted rows")).in_file(node.path());
        if near.is_empty() { problem.next("check deletes in the source") } else { problem.next(near) }
    })?;
    let name = ident(column);
    let deleted = match data_type_of(field) {
        DataType::Boolean => format!("coalesce({name}, false)"),
        DataType::Integer | DataType::Decimal { .. } | DataType::Float => format!("coalesce({name} <> 0, false)"),
        _ => format!("({name} is not null)"),
    };
    let names: Vec<String> = schema.fields().iter().map(|f| ident(f.name())).collect();
    let mut removed = 0;
    for read in &batch.reads {
        let files = landed.files.get(&read.piece.name).cloned().unwrap_or_default();
        let Some(from) = checks::written(context, &files) else { continue };
        let count = context.engine.count(&format!("select 1 from {from} where {deleted}"), context.cancel)?;
        if count > 0 {
            let rest = format!("select {} from {from} where not {deleted} order by _line", names.join(", "));
            let rest = kept::copy(context, &node.name, &read.piece.name, &rest)?;
            discard(context, landed.files.insert(read.piece.name.clone(), rest.into_iter().collect()).unwrap_or_default());
            removed += count;
        }
    }
    if removed > 0 {
        landed.count(batch);
        step.counts.rows_out = landed.rows;
        step.counts.filtered += removed;
        step.notes.push(format!("{removed} rows are marked as deleted and were left out"));
    }
    Ok(())
}
