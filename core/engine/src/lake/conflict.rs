//! Whether others have changed, since a publish was prepared, what it is about to change.

use sqlx::{Row, SqliteConnection};
use trommel_model::{Code, Problem, TableName};

use super::catalogue::Work;
use super::publish::{Change, Publish};
use super::target::{Place, latest};
use crate::sql::ident;

/// Fails when a snapshot of somebody else's, newer than what the publish was prepared on, changed one of its tables.
pub(super) async fn check(connection: &mut SqliteConnection, publish: &Publish) -> Work<()> {
    let newest = latest(connection).await?;
    let begun = publish.base.clone()?;
    for change in &publish.changes {
        let Some(table) = change.table() else { continue };
        let base = base_of(change, begun);
        if base == newest {
            continue;
        }
        let ids = [numbers(connection, table, base).await?, numbers(connection, table, newest).await?].concat();
        let name = format!("{}.{}", ident(&table.layer), ident(&table.table)).to_lowercase();
        // What the same run has published in between is no news to it.
        let rows = sqlx::query(
            "SELECT c.changes_made, t.run FROM ducklake_snapshot_changes c LEFT JOIN trommel_snapshot t USING (snapshot_id)
             WHERE c.snapshot_id > ? AND (t.run IS NULL OR t.run <> ?)",
        )
        .bind(base)
        .bind(publish.run.as_ref().map_or_else(String::new, |(run, _)| run.0.clone()))
        .fetch_all(&mut *connection)
        .await?;
        for row in &rows {
            let changes: String = row.try_get::<Option<String>, _>("changes_made")?.unwrap_or_default();
            if entries(&changes).any(|(_, what)| what.parse().is_ok_and(|id: i64| ids.contains(&id)) || what.to_lowercase() == name) {
                let by: Option<String> = row.try_get("run")?;
                return Err(Problem::new(Code::Locked, format!("{table} was changed by somebody else meanwhile"))
                    .why(by.map_or_else(|| "another program published it".to_owned(), |run| format!("run {run} published it")))
                    .next("nothing was published; run again")
                    .into());
            }
        }
    }
    Ok(())
}

/// The oldest snapshot that the change was prepared on.
fn base_of(change: &Change, base: i64) -> i64 {
    match change {
        Change::Rows { files, .. } => files.iter().map(|f| f.base).min().unwrap_or(base).min(base),
        _ => base,
    }
}

async fn numbers(connection: &mut SqliteConnection, table: &TableName, snapshot: i64) -> Work<Vec<i64>> {
    let place = Place::find(connection, table, snapshot).await?;
    Ok([place.table_id, place.view_id].into_iter().flatten().collect())
}

/// The entries of DuckLake's list of changes: `created_table:"mart"."t",inserted_into_table:5` gives
/// (`created_table`, `"mart"."t"`), (`inserted_into_table`, `5`).
pub(super) fn entries(changes: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut parts = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (i, c) in changes.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                parts.push(&changes[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&changes[start..]);
    parts.into_iter().filter_map(|part| part.trim().split_once(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_hold_anything() {
        let text = "created_table:\"ma,rt\".\"t:\"\"1\",inserted_into_table:5";
        let found: Vec<_> = entries(text).collect();
        assert_eq!(found, [("created_table", "\"ma,rt\".\"t:\"\"1\""), ("inserted_into_table", "5")]);
        assert_eq!(entries("").count(), 0);
    }
}
