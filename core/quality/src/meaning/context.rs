//! What the other columns of a table say of a column: a name of a town is personal beside a street or a person, and hardly
//! anything by itself.
//!
//! Towns of the whole world are in no list. A column is one of towns when its values look like names of places, it stands
//! where addresses have the town (behind the street, or on either side of the postal code), and no finer one stands there.

use trommel_model::{ColumnProfile, Count, DataType, Meaning, Pii, PiiClass, SemanticType as Kind};

use super::lexicon;

/// From here on something is personal, so what is not stays below.
const PERSONAL: f64 = 0.5;
/// Of a town beside an address.
const BESIDE: f64 = 0.7;
/// Of a place in a table that says nothing of persons.
const ALONE: f64 = 0.3;
/// A kind that the values alone did not make surer may be another.
const UNSURE: f64 = 0.55;
/// Of a column of towns at least this share of the values are different ones; groups and states repeat more …
const FINE: f64 = 0.1;
/// … or at least so many.
const MANY: u64 = 30;
/// The share of values that have to look like names of places.
const MOST: f64 = 0.85;

/// Brings the meanings of the columns of a table with so many rows together. `places` tells which columns have values that
/// look like names of places.
pub(crate) fn settle(columns: &mut [ColumnProfile], rows: u64, places: &[bool]) {
    if let Some(town) = town(columns, rows, places) {
        let meaning = &mut columns[town].meaning;
        (meaning.kind, meaning.confidence) = (Some(Kind::City), BESIDE);
        meaning.pii = Some(Pii { class: PiiClass::Address, confidence: BESIDE });
        // What else may be towns are the regions they lie in.
        for meaning in columns.iter_mut().enumerate().filter(|(at, _)| *at != town).map(|(_, column)| &mut column.meaning) {
            if meaning.kind == Some(Kind::City) && meaning.confidence <= UNSURE {
                (meaning.kind, meaning.pii) = (Some(Kind::Region), None);
            }
        }
    }
    if !columns.iter().any(is_about_somebody) {
        let places = columns.iter_mut().filter(|c| matches!(c.meaning.kind, Some(Kind::City | Kind::Postcode)));
        for pii in places.filter_map(|c| c.meaning.pii.as_mut()) {
            pii.confidence = pii.confidence.min(ALONE);
        }
    }
}

/// True when the values, which so far may be anything, look like names of places.
pub(crate) fn like_places(meaning: &Meaning, data_type: &DataType, sample: &[(String, u64)]) -> bool {
    let open = match meaning.kind {
        Some(Kind::FreeText | Kind::Category) => true,
        // So called because they are single words and none of the lists knows them.
        Some(Kind::Surname | Kind::City) => meaning.confidence <= UNSURE,
        _ => false,
    };
    let texts: Vec<&str> = sample.iter().map(|(text, _)| text.trim()).filter(|text| !text.is_empty()).collect();
    let share = |holds: fn(&str) -> bool| texts.iter().filter(|t| holds(t)).count() as f64 / texts.len().max(1) as f64;
    open && *data_type == DataType::Text
        && texts.len() >= 10
        && share(is_like_a_place) >= MOST
        && share(|t| t.split_whitespace().any(lexicon::is_body_word)) < 0.1
}

/// One to five words that begin with a capital or are all in capitals, with short small words between them.
fn is_like_a_place(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let begins = |word: &str| word.chars().next().is_some_and(char::is_uppercase);
    let joins = |word: &str| word.chars().count() <= 4 && word.chars().all(|c| c.is_lowercase() || c == '\'');
    (1..=5).contains(&words.len())
        && begins(words[0])
        && text.chars().all(|c| !c.is_ascii() || c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '.' | '/' | '(' | ')'))
        && words.iter().all(|word| begins(word) || joins(word) || word.starts_with('('))
        && words.iter().any(|word| word.chars().filter(|c| c.is_alphabetic()).count() >= 2)
}

/// The column of towns that its values alone did not tell.
fn town(columns: &[ColumnProfile], rows: u64, places: &[bool]) -> Option<usize> {
    let is = |at: usize, kind: Kind| columns.get(at).is_some_and(|c| c.meaning.kind == Some(kind));
    if columns.iter().any(|c| c.meaning.kind == Some(Kind::City) && c.meaning.confidence > UNSURE) {
        return None;
    }
    let distinct = |at: usize| match columns[at].distinct {
        Count::Exact(n) | Count::About(n) => n,
    };
    let distinct_ratio = |at: usize| distinct(at) as f64 / (rows - columns[at].nulls).max(1) as f64;
    let fine = |at: usize| distinct(at) >= MANY || distinct_ratio(at) >= FINE;
    let beside = |at: usize| {
        let before = at.checked_sub(1);
        before.is_some_and(|b| is(b, Kind::Address) || is(b, Kind::Postcode)) || is(at + 1, Kind::Postcode)
    };
    let found = (0..columns.len().min(places.len())).filter(|at| places[*at] && beside(*at) && fine(*at));
    // Of several the finest: there are more towns than regions.
    found.max_by_key(|at| (distinct(*at), std::cmp::Reverse(*at)))
}

/// True for a column that tells of a person, or of where one lives to the house.
fn is_about_somebody(column: &ColumnProfile) -> bool {
    let pii = column.meaning.pii.filter(|pii| pii.confidence >= PERSONAL);
    pii.is_some_and(|pii| pii.class != PiiClass::Location) && !matches!(column.meaning.kind, Some(Kind::City | Kind::Postcode))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_places_and_other_words() {
        for (text, expected) in [
            ("Vila Real", true),
            ("King William's Town", true),
            ("PUCH BEI HALLEIN", true),
            ("Chiclana de la Frontera", true),
            ("Rečica ob Savinji", true),
            ("ΛΑΡΝΑΚΑ", true),
            ("Surveillance officer", false),
            ("5' 11\"", false),
            ("1995 Zastava 65", false),
            ("red", false),
            ("A+", false),
            ("K", false),
        ] {
            assert_eq!(is_like_a_place(text), expected, "{text}");
        }
    }
}
