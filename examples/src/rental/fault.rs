//! The ten kinds of faulty record. Each is put where a broker of that kind can make it, at a rate of its own.

use super::dice::Dice;
use super::quote::Broker;

/// A record that cannot be used. The names are those of `data/truth/faults.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A CSV record with too few or too many fields.
    Ragged,
    /// A CSV field whose quote is never closed.
    UnclosedQuote,
    /// A JSON record cut in the middle.
    BrokenJson,
    /// Bytes that are no UTF-8 in a UTF-8 file.
    WrongEncoding,
    /// No quote number.
    MissingId,
    /// A price in words.
    PriceInWords,
    /// A pick-up on 31 February.
    ImpossibleDate,
    /// Returned before it is picked up.
    NegativeDays,
    /// A class that nobody rents.
    UnknownClass,
    /// A price of nothing or of a fortune.
    AbsurdPrice,
}

impl Fault {
    /// All ten.
    pub const ALL: [Self; 10] = [
        Self::Ragged,
        Self::UnclosedQuote,
        Self::BrokenJson,
        Self::WrongEncoding,
        Self::MissingId,
        Self::PriceInWords,
        Self::ImpossibleDate,
        Self::NegativeDays,
        Self::UnknownClass,
        Self::AbsurdPrice,
    ];

    /// The name in the truth and in the README.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ragged => "ragged",
            Self::UnclosedQuote => "unclosed_quote",
            Self::BrokenJson => "broken_json",
            Self::WrongEncoding => "wrong_encoding",
            Self::MissingId => "missing_id",
            Self::PriceInWords => "price_in_words",
            Self::ImpossibleDate => "impossible_date",
            Self::NegativeDays => "negative_days",
            Self::UnknownClass => "unknown_class",
            Self::AbsurdPrice => "absurd_price",
        }
    }

    /// Its share of a broker's records; 0 where it cannot occur.
    pub fn rate(self, broker: Broker) -> f64 {
        let possible = match self {
            Self::Ragged | Self::UnclosedQuote => broker == Broker::Bravo,
            Self::BrokenJson | Self::WrongEncoding => broker == Broker::Charlie,
            _ => true,
        };
        match self {
            _ if !possible => 0.0,
            Self::Ragged | Self::BrokenJson => 0.003,
            Self::PriceInWords | Self::ImpossibleDate | Self::UnknownClass => 0.002,
            Self::UnclosedQuote | Self::WrongEncoding | Self::MissingId | Self::NegativeDays | Self::AbsurdPrice => 0.001,
        }
    }

    /// Draws the fault of one record: mostly none.
    pub fn draw(broker: Broker, dice: &mut Dice) -> Option<Self> {
        let mut left = dice.unit();
        for fault in Self::ALL {
            left -= fault.rate(broker);
            if left < 0.0 {
                return Some(fault);
            }
        }
        None
    }
}
