//! An engine with the newest snapshot of a workspace's lake attached, kept while nothing is published.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use trommel_engine::lake::Lake;
use trommel_engine::{Access, Engine, Limits};
use trommel_model::{Code, Outcome, Problem, Workspace};
use trommel_workspace::State;

use crate::sweep::sweep;
use crate::worker::Task;

/// Where a subject is read: an engine, and the lake snapshot that is attached to it.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) engine: Arc<Engine>,
    /// The snapshot; 0 without a workspace.
    pub(crate) snapshot: u64,
    /// Where converted files are kept.
    pub(crate) cache: PathBuf,
    key: Key,
}

#[derive(Clone, PartialEq, Eq)]
struct Key {
    root: PathBuf,
    environment: String,
}

impl Desk {
    /// The desk of a workspace, or of no workspace.
    pub(crate) fn open(task: &Task, workspace: Option<&Workspace>) -> Outcome<Self> {
        let key = Key {
            root: workspace.map(|w| w.root.clone()).unwrap_or_default(),
            environment: workspace.map(|w| w.environment.clone()).unwrap_or_default(),
        };
        let lake = match workspace {
            Some(workspace) => Some(open_lake(workspace)?),
            None => None,
        };
        let snapshot = lake.as_ref().map_or(Ok(0), Lake::latest)?;
        let mut kept = task.shared.desk.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(desk) = kept.as_ref().filter(|d| d.key == key && d.snapshot == snapshot) {
            return Ok(desk.clone());
        }
        let cache = cache_folder(task, workspace)?;
        let mut folders = vec![cache.clone()];
        folders.extend(lake.as_ref().map(|l| l.data_dir().to_owned()));
        let limits = Limits { memory_bytes: memory_budget(workspace)?, threads: threads(task, workspace), temp_dir: cache.clone() };
        sweep(&cache);
        let engine = Engine::open(&limits, &Access::Locked(folders))?;
        if let Some(lake) = &lake {
            lake.attach(&engine, snapshot)?;
        }
        let desk = Self { engine: Arc::new(engine), snapshot, cache, key };
        *kept = Some(desk.clone());
        Ok(desk)
    }
}

/// The lake of a workspace's environment.
pub(crate) fn open_lake(workspace: &Workspace) -> Outcome<Lake> {
    Lake::open(&state(workspace).dir)
}

/// Where an environment of a workspace keeps its state.
pub(crate) fn state(workspace: &Workspace) -> State {
    trommel_workspace::state(workspace)
}

/// Threads one piece of work may use.
pub(crate) fn threads(task: &Task, workspace: Option<&Workspace>) -> usize {
    workspace.and_then(|w| w.config.threads).unwrap_or(task.settings.threads).max(1)
}

/// Memory the engine may use: what the workspace says, else half of the machine's, at most 4 GiB.
pub(crate) fn memory_budget(workspace: Option<&Workspace>) -> Outcome<u64> {
    if let Some(text) = workspace.and_then(|w| w.config.memory.as_deref()) {
        return trommel_workspace::memory_bytes(text).ok_or_else(|| {
            Problem::new(Code::BadConfig, format!("memory = \"{text}\" is no amount of memory"))
                .in_file("trommel.toml")
                .next("write a number and a unit, for instance \"2GB\" or \"512MiB\"")
        });
    }
    const DEFAULT_MAX: u64 = 4 << 30;
    let machine = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let kib: u64 = text.lines().find(|l| l.starts_with("MemTotal:"))?.split_whitespace().nth(1)?.parse().ok()?;
        Some(kib * 1024)
    });
    Ok(machine.map_or(DEFAULT_MAX, |bytes| (bytes / 2).min(DEFAULT_MAX)))
}

/// Where converted files go: beside the workspace's state, or in the user's cache folder.
fn cache_folder(task: &Task, workspace: Option<&Workspace>) -> Outcome<PathBuf> {
    let folder = match workspace {
        Some(workspace) => {
            let state = state(workspace);
            state.make()?;
            state.dir.join("cache")
        }
        None => trommel_workspace::user::folders(task.settings.config_dir.clone())?.cache,
    };
    std::fs::create_dir_all(&folder).map_err(|e| Problem::from_io(&e, "make the cache folder", &folder))?;
    Ok(folder)
}
