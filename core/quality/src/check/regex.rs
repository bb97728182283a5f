//! `regex`: the value, as text, matches the whole pattern (RE2); null passes.

use std::ops::Range;

use trommel_engine::sql::{ident, literal};
use trommel_model::Outcome;

use super::Broken;
use super::subject::{Subject, value_is};

pub(super) fn broken(subject: &Subject<'_>, column: &str, pattern: &str) -> Outcome<Broken> {
    subject.column(column)?;
    Ok(Broken::Row {
        // Null in, null out: not broken.
        condition: format!("NOT regexp_full_match(CAST({} AS VARCHAR), {})", ident(column), literal(pattern)),
        reason: value_is(column, &format!("which does not match {pattern}")),
    })
}

/// Where a pattern is at fault, and what is wrong there. The engine only says that it is; this reads it with a parser that tells
/// the place. `None` where that one finds nothing wrong: the two know slightly different patterns.
pub fn pattern_fault(pattern: &str) -> Option<(Range<usize>, String)> {
    let ::regex::Error::Syntax(told) = ::regex::Regex::new(pattern).err()? else { return None };
    let what = told.lines().rev().find_map(|line| line.strip_prefix("error: ")).unwrap_or("it cannot be read").to_owned();
    // Under a pattern of one line stands a line of carets; both are indented. One of several lines is told line by line.
    let carets =
        told.lines().filter(|_| !pattern.contains('\n')).find(|line| !line.trim().is_empty() && line.trim().bytes().all(|b| b == b'^'));
    let Some((start, width)) = carets.and_then(|line| Some((line.find('^')?.checked_sub(INDENT)?, line.trim().len()))) else {
        return Some((0..pattern.len(), what));
    };
    let byte = |chars: usize| pattern.char_indices().nth(chars).map_or(pattern.len(), |(at, _)| at);
    Some((byte(start)..byte(start + width), what))
}

/// Spaces before the pattern and the carets under it.
const INDENT: usize = 4;

#[cfg(test)]
mod tests {
    use super::pattern_fault;

    #[test]
    fn the_place_of_a_fault() {
        for (pattern, expected) in [
            ("a(", Some((1..2, "unclosed group"))),
            ("[0-9", Some((0..1, "unclosed character class"))),
            ("ü{2}*[z-a]", Some((7..10, "invalid character class range, the start must be <= the end"))),
            ("x\n  (\ny", Some((0..7, "unclosed group"))),
            ("x\n(\ny", Some((0..5, "unclosed group"))),
            ("[a-z]+", None),
        ] {
            let found = pattern_fault(pattern);
            assert_eq!(found.as_ref().map(|(span, what)| (span.clone(), what.as_str())), expected, "{pattern}");
        }
    }
}
