//! Column names that a table can have: none empty, no two alike.

use rustc_hash::FxHashSet;

use crate::position::is_position;

/// Names made unique without regard to case (SQL has none), with a remark for each one that had to change.
///
/// Blanks around a name go; an empty name becomes `col_N`, counted from 0; a second `x` becomes `x_2`.
pub fn unique(names: impl IntoIterator<Item = String>) -> (Vec<String>, Vec<String>) {
    let wanted: Vec<String> = names.into_iter().map(|n| n.trim().replace('\0', "")).collect();
    let mut taken: FxHashSet<String> = FxHashSet::default();
    let mut reserved: FxHashSet<String> = wanted.iter().map(|n| n.to_lowercase()).collect();
    let mut notes = Vec::new();
    let mut out = Vec::with_capacity(wanted.len());
    for (at, name) in wanted.into_iter().enumerate() {
        let base = if name.is_empty() { format!("col_{at}") } else { name.clone() };
        let free = |candidate: &str, reserved: &FxHashSet<String>, taken: &FxHashSet<String>| {
            let lower = candidate.to_lowercase();
            !taken.contains(&lower) && !is_position(&lower) && (candidate == name || !reserved.contains(&lower))
        };
        let mut chosen = base.clone();
        let mut count = 2_usize;
        while !free(&chosen, &reserved, &taken) {
            chosen = format!("{base}_{count}");
            count += 1;
        }
        if chosen != name && !name.is_empty() {
            notes.push(format!("column {} is named \"{chosen}\" because \"{name}\" is taken", at + 1));
        }
        taken.insert(chosen.to_lowercase());
        reserved.insert(chosen.to_lowercase());
        out.push(chosen);
    }
    (out, notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &[&str], expected: &[&str]) {
        assert_eq!(unique(given.iter().map(|s| (*s).to_owned())).0, expected);
    }

    #[test]
    fn names_become_unique() {
        check(&["a", "b"], &["a", "b"]);
        check(&[" a ", "A"], &["a", "A_2"]);
        check(&["a", "a", "a_2", "a"], &["a", "a_3", "a_2", "a_4"]);
        check(&["", "x", ""], &["col_0", "x", "col_2"]);
        check(&["", "col_0"], &["col_0_2", "col_0"]);
        check(&["_line", "_text"], &["_line_2", "_text_2"]);
    }

    #[test]
    fn only_changed_names_are_remarked_on() {
        assert_eq!(unique(["a".to_owned(), "a".to_owned(), String::new()]).1.len(), 1);
    }
}
