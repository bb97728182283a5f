//! Broker bravo: daily CSV files of a German office: semicolons, Windows-1252, day-first dates, `1.234,50 €`,
//! names as `Family, Given`.

use super::fault::Fault;
use super::moment::day_first;
use super::quote::Quote;
use super::slips::plain;

/// The first line of every file.
pub const HEADER: &str = "Angebot;Angefragt;Abholort;Abholung;Rückgabe;Klasse;Kunde;Geburtsdatum;E-Mail;Telefon;Wohnort;Preis\r\n";

/// Writes one record.
pub fn line(quote: &Quote, out: &mut Vec<u8>) {
    let fault = |kind| quote.fault == Some(kind);
    let customer =
        if quote.swapped { format!("\"{} {}\"", quote.given, quote.family) } else { format!("\"{}, {}\"", quote.family, quote.given) };
    let mut pickup = quote.pickup.day_first();
    let mut back = quote.back.day_first();
    if fault(Fault::ImpossibleDate) {
        pickup.replace_range(..5, "31.02");
    }
    if fault(Fault::NegativeDays) {
        std::mem::swap(&mut pickup, &mut back);
    }
    let none = String::new();
    let birth = quote.birth.map(day_first).unwrap_or_default();
    let mut fields = vec![
        if fault(Fault::MissingId) { none.clone() } else { quote.id.clone() },
        quote.at.day_first(),
        quote.place.clone(),
        pickup,
        back,
        if fault(Fault::UnknownClass) { "XXXX".to_owned() } else { quote.class.clone() },
        customer,
        birth,
        quote.email.clone().unwrap_or_default(),
        quote.phone.clone().unwrap_or_default(),
        quote.town.clone().unwrap_or_default(),
        match quote.fault {
            Some(Fault::PriceInWords) => "auf Anfrage".to_owned(),
            Some(Fault::AbsurdPrice) => if quote.cents % 2 == 0 { "0,00 €" } else { "9.999.999,00 €" }.to_owned(),
            _ => euros(quote.cents),
        },
    ];
    match quote.fault {
        // Either the line was cut, or a note was written into a field of its own.
        Some(Fault::Ragged) if quote.cents % 2 == 0 => fields.truncate(8),
        Some(Fault::Ragged) => fields.insert(11, "Stammkunde".to_owned()),
        Some(Fault::UnclosedQuote) => {
            fields[6].pop();
        }
        _ => {}
    }
    encode(&fields.join(";"), out);
    out.extend_from_slice(b"\r\n");
}

/// Writes text in Windows-1252; letters it does not have lose their accents.
pub fn encode(text: &str, out: &mut Vec<u8>) {
    for c in text.chars() {
        match (u32::from(c), c) {
            (_, '€') => out.push(0x80),
            (code, _) if code < 0x80 || (0xA0..0x100).contains(&code) => out.push(code as u8),
            _ => out.extend_from_slice(plain(c).unwrap_or("?").as_bytes()),
        }
    }
}

/// `1.234,50 €`.
fn euros(cents: i64) -> String {
    let (whole, rest) = (cents / 100, cents % 100);
    if whole < 1_000 { format!("{whole},{rest:02} €") } else { format!("{}.{:03},{rest:02} €", whole / 1_000, whole % 1_000) }
}
