//! Entity ids that stay from run to run, and what became of entities whose ids could not.

use std::collections::{BTreeMap, BTreeSet};

use trommel_model::{EntityEvent, RecordKey};

/// Names of entities carried over from a run before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Carried {
    /// The name of each entity of now.
    pub names: Vec<String>,
    /// What happened, in order.
    pub events: Vec<EntityEvent>,
}

/// Gives each entity the name that most of its records had; of two entities that claim one name, that with more of
/// its records gets it, then that whose first record is smaller. Entities without a name of before keep `fresh`, their
/// own.
///
/// `before` says the name of each record in the run before, `now` the records of each entity. The order of neither
/// matters.
pub fn carry_over(before: &BTreeMap<RecordKey, String>, now: &[Vec<RecordKey>], fresh: &[String]) -> Carried {
    let known: BTreeSet<&str> = before.values().map(String::as_str).collect();
    carry_over_known(|record| before.get(record).map(String::as_str), &known, |name| known.contains(name), now, fresh)
}

/// The same with what was before told: the name of a record, the entities that may have become others, and whether a name
/// was somebody's.
pub(crate) fn carry_over_known<'b>(
    before: impl Fn(&RecordKey) -> Option<&'b str>,
    known: &BTreeSet<&str>,
    taken_before: impl Fn(&str) -> bool,
    now: &[Vec<RecordKey>],
    fresh: &[String],
) -> Carried {
    let mut claims: Vec<(usize, &RecordKey, usize, &str)> = Vec::new();
    let mut came_from: Vec<BTreeMap<&str, usize>> = Vec::with_capacity(now.len());
    for (entity, records) in now.iter().enumerate() {
        let mut names: BTreeMap<&str, usize> = BTreeMap::new();
        for name in records.iter().filter_map(&before) {
            *names.entry(name).or_default() += 1;
        }
        if let Some(first) = records.iter().min() {
            claims.extend(names.iter().map(|(name, count)| (*count, first, entity, *name)));
        }
        came_from.push(names);
    }
    claims.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)).then_with(|| a.3.cmp(b.3)));
    let mut inherited: Vec<Option<&str>> = vec![None; now.len()];
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    for (_, _, entity, name) in claims {
        if inherited[entity].is_none() && taken.insert(name) {
            inherited[entity] = Some(name);
        }
    }
    let mut made: BTreeSet<String> = BTreeSet::new();
    let mut name = |at: usize| match inherited[at] {
        Some(name) => name.to_owned(),
        // A name that somebody else had before is nobody's now.
        None if taken_before(&fresh[at]) => {
            let free = |name: &String| !taken_before(name) && made.insert(name.clone());
            (now[at].len()..=usize::MAX).map(|n| format!("{}-{n}", fresh[at])).find(free).unwrap_or_default()
        }
        None => fresh[at].clone(),
    };
    let names: Vec<String> = (0..now.len()).map(&mut name).collect();
    let events = events(known, &names, &came_from);
    Carried { names, events }
}

fn events(known: &BTreeSet<&str>, names: &[String], came_from: &[BTreeMap<&str, usize>]) -> Vec<EntityEvent> {
    let mut events = Vec::new();
    let mut heirs: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for (name, from) in names.iter().zip(came_from) {
        for old in from.keys() {
            heirs.entry(old).or_default().push(name);
        }
        if from.is_empty() {
            events.push(EntityEvent::Appeared(name.clone()));
        }
        let others: Vec<String> = from.keys().filter(|old| **old != name.as_str()).map(|old| (*old).to_owned()).collect();
        if from.len() > 1 {
            events.push(EntityEvent::Merged { into: name.clone(), from: others });
        }
    }
    for (old, mut heirs) in heirs.iter().map(|(old, heirs)| (*old, heirs.clone())) {
        if heirs.len() > 1 {
            heirs.sort_by_key(|name| (name.as_str() != old, name.as_str()));
            events.push(EntityEvent::Split { from: old.to_owned(), into: heirs.into_iter().cloned().collect() });
        }
    }
    events.extend(known.iter().filter(|old| !heirs.contains_key(**old)).map(|old| EntityEvent::Vanished((*old).to_owned())));
    events.sort();
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: char) -> RecordKey {
        RecordKey { source: "crm".into(), id: id.to_string() }
    }

    /// Entities as words of one-letter records: `("E1", "abc")` before, `"ab"` now.
    fn carried(before: &[(&str, &str)], now: &[&str]) -> Carried {
        let before = before.iter().flat_map(|(name, ids)| ids.chars().map(|id| (key(id), (*name).to_owned()))).collect();
        let fresh: Vec<String> = now.iter().map(|ids| format!("new-{ids}")).collect();
        let now: Vec<Vec<RecordKey>> = now.iter().map(|ids| ids.chars().map(key).collect()).collect();
        carry_over(&before, &now, &fresh)
    }

    #[test]
    fn names_stay_while_their_records_stay() {
        let found = carried(&[("E1", "abc"), ("E2", "de")], &["de", "abcx", "y"]);
        assert_eq!(found.names, ["E2", "E1", "new-y"]);
        assert_eq!(found.events, [EntityEvent::Appeared("new-y".into())]);
    }

    #[test]
    fn merges_splits_and_ends_are_told() {
        let found = carried(&[("E1", "abc"), ("E2", "d"), ("E3", "efg"), ("E4", "z")], &["abcd", "ef", "g"]);
        assert_eq!(found.names, ["E1", "E3", "new-g"]);
        let split = EntityEvent::Split { from: "E3".into(), into: vec!["E3".into(), "new-g".into()] };
        let merged = EntityEvent::Merged { into: "E1".into(), from: vec!["E2".into()] };
        assert_eq!(found.events, [merged, split, EntityEvent::Vanished("E4".into())]);
    }

    #[test]
    fn a_name_is_never_made_twice() {
        // Two new entities whose own names, and those made from them, are somebody's already.
        let before: BTreeMap<RecordKey, String> = [(key('a'), "X".to_owned()), (key('b'), "X-1".to_owned())].into();
        let now = [vec![key('a')], vec![key('b')], vec![key('c')], vec![key('d')]];
        let fresh = ["A", "B", "X", "X"].map(str::to_owned);
        let found = carry_over(&before, &now, &fresh);
        assert_eq!(found.names, ["X", "X-1", "X-2", "X-3"]);
    }

    #[test]
    fn the_order_of_entities_does_not_matter() {
        let before = [("E1", "ab"), ("E2", "cd"), ("E3", "ef")];
        let one = carried(&before, &["ac", "bd", "ef"]);
        let other = carried(&before, &["ef", "bd", "ac"]);
        assert_eq!((&one.names[0], &one.names[1], &one.names[2]), (&other.names[2], &other.names[1], &other.names[0]));
        assert_eq!(one.events, other.events);
    }
}
