//! The files in an archive of zip. Their names are looked up in the archive only, never in the file system.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use trommel_model::{Outcome, Problem};
use zip::ZipArchive;

use super::config::MOST_MEMBERS;
use super::error;

/// A file in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name, with `/` between its parts.
    pub name: String,
    /// Its place in the archive.
    pub place: usize,
    /// Its size, unpacked.
    pub bytes: u64,
}

/// Opens an archive.
pub fn open(path: &Path) -> Outcome<ZipArchive<BufReader<File>>> {
    let file = File::open(path).map_err(|e| Problem::from_io(&e, "read the file", path))?;
    ZipArchive::new(BufReader::new(file)).map_err(error::unreadable)
}

/// The files in an archive, by name. Folders, and what operating systems add of their own, are no files of it.
pub fn members(path: &Path) -> Outcome<Vec<Member>> {
    let mut archive = open(path)?;
    if archive.len() > MOST_MEMBERS {
        return Err(error::unreadable(format!("it has {} members, the most are {MOST_MEMBERS}", archive.len())));
    }
    let mut members = Vec::new();
    for place in 0..archive.len() {
        let member = archive.by_index_raw(place).map_err(error::unreadable)?;
        let name = member.name().map_err(error::unreadable)?.replace('\\', "/");
        if member.is_dir() || name.ends_with('/') || is_added(&name) {
            continue;
        }
        if member.enclosed_name().is_none() || member.is_symlink() || name.split('/').any(|part| part == "..") || name.starts_with('/') {
            return Err(error::leads_out(&name));
        }
        if member.encrypted() {
            return Err(error::locked(&name));
        }
        members.push(Member { place, bytes: member.size(), name });
    }
    if members.is_empty() {
        return Err(error::no_members());
    }
    members.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(members)
}

/// Files that operating systems put into archives unasked.
fn is_added(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    name.starts_with("__MACOSX/")
        || last.starts_with('.')
        || last.eq_ignore_ascii_case("thumbs.db")
        || last.eq_ignore_ascii_case("desktop.ini")
}
