//! The lake: tables as Parquet files, with a catalogue that says which files make which snapshot.
//!
//! `lake.sqlite` is a DuckLake 1.0 catalogue, `lake/` has the data files (`lake/LAYER/TABLE/ducklake-UUID.parquet`).
//! Any DuckDB with the ducklake extension can read, append, delete and evolve what we publish, and we
//! read what it leaves: rows it keeps in the catalogue, delete files, renamed and added columns.
//!
//! How a table gets in: [`Lake::writer`] or [`Lake::copy`] make files that are complete and durable but
//! belong to nothing; a [`Publish`] lists what changes; [`Publish::commit`] makes all of it visible in
//! one SQLite transaction, together with source offsets, hashes, run and fencing token. A reader
//! resolves one snapshot and sees nothing else, whatever is published meanwhile.
//!
//! Absences: nothing here is visible before `commit`; no file is changed after it is named; no snapshot
//! is taken away. This folder is the only one of the project that knows the catalogue's tables.

mod alter;
mod attach;
mod catalogue;
mod clock;
mod columns;
mod commit;
mod conflict;
mod copy;
mod data_file;
mod dictionary;
mod durable;
mod floats;
mod history;
mod orphans;
mod publish;
mod read;
mod seen;
mod stats;
mod summary;
mod target;
mod write;

use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::SchemaRef;
use trommel_model::{Cancel, LakeTable, Outcome, Problem, Schema, Snapshot, TableName};

use self::catalogue::Catalogue;
pub use self::data_file::DataFile;
pub use self::dictionary::where_worth_it;
pub use self::publish::Publish;
pub use self::seen::{SeenFile, TableFacts};
pub use self::stats::ColumnStats;
use self::target::Target;
pub use self::write::TableWriter;
use crate::types::ColumnType;
use crate::{Engine, Measured};

/// A lake, open. Clones share it; `Send + Sync`.
#[derive(Clone)]
pub struct Lake(Arc<Inner>);

struct Inner {
    catalogue: Catalogue,
    data_dir: PathBuf,
}

