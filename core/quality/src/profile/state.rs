//! What is known of one column while its rows go by. A column begins with few values, all of them counted; once there are
//! many, sketches take over, and they are told everything that was counted until then.

use std::cmp::Ordering;

use trommel_model::{ProfileLevel, RowOrder, TextFacts};

use super::distinct::Distinct;
use super::key::{KEPT_BYTES, Key};
use super::moments::Moments;
use super::quantiles::Quantiles;
use super::sample::Sample;
use super::tally::{Entry, Tally};
use super::text::Texts;

/// Up to this many different values a column has few.
pub(super) const FEW: usize = 8_192;
/// Frequent values kept of a column that has many.
const FREQUENT: usize = 2_048;
/// In a summary, one row in this many is looked at for frequent values, once a column has many.
const STRIDE: u64 = 8;

/// A column of one kind of value. The rows come in order, whatever the batches they come in.
#[derive(Debug, Clone)]
pub(super) struct State<K: Key> {
    level: ProfileLevel,
    pub rows: u64,
    pub nulls: u64,
    pub not_finite: u64,
    order: Option<Order<K>>,
    /// Texts that are kept cut, described whole as they go by, while the column has few values.
    long: Option<Box<Texts>>,
    pub stage: Stage<K>,
}

#[derive(Debug, Clone)]
pub(super) enum Stage<K: Key> {
    Few(Tally<K>),
    Many(Box<Many<K>>),
}

#[derive(Debug, Clone)]
pub(super) struct Many<K: Key> {
    pub distinct: Distinct,
    pub frequent: Tally<K>,
    pub sample: Sample<K>,
    pub extremes: Option<(K, K)>,
    pub moments: Moments,
    pub quantiles: Option<Quantiles>,
    pub texts: Option<Box<Texts>>,
    /// Rows that one counted row stands for.
    pub stride: u64,
}

/// What a column with many values begins with where that is known of it.
#[derive(Debug, Clone)]
pub(super) struct Seed {
    /// The base of its quantiles, for values that lie on a line.
    base: Option<f64>,
    /// Its texts are described one by one.
    texts: bool,
}

/// The first and the newest value, and which orders still hold.
#[derive(Debug, Clone)]
struct Order<K> {
    first: K,
    last: K,
    /// Values rise or fall somewhere, and are equal somewhere.
    rises: bool,
    falls: bool,
    ties: bool,
}

impl<K: Key> State<K> {
    /// Nothing seen yet. With a seed the column is known to have many values.
    pub(super) fn new(level: ProfileLevel, seed: Option<&Seed>) -> Self {
        let stage = match seed {
            None => Stage::Few(Tally::new(FEW)),
            Some(seed) => Stage::Many(Box::new(Many::new(level, seed))),
        };
        Self { level, rows: 0, nulls: 0, not_finite: 0, order: None, long: None, stage }
    }

    /// What other parts of the table begin with; none while the column has few values.
    pub(super) fn seed(&self) -> Option<Seed> {
        match &self.stage {
            Stage::Few(_) => None,
            Stage::Many(many) => Some(Seed { base: many.quantiles.as_ref().map(Quantiles::base), texts: many.texts.is_some() }),
        }
    }

    #[inline]
    pub(super) fn see_null(&mut self) {
        self.rows += 1;
        self.nulls += 1;
    }

    #[inline]
    pub(super) fn see(&mut self, look: &K::Look) {
        self.rows += 1;
        match &mut self.order {
            Some(order) if order.rises && order.falls => {}
            Some(order) => order.see(look),
            None => {
                let long = is_long::<K>(look);
                self.order = Some(Order { first: K::keep(look), last: K::keep(look), rises: long, falls: long, ties: false });
            }
        }
        if !K::finite(look) {
            self.not_finite += 1;
        }
        let hash = K::hash(look);
        match &mut self.stage {
            Stage::Few(tally) => {
                tally.add(look, hash, 1);
                if let Some(text) = K::text(look).filter(|text| text.len() > KEPT_BYTES && self.level == ProfileLevel::Full) {
                    self.long.get_or_insert_with(|| Box::new(Texts::new())).add(text, 1);
                }
                if tally.is_full() {
                    self.become_many();
                }
            }
            Stage::Many(many) => many.see(look, hash, self.rows),
        }
    }

