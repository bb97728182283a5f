//! Values that differ from a more frequent one only by case or white space.

use rustc_hash::FxHashMap;

/// Variants told of a column.
const TOLD: usize = 10;

/// The rarer ways of writing values, with their rows, largest first. A value may be given twice; the larger count holds.
pub(super) fn of<'a>(values: impl Iterator<Item = (&'a str, u64)>) -> Vec<(String, u64)> {
    let mut by_text = FxHashMap::<&str, u64>::default();
    for (text, rows) in values {
        let known = by_text.entry(text).or_default();
        *known = rows.max(*known);
    }
    let mut groups = FxHashMap::<String, Vec<(&str, u64)>>::default();
    for (text, rows) in by_text {
        groups.entry(folded(text)).or_default().push((text, rows));
    }
    let mut found = Vec::new();
    for mut group in groups.into_values().filter(|g| g.len() > 1) {
        group.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        found.extend(group[1..].iter().map(|(text, rows)| (super::report::cut(text), *rows)));
    }
    found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found.truncate(TOLD);
    found
}

/// The text in small letters with single spaces.
fn folded(text: &str) -> String {
    text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rarer_ways_of_writing_are_told() {
        let values = [("Bend", 5), ("bend ", 2), ("BEND", 1), ("Gary", 9)];
        assert_eq!(of(values.into_iter()), [("bend ".to_owned(), 2), ("BEND".to_owned(), 1)]);
    }
}
