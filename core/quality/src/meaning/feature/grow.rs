//! Grows boosted trees: softmax loss, second-order gains on binned features (Friedman 2001; Chen and Guestrin 2016), leaf
//! by leaf with the best gain first. A seed makes the result the same every time, whatever the threads.

use std::cmp::Ordering;

use rayon::prelude::*;

use super::trees::{Forest, Node, Tree, softmax};

/// How trees are grown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ForestOptions {
    /// Rounds; each adds a tree a class.
    pub rounds: usize,
    /// Leaves of a tree, at most.
    pub leaves: usize,
    /// How much of each tree is believed.
    pub rate: f64,
    /// Share of the rows a tree sees.
    pub rows: f64,
    /// Share of the features a tree sees.
    pub features: f64,
    /// Pulls leaves towards nothing.
    pub ridge: f64,
    /// Seeds the choice of rows and features.
    pub seed: u64,
}

/// Bins of a feature.
const BINS: usize = 64;
/// Least sum of second derivatives in a leaf.
const LEAST: f64 = 1.0;

struct Binned {
    /// Bounds by feature: a value belongs to the first bin whose bound is not below it.
    bounds: Vec<Vec<f32>>,
    /// By feature, the bin of each row.
    bins: Vec<Vec<u8>>,
}

/// Grows a forest from rows of features with their classes, from 0.
pub fn train(rows: &[Vec<f32>], classes: &[usize], options: &ForestOptions) -> Forest {
    let count = classes.iter().max().map_or(0, |c| c + 1);
    let width = rows.first().map_or(0, Vec::len);
    if count == 0 || width == 0 {
        return Forest::default();
    }
    let binned = bin(rows, width);
    let mut scores = vec![vec![0.0; count]; rows.len()];
    let mut forest = Forest { classes: count, trees: Vec::new() };
    for round in 0..options.rounds {
        let shares: Vec<Vec<f64>> = scores.par_iter().map(|s| softmax(s)).collect();
        let grown: Vec<(Tree, Vec<f32>)> = (0..count)
            .into_par_iter()
            .map(|class| {
                let mut seed = options.seed ^ ((round * count + class) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let slopes: Vec<(f64, f64)> = shares
                    .iter()
                    .zip(classes)
                    .map(|(share, actual)| {
                        let p = share[class];
                        (p - f64::from(u8::from(*actual == class)), (p * (1.0 - p)).max(1e-9))
                    })
                    .collect();
                let chosen: Vec<u32> = (0..rows.len() as u32).filter(|_| random(&mut seed) < options.rows).collect();
                let features: Vec<usize> =
                    (0..width).filter(|f| binned.bounds[*f].len() > 1 && random(&mut seed) < options.features).collect();
                let tree = tree(&binned, &slopes, chosen, &features, options);
                let added = (0..rows.len()).map(|row| follow(&tree, &rows[row])).collect();
                (tree, added)
            })
            .collect();
        for (class, (tree, added)) in grown.into_iter().enumerate() {
            for (score, add) in scores.iter_mut().zip(&added) {
                score[class] += f64::from(*add);
            }
            forest.trees.push(tree);
        }
    }
    forest
}

fn follow(tree: &Tree, features: &[f32]) -> f32 {
    let mut i = 0;
    loop {
        match tree[i] {
            Node::Split { feature, at, right } => i = if features[usize::from(feature)] <= at { i + 1 } else { usize::from(right) },
            Node::Leaf(value) => return value,
        }
    }
}

/// Splitmix64, as a share of 1.
fn random(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (*seed ^ (*seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

fn bin(rows: &[Vec<f32>], width: usize) -> Binned {
    let columns: Vec<(Vec<f32>, Vec<u8>)> = (0..width)
        .into_par_iter()
        .map(|feature| {
            let mut values: Vec<f32> = rows.iter().map(|r| r[feature]).collect();
            values.sort_by(f32::total_cmp);
            let mut bounds: Vec<f32> = (1..BINS).map(|i| short(values[i * (values.len() - 1) / BINS])).collect();
            // Rare values of features that are mostly nothing get bins of their own.
            let mut different = values.clone();
            different.dedup();
            if different.len() < BINS {
                bounds = different.iter().map(|v| short(*v)).collect();
            }
            bounds.push(f32::INFINITY);
            bounds.sort_by(f32::total_cmp);
            bounds.dedup();
            let bins = rows.iter().map(|r| bounds.partition_point(|b| *b < r[feature]).min(bounds.len() - 1) as u8).collect();
            (bounds, bins)
        })
        .collect();
    let (bounds, bins) = columns.into_iter().unzip();
    Binned { bounds, bins }
}

/// A bound with few digits, so that the text of a forest is short.
fn short(value: f32) -> f32 {
    format!("{value:.4e}").parse().unwrap_or(value)
}

/// A leaf that may be split: its rows, its place in the tree, and the best question.
struct Leaf {
    rows: Vec<u32>,
    sum: (f64, f64),
    node: usize,
    best: Option<(f64, usize, usize)>,
}

/// A tree in growth: questions know both their sides by place.
enum Growing {
    Split { feature: usize, bin: usize, left: usize, right: usize },
    Leaf(f64),
}

fn tree(binned: &Binned, slopes: &[(f64, f64)], rows: Vec<u32>, features: &[usize], options: &ForestOptions) -> Tree {
    let value = |(g, h): (f64, f64)| -g / (h + options.ridge) * options.rate;
    let leaf = |rows: Vec<u32>, node: usize| {
        let sum = rows.iter().fold((0.0, 0.0), |(g, h), r| (g + slopes[*r as usize].0, h + slopes[*r as usize].1));
        let best = best(binned, slopes, &rows, sum, features, options.ridge);
        Leaf { rows, sum, node, best }
    };
    let root = leaf(rows, 0);
    let mut nodes = vec![Growing::Leaf(value(root.sum))];
    let mut open = vec![root];
    while nodes.len() < 2 * options.leaves - 1 {
        let gain = |l: &Leaf| l.best.map_or(0.0, |b| b.0);
        let Some(at) =
            (0..open.len()).max_by(|a, b| gain(&open[*a]).partial_cmp(&gain(&open[*b])).unwrap_or(Ordering::Equal).then(b.cmp(a)))
        else {
            break;
        };
        let Some((_, feature, bin)) = open[at].best else { break };
        let split = open.swap_remove(at);
        let (low, high): (Vec<u32>, Vec<u32>) = split.rows.iter().partition(|r| usize::from(binned.bins[feature][**r as usize]) <= bin);
        let (left, right) = (nodes.len(), nodes.len() + 1);
        nodes[split.node] = Growing::Split { feature, bin, left, right };
        for (rows, node) in [(low, left), (high, right)] {
            let leaf = leaf(rows, node);
            nodes.push(Growing::Leaf(value(leaf.sum)));
            open.push(leaf);
        }
    }
    let mut tree = Tree::new();
    flatten(binned, &nodes, 0, &mut tree);
    tree
}

/// The tree with each question before its left side.
fn flatten(binned: &Binned, nodes: &[Growing], at: usize, tree: &mut Tree) {
    match nodes[at] {
        Growing::Leaf(value) => tree.push(Node::Leaf(((value * 1_000.0).round() / 1_000.0) as f32)),
        Growing::Split { feature, bin, left, right } => {
            let place = tree.len();
            tree.push(Node::Leaf(0.0));
            flatten(binned, nodes, left, tree);
            let next = tree.len() as u16;
            tree[place] = Node::Split { feature: feature as u16, at: binned.bounds[feature][bin], right: next };
            flatten(binned, nodes, right, tree);
        }
    }
}

/// The question that gains most: gain, feature, last bin of the left side.
fn best(
    binned: &Binned,
    slopes: &[(f64, f64)],
    rows: &[u32],
    sum: (f64, f64),
    features: &[usize],
    ridge: f64,
) -> Option<(f64, usize, usize)> {
    if rows.len() < 4 || sum.1 < 2.0 * LEAST {
        return None;
    }
    let score = |(g, h): (f64, f64)| g * g / (h + ridge);
    let mut found: Option<(f64, usize, usize)> = None;
    for feature in features {
        let bins = &binned.bins[*feature];
        let mut sums = [(0.0, 0.0); BINS + 1];
        for row in rows {
            let (g, h) = slopes[*row as usize];
            let slot = &mut sums[usize::from(bins[*row as usize])];
            slot.0 += g;
            slot.1 += h;
        }
        let (mut g, mut h) = (0.0, 0.0);
        for (bin, part) in sums.iter().enumerate().take(binned.bounds[*feature].len() - 1) {
            g += part.0;
            h += part.1;
            if h < LEAST || sum.1 - h < LEAST {
                continue;
            }
            let gain = score((g, h)) + score((sum.0 - g, sum.1 - h)) - score(sum);
            if gain > 1e-6 && found.is_none_or(|f| gain > f.0) {
                found = Some((gain, *feature, bin));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_of_two_features_is_learned() {
        let rows: Vec<Vec<f32>> = (0..400_u16).map(|i| vec![f32::from(i % 20), f32::from(i / 20), f32::from(i % 3)]).collect();
        let class = |r: &Vec<f32>| if r[0] > 9.0 { usize::from(r[1] > 9.0) } else { 2 };
        let classes: Vec<usize> = rows.iter().map(class).collect();
        let options = ForestOptions { rounds: 30, leaves: 4, rate: 0.3, rows: 0.9, features: 1.0, ridge: 1.0, seed: 7 };
        let forest = train(&rows, &classes, &options);
        let read = Forest::read(&forest.text()).unwrap();
        let right = rows.iter().filter(|r| {
            let shares = read.shares(r);
            (0..3).max_by(|a, b| shares[*a].total_cmp(&shares[*b])) == Some(class(r))
        });
        assert!(right.count() >= 398);
        assert_eq!(train(&rows, &classes, &options), forest);
    }
}
