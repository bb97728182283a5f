//! An order of rows as people write it: `updated_at desc`, `price asc nulls first`.

use trommel_engine::sql::ident;
use trommel_model::Outcome;

use super::chain::Chain;

/// The ORDER BY list. Rows that are equal in it come as they do in the table: by file and line where
/// these columns are still there, so that a file read again does not change which row is first.
pub(super) fn parse(chain: &Chain, items: &[String]) -> Outcome<String> {
    let mut keys = Vec::new();
    for item in items {
        let (column, direction, nulls) = take_apart(item);
        chain.column(column)?;
        keys.push(format!("{}{direction} nulls {nulls}", ident(column)));
    }
    for column in ["_file", "_line"] {
        if chain.columns.iter().any(|c| c.name == column && c.origin.as_deref() == Some(column)) {
            keys.push(ident(column));
        }
    }
    keys.push(chain.place().to_owned());
    Ok(keys.join(", "))
}

fn take_apart(item: &str) -> (&str, &'static str, &'static str) {
    let mut rest = item.trim();
    let mut nulls = "last";
    for (words, meaning) in [("nulls first", "first"), ("nulls last", "last")] {
        if let Some(shorter) = without(rest, words) {
            (rest, nulls) = (shorter, meaning);
        }
    }
    let mut direction = "";
    for (word, meaning) in [("desc", " desc"), ("asc", "")] {
        if let Some(shorter) = without(rest, word) {
            (rest, direction) = (shorter, meaning);
            break;
        }
    }
    (rest.trim_matches('"'), direction, nulls)
}

/// The text before these words at its end, when something stands before them.
fn without<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(words.len())?;
    let (head, tail) = (text.get(..at)?, text.get(at..)?);
    (tail.eq_ignore_ascii_case(words) && head.ends_with(char::is_whitespace) && !head.trim().is_empty()).then(|| head.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_told_from_names() {
        for (item, expected) in [
            ("updated_at desc", ("updated_at", " desc", "last")),
            ("price ASC NULLS FIRST", ("price", "", "first")),
            ("desc", ("desc", "", "last")),
            ("\"unit price\" desc nulls last", ("unit price", " desc", "last")),
            ("größe", ("größe", "", "last")),
        ] {
            assert_eq!(take_apart(item), expected, "{item}");
        }
    }
}
