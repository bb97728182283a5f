//! Telephone numbers as ITU-T E.164 writes them: `+`, calling code, number.
//!
//! What is known of a country is its calling code, what is dialled before a number within it (trunk prefix) and before a
//! calling code from it; which area codes there are, and how long a number is in each, is not. A number without its area
//! code therefore becomes one of the country all the same, and a wrong one is not seen.

use std::borrow::Cow;
use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};
use trommel_model::Country;

use super::digits;
use super::phone::without_extension;

/// Digits of a whole number, its calling code with them.
const LEAST: usize = 7;
const MOST: usize = 15;
/// Digits of a number of North America behind the calling code 1.
const NORTH_AMERICAN: usize = 10;
/// Calling codes of no country: satellites, networks and numbers free of charge.
const OF_NO_COUNTRY: [&str; 9] = ["800", "808", "870", "878", "881", "882", "883", "888", "979"];

/// What is dialled in a country.
struct Dialled {
    calling_code: &'static str,
    /// What stands before a number within the country, and for how many digits behind it; for any when there is no such number.
    trunks: Vec<(&'static str, Option<usize>)>,
    /// What stands before a calling code.
    abroad: &'static str,
}

/// A line is a country, its calling code, its trunk prefixes (`-` for none) and, behind `+`, what it dials abroad with.
static COUNTRIES: LazyLock<FxHashMap<Country, Dialled>> =
    LazyLock::new(|| include_str!("calling_codes.txt").lines().filter_map(|line| dialled(line.split(' '))).collect());

static CALLING_CODES: LazyLock<FxHashSet<&'static str>> =
    LazyLock::new(|| COUNTRIES.values().map(|c| c.calling_code).chain(OF_NO_COUNTRY).collect());

fn dialled(mut words: impl Iterator<Item = &'static str>) -> Option<(Country, Dialled)> {
    let (country, calling_code) = (Country::new(words.next()?)?, words.next()?);
    let mut of = Dialled { calling_code, trunks: Vec::new(), abroad: "00" };
    for word in words {
        match (word.strip_prefix('+'), word.split_once('/')) {
            (Some(abroad), _) => of.abroad = abroad,
            (None, Some((trunk, digits))) => of.trunks.push((trunk, digits.parse().ok())),
            (None, None) if word == "-" => {}
            (None, None) => of.trunks.push((word, None)),
        }
    }
    Some((country, of))
}

/// True when it is known how numbers are dialled there.
pub(crate) fn is_known(country: Country) -> bool {
    COUNTRIES.contains_key(&country)
}

/// The number as E.164. What comes to none is left as its digits, behind a `+` if it had one; nothing when they are all zeros.
pub(super) fn e164(text: &str, country: Country) -> Cow<'_, str> {
    let text = without_extension(text).trim_start_matches(|c: char| c == '(' || c.is_whitespace());
    let all = digits(text);
    if all.trim_matches('0').is_empty() {
        return Cow::Borrowed("");
    }
    let signed = text.starts_with(['+', '＋']);
    let written = COUNTRIES.get(&country).and_then(|dialled| {
        if signed {
            return from_abroad(&all);
        }
        // Two zeros are written before calling codes everywhere.
        match all.strip_prefix(dialled.abroad).or_else(|| all.strip_prefix("00")) {
            Some(number) => from_abroad(number),
            None => whole(dialled.calling_code, within(&all, dialled)),
        }
    });
    match written {
        Some(number) => Cow::Owned(number),
        None if signed => Cow::Owned(format!("+{all}")),
        None => all,
    }
}

/// A number behind its calling code. A trunk zero between them (`+49 (0)30`) is dialled by nobody who calls from abroad.
fn from_abroad(number: &str) -> Option<String> {
    let code = (1..=3).filter_map(|n| number.get(..n)).find(|code| CALLING_CODES.contains(code))?;
    let rest = &number[code.len()..];
    let drops_zeros = COUNTRIES.values().any(|c| c.calling_code == code && c.trunks.iter().any(|(trunk, _)| trunk.starts_with('0')));
    whole(code, if drops_zeros { rest.trim_start_matches('0') } else { rest })
}

/// A number as it is dialled within its country, without its trunk prefix.
fn within<'n>(number: &'n str, dialled: &Dialled) -> &'n str {
    let fits = |&(trunk, length): &(&str, Option<usize>)| {
        let rest = number.strip_prefix(trunk)?;
        length.is_none_or(|length| rest.len() == length).then_some(rest)
    };
    let rest = dialled.trunks.iter().find_map(fits).unwrap_or(number);
    if dialled.trunks.iter().any(|(trunk, _)| trunk.starts_with('0')) { rest.trim_start_matches('0') } else { rest }
}

fn whole(code: &str, number: &str) -> Option<String> {
    let length = code.len() + number.len();
    let fits = if code == "1" { number.len() == NORTH_AMERICAN } else { (LEAST..=MOST).contains(&length) };
    fits.then(|| format!("+{code}{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(country: &str, cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            let found = e164(text, Country::new(country).unwrap());
            assert_eq!(found, *expected, "{text} in {country}");
            assert_eq!(e164(&found, Country::new(country).unwrap()), *expected, "{text} in {country}, again");
        }
    }

    #[test]
    fn ways_of_writing_a_number_come_to_one() {
        check(
            "DE",
            &[
                ("030 1234567", "+49301234567"),
                ("+49 (0)30 1234567", "+49301234567"),
                ("0049-30/1234567", "+49301234567"),
                ("+4930 1234567 ext. 12", "+49301234567"),
                ("+49 030 1234567", "+49301234567"),
                ("＋49 30 1234567", "+49301234567"),
                ("+43 1 234567", "+431234567"),
                ("+39 06 1234567", "+39061234567"),
                ("+1 (310) 246-1501", "+13102461501"),
                ("+800 1234 5678", "+80012345678"),
                ("(+49) 30 1234567", "+49301234567"),
            ],
        );
        check("US", &[("310-246-1501", "+13102461501"), ("1 310 246 1501", "+13102461501"), ("011 49 30 1234567", "+49301234567")]);
        check("IT", &[("06 1234567", "+39061234567"), ("0049 30 1234567", "+49301234567")]);
        check("RU", &[("8 (912) 345-67-89", "+79123456789"), ("+7 912 345 67 89", "+79123456789"), ("810 49 30 1234567", "+49301234567")]);
        check("HU", &[("06 1 234 5678", "+3612345678"), ("06 20 123 4567", "+36201234567")]);
        check("BY", &[("8 029 123-45-67", "+375291234567"), ("29 123-45-67", "+375291234567")]);
        check("AU", &[("0011 49 30 1234567", "+49301234567"), ("(02) 9876 5432", "+61298765432")]);
        check("ES", &[("912 345 678", "+34912345678")]);
    }

    #[test]
    fn what_comes_to_no_number_is_left_as_digits() {
        check(
            "US",
            &[("246-1501", "2461501"), ("+1 23", "+123"), ("+999 1234567", "+9991234567"), ("12345678901234567", "12345678901234567")],
        );
        check("DE", &[("12", "12"), ("0000000", ""), ("unknown", ""), ("", "")]);
        check("ZZ", &[("030 1234567", "0301234567")]);
    }

    #[test]
    fn every_line_is_read_and_no_code_begins_with_another() {
        assert_eq!(COUNTRIES.len(), include_str!("calling_codes.txt").lines().count());
        for code in CALLING_CODES.iter() {
            assert!((1..code.len()).all(|n| !CALLING_CODES.contains(&code[..n])), "{code}");
        }
    }
}
