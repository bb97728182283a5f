//! A rule that puts everything into one block is no rule: it is refused by name, with a proposal of what would part it.
//!
//! Rows that say the same are another matter: however many there are, neighbours in the sorted block tell that they are
//! one, so such a block is split like any other that is too large.

use rustc_hash::FxHashMap;
use trommel_model::{Code, Outcome, Problem};

use crate::features::Compared;
use crate::oversize::Oversize;
use crate::plan::Plan;

/// Of so many rows this many in one block are everything.
const EVERYTHING: (usize, usize) = (9, 10);
/// A key proposed is filled in one row of so many at least.
const FILLED: usize = 2;

/// Refuses a rule with a block of nine rows in ten, when more different ones are in it than a block may have.
pub(crate) fn refuse(plan: &Plan<'_>, rule: usize, rows: usize, oversize: &Oversize, compared: &[Compared]) -> Outcome<()> {
    let several = plan.spec.blocking[rule].keys.iter().any(|key| key.words.is_some() || key.neighbours.is_some());
    if several || compared.is_empty() {
        return Ok(());
    }
    let mut whole = oversize.blocks.iter().filter_map(|split| split.orders.first());
    let Some(block) = whole.find(|block| block.len() * EVERYTHING.1 >= rows * EVERYTHING.0) else { return Ok(()) };
    let differ = |&(a, b): &(u32, u32)| compared.iter().any(|c| c.ids[a as usize] != c.ids[b as usize]);
    let different = 1 + block.windows(2).map(|two| (two[0], two[1])).filter(differ).count();
    if different <= plan.spec.max_block {
        return Ok(());
    }
    let said = plan.rule_text(rule);
    let pairs = |n: usize| n as u64 * (n as u64).saturating_sub(1) / 2;
    let problem = Problem::new(Code::BadMatch, format!("the blocking rule \"{said}\" puts {} of {rows} rows into one block", block.len()))
        .at_field(format!("blocking[{}]", plan.expanded.origins[rule] + 1))
        .why(format!("it would compare {} pairs, and leaves nothing that parts them", pairs(block.len())));
    Err(match proposal(plan, rule, block, compared) {
        Some((column, left)) => problem.next(format!("add a second key, {{ column = \"{column}\" }}: that would compare {left} pairs")),
        None => problem.next("take the rule away, or make it of a column that tells rows apart"),
    })
}

/// The compared column that, as a second key, leaves fewest pairs but some, and those pairs.
fn proposal<'p>(plan: &'p Plan<'_>, rule: usize, block: &[u32], compared: &[Compared]) -> Option<(&'p str, u64)> {
    let keys = &plan.spec.blocking[rule].keys;
    let left = plan.spec.comparisons.iter().zip(compared).filter(|(c, _)| keys.iter().all(|key| key.column != c.column));
    let counted = left.filter_map(|(comparison, of)| {
        let mut rows_with: FxHashMap<u32, u64> = FxHashMap::default();
        for &row in block {
            *rows_with.entry(of.ids[row as usize]).or_default() += 1;
        }
        let missing = rows_with.remove(&0).unwrap_or(0) as usize;
        let pairs: u64 = rows_with.into_values().map(|n| n * (n - 1) / 2).sum();
        (pairs > 0 && (block.len() - missing) * FILLED >= block.len()).then_some((comparison.column.as_str(), pairs))
    });
    counted.min_by_key(|(column, pairs)| (*pairs, *column))
}
