//! Rows grouped by pairs that match: the best pairs first, and no group against what its own rows say.
//!
//! Connected components make one entity of a chain in which each row is like the next and the last is nothing like
//! the first. So the pairs of a component are taken from the heaviest down, and two groups become one only when the
//! pairs between them, weighed on the whole, speak for it; and, when an entity has at most one row of a source, only
//! when their sources differ.

use std::sync::atomic::{AtomicU32, Ordering};

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use trommel_model::Outcome;

use super::weigh::Weigher;
use crate::cells::Cells;
use crate::cluster::Forest;
use crate::decisions::Settled;
use crate::given::KEPT;
use crate::measure::Pattern;
use crate::watch::{STRETCH, Watch};

/// Pairs of a band, about, and bands at most.
const A_BAND: usize = 1_000_000;
const MOST_BANDS: usize = 16;
/// Pairs of which it is told where bands part.
const SAMPLE: usize = 65_536;
/// Pairs looked at between two looks at the cancel flag.
const AT_ONCE: usize = 4_096;
/// Pieces that components are parted into.
const PIECES: usize = 256;
/// Pairs between two groups that are weighed at most, and rows of each that are asked.
const ASKED: usize = 100;
/// Bits that one pair can say for or against, so that none outvotes all others.
const LOUDEST: f32 = 12.0;
/// The share of what a single pair needs to outweigh the prior, from which on the pairs between two groups say on the
/// whole that they belong together.
const ENOUGH: f32 = 1.0 / 3.0;

/// A pair that matches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Edge {
    pub left: u32,
    pub right: u32,
    /// Its weight with the prior in it.
    pub bits: f32,
}

/// What groups must fulfil.
pub(crate) struct Rules<'a> {
    /// What the pairs between two groups are weighed by, when groups are held against what these say.
    pub guard: Option<(&'a Weigher<'a>, &'a Cells)>,
    /// For each row its source, when an entity has at most one row of each.
    pub one_each: Option<&'a [u32]>,
    /// What people decided; it goes before everything else.
    pub settled: &'a Settled,
    /// Rows that are the same record as the row before them: one in any case.
    pub repeats: &'a [u32],
}

/// Joins rows in a forest, and gives back the pairs that joined them.
pub(crate) fn group(forest: &Forest, edges: Vec<Edge>, rules: &Rules<'_>, watch: &Watch<'_>) -> Outcome<Vec<Edge>> {
    let bands = (edges.len() / A_BAND).clamp(1, MOST_BANDS);
    group_in(bands, forest, edges, rules, watch)
}

fn group_in(count: usize, forest: &Forest, mut edges: Vec<Edge>, rules: &Rules<'_>, watch: &Watch<'_>) -> Outcome<Vec<Edge>> {
    watch.start("grouping pairs", edges.len() as u64)?;
    let certain = rules.settled.together.iter().copied().chain(rules.repeats.iter().map(|&row| (row - 1, row)));
    edges.extend(certain.map(|(left, right)| Edge { left, right, bits: f32::INFINITY }));
    if rules.guard.is_none() && rules.one_each.is_none() && rules.settled.apart.is_empty() {
        edges.par_iter().for_each(|edge| forest.join(edge.left, edge.right));
        return Ok(edges);
    }
    let next = (0..forest.rows() as u32).map(AtomicU32::new).collect();
    let decided = (!rules.settled.apart.is_empty()).then(|| Decided::new(&rules.settled.apart, forest.rows()));
    let groups = Groups { rules, decided, forest, next };
    let mut joined = Vec::new();
    for band in bands(edges, count) {
        joined.extend(groups.join_band(band, watch)?);
    }
    Ok(joined)
}

/// Pairs from the heaviest band to the lightest. Pairs of equal weight are in one band.
fn bands(mut edges: Vec<Edge>, count: usize) -> Vec<Vec<Edge>> {
    if edges.is_empty() {
        return Vec::new();
    }
    let mut weights: Vec<f32> = edges.iter().step_by((edges.len() / SAMPLE).max(1)).map(|e| e.bits).collect();
    weights.sort_unstable_by(f32::total_cmp);
    let mut bands = Vec::with_capacity(count);
    for band in (1..count).rev() {
        let from = weights[weights.len() * band / count];
        let heavier = edges.extract_if(.., |e| e.bits >= from).collect();
        bands.push(heavier);
    }
    bands.push(edges);
    bands
}

