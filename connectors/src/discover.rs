//! The pieces of a source: the files a path or pattern stands for, or the database it names.

use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use trommel_model::{Code, ConnectionKind, FileFormat, Outcome, Problem, SourceSpec};

use crate::compressed::{self, is_archive};
use crate::database::piece_of;
use crate::piece::{Piece, Place, format_of, format_of_name, is_text};

/// The pieces of a source, sorted by name. A path or pattern that finds nothing is a fault.
///
/// Everything found lies in the connection's folder (without a connection, the workspace's): neither `..` nor a symbolic
/// link leads out of it.
pub fn discover(place: &Place<'_>) -> Outcome<Vec<Piece>> {
    match place.connection {
        Some(connection) if connection.kind == ConnectionKind::Sqlite => {
            let path = place.root.join(&connection.path);
            Ok(vec![database(place.spec, &path)?])
        }
        Some(connection) if connection.kind.is_server() => Ok(vec![piece_of(connection, place.spec)?]),
        connection => {
            let folder = connection.map_or_else(|| place.root.to_owned(), |c| place.root.join(&c.path));
            files(place.spec, &folder)
        }
    }
}

fn database(spec: &SourceSpec, path: &Path) -> Outcome<Piece> {
    let name = if spec.query.is_some() { "query".to_owned() } else { spec.table.clone().unwrap_or_else(|| file_name(path)) };
    let mut piece = piece(name, path.to_owned(), FileFormat::Sqlite)?;
    // What was written last may still be in the write-ahead log.
    if let Ok(log) = std::fs::metadata(log_of(path)) {
        piece.bytes += log.len();
        piece.modified_ms = piece.modified_ms.max(modified_ms(&log));
    }
    Ok(piece)
}

/// The write-ahead log of a SQLite database.
pub fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

fn files(spec: &SourceSpec, folder: &Path) -> Outcome<Vec<Piece>> {
    let Some(pattern) = spec.path.as_deref().filter(|p| !p.trim().is_empty()) else {
        return Err(Problem::new(Code::BadConfig, format!("source {} does not say which file to read", spec.name))
            .next("set path to a file or a pattern such as daily/*.csv"));
    };
    confined(pattern, spec)?;
    let home = folder.canonicalize().map_err(|e| Problem::from_io(&e, "open the connection's folder", folder))?;
    // Behind an archive's name goes that of a file in it.
    let (pattern, inner) = within_archive(pattern, &home);
    // A path that exists is taken as it is, whatever characters are in it.
    let literal = home.join(pattern);
    let found = if literal.exists() { vec![literal] } else { matching(pattern, &home)? };
    let mut pieces = Vec::new();
    for path in found {
        let real = path.canonicalize().map_err(|e| Problem::from_io(&e, "open the file", &path))?;
        if !real.starts_with(&home) {
            return Err(Problem::new(Code::Denied, "the file lies outside the connection's folder")
                .in_file(&path)
                .why(format!("it leads to {}", real.display()))
                .next("make a connection for that folder"));
        }
        if !real.is_file() {
            continue;
        }
        let name = slashed(path.strip_prefix(&home).unwrap_or(&path));
        if is_archive(&path) && spec.format.is_none_or(is_text) {
            pieces.extend(of_archive(&name, &path, inner, spec)?);
            continue;
        }
        let format = spec.format.or_else(|| format_of(&path)).ok_or_else(|| unknown_ending(&path))?;
        pieces.push(if format == FileFormat::Sqlite { database(spec, &path)? } else { piece(name, path, format)? });
    }
    if pieces.is_empty() {
        return Err(Problem::new(Code::FileNotFound, format!("no file is found for \"{pattern}\""))
            .in_file(folder.join(pattern))
            .next("check path in the source, and the connection's folder"));
    }
    pieces.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(pieces)
}

