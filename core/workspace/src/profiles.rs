//! Profiles of tables as runs left them: `profiles/LAYER.TABLE/RUN.json` in the state folder, the newest few of each table.

use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use trommel_model::{Code, KeptProfile, Outcome, Problem, TableName, nearest};

use crate::disk::{make_private_folder, write_atomically};
use crate::state::State;

/// Keeps the profile of a table, and of the earlier ones as many as there may be in all.
pub fn keep_profile(state: &State, table: &TableName, profile: &KeptProfile, most: usize) -> Outcome<()> {
    state.make()?;
    let folder = folder(state, table);
    make_private_folder(&folder).map_err(|e| Problem::from_io(&e, "make the folder of profiles", &folder))?;
    let text = serde_json::to_string(profile)
        .map_err(|e| Problem::new(Code::Internal, "the profile cannot be written down").why(e.to_string()))?;
    write_atomically(&folder.join(format!("{}.json", profile.run)), &text)?;
    for old in kept_runs(state, table)?.into_iter().skip(most.max(1)) {
        let path = folder.join(format!("{old}.json"));
        fs::remove_file(&path).map_err(|e| Problem::from_io(&e, "remove the profile", &path))?;
    }
    Ok(())
}

/// The runs whose profile of a table is kept, newest first.
pub fn kept_runs(state: &State, table: &TableName) -> Outcome<Vec<String>> {
    let folder = folder(state, table);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Problem::from_io(&e, "read the folder of profiles", &folder)),
    };
    let known = |entry: fs::DirEntry| {
        let name = entry.file_name().to_str()?.strip_suffix(".json").filter(|n| !n.starts_with('.'))?.to_owned();
        Some((name, entry.metadata().and_then(|m| m.modified()).ok()))
    };
    let mut runs: Vec<(String, Option<SystemTime>)> = entries.flatten().filter_map(known).collect();
    // Ids of runs begin with their time, to the second; of two in one second the file tells which came later.
    let second = |id: &str| id.rsplit_once('-').map_or(id, |(time, _)| time).to_owned();
    runs.sort_by(|a, b| second(&b.0).cmp(&second(&a.0)).then(b.1.cmp(&a.1)).then(b.0.cmp(&a.0)));
    Ok(runs.into_iter().map(|r| r.0).collect())
}

/// A kept profile: by the id of its run or the beginning of it, or `last`, `previous` (the one before the last), `first`.
pub fn kept_profile(state: &State, table: &TableName, which: &str) -> Outcome<KeptProfile> {
    let runs = kept_runs(state, table)?;
    let run = choose(&runs, table, which)?;
    let path = folder(state, table).join(format!("{run}.json"));
    let text = fs::read_to_string(&path).map_err(|e| Problem::from_io(&e, "read the profile", &path))?;
    serde_json::from_str(&text).map_err(|e| {
        Problem::new(Code::FileUnreadable, "a kept profile cannot be read").in_file(&path).why(e.to_string()).next("remove the file")
    })
}

fn choose<'r>(runs: &'r [String], table: &TableName, which: &str) -> Outcome<&'r str> {
    let unknown = |what: String| Problem::new(Code::UnknownName, what);
    let [newest, earlier @ ..] = runs else {
        return Err(
            unknown(format!("no profile of {table} is kept")).next(format!("trommel run {table} keeps one whenever it makes the table"))
        );
    };
    let found: Vec<&String> = match which {
        "last" => vec![newest],
        "first" => runs.last().into_iter().collect(),
        "previous" => match earlier.first() {
            Some(previous) => vec![previous],
            None => {
                return Err(unknown(format!("only one profile of {table} is kept, of run {newest}"))
                    .next("compare it with what the table holds now (now), with another table or a file, or run again"));
            }
        },
        id => runs.iter().filter(|run| !id.is_empty() && run.starts_with(id)).collect(),
    };
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(unknown(format!("no profile of {table} is kept of run \"{which}\"")).next(
            match nearest(which, runs.iter().map(String::as_str).chain(["last", "previous", "first", "now"])) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("there are: {}", runs.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ")),
            },
        )),
        several => Err(unknown(format!("\"{which}\" is the beginning of {} runs", several.len()))
            .next(format!("say more of the id: {}", several.iter().take(5).map(|r| r.as_str()).collect::<Vec<_>>().join(", ")))),
    }
}

fn folder(state: &State, table: &TableName) -> PathBuf {
    // The parts of a name are words, so this names one folder.
    state.dir.join("profiles").join(table.to_string())
}

#[cfg(test)]
mod tests {
    use trommel_model::{Profile, ProfileLevel};

    use super::*;

    fn profile(run: &str) -> KeptProfile {
        let profile =
            Profile { subject: "a.b".into(), rows: 3, level: ProfileLevel::Full, columns: vec![], relations: None, notes: vec![] };
        KeptProfile { run: run.to_owned(), at: "2026-01-01T00:00:00Z".to_owned(), rows: 3, profile }
    }

    #[test]
    fn the_newest_few_are_kept_and_found_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let (state, table) = (State { dir: dir.path().join(".trommel") }, TableName::new("a", "b"));
        assert!(kept_profile(&state, &table, "last").unwrap_err().next.unwrap().contains("trommel run a.b"));
        keep_profile(&state, &table, &profile("20260101-000000-aaaa"), 3).unwrap();
        assert_eq!(kept_profile(&state, &table, "previous").unwrap_err().code, Code::UnknownName);
        for day in 2..=5 {
            keep_profile(&state, &table, &profile(&format!("2026010{day}-000000-aaaa")), 3).unwrap();
        }
        assert_eq!(kept_runs(&state, &table).unwrap().len(), 3);
        for (which, run) in [
            ("last", "20260105-000000-aaaa"),
            ("previous", "20260104-000000-aaaa"),
            ("first", "20260103-000000-aaaa"),
            ("20260104", "20260104-000000-aaaa"),
        ] {
            assert_eq!(kept_profile(&state, &table, which).unwrap(), profile(run), "{which}");
        }
        for (which, next) in [("2026", "say more"), ("frist", "first"), ("20260105-000000-aaab", "did you mean"), ("", "there are")] {
            let problem = kept_profile(&state, &table, which).unwrap_err();
            assert!(problem.next.as_ref().is_some_and(|n| n.contains(next)), "{which}: {problem:?}");
        }
    }
}
