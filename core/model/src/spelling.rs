//! Ways of writing one value in a column.

use serde::{Deserialize, Serialize};

/// Values that are taken for one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spellings {
    /// What they become: the most frequent of them.
    pub into: String,
    /// All of them with their rows, the most frequent first.
    pub values: Vec<(String, u64)>,
}

/// How values that are one are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpellingMethod {
    /// The same words, whatever their order, case, accents and punctuation.
    #[default]
    Fingerprint,
    /// The same pairs of letters, whatever their order: near typing errors and spaces.
    Ngram,
    /// Words that sound alike in English.
    Sound,
    /// A few letters apart.
    Near,
}

impl SpellingMethod {
    /// All of them, from the strictest.
    pub const ALL: [Self; 4] = [Self::Fingerprint, Self::Ngram, Self::Sound, Self::Near];

    /// The name it is asked for by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fingerprint => "fingerprint",
            Self::Ngram => "ngram",
            Self::Sound => "sound",
            Self::Near => "near",
        }
    }
}
