//! Arrow schemas in the words of the model.

use arrow::datatypes::{Field, Schema as ArrowSchema};
use trommel_model::{DataType, Field as Column, Schema};

use crate::types::ColumnType;

/// The columns of an Arrow schema.
pub fn schema_of(schema: &ArrowSchema) -> Schema {
    Schema::new(schema.fields().iter().map(|f| Column::new(f.name(), data_type_of(f))).collect())
}

/// The type of an Arrow field; text marked as JSON or UUID is told apart from plain text.
pub fn data_type_of(field: &Field) -> DataType {
    ColumnType::of_arrow(field).model()
}

/// The engine's name of the type of an Arrow field, as SQL writes it.
pub fn sql_type_of(field: &Field) -> String {
    ColumnType::of_arrow(field).duckdb_name()
}
