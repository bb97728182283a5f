//! The semantic type of a column: the most telling rule that fits nearly all of its values.

use trommel_model::{DataType, SemanticType as Kind};

use super::{Evidence, country, date, lexicon, values};
use crate::words::is_null_word;

/// A kind with how sure it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub kind: Kind,
    pub confidence: f64,
    pub format: Option<String>,
    /// Texts of the sample, without those that say nothing.
    pub texts: Vec<String>,
}

/// The kind of a column's values; none when there are none.
pub(super) fn of(evidence: &Evidence<'_>) -> Option<Found> {
    let known = evidence.sample.iter().filter(|(text, _)| !text.trim().is_empty() && !is_null_word(text.trim()));
    let texts: Vec<String> = known.map(|(text, _)| text.trim().to_owned()).take(512).collect();
    if texts.is_empty() {
        return None;
    }
    let sure = |kind| Some((kind, 1.0, None));
    let (kind, confidence, format) = match evidence.data_type {
        DataType::Boolean => sure(Kind::Boolean),
        DataType::Date => Some((Kind::Date, 1.0, Some("%Y-%m-%d".to_owned()))),
        DataType::Timestamp | DataType::TimestampTz => Some((Kind::Timestamp, 1.0, Some("%Y-%m-%d %H:%M:%S".to_owned()))),
        DataType::Time => sure(Kind::Time),
        DataType::Interval => sure(Kind::Duration),
        DataType::Uuid => sure(Kind::Uuid),
        DataType::Json | DataType::Struct(_) => sure(Kind::Json),
        DataType::Binary => sure(Kind::Binary),
        DataType::List(_) => sure(Kind::List),
        DataType::Integer | DataType::HugeInteger => Some(integer(evidence, &texts)),
        DataType::Float | DataType::Decimal { .. } => Some(decimal(evidence, &texts)),
        DataType::Text | DataType::Other(_) => Some(text(evidence, &texts)),
    }?;
    Some(Found { kind, confidence, format, texts })
}

type Guess = (Kind, f64, Option<String>);

/// The share of texts for which something holds.
fn share(texts: &[String], holds: impl Fn(&str) -> bool) -> f64 {
    texts.iter().filter(|t| holds(t)).count() as f64 / texts.len().max(1) as f64
}

fn integer(evidence: &Evidence<'_>, texts: &[String]) -> Guess {
    let (min, max) = (evidence.min.unwrap_or(0.0), evidence.max.unwrap_or(0.0));
    let values = (evidence.rows - evidence.nulls) as f64;
    let cards = share(texts, values::is_card);
    if cards >= 0.9 && texts.len() >= 5 {
        return (Kind::Card, cards, None);
    }
    let ids = share(texts, values::is_national_id);
    if ids >= 0.95 && texts.len() >= 20 && evidence.distinct_ratio() > 0.5 && max >= 1e9 {
        return (Kind::NationalId, 0.7, None);
    }
    let phones = share(texts, values::is_nanp);
    if phones >= 0.98 && texts.len() >= 10 {
        return (Kind::Phone, 0.75, None);
    }
    if (1_500.0..=2_100.0).contains(&min) && max <= 2_100.0 && texts.len() >= 2 {
        return (Kind::Year, 0.8, None);
    }
    let days = share(texts, |t| date::year(t, "%Y%m%d").is_some_and(|y| (1_900..=2_100).contains(&y)));
    if days >= 0.99 && min >= 19_000_101.0 {
        return (Kind::Date, days, Some("%Y%m%d".to_owned()));
    }
    let unique = evidence.distinct_ratio() > 0.999;
    if unique && values >= 20.0 && max - min < 1.2 * values {
        return (Kind::Identifier, 0.9, None);
    }
    if few(evidence) && evidence.distinct <= 12 {
        return (Kind::Category, 0.6, None);
    }
    if unique && values >= 50.0 && min >= 0.0 && max >= 1e5 {
        return (Kind::Identifier, 0.6, None);
    }
    (Kind::Integer, 0.9, None)
}

