//! What people decided, held against itself: what can be applied, what contradicts, what is about nothing.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rustc_hash::FxHashMap;
use trommel_model::{DecisionReport, MatchDecision, RecordKey, Verdict};

/// Decisions as pairs of rows, without contradictions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// Rows that are one entity.
    pub together: Vec<(u32, u32)>,
    /// Rows that are not.
    pub apart: Vec<(u32, u32)>,
}

/// Sorts decisions out; `row_of` knows the row of a record. The order in which they come does not matter.
///
/// A pair kept apart whose two records are also kept together, directly or through others, is a contradiction: it and
/// the shortest chain are set aside and reported, and the rest is held against itself again.
pub fn settle(decisions: &[MatchDecision], row_of: impl Fn(&RecordKey) -> Option<u32>) -> (Settled, DecisionReport) {
    let mut report = DecisionReport::default();
    let mut standing: BTreeMap<(Verdict, u32, u32), &MatchDecision> = BTreeMap::new();
    for decision in decisions {
        match (row_of(&decision.left), row_of(&decision.right)) {
            (Some(l), Some(r)) if l != r || decision.verdict == Verdict::Apart => {
                let slot = standing.entry((decision.verdict, l.min(r), l.max(r))).or_insert(decision);
                // The same said twice: which of the two stands must not depend on their order.
                if (&decision.who, &decision.why, &decision.left) < (&slot.who, &slot.why, &slot.left) {
                    *slot = decision;
                }
            }
            (Some(_), Some(_)) => report.applied += 1,
            _ => report.vanished.push(decision.clone()),
        }
    }
    loop {
        let links = Links::new(&pairs(&standing, Verdict::Together));
        let chain = pairs(&standing, Verdict::Apart).into_iter().find_map(|(a, b)| links.chain(a, b).map(|chain| (a, b, chain)));
        let Some((a, b, chain)) = chain else { break };
        let mut contradiction: Vec<MatchDecision> = standing.remove(&(Verdict::Apart, a, b)).into_iter().cloned().collect();
        for (l, r) in chain {
            contradiction.extend(standing.remove(&(Verdict::Together, l.min(r), l.max(r))).cloned());
        }
        report.contradictions.push(contradiction);
    }
    report.applied += standing.len() as u64;
    (Settled { together: pairs(&standing, Verdict::Together), apart: pairs(&standing, Verdict::Apart) }, report)
}

fn pairs(standing: &BTreeMap<(Verdict, u32, u32), &MatchDecision>, verdict: Verdict) -> Vec<(u32, u32)> {
    standing.keys().filter(|key| key.0 == verdict).map(|&(_, l, r)| (l, r)).collect()
}

/// Rows that are kept together.
struct Links {
    next: FxHashMap<u32, BTreeSet<u32>>,
    /// For each of them the first row it hangs together with.
    group: FxHashMap<u32, u32>,
}

impl Links {
    fn new(together: &[(u32, u32)]) -> Self {
        let mut next: FxHashMap<u32, BTreeSet<u32>> = FxHashMap::default();
        for &(l, r) in together {
            next.entry(l).or_default().insert(r);
            next.entry(r).or_default().insert(l);
        }
        let mut group: FxHashMap<u32, u32> = FxHashMap::default();
        for &first in next.keys() {
            let mut waiting = vec![first];
            while let Some(row) = waiting.pop() {
                if let Entry::Vacant(slot) = group.entry(row) {
                    slot.insert(first);
                    waiting.extend(&next[&row]);
                }
            }
        }
        Self { next, group }
    }

    /// The shortest way from one row to another over pairs; of equally short ones that over the smallest rows. No way for
    /// rows that do not hang together; an empty one from a row to itself.
    fn chain(&self, from: u32, to: u32) -> Option<Vec<(u32, u32)>> {
        if from != to && (!self.group.contains_key(&from) || self.group.get(&from) != self.group.get(&to)) {
            return None;
        }
        let mut came_from: FxHashMap<u32, u32> = FxHashMap::default();
        let mut waiting = VecDeque::from([from]);
        while let Some(row) = waiting.pop_front() {
            if row == to {
                let mut way = Vec::new();
                let mut at = to;
                while at != from {
                    let before = came_from[&at];
                    way.push((before, at));
                    at = before;
                }
                way.reverse();
                return Some(way);
            }
            for &neighbour in self.next.get(&row).into_iter().flatten() {
                if neighbour != from && !came_from.contains_key(&neighbour) {
                    came_from.insert(neighbour, row);
                    waiting.push_back(neighbour);
                }
            }
        }
        None
    }
}

