//! `trim`, `collapse`, `case`, `replace`: what a text looks like.

use trommel_engine::sql::{ident, literal};
use trommel_model::{LetterCase, Outcome};

use super::chain::Chain;

/// Removes white space at both ends, no-break spaces included.
pub(super) fn trim(chain: &mut Chain, columns: &[String]) -> Outcome<()> {
    each(chain, columns, trimmed)
}

/// Makes one space of each run of white space, and trims.
pub(super) fn collapse(chain: &mut Chain, columns: &[String]) -> Outcome<()> {
    each(chain, columns, |column| format!(r"trim(regexp_replace({column}, '[\s\p{{Z}}]+', ' ', 'g'))"))
}

/// Changes letter case. A title has a capital at the start of each word; an apostrophe does not end a word.
pub(super) fn case(chain: &mut Chain, columns: &[String], to: LetterCase) -> Outcome<()> {
    each(chain, columns, |column| match to {
        LetterCase::Lower => format!("lower({column})"),
        LetterCase::Upper => format!("upper({column})"),
        LetterCase::Title => format!(
            r"array_to_string(list_transform(regexp_extract_all(lower({column}), '[\p{{L}}\p{{M}}\p{{N}}''’]+|[^\p{{L}}\p{{M}}\p{{N}}''’]+'), lambda word: upper(word[1]) || word[2:]), '')"
        ),
    })
}

/// Replaces each occurrence of a text or of a pattern.
pub(super) fn replace(chain: &mut Chain, columns: &[String], find: &str, with: &str, regex: bool) -> Outcome<()> {
    if find.is_empty() {
        return Err(chain.fault("there is nothing to look for").next("write find = \"…\""));
    }
    let (find, with) = (literal(find), literal(with));
    each(chain, columns, |column| {
        if regex { format!("regexp_replace({column}, {find}, {with}, 'g')") } else { format!("replace({column}, {find}, {with})") }
    })
}

/// Text without white space at its ends.
pub(super) fn trimmed(column: &str) -> String {
    format!(r"regexp_replace({column}, '^[\s\p{{Z}}]+|[\s\p{{Z}}]+$', '', 'g')")
}

fn each(chain: &mut Chain, columns: &[String], change: impl Fn(&str) -> String) -> Outcome<()> {
    let mut items = Vec::new();
    for name in chain.some_columns(columns)? {
        chain.demand_text(name)?;
        let column = ident(name);
        items.push((column.clone(), change(&column)));
    }
    chain.replace(&items);
    Ok(())
}
