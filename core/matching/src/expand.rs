//! Rules whose keys stand for several keys of a row, written out: a rule over `words = 8` drawn words becomes eight
//! rules, each over one of them.

use trommel_model::{BlockingEstimate, BlockingRule, MatchSpec};

/// A model whose rules have one key value a row each.
pub(crate) struct Expanded {
    pub spec: MatchSpec,
    /// For each rule which of the drawn words it is about; 0 for rules over whole texts.
    pub draws: Vec<usize>,
    /// For each rule the place of the rule it comes from.
    pub origins: Vec<usize>,
}

impl Expanded {
    pub fn new(spec: &MatchSpec) -> Self {
        let mut rules: Vec<(BlockingRule, usize, usize)> = Vec::new();
        for (origin, rule) in spec.blocking.iter().enumerate() {
            let draws = rule.keys.iter().find_map(|key| key.words).unwrap_or(1).max(1);
            rules.extend((0..draws).map(|draw| (rule.clone(), draw, origin)));
        }
        let draws = rules.iter().map(|r| r.1).collect();
        let origins = rules.iter().map(|r| r.2).collect();
        let blocking = rules.into_iter().map(|r| r.0).collect();
        Self { spec: MatchSpec { blocking, ..spec.clone() }, draws, origins }
    }

    /// Estimates of rules that come from one added up.
    pub fn fold(&self, estimates: Vec<BlockingEstimate>) -> Vec<BlockingEstimate> {
        let mut folded: Vec<BlockingEstimate> = Vec::new();
        for (at, one) in estimates.into_iter().enumerate() {
            match folded.last_mut().filter(|_| at > 0 && self.origins[at] == self.origins[at - 1]) {
                None => folded.push(one),
                Some(sum) => {
                    sum.pairs += one.pairs;
                    sum.pairs_made += one.pairs_made;
                    sum.blocks += one.blocks;
                    sum.largest_block = sum.largest_block.max(one.largest_block);
                    sum.rows_without_key = sum.rows_without_key.min(one.rows_without_key);
                    sum.oversize_blocks.extend(one.oversize_blocks);
                }
            }
        }
        folded
    }
}