impl Lake {
    /// Opens the lake in a folder, and makes it when absent (folders 0700, files 0600). A lake that was
    /// moved is told its new place. A folder that cannot be written can still be read.
    pub fn open(state_dir: &Path) -> Outcome<Self> {
        let data_dir = state_dir.join("lake");
        if !data_dir.is_dir() {
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&data_dir)
                .map_err(|e| Problem::from_io(&e, "make the lake's folder", &data_dir))?;
        }
        let data_dir = std::fs::canonicalize(&data_dir).map_err(|e| Problem::from_io(&e, "open the lake's folder", &data_dir))?;
        let path = state_dir.join("lake.sqlite");
        let catalogue = Catalogue::open(&path, &data_dir)?;
        // SQLite gives its companion files the permissions of the database. A file system without permissions is no fault.
        let _ = std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600));
        Ok(Self(Arc::new(Inner { catalogue, data_dir })))
    }

    /// The newest snapshot.
    pub fn latest(&self) -> Outcome<u64> {
        self.0.catalogue.read(async |connection| Ok(target::latest(connection).await? as u64))
    }

    /// All snapshots, oldest first.
    pub fn snapshots(&self) -> Outcome<Vec<Snapshot>> {
        self.0.catalogue.read(async |connection| history::snapshots(connection).await)
    }

    /// The tables and views of a snapshot, by name. Views have no columns here: what they give is for the
    /// engine to say ([`Engine::describe`]).
    pub fn tables(&self, snapshot: u64) -> Outcome<Vec<LakeTable>> {
        let (tables, views) = self.resolve(snapshot)?;
        let mut list: Vec<_> = tables
            .iter()
            .map(|t| LakeTable {
                name: t.name.clone(),
                schema: t.columns.model(),
                rows: Some(t.rows().unsigned_abs()),
                bytes: t.bytes().unsigned_abs(),
            })
            .collect();
        list.extend(views.into_iter().map(|v| LakeTable { name: v.name, schema: Schema::default(), rows: None, bytes: 0 }));
        list.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(list)
    }

    /// Makes every table and view of the snapshot readable in the engine as `layer.table`, in place of
    /// what stood under these names. One that cannot be read does not stop the others; a query that
    /// reads it fails with the reason. The engine must be allowed to read [`Lake::data_dir`].
    pub fn attach(&self, engine: &Engine, snapshot: u64) -> Outcome<()> {
        let (tables, views) = self.resolve(snapshot)?;
        attach::attach(engine, &tables, &views, snapshot as i64)
    }

    /// The folder of the data files, absolute.
    pub fn data_dir(&self) -> &Path {
        &self.0.data_dir
    }

    /// The files of a source whose rows are in, by name.
    pub fn seen_files(&self, source: &str) -> Outcome<Vec<SeenFile>> {
        self.0.catalogue.read(async |connection| seen::files(connection, source).await)
    }

    /// What was kept about a table when it was published last.
    pub fn table_facts(&self, table: &TableName) -> Outcome<Option<TableFacts>> {
        self.0.catalogue.read(async |connection| seen::facts(connection, table).await)
    }

    /// Keeps another text about a table that has not changed. Nothing happens where nothing was kept.
    pub fn remember(&self, table: &TableName, text: &str) -> Outcome<()> {
        self.0.catalogue.write(async |connection| seen::keep(connection, table, text).await)
    }

    /// A writer of one Parquet file of the table, which need not exist yet. Several may be open at once.
    pub fn writer(&self, table: &TableName, schema: &SchemaRef) -> Outcome<TableWriter> {
        TableWriter::new(self.target(table, &columns::wanted(schema))?, schema)
    }

    /// Runs a query into one Parquet file of the table: the file (`None` without rows), its columns, and
    /// what the query's operators counted.
    pub fn copy(&self, engine: &Engine, table: &TableName, sql: &str, cancel: &Cancel) -> Outcome<(Option<DataFile>, SchemaRef, Measured)> {
        copy::run(self, engine, table, sql, cancel)
    }

    /// Begins a list of changes.
    pub fn publish(&self) -> Publish {
        Publish { lake: self.clone(), base: self.latest().map(|id| id as i64), run: None, changes: Vec::new() }
    }

    /// Files in the data folder that no snapshot names and that were last written longer ago than `age`.
    pub fn orphans(&self, age: Duration) -> Outcome<Vec<PathBuf>> {
        let named = self.0.catalogue.read(async |connection| orphans::named(connection, &self.0.data_dir).await)?;
        orphans::find(&self.0.data_dir, &named, age)
    }

    /// Removes such files, and gives them. `age` must be longer than any run: the files of a run that is
    /// under way are not named by a snapshot yet.
    pub fn clean(&self, age: Duration) -> Outcome<Vec<PathBuf>> {
        let files = self.orphans(age)?;
        for file in &files {
            std::fs::remove_file(file).map_err(|e| Problem::from_io(&e, "remove the file", file))?;
        }
        Ok(files)
    }

    fn catalogue(&self) -> &Catalogue {
        &self.0.catalogue
    }

    fn target(&self, table: &TableName, wanted: &[(String, ColumnType)]) -> Outcome<Target> {
        target::check_name(table)?;
        self.0.catalogue.read(async |connection| Target::find(connection, &self.0.data_dir, table, wanted).await)
    }

    fn resolve(&self, snapshot: u64) -> Outcome<(Vec<read::StoredTable>, Vec<read::StoredView>)> {
        self.0.catalogue.read(async |connection| {
            history::check_exists(connection, snapshot as i64).await?;
            read::snapshot(connection, &self.0.data_dir, snapshot as i64).await
        })
    }
}

#[cfg(test)]
mod crash;
#[cfg(test)]
mod tests;
