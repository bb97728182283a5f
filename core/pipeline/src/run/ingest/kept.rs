//! Rows of a source that are in the lake and stay.

use arrow::datatypes::SchemaRef;
use trommel_connectors::Piece;
use trommel_engine::frame::data_type_of;
use trommel_engine::lake::{DataFile, SeenFile};
use trommel_engine::sql::{ident, literal, qualified};
use trommel_model::{DataType, Outcome, SourceSpec, TableName};

use super::read::Read;
use super::unify::{Came, Column};
use crate::run::context::Context;
use crate::run::held;

/// What is kept of these files.
pub(super) fn of_pieces(context: &Context<'_>, source: &SourceSpec, pieces: &[Piece]) -> Outcome<Vec<SeenFile>> {
    let mut seen = context.lake.seen_files(&source.name)?;
    seen.retain(|s| pieces.iter().any(|p| p.name == s.file));
    Ok(seen)
}

/// The columns of the rows that stay. Whether a text column is empty is only looked up where a file disagrees about
/// its type.
pub(super) fn came(context: &Context<'_>, table: &TableName, schema: &SchemaRef, reads: &[Read]) -> Outcome<Came> {
    let mut came = Came::of_schema("earlier runs", schema);
    for column in &mut came.columns {
        let name = column.field.name();
        let other = |read: &Read| {
            let found = read.landed.schema.field_with_name(name);
            found.is_ok_and(|f| data_type_of(f) != DataType::Text)
        };
        if data_type_of(&column.field) == DataType::Text && reads.iter().any(other) {
            let sql = format!("select 1 from {} where {} is not null limit 1", qualified(table), ident(name));
            column.empty = context.engine.count(&sql, context.cancel)? == 0;
        }
    }
    Ok(came)
}

/// The columns of a table as the engine hands them over.
pub(in crate::run) fn schema_of(context: &Context<'_>, table: &TableName) -> Outcome<SchemaRef> {
    context.engine.stream(&format!("select * from {} limit 0", qualified(table)), context.cancel, &mut |_| Ok(()))
}

/// Writes the rows of a file that is gone once more, with the types of the common schema.
pub(super) fn rewrite(context: &Context<'_>, table: &TableName, file: &str, unified: &SchemaRef) -> Outcome<Option<DataFile>> {
    let sql = format!("{}\nwhere _file = {}", select(context, table, unified)?, literal(file));
    copy(context, table, file, &sql)
}

/// Writes the held rows of a file that is gone once more.
pub(super) fn rewrite_held(context: &Context<'_>, quarantine: &TableName, file: &str) -> Outcome<Option<DataFile>> {
    let columns = columns(&schema_of(context, quarantine)?, &held::schema());
    let sql = format!("select {} from {} where \"file\" = {}", columns.join(", "), qualified(quarantine), literal(file));
    copy(context, quarantine, file, &sql)
}

/// Rows of the table with the columns and types of the common schema.
pub(super) fn select(context: &Context<'_>, table: &TableName, unified: &SchemaRef) -> Outcome<String> {
    let present = schema_of(context, table)?;
    Ok(format!("select {}\nfrom {}", columns(&present, unified).join(", "), qualified(table)))
}

/// The columns of the common schema from rows that have only these.
pub(super) fn columns(present: &SchemaRef, unified: &SchemaRef) -> Vec<String> {
    let column = |field: &arrow::datatypes::FieldRef| {
        let (name, data_type) = (ident(field.name()), data_type_of(field));
        let sql_type = sql_type(&data_type);
        match present.field_with_name(field.name()) {
            Ok(same) if data_type_of(same) == data_type => name,
            Ok(_) => format!("cast({name} as {sql_type}) as {name}"),
            Err(_) => format!("cast(null as {sql_type}) as {name}"),
        }
    };
    unified.fields().iter().map(column).collect()
}

/// Copies a query into one file that counts as rows of a source file.
pub(super) fn copy(context: &Context<'_>, table: &TableName, source_file: &str, sql: &str) -> Outcome<Option<DataFile>> {
    let (file, _, _) = context.lake.copy(&context.engine, table, sql, context.cancel)?;
    Ok(file.map(|f| f.from_source(source_file)))
}

impl Came {
    /// The columns of a schema, each with values.
    pub fn of_schema(name: &str, schema: &SchemaRef) -> Self {
        let column = |f: &arrow::datatypes::FieldRef| Column { field: f.as_ref().clone(), empty: false };
        Self { name: name.to_owned(), columns: schema.fields().iter().map(column).collect() }
    }
}

/// The engine's name of a type; text for those that only a file can bring.
fn sql_type(data_type: &DataType) -> String {
    match data_type {
        DataType::Boolean => "boolean".to_owned(),
        DataType::Integer => "bigint".to_owned(),
        DataType::HugeInteger => "hugeint".to_owned(),
        DataType::Decimal { precision, scale } => format!("decimal({precision}, {scale})"),
        DataType::Float => "double".to_owned(),
        DataType::Date => "date".to_owned(),
        DataType::Time => "time".to_owned(),
        DataType::Timestamp => "timestamp".to_owned(),
        DataType::TimestampTz => "timestamptz".to_owned(),
        DataType::Interval => "interval".to_owned(),
        DataType::Binary => "blob".to_owned(),
        DataType::Uuid => "uuid".to_owned(),
        DataType::List(of) => format!("{}[]", sql_type(of)),
        DataType::Struct(fields) => {
            let fields: Vec<String> = fields.iter().map(|f| format!("{} {}", ident(&f.name), sql_type(&f.data_type))).collect();
            format!("struct({})", fields.join(", "))
        }
        DataType::Text | DataType::Json | DataType::Other(_) => "varchar".to_owned(),
    }
}