/// Weights in an order of their own; none is no number.
#[derive(Clone, Copy, PartialEq)]
struct Ordered(f32);

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// Groups as they grow. Those of different components may grow side by side.
struct Groups<'g> {
    rules: &'g Rules<'g>,
    /// Rows that are kept apart, when there are any.
    decided: Option<Decided>,
    /// Which group a row is in.
    forest: &'g Forest,
    /// For each row the next one of its group; behind the last comes the first.
    next: Vec<AtomicU32>,
}

/// What is needed to look at two groups without allocating.
#[derive(Default)]
struct Scratch {
    patterns: Vec<Pattern>,
    left: Vec<u32>,
    right: Vec<u32>,
}

impl Groups<'_> {
    /// Takes the pairs of a band; gives back those that joined.
    ///
    /// Groups that no pair of the band connects, over others or not, do not touch each other: they grow side by side.
    fn join_band(&self, edges: Vec<Edge>, watch: &Watch<'_>) -> Outcome<Vec<Edge>> {
        let joined: Vec<Vec<Edge>> = self
            .by_component(edges, watch)?
            .into_par_iter()
            .with_max_len(1)
            .map_init(
                || Scratch { patterns: self.rules.guard.map(|(weigher, _)| weigher.scratch()).unwrap_or_default(), ..Scratch::default() },
                |scratch, mut edges| {
                    edges.par_sort_unstable_by_key(|(root, e)| (*root, std::cmp::Reverse(Ordered(e.bits)), e.left, e.right));
                    let mut joined = Vec::new();
                    for edges in edges.chunks(AT_ONCE) {
                        watch.check()?;
                        self.join_all(edges, scratch, &mut joined);
                        watch.advance(edges.len() as u64);
                    }
                    Ok(joined)
                },
            )
            .collect::<Outcome<_>>()?;
        Ok(joined.concat())
    }

    /// Pairs of rows that are not in one group yet, with the component that their groups are in; those of a component in one piece.
    fn by_component(&self, edges: Vec<Edge>, watch: &Watch<'_>) -> Outcome<Vec<Vec<(u32, Edge)>>> {
        let rows = self.forest.rows();
        let components = Forest::new(rows);
        let apart: Vec<Vec<(u32, Edge)>> = edges
            .par_chunks(STRETCH)
            .with_max_len(1)
            .map(|edges| {
                watch.check()?;
                let mut apart = Vec::with_capacity(edges.len());
                for &edge in edges {
                    let (l, r) = (self.forest.root(edge.left), self.forest.root(edge.right));
                    if l != r {
                        components.join(l, r);
                        apart.push((l, edge));
                    }
                }
                watch.advance((edges.len() - apart.len()) as u64);
                Ok(apart)
            })
            .collect::<Outcome<_>>()?;
        drop(edges);
        let parted: Vec<Vec<Vec<(u32, Edge)>>> = apart
            .into_par_iter()
            .with_max_len(1)
            .map(|edges| {
                watch.check()?;
                let mut pieces = vec![Vec::new(); PIECES];
                for (group, edge) in edges {
                    let root = components.root(group);
                    pieces[root as usize * PIECES / rows].push((root, edge));
                }
                Ok(pieces)
            })
            .collect::<Outcome<_>>()?;
        let of_piece = |piece: usize| parted.iter().flat_map(|pieces| pieces[piece].iter().copied()).collect();
        Ok((0..PIECES).into_par_iter().with_max_len(1).map(of_piece).collect())
    }

    /// Takes the pairs of components, which come from the heaviest down; adds those that joined.
    fn join_all(&self, edges: &[(u32, Edge)], scratch: &mut Scratch, joined: &mut Vec<Edge>) {
        for (_, edge) in edges {
            let (l, r) = (self.forest.root(edge.left), self.forest.root(edge.right));
            if l != r && (edge.bits == f32::INFINITY || self.may_join(l, r, edge.bits, scratch)) {
                self.forest.join(l, r);
                if let Some(decided) = &self.decided {
                    decided.join(l, r);
                }
                // Two rings become one when two of their rows exchange who comes next.
                let after = self.next[l as usize].load(Ordering::Relaxed);
                let other = self.next[r as usize].swap(after, Ordering::Relaxed);
                self.next[l as usize].store(other, Ordering::Relaxed);
                joined.push(*edge);
            }
        }
    }

    /// So many rows of a group at most, from its first on.
    fn rows_of(&self, first: u32, most: usize, rows: &mut Vec<u32>) {
        rows.clear();
        let mut row = first;
        loop {
            rows.push(row);
            row = self.next[row as usize].load(Ordering::Relaxed);
            if row == first || rows.len() == most {
                return;
            }
        }
    }

    fn may_join(&self, l: u32, r: u32, bits: f32, scratch: &mut Scratch) -> bool {
        let parted = self.decided.as_ref().is_some_and(|decided| decided.parted(self.forest, l, r));
        // What is known from before was held against its rows then.
        !parted && !self.share_a_source(l, r, scratch) && (bits >= KEPT || self.speak_for_it(l, r, scratch))
    }

    /// True when an entity has at most one row of each source, and these two groups have one of the same.
    fn share_a_source(&self, l: u32, r: u32, Scratch { left, right, .. }: &mut Scratch) -> bool {
        let Some(sources) = self.rules.one_each else { return false };
        self.rows_of(l, usize::MAX, left);
        self.rows_of(r, usize::MAX, right);
        left.iter().any(|&a| right.iter().any(|&b| sources[a as usize] == sources[b as usize]))
    }

    /// What the pairs between two groups say on the whole; of large groups some are asked.
    fn speak_for_it(&self, l: u32, r: u32, Scratch { patterns, left, right }: &mut Scratch) -> bool {
        let Some((weigher, cells)) = self.rules.guard else { return true };
        self.rows_of(l, ASKED, left);
        self.rows_of(r, ASKED, right);
        if left.len() * right.len() == 1 {
            return true;
        }
        let (mut sum, mut count) = (0.0, 0.0);
        for (a, b) in asked(left.len(), right.len()) {
            let bits = weigher.weigh(cells, (left[a], right[b]), f32::MIN, patterns).unwrap_or(f32::MIN);
            sum += (bits - weigher.prior_bits).clamp(-LOUDEST, LOUDEST);
            count += 1.0;
        }
        sum / count >= -weigher.prior_bits.min(0.0) * ENOUGH
    }
}

