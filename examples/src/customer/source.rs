//! The nine sources: who is in them, what they leave out, and how they write a record down.

use super::record::{Fault, Record};
use crate::rental::moment::{day_first, iso_day};

/// A system that knows customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    Crm,
    Shop,
    Web,
    App,
    Loyalty,
    Support,
    Newsletter,
    Store,
    Partner,
}

/// Shares of records without a value; 1 for a field that the source does not have.
#[derive(Debug, Clone, Copy)]
pub struct Missing {
    pub email: f64,
    pub phone: f64,
    pub address: f64,
    pub birth: f64,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 9] =
        [Self::Crm, Self::Shop, Self::Web, Self::App, Self::Loyalty, Self::Support, Self::Newsletter, Self::Store, Self::Partner];

    /// The name of its folder and its table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crm => "crm",
            Self::Shop => "shop",
            Self::Web => "web",
            Self::App => "app",
            Self::Loyalty => "loyalty",
            Self::Support => "support",
            Self::Newsletter => "newsletter",
            Self::Store => "store",
            Self::Partner => "partner",
        }
    }

    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        if matches!(self, Self::Web | Self::Support) { "ndjson" } else { "csv" }
    }

    /// The share of people who are in it.
    pub fn share(self) -> f64 {
        match self {
            Self::Crm => 0.7,
            Self::Shop => 0.55,
            Self::Web => 0.6,
            Self::App => 0.4,
            Self::Loyalty => 0.45,
            Self::Support => 0.25,
            Self::Newsletter => 0.35,
            Self::Store => 0.3,
            Self::Partner => 0.15,
        }
    }

    /// True when orders come through it.
    pub fn sells(self) -> bool {
        matches!(self, Self::Shop | Self::Web | Self::App | Self::Store)
    }

    /// What it leaves out.
    pub fn missing(self) -> Missing {
        let [email, phone, address, birth] = match self {
            Self::Crm => [0.15, 0.25, 0.10, 0.05],
            Self::Shop => [0.10, 0.30, 0.12, 0.10],
            Self::Web => [0.10, 1.0, 0.35, 0.20],
            Self::App => [0.20, 0.10, 0.35, 0.15],
            Self::Loyalty => [0.30, 0.25, 0.10, 0.05],
            Self::Support => [0.15, 0.20, 0.35, 0.35],
            Self::Newsletter => [0.10, 0.35, 0.30, 0.30],
            Self::Store => [0.35, 0.15, 0.12, 0.25],
            Self::Partner => [0.20, 0.20, 0.15, 0.05],
        };
        Missing { email, phone, address, birth }
    }

    /// The first line of its files; none where each line names its fields.
    pub fn header(self) -> Option<&'static str> {
        Some(match self {
            Self::Crm => "customer_no,first_name,last_name,birth_date,email,phone,street,postcode,city,updated_at",
            Self::Shop => "Kundennummer;Name;Geburtsdatum;E-Mail;Telefon;Strasse;PLZ;Ort;Stand",
            Self::Web | Self::Support => return None,
            Self::App => "account,given,family,born,mail,mobile,street,zip,town,seen",
            Self::Loyalty => "card,given_name,family_name,date_of_birth,email,phone,street,postcode,city,since",
            Self::Newsletter => "subscriber,email,first_name,last_name,birth_date,phone,street,postcode,city,subscribed",
            Self::Store => "CUSTOMER|NAME|STREET|POSTCODE|CITY|PHONE|EMAIL|BORN|VISIT",
            Self::Partner => "ref,first,last,dob,email,phone,street,postcode,city,exported",
        })
    }

    /// The id of its record number `n`.
    pub fn id(self, n: u64) -> String {
        match self {
            Self::Crm => format!("C{n:08}"),
            Self::Shop => format!("{}", 100_000 + n),
            Self::Web => format!("u-{n:x}"),
            Self::App => format!("app{n}"),
            Self::Loyalty => format!("29{n:09}"),
            Self::Support => format!("T{n}"),
            Self::Newsletter => format!("nl-{n}"),
            Self::Store => format!("S{n:07}"),
            Self::Partner => format!("P/{n}"),
        }
    }

    /// One line: the record under its id, as this source writes it.
    pub fn line(self, r: &Record, id: &str) -> String {
        let id = if r.fault == Some(Fault::MissingId) { "" } else { id };
        let day = |first: bool| match (r.fault, r.birth) {
            (Some(Fault::ImpossibleDate), _) => if first { "31.02.1980" } else { "1980-02-31" }.to_owned(),
            (_, None) => String::new(),
            (_, Some(birth)) => {
                if first {
                    day_first(birth)
                } else {
                    iso_day(birth)
                }
            }
        };
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let (email, phone, street, postcode, city) = (text(&r.email), text(&r.phone), text(&r.street), text(&r.postcode), text(&r.city));
        let updated = iso_day(r.updated);
        let abroad = |phone: &str| phone.strip_prefix('0').map_or_else(String::new, |rest| format!("+49 {rest}"));
        match self {
            Self::Crm | Self::Loyalty | Self::Partner => {
                csv(&[id, &r.given, &r.family, &day(false), &email, &phone, &street, &postcode, &city, &updated], ',')
            }
            Self::App => csv(&[id, &r.given, &r.family, &day(false), &email, &abroad(&phone), &street, &postcode, &city, &updated], ','),
            Self::Newsletter => csv(&[id, &email, &r.given, &r.family, &day(false), &phone, &street, &postcode, &city, &updated], ','),
            Self::Shop => {
                let name = format!("{}, {}", r.family, r.given);
                csv(&[id, &name, &day(true), &email, &phone, &street, &postcode, &city, &day_first(r.updated)], ';')
            }
            Self::Store => {
                let name = format!("{} {}", r.given, r.family).to_uppercase();
                csv(&[id, &name, &street.to_uppercase(), &postcode, &city.to_uppercase(), &phone, &email, &day(true), &updated], '|')
            }
            Self::Web | Self::Support => {
                let name = format!("{} {}", r.given, r.family);
                let value = |text: String| if text.is_empty() { serde_json::Value::Null } else { text.into() };
                let id = value(id.to_owned());
                serde_json::json!({
                    "id": id, "name": name, "birth_date": value(day(false)), "updated": updated,
                    "contact": { "email": value(email), "phone": value(phone) },
                    "address": { "street": value(street), "postcode": value(postcode), "city": value(city) },
                })
                .to_string()
            }
        }
    }
}

/// Fields parted by a mark, in quotes where they need them.
fn csv(fields: &[&str], mark: char) -> String {
    let quoted = |field: &&str| {
        if field.contains([mark, '"', '\n']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { (*field).to_owned() }
    };
    fields.iter().map(quoted).collect::<Vec<_>>().join(&mark.to_string())
}
