//! Arrow in the words of the model: schemas and cells.

mod cells;
mod schema;
pub(crate) mod text;

pub use cells::{cell_of, cells_of};
pub use schema::{data_type_of, schema_of, sql_type_of};