fn decimal(evidence: &Evidence<'_>, texts: &[String]) -> Guess {
    let (min, max) = (evidence.min.unwrap_or(0.0), evidence.max.unwrap_or(0.0));
    let size = min.abs().max(max.abs());
    // Places on the globe are given to ten metres or better, which other quantities of that size rarely are.
    let fine = share(texts, |t| t.split_once('.').is_some_and(|(_, fraction)| fraction.len() >= 4 && fraction.len() <= 15));
    if fine >= 0.8
        && (5.0..=180.0).contains(&size)
        && texts.len() >= 5
        && (size > 90.0 || max - min > 0.01)
        && evidence.sd.unwrap_or(0.0) < size
    {
        return (if size > 90.0 { Kind::Longitude } else { Kind::Latitude }, 0.6, None);
    }
    (Kind::Decimal, 0.9, None)
}

/// Few different values, each of them often.
fn few(evidence: &Evidence<'_>) -> bool {
    evidence.distinct <= 2 || evidence.distinct_ratio() <= 0.2 && evidence.distinct <= 1_000
}

fn text(evidence: &Evidence<'_>, texts: &[String]) -> Guess {
    form(texts)
        .or_else(|| moment(texts))
        .or_else(|| number(evidence, texts))
        .or_else(|| listed(texts))
        .unwrap_or_else(|| words(evidence, texts))
}

/// Kinds that each value shows by itself.
fn form(texts: &[String]) -> Option<Guess> {
    type Rule = (Kind, f64, fn(&str) -> bool);
    const RULES: [Rule; 12] = [
        (Kind::Email, 0.8, values::is_email),
        (Kind::UserAgent, 0.8, values::is_user_agent),
        (Kind::Url, 0.8, values::is_url),
        (Kind::Uuid, 0.9, values::is_uuid),
        (Kind::IpAddress, 0.9, values::is_ip),
        (Kind::MacAddress, 0.9, values::is_mac),
        (Kind::Iban, 0.8, values::is_iban),
        (Kind::Card, 0.9, values::is_card),
        (Kind::BloodType, 0.95, values::is_blood_type),
        (Kind::Percentage, 0.8, values::is_percentage),
        (Kind::Money, 0.8, values::is_money),
        (Kind::Json, 0.9, is_json),
    ];
    RULES.iter().find_map(|(kind, least, holds)| {
        let share = share(texts, holds);
        (share >= *least).then_some((*kind, share, None))
    })
}

fn is_json(text: &str) -> bool {
    text.starts_with('{') && text.ends_with('}') && serde_json::from_str::<serde_json::Value>(text).is_ok()
}

fn moment(texts: &[String]) -> Option<Guess> {
    let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
    if let Some((format, share)) = date::format(&borrowed)
        && share >= 0.8
        && format != "%Y%m%d"
    {
        let kind = if format.contains("%H") { Kind::Timestamp } else { Kind::Date };
        return Some((kind, share, Some(format.to_owned())));
    }
    let dates = share(texts, date::is_date);
    if dates >= 0.9 {
        return Some((Kind::Date, dates, None));
    }
    let times = share(texts, date::is_time);
    (times >= 0.9).then_some((Kind::Time, times, None))
}

