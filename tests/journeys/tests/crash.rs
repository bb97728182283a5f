//! A run that is killed at any named place, and run again, gives what a run that was never killed gives.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use trommel_journeys::{expect, trommel};

const PLACES: [&str; 10] = [
    "run-begun",
    "ingest-read",
    "lake.file_written",
    "lake.file_kept",
    "lake.commit_begun",
    "lake.before_commit",
    "lake.after_commit",
    "step-before-publish",
    "step-after-publish",
    "run-ending",
];

fn workspace(root: &Path) {
    for folder in ["sources", "models/clean", "models/mart", "in"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    let write = |path: &str, text: &str| fs::write(root.join(path), text).unwrap();
    write("trommel.toml", "name = \"crash\"\n");
    write(
        "sources/orders.toml",
        "path = \"in/*.csv\"\nload = \"new_files\"\n[[columns]]\nname = \"id\"\ntype = \"integer\"\n[[columns]]\nname = \"amount\"\ntype = \"decimal(10,2)\"\n",
    );
    write(
        "models/clean/orders.toml",
        "kind = \"recipe\"\nfrom = \"raw.orders\"\n[[steps]]\ndo = \"deduplicate\"\nkey = [\"id\"]\norder_by = [\"_file\", \"_line\"]\n",
    );
    write("models/mart/total.sql", "select count(*) as n, sum(amount) as amount from ref('clean.orders')\n");
    for day in 1..=3 {
        let rows: String = (0..200).map(|i| format!("{},{}.50\n", day * 100 + i, i)).collect();
        write(&format!("in/{day}.csv"), &format!("id,amount\n{rows}x,1.00\n"));
    }
}

fn tables(root: &Path) -> Vec<String> {
    [
        "select id, amount, _file, _line from raw.orders order by all",
        "select * exclude (run) from quarantine.raw__orders order by all",
        "from mart.total",
    ]
    .iter()
    .map(|sql| expect(root, &["query", sql, "--format", "csv"], 0))
    .collect()
}

#[test]
fn a_killed_run_loses_nothing_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let clean = folder.path().join("clean");
    workspace(&clean);
    expect(&clean, &["run"], 3);
    let expected = tables(&clean);
    assert!(expected[0].lines().count() == 601 && expected[1].lines().count() == 4, "{}", expected[1]);

    let mut killed = 0;
    for place in PLACES {
        for time in 1..=3 {
            let root = folder.path().join(format!("{}-{time}", place.replace('.', "-")));
            workspace(&root);
            let ended = trommel(&root, &["run"]).env("TROMMEL_FAILPOINT", format!("{place}:{time}")).output().unwrap();
            killed += u64::from(ended.status.code().is_none());
            let again = trommel(&root, &["run"]).output().unwrap();
            let code = again.status.code();
            assert!(code == Some(3) || code == Some(0), "{place}:{time} → {code:?}: {}", String::from_utf8_lossy(&again.stderr));
            assert_eq!(tables(&root), expected, "killed at {place}, time {time}");
        }
    }
    println!("{killed} kills, 0 lost, 0 doubled");
    assert!(killed >= 15, "only {killed} of the places were reached");
}

#[test]
fn ctrl_c_at_every_stage_stops_cleanly_and_the_next_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let clean = folder.path().join("clean");
    workspace(&clean);
    expect(&clean, &["run"], 3);
    let expected = tables(&clean);

    let mut stopped = 0;
    for place in PLACES {
        for time in 1..=2 {
            let root = folder.path().join(format!("{}-{time}", place.replace('.', "-")));
            workspace(&root);
            let ended = trommel(&root, &["run"]).env("TROMMEL_FAILPOINT", format!("{place}:interrupt:{time}")).output().unwrap();
            let (code, err) = (ended.status.code(), String::from_utf8_lossy(&ended.stderr).into_owned());
            let status = expect(&root, &["runs", "list", "--format", "csv"], 0);
            let status = status.lines().nth(1).unwrap_or_default();
            match code {
                Some(130) => {
                    assert!(err.contains("remain") && status.contains("cancelled"), "{place}:{time}: {status}\n{err}");
                    stopped += 1;
                }
                // The place was not reached so often, or the last step had published before the signal was heard.
                Some(3) => assert!(status.contains("held"), "{place}:{time}: {status}\n{err}"),
                other => panic!("{place}:{time} → {other:?}: {err}"),
            }
            let again = trommel(&root, &["run"]).output().unwrap();
            let code = again.status.code();
            assert!(code == Some(3) || code == Some(0), "{place}:{time} → {code:?}: {}", String::from_utf8_lossy(&again.stderr));
            assert_eq!(tables(&root), expected, "interrupted at {place}, time {time}");
        }
    }
    println!("{stopped} runs were interrupted, 0 lost, 0 doubled");
    assert!(stopped >= 5, "only {stopped} runs heard the signal");
}

