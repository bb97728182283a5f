//! Blocking rules chosen from data: of all that could be, those that bring rows together without making too many
//! pairs.

use trommel_model::{BlockingEstimate, BlockingKey, BlockingRule, Cancel, MatchSpec, Normaliser, Outcome, ProgressSlot};

use super::columns::{Column, Role};
use crate::estimate;
use crate::files::{Union, for_files};

/// Pairs a rule may make for each row, of the first `FEW` rows and of each row more.
const PAIRS_A_ROW: f64 = 10.0;
const PAIRS_A_ROW_MORE: f64 = 4.0;
const FEW: f64 = 20_000.0;
/// Words drawn from texts: as many as make no more than this many times the pairs of another rule.
const WORDS: [usize; 3] = [16, 8, 4];
const PAIRS_OF_WORDS: f64 = 8.0;
/// Pairs that are compared in a second or two, however few rows there are.
const PAIRS_AT_EASE: f64 = 2_000_000.0;
/// Columns whose values are paired up into keys of two.
const MOST_PAIRED: usize = 8;
/// Rules over two columns at most.
const MOST_OF_TWO: usize = 8;

type Chosen = Vec<(BlockingRule, String)>;

/// The rules, each with a reason.
pub(super) fn choose(
    spec: &MatchSpec,
    columns: &[Column],
    union: &Union,
    threads: usize,
    cancel: &Cancel,
    progress: &ProgressSlot,
) -> Outcome<Chosen> {
    let rows = union.rows() as f64;
    let budget = PAIRS_A_ROW * rows.min(FEW) + PAIRS_A_ROW_MORE * (rows - FEW).max(0.0);
    let ask = |rules: &[BlockingRule]| -> Outcome<Vec<BlockingEstimate>> {
        if rules.is_empty() {
            return Ok(Vec::new());
        }
        let spec = for_files(&MatchSpec { blocking: rules.to_vec(), ..spec.clone() });
        estimate(&spec, &union.batches, threads, cancel, progress)
    };
    let used: Vec<&Column> = columns.iter().filter(|c| spec.comparisons.iter().any(|x| x.column == c.name)).collect();
    let singles: Vec<BlockingRule> = used.iter().flat_map(|c| of_one(c)).collect();
    let mut chosen = Chosen::new();
    let mut too_wide: Vec<usize> = Vec::new();
    for (rule, cost) in singles.iter().zip(ask(&singles)?) {
        let drawn = rule.keys[0].words.is_some();
        let most = if drawn { (budget * PAIRS_OF_WORDS).max(PAIRS_AT_EASE) } else { budget };
        if drawn
            && chosen.iter().any(|(other, _): &(BlockingRule, String)| {
                other.keys == vec![BlockingKey { words: other.keys[0].words, ..rule.keys[0].clone() }]
            })
        {
            continue;
        }
        if cost.pairs_made > 0 && cost.pairs as f64 <= most {
            chosen.push((rule.clone(), reason(&cost)));
        } else if cost.pairs as f64 > most
            && let Some(at) = used.iter().position(|c| c.name == rule.keys[0].column)
            && !too_wide.contains(&at)
        {
            too_wide.push(at);
        }
    }
    // A column that is too wide alone narrows another, and is narrowed by it.
    let mut by_worth: Vec<usize> = (0..used.len()).filter(|&at| used[at].role != Role::Text).collect();
    by_worth.sort_by(|&a, &b| (used[b].filled * used[b].distinct).total_cmp(&(used[a].filled * used[a].distinct)).then(a.cmp(&b)));
    by_worth.truncate(MOST_PAIRED);
    let mut twos: Vec<BlockingRule> = Vec::new();
    for (i, &a) in by_worth.iter().enumerate() {
        for &b in &by_worth[i + 1..] {
            if too_wide.contains(&a) || too_wide.contains(&b) {
                twos.push(BlockingRule { keys: vec![key(used[a]), key(used[b])] });
            }
        }
    }
    let mut costs: Vec<(BlockingEstimate, BlockingRule)> = ask(&twos)?.into_iter().zip(twos).collect();
    costs.retain(|(cost, _)| cost.pairs > 0 && cost.pairs as f64 <= budget);
    // More pairs of rows brought together within the budget: more that are not missed.
    costs.sort_by(|a, b| b.0.pairs.cmp(&a.0.pairs).then_with(|| a.0.rule.cmp(&b.0.rule)));
    costs.truncate(MOST_OF_TWO);
    chosen.extend(costs.into_iter().map(|(cost, rule)| (rule, reason(&cost))));
    Ok(chosen)
}

fn reason(cost: &BlockingEstimate) -> String {
    format!("rows that agree in {} are compared: {} pairs", cost.rule, cost.pairs_made)
}

fn key(column: &Column) -> BlockingKey {
    BlockingKey::new(&column.name, &column.normalisers())
}

/// The rules one column could make.
fn of_one(column: &Column) -> Vec<BlockingRule> {
    let rule = |key: BlockingKey| BlockingRule { keys: vec![key] };
    match column.role {
        Role::Nothing | Role::RowId => Vec::new(),
        Role::Text => WORDS.map(|n| rule(BlockingKey { words: Some(n), ..key(column) })).to_vec(),
        Role::Name if column.length >= 4.0 => {
            let mut sounds = column.normalisers();
            sounds.push(Normaliser::Soundex);
            vec![rule(key(column)), rule(BlockingKey::new(&column.name, &sounds))]
        }
        Role::Email => vec![rule(key(column)), rule(BlockingKey { prefix: Some(8), ..key(column) })],
        _ => vec![rule(key(column))],
    }
}