fn number(evidence: &Evidence<'_>, texts: &[String]) -> Option<Guess> {
    let phones = share(texts, values::is_phone);
    let grouped = share(texts, |t| t.contains([' ', '-', '(', '+', '/']) || t.matches('.').count() > 1);
    if phones >= 0.85
        && (grouped >= 0.4 || share(texts, |t| t.starts_with('+') || t.starts_with('0')) >= 0.9)
        && share(texts, values::is_postcode) < 0.8
    {
        return Some((Kind::Phone, phones, None));
    }
    let ids = share(texts, values::is_national_id);
    let plain = share(texts, |t| t.bytes().all(|b| b.is_ascii_digit()));
    if ids >= 0.5
        && texts.len() >= 10
        && evidence.distinct_ratio() > 0.5
        && share(texts, |t| t.bytes().filter(u8::is_ascii_digit).count() >= 7) >= 0.9
    {
        return Some((Kind::NationalId, ids.min(0.8), None));
    }
    let phones = share(texts, values::is_nanp);
    if phones >= 0.98 && texts.len() >= 10 {
        return Some((Kind::Phone, 0.75, None));
    }
    let posts = share(texts, values::is_postcode);
    if posts >= 0.85
        && (plain < 0.97 && share(texts, |t| t.bytes().any(|b| b.is_ascii_digit())) >= 0.95
            || share(texts, |t| t.starts_with('0') && t.len() >= 4) >= 0.02 && plain >= 0.9 && shared_length(texts))
    {
        return Some((Kind::Postcode, 0.7, None));
    }
    let whole = share(texts, |t| t.parse::<i64>().is_ok());
    if whole >= 0.95 {
        let coded = share(texts, |t| t.len() > 1 && t.starts_with('0')) > 0.0;
        return Some((if coded { Kind::Code } else { Kind::Integer }, whole, None));
    }
    let decimals = share(texts, values::is_number);
    if decimals >= 0.95 {
        return Some((Kind::Decimal, decimals, None));
    }
    let quantities = share(texts, values::is_quantity);
    (quantities >= 0.8).then_some((Kind::Quantity, quantities, None))
}

fn shared_length(texts: &[String]) -> bool {
    texts.iter().all(|t| t.len() == texts[0].len())
}

/// Kinds that are known by lists.
fn listed(texts: &[String]) -> Option<Guess> {
    type Rule = (Kind, f64, fn(&str) -> bool);
    const RULES: [Rule; 8] = [
        (Kind::Boolean, 0.95, is_boolean),
        (Kind::Gender, 0.95, lexicon::is_gender),
        (Kind::Currency, 0.95, lexicon::is_currency),
        (Kind::Country, 0.7, country::is_name),
        (Kind::Region, 0.85, lexicon::is_region),
        (Kind::CountryCode, 0.9, country::is_code),
        (Kind::Language, 0.9, lexicon::is_language),
        (Kind::Domain, 0.9, values::is_domain),
    ];
    RULES.iter().find_map(|(kind, least, holds)| {
        let share = share(texts, holds);
        (share >= *least && (*kind != Kind::Region || texts.len() > 1)).then_some((*kind, share, None))
    })
}

fn is_boolean(text: &str) -> bool {
    ["true", "false", "yes", "no", "y", "n", "t", "f", "on", "off", "ja", "nein", "oui", "non", "si", "sí"]
        .contains(&text.to_lowercase().as_str())
}

