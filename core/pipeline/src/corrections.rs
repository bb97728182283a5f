//! What was decided about held rows, as far as it concerns one file.

use sha2::{Digest, Sha256};
use trommel_connectors::Moved;
use trommel_model::{Correction, SourceSpec, Workspace, standing};

/// Between the hash of a file and that of its corrections.
const MARK: char = '+';

/// The corrections for which a file is read again: those that change its records, and those that take a decision back.
pub(crate) fn of_file(workspace: &Workspace, source: &SourceSpec, file: &str) -> Vec<Correction> {
    in_force(&all(workspace, source, file), |c| c.now.is_some())
}

/// The records of a file that are discarded: they stay held, whatever becomes of the rule that held them.
pub(crate) fn discarded(workspace: &Workspace, source: &SourceSpec, file: &str) -> Vec<Correction> {
    in_force(&all(workspace, source, file), |c| c.now.is_none())
}

/// Where the lines of a file were read when it was remembered so. Decisions are only ever added: those that were in force then
/// are the first of them, up to one that is looked for from the last.
pub(crate) fn lines_read(workspace: &Workspace, source: &SourceSpec, file: &str, remembered: &str) -> Moved {
    let all = all(workspace, source, file);
    let then = (0..=all.len()).rev().map(|first| in_force(&all[..first], |c| c.now.is_some()));
    Moved::by(&then.into_iter().find(|then| same(remembered, then)).unwrap_or_default())
}

/// All that was ever decided about the records of a file.
fn all(workspace: &Workspace, source: &SourceSpec, file: &str) -> Vec<Correction> {
    let of_source = workspace.corrections.get(&source.name).into_iter().flatten();
    of_source.filter(|c| c.file == file).cloned().collect()
}

fn in_force(all: &[Correction], wanted: impl Fn(&Correction) -> bool) -> Vec<Correction> {
    standing(all).into_iter().filter(|c| wanted(c)).cloned().collect()
}

/// The hash under which a file is remembered that is read with these corrections.
pub(crate) fn marked(sha256: &str, corrections: &[Correction]) -> String {
    match mark(corrections) {
        Some(mark) => format!("{sha256}{MARK}{mark}"),
        None => sha256.to_owned(),
    }
}

/// True when a file was read with just these corrections.
pub(crate) fn same(remembered: &str, corrections: &[Correction]) -> bool {
    remembered.split_once(MARK).map(|(_, mark)| mark) == mark(corrections).as_deref()
}

/// The hash of the file alone.
pub(crate) fn of_bytes(remembered: &str) -> &str {
    remembered.split_once(MARK).map_or(remembered, |(sha256, _)| sha256)
}

fn mark(corrections: &[Correction]) -> Option<String> {
    if corrections.is_empty() {
        return None;
    }
    let mut said: Vec<(u64, &str, Option<&str>)> = corrections.iter().map(|c| (c.line, c.was.as_str(), c.now.as_deref())).collect();
    said.sort_unstable();
    let mut hash = Sha256::new();
    for (line, was, now) in said {
        for part in [line.to_string().as_str(), was, now.unwrap_or_default()] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    Some(hex::encode(hash.finalize()))
}
