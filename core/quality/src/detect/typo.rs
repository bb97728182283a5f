//! `typo`: a rare value that is nearly a frequent one, in a column whose frequent values are not nearly each other. Where
//! only white space or capital letters differ it is told as `space` or `variant`.
//!
//! Numbers inside texts are no matter of spelling: `33 patients` and `5 patients` are one template. A word that other
//! values use as well is no misspelling: `Dark Ale` beside `Pale Ale`.

use rustc_hash::{FxHashMap, FxHashSet};

use super::distance::within;
use super::{Board, Coded, CodedColumn};

/// A value is frequent from this share of the rows on, and a typo up to twice it.
const FREQUENT: f64 = 0.01;
/// Letters that may differ, as a share of the length.
const SHARE: f64 = 0.15;
/// How many times more frequent the right value is.
const TIMES: u64 = 8;
/// Templates beyond are no categories.
const MOST_TEMPLATES: usize = 50_000;

struct Template {
    chars: Vec<char>,
    words: Vec<String>,
    rows: u64,
    /// The value that stands for it.
    value: u32,
}

pub(super) fn find(table: &Coded, board: &mut Board) {
    for (at, column) in table.columns.iter().enumerate() {
        if board.is_stopped() {
            return;
        }
        in_column(column, at, table.rows, board);
    }
}

fn in_column(column: &CodedColumn, at: usize, rows: usize, board: &mut Board) {
    let mut by_text = FxHashMap::<String, usize>::default();
    let mut templates: Vec<Template> = Vec::new();
    let mut template_of: Vec<Option<usize>> = Vec::with_capacity(column.values.len());
    for (code, value) in column.values.iter().enumerate() {
        if value.missing || value.text.len() > 2_000 {
            template_of.push(None);
            continue;
        }
        let text = template(&value.text);
        let place = *by_text.entry(text).or_insert_with_key(|text| {
            templates.push(Template { chars: text.chars().collect(), words: words(text), rows: 0, value: code as u32 });
            templates.len() - 1
        });
        templates[place].rows += u64::from(value.rows);
        template_of.push(Some(place));
        if templates.len() > MOST_TEMPLATES {
            return;
        }
    }
    let known: u64 = templates.iter().map(|t| t.rows).sum();
    if templates.len() < 2 || templates.len() * 2 > rows {
        return;
    }
    let mut frequent: Vec<usize> = (0..templates.len()).filter(|t| templates[*t].rows >= 3.max((FREQUENT * known as f64) as u64)).collect();
    frequent.sort_by_key(|t| std::cmp::Reverse(templates[*t].rows));
    frequent.truncate(200);
    let near = |of: usize, least: u64| {
        frequent.iter().copied().take_while(|f| templates[*f].rows >= least).filter(|f| *f != of).find_map(|f| {
            let most = ((SHARE * templates[f].chars.len() as f64) as usize).max(1);
            within(&templates[of].chars, &templates[f].chars, most).map(|distance| (f, distance))
        })
    };
    // Where frequent values are near each other, being near says nothing: codes, abbreviations of states.
    let close = frequent.iter().filter(|f| near(**f, 0).is_some()).count();
    if frequent.len() > 2 && close as f64 > 0.3 * frequent.len() as f64 {
        return;
    }
    let mut users = FxHashMap::<&str, Vec<usize>>::default();
    for (place, template) in templates.iter().enumerate() {
        for word in &template.words {
            users.entry(word).or_default().push(place);
        }
    }
    let mut wrong = FxHashMap::<usize, usize>::default();
    for (place, template) in templates.iter().enumerate() {
        if template.rows as f64 > 2.0 * FREQUENT * known as f64 || template.chars.len() < 2 {
            continue;
        }
        let Some((right, distance)) = near(place, 3.max(TIMES * template.rows)) else { continue };
        let target = &templates[right];
        let (own, others): (FxHashSet<_>, FxHashSet<_>) = (template.words.iter().collect(), target.words.iter().collect());
        let new: Vec<&&String> = own.difference(&others).collect();
        let most = ((SHARE * target.chars.len() as f64) as usize).max(1);
        let used_elsewhere = |word: &str| {
            users
                .get(word)
                .into_iter()
                .flatten()
                .any(|user| *user != place && within(&templates[*user].chars, &target.chars, most).is_none())
        };
        if !new.is_empty() && new.iter().all(|word| used_elsewhere(word)) {
            continue;
        }
        // Letters that differ must be few of the words that differ, unless words ran together.
        let letters: usize = new.iter().map(|word| word.chars().count()).sum();
        if template.words.len() == target.words.len() && distance > 1.max((0.34 * letters as f64) as usize) {
            continue;
        }
        wrong.insert(place, right);
    }
    for row in 0..column.codes.len() {
        let Some(right) = template_of[column.codes[row] as usize].and_then(|t| wrong.get(&t)) else { continue };
        let target = &templates[*right];
        let text = &column.values[target.value as usize].text;
        let suggestion = (!text.contains(|c: char| c.is_ascii_digit())).then_some(&**text);
        let confidence = if target.chars.len() >= 4 { 0.85 } else { 0.65 };
        let rule = rule(&column.values[column.codes[row] as usize].text, text);
        // Digits are compared as digits: with some in it, it is the form that is shared.
        let told = match suggestion {
            Some(text) => format!("nearly \"{text}\", which {} rows have", target.rows),
            None => format!("nearly of the form of {} rows, such as \"{text}\"", target.rows),
        };
        board.mark(row, at, rule, confidence, &told, suggestion);
    }
}

/// What the difference is called: white space and capital letters have names of their own.
fn rule(text: &str, right: &str) -> &'static str {
    if text.split_whitespace().eq(right.split_whitespace()) {
        "space"
    } else if text.to_lowercase() == right.to_lowercase() {
        "variant"
    } else {
        "typo"
    }
}

/// The text with each number as one `9`.
fn template(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut number = false;
    for c in text.chars() {
        let digit = c.is_ascii_digit();
        if !digit {
            out.push(c);
        } else if !number {
            out.push('9');
        }
        number = digit;
    }
    out
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}
