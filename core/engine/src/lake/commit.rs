//! A publish as one transaction of the catalogue, by the DuckLake specification.
//!
//! The transaction takes SQLite's write lock first, so what it reads is what it builds upon: there is
//! no window in which another snapshot could slip in between. Snapshots that came since the publish was
//! prepared are only looked at for changes to the same tables.

use std::path::Path;

use sqlx::{AssertSqlSafe, Row, SqliteConnection};
use trommel_model::{Code, Outcome, Problem, TableName};

use super::catalogue::Work;
use super::columns::{Columns, OldFiles};
use super::data_file::{DataFile, ids_of};
use super::publish::{Change, Publish, Scope};
use super::target::{Place, check_name, latest};
use super::{alter, clock, conflict, seen, summary};
use crate::failpoint;
use crate::sql::ident;

/// Publishes; gives the snapshot that has it all.
pub(super) fn run(publish: Publish) -> Outcome<u64> {
    publish.changes.iter().filter_map(Change::table).try_for_each(check_name)?;
    let snapshot = publish.lake.catalogue().write(async |connection| {
        failpoint::hit("lake.commit_begun")?;
        check_fence(connection, &publish).await?;
        conflict::check(connection, &publish).await?;
        let mut commit = Commit::begin(connection).await?;
        for change in &publish.changes {
            commit.apply(connection, change).await?;
        }
        let snapshot = commit.finish(connection, &publish).await?;
        failpoint::hit("lake.before_commit")?;
        Ok(snapshot)
    })?;
    failpoint::hit("lake.after_commit")?;
    Ok(snapshot as u64)
}

async fn check_fence(connection: &mut SqliteConnection, publish: &Publish) -> Work<()> {
    let Some((run, fence)) = &publish.run else { return Ok(()) };
    let highest = sqlx::query("SELECT highest, run FROM trommel_fence").fetch_optional(&mut *connection).await?;
    if let Some(row) = highest {
        let (highest, by): (i64, String) = (row.try_get("highest")?, row.try_get("run")?);
        if (*fence as i64) < highest {
            return Err(Problem::new(Code::Locked, format!("run {run} may no longer publish"))
                .why(format!("the newer run {by} has taken over"))
                .next("nothing of this run was published; run again")
                .into());
        }
    }
    sqlx::query("INSERT OR REPLACE INTO trommel_fence (one, highest, run) VALUES (1, ?, ?)")
        .bind(*fence as i64)
        .bind(run.0.clone())
        .execute(connection)
        .await?;
    Ok(())
}

/// A snapshot in the making.
pub(super) struct Commit {
    /// Its number.
    pub snapshot: i64,
    /// The version of the schema it will have if it changes the schema.
    pub schema_version: i64,
    next_catalog_id: i64,
    next_file_id: i64,
    schema_changed: bool,
    /// What it did, as DuckLake writes it.
    changes: Vec<String>,
    /// Tables whose totals have to be counted anew.
    touched: Vec<i64>,
    fingerprints: Vec<(TableName, String)>,
}

impl Commit {
    async fn begin(connection: &mut SqliteConnection) -> Work<Self> {
        let newest = latest(connection).await?;
        let row = sqlx::query("SELECT schema_version, next_catalog_id, next_file_id FROM ducklake_snapshot WHERE snapshot_id = ?")
            .bind(newest)
            .fetch_one(connection)
            .await?;
        Ok(Self {
            snapshot: newest + 1,
            schema_version: row.try_get::<i64, _>("schema_version")? + 1,
            next_catalog_id: row.try_get("next_catalog_id")?,
            next_file_id: row.try_get("next_file_id")?,
            schema_changed: false,
            changes: Vec::new(),
            touched: Vec::new(),
            fingerprints: Vec::new(),
        })
    }

    async fn apply(&mut self, connection: &mut SqliteConnection, change: &Change) -> Work<()> {
        match change {
            Change::Rows { table, wanted, scope, files } => {
                let old = if *scope == Scope::All { OldFiles::Go } else { OldFiles::Stay };
                let mut place = self.without_view(connection, table).await?;
                let schema_id = self.layer(connection, &mut place, table).await?;
                let table_id = match place.table_id {
                    Some(id) => alter::evolve(self, connection, id, table, wanted, old).await?,
                    None => alter::create(self, connection, schema_id, &place, table, wanted).await?,
                };
                match scope {
                    Scope::None => {}
                    Scope::All => self.end_all_rows(connection, table_id).await?,
                    Scope::OfSource(source) => self.end_rows_of(connection, table, table_id, source).await?,
                }
                self.add_files(connection, table, table_id, &place, files).await
            }
            Change::View { view, sql } => self.make_view(connection, view, sql).await,
            Change::Drop { table } => {
                let place = self.without_view(connection, table).await?;
                seen::forget_table(connection, table).await?;
                match place.table_id {
                    Some(id) => self.drop_table(connection, id).await,
                    None => Ok(()),
                }
            }
            Change::Seen(file) => seen::remember(connection, file).await,
            Change::Forget { source, file } => seen::forget(connection, source, file).await,
            Change::Fingerprint { table, text } => {
                self.fingerprints.push((table.clone(), text.clone()));
                Ok(())
            }
        }
    }

