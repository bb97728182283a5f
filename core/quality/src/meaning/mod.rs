//! What the values of a column mean, from the values; its name only tips the scale where values leave it open.
//!
//! [`values`] knows texts one by one (an e-mail address, an IBAN whose checksum holds), [`kind`] weighs them for a column,
//! [`name`] reads the column's name, [`pii`] says what is about persons, [`context`] looks at the columns beside it,
//! [`feature`] says what a model would use the column for.

mod context;
mod country;
mod date;
mod feature;
mod kind;
mod lexicon;
mod name;
mod pii;
mod values;

pub use feature::{Example, Forest, ForestOptions, features_of, train};

use trommel_model::{DataType, Meaning};

/// What is known of a column when its meaning is asked.
pub(crate) struct Evidence<'a> {
    pub name: &'a str,
    pub data_type: &'a DataType,
    pub rows: u64,
    pub nulls: u64,
    pub distinct: u64,
    pub mean: Option<f64>,
    pub sd: Option<f64>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    /// Different values with their rows; a sample of them, with one row each, when there are many.
    pub sample: &'a [(String, u64)],
}

impl Evidence<'_> {
    /// The share of values that are different ones.
    pub(crate) fn distinct_ratio(&self) -> f64 {
        self.distinct as f64 / (self.rows - self.nulls).max(1) as f64
    }
}

/// What the values of a column mean.
pub(crate) fn of(evidence: &Evidence<'_>) -> Meaning {
    let Some(found) = kind::of(evidence) else {
        return Meaning { feature: feature::of(evidence), ..Meaning::default() };
    };
    let found = name::weighed(evidence, found);
    Meaning {
        kind: Some(found.kind),
        confidence: found.confidence,
        pii: pii::of(evidence, &found),
        format: found.format,
        feature: feature::of(evidence),
    }
}

pub(crate) use context::{like_places, settle};
pub(crate) use values::is_number;

/// A rule for single values by the name of what it finds.
type Recogniser = (&'static str, fn(&str) -> bool);

/// Rules for single values; each says yes to nothing else.
pub(crate) fn recognisers() -> [Recogniser; 7] {
    [
        ("e-mail addresses", values::is_email),
        ("web addresses", values::is_url),
        ("UUIDs", values::is_uuid),
        ("IP addresses", values::is_ip),
        ("hardware addresses", values::is_mac),
        ("IBANs", values::is_iban),
        ("times of day", date::is_time),
    ]
}

/// The format that most of these days are written in.
pub(crate) fn day_format(texts: &[&str]) -> Option<&'static str> {
    date::format(texts).filter(|(format, share)| *share >= 0.7 && *format != "%Y%m%d").map(|(format, _)| format)
}

/// True for a day in this format.
pub(crate) fn fits_format(text: &str, format: &str) -> bool {
    date::year(text, format).is_some()
}