/// Takes records out of an entity: decisions that keep each of them apart from each that stays.
pub fn unmerge(members: &[RecordKey], out: &[RecordKey], who: &str, why: &str) -> Vec<MatchDecision> {
    let leaves = |record: &RecordKey| out.contains(record);
    let stay: Vec<&RecordKey> = members.iter().filter(|m| !leaves(m)).collect();
    let apart = |left: &RecordKey, right: &RecordKey| MatchDecision {
        left: left.clone(),
        right: right.clone(),
        verdict: Verdict::Apart,
        who: who.to_owned(),
        why: why.to_owned(),
    };
    members.iter().filter(|m| leaves(m)).flat_map(|gone| stay.iter().map(move |stays| apart(gone, stays))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(id: u32) -> RecordKey {
        RecordKey { source: String::new(), id: id.to_string() }
    }

    fn decision((l, r, verdict): (u32, u32, Verdict)) -> MatchDecision {
        MatchDecision { left: key(l), right: key(r), verdict, who: "ada".into(), why: String::new() }
    }

    fn settled(list: &[(u32, u32, Verdict)]) -> (Settled, DecisionReport) {
        let decisions: Vec<MatchDecision> = list.iter().copied().map(decision).collect();
        settle(&decisions, |key| key.id.parse().ok().filter(|id| *id < 100))
    }

    use Verdict::{Apart, Together};

    #[test]
    fn contradictions_are_told_with_their_chain_and_not_applied() {
        let (found, report) =
            settled(&[(1, 2, Together), (2, 3, Together), (3, 1, Apart), (4, 5, Together), (4, 6, Apart), (7, 200, Apart)]);
        assert_eq!(found, Settled { together: vec![(4, 5)], apart: vec![(4, 6)] });
        assert_eq!(report.applied, 2);
        assert_eq!(report.contradictions, [[(3, 1, Apart), (1, 2, Together), (2, 3, Together)].map(decision)]);
        assert_eq!(report.vanished, [decision((7, 200, Apart))]);
    }

    #[test]
    fn a_record_apart_from_itself_is_a_contradiction() {
        let (found, report) = settled(&[(1, 1, Apart), (2, 2, Together)]);
        assert_eq!((found, report.contradictions.len(), report.applied), (Settled::default(), 1, 1));
    }

    #[test]
    fn taking_a_record_out_keeps_it_apart_from_all_others() {
        let apart = unmerge(&[key(1), key(2), key(3)], &[key(2)], "ada", "two sisters");
        let pairs: Vec<_> = apart.iter().map(|d| (d.left.id.as_str(), d.right.id.as_str(), d.verdict)).collect();
        assert_eq!(pairs, [("2", "1", Apart), ("2", "3", Apart)]);
    }

    proptest! {
        #[test]
        fn what_is_settled_does_not_contradict_and_keeps_no_order(
            list in prop::collection::vec((0_u32..12, 0_u32..12, prop::bool::ANY), 0..25),
        ) {
            let list: Vec<_> = list.into_iter().map(|(l, r, same)| (l, r, if same { Together } else { Apart })).collect();
            let (found, report) = settled(&list);
            let forest = crate::cluster::Forest::new(12);
            found.together.iter().for_each(|&(a, b)| forest.join(a, b));
            prop_assert!(found.apart.iter().all(|&(a, b)| forest.root(a) != forest.root(b)));
            let mut turned = list.clone();
            turned.reverse();
            let (other, again) = settled(&turned);
            prop_assert_eq!(found, other);
            prop_assert_eq!(report.applied, again.applied);
        }
    }
}
