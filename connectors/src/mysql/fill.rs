//! Rows of text into a table, by INSERT with many rows.

use sqlx::{Connection as _, MySql, QueryBuilder};
use trommel_model::Outcome;

use super::config::Session;
use super::error;

/// Values of one statement; the protocol takes 65,535.
const VALUES: usize = 8_000;

/// Adds rows to a table, whose name is quoted already, in one transaction.
pub fn fill(session: &mut Session, table: &str, rows: &[Vec<Option<String>>]) -> Outcome<()> {
    let Session { patience, connection, reach } = session;
    let width = rows.first().map_or(1, Vec::len).max(1);
    let inserted = async {
        let mut change = connection.begin().await?;
        for part in rows.chunks((VALUES / width).max(1)) {
            let mut query = QueryBuilder::<MySql>::new(format!("INSERT INTO {table} "));
            query.push_values(part, |mut values, row| {
                for cell in row {
                    values.push_bind(cell.clone());
                }
            });
            query.build().persistent(false).execute(&mut *change).await?;
        }
        change.commit().await
    };
    patience.wait(inserted, |e| error::of(&e, reach))
}