/// Refuses paths that start at the root or climb out by `..`.
fn confined(pattern: &str, spec: &SourceSpec) -> Outcome<()> {
    let climbs = Path::new(pattern).components().any(|c| matches!(c, Component::ParentDir | Component::RootDir | Component::Prefix(_)));
    if !climbs {
        return Ok(());
    }
    Err(Problem::new(Code::Denied, format!("path of source {} leads out of the connection's folder", spec.name))
        .why(format!("\"{pattern}\" is absolute or has .. in it"))
        .next("make a connection for that folder, and write the path relative to it"))
}

fn matching(pattern: &str, home: &Path) -> Outcome<Vec<PathBuf>> {
    let options = glob::MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };
    let escaped = format!("{}/{pattern}", glob::Pattern::escape(&home.to_string_lossy()));
    let paths = glob::glob_with(&escaped, options).map_err(|e| {
        Problem::new(Code::BadConfig, format!("\"{pattern}\" is not a pattern"))
            .why(e.to_string())
            .next("use * for any name and ** for any folders")
    })?;
    let mut found = Vec::new();
    for path in paths {
        let path = path.map_err(|e| Problem::from_io(e.error(), "list the folder", e.path()))?;
        if path.is_file() {
            found.push(path);
        }
    }
    Ok(found)
}

/// Splits `daily/*.zip/*.csv` into the pattern of the archives and that of the files in them.
fn within_archive<'a>(pattern: &'a str, home: &Path) -> (&'a str, Option<&'a str>) {
    if home.join(pattern).exists() {
        return (pattern, None);
    }
    match pattern.to_ascii_lowercase().find(".zip/") {
        Some(at) => (&pattern[..at + 4], Some(&pattern[at + 5..])),
        None => (pattern, None),
    }
}

/// The files of an archive as pieces, all of one format. One alone goes by the archive's name.
fn of_archive(name: &str, path: &Path, inner: Option<&str>, spec: &SourceSpec) -> Outcome<Vec<Piece>> {
    let wanted = inner
        .map(glob::Pattern::new)
        .transpose()
        .map_err(|e| Problem::new(Code::BadConfig, format!("\"{}\" is not a pattern", inner.unwrap_or_default())).why(e.to_string()))?;
    let mut members = compressed::members(path)?;
    members.retain(|m| wanted.as_ref().is_none_or(|w| w.matches(&m.name) || inner == Some(m.name.as_str())));
    let alone = members.len() == 1 && inner.is_none();
    let mut pieces = Vec::new();
    for member in members {
        let format = spec.format.or_else(|| format_of_name(&member.name)).ok_or_else(|| {
            Problem::new(Code::BadConfig, "a file in the archive has an ending that does not tell its format")
                .in_file(path)
                .why(format!("\"{}\"", member.name))
                .next("say which files are meant, as path = \"archive.zip/*.csv\", or set format")
        })?;
        let full = if alone { name.to_owned() } else { format!("{name}/{}", member.name) };
        pieces.push(Piece { bytes: member.bytes, ..piece(full, path.to_owned(), format)? });
    }
    if let Some(odd) = pieces.iter().find(|p| p.format != pieces[0].format || !is_text(p.format)) {
        return Err(Problem::new(Code::BadConfig, "the files of the archive are not of one format")
            .in_file(path)
            .why(format!("\"{}\" and \"{}\"", pieces[0].name, odd.name))
            .next("say which files are meant, as path = \"archive.zip/*.csv\""));
    }
    Ok(pieces)
}

fn piece(name: String, path: PathBuf, format: FileFormat) -> Outcome<Piece> {
    let metadata = std::fs::metadata(&path).map_err(|e| Problem::from_io(&e, "open the file", &path))?;
    Ok(Piece { name, bytes: metadata.len(), modified_ms: modified_ms(&metadata), path, format })
}

fn modified_ms(metadata: &std::fs::Metadata) -> i64 {
    let since = metadata.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |d| d.as_millis() as i64)
}

