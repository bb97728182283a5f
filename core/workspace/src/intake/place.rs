//! Where a file lies as seen from the workspace: under it, under the folder of a connection, or where no connection leads yet.

use std::path::Path;

use trommel_model::{ConnectionKind, ConnectionSpec, Outcome, Problem, WorkspaceConfig, as_word};

/// How a source names a file.
pub struct Placed {
    /// The connection; none for a file of the workspace's own.
    pub connection: Option<String>,
    /// The path within its folder.
    pub path: String,
    /// The connection when it does not exist yet.
    pub folder: Option<ConnectionSpec>,
}

/// Finds how a source of the workspace names a file.
pub fn of(root: &Path, config: &WorkspaceConfig, file: &Path) -> Outcome<Placed> {
    // What is meant within the file (a table, a sheet) is said elsewhere.
    let real = std::fs::canonicalize(file).map_err(|e| Problem::from_io(&e, "read the file", file))?;
    let root = std::fs::canonicalize(root).map_err(|e| Problem::from_io(&e, "open the workspace", root))?;
    let folders = config.connections.iter().filter(|c| c.kind == ConnectionKind::Folder);
    // The connection whose folder is nearest to the file says the most about it.
    let nearest = folders
        .filter_map(|c| std::fs::canonicalize(root.join(&c.path)).ok().map(|folder| (c, folder)))
        .filter(|(_, folder)| real.starts_with(folder))
        .max_by_key(|(_, folder)| folder.components().count());
    if let Some((connection, folder)) = nearest {
        return Ok(Placed { connection: Some(connection.name.clone()), path: within(&real, &folder), folder: None });
    }
    if real.starts_with(&root) {
        return Ok(Placed { connection: None, path: within(&real, &root), folder: None });
    }
    let folder = real.parent().unwrap_or(Path::new("/"));
    let base = as_word(&folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default());
    let taken = |name: &str| config.connections.iter().any(|c| c.name.eq_ignore_ascii_case(name));
    let name = super::free(base, taken);
    Ok(Placed {
        connection: Some(name.clone()),
        path: within(&real, folder),
        folder: Some(ConnectionSpec::folder(&name, &folder.to_string_lossy())),
    })
}

fn within(file: &Path, folder: &Path) -> String {
    let rest = file.strip_prefix(folder).unwrap_or(file);
    rest.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
