//! What a column's name says. It decides only where the values leave the kind open and do not speak against it.

use trommel_model::{DataType, SemanticType as Kind};

use super::Evidence;
use super::kind::Found;

/// Words of names, the kind they tell, and whether values are numbers, texts, or either.
const WORDS: [(&str, Kind, Values); 62] = [
    ("latitude", Kind::Latitude, Values::Numbers),
    ("lat", Kind::Latitude, Values::Numbers),
    ("longitude", Kind::Longitude, Values::Numbers),
    ("lon", Kind::Longitude, Values::Numbers),
    ("lng", Kind::Longitude, Values::Numbers),
    ("zip", Kind::Postcode, Values::Either),
    ("zipcode", Kind::Postcode, Values::Either),
    ("postcode", Kind::Postcode, Values::Either),
    ("postalcode", Kind::Postcode, Values::Either),
    ("plz", Kind::Postcode, Values::Either),
    ("phone", Kind::Phone, Values::Either),
    ("telephone", Kind::Phone, Values::Either),
    ("mobile", Kind::Phone, Values::Either),
    ("fax", Kind::Phone, Values::Either),
    ("firstname", Kind::GivenName, Values::Texts),
    ("givenname", Kind::GivenName, Values::Texts),
    ("forename", Kind::GivenName, Values::Texts),
    ("vorname", Kind::GivenName, Values::Texts),
    ("lastname", Kind::Surname, Values::Texts),
    ("surname", Kind::Surname, Values::Texts),
    ("familyname", Kind::Surname, Values::Texts),
    ("nachname", Kind::Surname, Values::Texts),
    ("maidenname", Kind::Surname, Values::Texts),
    ("fullname", Kind::PersonName, Values::Texts),
    ("city", Kind::City, Values::Texts),
    ("town", Kind::City, Values::Texts),
    ("ort", Kind::City, Values::Texts),
    ("state", Kind::Region, Values::Texts),
    ("province", Kind::Region, Values::Texts),
    ("region", Kind::Region, Values::Texts),
    ("county", Kind::Region, Values::Texts),
    ("country", Kind::Country, Values::Texts),
    ("address", Kind::Address, Values::Texts),
    ("street", Kind::Address, Values::Texts),
    ("strasse", Kind::Address, Values::Texts),
    ("gender", Kind::Gender, Values::Either),
    ("sex", Kind::Gender, Values::Either),
    ("age", Kind::Age, Values::Numbers),
    ("ssn", Kind::NationalId, Values::Either),
    ("nationalid", Kind::NationalId, Values::Either),
    ("passport", Kind::NationalId, Values::Either),
    ("username", Kind::UserName, Values::Texts),
    ("login", Kind::UserName, Values::Texts),
    ("password", Kind::Password, Values::Texts),
    ("company", Kind::Organisation, Values::Texts),
    ("organisation", Kind::Organisation, Values::Texts),
    ("organization", Kind::Organisation, Values::Texts),
    ("brewery", Kind::Organisation, Values::Texts),
    ("hospital", Kind::Organisation, Values::Texts),
    ("employer", Kind::Organisation, Values::Texts),
    ("currency", Kind::Currency, Values::Texts),
    ("language", Kind::Language, Values::Texts),
    ("year", Kind::Year, Values::Numbers),
    ("id", Kind::Identifier, Values::Either),
    ("uuid", Kind::Uuid, Values::Texts),
    ("code", Kind::Code, Values::Either),
    ("comment", Kind::FreeText, Values::Texts),
    ("description", Kind::FreeText, Values::Texts),
    ("notes", Kind::FreeText, Values::Texts),
    ("price", Kind::Decimal, Values::Numbers),
    ("amount", Kind::Decimal, Values::Numbers),
    ("cvv", Kind::Card, Values::Either),
];

#[derive(Clone, Copy, PartialEq)]
enum Values {
    Numbers,
    Texts,
    Either,
}

/// The kind after the name was heard.
pub(super) fn weighed(evidence: &Evidence<'_>, found: Found) -> Found {
    let numbers = evidence.data_type.is_number() || matches!(found.kind, Kind::Integer | Kind::Decimal);
    let texts = *evidence.data_type == DataType::Text;
    let open = matches!(
        found.kind,
        Kind::Integer
            | Kind::Decimal
            | Kind::Category
            | Kind::Code
            | Kind::FreeText
            | Kind::Identifier
            | Kind::Surname
            | Kind::City
            | Kind::Latitude
            | Kind::Longitude
    );
    if !open {
        return found;
    }
    let Some(told) = told(evidence.name, |values| match values {
        Values::Numbers => numbers,
        Values::Texts => texts && !numbers,
        Values::Either => true,
    }) else {
        return found;
    };
    if told == found.kind {
        return Found { confidence: f64::midpoint(found.confidence, 1.0), ..found };
    }
    let (min, max) = (evidence.min.unwrap_or(0.0), evidence.max.unwrap_or(0.0));
    let fits = match told {
        Kind::Latitude => min >= -90.0 && max <= 90.0,
        Kind::Longitude => min >= -180.0 && max <= 180.0,
        Kind::Age => min >= 0.0 && max <= 130.0,
        Kind::Year => min >= 1_000.0 && max <= 2_200.0,
        Kind::Identifier => evidence.distinct > 2 && !matches!(evidence.data_type, DataType::Float),
        Kind::Phone => found.texts.iter().all(|t| t.bytes().filter(u8::is_ascii_digit).count() >= 5),
        Kind::Code => found.texts.iter().all(|t| t.len() <= 20),
        _ => true,
    };
    if fits { Found { kind: told, confidence: 0.7, ..found } } else { found }
}

/// The kind that the last telling word of a name tells.
fn told(name: &str, usable: impl Fn(Values) -> bool) -> Option<Kind> {
    let words = split(name);
    // Two neighbours may be one word in the list: `zip_code`, `first name`.
    let pairs = words.windows(2).rev().map(<[String]>::concat);
    let found = |word: &str| WORDS.iter().find(|(known, _, values)| *known == word && usable(*values)).map(|(_, kind, _)| *kind);
    pairs.chain(words.iter().rev().cloned()).find_map(|word| found(&word))
}

/// The words of a name in small letters: at signs, and where a capital follows a small letter.
pub(super) fn split(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        if !c.is_alphanumeric()
            || c.is_uppercase() && before.is_lowercase()
            || c.is_numeric() != before.is_numeric() && before.is_alphanumeric()
        {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words.last_mut().into_iter().for_each(|w| w.extend(c.to_lowercase()));
        }
        before = c;
    }
    words.retain(|w| !w.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        for (name, expected) in [
            ("ZipCode", "zip code"),
            ("customer_id", "customer id"),
            ("address1", "address 1"),
            ("Unnamed: 0", "unnamed 0"),
            ("HTTPStatus", "httpstatus"),
        ] {
            assert_eq!(split(name).join(" "), expected);
        }
        assert_eq!(told("first_name", |_| true), Some(Kind::GivenName));
        assert_eq!(told("ship_zip_code", |_| true), Some(Kind::Postcode));
        assert_eq!(told("colour", |_| true), None);
    }
}
