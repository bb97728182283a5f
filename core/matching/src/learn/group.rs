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
use crate::watch::{STRETCH, Watch};

/// Pieces that components are parted into.
const PIECES: usize = 256;
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
    let pieces = by_component(forest.rows(), edges, watch)?;
    let mut apart: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for &(left, right) in &rules.settled.apart {
        apart.entry(left).or_default().push(right);
        apart.entry(right).or_default().push(left);
    }
    let joined: Vec<Vec<Edge>> = pieces
        .into_par_iter()
        .map_init(
            || Groups::new(rules, &apart),
            |groups, mut edges| {
                watch.check()?;
                edges.sort_unstable_by_key(|(root, e)| (*root, std::cmp::Reverse(Ordered(e.bits)), e.left, e.right));
                let mut joined = Vec::new();
                for component in edges.chunk_by(|a, b| a.0 == b.0) {
                    groups.join_all(component, &mut joined);
                }
                joined.iter().for_each(|edge: &Edge| forest.join(edge.left, edge.right));
                watch.advance(edges.len() as u64);
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

/// The groups of one component; what it is made of serves for the next.
struct Groups<'g> {
    rules: &'g Rules<'g>,
    /// For each row of a decision those it is kept apart from.
    apart: &'g FxHashMap<u32, Vec<u32>>,
    scratch: Vec<Pattern>,
    /// The rows of the component in order, and the group of each.
    members: Vec<u32>,
    of: Vec<usize>,
    /// Rows of each group.
    rows: Vec<Vec<u32>>,
}

impl<'g> Groups<'g> {
    fn new(rules: &'g Rules<'g>, apart: &'g FxHashMap<u32, Vec<u32>>) -> Self {
        let scratch = rules.guard.map(|(weigher, _)| weigher.scratch()).unwrap_or_default();
        Self { rules, apart, scratch, members: Vec::new(), of: Vec::new(), rows: Vec::new() }
    }

    /// Takes the pairs from the heaviest down; adds those that joined.
    fn join_all(&mut self, edges: &[(u32, Edge)], joined: &mut Vec<Edge>) {
        self.members.clear();
        self.members.extend(edges.iter().flat_map(|(_, e)| [e.left, e.right]));
        self.members.sort_unstable();
        self.members.dedup();
        self.of.clear();
        self.of.extend(0..self.members.len());
        self.rows.resize_with(self.rows.len().max(self.members.len()), Vec::new);
        for (rows, member) in self.rows.iter_mut().zip(&self.members) {
            rows.clear();
            rows.push(*member);
        }
        let mut left_over = self.members.len();
        for (_, edge) in edges {
            if left_over == 1 {
                return;
            }
            let (Some(l), Some(r)) = (self.group_of(edge.left), self.group_of(edge.right)) else { continue };
            if l != r && (edge.bits == f32::INFINITY || self.may_join(l, r, edge.bits)) {
                let (from, to) = if self.rows[l].len() < self.rows[r].len() { (l, r) } else { (r, l) };
                let mut moved = std::mem::take(&mut self.rows[from]);
                for row in &moved {
                    if let Some(place) = self.place_of(*row) {
                        self.of[place] = to;
                    }
                }
                self.rows[to].append(&mut moved);
                self.rows[from] = moved;
                left_over -= 1;
                joined.push(*edge);
            }
        }
    }

    /// The place of a row of the component.
    fn place_of(&self, row: u32) -> Option<usize> {
        self.members.binary_search(&row).ok()
    }

    fn group_of(&self, row: u32) -> Option<usize> {
        self.place_of(row).map(|place| self.of[place])
    }

    fn may_join(&mut self, l: usize, r: usize, bits: f32) -> bool {
        let (left, right) = (&self.rows[l], &self.rows[r]);
        let parted = |row: &u32| self.apart.get(row).is_some_and(|others| others.iter().any(|other| self.group_of(*other) == Some(r)));
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
            let bits = weigher.weigh(cells, pair, f32::MIN, &mut self.scratch).unwrap_or(f32::MIN);
            sum += (bits - weigher.prior_bits).clamp(-LOUDEST, LOUDEST);
            count += 1.0;
        }
        sum / count >= -weigher.prior_bits.min(0.0) * ENOUGH
    }
}
