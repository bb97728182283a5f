//! What a column tells about persons. From half a confidence on it should be treated as personal; what only helps to single
//! a person out among few (gender, age) stays below.

use trommel_model::{Pii, PiiClass, SemanticType as Kind};

use super::Evidence;
use super::date;
use super::kind::Found;

/// The kind of personal data, if it is any.
pub(super) fn of(evidence: &Evidence<'_>, found: &Found) -> Option<Pii> {
    let (class, weight) = match found.kind {
        Kind::PersonName | Kind::GivenName | Kind::Surname => (PiiClass::Name, 1.0),
        Kind::Email => (PiiClass::Email, 1.0),
        Kind::Phone => (PiiClass::Phone, 1.0),
        Kind::Address => (PiiClass::Address, 1.0),
        Kind::Postcode | Kind::City => (PiiClass::Address, 1.0),
        Kind::Latitude | Kind::Longitude => (PiiClass::Location, 1.0),
        Kind::NationalId => (PiiClass::NationalId, 1.0),
        Kind::Iban => (PiiClass::BankAccount, 1.0),
        Kind::Card => (PiiClass::Card, 1.0),
        Kind::Password => (PiiClass::Credential, 1.0),
        Kind::UserName => (PiiClass::Online, 1.0),
        Kind::IpAddress => (PiiClass::Online, 0.8),
        Kind::MacAddress => (PiiClass::Device, 0.8),
        Kind::UserAgent => (PiiClass::Device, 0.4),
        Kind::BloodType => (PiiClass::Health, 0.45),
        Kind::Gender => (PiiClass::Gender, 0.4),
        Kind::Age => (PiiClass::BirthDate, 0.45),
        Kind::Date | Kind::Timestamp => return birth(evidence, found),
        _ => return None,
    };
    Some(Pii { class, confidence: (found.confidence * weight).max(if weight > 0.999 { 0.5 } else { 0.0 }) })
}

/// Days are of births when they spread over a generation or more, end before the people would be children, and hardly repeat.
fn birth(evidence: &Evidence<'_>, found: &Found) -> Option<Pii> {
    let format = found.format.as_deref()?;
    let mut years: Vec<i32> = found.texts.iter().filter_map(|t| date::year(t, format)).collect();
    years.sort_unstable();
    let (first, last) = (*years.get(years.len() / 50)?, *years.get(years.len() - 1 - years.len() / 50)?);
    let named = super::name::split(evidence.name)
        .iter()
        .any(|w| ["birth", "birthday", "birthdate", "dob", "born", "geburtsdatum"].contains(&w.as_str()));
    let spread = last - first >= 25 && first >= 1_900 && evidence.distinct_ratio() > 0.5 && years.len() >= 20;
    (named || spread).then_some(Pii { class: PiiClass::BirthDate, confidence: if named { 0.95 } else { 0.6 } })
}
