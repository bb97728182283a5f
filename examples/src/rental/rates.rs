//! How often each thing goes wrong. Harsh on purpose; the README of the example has the same figures,
//! and a test counts them in what was generated.

use super::quote::Broker;

/// Chance of a slip in one text field, by field (insert, delete, substitute, transpose, OCR, accents lost).
pub mod slip {
    /// Given name.
    pub const GIVEN: f64 = 0.06;
    /// Family name.
    pub const FAMILY: f64 = 0.08;
    /// Birth date: day and month swapped, or a digit wrong.
    pub const BIRTH: f64 = 0.03;
    /// E-mail address.
    pub const EMAIL: f64 = 0.05;
    /// Telephone number.
    pub const PHONE: f64 = 0.04;
    /// Home town.
    pub const TOWN: f64 = 0.05;
    /// Pick-up place, where it is typed and not chosen: brokers alpha and bravo.
    pub const PLACE: f64 = 0.02;
    /// Pick-up or return time: half an hour, an hour or a day off.
    pub const TIME: f64 = 0.03;
}

/// Chance that a name is cut to its initial (`J. Müller`).
pub const INITIAL: f64 = 0.05;
/// Chance that given and family name change places.
pub const SWAPPED: f64 = 0.04;
/// Chance that a name is in capitals, or has space around it that does not belong there.
pub const SHOUTED: f64 = 0.08;
/// Chance that an accented name in broker bravo's files was encoded twice (`MÃ¼ller`).
pub const MOJIBAKE: f64 = 0.06;
/// Chance that a customer's birth date was not asked.
pub const NO_BIRTH: f64 = 0.03;

/// Share of customers whose e-mail, telephone, town or name changed, so that each broker knows the old or the new.
pub const CHANGED: f64 = 0.08;
/// Share of customers who share name and birth date with a different customer.
pub const NAMESAKE: f64 = 0.01;
/// Share of requests that are a second thought: the same customer and class, other days or another place.
pub const SECOND_THOUGHT: f64 = 0.04;

/// Chance that a broker quotes the same request again under another number.
pub const AGAIN: f64 = 0.03;
/// Chance that a quote record is delivered twice, byte by byte.
pub const REDELIVERED: f64 = 0.004;
/// Chance that a quote is delivered one to three days after it was made.
pub const LATE: f64 = 0.01;
/// The same for quotes that were booked: their booking comes first.
pub const LATE_WHEN_BOOKED: f64 = 0.05;
/// Share of requests with one quote that has not been delivered at all, though it was booked.
pub const WITHHELD: f64 = 0.002;
/// Share of bookings that were cancelled.
pub const CANCELLED: f64 = 0.07;

/// Chance that contact fields are empty, by broker.
#[derive(Debug, Clone, Copy)]
pub struct Missing {
    /// E-mail address.
    pub email: f64,
    /// Telephone number.
    pub phone: f64,
    /// Home town.
    pub town: f64,
}

/// What a broker does not know.
pub fn missing(broker: Broker) -> Missing {
    match broker {
        Broker::Alpha => Missing { email: 0.10, phone: 0.25, town: 0.20 },
        Broker::Bravo => Missing { email: 0.35, phone: 0.15, town: 0.12 },
        Broker::Charlie => Missing { email: 0.18, phone: 0.30, town: 0.25 },
    }
}
