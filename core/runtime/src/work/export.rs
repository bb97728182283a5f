//! Tables, queries and KPIs written out whole, streamed.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema, SchemaRef};
use trommel_app::{Destination, ExportFormat, ExportRequest, News, Subject, Written};
use trommel_connectors::write::{Export, Format, Writer};
use trommel_model::{Code, Outcome, Problem, Workspace};

use super::writing;
use crate::relation::relation;
use crate::worker::Task;

/// Writes a subject to a file or to standard output.
pub(super) fn export(task: &Task, workspace: Option<&Arc<Workspace>>, request: &ExportRequest) -> Outcome<News> {
    let relation = relation(task, workspace, &request.subject)?;
    let export = Export {
        format: written_as(request.format, &request.to),
        raw: request.raw,
        title: title(&request.subject),
        notes: evidence(workspace, request, &relation.sql, relation.desk.snapshot),
    };
    let mut writer = match &request.to {
        Destination::Stdout => Writer::to_stream(Box::new(std::io::stdout()), &export)?,
        Destination::File(path) => Writer::to_file(path, &export)?,
        Destination::Table(target) => return writing::to_table(task, workspace, &relation, target),
    };
    task.progress.update(|p| p.doing = format!("exporting {}", request.subject));
    let schema = relation.desk.engine.stream(&relation.sql, &task.cancel, &mut |batch| {
        task.progress.update(|p| p.rows += batch.num_rows() as u64);
        match as_it_came(&batch.schema(), &relation.header, request.format) {
            Some(header) => writer.write(&RecordBatch::try_new(header, batch.columns().to_vec()).map_err(|e| unwritable(&e))?),
            None => writer.write(&batch),
        }
    })?;
    let written = writer.finish(&as_it_came(&schema, &relation.header, request.format).unwrap_or(schema))?;
    let mut notes = relation.notes;
    notes.extend(written.notes);
    let files = match &request.to {
        Destination::Stdout | Destination::Table(_) => Vec::new(),
        Destination::File(path) => vec![path.clone()],
    };
    Ok(News::Written(Written { files, table: None, rows: written.rows, notes }))
}

/// The form a format has at its destination. Arrow as a file is read from its end; standard output and `.arrows` get a stream.
pub(super) fn written_as(format: ExportFormat, to: &Destination) -> Format {
    match format {
        ExportFormat::Csv => Format::Csv,
        ExportFormat::Xlsx => Format::Xlsx,
        ExportFormat::Parquet => Format::Parquet,
        ExportFormat::Json => Format::Json,
        ExportFormat::Jsonl => Format::Ndjson,
        ExportFormat::Arrow => match to {
            Destination::File(path) if trommel_connectors::write::format_of(path) != Some(Format::ArrowStream) => Format::Arrow,
            Destination::File(_) | Destination::Stdout | Destination::Table(_) => Format::ArrowStream,
        },
    }
}

/// The header of a file whose columns go out just as they came in, as CSV: with the names it came with, which a table must
/// make unique and delimited text need not.
fn as_it_came(schema: &SchemaRef, header: &[(String, String)], format: ExportFormat) -> Option<SchemaRef> {
    let names = schema.fields().iter().map(|f| f.name().as_str());
    if format != ExportFormat::Csv || header.iter().all(|(name, label)| name == label) || !names.eq(header.iter().map(|h| h.0.as_str())) {
        return None;
    }
    let fields: Vec<Field> =
        schema.fields().iter().zip(header).map(|(field, (_, label))| field.as_ref().clone().with_name(label)).collect();
    Some(Arc::new(Schema::new(fields)))
}

fn unwritable(error: &arrow::error::ArrowError) -> Problem {
    Problem::new(Code::Internal, "a batch of rows does not hold together").why(error.to_string())
}

/// What the sheet is called.
fn title(subject: &Subject) -> String {
    match subject {
        Subject::Table(name) => name.table.clone(),
        Subject::Kpi(name) | Subject::Source(name) => name.clone(),
        Subject::File(path) => path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default(),
        Subject::Remote { table, .. } => table.clone(),
        Subject::Sql(_) => "Query".to_owned(),
        Subject::Explained(_) => "Explained".to_owned(),
        Subject::List(kind) => kind.to_string(),
        Subject::AsText(subject) => title(subject),
    }
}

/// What the notes sheet says: where the rows came from and when.
fn evidence(workspace: Option<&Arc<Workspace>>, request: &ExportRequest, sql: &str, snapshot: u64) -> Vec<(String, String)> {
    let mut notes = vec![
        ("Written by".to_owned(), format!("Trommel {}", env!("CARGO_PKG_VERSION"))),
        ("Written at".to_owned(), jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC").to_string()),
        ("Source".to_owned(), request.subject.to_string()),
        ("Query".to_owned(), sql.to_owned()),
    ];
    if let Some(workspace) = workspace {
        notes.push(("Workspace".to_owned(), format!("{} ({})", workspace.config.name, workspace.environment)));
        notes.push(("Lake snapshot".to_owned(), snapshot.to_string()));
        if let Subject::Table(name) = &request.subject
            && let Some(model) = workspace.models.iter().find(|m| &m.name == name)
        {
            notes.push(("Model".to_owned(), model.path.clone()));
            notes.push(("Description".to_owned(), model.description.clone()));
        }
    }
    notes
}
