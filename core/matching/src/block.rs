//! Step 2, block: rows that agree in all keys of a rule share a block, and only rows of a block are compared.

use std::ops::Range;

use rayon::prelude::*;
use trommel_model::{BlockingEstimate, Outcome};

use crate::everything::refuse;
use crate::features::Compared;
use crate::keys::RuleKeys;
use crate::normalise::{normalise, prefix};
use crate::oversize::Oversize;
use crate::pieces::in_pieces;
use crate::plan::Plan;
use crate::records::Records;
use crate::watch::Watch;

/// The blocks of one rule that have two rows or more.
pub(crate) struct Blocks {
    /// Rows, block after block; within a block in canonical order.
    pub rows: Vec<u32>,
    /// Where each block begins, and the end of the last.
    pub starts: Vec<u32>,
    /// Rows left out, because a key is missing.
    pub without_key: u64,
}

impl Blocks {
    /// Groups rows by the hash of their keys, 0 being no key. `row` tells the canonical row of each.
    pub fn new(keys: &[u64], row: impl Fn(usize) -> u32 + Sync, watch: &Watch<'_>) -> Outcome<Self> {
        let piece_of = |at: usize| (keys[at] != 0).then_some((keys[at] >> 56) as usize);
        let keyed = |at: usize| (keys[at], row(at));
        let sorted: Vec<(Vec<u32>, Vec<u32>)> = in_pieces(keys.len(), piece_of, keyed, watch, |mut keyed| {
            keyed.sort_unstable();
            let (mut rows, mut sizes) = (Vec::new(), Vec::new());
            for block in keyed.chunk_by(|a, b| a.0 == b.0).filter(|block| block.len() > 1) {
                rows.extend(block.iter().map(|(_, row)| row));
                sizes.push(block.len() as u32);
            }
            (rows, sizes)
        })?;
        let without_key = keys.par_iter().filter(|key| **key == 0).count() as u64;
        let mut starts = Vec::with_capacity(sorted.iter().map(|(_, sizes)| sizes.len()).sum::<usize>() + 1);
        let mut at = 0;
        starts.push(0);
        for size in sorted.iter().flat_map(|(_, sizes)| sizes) {
            at += size;
            starts.push(at);
        }
        let mut rows = Vec::with_capacity(at as usize);
        for (piece, _) in sorted {
            rows.extend(piece);
        }
        Ok(Self { rows, starts, without_key })
    }

    /// For each row its block from 1; 0 for none.
    pub fn of_rows(&self, rows: usize) -> Vec<u32> {
        let mut of_rows = vec![0; rows];
        for block in 0..self.len() {
            for &row in &self.rows[self.range(block)] {
                of_rows[row as usize] = block as u32 + 1;
            }
        }
        of_rows
    }

    /// How many blocks there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Where a block stands in `rows`.
    pub fn range(&self, block: usize) -> Range<usize> {
        self.starts[block] as usize..self.starts[block + 1] as usize
    }

    /// So many pairs, or a few more, from blocks everywhere: neighbours in a block.
    pub fn sample(&self, pairs: usize) -> impl Iterator<Item = (u32, u32)> {
        let step = (self.len() / pairs.max(1)).max(1);
        let of_block = pairs.div_ceil(self.len().max(1));
        (0..self.len()).step_by(step).map(|block| &self.rows[self.range(block)]).flat_map(move |rows| {
            let neighbours = rows.len() - 1;
            let taken = neighbours.min(of_block);
            // The middle of each of so many stretches.
            (0..taken).map(move |nth| (2 * nth + 1) * neighbours / (2 * taken)).map(|at| (rows[at], rows[at + 1]))
        })
    }

    /// Blocks larger than that.
    pub fn larger_than(&self, rows: usize) -> Vec<usize> {
        (0..self.len()).filter(|&b| self.range(b).len() > rows).collect()
    }
}

/// The blocks of one rule with those split that are too large to be compared whole.
pub(crate) struct Rule {
    pub blocks: Blocks,
    pub oversize: Oversize,
    /// True when the rule is a sorted neighbourhood: one block, never compared whole.
    pub window: bool,
}

