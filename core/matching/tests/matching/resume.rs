//! A match that was stopped goes on, and comes out as one that never was.

use std::sync::{Arc, Mutex};

use arrow::array::RecordBatch;
use trommel_matching::{Journal, MatchOutput, Standing, StandingReport, run_standing};
use trommel_model::{Cancel, Code, MatchSpec, Measure, Outcome, Problem, ProgressSlot, Scoring};

use crate::support::{compare, lines, model, rule, table};

/// Notes in memory, until so many were written.
#[derive(Debug, Default)]
struct Memory {
    key: Mutex<Option<u64>>,
    notes: Mutex<Vec<Vec<u8>>>,
    room: usize,
}

impl Journal for Memory {
    fn wants(&self, pairs: u64) -> bool {
        pairs > 0
    }

    fn begin(&self, key: u64, note: &mut dyn FnMut(&[u8]) -> Outcome<()>) -> Outcome<()> {
        if self.key.lock().unwrap().replace(key) == Some(key) {
            return self.notes.lock().unwrap().iter().try_for_each(|found| note(found));
        }
        self.notes.lock().unwrap().clear();
        Ok(())
    }

    fn note(&self, note: &[u8]) -> Outcome<()> {
        let mut notes = self.notes.lock().unwrap();
        if notes.len() == self.room {
            return Err(Problem::new(Code::Interrupted, "stopped"));
        }
        notes.push(note.to_vec());
        Ok(())
    }
}

impl Memory {
    /// The same notes with room for more.
    fn with_room(&self, room: usize) -> Self {
        Self { key: Mutex::new(*self.key.lock().unwrap()), notes: Mutex::new(self.notes.lock().unwrap().clone()), room }
    }
}

/// 3,000 people in three blocks: some 1.5 million pairs, a score of tasks.
fn people() -> RecordBatch {
    let people: Vec<String> = (0..3_000).map(|i| format!("{i}|name {}|{}|{}", i % 1_100, i % 3, i * 7 % 1_000)).collect();
    table(&format!("id|name|city|phone\n{}", people.join("\n")))
}

fn spec(score: Scoring) -> MatchSpec {
    let mut spec = MatchSpec { score, ..model(0.9) };
    spec.blocking = vec![rule(&["city"]), rule(&["phone"])];
    spec.comparisons = vec![compare("name", Measure::JaroWinkler, 2.0), compare("phone", Measure::Levenshtein, 1.0)];
    if score != Scoring::WeightedMean {
        spec.comparisons.iter_mut().for_each(|c| c.levels = vec![0.9, 0.8]);
    }
    spec
}

fn resolved(spec: &MatchSpec, journal: Option<Arc<Memory>>, review: usize) -> Outcome<(MatchOutput, StandingReport)> {
    let journal = journal.map(|journal| journal as Arc<dyn Journal>);
    let standing = Standing { review, journal, ..Standing::default() };
    run_standing(spec, &[people()], &standing, 2, &Cancel::new(), &ProgressSlot::new())
}

#[test]
fn a_stopped_match_goes_on_and_comes_out_the_same() {
    for (score, review) in
        [(Scoring::WeightedMean, 0), (Scoring::WeightedMean, 20), (Scoring::FellegiSunter, 0), (Scoring::FellegiSunter, 20)]
    {
        let spec = spec(score);
        let (expected, whole) = resolved(&spec, None, review).unwrap();
        let journal = Arc::new(Memory { room: 5, ..Memory::default() });
        assert_eq!(resolved(&spec, Some(journal.clone()), review).unwrap_err().code, Code::Interrupted);
        assert_eq!(journal.notes.lock().unwrap().len(), 5);
        let journal = Arc::new(journal.with_room(usize::MAX));
        let (found, told) = resolved(&spec, Some(journal.clone()), review).unwrap();
        let all = found.report.pairs_compared;
        assert!(told.noted_pairs > 0 && told.noted_pairs < all, "{} of {all}", told.noted_pairs);
        assert_eq!(found.report, expected.report);
        for (found, expected) in
            [(&found.golden, &expected.golden), (&found.crosswalk, &expected.crosswalk), (&found.review, &expected.review)]
        {
            assert!(found.is_empty() && expected.is_empty() || lines(found) == lines(expected));
        }
        assert_eq!(StandingReport { noted_pairs: 0, ..told }, whole);

        // Every piece is noted now: nothing is compared again.
        let (again, told) = resolved(&spec, Some(journal.clone()), review).unwrap();
        assert_eq!((again.report, told.noted_pairs), (expected.report, all));

        // What is compared otherwise is another match.
        let mut other = spec.clone();
        other.comparisons.truncate(1);
        let (_, told) = resolved(&other, Some(journal), review).unwrap();
        assert_eq!(told.noted_pairs, 0);
    }
}