/// Kinds that show in the words of many values: names, addresses, bodies, codes, sentences.
fn words(evidence: &Evidence<'_>, texts: &[String]) -> Guess {
    let of = |holds: fn(&str) -> bool| share(texts, holds);
    let many = evidence.distinct_ratio() > 0.4 && texts.len() >= 10;
    let counted: Vec<usize> = texts.iter().map(|t| t.split_whitespace().count()).collect();
    let mean_words = counted.iter().sum::<usize>() as f64 / counted.len() as f64;
    let streets = of(has_street);
    if streets >= 0.5 && (1.8..12.0).contains(&mean_words) && of(|t| t.bytes().any(|b| b.is_ascii_digit())) >= 0.5
        || many && of(is_house) >= 0.7 && streets >= 0.1
    {
        return (Kind::Address, 0.6 + 0.4 * streets, None);
    }
    if many && of(values::is_password) >= 0.5 && of(|t| !t.contains(' ')) >= 0.95 && !shared_length(texts) {
        return (Kind::Password, 0.7, None);
    }
    let cities = of(lexicon::is_city);
    if cities >= 0.2 && of(proper) >= 0.7 {
        return (Kind::City, 0.5 + cities / 2.0, None);
    }
    let given = of(|t| t.split([' ', ',', '.']).filter(|w| !w.is_empty()).any(lexicon::is_given_name));
    let family = of(|t| t.split([' ', ',']).any(lexicon::is_surname));
    let single = of(|t| !t.contains(' '));
    let proper_share = of(proper);
    let bodies = of(|t| t.split_whitespace().any(lexicon::is_body_word));
    if proper_share >= 0.8 && bodies < 0.1 && (1.7..4.0).contains(&mean_words) && (given >= 0.3 || given >= 0.15 && family >= 0.15) {
        return (Kind::PersonName, 0.6 + 0.4 * given, None);
    }
    if single >= 0.85 && proper_share >= 0.85 && (many || given >= 0.6) && of(lexicon::is_given_name) >= 0.15 {
        return (
            if of(lexicon::is_surname) > of(lexicon::is_given_name) { Kind::Surname } else { Kind::GivenName },
            0.5 + given / 2.0,
            None,
        );
    }
    if bodies >= 0.25 && mean_words < 8.0 && evidence.distinct_ratio() > 0.05 {
        return (Kind::Organisation, 0.5 + bodies / 2.0, None);
    }
    let numbered = of(values::is_word_and_number);
    if many && evidence.distinct_ratio() > 0.9 && single >= 0.98 && (0.08..=0.9).contains(&numbered) && of(is_word_like) >= 0.95 {
        return (Kind::UserName, 0.6, None);
    }
    if many && single >= 0.85 && proper_share >= 0.85 && evidence.distinct_ratio() > 0.6 && texts.len() >= 20 {
        return (Kind::Surname, 0.55, None);
    }
    if many
        && proper_share >= 0.85
        && mean_words < 1.7
        && of(place_like) >= 0.85
        && evidence.distinct_ratio() > 0.6
        && of(|t| t.contains('\'')) < 0.1
    {
        return (Kind::City, 0.5, None);
    }
    if few(evidence) && mean_words < 6.0 {
        return (Kind::Category, 0.8, None);
    }
    if of(|t| (t.starts_with('[') && t.ends_with(']')) || t.matches([',', ';', '|']).count() >= 2 && !t.contains(". ")) >= 0.7 {
        return (Kind::List, 0.6, None);
    }
    let coded = of(|t| !t.contains(' ') && t.bytes().any(|b| b.is_ascii_digit()));
    if coded >= 0.8 {
        return (if evidence.distinct_ratio() > 0.99 { Kind::Identifier } else { Kind::Code }, coded * 0.8, None);
    }
    if mean_words >= 5.0 {
        return (Kind::FreeText, 0.8, None);
    }
    (if evidence.distinct_ratio() < 0.5 { Kind::Category } else { Kind::FreeText }, 0.5, None)
}

fn has_street(text: &str) -> bool {
    text.split_whitespace().any(lexicon::is_street_word) || text.contains("P.O. Box")
}

/// Words with a house number before or behind; a year in front is none.
fn is_house(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let number = |w: &str| {
        (1..=5).contains(&w.len())
            && w.starts_with(|c: char| c.is_ascii_digit())
            && !(w.len() == 4 && (w.starts_with("19") || w.starts_with("20")))
    };
    words.len() >= 2
        && (words.first().is_some_and(|w| number(w)) || words.last().is_some_and(|w| number(w)))
        && words.iter().any(|w| w.starts_with(char::is_alphabetic))
}

/// Capitalised words only, at most four; small words between them are let pass.
fn proper(text: &str) -> bool {
    let words: Vec<&str> = text.split([' ', ',']).filter(|w| !w.is_empty()).collect();
    (1..=4).contains(&words.len()) && {
        let capitalised = words.iter().filter(|w| values::is_capitalised(w)).count();
        let small = words
            .iter()
            .filter(|w| ["de", "da", "di", "du", "la", "le", "von", "van", "der", "den", "el", "al", "do", "dos", "of"].contains(w))
            .count();
        capitalised >= 1 && capitalised + small == words.len()
    }
}

/// Words as names of places have them, also all in capitals.
fn place_like(text: &str) -> bool {
    text.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '.' | '/'))
        && text.chars().next().is_some_and(char::is_uppercase)
}

fn is_word_like(text: &str) -> bool {
    (3..=24).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        && text.bytes().any(|b| b.is_ascii_alphabetic())
}
