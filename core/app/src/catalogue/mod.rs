//! The command catalogue: one table of everything that can be done, from which the command line,
//! the palette, the key bars, the menus, the manual and the completions are made.

mod alerts;
mod boards;
pub(crate) mod connection;
mod dialect;
mod entry;
mod face;
mod inspect;
pub(crate) mod intake;
mod matches;
mod pipeline;
mod quarantine;
mod reviews;
mod sources;
mod spellings;
mod tables;
mod values;
mod workspaces;

use std::sync::OnceLock;

pub use entry::{Action, Argument, Entry, FaceAction, Input, KeyBinding, Scope, Shape, Undo};
pub use reviews::record;
pub use values::Values;

use crate::Screen;

/// Every entry, in the order of the manual.
pub fn entries() -> &'static [Entry] {
    static ALL: OnceLock<Vec<Entry>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all = Vec::new();
        all.extend_from_slice(workspaces::ENTRIES);
        all.extend_from_slice(sources::ENTRIES);
        all.extend_from_slice(tables::ENTRIES);
        all.extend_from_slice(quarantine::ENTRIES);
        all.extend_from_slice(intake::ENTRIES);
        all.extend_from_slice(matches::ENTRIES);
        all.extend_from_slice(reviews::ENTRIES);
        all.extend_from_slice(pipeline::ENTRIES);
        all.extend_from_slice(inspect::ENTRIES);
        all.extend_from_slice(alerts::ENTRIES);
        all.extend_from_slice(spellings::ENTRIES);
        all.extend_from_slice(boards::ENTRIES);
        all.extend_from_slice(face::ENTRIES);
        all
    })
}

/// The entry with an id.
pub fn entry(id: &str) -> Option<&'static Entry> {
    entries().iter().find(|e| e.id == id)
}

/// The entry a key stands for on a screen; a key of the screen goes before one that holds everywhere.
pub fn by_key(screen: Screen, key: &str) -> Option<&'static Entry> {
    let bound = |scope: Scope| entries().iter().find(|e| e.keys.iter().any(|k| k.key == key && k.scope == scope));
    bound(Scope::On(screen)).or_else(|| bound(Scope::Everywhere))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn ids_and_verbs_are_unique() {
        let mut ids = BTreeSet::new();
        let mut verbs = BTreeMap::new();
        for e in entries() {
            assert!(ids.insert(e.id), "id {} stands twice", e.id);
            if !e.verb.is_empty() {
                assert!(verbs.insert(e.verb, e.id).is_none(), "verb {:?} stands twice", e.verb);
            }
        }
    }

    #[test]
    fn every_entry_can_be_reached_and_says_what_it_does() {
        for e in entries() {
            assert!(e.help.len() > 10, "{} has no help", e.id);
            assert!(e.example.starts_with("trommel"), "{} has no example", e.id);
            assert!(!e.title.is_empty() && !e.title.ends_with('.'), "{}: a title is no sentence", e.id);
            assert!(!e.verb.is_empty() || e.same_as.is_some(), "{} has no verb and names none that does the same", e.id);
            if let Some(verb) = e.same_as {
                assert!(entries().iter().any(|x| x.verb.join(" ") == verb), "{}: there is no verb {verb}", e.id);
            }
        }
    }

    #[test]
    fn no_two_entries_share_a_key_where_both_hold() {
        let mut taken: BTreeMap<(String, &str), &str> = BTreeMap::new();
        for e in entries() {
            for k in e.keys {
                let scope = format!("{:?}", k.scope);
                if let Some(other) = taken.insert((scope, k.key), e.id) {
                    panic!("{} and {} share the key {}", e.id, other, k.key);
                }
            }
        }
        for ((scope, key), id) in &taken {
            if scope != "Everywhere" {
                let everywhere = taken.get(&("Everywhere".to_owned(), *key));
                assert!(everywhere.is_none(), "{id} hides {everywhere:?} behind {key}");
            }
        }
    }

    #[test]
    fn every_screen_has_an_entry_that_shows_it() {
        for screen in Screen::ALL {
            assert!(by_key(Screen::Help, &screen.key()).is_some(), "{screen:?}");
        }
    }

    #[test]
    fn examples_parse_into_commands() {
        for e in entries() {
            let Action::Ask(build) = e.action else { continue };
            let mut values = Values::default();
            // Flags may exclude one another.
            for a in e.arguments.iter().filter(|a| a.shape != Shape::Flag) {
                let text = a.default.or(a.sample).unwrap_or("1");
                values.push(a.name, text);
            }
            assert!(build(&values).is_ok(), "{}: {:?}", e.id, build(&values));
        }
    }
}
