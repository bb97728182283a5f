//! Entity resolution as a model says it: which rows are the same thing, and which row survives.

use serde::{Deserialize, Serialize};

use crate::{Country, TableName};

/// A `match` model. One table in; golden records and a crosswalk out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchSpec {
    /// The table whose rows are resolved, `layer.table`. A model for files leaves it out.
    #[serde(default)]
    pub from: String,
    /// The column that identifies a row within its source; rows that share both are one entity. A model for files
    /// may leave it out: then each row is one.
    #[serde(default)]
    pub id: String,
    /// The column that names the source of a row; without one all rows are of one source.
    #[serde(default)]
    pub source: Option<String>,
    /// Pairs are made of rows that agree in all keys of at least one rule.
    pub blocking: Vec<BlockingRule>,
    /// How the rows of a pair are compared.
    pub comparisons: Vec<Comparison>,
    /// Pairs whose score reaches this are the same entity, from 0 to 1: the weighted mean of similarities, or the
    /// probability of a match. Left out (0), `fellegi_sunter` chooses it from the data.
    #[serde(default)]
    pub threshold: f64,
    /// What the comparisons of a pair come to.
    #[serde(default)]
    pub score: Scoring,
    /// Which rows may be paired.
    #[serde(default)]
    pub pairs: Pairs,
    /// An entity has at most one row of each source.
    #[serde(default)]
    pub one_to_one: bool,
    /// Of the pairs of a row only the best joins it to others; a pair counts when it is the best of either row.
    #[serde(default)]
    pub best_link: bool,
    /// For `fellegi_sunter`: two groups of rows become one entity only when their rows on the whole speak for it;
    /// a chain of single likenesses does not do.
    #[serde(default = "default_guard")]
    pub guard: bool,
    /// Which value of each column survives; columns not named follow `default_rule`, but `id` and `source` come
    /// together from the entity's first row.
    #[serde(default)]
    pub survivorship: Vec<Survivor>,
    /// The rule for columns not named in `survivorship`.
    #[serde(default)]
    pub default_rule: SurvivorRule,
    /// The column that says which row is newer, for `newest`.
    #[serde(default)]
    pub recency: Option<String>,
    /// Sources from most to least trusted, for `source_order`.
    #[serde(default)]
    pub source_order: Vec<String>,
    /// The name of the crosswalk table; by default the model's with `_crosswalk`.
    #[serde(default)]
    pub crosswalk: Option<String>,
    /// New and changed records are matched against the entities of the run before, all others stay as they are. With
    /// `false`, or with `--full-refresh`, every run matches everything again.
    #[serde(default = "default_incremental")]
    pub incremental: bool,
    /// Make a table, the model's name with `_provenance`, of the record that each value of each entity is from.
    #[serde(default)]
    pub provenance: bool,
    /// Blocks with more rows than this are not compared whole: they are sorted by what is compared,
    /// near neighbours are compared, and the block is reported.
    #[serde(default = "default_max_block")]
    pub max_block: usize,
}

/// The tables that stand beside the golden records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Beside {
    /// `source`, `id`, `entity_id`.
    Crosswalk,
    /// Pairs in doubt by the worth of an answer.
    Review,
    /// What became of entities from run to run.
    Events,
    /// Every decision, and whether it was applied.
    Decisions,
    /// The record that each value is from.
    Provenance,
}

impl Beside {
    /// What its name ends with.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Crosswalk => "crosswalk",
            Self::Review => "review",
            Self::Events => "events",
            Self::Decisions => "decisions",
            Self::Provenance => "provenance",
        }
    }
}

impl MatchSpec {
    /// The tables made beside the one of the model.
    pub fn tables_beside(&self, model: &TableName) -> Vec<(TableName, Beside)> {
        let named = |beside: Beside| (TableName::new(&model.layer, format!("{}_{}", model.table, beside.ending())), beside);
        let crosswalk = match &self.crosswalk {
            Some(own) => (TableName::new(&model.layer, own.clone()), Beside::Crosswalk),
            None => named(Beside::Crosswalk),
        };
        let mut all = vec![crosswalk, named(Beside::Review), named(Beside::Events), named(Beside::Decisions)];
        all.extend(self.provenance.then(|| named(Beside::Provenance)));
        all
    }
}

fn default_max_block() -> usize {
    5_000
}

fn default_incremental() -> bool {
    true
}

fn default_guard() -> bool {
    true
}

fn default_weight() -> f64 {
    1.0
}

fn default_term_frequency() -> bool {
    true
}

/// What the comparisons of a pair come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scoring {
    /// The weighted mean of the similarities, from 0 to 1.
    #[default]
    WeightedMean,
    /// The probability of a match (Fellegi and Sunter 1969), from how often each level of likeness is met among
    /// pairs that match (m) and pairs that do not (u), both learned from the data.
    FellegiSunter,
    /// The same, corrected by what people decided: logistic regression over the levels, drawn towards the weights that
    /// were learned. Without decisions it is `fellegi_sunter`.
    Logistic,
}