    /// Writes the snapshot itself, if there is anything in it.
    async fn finish(mut self, connection: &mut SqliteConnection, publish: &Publish) -> Work<i64> {
        for table_id in std::mem::take(&mut self.touched) {
            summary::write(connection, table_id, self.snapshot).await?;
        }
        let snapshot = if self.changes.is_empty() { self.snapshot - 1 } else { self.snapshot };
        if !self.changes.is_empty() {
            sqlx::query("INSERT INTO ducklake_snapshot VALUES (?, ?, ?, ?, ?)")
                .bind(self.snapshot)
                .bind(clock::now_text())
                .bind(if self.schema_changed { self.schema_version } else { self.schema_version - 1 })
                .bind(self.next_catalog_id)
                .bind(self.next_file_id)
                .execute(&mut *connection)
                .await?;
            sqlx::query(
                "INSERT INTO ducklake_snapshot_changes (snapshot_id, changes_made, author, commit_message) VALUES (?, ?, 'trommel', ?)",
            )
            .bind(self.snapshot)
            .bind(self.changes.join(","))
            .bind(publish.run.as_ref().map(|(run, _)| format!("run {run}")))
            .execute(&mut *connection)
            .await?;
            sqlx::query("INSERT INTO trommel_snapshot VALUES (?, ?)")
                .bind(self.snapshot)
                .bind(publish.run.as_ref().map(|(run, _)| run.0.clone()))
                .execute(&mut *connection)
                .await?;
        }
        for (table, text) in &self.fingerprints {
            seen::fingerprint(connection, table, text, snapshot).await?;
        }
        Ok(snapshot)
    }

    /// Notes what was done, once.
    pub fn did(&mut self, change: String) {
        if !self.changes.contains(&change) {
            self.changes.push(change);
        }
    }

    /// Notes that the schema is another one, for table `table_id` if it is one of a table.
    pub async fn changed_schema(&mut self, connection: &mut SqliteConnection, table_id: Option<i64>) -> Work<()> {
        self.schema_changed = true;
        let Some(table_id) = table_id else { return Ok(()) };
        let known: i64 = sqlx::query_scalar("SELECT count(*) FROM ducklake_schema_versions WHERE table_id = ? AND begin_snapshot = ?")
            .bind(table_id)
            .bind(self.snapshot)
            .fetch_one(&mut *connection)
            .await?;
        if known == 0 {
            sqlx::query("INSERT INTO ducklake_schema_versions VALUES (?, ?, ?)")
                .bind(self.snapshot)
                .bind(self.schema_version)
                .bind(table_id)
                .execute(connection)
                .await?;
        }
        Ok(())
    }

    /// The next free number of a schema, table or view.
    pub fn catalog_id(&mut self) -> i64 {
        self.next_catalog_id += 1;
        self.next_catalog_id - 1
    }

    /// The number of the layer, which is made when absent.
    async fn layer(&mut self, connection: &mut SqliteConnection, place: &mut Place, table: &TableName) -> Work<i64> {
        if let Some(id) = place.schema_id {
            return Ok(id);
        }
        let id = self.catalog_id();
        sqlx::query("INSERT INTO ducklake_schema VALUES (?, ?, ?, NULL, ?, ?, 1)")
            .bind(id)
            .bind(clock::fresh_uuid())
            .bind(self.snapshot)
            .bind(table.layer.clone())
            .bind(place.schema_path.to_string_lossy().into_owned())
            .execute(&mut *connection)
            .await?;
        self.did(format!("created_schema:{}", ident(&table.layer)));
        self.changed_schema(connection, None).await?;
        place.schema_id = Some(id);
        Ok(id)
    }

    /// Looks the name up, and ends the view of that name if there is one.
    async fn without_view(&mut self, connection: &mut SqliteConnection, table: &TableName) -> Work<Place> {
        let mut place = Place::find(connection, table, self.snapshot).await?;
        if let Some(view_id) = place.view_id.take() {
            self.end(connection, "ducklake_view", "view_id", view_id).await?;
            self.did(format!("dropped_view:{view_id}"));
            self.changed_schema(connection, None).await?;
        }
        Ok(place)
    }