    /// Adds what another state has seen of the rows behind these.
    pub(super) fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.nulls += other.nulls;
        self.not_finite += other.not_finite;
        self.order = match (self.order.take(), &other.order) {
            (Some(mut mine), Some(theirs)) => {
                mine.see(theirs.first.look());
                mine.rises |= theirs.rises;
                mine.falls |= theirs.falls;
                mine.ties |= theirs.ties;
                mine.last = theirs.last.clone();
                Some(mine)
            }
            (mine, theirs) => mine.or_else(|| theirs.clone()),
        };
        if let Some(theirs) = &other.long {
            let mine = match &mut self.stage {
                Stage::Few(_) => &mut self.long,
                Stage::Many(many) => &mut many.texts,
            };
            mine.get_or_insert_with(|| Box::new(Texts::new())).merge(theirs);
        }
        match (&mut self.stage, &other.stage) {
            (Stage::Few(mine), Stage::Few(theirs)) => {
                let mut at = 0;
                while let Some(entry) = theirs.entries().get(at) {
                    mine.add_with(entry.hash, entry.count, || entry.key.clone());
                    at += 1;
                    if mine.is_full() {
                        break;
                    }
                }
                if mine.is_full() {
                    self.become_many();
                    if let Stage::Many(many) = &mut self.stage {
                        for entry in &theirs.entries()[at..] {
                            many.add(entry);
                        }
                    }
                }
            }
            (Stage::Many(mine), Stage::Few(theirs)) => {
                for entry in theirs.entries() {
                    mine.add(entry);
                }
            }
            (Stage::Few(_), Stage::Many(theirs)) => {
                self.become_many();
                if let Stage::Many(mine) = &mut self.stage {
                    mine.merge(theirs);
                }
            }
            (Stage::Many(mine), Stage::Many(theirs)) => mine.merge(theirs),
        }
    }

    /// The order of the rows, when it is one.
    pub(super) fn row_order(&self) -> Option<RowOrder> {
        let order = self.order.as_ref()?;
        match (order.rises, order.falls, order.ties) {
            (true, true, _) => None,
            (true, false, false) => Some(RowOrder::StrictlyAscending),
            (true, false, true) => Some(RowOrder::Ascending),
            (false, true, false) => Some(RowOrder::StrictlyDescending),
            (false, true, true) => Some(RowOrder::Descending),
            (false, false, ties) => ties.then_some(RowOrder::Constant),
        }
    }

    /// What is told of the texts of a column that has few values.
    pub(super) fn texts_of_few(&self) -> Option<TextFacts> {
        let Stage::Few(tally) = &self.stage else { return None };
        tally.entries().first().and_then(|e| K::text(e.key.look())).filter(|_| self.level == ProfileLevel::Full)?;
        let mut texts = self.long.clone().unwrap_or_else(|| Box::new(Texts::new()));
        for entry in most_first(tally) {
            if let Some(text) = K::text(entry.key.look()).filter(|_| !is_cut(entry)) {
                texts.add(text, entry.count);
            }
        }
        Some(texts.facts())
    }

    fn become_many(&mut self) {
        let Stage::Few(tally) = &self.stage else { return };
        let base = tally.entries().iter().find_map(|e| K::place(e.key.look()));
        let texts = tally.entries().first().is_some_and(|e| K::text(e.key.look()).is_some()) && self.level == ProfileLevel::Full;
        let mut many = Many::new(self.level, &Seed { base, texts });
        if let Some(long) = self.long.take().filter(|_| texts) {
            many.texts = Some(long);
        }
        for entry in most_first(tally) {
            many.add(entry);
        }
        self.stage = Stage::Many(Box::new(many));
    }
}

impl<K: Key> Many<K> {
    fn new(level: ProfileLevel, seed: &Seed) -> Self {
        Self {
            distinct: Distinct::new(),
            frequent: Tally::new(FREQUENT),
            sample: Sample::new(),
            extremes: None,
            moments: Moments::default(),
            quantiles: seed.base.map(Quantiles::new),
            texts: seed.texts.then(|| Box::new(Texts::new())),
            stride: if level == ProfileLevel::Full { 1 } else { STRIDE },
        }
    }