impl Scoring {
    /// True when the score is a probability whose weights are learned.
    pub fn learned(self) -> bool {
        matches!(self, Self::FellegiSunter | Self::Logistic)
    }
}

/// Which rows may be paired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pairs {
    /// Any two.
    #[default]
    All,
    /// Two of different sources.
    Across,
}

/// Rows that agree in all of these keys are compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockingRule {
    /// The keys.
    pub keys: Vec<BlockingKey>,
}

/// One key: a column or an expression, normalised, and a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockingKey {
    /// The column; empty when the key is an expression.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub column: String,
    /// Instead of a column: an expression in SQL over the columns of one row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// What people call the key, when it is an expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How its text is made comparable.
    #[serde(default)]
    pub normalise: Vec<Normaliser>,
    /// Only the first so many characters.
    #[serde(default)]
    pub prefix: Option<usize>,
    /// Instead of the whole text so many of its words, drawn by weighted min-hashing: rare words are drawn more
    /// often, and two texts draw the same word as often as they are alike. Rows that share one drawn word are
    /// compared. Such a key stands alone in its rule.
    #[serde(default)]
    pub words: Option<usize>,
    /// Instead of equality: rows are sorted by the text, and each is compared with the next so many (sorted
    /// neighbourhood). Such a key stands alone in its rule.
    #[serde(default)]
    pub neighbours: Option<usize>,
}

/// One way to make text comparable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Normaliser {
    /// Small letters.
    Lower,
    /// Letters without accents, in Latin script.
    Ascii,
    /// Letters, digits and single spaces only.
    Alphanumeric,
    /// Digits only.
    Digits,
    /// Words in alphabetical order.
    SortWords,
    /// Digits of a telephone number without trunk zero, country code, plus sign or extension: the last nine,
    /// without leading zeros.
    Phone,
    /// A telephone number as E.164, `+` and digits; numbers without a country are of the one that is named. What comes
    /// to no such number is left as its digits.
    E164(Country),
    /// An e-mail address in small letters without `+tag` in the local part.
    Email,
    /// A date in any usual form as `YYYY-MM-DD`; day first when both readings are possible. Text with digits that
    /// is no date stays as it is, text without digits is missing.
    Date,
    /// The Soundex code of the first word.
    Soundex,
    /// The primary Double Metaphone code: how a name is spoken in English.
    Metaphone,
    /// The alternate Double Metaphone code: how it may be spoken where it comes from.
    MetaphoneAlternate,
    /// A person's name without titles before and behind it (`Dr.`, `Herr`, `PhD`).
    Titles,
    /// An organisation's name without its legal form (`GmbH & Co. KG`, `Ltd.`, `S.p.A.`).
    Company,
    /// Given names in place of their pet and short forms: `Bob` is `robert`.
    Nickname,
    /// Words of addresses under one spelling: `Street` is `st`, `Hauptstraße` is `hauptstr`.
    Address,
    /// The words with a digit in them, each once and in order: model numbers, versions, sizes.
    Numbers,
}

/// How two values of one column are compared, and what the result is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The column.
    pub column: String,
    /// How values are made comparable first.
    #[serde(default)]
    pub normalise: Vec<Normaliser>,
    /// The measure.
    pub method: Measure,
    /// Share of the weighted mean; shares need not add up to 1.
    #[serde(default = "default_weight")]
    pub weight: f64,
    /// Similarities below this count as 0.
    #[serde(default)]
    pub floor: f64,
    /// For `number`, `date` and `geo`: the difference (days for dates, kilometres for places) at which similarity
    /// reaches 0.
    #[serde(default)]
    pub tolerance: Option<f64>,
    /// What a pair with a missing value scores here; without it the comparison is left out of the mean.
    #[serde(default)]
    pub missing: Option<f64>,
    /// For `fellegi_sunter`: similarities at which the levels of likeness begin, falling, at most five; besides
    /// there are "equal" above them and "else" below.
    #[serde(default)]
    pub levels: Vec<f64>,
    /// For `fellegi_sunter`: how often matching pairs are at each level (equal, the levels, else); learned when
    /// left out.
    #[serde(default)]
    pub m: Vec<f64>,
    /// For `fellegi_sunter`: the same for pairs that do not match.
    #[serde(default)]
    pub u: Vec<f64>,
    /// For `fellegi_sunter`: equal values weigh more the rarer they are.
    #[serde(default = "default_term_frequency")]
    pub term_frequency: bool,
}

impl Comparison {
    /// A comparison with everything else left out.
    pub fn new(column: impl Into<String>, method: Measure) -> Self {
        Self {
            column: column.into(),
            normalise: Vec::new(),
            method,
            weight: 1.0,
            floor: 0.0,
            tolerance: None,
            missing: None,
            levels: Vec::new(),
            m: Vec::new(),
            u: Vec::new(),
            term_frequency: true,
        }
    }
}

