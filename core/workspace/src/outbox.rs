//! Alerts on their way and delivered: `alerts/ID.json` in the state folder, one file each, the newest few hundred.

use std::fs;
use std::path::PathBuf;

use trommel_model::{AlertState, Code, Outcome, Problem, SentAlert};

use crate::disk::{make_private_folder, write_atomically};
use crate::state::State;

/// Alerts that are kept; those that wait are kept whatever their number.
const KEPT: usize = 300;

/// Writes down where an alert stands.
pub fn put_alert(state: &State, alert: &SentAlert) -> Outcome<()> {
    state.make()?;
    let folder = folder(state);
    make_private_folder(&folder).map_err(|e| Problem::from_io(&e, "make the folder of alerts", &folder))?;
    let text =
        serde_json::to_string(alert).map_err(|e| Problem::new(Code::Internal, "the alert cannot be written down").why(e.to_string()))?;
    write_atomically(&folder.join(format!("{}.json", alert.id)), &text)?;
    let done: Vec<SentAlert> = alerts(state)?.into_iter().filter(|a| a.state != AlertState::Waiting).collect();
    for old in done.iter().skip(KEPT) {
        let _ = fs::remove_file(folder.join(format!("{}.json", old.id)));
    }
    Ok(())
}

/// All alerts, newest first. What cannot be read is passed over.
pub fn alerts(state: &State) -> Outcome<Vec<SentAlert>> {
    let folder = folder(state);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Problem::from_io(&e, "read the folder of alerts", &folder)),
    };
    let mut names: Vec<PathBuf> = entries
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "json") && !p.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.')))
        .collect();
    // An id begins with its time.
    names.sort_unstable_by(|a, b| b.cmp(a));
    Ok(names.iter().filter_map(|path| serde_json::from_str(&fs::read_to_string(path).ok()?).ok()).collect())
}

fn folder(state: &State) -> PathBuf {
    state.dir.join("alerts")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_are_kept_newest_first_and_waiting_ones_always() {
        let dir = tempfile::tempdir().unwrap();
        let state = State { dir: dir.path().join(".trommel") };
        assert_eq!(alerts(&state).unwrap(), []);
        let alert = |n: usize, state| SentAlert {
            id: format!("2026-{n:04}"),
            alert: "ops".to_owned(),
            message: trommel_model::AlertMessage::default(),
            state,
            tries: 1,
            tried_at: None,
            problem: None,
        };
        put_alert(&state, &alert(0, AlertState::Waiting)).unwrap();
        for n in 1..=KEPT + 3 {
            put_alert(&state, &alert(n, AlertState::Sent)).unwrap();
        }
        let all = alerts(&state).unwrap();
        assert_eq!(all.len(), KEPT + 1);
        assert_eq!((all[0].id.as_str(), all[KEPT].id.as_str()), ("2026-0303", "2026-0000"));
        put_alert(&state, &alert(0, AlertState::Sent)).unwrap();
        assert_eq!(alerts(&state).unwrap().len(), KEPT);
    }
}
