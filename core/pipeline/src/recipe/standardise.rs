//! `standardise`: texts of a kind in one form.

use trommel_engine::sql::{ident, literal};
use trommel_model::{Outcome, StandardForm};

use super::chain::Chain;

/// Abbreviations of street words and what they stand for, as whole words with or without a point.
const STREET_WORDS: [(&str, &str); 14] = [
    ("ave", "Avenue"),
    ("blvd", "Boulevard"),
    ("ct", "Court"),
    ("dr", "Drive"),
    ("hwy", "Highway"),
    ("ln", "Lane"),
    ("pl", "Place"),
    ("rd", "Road"),
    ("sq", "Square"),
    ("st", "Street"),
    ("ste", "Suite"),
    ("apt", "Apartment"),
    ("p.za", "Piazza"),
    ("v.le", "Viale"),
];

/// Calling codes of countries whose numbers keep their leading zero when called from abroad.
const KEEP_ZERO: [&str; 3] = ["39", "378", "379"];

/// Brings the columns to the form. What cannot be brought there stays as it is.
pub(super) fn standardise(chain: &mut Chain, columns: &[String], form: StandardForm, country_code: Option<&str>) -> Outcome<()> {
    if country_code.is_some() && form != StandardForm::Phone {
        return Err(chain.fault("country_code goes with form = \"phone\" only").next("leave country_code out"));
    }
    if let Some(code) = country_code
        && !(1..=3).contains(&code.len()) | !code.bytes().all(|b| b.is_ascii_digit()) | code.starts_with('0')
    {
        return Err(chain.fault(format!("\"{code}\" is no calling code")).next("write its digits, for instance country_code = \"39\""));
    }
    let mut items = Vec::new();
    for name in chain.some_columns(columns)? {
        chain.demand_text(name)?;
        let column = ident(name);
        let value = match form {
            StandardForm::Email => format!(r"lower(regexp_replace({column}, '^[\s\p{{Z}}]+|[\s\p{{Z}}]+$', '', 'g'))"),
            StandardForm::Phone => phone(&column, country_code),
            StandardForm::Address => address(&column),
        };
        items.push((column, value));
    }
    chain.replace(&items);
    Ok(())
}

/// `+` and 7 to 15 digits (ITU-T E.164). An extension behind x or ext is cut off, a zero in parentheses dropped.
fn phone(column: &str, country_code: Option<&str>) -> String {
    let bare = format!(r"regexp_replace({column}, '(?i)\s*(x|ext\.?)\s*[0-9]+\s*$', '')");
    let without_zero = format!("replace({bare}, '(0)', '')");
    let digits = format!("regexp_replace({without_zero}, '[^0-9]', '', 'g')");
    let international = format!(r"regexp_matches({column}, '^\s*(\+|00)')");
    let from_abroad = format!("'+' || regexp_replace({digits}, '^00', '')");
    let national = country_code.map_or_else(String::new, |code| {
        let own = if KEEP_ZERO.contains(&code) { digits.clone() } else { format!("regexp_replace({digits}, '^0', '')") };
        format!(" when length({digits}) between 6 and 14 then {} || {own}", literal(&format!("+{code}")))
    });
    let written = format!("case when {international} then {from_abroad}{national} else {column} end");
    // What does not come to a number of the right length stays as it came.
    format!(r"case when regexp_full_match({written}, '\+[1-9][0-9]{{6,14}}') then {written} else {column} end")
}

fn address(column: &str) -> String {
    let one_space = format!(r"trim(regexp_replace({column}, '[\s\p{{Z}}]+', ' ', 'g'), ' ,.')");
    STREET_WORDS.iter().fold(one_space, |text, (short, long)| {
        // "St." before a name is a saint; behind one, or at the end, it is a street.
        let pattern = format!(r"(?i)(\S)[ ]{}\.?([ ,]|$)", regex_text(short));
        format!("regexp_replace({text}, {}, {})", literal(&pattern), literal(&format!(r"\1 {long}\2")))
    })
}

fn regex_text(text: &str) -> String {
    text.replace('.', r"\.")
}
