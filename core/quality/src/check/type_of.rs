//! `type`: the value, as text, can be read as a type; null passes.

use trommel_engine::sql::ident;
use trommel_model::{ContractType, DataType, Outcome};

use super::Broken;
use super::subject::{Subject, value_is};

pub(super) fn broken(subject: &Subject<'_>, column: &str, to: ContractType) -> Outcome<Broken> {
    let data_type = &subject.column(column)?.data_type;
    let name = ident(column);
    let sql_type = match to {
        ContractType::Text => "VARCHAR".to_owned(),
        ContractType::Integer => "BIGINT".to_owned(),
        ContractType::Float => "DOUBLE".to_owned(),
        ContractType::Decimal { precision, scale } => format!("DECIMAL({precision}, {scale})"),
        ContractType::Boolean => "BOOLEAN".to_owned(),
        ContractType::Date => "DATE".to_owned(),
        ContractType::Time => "TIME".to_owned(),
        ContractType::Timestamp => "TIMESTAMP".to_owned(),
    };
    let text = format!("trim(CAST({name} AS VARCHAR))");
    let read = match to {
        // The engine rounds "1.5" and counts "1e3" as whole numbers; a column of whole numbers has neither.
        ContractType::Integer => format!("(regexp_full_match({text}, '[-+]?[0-9]+') AND TRY_CAST({text} AS {sql_type}) IS NOT NULL)"),
        // A day is no moment, and a moment no day: the engine would cut.
        ContractType::Date => {
            format!("(regexp_full_match({text}, '[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}') AND TRY_CAST({text} AS {sql_type}) IS NOT NULL)")
        }
        _ => format!("TRY_CAST({text} AS {sql_type}) IS NOT NULL"),
    };
    Ok(Broken::Row {
        // What has the type already need not be written and read again.
        condition: match (to, data_type) {
            (ContractType::Integer, DataType::Integer) | (ContractType::Float, DataType::Float) => "false".to_owned(),
            _ => format!("({name} IS NOT NULL AND NOT {read})"),
        },
        reason: value_is(column, &format!("which cannot be read as {}", String::from(to))),
    })
}
