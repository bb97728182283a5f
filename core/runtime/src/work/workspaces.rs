//! Workspaces: read, made, watched, looked over.

use std::path::Path;
use std::sync::Arc;

use trommel_app::{Made, News, Report};
use trommel_model::{ExampleRequest, Outcome, Workspace};

use crate::desk;
use crate::worker::Task;

/// Reads the workspace at or above a folder.
pub(super) fn load(start: &Path, environment: Option<&str>) -> Outcome<News> {
    let root = trommel_workspace::find(start)?;
    trommel_workspace::load(&root, environment).map(|w| News::Workspace(Arc::new(w)))
}

/// Watches the files of a workspace until the session ends or another workspace is watched.
pub(super) fn watch(task: &Task, root: &Path) -> Outcome<()> {
    let tell = task.teller();
    let watcher = trommel_workspace::watch::watch(root, move |paths| tell(News::FilesChanged(paths)))?;
    task.shared.keep_watcher(watcher);
    Ok(())
}

/// Makes an empty workspace.
pub(super) fn init(folder: &Path, name: &str) -> Outcome<News> {
    trommel_workspace::init(folder, name)?;
    let shown = folder.display();
    Ok(News::Made(Made {
        root: folder.to_owned(),
        next: vec![format!("cd {shown}"), "trommel source add FILE".to_owned(), "trommel plan".to_owned()],
        notes: Vec::new(),
        run: false,
    }))
}

/// Makes an example workspace with its data.
pub(super) fn example(task: &Task, request: &ExampleRequest) -> Outcome<News> {
    let made = trommel_examples::make(request, &task.cancel, &task.progress)?;
    // A server has to be given its rows first.
    let server = request.postgres.is_some() || request.mysql.is_some();
    let run = request.run && !(server && request.name == "reporting-elt");
    Ok(News::Made(Made { root: made.root, next: made.next, notes: made.notes, run }))
}

/// What this machine offers, where settings come from, and what is wrong with the workspace's files.
pub(super) fn doctor(task: &Task, workspace: Option<&Workspace>) -> News {
    let mut report = Report { title: "doctor".to_owned(), ..Report::default() };
    let mut fact = |name: &str, value: String| report.facts.push((name.to_owned(), value));
    fact("version", env!("CARGO_PKG_VERSION").to_owned());
    fact(
        "threads",
        format!("{} (of {} cores)", desk::threads(task, workspace), std::thread::available_parallelism().map_or(1, usize::from)),
    );
    match desk::memory_budget(workspace) {
        Ok(bytes) => {
            let origin =
                if workspace.is_some_and(|w| w.config.memory.is_some()) { "trommel.toml" } else { "half of this machine's, at most 4 GiB" };
            fact("memory", format!("{} MiB ({origin})", bytes >> 20));
        }
        Err(problem) => report.problems.push(problem),
    }
    if let Some(workspace) = workspace {
        let mut fact = |name: &str, value: String| report.facts.push((name.to_owned(), value));
        fact("workspace", workspace.root.display().to_string());
        fact("environment", workspace.environment.clone());
        fact("state", desk::state(workspace).dir.display().to_string());
        fact("sources", workspace.sources.len().to_string());
        fact("models", workspace.models.len().to_string());
        fact("kpis", workspace.kpis.len().to_string());
        fact("boards", workspace.boards.len().to_string());
        match desk::open_lake(workspace).and_then(|lake| lake.latest()) {
            Ok(snapshot) => fact("lake snapshot", snapshot.to_string()),
            Err(problem) => report.problems.push(problem),
        }
        report.problems.extend(trommel_workspace::problems(&workspace.root));
        report.problems.extend(super::review::expression_faults(task, workspace));
    }
    News::Report(report)
}