#[test]
fn a_second_run_is_locked_out_and_readers_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    workspace(root);
    expect(root, &["run"], 3);
    let lock = fs::OpenOptions::new().read(true).write(true).open(root.join(".trommel/run.lock")).unwrap();
    lock.lock().unwrap();
    let out = trommel(root, &["run"]).output().unwrap();
    assert_eq!(out.status.code(), Some(6));
    assert!(String::from_utf8_lossy(&out.stderr).contains("locked"), "{}", String::from_utf8_lossy(&out.stderr));
    expect(root, &["query", "from mart.total", "--format", "csv"], 0);
    expect(root, &["export", "mart.total", "t.csv"], 0);
    expect(root, &["recipe", "preview", "clean.orders"], 0);
    expect(root, &["runs", "list"], 0);
    lock.unlock().unwrap();
    expect(root, &["run"], 0);
}

/// 6,000 people of one town: 18 million pairs.
fn town(root: &Path) {
    for folder in ["sources", "models/mart", "in"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    let write = |path: &str, text: &str| fs::write(root.join(path), text).unwrap();
    write("trommel.toml", "name = \"town\"\n");
    write("sources/people.toml", "path = \"in/people.csv\"\n");
    write(
        "models/mart/people.toml",
        "kind = \"match\"\nfrom = \"raw.people\"\nid = \"id\"\nscore = \"fellegi_sunter\"\nmax_block = 10000\n\
         [[blocking]]\nkeys = [{ column = \"town\" }]\n\
         [[comparisons]]\ncolumn = \"name\"\nmethod = \"jaro_winkler\"\nlevels = [0.9, 0.8]\n\
         [[comparisons]]\ncolumn = \"phone\"\nmethod = \"levenshtein\"\nlevels = [0.8]\n",
    );
    let people: String = (0..6_000).map(|i| format!("{i},name {} of {},Ulm,0731-{:06}\n", i % 2_000, i % 7, i % 2_000 * 499)).collect();
    write("in/people.csv", &format!("id,name,town,phone\n{people}"));
}

#[test]
fn a_match_that_is_killed_goes_on_from_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let crosswalk =
        |root: &Path| expect(root, &["query", "from mart.people_crosswalk order by all", "--format", "csv", "--limit", "9999"], 0);
    let note =
        |root: &Path| expect(root, &["runs", "show", "last", "--format", "json"], 0).contains("went on from where a run was stopped");
    let clean = folder.path().join("clean");
    town(&clean);
    expect(&clean, &["run"], 0);
    assert!(!note(&clean));
    let expected = crosswalk(&clean);
    assert_eq!(expected.lines().count(), 6_001);
    for (how, code) in [("match-noted:90", None), ("match-noted:40:interrupt", Some(130))] {
        let root = folder.path().join(how.replace(':', "-"));
        town(&root);
        let ended = trommel(&root, &["run"]).env("TROMMEL_FAILPOINT", how).output().unwrap();
        assert_eq!(ended.status.code(), code, "{how}: {}", String::from_utf8_lossy(&ended.stderr));
        let notes = root.join(".trommel/match/mart.people");
        assert!(fs::metadata(&notes).unwrap().len() > 32, "{how}");
        expect(&root, &["run"], 0);
        assert!(note(&root), "{how}");
        assert_eq!(crosswalk(&root), expected, "{how}");
        assert!(!notes.exists(), "what came to its end leaves no notes");
    }
}
