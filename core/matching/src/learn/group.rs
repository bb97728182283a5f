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
}

/// Joins rows in a forest, and gives back the pairs that joined them.
pub(crate) fn group(forest: &Forest, mut edges: Vec<Edge>, rules: &Rules<'_>, watch: &Watch<'_>) -> Outcome<Vec<Edge>> {
    watch.start("grouping pairs", edges.len() as u64)?;
    edges.extend(rules.settled.together.iter().map(|&(left, right)| Edge { left, right, bits: f32::INFINITY }));
    if rules.guard.is_none() && rules.one_each.is_none() && rules.settled.apart.is_empty() {
        edges.par_iter().for_each(|edge| forest.join(edge.left, edge.right));
        return Ok(edges);
    }
    let pieces = by_component(forest.rows(), edges, watch)?;
    let mut apart: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for &(left, right) in &rules.settled.apart {
        apart.entry(left).or_default().push(right);
        apart.entry(right).or_default().push(left);
    }
    let groups = Groups { rules, apart: &apart, forest, next: (0..forest.rows() as u32).map(AtomicU32::new).collect() };
    let joined: Vec<Vec<Edge>> = pieces
        .into_par_iter()
        .map_init(
            || Scratch { patterns: rules.guard.map(|(weigher, _)| weigher.scratch()).unwrap_or_default(), ..Scratch::default() },
            |scratch, mut edges| {
                edges.par_sort_unstable_by_key(|(root, e)| (*root, std::cmp::Reverse(Ordered(e.bits)), e.left, e.right));
                let mut joined = Vec::new();
                for edges in edges.chunks(AT_ONCE) {
                    watch.check()?;
                    // Components do not touch each other, so it does not matter where one ends.
                    groups.join_all(edges, scratch, &mut joined);
                    watch.advance(edges.len() as u64);
                }
                Ok(joined)
            },
        )
        .collect::<Outcome<_>>()?;
    Ok(joined.concat())
}

/// Pairs with the first row of their component, those of a component in one piece.
fn by_component(rows: usize, edges: Vec<Edge>, watch: &Watch<'_>) -> Outcome<Vec<Vec<(u32, Edge)>>> {
    let components = Forest::new(rows);
    edges.par_iter().for_each(|edge| components.join(edge.left, edge.right));
    let piece_of = |root: u32| (root as usize * PIECES) / rows.max(1);
    let parted: Vec<Vec<Vec<(u32, Edge)>>> = edges
        .par_chunks(STRETCH)
        .map(|edges| {
            watch.check()?;
            let mut pieces = vec![Vec::new(); PIECES];
            for &edge in edges {
                let root = components.root(edge.left);
                pieces[piece_of(root)].push((root, edge));
            }
            Ok(pieces)
        })
        .collect::<Outcome<_>>()?;
    drop(edges);
    let mut pieces: Vec<Vec<(u32, Edge)>> = vec![Vec::new(); PIECES];
    for stretch in parted {
        for (piece, edges) in pieces.iter_mut().zip(stretch) {
            piece.extend(edges);
        }
    }
    Ok(pieces)
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
    /// For each row of a decision those it is kept apart from.
    apart: &'g FxHashMap<u32, Vec<u32>>,
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
    /// Takes the pairs of components, which come from the heaviest down; adds those that joined.
    fn join_all(&self, edges: &[(u32, Edge)], scratch: &mut Scratch, joined: &mut Vec<Edge>) {
        for (_, edge) in edges {
            let (l, r) = (self.forest.root(edge.left), self.forest.root(edge.right));
            if l != r && (edge.bits == f32::INFINITY || self.may_join(l, r, edge.bits, scratch)) {
                self.forest.join(l, r);
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
        let Scratch { patterns, left, right } = scratch;
        // What is known from before was held against its rows then.
        let guard = self.rules.guard.filter(|_| bits < KEPT);
        if guard.is_none() && self.rules.one_each.is_none() && self.apart.is_empty() {
            return true;
        }
        // The guard asks some rows of a large group; whoever keeps rows apart asks all.
        let most = if self.rules.one_each.is_none() && self.apart.is_empty() { ASKED } else { usize::MAX };
        self.rows_of(l, most, left);
        self.rows_of(r, most, right);
        let parted = |row: &u32| self.apart.get(row).is_some_and(|others| others.iter().any(|other| self.forest.root(*other) == r));
        if !self.apart.is_empty() && left.iter().any(parted) {
            return false;
        }
        if let Some(sources) = self.rules.one_each
            && left.iter().any(|&a| right.iter().any(|&b| sources[a as usize] == sources[b as usize]))
        {
            return false;
        }
        let pairs = left.len() * right.len();
        let Some((weigher, cells)) = guard.filter(|_| pairs > 1) else { return true };
        let step = pairs.div_ceil(ASKED);
        let asked = (0..pairs).step_by(step).map(|at| (left[at / right.len()], right[at % right.len()]));
        let (mut sum, mut count) = (0.0, 0.0);
        for pair in asked {
            let bits = weigher.weigh(cells, pair, f32::MIN, patterns).unwrap_or(f32::MIN);
            sum += (bits - weigher.prior_bits).clamp(-LOUDEST, LOUDEST);
            count += 1.0;
        }
        sum / count >= -weigher.prior_bits.min(0.0) * ENOUGH
    }
}
