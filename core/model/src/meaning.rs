//! What the values of a column mean: their semantic type, whether they are about persons, and how a model would use them.

use serde::{Deserialize, Serialize};

/// What the values of a column mean. Confidences are from 0 to 1.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Meaning {
    /// What the values are; none for a column without values.
    pub kind: Option<SemanticType>,
    /// How sure that is.
    pub confidence: f64,
    /// How it is written, for dates and times: `%Y-%m-%d`.
    #[serde(default)]
    pub format: Option<String>,
    /// What the values tell about persons.
    #[serde(default)]
    pub pii: Option<Pii>,
    /// What the column is good for in a model.
    #[serde(default)]
    pub feature: Option<Feature>,
}

/// What the values tell about persons.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pii {
    /// What kind of personal data it is.
    pub class: PiiClass,
    /// How sure that is.
    pub confidence: f64,
}

/// What a column is good for in a model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// The kind of feature.
    pub kind: FeatureType,
    /// How sure that is.
    pub confidence: f64,
}

/// What values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum SemanticType {
    Integer,
    Decimal,
    Boolean,
    Date,
    Time,
    Timestamp,
    Duration,
    Percentage,
    Money,
    Quantity,
    Category,
    FreeText,
    Identifier,
    Code,
    Email,
    Phone,
    Url,
    Domain,
    IpAddress,
    MacAddress,
    Uuid,
    Iban,
    Card,
    NationalId,
    Postcode,
    Country,
    CountryCode,
    Region,
    City,
    Currency,
    Language,
    Latitude,
    Longitude,
    PersonName,
    GivenName,
    Surname,
    Gender,
    Address,
    Organisation,
    UserName,
    Password,
    UserAgent,
    BloodType,
    Age,
    Year,
    Json,
    Binary,
    List,
}

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum PiiClass {
    Name,
    Email,
    Phone,
    Address,
    Location,
    BirthDate,
    Gender,
    NationalId,
    BankAccount,
    Card,
    Credential,
    Online,
    Health,
    Device,
}

/// The nine kinds of feature that `SortingHat` (Shah et al., SIGMOD 2021) tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureType {
    /// A measure.
    Numeric,
    /// One of few values.
    Categorical,
    /// A date or time.
    Datetime,
    /// Words to read.
    Sentence,
    /// An address on the web.
    Url,
    /// A number with something around it, such as `12.0 oz`.
    EmbeddedNumber,
    /// Several values in one.
    List,
    /// A key, a constant or mostly nothing: no use.
    NotGeneralizable,
    /// What only a person who knows the data can tell.
    ContextSpecific,
}

impl FeatureType {
    /// All, in the order of the model's classes.
    pub const ALL: [Self; 9] = [
        Self::Numeric,
        Self::Categorical,
        Self::Datetime,
        Self::Sentence,
        Self::Url,
        Self::EmbeddedNumber,
        Self::List,
        Self::NotGeneralizable,
        Self::ContextSpecific,
    ];
}

impl SemanticType {
    /// Its name for people.
    pub fn label(self) -> String {
        words(&self)
    }
}

impl PiiClass {
    /// Its name for people.
    pub fn label(self) -> String {
        words(&self)
    }
}

impl FeatureType {
    /// Its name for people.
    pub fn label(self) -> String {
        words(&self)
    }
}

/// The name of a variant as words: `GivenName` is `given name`.
fn words(variant: &impl std::fmt::Debug) -> String {
    let name = format!("{variant:?}");
    let mut text = String::with_capacity(name.len() + 4);
    for (at, c) in name.chars().enumerate() {
        if c.is_uppercase() && at > 0 {
            text.push(' ');
        }
        text.extend(c.to_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_words() {
        assert_eq!(SemanticType::GivenName.label(), "given name");
        assert_eq!(FeatureType::NotGeneralizable.label(), "not generalizable");
        assert_eq!(PiiClass::Email.label(), "email");
    }
}
