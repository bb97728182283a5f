//! The pairs that blocking makes: each once, streamed, never all in memory.
//!
//! A pair belongs to the first rule that makes it. Whether an earlier rule has made it is told from the blocks of
//! its two rows, not from a set of pairs seen.

use rayon::prelude::*;
use trommel_model::Outcome;

use crate::block::Rule;
use crate::cells::Cells;
use crate::intern::combine;
use crate::oversize::Split;
use crate::watch::Watch;

/// Pairs of one piece of work.
const PAIRS_A_TASK: u64 = 65_536;
/// Pairs scored together. Few enough that their rows stay in the cache, and that a wish to stop is heard although
/// pairs of very long texts take up to a millisecond.
const BATCH: usize = 64;
/// Pairs looked at before a batch that does not fill is handed over.
const LOOK: u64 = 4_096;

/// The rules' blocks, and for each row the number of its value in each comparison, then its block in each rule from
/// 1; 0 for none.
pub(crate) struct Candidates<'a> {
    rules: &'a [Rule],
    cells: &'a Cells,
    comparisons: usize,
    /// For each row its source, when only rows of different sources are paired.
    apart: Option<&'a [u32]>,
    /// For each row whether it is matched, when pairs of rows that are not are left out.
    fresh: Option<&'a [bool]>,
}

/// A stretch of the rows of one rule's blocks, or of one order of an oversize block.
pub(crate) struct Task {
    rule: usize,
    from: usize,
    to: usize,
    /// (oversize block, order).
    split: Option<(usize, usize)>,
}

impl<'a> Candidates<'a> {
    pub fn new(rules: &'a [Rule], cells: &'a Cells, comparisons: usize, apart: Option<&'a [u32]>) -> Self {
        Self { rules, cells, comparisons, apart, fresh: None }
    }

    /// Leaves out pairs of which neither row is matched.
    pub fn only(self, fresh: Option<&'a [bool]>) -> Self {
        Self { fresh, ..self }
    }

    /// The work, in pieces of about equal numbers of pairs, and those pairs in all (some are made twice).
    pub fn tasks(&self, watch: &Watch<'_>) -> Outcome<(Vec<Task>, u64)> {
        let (mut tasks, mut total) = (Vec::new(), 0);
        for (at, rule) in self.rules.iter().enumerate() {
            watch.check()?;
            let blocks = &rule.blocks;
            let mut piece = Piece { tasks: &mut tasks, rule: at, split: None, from: 0, pairs: 0 };
            for block in 0..blocks.len() {
                let range = blocks.range(block);
                let idle = rule.oversize.split(block as u32).is_some() || !self.has_fresh(&blocks.rows[range.clone()]);
                for row in range.clone() {
                    total += piece.add(row, if idle { 0 } else { range.end - row - 1 });
                }
            }
            piece.end(blocks.rows.len());
            for (block, split) in rule.oversize.blocks.iter().enumerate() {
                for (order, rows) in split.orders.iter().enumerate() {
                    let mut piece = Piece { tasks: &mut tasks, rule: at, split: Some((block, order)), from: 0, pairs: 0 };
                    for row in 0..rows.len() {
                        total += piece.add(row, split.width.min(rows.len() - row - 1));
                    }
                    piece.end(rows.len());
                }
            }
        }
        Ok((tasks, total))
    }

    /// A number that tells which rows share a block.
    pub fn mark(&self) -> u64 {
        let of = |rule: &Rule| {
            let blocks = rule.blocks.rows.iter().chain(&rule.blocks.starts).fold(0, |all, &number| combine(all, u64::from(number)));
            let splits = rule.oversize.blocks.iter().flat_map(|split| split.orders.iter().flatten());
            splits.fold(blocks, |all, &row| combine(all, u64::from(row)))
        };
        self.rules.par_iter().map(of).collect::<Vec<u64>>().into_iter().fold(0, combine)
    }

    /// Hands over all pairs of a task that no earlier rule makes, in batches, the smaller row of a pair first; gives how many were
    /// looked at.
    pub fn visit(&self, task: &Task, watch: &Watch<'_>, each: impl FnMut(&[(u32, u32)])) -> Outcome<u64> {
        self.visit_of(task, |_| true, watch, each)
    }

