//! A text that somebody typed and that is nobody else's business, on its way to where it is kept.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What stands in its place.
const MASK: &str = "•••";

/// A secret that was typed. It is not printed, not written down with the command that carries it, and gone from memory when
/// it is let go.
#[derive(Clone, PartialEq, Eq)]
pub struct Masked(String);

impl Masked {
    /// Takes a text into custody.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the one place that keeps it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl Serialize for Masked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

impl<'de> Deserialize<'de> for Masked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Nothing that was written down has a secret in it.
        String::deserialize(deserializer).map(|_| Self(String::new()))
    }
}

impl Drop for Masked {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.0).into_bytes();
        bytes.fill(0);
        std::hint::black_box(&bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_prints_or_writes_it() {
        let masked = Masked::new("canary-7f3a".to_owned());
        assert_eq!(format!("{masked:?} {:?}", Some(&masked)), "••• Some(•••)");
        assert_eq!(serde_json::to_string(&masked).unwrap(), "\"•••\"");
        assert_eq!(masked.reveal(), "canary-7f3a");
    }
}