/// Pairs between two groups of so many rows: all of them, or some that ask every row about equally often.
fn asked(left: usize, right: usize) -> impl Iterator<Item = (usize, usize)> {
    let count = (left * right).min(ASKED);
    // The number behind `right` is coprime with it.
    let turn = (right * 5 / 8).max(1)..=right + 1;
    let turn = if count < left * right { turn.into_iter().find(|&turn| coprime(turn, right)).unwrap_or(1) } else { 1 };
    (0..count).map(move |at| (at * left / count, at * turn % right))
}

fn coprime(mut a: usize, mut b: usize) -> bool {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a == 1
}

/// Rows that people keep apart, and which of them are in a group.
struct Decided {
    /// For each such row those it is kept apart from.
    apart: FxHashMap<u32, Vec<u32>>,
    /// For each group, by its first row, one such row in it; `NONE` where there is none.
    first: Vec<AtomicU32>,
    /// For each such row the next one of its group; behind the last comes the first.
    next: FxHashMap<u32, AtomicU32>,
}

const NONE: u32 = u32::MAX;

impl Decided {
    fn new(pairs: &[(u32, u32)], rows: usize) -> Self {
        let mut apart: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for &(left, right) in pairs {
            apart.entry(left).or_default().push(right);
            apart.entry(right).or_default().push(left);
        }
        let mut first = vec![NONE; rows];
        for &row in apart.keys() {
            first[row as usize] = row;
        }
        let next = apart.keys().map(|&row| (row, AtomicU32::new(row))).collect();
        Self { apart, first: first.into_iter().map(AtomicU32::new).collect(), next }
    }

    /// True when a row of one group is kept apart from a row of the other.
    fn parted(&self, forest: &Forest, l: u32, r: u32) -> bool {
        let first = self.first[l as usize].load(Ordering::Relaxed);
        let mut row = first;
        while row != NONE {
            if self.apart[&row].iter().any(|other| forest.root(*other) == r) {
                return true;
            }
            row = self.next[&row].load(Ordering::Relaxed);
            if row == first {
                break;
            }
        }
        false
    }