    /// The same for pairs whose first row is wanted.
    pub fn visit_of(
        &self,
        task: &Task,
        wanted: impl Fn(u32) -> bool,
        watch: &Watch<'_>,
        mut each: impl FnMut(&[(u32, u32)]),
    ) -> Outcome<u64> {
        let rule = &self.rules[task.rule];
        let mut batch = Batch { pairs: Vec::with_capacity(BATCH), visited: 0, each: &mut each, watch };
        if let Some((block, order)) = task.split {
            let split = &rule.oversize.blocks[block];
            let rows = &split.orders[order];
            for at in task.from..task.to {
                let left = rows[at];
                if !wanted(left) {
                    continue;
                }
                let end = (at + 1 + split.width).min(rows.len());
                for &right in &rows[at + 1..end] {
                    if self.may_pair(left, right)
                        && !rule.oversize.near(split, order, left, right)
                        && !self.made_before(task.rule, left, right)
                    {
                        batch.pairs.push((left.min(right), left.max(right)));
                    }
                    batch.counted()?;
                }
            }
        } else {
            let rows = &rule.blocks.rows;
            let mut block = rule.blocks.starts.partition_point(|&start| start as usize <= task.from).saturating_sub(1);
            let mut at = task.from;
            while at < task.to {
                let range = rule.blocks.range(block);
                if rule.oversize.split(block as u32).is_none() && self.has_fresh(&rows[range.clone()]) {
                    for at in at..range.end.min(task.to) {
                        let left = rows[at];
                        if !wanted(left) {
                            continue;
                        }
                        for &right in &rows[at + 1..range.end] {
                            if self.may_pair(left, right) && !self.made_before(task.rule, left, right) {
                                batch.pairs.push((left, right));
                            }
                            batch.counted()?;
                        }
                    }
                }
                at = range.end;
                block += 1;
            }
        }
        batch.hand_over()?;
        watch.advance(batch.visited);
        Ok(batch.visited)
    }

    fn has_fresh(&self, rows: &[u32]) -> bool {
        self.fresh.is_none_or(|fresh| rows.iter().any(|&row| fresh[row as usize]))
    }

    #[inline]
    fn may_pair(&self, left: u32, right: u32) -> bool {
        self.apart.is_none_or(|sources| sources[left as usize] != sources[right as usize])
            && self.fresh.is_none_or(|fresh| fresh[left as usize] || fresh[right as usize])
    }

    #[inline]
    fn made_before(&self, rule: usize, a: u32, b: u32) -> bool {
        let of = |row: u32| &self.cells.row(row)[self.comparisons..self.comparisons + rule];
        of(a).iter().zip(of(b)).enumerate().any(|(earlier, (&l, &r))| l == r && l != 0 && self.makes(earlier, l - 1, a, b))
    }

    #[inline]
    fn makes(&self, rule: usize, block: u32, a: u32, b: u32) -> bool {
        let oversize = &self.rules[rule].oversize;
        oversize.is_empty() || oversize.split(block).is_none_or(|split: &Split| oversize.near(split, split.orders.len(), a, b))
    }
}

/// Pairs gathered until there are enough to score them together.
struct Batch<'b, F> {
    pairs: Vec<(u32, u32)>,
    /// Pairs looked at, handed over or not.
    visited: u64,
    each: &'b mut F,
    watch: &'b Watch<'b>,
}

impl<F: FnMut(&[(u32, u32)])> Batch<'_, F> {
    #[inline]
    fn counted(&mut self) -> Outcome<()> {
        self.visited += 1;
        if self.pairs.len() == BATCH || self.visited.is_multiple_of(LOOK) { self.hand_over() } else { Ok(()) }
    }

    fn hand_over(&mut self) -> Outcome<()> {
        self.watch.check()?;
        (self.each)(&self.pairs);
        self.pairs.clear();
        Ok(())
    }
}

/// A task being gathered.
struct Piece<'t> {
    tasks: &'t mut Vec<Task>,
    rule: usize,
    split: Option<(usize, usize)>,
    from: usize,
    pairs: u64,
}

impl Piece<'_> {
    /// Adds a row that makes so many pairs.
    fn add(&mut self, row: usize, pairs: usize) -> u64 {
        self.pairs += pairs as u64;
        if self.pairs >= PAIRS_A_TASK {
            self.end(row + 1);
        }
        pairs as u64
    }

    fn end(&mut self, to: usize) {
        if self.pairs > 0 {
            self.tasks.push(Task { rule: self.rule, from: self.from, to, split: self.split });
        }
        (self.from, self.pairs) = (to, 0);
    }
}