    async fn make_view(&mut self, connection: &mut SqliteConnection, view: &TableName, sql: &str) -> Work<()> {
        let place = Place::find(connection, view, self.snapshot).await?;
        if let Some(view_id) = place.view_id {
            let present: String =
                sqlx::query_scalar("SELECT sql FROM ducklake_view WHERE view_id = ?").bind(view_id).fetch_one(&mut *connection).await?;
            if present == sql {
                return Ok(());
            }
        }
        let mut place = self.without_view(connection, view).await?;
        if let Some(table_id) = place.table_id {
            self.drop_table(connection, table_id).await?;
        }
        let schema_id = self.layer(connection, &mut place, view).await?;
        let id = self.catalog_id();
        sqlx::query("INSERT INTO ducklake_view VALUES (?, ?, ?, NULL, ?, ?, 'duckdb', ?, '')")
            .bind(id)
            .bind(clock::fresh_uuid())
            .bind(self.snapshot)
            .bind(schema_id)
            .bind(view.table.clone())
            .bind(sql.to_owned())
            .execute(&mut *connection)
            .await?;
        self.did(format!("created_view:{}.{}", ident(&view.layer), ident(&view.table)));
        self.changed_schema(connection, None).await
    }

    async fn drop_table(&mut self, connection: &mut SqliteConnection, table_id: i64) -> Work<()> {
        for table in [
            "ducklake_table",
            "ducklake_column",
            "ducklake_data_file",
            "ducklake_delete_file",
            "ducklake_partition_info",
            "ducklake_sort_info",
            "ducklake_column_tag",
        ] {
            self.end(connection, table, "table_id", table_id).await?;
        }
        self.end(connection, "ducklake_tag", "object_id", table_id).await?;
        self.did(format!("dropped_table:{table_id}"));
        self.changed_schema(connection, None).await
    }

    /// Ends whatever is alive in a table of the catalogue under an identifier; gives how many rows.
    async fn end(&self, connection: &mut SqliteConnection, table: &'static str, key: &'static str, id: i64) -> Work<u64> {
        let done = sqlx::query(AssertSqlSafe(format!("UPDATE {table} SET end_snapshot = ? WHERE {key} = ? AND end_snapshot IS NULL")))
            .bind(self.snapshot)
            .bind(id)
            .execute(connection)
            .await?;
        Ok(done.rows_affected())
    }

    async fn end_all_rows(&mut self, connection: &mut SqliteConnection, table_id: i64) -> Work<()> {
        sqlx::query("UPDATE trommel_data_file SET ended_by_us = 1 WHERE table_id = ?").bind(table_id).execute(&mut *connection).await?;
        if self.end(connection, "ducklake_data_file", "table_id", table_id).await? > 0 {
            self.did(format!("deleted_from_table:{table_id}"));
            self.touch(table_id);
        }
        self.end(connection, "ducklake_delete_file", "table_id", table_id).await?;
        let inlined: Vec<String> = sqlx::query_scalar("SELECT table_name FROM ducklake_inlined_data_tables WHERE table_id = ?")
            .bind(table_id)
            .fetch_all(&mut *connection)
            .await?;
        for name in inlined {
            let text = format!("UPDATE {} SET end_snapshot = ? WHERE end_snapshot IS NULL", ident(&name));
            let done = sqlx::query(AssertSqlSafe(text)).bind(self.snapshot).execute(&mut *connection).await?;
            if done.rows_affected() > 0 {
                self.did(format!("inlined_delete:{table_id}"));
                self.touch(table_id);
            }
        }
        Ok(())
    }

    async fn end_rows_of(&mut self, connection: &mut SqliteConnection, table: &TableName, table_id: i64, source: &str) -> Work<()> {
        Self::check_apart(connection, table, table_id, source).await?;
        let alive: Vec<i64> = sqlx::query_scalar(
            "SELECT data_file_id FROM ducklake_data_file JOIN trommel_data_file USING (data_file_id)
             WHERE ducklake_data_file.table_id = ? AND end_snapshot IS NULL AND source_file = ?",
        )
        .bind(table_id)
        .bind(source.to_owned())
        .fetch_all(&mut *connection)
        .await?;
        for file in alive {
            sqlx::query("UPDATE trommel_data_file SET ended_by_us = 1 WHERE data_file_id = ?").bind(file).execute(&mut *connection).await?;
            self.end(connection, "ducklake_data_file", "data_file_id", file).await?;
            self.end(connection, "ducklake_delete_file", "data_file_id", file).await?;
            self.did(format!("deleted_from_table:{table_id}"));
            self.touch(table_id);
        }
        Ok(())
    }