impl BlockingKey {
    /// A column's whole text after some normalisers.
    pub fn new(column: impl Into<String>, normalise: &[Normaliser]) -> Self {
        Self { column: column.into(), sql: None, name: None, normalise: normalise.to_vec(), prefix: None, words: None, neighbours: None }
    }

    /// What people know it by: its name, its expression or its column.
    pub fn shown(&self) -> &str {
        self.name.as_deref().or(self.sql.as_deref()).unwrap_or(&self.column)
    }
}

/// Similarity measures, each from 0 (nothing alike) to 1 (equal).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// 1 when equal, else 0.
    Exact,
    /// Jaro-Winkler (Winkler 1990), prefix weight 0.1.
    JaroWinkler,
    /// 1 − Levenshtein distance / longer length.
    Levenshtein,
    /// The same with two neighbouring characters changing places as one fault (optimal string alignment).
    Damerau,
    /// Cosine of the words, rare ones weighing more (TF-IDF).
    Cosine,
    /// Cosine of the words' three-letter pieces, rare ones weighing more (TF-IDF).
    Qgram,
    /// Words in common by words in all (Jaccard).
    TokenSet,
    /// Weight of the words in common by that of the words of the poorer text, rare words weighing more.
    Containment,
    /// Smaller number / larger number.
    Ratio,
    /// 1 − |a − b| / tolerance, not below 0.
    Number,
    /// 1 − days apart / tolerance, not below 0.
    Date,
    /// 1 − kilometres apart / tolerance, not below 0, along the surface of the earth (haversine); values are
    /// `latitude, longitude` in degrees or `POINT(longitude latitude)`.
    Geo,
    /// Elements that two lists have in common by those of the shorter one; values are lists or texts with `,`, `;` or
    /// `|` between elements.
    Overlap,
    /// Three-letter pieces in common by those in all (Jaccard).
    Jaccard,
}

impl Measure {
    /// True when what two texts score depends on how rare their words are in the whole column.
    pub fn weighs_words(self) -> bool {
        matches!(self, Self::Cosine | Self::Containment)
    }
}

/// Which value of one column survives: that of a rule, or one that is computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survivor {
    /// The column.
    pub column: String,
    /// The rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<SurvivorRule>,
    /// Instead of a rule: an expression in SQL that makes one value of all records of an entity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
}

impl Survivor {
    /// The value that a rule chooses.
    pub fn by_rule(column: impl Into<String>, rule: SurvivorRule) -> Self {
        Self { column: column.into(), rule: Some(rule), sql: None }
    }

    /// A value that is computed.
    pub fn by_sql(column: impl Into<String>, sql: impl Into<String>) -> Self {
        Self { column: column.into(), rule: None, sql: Some(sql.into()) }
    }
}

/// Rules of survivorship. Nulls never survive a value; ties go to the smallest (source, id).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurvivorRule {
    /// The value of the newest row.
    Newest,
    /// The longest text.
    Longest,
    /// The value most rows have.
    #[default]
    MostFrequent,
    /// The value of the most trusted source.
    SourceOrder,
    /// The first value there is, in the order of source and id.
    NonNull,
}

/// A record of a match: what (source, id) says. A record without a source has the empty text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordKey {
    /// The source.
    #[serde(default)]
    pub source: String,
    /// The id as text.
    pub id: String,
}

impl std::fmt::Display for RecordKey {
    /// `source:id`, or the one that there is.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.source.as_str(), self.id.as_str()) {
            ("", id) => f.write_str(id),
            (source, "") => f.write_str(source),
            (source, id) => write!(f, "{source}:{id}"),
        }
    }
}

/// What a person decided of two records, applied in every run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchDecision {
    /// One record.
    pub left: RecordKey,
    /// The other.
    pub right: RecordKey,
    /// What was decided.
    pub verdict: Verdict,
    /// By whom.
    #[serde(default)]
    pub who: String,
    /// Why.
    #[serde(default)]
    pub why: String,
}

/// What can be decided of two records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// They are the same entity.
    Together,
    /// They are not.
    Apart,
}

/// Decisions that could not be applied.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionReport {
    /// Decisions applied.
    pub applied: u64,
    /// Decisions that contradict each other: two records kept apart, and the chain that keeps them together. None of
    /// a contradiction is applied; which of them is wrong is not guessed.
    pub contradictions: Vec<Vec<MatchDecision>>,
    /// Decisions about records that there are no more; kept, and applied when they come back.
    pub vanished: Vec<MatchDecision>,
}

/// What became of an entity from one run to the next.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityEvent {
    /// Entities became one, under the name of the one that gave most records.
    Merged {
        /// The name that stays.
        into: String,
        /// Names that are no more.
        from: Vec<String>,
    },
    /// Records of an entity went to several.
    Split {
        /// The name before.
        from: String,
        /// The names of the entities that have its records now, the one that kept the name first.
        into: Vec<String>,
    },
    /// An entity of records that were not there before.
    Appeared(String),
    /// None of its records is there any more.
    Vanished(String),
}
