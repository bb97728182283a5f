//! What is new about the files of a source since they were last read.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use trommel_connectors::{Moved, Piece, Place, discover, sha256};
use trommel_engine::lake::{Lake, SeenFile};
use trommel_model::{
    Cancel, Code, ConnectionSpec, FileFormat, Load, Outcome, Problem, ReadRange, SinkSpec, SourceSpec, TableName, Workspace, did_you_mean,
};

use crate::corrections;
use crate::fingerprint::{self, Fingerprint};
use crate::graph::RAW;

/// The state of a source against what the lake has of it.
#[derive(Debug, Clone)]
pub(crate) struct Changes {
    /// The files that are there now, in order, each with what is known of it.
    pub present: Vec<Found>,
    /// Files whose rows are in the lake and that are gone.
    pub vanished: Vec<SeenFile>,
    /// Why everything has to be read again, when it has.
    pub anew: Option<String>,
    /// The run that read the source last.
    pub last_run: Option<String>,
    /// The largest cursor read so far, of a source that is read incrementally.
    pub cursor: Option<String>,
    /// The part that is read again, when only a part is.
    pub range: Option<ReadRange>,
}

/// One file of a source.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The file.
    pub piece: Piece,
    /// What is new about it.
    pub state: FileState,
}

/// What is new about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileState {
    /// Never read.
    New,
    /// Read, with other contents.
    Changed,
    /// Read, and rows of it were corrected since.
    Corrected,
    /// Read as it is.
    Same,
}

/// Compares the files of a source with those seen before.
///
/// Size and time of change decide, as they do for make and git; the hash is asked when the time differs, and when the
/// file changed so shortly before it was read that a later change could carry the same time.
pub(crate) fn changes(
    workspace: &Workspace,
    lake: &Lake,
    source: &SourceSpec,
    full_refresh: bool,
    range: Option<&ReadRange>,
    cancel: &Cancel,
) -> Outcome<Changes> {
    let connection = connection(workspace, source)?;
    let pieces = discover(&Place { root: &workspace.root, connection, spec: source })?;
    let kept = lake.table_facts(&TableName::new(RAW, source.name.clone()))?.map(|f| Fingerprint::from_text(&f.fingerprint));
    let seen = if kept.is_some() { lake.seen_files(&source.name)? } else { Vec::new() };
    let anew = match &kept {
        None => Some("never read".to_owned()),
        Some(_) if full_refresh => Some("full refresh".to_owned()),
        Some(Some(f)) if f.text != fingerprint::of_source(source, connection) => Some("its text changed".to_owned()),
        Some(Some(f)) if f.checks != fingerprint::of_checks(&source.checks) => Some("its checks changed".to_owned()),
        Some(Some(_)) => None,
        Some(None) => Some("nothing is known of how it was read".to_owned()),
    };
    let mut present = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let decided = corrections::of_file(workspace, source, &piece.name);
        let state = match seen.iter().find(|s| s.file == piece.name) {
            None => FileState::New,
            // Whether a server has something new, only reading it tells.
            Some(_) if piece.format == FileFormat::Server => FileState::Changed,
            Some(s) if !corrections::same(&s.sha256, &decided) => FileState::Corrected,
            Some(s) if s.bytes != piece.bytes => FileState::Changed,
            Some(s) if s.modified_ms == piece.modified_ms && !is_fresh(s) => FileState::Same,
            Some(s) if sha256(&piece, cancel)? == corrections::of_bytes(&s.sha256) => FileState::Same,
            Some(_) => FileState::Changed,
        };
        present.push(Found { piece, state });
    }
    let vanished = seen.into_iter().filter(|s| present.iter().all(|f| f.piece.name != s.file)).collect();
    let never_read = kept.is_none();
    let (last_run, cursor) = kept.flatten().map(|f| (f.run, f.cursor)).unzip();
    // A part is of no use while the whole has to be read again for another reason.
    let range = range.filter(|_| source.load != Load::Full && (anew.is_none() || never_read)).cloned();
    if let (Some(range), Load::NewFiles) = (&range, source.load) {
        only_days(&mut present, range)?;
    }
    Ok(Changes { present, vanished, anew, last_run, cursor: cursor.flatten(), range })
}

