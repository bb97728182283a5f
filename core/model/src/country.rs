//! A country, where numbers without one are from.

use serde::{Deserialize, Serialize};

/// A country by its two letters (ISO 3166-1), capitals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

impl Country {
    /// Reads two letters, small or capital.
    pub fn new(text: &str) -> Option<Self> {
        let letters: [u8; 2] = text.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_alphabetic).then(|| Self(letters.map(|b| b.to_ascii_uppercase())))
    }

    /// The two letters.
    pub fn code(&self) -> String {
        self.0.iter().map(|b| char::from(*b)).collect()
    }
}

impl TryFrom<String> for Country {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::new(&text).ok_or_else(|| format!("\"{text}\" is no country; write its two letters, for instance \"DE\""))
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.code()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_two_letters() {
        for (text, expected) in [("DE", Some("DE")), ("at", Some("AT")), ("D", None), ("DEU", None), ("4a", None), ("ü", None), ("", None)]
        {
            assert_eq!(Country::new(text).map(|c| c.code()).as_deref(), expected, "{text}");
        }
    }
}