    /// Notes that two groups became one, whose first row is the smaller of theirs.
    fn join(&self, l: u32, r: u32) {
        let [a, b] = [l, r].map(|group| self.first[group as usize].load(Ordering::Relaxed));
        if a != NONE && b != NONE {
            let after = self.next[&a].load(Ordering::Relaxed);
            let other = self.next[&b].swap(after, Ordering::Relaxed);
            self.next[&a].store(other, Ordering::Relaxed);
        }
        self.first[l.min(r) as usize].store(if a == NONE { b } else { a }, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use trommel_model::{Cancel, ProgressSlot};

    use super::*;

    proptest! {
        /// Rows of four sources, each of which an entity has at most once: it matters which pairs come first.
        #[test]
        fn it_does_not_matter_how_many_bands_there_are(
            pairs in prop::collection::vec((0_u32..40, 0_u32..40, 0_u32..30), 0..120),
            count in 2_usize..9,
        ) {
            let mut edges: Vec<Edge> = Vec::new();
            for (a, b, bits) in pairs {
                let (left, right) = (a.min(b), a.max(b));
                if left < right && !edges.iter().any(|e| (e.left, e.right) == (left, right)) {
                    edges.push(Edge { left, right, bits: bits as f32 });
                }
            }
            let sources: Vec<u32> = (0..40).map(|row| row % 4).collect();
            let settled = Settled { together: vec![(0, 1)], apart: vec![(1, 2), (3, 6)] };
            let rules = Rules { guard: None, one_each: Some(&sources), settled: &settled, repeats: &[9] };
            let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
            let grouped = |count: usize| {
                let forest = Forest::new(40);
                let mut joined = group_in(count, &forest, edges.clone(), &rules, &Watch::new(&cancel, &progress)).unwrap();
                joined.sort_by_key(|e| (e.left, e.right));
                ((0..40).map(|row| forest.root(row)).collect::<Vec<_>>(), joined)
            };
            prop_assert_eq!(grouped(count), grouped(1));
        }

        /// Against what walking through all rows says.
        #[test]
        fn rows_kept_apart_are_never_in_one_group(
            pairs in prop::collection::vec((0_u32..30, 0_u32..30, 0_u32..9), 0..80),
            apart in prop::collection::vec((0_u32..30, 0_u32..30), 1..12),
        ) {
            let edges: Vec<Edge> =
                pairs.into_iter().filter(|(a, b, _)| a < b).map(|(left, right, bits)| Edge { left, right, bits: bits as f32 }).collect();
            let apart: Vec<(u32, u32)> = apart.into_iter().filter(|(a, b)| a < b).collect();
            let settled = Settled { together: Vec::new(), apart };
            let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
            let forest = Forest::new(30);
            let rules = Rules { guard: None, one_each: None, settled: &settled, repeats: &[] };
            group(&forest, edges.clone(), &rules, &Watch::new(&cancel, &progress)).unwrap();
            let parted = |l: u32, r: u32| settled.apart.iter().any(|&(a, b)| {
                let (a, b) = (forest.root(a), forest.root(b));
                (a, b) == (l, r) || (b, a) == (l, r)
            });
            prop_assert!(settled.apart.iter().all(|&(a, b)| forest.root(a) != forest.root(b)));
            for edge in edges {
                let (l, r) = (forest.root(edge.left), forest.root(edge.right));
                prop_assert!(l == r || parted(l, r), "nothing keeps {:?} apart", edge);
            }
        }

        #[test]
        fn all_rows_of_two_groups_are_asked_about_equally_often(left in 1_usize..=ASKED, right in 1_usize..=ASKED) {
            let pairs: Vec<(usize, usize)> = asked(left, right).collect();
            let distinct: std::collections::BTreeSet<_> = pairs.iter().collect();
            prop_assert_eq!((distinct.len(), pairs.len()), (pairs.len(), (left * right).min(ASKED)));
            for (rows, of) in [(left, 0), (right, 1)] {
                let mut times = vec![0; rows];
                for pair in &pairs {
                    times[[pair.0, pair.1][of]] += 1;
                }
                prop_assert!(times.iter().max().unwrap() - times.iter().min().unwrap() <= 2, "{:?}", times);
            }
        }

        #[test]
        fn bands_hold_all_pairs_and_their_weights_fall(bits in prop::collection::vec(0_u32..30, 0..120), count in 1_usize..9) {
            let edges: Vec<Edge> = bits.iter().zip(0..).map(|(&bits, left)| Edge { left, right: left + 1, bits: bits as f32 }).collect();
            let bands = bands(edges.clone(), count);
            prop_assert_eq!(bands.iter().map(Vec::len).sum::<usize>(), edges.len());
            for pair in bands.windows(2) {
                let least = pair[0].iter().map(|e| e.bits).fold(f32::INFINITY, f32::min);
                prop_assert!(pair[1].iter().all(|e| e.bits < least));
            }
        }
    }
}