/// All rules' blocks, and how many rows are in none of them for want of keys.
pub(crate) fn block(
    plan: &Plan<'_>,
    records: &Records,
    keys: Vec<RuleKeys>,
    ranks: &[Vec<u32>],
    compared: &[Compared],
    watch: &Watch<'_>,
) -> Outcome<(Vec<Rule>, u64)> {
    watch.start("blocking", keys.len() as u64)?;
    let (rows, canonical) = (records.len(), records.canonical());
    let mut without = vec![true; rows];
    let mut rules = Vec::with_capacity(keys.len());
    for (at, keys) in keys.into_iter().enumerate() {
        let keys = keys.of_rows(rows, watch)?;
        without.par_iter_mut().zip(&keys).for_each(|(without, key)| *without &= *key == 0);
        let blocks = Blocks::new(&keys, |came| canonical[came], watch)?;
        drop(keys);
        let neighbours = plan.spec.blocking[at].keys.first().and_then(|key| key.neighbours);
        let oversize = match neighbours {
            Some(width) => Oversize::window(&blocks, &ranks[at], width, watch)?,
            None => Oversize::new(plan, &blocks, rows, compared, watch)?,
        };
        refuse(plan, at, rows, &oversize, compared)?;
        rules.push(Rule { blocks, oversize, window: neighbours.is_some() });
        watch.advance(1);
    }
    Ok((rules, without.par_iter().filter(|without| **without).count() as u64))
}

impl Rule {
    /// What the rule costs.
    pub fn estimate(&self, plan: &Plan<'_>, records: &Records, rule: usize) -> BlockingEstimate {
        let sizes = (0..self.blocks.len()).map(|b| self.blocks.range(b).len() as u64);
        let pairs = |n: u64| n * (n - 1) / 2;
        if self.window {
            return BlockingEstimate {
                rule: plan.rule_text(rule),
                pairs: self.oversize.pairs(),
                pairs_made: self.oversize.pairs(),
                blocks: self.blocks.len() as u64,
                largest_block: sizes.max().unwrap_or(0),
                rows_without_key: self.blocks.without_key,
                oversize_blocks: Vec::new(),
            };
        }
        let max = plan.spec.max_block as u64;
        let mut oversize_blocks: Vec<(String, u64)> = self
            .blocks
            .larger_than(plan.spec.max_block)
            .into_iter()
            .map(|b| self.blocks.range(b))
            .map(|range| (key_text(plan, records, rule, self.blocks.rows[range.start]), range.len() as u64))
            .collect();
        oversize_blocks.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        BlockingEstimate {
            rule: plan.rule_text(rule),
            pairs: sizes.clone().map(pairs).sum(),
            pairs_made: sizes.clone().filter(|&n| n <= max).map(pairs).sum::<u64>() + self.oversize.pairs(),
            blocks: self.blocks.len() as u64,
            largest_block: sizes.max().unwrap_or(0),
            rows_without_key: self.blocks.without_key,
            oversize_blocks,
        }
    }
}

/// The keys of a row under a rule, for a person: `postcode = 1000, surname = mei`.
fn key_text(plan: &Plan<'_>, records: &Records, rule: usize, row: u32) -> String {
    let (batch, at) = records.place(row);
    let keys = plan.spec.blocking[rule].keys.iter().zip(&plan.rules[rule]);
    let texts: Vec<String> = keys
        .map(|(key, &column)| {
            let value = records.batches()[batch as usize].column(column).slice(at as usize, 1);
            let text = crate::arrays::Text::of(&value).ok();
            let text = text.as_ref().and_then(|t| t.get(0)).and_then(|t| normalise(t, &key.normalise)).unwrap_or_default();
            let sign = if key.words.is_some() { "like" } else { "=" };
            format!("{} {sign} {}", key.shown(), prefix(&text, key.prefix.unwrap_or(usize::MAX)).trim())
        })
        .collect();
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use trommel_model::{Cancel, ProgressSlot};

    use super::*;

    #[test]
    fn rows_of_one_key_share_a_block_and_lone_rows_have_none() {
        let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
        let blocks = Blocks::new(&[7, 0, 9, 7, 0, 1 << 60, 7, 1 << 60], |at| at as u32, &Watch::new(&cancel, &progress)).unwrap();
        let found: Vec<&[u32]> = (0..blocks.len()).map(|b| &blocks.rows[blocks.range(b)]).collect();
        assert_eq!(found, [[0, 3, 6].as_slice(), [5, 7].as_slice()]);
        assert_eq!((blocks.without_key, blocks.larger_than(2)), (2, vec![0]));
    }

    #[test]
    fn a_sample_is_of_neighbours_everywhere() {
        let blocks = Blocks { rows: (0..13).collect(), starts: vec![0, 2, 13], without_key: 0 };
        assert_eq!(blocks.sample(1).collect::<Vec<_>>(), [(0, 1)]);
        assert_eq!(blocks.sample(2).collect::<Vec<_>>(), [(0, 1), (7, 8)]);
        assert_eq!(blocks.sample(8).collect::<Vec<_>>(), [(0, 1), (3, 4), (5, 6), (8, 9), (10, 11)]);
        assert_eq!(blocks.sample(99).count(), 1 + 10);
    }

    #[test]
    fn no_rows_make_no_blocks() {
        let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
        assert_eq!(Blocks::new(&[], |at| at as u32, &Watch::new(&cancel, &progress)).unwrap().len(), 0);
    }
}