    /// Takes in one more row, the `row`th.
    #[inline]
    fn see(&mut self, look: &K::Look, hash: u64, row: u64) {
        self.distinct.add(hash);
        self.sample.add(look, hash);
        if self.stride == 1 || drawn(row, self.stride) {
            self.frequent.add(look, hash, self.stride);
            self.frequent.reduce();
        }
        if let Some(place) = K::place(look) {
            self.moments.add(place);
            if let Some(quantiles) = &mut self.quantiles {
                quantiles.add(place, 1);
            }
        }
        if K::finite(look) {
            self.extend(look);
        }
        if let (Some(texts), Some(text)) = (&mut self.texts, K::text(look)) {
            texts.add(text, 1);
        }
    }

    /// Takes in a value that was counted. A text that was cut has been described already.
    fn add(&mut self, entry: &Entry<K>) {
        let (look, hash, rows) = (entry.key.look(), entry.hash, entry.count);
        self.distinct.add(hash);
        self.sample.add(look, hash);
        self.frequent.add(look, hash, rows);
        self.frequent.reduce();
        if let Some(place) = K::place(look) {
            self.moments.add_many(place, rows);
            if let Some(quantiles) = &mut self.quantiles {
                quantiles.add(place, rows);
            }
        }
        if K::finite(look) {
            self.extend(look);
        }
        if let (Some(texts), Some(text)) = (&mut self.texts, K::text(look).filter(|_| !is_cut(entry))) {
            texts.add(text, rows);
        }
    }

    #[inline]
    fn extend(&mut self, look: &K::Look) {
        match &mut self.extremes {
            Some((min, max)) => {
                if K::order(look, min.look()) == Ordering::Less {
                    *min = K::keep(look);
                } else if K::order(look, max.look()) == Ordering::Greater {
                    *max = K::keep(look);
                }
            }
            None => self.extremes = Some((K::keep(look), K::keep(look))),
        }
    }

    fn merge(&mut self, other: &Self) {
        self.distinct.merge(&other.distinct);
        self.sample.merge(&other.sample);
        self.frequent.merge(&other.frequent);
        if let Some((min, max)) = &other.extremes {
            self.extend(min.look());
            self.extend(max.look());
        }
        self.moments.merge(&other.moments);
        match (&mut self.quantiles, &other.quantiles) {
            (Some(mine), Some(theirs)) => mine.merge(theirs),
            (mine @ None, Some(theirs)) => *mine = Some(theirs.clone()),
            (_, None) => {}
        }
        match (&mut self.texts, &other.texts) {
            (Some(mine), Some(theirs)) => mine.merge(theirs),
            (mine @ None, Some(theirs)) => *mine = Some(theirs.clone()),
            (_, None) => {}
        }
    }
}

/// The most frequent first, so that they are there before anything is deducted.
fn most_first<K: Key>(tally: &Tally<K>) -> Vec<&Entry<K>> {
    let mut entries: Vec<_> = tally.entries().iter().collect();
    entries.sort_by(|a, b| b.count.cmp(&a.count).then(a.hash.cmp(&b.hash)));
    entries
}

/// Whether a text is kept by its beginning only.
fn is_long<K: Key>(look: &K::Look) -> bool {
    K::text(look).is_some_and(|text| text.len() > KEPT_BYTES)
}

/// Whether only the beginning of a text was kept: the hash is that of all of it.
fn is_cut<K: Key>(entry: &Entry<K>) -> bool {
    let look = entry.key.look();
    K::text(look).is_some_and(|text| text.len() + 4 > KEPT_BYTES) && K::hash(look) != entry.hash
}

/// Whether a row is among the one in `stride` that is looked at. Rows are drawn by their number stirred, not every so
/// many: values that come round at regular distances would never be met, or always.
#[inline]
fn drawn(row: u64, stride: u64) -> bool {
    let mut mixed = row.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((mixed ^ (mixed >> 27)) >> 32).is_multiple_of(stride)
}

impl<K: Key> Order<K> {
    fn see(&mut self, look: &K::Look) {
        // Of long texts only the beginning of the last one is there to compare: nothing is claimed of their order.
        if is_long::<K>(look) {
            (self.rises, self.falls) = (true, true);
            return;
        }
        match K::order(look, self.last.look()) {
            Ordering::Greater => self.rises = true,
            Ordering::Less => self.falls = true,
            Ordering::Equal => {
                self.ties = true;
                return;
            }
        }
        if !(self.rises && self.falls) {
            self.last = K::keep(look);
        }
    }
}