fn slashed(path: &Path) -> String {
    path.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
}

fn unknown_ending(path: &Path) -> Problem {
    Problem::new(Code::BadConfig, "the file's ending does not tell its format")
        .in_file(path)
        .next("set format to csv, fixed, json, ndjson, xml, excel, parquet, arrow or sqlite")
}

#[cfg(test)]
mod tests {
    use super::*;
    use trommel_model::ConnectionSpec;

    fn names(root: &Path, connection: Option<&ConnectionSpec>, spec: &str) -> Outcome<Vec<String>> {
        let spec: SourceSpec = serde_json::from_str(spec).unwrap();
        Ok(discover(&Place { root, connection, spec: &spec })?.into_iter().map(|p| p.name).collect())
    }

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("data/daily/deep")).unwrap();
        for name in [
            "data/daily/b.csv",
            "data/daily/a.csv",
            "data/daily/.hidden.csv",
            "data/daily/deep/c.csv",
            "data/odd [1].csv",
            "data/x.bin",
            "outside.csv",
        ] {
            std::fs::write(folder.path().join(name), "a\n1\n").unwrap();
        }
        folder
    }

    #[test]
    fn patterns_find_files_in_order() {
        let folder = folder();
        let home = ConnectionSpec::folder("d", "data");
        for (spec, expected) in [
            (r#"{"path": "daily/*.csv"}"#, vec!["daily/a.csv", "daily/b.csv"]),
            (r#"{"path": "**/*.csv"}"#, vec!["daily/a.csv", "daily/b.csv", "daily/deep/c.csv", "odd [1].csv"]),
            (r#"{"path": "odd [1].csv"}"#, vec!["odd [1].csv"]),
            (r#"{"path": "x.bin", "format": "csv"}"#, vec!["x.bin"]),
        ] {
            assert_eq!(names(folder.path(), Some(&home), spec).unwrap(), expected, "{spec}");
        }
        assert_eq!(names(folder.path(), None, r#"{"path": "outside.csv"}"#).unwrap(), ["outside.csv"]);
    }

    #[test]
    fn nothing_outside_the_folder_is_read() {
        let folder = folder();
        let home = ConnectionSpec::folder("d", "data");
        for (spec, code) in [
            (r#"{"path": "../outside.csv"}"#, Code::Denied),
            (r#"{"path": "daily/../../outside.csv"}"#, Code::Denied),
            (r#"{"path": "/etc/passwd", "format": "csv"}"#, Code::Denied),
            (r#"{"path": "nothing/*.csv"}"#, Code::FileNotFound),
            (r#"{"path": "x.bin"}"#, Code::BadConfig),
            (r#"{"path": "a[.csv"}"#, Code::BadConfig),
            ("{}", Code::BadConfig),
        ] {
            assert_eq!(names(folder.path(), Some(&home), spec).unwrap_err().code, code, "{spec}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_out_is_refused() {
        let folder = folder();
        std::os::unix::fs::symlink(folder.path().join("outside.csv"), folder.path().join("data/link.csv")).unwrap();
        let home = ConnectionSpec::folder("d", "data");
        assert_eq!(names(folder.path(), Some(&home), r#"{"path": "link.csv"}"#).unwrap_err().code, Code::Denied);
    }

    #[test]
    fn the_hash_is_that_of_the_bytes() {
        let folder = folder();
        let spec: SourceSpec = serde_json::from_str(r#"{"path": "outside.csv"}"#).unwrap();
        let piece = discover(&Place { root: folder.path(), connection: None, spec: &spec }).unwrap().remove(0);
        let hash = crate::sha256(&piece, &trommel_model::Cancel::new()).unwrap();
        assert_eq!((piece.bytes, hash.as_str()), (4, "309b0e45a73d3fc5325e2b6ed0a01ef8b9cde6b05a5633c1f893f970d52bfddc"));
    }
}
