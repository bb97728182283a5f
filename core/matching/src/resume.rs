//! All pairs on all threads, piece by piece. What a piece came to is noted, so that a match that was stopped or killed goes on
//! from there.

use std::fmt;

use rayon::prelude::*;
use trommel_model::{Code, MatchSpec, Outcome, Problem};

use crate::given::Given;
use crate::intern::{combine, hash};
use crate::pairs::Candidates;
use crate::score::Tally;
use crate::watch::Watch;

/// Where a match notes what it found. This crate writes no file: whoever has a place for one does.
pub trait Journal: fmt::Debug + Send + Sync {
    /// True when so many pairs are worth noting.
    fn wants(&self, pairs: u64) -> bool;

    /// Begins a match, or goes on with one that had the same key and did not end: hands over its notes, in any order, each whole
    /// and at most once, and stops at the first fault. A match goes on without notes that cannot be kept.
    fn begin(&self, key: u64, note: &mut dyn FnMut(&[u8]) -> Outcome<()>) -> Outcome<()>;

    /// Keeps a note; called from all threads.
    fn note(&self, note: &[u8]) -> Outcome<()>;
}

/// What the pairs of one task came to.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Piece {
    pub compared: u64,
    /// Pairs looked at, compared or made by an earlier rule.
    visited: u64,
    /// Pairs that are good enough to be told, with their score.
    pub found: Vec<(u32, u32, f64)>,
}

/// All pairs of a match, to be compared.
pub(crate) struct Comparing<'a> {
    pub spec: &'a MatchSpec,
    pub candidates: Candidates<'a>,
    pub given: &'a Given,
    /// What was learned, as text.
    pub learned: &'a str,
    pub watch: &'a Watch<'a>,
}

/// Compares every pair once: `compare` adds those of some pairs that are good enough; `each` hears what a piece came to, from
/// any thread in any order.
pub(crate) fn compare_all<S>(
    of: &Comparing<'_>,
    scratch: impl Fn() -> S + Sync + Send,
    compare: impl Fn(&mut S, &[(u32, u32)], &mut Vec<(u32, u32, f64)>) + Sync,
    each: impl Fn(Piece) -> Tally + Sync,
) -> Outcome<Tally> {
    let Comparing { candidates, watch, .. } = of;
    let (tasks, total) = candidates.tasks(watch)?;
    watch.start("comparing pairs", total)?;
    let (mut open, mut noted) = (vec![true; tasks.len()], Tally::none());
    let journal = of.given.journal.as_deref().filter(|journal| journal.wants(total));
    if let Some(journal) = journal {
        journal.begin(of.key(tasks.len(), total)?, &mut |note| {
            watch.check()?;
            if let Some((_, piece)) = Piece::read(note).filter(|(task, _)| open.get_mut(*task).is_some_and(std::mem::take)) {
                watch.advance(piece.visited);
                let before = std::mem::replace(&mut noted, Tally::none());
                let compared = piece.compared;
                noted = before.plus(Tally { noted: compared, ..each(piece) });
            }
            Ok(())
        })?;
    }
    let open: Vec<usize> = (0..tasks.len()).filter(|&task| open[task]).collect();
    let one = |scratch: &mut S, task: usize| -> Outcome<Tally> {
        let mut piece = Piece::default();
        let (compared, found) = (&mut piece.compared, &mut piece.found);
        piece.visited = candidates.visit(&tasks[task], watch, |pairs| {
            *compared += pairs.len() as u64;
            compare(scratch, pairs, found);
        })?;
        if let Some(journal) = journal {
            journal.note(&piece.written(task))?;
        }
        Ok(each(piece))
    };
    let found = open.par_iter().with_max_len(1).map_init(scratch, |scratch, &task| one(scratch, task));
    found.try_reduce(Tally::none, |a, b| Ok(a.plus(b))).map(|found| noted.plus(found))
}

impl Comparing<'_> {
    /// What the same tasks have in common from run to run, and others have not, but for what the rows say.
    fn key(&self, tasks: usize, pairs: u64) -> Outcome<u64> {
        let spec = serde_json::to_string(self.spec).map_err(|e| Problem::new(Code::Internal, "a model is no text").why(e.to_string()))?;
        let fresh = self.given.fresh().into_iter().flatten().fold(0, |all, &fresh| combine(all, u64::from(fresh)));
        let said = [hash(self.learned), tasks as u64, pairs, fresh, self.candidates.mark()];
        Ok(said.into_iter().fold(hash(&spec), combine))
    }
}

/// Bytes of a pair that was found.
const PAIR: usize = 4 + 4 + 8;

impl Piece {
    /// As a note, with the number of its task.
    fn written(&self, task: usize) -> Vec<u8> {
        let mut note = Vec::with_capacity(3 * 8 + self.found.len() * PAIR);
        for number in [task as u64, self.compared, self.visited] {
            note.extend(number.to_le_bytes());
        }
        for (left, right, score) in &self.found {
            note.extend(left.to_le_bytes());
            note.extend(right.to_le_bytes());
            note.extend(score.to_le_bytes());
        }
        note
    }

    /// Reads a note; nothing for bytes that are none.
    fn read(note: &[u8]) -> Option<(usize, Self)> {
        let (head, pairs) = note.split_at_checked(3 * 8)?;
        let number = |bytes: &[u8]| bytes.try_into().ok().map(u64::from_le_bytes);
        let row = |bytes: &[u8]| bytes.try_into().ok().map(u32::from_le_bytes);
        let pair = |bytes: &[u8]| Some((row(&bytes[..4])?, row(&bytes[4..8])?, f64::from_bits(number(&bytes[8..])?)));
        let found = pairs.chunks(PAIR).map(|bytes| if bytes.len() == PAIR { pair(bytes) } else { None }).collect::<Option<_>>()?;
        let piece = Self { compared: number(&head[8..16])?, visited: number(&head[16..])?, found };
        Some((usize::try_from(number(&head[..8])?).ok()?, piece))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_says_what_a_piece_came_to() {
        let piece = Piece { compared: 7, visited: 9, found: vec![(1, u32::MAX, -0.25), (3, 4, f64::INFINITY)] };
        let note = piece.written(12);
        assert_eq!(Piece::read(&note[..24]), Some((12, Piece { compared: 7, visited: 9, found: Vec::new() })));
        for cut in [0, 8, 23, 25, 39, 55] {
            assert_eq!(Piece::read(&note[..cut]), None, "{cut}");
        }
        assert_eq!(Piece::read(&note), Some((12, piece)));
    }
}
