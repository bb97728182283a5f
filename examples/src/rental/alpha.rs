//! Broker alpha: a table in a SQLite database, with ISO dates and prices in euros.

use super::fault::Fault;
use super::moment::iso_day;
use super::quote::Quote;

/// The table's name.
pub const TABLE: &str = "quotes";

/// The table's columns with the types they are declared with. There is no primary key: records come twice.
pub const COLUMNS: [(&str, &str); 14] = [
    ("quote_id", "TEXT"),
    ("requested_at", "TEXT"),
    ("received_on", "TEXT"),
    ("pickup_city", "TEXT"),
    ("pickup_at", "TEXT"),
    ("return_at", "TEXT"),
    ("car_class", "TEXT"),
    ("first_name", "TEXT"),
    ("last_name", "TEXT"),
    ("date_of_birth", "TEXT"),
    ("email", "TEXT"),
    ("phone", "TEXT"),
    ("home_town", "TEXT"),
    ("price_eur", "NUMERIC"),
];

/// The cells of one record.
pub fn cells(quote: &Quote) -> Vec<Option<String>> {
    let fault = |kind| quote.fault == Some(kind);
    let (first, last) = if quote.swapped { (&quote.family, &quote.given) } else { (&quote.given, &quote.family) };
    let mut pickup = quote.pickup.iso(" ");
    let mut back = quote.back.iso(" ");
    if fault(Fault::ImpossibleDate) {
        pickup = format!("{}-02-31 10:00:00", &pickup[..4]);
    }
    if fault(Fault::NegativeDays) {
        std::mem::swap(&mut pickup, &mut back);
    }
    vec![
        (!fault(Fault::MissingId)).then(|| quote.id.clone()),
        Some(quote.at.iso(" ")),
        Some(iso_day(quote.delivered)),
        Some(quote.place.clone()),
        Some(pickup),
        Some(back),
        Some(if fault(Fault::UnknownClass) { "Hovercraft".to_owned() } else { quote.class.clone() }),
        Some(first.clone()),
        Some(last.clone()),
        quote.birth.map(iso_day),
        quote.email.clone(),
        quote.phone.clone(),
        quote.town.clone(),
        Some(match quote.fault {
            Some(Fault::PriceInWords) => "on request".to_owned(),
            Some(Fault::AbsurdPrice) => if quote.cents % 2 == 0 { "0" } else { "9999999" }.to_owned(),
            _ => euros(quote.cents),
        }),
    ]
}

/// `1234.50`.
pub fn euros(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