/// Of files, those of a range of days are read again, and no others.
fn only_days(present: &mut Vec<Found>, range: &ReadRange) -> Outcome<()> {
    let bound = |text: &Option<String>| text.as_deref().map(day_of).transpose();
    let (from, to) = (bound(&range.from)?, bound(&range.to)?);
    let within = |found: &Found| day_in(&found.piece.name).is_some_and(|day| from.is_none_or(|f| day >= f) && to.is_none_or(|t| day < t));
    if present.iter().all(|found| day_in(&found.piece.name).is_none()) {
        return Err(Problem::new(Code::Usage, "no file of the source has a day in its name")
            .why("--from and --to choose files by the day in their name, such as 2024-03-04.csv")
            .next("leave the source out of the run, or read all of it with --full-refresh"));
    }
    present.retain(|found| found.state != FileState::New || within(found));
    for found in present {
        found.state = match found.state {
            FileState::New => FileState::New,
            _ if within(found) => FileState::Changed,
            _ => FileState::Same,
        };
    }
    Ok(())
}

fn day_of(text: &str) -> Outcome<Date> {
    text.parse().map_err(|_| {
        Problem::new(Code::Usage, format!("\"{text}\" is not a day"))
            .next("write it as 2024-03-04; files are chosen by the day in their name")
    })
}

/// The last day in a file's name: `2024-03-04`, `20240304`, `2024/03/04` or `year=2024/month=03/day=04`.
fn day_in(name: &str) -> Option<Date> {
    let mut numbers: Vec<(usize, &str)> = Vec::new();
    let mut start = None;
    for (at, c) in name.char_indices().chain([(name.len(), ' ')]) {
        match (c.is_ascii_digit(), start) {
            (true, None) => start = Some(at),
            (false, Some(first)) => {
                numbers.push((first, &name[first..at]));
                start = None;
            }
            _ => {}
        }
    }
    let date = |y: &str, m: &str, d: &str| Date::new(y.parse().ok()?, m.parse().ok()?, d.parse().ok()?).ok();
    let whole = numbers.iter().filter(|(_, n)| n.len() == 8).filter_map(|(at, n)| Some((*at, date(&n[..4], &n[4..6], &n[6..])?)));
    let apart = numbers.windows(3).filter_map(|three| match three {
        [(at, y), (_, m), (_, d)] if y.len() == 4 && m.len() <= 2 && d.len() <= 2 => Some((*at, date(y, m, d)?)),
        _ => None,
    });
    whole.chain(apart).max_by_key(|(at, _)| *at).map(|(_, day)| day)
}

/// The connection a source names.
pub(crate) fn connection<'w>(workspace: &'w Workspace, source: &SourceSpec) -> Outcome<Option<&'w ConnectionSpec>> {
    named_connection(workspace, source.connection.as_deref(), &format!("source {}", source.name), &format!("sources/{}.toml", source.name))
}

/// The connection a sink names.
pub(crate) fn sink_connection<'w>(workspace: &'w Workspace, sink: &SinkSpec) -> Outcome<Option<&'w ConnectionSpec>> {
    named_connection(workspace, sink.connection.as_deref(), &format!("sink {}", sink.name), &sink.file())
}

fn named_connection<'w>(workspace: &'w Workspace, name: Option<&str>, who: &str, file: &str) -> Outcome<Option<&'w ConnectionSpec>> {
    let Some(name) = name else { return Ok(None) };
    let all = &workspace.config.connections;
    all.iter().find(|c| c.name == name).map(Some).ok_or_else(|| {
        let what = format!("{who} names the connection \"{name}\", which is not there in {}", workspace.environment);
        let problem = Problem::new(Code::UnknownName, what).in_file(file);
        let hint = did_you_mean(name, all.iter().map(|c| c.name.as_str()));
        if hint.is_empty() { problem.next("add it to trommel.toml") } else { problem.next(hint) }
    })
}

impl Changes {
    /// True when the source has to be read.
    pub fn any(&self, load: Load) -> bool {
        let files = self.present.iter().any(|f| f.state != FileState::Same);
        self.anew.is_some() || files || (load == Load::Full && !self.vanished.is_empty())
    }

    /// What is new, in words.
    pub fn why(&self, load: Load) -> String {
        let of =
            |state: FileState| -> Vec<&str> { self.present.iter().filter(|f| f.state == state).map(|f| f.piece.name.as_str()).collect() };
        if let (Some(range), Load::Incremental) = (&self.range, load) {
            let all: Vec<&str> = self.present.iter().map(|f| f.piece.name.as_str()).collect();
            return format!("reads {} from {} again", all.join(", "), range.shown());
        }
        if let Some(anew) = &self.anew {
            let all: Vec<&str> = self.present.iter().map(|f| f.piece.name.as_str()).collect();
            return format!("{anew}: {}", named(&all, ""));
        }
        if let [Found { piece, .. }] = &self.present[..]
            && piece.format == FileFormat::Server
        {
            let since = self.cursor.as_ref().filter(|_| load == Load::Incremental).map(|c| format!(" since {c}"));
            return format!("reads {}{}", piece.name, since.unwrap_or_default());
        }
        let mut parts = Vec::new();
        for (names, what) in [(of(FileState::New), "new "), (of(FileState::Changed), "changed "), (of(FileState::Corrected), "corrected ")]
        {
            if !names.is_empty() {
                parts.push(named(&names, what));
            }
        }
        if load == Load::Full && !self.vanished.is_empty() {
            let names: Vec<&str> = self.vanished.iter().map(|s| s.file.as_str()).collect();
            parts.push(named(&names, "vanished "));
        }
        match (parts.is_empty(), &self.last_run) {
            (false, _) => parts.join("; "),
            (true, Some(run)) => format!("unchanged since run {run}"),
            (true, None) => "unchanged".to_owned(),
        }
    }
}

