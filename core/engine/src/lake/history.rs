//! The snapshots of the lake, and what each changed in words.

use std::collections::HashMap;

use sqlx::{Row, SqliteConnection};
use trommel_model::{Code, Problem, Snapshot};

use super::catalogue::Work;
use super::{clock, conflict};

/// All snapshots, oldest first.
pub(super) async fn snapshots(connection: &mut SqliteConnection) -> Work<Vec<Snapshot>> {
    let names = names(connection).await?;
    let rows = sqlx::query(
        "SELECT s.snapshot_id, s.snapshot_time, c.changes_made, t.run FROM ducklake_snapshot s
         LEFT JOIN ducklake_snapshot_changes c USING (snapshot_id) LEFT JOIN trommel_snapshot t USING (snapshot_id) ORDER BY s.snapshot_id",
    )
    .fetch_all(connection)
    .await?;
    let mut snapshots = Vec::new();
    for row in &rows {
        let changes: String = row.try_get::<Option<String>, _>("changes_made")?.unwrap_or_default();
        snapshots.push(Snapshot {
            id: row.try_get::<i64, _>("snapshot_id")? as u64,
            at: clock::rfc3339(&row.try_get::<String, _>("snapshot_time")?),
            run: row.try_get("run")?,
            changes: words(&changes, &names),
        });
    }
    Ok(snapshots)
}

/// Fails when there is no such snapshot.
pub(super) async fn check_exists(connection: &mut SqliteConnection, snapshot: i64) -> Work<()> {
    let found: i64 =
        sqlx::query_scalar("SELECT count(*) FROM ducklake_snapshot WHERE snapshot_id = ?").bind(snapshot).fetch_one(connection).await?;
    if found == 0 {
        return Err(Problem::new(Code::UnknownName, format!("the lake has no snapshot {snapshot}"))
            .next("list them with `trommel lake snapshots`")
            .into());
    }
    Ok(())
}

/// Names of all tables and views there ever were, by number.
async fn names(connection: &mut SqliteConnection) -> Work<HashMap<String, String>> {
    let rows = sqlx::query(
        "SELECT table_id AS id, schema_name || '.' || table_name AS name FROM ducklake_table JOIN ducklake_schema USING (schema_id)
         UNION ALL SELECT view_id, schema_name || '.' || view_name FROM ducklake_view JOIN ducklake_schema USING (schema_id)",
    )
    .fetch_all(connection)
    .await?;
    let mut names = HashMap::new();
    for row in &rows {
        names.insert(row.try_get::<i64, _>("id")?.to_string(), row.try_get("name")?);
    }
    Ok(names)
}

/// DuckLake's list of changes in words; a table whose rows all went and came again was replaced.
fn words(changes: &str, names: &HashMap<String, String>) -> Vec<String> {
    let entries: Vec<_> = conflict::entries(changes).collect();
    let has = |kind: &str, what: &str| entries.iter().any(|(k, w)| *k == kind && *w == what);
    let mut words = Vec::new();
    for (kind, what) in &entries {
        let name = names.get(*what).cloned().unwrap_or_else(|| what.replace("\".\"", ".").replace('"', ""));
        let created = names
            .get(*what)
            .is_some_and(|n| entries.iter().any(|(k, w)| *k == "created_table" && w.replace("\".\"", ".").replace('"', "") == *n));
        words.push(match *kind {
            "created_schema" => format!("created layer {name}"),
            "dropped_schema" => format!("dropped layer {name}"),
            "created_table" => format!("created {name}"),
            "created_view" => format!("created view {name}"),
            "dropped_table" => format!("dropped {name}"),
            "dropped_view" => format!("dropped view {name}"),
            "altered_table" | "altered_view" => format!("changed the columns of {name}"),
            "inserted_into_table" | "inlined_insert" if created => continue,
            "inserted_into_table" if has("deleted_from_table", what) => format!("replaced rows of {name}"),
            "inserted_into_table" | "inlined_insert" => format!("added rows to {name}"),
            "deleted_from_table" if has("inserted_into_table", what) => continue,
            "deleted_from_table" | "inlined_delete" => format!("removed rows from {name}"),
            other => format!("{} {name}", other.replace('_', " ")),
        });
    }
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_read_as_words() {
        let names = HashMap::from([("5".to_owned(), "mart.t".to_owned()), ("6".to_owned(), "raw.o".to_owned())]);
        let check = |text: &str, expected: &[&str]| assert_eq!(words(text, &names), expected, "{text}");
        check("created_table:\"mart\".\"t\",inserted_into_table:5", &["created mart.t"]);
        check("deleted_from_table:5,inserted_into_table:5,inserted_into_table:6", &["replaced rows of mart.t", "added rows to raw.o"]);
        check("dropped_view:9,created_view:\"mart\".\"v\"", &["dropped view 9", "created view mart.v"]);
        check("", &[]);
    }
}
