//! Rows grouped by pairs that match: the best pairs first, and no group against what its own rows say.
//!
//! Connected components make one entity of a chain in which each row is like the next and the last is nothing like
//! the first. So the pairs of a component are taken from the heaviest down, and two groups become one only when the
//! pairs between them, weighed on the whole, speak for it; and, when an entity has at most one row of a source, only
//! when their sources differ.

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use trommel_model::Outcome;

use super::weigh::Weigher;
use crate::cells::Cells;
use crate::cluster::Forest;
use crate::decisions::Settled;
use crate::given::KEPT;
use crate::measure::Pattern;
use crate::watch::Watch;

/// Pairs between two groups that are weighed at most.
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
    let components = Forest::new(forest.rows());
    edges.par_iter().for_each(|edge| components.join(edge.left, edge.right));
    let key = |e: &Edge| (components.root(e.left), std::cmp::Reverse(Ordered(e.bits)), e.left, e.right);
    edges.par_sort_unstable_by_key(key);
    let of_components: Vec<&[Edge]> = edges.chunk_by(|a, b| components.root(a.left) == components.root(b.left)).collect();
    let mut apart: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for &(left, right) in &rules.settled.apart {
        apart.entry(left).or_default().push(right);
        apart.entry(right).or_default().push(left);
    }
    let joined: Vec<Vec<Edge>> = of_components
        .par_iter()
        .map_init(
            || rules.guard.map(|(weigher, _)| weigher.scratch()).unwrap_or_default(),
            |scratch, edges| {
                watch.check()?;
                watch.advance(edges.len() as u64);
                let groups = Groups { rules, apart: &apart, scratch, of: FxHashMap::default(), rows: Vec::new() };
                Ok(groups.join_all(edges))
            },
        )
        .collect::<Outcome<_>>()?;
    let joined: Vec<Edge> = joined.into_iter().flatten().collect();
    for edge in &joined {
        forest.join(edge.left, edge.right);
    }
    Ok(joined)
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

/// The groups of one component.
struct Groups<'g> {
    rules: &'g Rules<'g>,
    /// For each row of a decision those it is kept apart from.
    apart: &'g FxHashMap<u32, Vec<u32>>,
    scratch: &'g mut [Pattern],
    /// Row → group.
    of: FxHashMap<u32, usize>,
    /// Rows of each group.
    rows: Vec<Vec<u32>>,
}

impl Groups<'_> {
    /// Takes the pairs from the heaviest down; gives back those that joined.
    fn join_all(mut self, edges: &[Edge]) -> Vec<Edge> {
        let mut joined = Vec::new();
        for edge in edges {
            let (l, r) = (self.group_of(edge.left), self.group_of(edge.right));
            if l != r && (edge.bits == f32::INFINITY || self.may_join(l, r, edge.bits)) {
                let (from, to) = if self.rows[l].len() < self.rows[r].len() { (l, r) } else { (r, l) };
                for row in std::mem::take(&mut self.rows[from]) {
                    self.of.insert(row, to);
                    self.rows[to].push(row);
                }
                joined.push(*edge);
            }
        }
        joined
    }

    fn group_of(&mut self, row: u32) -> usize {
        let next = self.rows.len();
        *self.of.entry(row).or_insert_with(|| {
            self.rows.push(vec![row]);
            next
        })
    }

    fn may_join(&mut self, l: usize, r: usize, bits: f32) -> bool {
        let (left, right) = (&self.rows[l], &self.rows[r]);
        let parted = |row: &u32| self.apart.get(row).is_some_and(|others| others.iter().any(|other| self.of.get(other) == Some(&r)));
        if !self.apart.is_empty() && left.iter().any(parted) {
            return false;
        }
        if let Some(sources) = self.rules.one_each
            && left.iter().any(|&a| right.iter().any(|&b| sources[a as usize] == sources[b as usize]))
        {
            return false;
        }
        let pairs = left.len() * right.len();
        // What is known from before was held against its rows then.
        let Some((weigher, cells)) = self.rules.guard.filter(|_| pairs > 1 && bits < KEPT) else { return true };
        let step = pairs.div_ceil(ASKED);
        let asked = (0..pairs).step_by(step).map(|at| (left[at / right.len()], right[at % right.len()]));
        let (mut sum, mut count) = (0.0, 0.0);
        for pair in asked {
            let bits = weigher.weigh(cells, pair, f32::MIN, self.scratch).unwrap_or(f32::MIN);
            sum += (bits - weigher.prior_bits).clamp(-LOUDEST, LOUDEST);
            count += 1.0;
        }
        sum / count >= -weigher.prior_bits.min(0.0) * ENOUGH
    }
}
