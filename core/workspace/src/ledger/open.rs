//! Opens the ledger: makes it when absent, refuses what it must not write to, falls back to reading.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};
use trommel_model::{Code, Outcome, Problem};

use super::fault::{fault, not_a_ledger, too_new};
use super::schema::{APPLICATION_ID, CREATE, FROM_1, VERSION};
use super::{Ledger, Store};
use crate::disk::private_file;
use crate::state::State;

const FILE: &str = "ledger.sqlite";

/// Held alone while the ledger is made, and shared while it is looked at: SQLite does not wait for lookers before it
/// changes to write-ahead logging, it fails.
const SETUP_LOCK: &str = "ledger.lock";

/// How long a write waits for the write of another process.
const PATIENCE: Duration = Duration::from_secs(5);

impl Ledger {
    /// Opens the ledger of an environment, and makes it when there is none.
    ///
    /// A workspace that cannot be written gives a ledger that can be read only (an empty one when there is none yet);
    /// its writing calls answer `denied`. `ledger-broken` when the file is damaged, something else, or of a newer version;
    /// `locked` when another process keeps it from being opened; otherwise what [`State::make`] says.
    pub fn open(state: &State) -> Outcome<Self> {
        Self::open_patiently(state, PATIENCE)
    }

    pub(super) fn open_patiently(state: &State, patience: Duration) -> Outcome<Self> {
        match open_for_writing(state, patience) {
            Err(problem) if problem.code == Code::Denied => Self::open_for_reading(state, patience),
            opened => opened,
        }
    }

    pub(super) fn open_for_reading(state: &State, patience: Duration) -> Outcome<Self> {
        let path = state.dir.join(FILE);
        let reader = match read_only_store(&path, patience)? {
            Some(store) => store,
            None => empty_store(&path)?,
        };
        Ok(Self { state: state.clone(), path, reader: Mutex::new(reader), writer: None })
    }
}

fn open_for_writing(state: &State, patience: Duration) -> Outcome<Ledger> {
    state.make()?;
    let path = state.dir.join(FILE);
    make_file(&state.dir, &path)?;
    let options = options(&path, patience);
    let setup = state.dir.join(SETUP_LOCK);
    let failed = |e: &std::io::Error| Problem::from_io(e, "lock the ledger", &setup);
    let turn = private_file().open(&setup).map_err(|e| failed(&e))?;
    turn.lock_shared().map_err(|e| failed(&e))?;
    let mut writer = connect(&options, &path)?;
    if stage(&mut writer, &path)? != Stage::Ready {
        turn.unlock().and_then(|()| turn.lock()).map_err(|e| failed(&e))?;
        // Somebody else may have done it while we waited for our turn.
        if stage(&mut writer, &path)? != Stage::Ready {
            set_up(&mut writer).map_err(|e| fault(&e, "make the ledger", &path))?;
        }
    }
    turn.unlock().map_err(|e| failed(&e))?;
    let reader = connect(&options.pragma("query_only", "on"), &path)?;
    Ok(Ledger { state: state.clone(), path, reader: Mutex::new(reader), writer: Some(Mutex::new(writer)) })
}

/// Makes an empty file for the owner only, when there is none. It is closed before it has its name: closing a file takes
/// away the locks that other connections of this process have on it.
fn make_file(folder: &Path, path: &Path) -> Outcome<()> {
    if path.exists() {
        return Ok(());
    }
    let made = tempfile::Builder::new().prefix(".ledger-").tempfile_in(folder).map(tempfile::NamedTempFile::into_temp_path);
    match made.and_then(|file| file.persist_noclobber(path).map_err(|e| e.error)) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(Problem::from_io(&e, "make the ledger", path)),
    }
}

fn options(path: &Path, patience: Duration) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(patience)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .disable_statement_logging()
}

fn connect(options: &SqliteConnectOptions, path: &Path) -> Outcome<Store> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|e| Problem::new(Code::Internal, "cannot start the ledger's thread").why(e.to_string()))?;
    let connection = runtime.block_on(options.connect()).map_err(|e| fault(&e, "open the ledger", path))?;
    Ok(Store { runtime, connection: Some(connection) })
}

#[derive(PartialEq, Eq)]
enum Stage {
    /// Nothing is in the file yet.
    Empty,
    /// The tables are there, but readers would wait for writers.
    NotYetWal,
    /// An earlier version made it.
    Older,
    Ready,
}

fn stage(store: &mut Store, path: &Path) -> Outcome<Stage> {
    let read = store.with(async |db| {
        // One transaction, so that all of it is of one moment.
        let mut view = db.begin().await?;
        let version: i64 = sqlx::query_scalar("pragma user_version").fetch_one(&mut *view).await?;
        let application: i64 = sqlx::query_scalar("pragma application_id").fetch_one(&mut *view).await?;
        let tables: i64 = sqlx::query_scalar("select count(*) from sqlite_schema").fetch_one(&mut *view).await?;
        let journal: String = sqlx::query_scalar("pragma journal_mode").fetch_one(&mut *view).await?;
        view.commit().await?;
        Ok((version, application, tables, journal))
    });
    match read.map_err(|e| fault(&e, "open the ledger", path))? {
        (0, 0, 0, _) => Ok(Stage::Empty),
        (version, APPLICATION_ID, _, _) if version > VERSION => Err(too_new(path, version)),
        (VERSION, APPLICATION_ID, _, journal) if journal == "wal" => Ok(Stage::Ready),
        (VERSION, APPLICATION_ID, _, _) => Ok(Stage::NotYetWal),
        (1, APPLICATION_ID, _, _) => Ok(Stage::Older),
        _ => Err(not_a_ledger(path)),
    }
}

fn set_up(store: &mut Store) -> sqlx::Result<()> {
    store.with(async |db| {
        sqlx::query("pragma journal_mode = wal").execute(&mut *db).await?;
        let mut change = db.begin_with("begin immediate").await?;
        let version: i64 = sqlx::query_scalar("pragma user_version").fetch_one(&mut *change).await?;
        if let Some(statements) = [CREATE, FROM_1].get(usize::try_from(version).unwrap_or(usize::MAX)) {
            sqlx::raw_sql(*statements).execute(&mut *change).await?;
        }
        change.commit().await
    })
}

/// A store on a file that cannot be written; nothing when there is no ledger in it.
fn read_only_store(path: &Path, patience: Duration) -> Outcome<Option<Store>> {
    // A file that nobody lets us look for is not an empty ledger.
    if !path.try_exists().map_err(|e| Problem::from_io(&e, "open the ledger", path))? {
        return Ok(None);
    }
    let options = options(path, patience).read_only(true);
    // A ledger that was not closed needs its side files; where SQLite cannot open those, nobody can be writing either.
    let mut store = match connect(&options, path).and_then(|mut store| stage(&mut store, path).map(|_| store)) {
        Ok(store) => store,
        Err(problem) if matches!(problem.code, Code::FileUnreadable | Code::Denied) => connect(&options.immutable(true), path)?,
        Err(problem) => return Err(problem),
    };
    Ok(if stage(&mut store, path)? == Stage::Empty { None } else { Some(store) })
}

fn empty_store(path: &Path) -> Outcome<Store> {
    let mut store = connect(&SqliteConnectOptions::new().in_memory(true).disable_statement_logging(), path)?;
    store.with(async |db| sqlx::raw_sql(CREATE).execute(db).await).map_err(|e| fault(&e, "open the ledger", path))?;
    Ok(store)
}
