//! Broker charlie: daily NDJSON files with nested records, prices in cents.

use super::fault::Fault;
use super::moment::iso_day;
use super::quote::Quote;

/// Writes one record.
pub fn line(quote: &Quote, out: &mut Vec<u8>) {
    let fault = |kind| quote.fault == Some(kind);
    let mut pickup = quote.pickup.iso("T");
    let mut back = quote.back.iso("T");
    if fault(Fault::ImpossibleDate) {
        pickup.replace_range(5..10, "02-31");
    }
    if fault(Fault::NegativeDays) {
        std::mem::swap(&mut pickup, &mut back);
    }
    let name = if quote.swapped { format!("{} {}", quote.family, quote.given) } else { format!("{} {}", quote.given, quote.family) };
    let amount = match quote.fault {
        Some(Fault::PriceInWords) => "\"call us\"".to_owned(),
        Some(Fault::AbsurdPrice) => if quote.cents % 2 == 0 { "0" } else { "999999900" }.to_owned(),
        _ => quote.cents.to_string(),
    };
    let id = if fault(Fault::MissingId) { "null".to_owned() } else { text(&quote.id) };
    let class = text(if fault(Fault::UnknownClass) { "Sidecar" } else { &quote.class });
    let record = format!(
        "{{\"id\":{id},\"requested\":{},\"pickup\":{{\"place\":{},\"at\":\"{pickup}\"}},\"return_at\":\"{back}\",\"vehicle\":{class},\
         \"customer\":{{\"name\":{},\"birth_date\":{},\"town\":{},\"contact\":{{\"email\":{},\"phone\":{}}}}},\
         \"price\":{{\"amount\":{amount},\"currency\":\"EUR\"}}}}",
        text(&quote.at.iso("T")),
        text(&quote.place),
        text(&name),
        or_null(quote.birth.map(iso_day).as_deref()),
        or_null(quote.town.as_deref()),
        or_null(quote.email.as_deref()),
        or_null(quote.phone.as_deref()),
    );
    match quote.fault {
        Some(Fault::BrokenJson) => {
            // Cut somewhere in the second half, at a letter's edge.
            let cut = (record.len() / 2 + quote.cents as usize % (record.len() / 3)..record.len()).find(|&i| record.is_char_boundary(i));
            out.extend_from_slice(&record.as_bytes()[..cut.unwrap_or(record.len() / 2)]);
        }
        Some(Fault::WrongEncoding) => {
            let town = record.find("\"town\":").unwrap_or(0);
            out.extend_from_slice(&record.as_bytes()[..town]);
            // The name of a town as a Latin-1 program writes it.
            out.extend_from_slice(b"\"town\":\"M\xFCnster\"");
            let contact = record.find(",\"contact\"").unwrap_or(record.len());
            out.extend_from_slice(&record.as_bytes()[contact..]);
        }
        _ => out.extend_from_slice(record.as_bytes()),
    }
    out.push(b'\n');
}

fn or_null(value: Option<&str>) -> String {
    value.map_or_else(|| "null".to_owned(), text)
}

fn text(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}