/// `2 new files: a.csv, b.csv`, and at most three names.
fn named(names: &[&str], what: &str) -> String {
    let shown: Vec<&str> = names.iter().take(3).copied().collect();
    let more = if names.len() > 3 { format!(" and {} more", names.len() - 3) } else { String::new() };
    let plural = if names.len() == 1 { "" } else { "s" };
    format!("{} {what}file{plural}: {}{more}", names.len(), shown.join(", "))
}

/// True when a file of a source is what a run read, and when none has read it.
pub fn as_it_was_read(lake: &Lake, source: &SourceSpec, piece: &Piece, cancel: &Cancel) -> Outcome<bool> {
    let Some(seen) = lake.seen_files(&source.name)?.into_iter().find(|s| s.file == piece.name) else { return Ok(true) };
    if seen.bytes != piece.bytes {
        return Ok(false);
    }
    let same_time = seen.modified_ms == piece.modified_ms && !is_fresh(&seen);
    Ok(same_time || sha256(piece, cancel)? == corrections::of_bytes(&seen.sha256))
}

/// Where the lines of the files of a source were read that somebody decided about, by the name of each.
pub fn lines_read(workspace: &Workspace, lake: &Lake, source: &SourceSpec) -> Outcome<BTreeMap<String, Moved>> {
    let decided: BTreeSet<&str> = workspace.corrections.get(&source.name).into_iter().flatten().map(|c| c.file.as_str()).collect();
    if decided.is_empty() {
        return Ok(BTreeMap::new());
    }
    let seen = lake.seen_files(&source.name)?.into_iter().filter(|seen| decided.contains(seen.file.as_str()));
    Ok(seen.map(|seen| (seen.file.clone(), corrections::lines_read(workspace, source, &seen.file, &seen.sha256))).collect())
}

/// True when the file may have changed after it was read without its time showing it: file systems tell times
/// coarsely, and a run id tells the start of the run to the second.
fn is_fresh(seen: &SeenFile) -> bool {
    let started = seen.run.get(..15).and_then(|t| jiff::civil::DateTime::strptime("%Y%m%d-%H%M%S", t).ok());
    let started_ms = started.and_then(|t| t.to_zoned(jiff::tz::TimeZone::UTC).ok()).map(|z| z.timestamp().as_millisecond());
    started_ms.is_none_or(|ms| seen.modified_ms >= ms - 2_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_days_in_their_names() {
        for (name, expected) in [
            ("daily/2024-03-04.csv", Some("2024-03-04")),
            ("2023/12/31/orders_20240304.csv", Some("2024-03-04")),
            ("2024/03/04/part-7.parquet", Some("2024-03-04")),
            ("year=2024/month=3/day=4/x.parquet", Some("2024-03-04")),
            ("orders_20241399.csv", None),
            ("orders.csv", None),
            ("v2/12345678.csv", None),
        ] {
            assert_eq!(day_in(name).map(|d| d.to_string()).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn names_are_counted_and_cut() {
        assert_eq!(named(&["a"], "new "), "1 new file: a");
        assert_eq!(named(&["a", "b", "c", "d", "e"], "changed "), "5 changed files: a, b, c and 2 more");
    }

    #[test]
    fn a_file_that_changed_just_before_its_run_is_hashed() {
        let seen = |modified_ms| SeenFile {
            source: "s".into(),
            file: "f".into(),
            bytes: 1,
            modified_ms,
            sha256: String::new(),
            rows: 1,
            held: 0,
            run: "20260131-093000-k3f9".into(),
        };
        let start = "2026-01-31T09:30:00Z".parse::<jiff::Timestamp>().unwrap().as_millisecond();
        assert!(is_fresh(&seen(start)));
        assert!(is_fresh(&seen(start + 60_000)));
        assert!(!is_fresh(&seen(start - 5_000)));
        assert!(is_fresh(&SeenFile { run: "other".into(), ..seen(0) }));
    }
}
