//! Levels of likeness: what Fellegi-Sunter scoring looks at instead of similarities.

use trommel_model::Comparison;

use crate::cells::Cells;
use crate::compare::Part;
use crate::features::Values;
use crate::measure::{Pattern, Texts};

/// A value is missing; tells nothing.
pub(crate) const MISSING: usize = 0;
/// The values are equal. Behind it come the comparison's levels, then "else".
pub(crate) const EQUAL: usize = 1;
/// Levels that one comparison can have, "missing" included; three bits of a pattern.
pub(crate) const MOST_LEVELS: usize = 8;
/// What a similarity may fall short of a level by rounding.
const ROUNDING: f64 = 1e-6;

/// The levels of all comparisons of a pair, three bits each.
pub(crate) type LevelPattern = u128;

/// The comparisons of a model with their levels, in the model's order.
pub(crate) struct Ladder<'a> {
    rungs: Vec<Rung<'a>>,
}

struct Rung<'a> {
    part: Part<'a>,
    levels: Vec<f64>,
    needs: Option<Needs<'a>>,
}

/// Lengths for which it is written down what two texts need.
const LENGTHS: usize = 40;

/// How many characters two texts must have in common to reach each level.
struct Needs<'a> {
    texts: &'a Texts,
    /// By the lengths of the texts and whether they begin otherwise.
    table: Vec<[u8; MOST_LEVELS]>,
}

impl<'a> Needs<'a> {
    fn new(part: &Part<'a>, levels: &[f64]) -> Option<Self> {
        let (texts, most) = part.told_by_letters()?;
        let need = |at: usize| {
            let (left, right, otherwise) = ((at / 2 / LENGTHS) as u32, (at / 2 % LENGTHS) as u32, at % 2 == 1);
            let enough = |level: f64| (0..=left.min(right)).find(|&common| most(common, (left, right), otherwise) + ROUNDING >= level);
            let mut needs = [u8::MAX; MOST_LEVELS];
            for (slot, &level) in needs.iter_mut().zip(levels) {
                *slot = enough(level).map_or(u8::MAX, |common| common as u8);
            }
            needs
        };
        Some(Self { texts, table: (0..LENGTHS * LENGTHS * 2).map(need).collect() })
    }

    /// The first level that two texts can reach, counted from that below equality; none for long texts.
    #[inline]
    fn first(&self, left: u32, right: u32, levels: usize) -> Option<usize> {
        let (left, right) = (self.texts.sketch(left), self.texts.sketch(right));
        let (l, r) = (left.len() as usize, right.len() as usize);
        if l >= LENGTHS || r >= LENGTHS {
            return None;
        }
        let common = left.common(right) as u8;
        let needs = &self.table[(l * LENGTHS + r) * 2 + usize::from(left.begins_otherwise(right))];
        // The needs of higher levels are not smaller.
        Some(needs[..levels].iter().filter(|&&need| common < need).count())
    }
}

impl<'a> Ladder<'a> {
    pub fn new(comparisons: &[Comparison], values: &[&'a Values]) -> Self {
        let rung = |(at, (c, values)): (usize, (&Comparison, &&'a Values))| {
            let part = Part::levelled(at, c, values);
            Rung { needs: Needs::new(&part, &c.levels), part, levels: c.levels.clone() }
        };
        Self { rungs: comparisons.iter().zip(values).enumerate().map(rung).collect() }
    }

    pub fn len(&self) -> usize {
        self.rungs.len()
    }

    pub fn scratch(&self) -> Vec<Pattern> {
        self.rungs.iter().map(|_| Pattern::default()).collect()
    }

    /// Levels of a comparison without "missing".
    pub fn levels(&self, at: usize) -> usize {
        self.rungs[at].levels.len() + 2
    }

    /// What comparing costs, in units of looking at two numbers.
    pub fn cost(&self, at: usize) -> f64 {
        self.rungs[at].part.cost()
    }

    /// The level of two values.
    #[inline]
    pub fn level(&self, at: usize, left: u32, right: u32, patterns: &mut [Pattern]) -> usize {
        if left == 0 || right == 0 {
            return MISSING;
        }
        if left == right {
            return EQUAL;
        }
        let rung = &self.rungs[at];
        if rung.levels.is_empty() {
            return EQUAL + 1;
        }
        rung.at_or_above(rung.part.similarity(left, right, 0.0, &mut patterns[at]))
    }

    /// A level that two different values cannot exceed, told without comparing them closely.
    #[inline]
    pub fn bound(&self, at: usize, left: u32, right: u32) -> usize {
        let rung = &self.rungs[at];
        match rung.needs.as_ref().and_then(|needs| needs.first(left, right, rung.levels.len())) {
            Some(first) => EQUAL + 1 + first,
            None if rung.levels.is_empty() => EQUAL + 1,
            None => rung.at_or_above(rung.part.bound(left, right)),
        }
    }

    /// The similarity of two values; 0 when it is below the lowest level.
    pub fn similarity(&self, at: usize, left: u32, right: u32, patterns: &mut [Pattern]) -> f64 {
        if left == right { 1.0 } else { self.rungs[at].part.similarity(left, right, 0.0, &mut patterns[at]) }
    }

    /// All levels of a pair of rows.
    pub fn pattern(&self, cells: &Cells, (left, right): (u32, u32), patterns: &mut [Pattern]) -> LevelPattern {
        let (left, right) = (cells.row(left), cells.row(right));
        (0..self.rungs.len()).fold(0, |all, at| all | (self.level(at, left[at], right[at], patterns) as LevelPattern) << (3 * at))
    }
}

impl Rung<'_> {
    #[inline]
    fn at_or_above(&self, similarity: f64) -> usize {
        EQUAL + 1 + self.levels.iter().position(|level| similarity + ROUNDING >= *level).unwrap_or(self.levels.len())
    }
}

/// The level of one comparison in a pattern.
#[inline]
pub(crate) fn level_of(pattern: LevelPattern, at: usize) -> usize {
    (pattern >> (3 * at) & 7) as usize
}
