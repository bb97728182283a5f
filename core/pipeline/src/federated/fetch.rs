//! Rows of a remote table as a Parquet file, and the view of it that the query reads.

use std::path::Path;

use arrow::datatypes::{DataType, FieldRef, Fields};
use trommel_connectors::parquet::ParquetFile;
use trommel_connectors::remote::{Fetched, Remote, RemoteTable, Statement};
use trommel_engine::federated::TOTAL;
use trommel_engine::frame::sql_type_of;
use trommel_engine::sql::{ident, literal};
use trommel_model::{Outcome, Problem, RemoteNeed, RemoteTotal};

use super::Site;

/// Reads what a statement asks for into a file.
pub(super) fn into_file(remote: &mut Remote, table: &RemoteTable, statement: &Statement, file: &Path, site: &Site<'_>) -> Outcome<Fetched> {
    std::fs::create_dir_all(&site.folder).map_err(|e| Problem::from_io(&e, "make a folder for what is read", &site.folder))?;
    let mut writer = ParquetFile::create(file, &statement.schema)?;
    let fetched = remote.fetch(table, statement, site.progress, &mut |batch| {
        site.cancel.check()?;
        writer.write(&batch)
    })?;
    writer.finish()?;
    Ok(fetched)
}

/// The table as the query sees it. Columns that it does not look at are there, without values.
pub(super) fn view(table: &RemoteTable, need: &RemoteNeed, statement: &Statement, file: &Path) -> String {
    let from = format!("FROM read_parquet({})", literal(&file.to_string_lossy()));
    let fields = table.columns.fields();
    if let Some(grouping) = need.grouping.as_ref().filter(|_| statement.is_grouped) {
        let groups = grouping.by.iter().map(|at| (fields[*at].name().clone(), sql_type_of(&fields[*at])));
        let totals = grouping.totals.iter().enumerate().map(|(at, total)| (format!("{TOTAL}{at}"), total_type(*total, fields)));
        let list: Vec<String> =
            groups.chain(totals).map(|(name, sql_type)| format!("CAST({0} AS {sql_type}) AS {0}", ident(&name))).collect();
        return format!("SELECT {} {from}", list.join(", "));
    }
    let column = |(at, field): (usize, &FieldRef)| {
        let name = ident(field.name());
        if statement.places.contains(&Some(at)) { name } else { format!("CAST(NULL AS {}) AS {name}", sql_type_of(field)) }
    };
    let list: Vec<String> = fields.iter().enumerate().map(column).collect();
    format!("SELECT {} {from}", list.join(", "))
}

/// The type the engine gives a total: whole numbers add up to 128 bits, decimals to 38 digits.
fn total_type(total: RemoteTotal, fields: &Fields) -> String {
    match total {
        RemoteTotal::Rows | RemoteTotal::Count(_) => "BIGINT".to_owned(),
        RemoteTotal::Sum(column) => match fields[column].data_type() {
            DataType::Decimal128(_, scale) => format!("DECIMAL(38, {scale})"),
            _ => "HUGEINT".to_owned(),
        },
        RemoteTotal::Min(column) | RemoteTotal::Max(column) => sql_type_of(&fields[column]),
    }
}
