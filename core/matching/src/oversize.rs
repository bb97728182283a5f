//! Blocks too large to be compared whole, split by sorted neighbourhood (Hernández and Stolfo 1995).
//!
//! The rows of such a block are sorted by what is compared, twice: once by the comparison of the largest weight
//! first, once by the second largest first. In each order a row is compared with its next neighbours, so many
//! that the block costs about as many pairs as the largest block that is compared whole, and never fewer than
//! `NEAREST`.

use rustc_hash::FxHashMap;
use trommel_model::Outcome;

use crate::block::Blocks;
use crate::features::Compared;
use crate::plan::Plan;
use crate::sort::sort;
use crate::watch::Watch;

/// Neighbours a row of an oversize block is compared with at least, in each order.
const NEAREST: usize = 20;

/// The oversize blocks of one rule.
#[derive(Default)]
pub(crate) struct Oversize {
    pub blocks: Vec<Split>,
    /// Block → place in `blocks`.
    by_block: FxHashMap<u32, usize>,
    /// For each row its position in each order of its block; empty when no block is oversize.
    positions: Vec<[u32; 2]>,
}

/// One oversize block.
pub(crate) struct Split {
    /// Its rows in each order; one order when there is one comparison.
    pub orders: Vec<Vec<u32>>,
    /// How many next neighbours a row is compared with.
    pub width: usize,
}

impl Oversize {
    pub fn new(plan: &Plan<'_>, blocks: &Blocks, rows: usize, compared: &[Compared], watch: &Watch<'_>) -> Outcome<Self> {
        let large = blocks.larger_than(plan.spec.max_block);
        let mut oversize = Self::default();
        if large.is_empty() {
            return Ok(oversize);
        }
        let mut by_weight: Vec<usize> = (0..plan.comparisons.len()).collect();
        by_weight.sort_by(|&a, &b| plan.spec.comparisons[b].weight.total_cmp(&plan.spec.comparisons[a].weight));
        let mut by_second = by_weight.clone();
        by_second.rotate_left(1);
        let keys = if by_weight.len() > 1 { vec![by_weight, by_second] } else { vec![by_weight] };
        oversize.positions = vec![[0; 2]; rows];
        for block in large {
            let members = &blocks.rows[blocks.range(block)];
            let mut orders = Vec::with_capacity(keys.len());
            for (pass, by) in keys.iter().enumerate() {
                // An estimate has no compared values and needs none: only the size counts.
                let order = if compared.is_empty() { members.to_vec() } else { sorted(members, by, compared, watch)? };
                for (position, &row) in order.iter().enumerate() {
                    oversize.positions[row as usize][pass] = position as u32;
                }
                orders.push(order);
            }
            let width = width(members.len(), plan.spec.max_block, orders.len());
            oversize.by_block.insert(block as u32, oversize.blocks.len());
            oversize.blocks.push(Split { orders, width });
        }
        Ok(oversize)
    }

    /// The one block of a rule of sorted neighbourhood, sorted by the ranks of its rows' texts.
    pub fn window(blocks: &Blocks, ranks: &[u32], width: usize, watch: &Watch<'_>) -> Outcome<Self> {
        let mut oversize = Self { positions: vec![[0; 2]; ranks.len()], ..Self::default() };
        for block in 0..blocks.len() {
            let members = blocks.rows[blocks.range(block)].to_vec();
            let order = sort(members, watch, |&a, &b| ranks[a as usize].cmp(&ranks[b as usize]).then(a.cmp(&b)))?;
            for (position, &row) in order.iter().enumerate() {
                oversize.positions[row as usize][0] = position as u32;
            }
            oversize.by_block.insert(block as u32, oversize.blocks.len());
            oversize.blocks.push(Split { orders: vec![order], width });
        }
        Ok(oversize)
    }

    /// True when no block is oversize.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The split of a block, when it is oversize.
    pub fn split(&self, block: u32) -> Option<&Split> {
        self.by_block.get(&block).map(|&at| &self.blocks[at])
    }

    /// True when two rows of one oversize block are neighbours in one of the first so many orders.
    pub fn near(&self, split: &Split, orders: usize, left: u32, right: u32) -> bool {
        let (l, r) = (self.positions[left as usize], self.positions[right as usize]);
        (0..orders.min(split.orders.len())).any(|pass| l[pass].abs_diff(r[pass]) as usize <= split.width)
    }

    /// Pairs visited in all orders of all blocks; a pair near in both orders counts twice.
    pub fn pairs(&self) -> u64 {
        self.blocks.iter().map(|s| s.orders.iter().map(|o| window_pairs(o.len(), s.width)).sum::<u64>()).sum()
    }
}

/// Pairs of rows at most `width` positions apart.
pub(crate) fn window_pairs(rows: usize, width: usize) -> u64 {
    let (n, w) = (rows as u64, width.min(rows.saturating_sub(1)) as u64);
    n * w - w * (w + 1) / 2
}

fn width(rows: usize, max_block: usize, orders: usize) -> usize {
    let pairs = max_block as u64 * max_block as u64 / 2;
    ((pairs / (rows * orders) as u64) as usize).max(NEAREST)
}

fn sorted(members: &[u32], by: &[usize], compared: &[Compared], watch: &Watch<'_>) -> Outcome<Vec<u32>> {
    sort(members.to_vec(), watch, |&a, &b| {
        for column in by.iter().map(|&c| &compared[c]) {
            let order = column.values.order(column.ids[a as usize], column.ids[b as usize]);
            if order.is_ne() {
                return order;
            }
        }
        a.cmp(&b)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_oversize_block_costs_about_as_much_as_the_largest_whole_one() {
        for rows in [5_001_usize, 50_000, 300_000] {
            let pairs = 2 * window_pairs(rows, width(rows, 5_000, 2));
            assert!((6_000_000..=12_600_000).contains(&pairs), "{rows} rows: {pairs} pairs");
        }
        assert_eq!(width(100_000_000, 5_000, 2), NEAREST);
    }

    #[test]
    fn pairs_in_a_window_are_counted() {
        for (rows, width) in [(5, 2), (5, 4), (5, 9), (1, 3), (2, 1)] {
            let expected = (0..rows).flat_map(|i| (i + 1..rows).map(move |j| j - i)).filter(|&d| d <= width).count();
            assert_eq!(window_pairs(rows, width), expected as u64, "{rows} {width}");
        }
    }
}