    /// Another program may have merged files; then the rows of one source file can no longer be told from the others.
    async fn check_apart(connection: &mut SqliteConnection, table: &TableName, table_id: i64, source: &str) -> Work<()> {
        let merged: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM trommel_data_file t LEFT JOIN ducklake_data_file f USING (data_file_id)
             WHERE t.source_file = $1 AND t.table_id = $2 AND t.ended_by_us = 0 AND (f.data_file_id IS NULL OR f.end_snapshot IS NOT NULL)",
        )
        .bind(source.to_owned())
        .bind(table_id)
        .fetch_one(connection)
        .await?;
        if merged > 0 {
            return Err(Problem::new(Code::LakeBroken, format!("the rows of {source} in {table} cannot be replaced on their own"))
                .why("another program has rewritten the table's files")
                .next("load the source anew with --full-refresh")
                .into());
        }
        Ok(())
    }

    async fn add_files(
        &mut self,
        connection: &mut SqliteConnection,
        table: &TableName,
        table_id: i64,
        place: &Place,
        files: &[DataFile],
    ) -> Work<()> {
        if files.is_empty() {
            return Ok(());
        }
        let columns = Columns::load(connection, table_id, self.snapshot).await?;
        let ids = ids_of(&columns.list, "");
        let folder = place.schema_path.join(&place.table_path);
        let mut next_row: i64 = sqlx::query_scalar("SELECT next_row_id FROM ducklake_table_stats WHERE table_id = ?")
            .bind(table_id)
            .fetch_optional(&mut *connection)
            .await?
            .unwrap_or_default();
        for file in files {
            let moved = || {
                Problem::new(Code::Locked, format!("{table} has other columns than when its rows were written"))
                    .why(format!("{} was written for them", file.path))
                    .next("nothing was published; run again")
            };
            let path = Path::new(&file.path);
            let Ok(path) = path.strip_prefix(&folder) else { return Err(moved().into()) };
            if !file.ids.iter().all(|id| ids.contains(id)) {
                return Err(moved().into());
            }
            let id = self.next_file_id;
            self.next_file_id += 1;
            insert_file(connection, id, table_id, self.snapshot, path, file, next_row).await?;
            next_row += file.rows as i64;
        }
        sqlx::query("DELETE FROM ducklake_table_stats WHERE table_id = ?").bind(table_id).execute(&mut *connection).await?;
        sqlx::query("INSERT INTO ducklake_table_stats VALUES (?, 0, ?, 0)").bind(table_id).bind(next_row).execute(&mut *connection).await?;
        self.did(format!("inserted_into_table:{table_id}"));
        self.touch(table_id);
        Ok(())
    }

    fn touch(&mut self, table_id: i64) {
        if !self.touched.contains(&table_id) {
            self.touched.push(table_id);
        }
    }
}

async fn insert_file(
    connection: &mut SqliteConnection,
    id: i64,
    table_id: i64,
    snapshot: i64,
    path: &Path,
    file: &DataFile,
    row_id_start: i64,
) -> Work<()> {
    sqlx::query("INSERT INTO ducklake_data_file VALUES (?, ?, ?, NULL, NULL, ?, 1, 'parquet', ?, ?, ?, ?, NULL, NULL, NULL, NULL)")
        .bind(id)
        .bind(table_id)
        .bind(snapshot)
        .bind(path.to_string_lossy().into_owned())
        .bind(file.rows as i64)
        .bind(file.bytes as i64)
        .bind(file.footer_bytes as i64)
        .bind(row_id_start)
        .execute(&mut *connection)
        .await?;
    for stats in &file.columns {
        sqlx::query("INSERT INTO ducklake_file_column_stats VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)")
            .bind(id)
            .bind(table_id)
            .bind(stats.column_id)
            .bind(stats.bytes as i64)
            .bind(stats.values as i64)
            .bind(stats.nulls as i64)
            .bind(stats.min.clone())
            .bind(stats.max.clone())
            .bind(stats.contains_nan.map(i64::from))
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query("INSERT INTO trommel_data_file VALUES (?, ?, ?, ?, 0)")
        .bind(id)
        .bind(table_id)
        .bind(file.sha256.clone())
        .bind(file.source_file.clone())
        .execute(connection)
        .await?;
    Ok(())
}
