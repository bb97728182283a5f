//! Boosted trees and their text.

use std::fmt::Write;

/// A sum of trees for each class.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Forest {
    /// Classes.
    pub(super) classes: usize,
    /// Trees, the classes in turn.
    pub(super) trees: Vec<Tree>,
}

/// A tree, its root first.
pub(super) type Tree = Vec<Node>;

/// A question, or what is added to the score of the class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Node {
    /// Values up to `at` go on at the next node, others at `right`.
    Split {
        feature: u16,
        at: f32,
        right: u16,
    },
    Leaf(f32),
}

impl Forest {
    /// The share of belief in each class; they add up to 1.
    pub fn shares(&self, features: &[f32]) -> Vec<f64> {
        let mut scores = vec![0.0; self.classes];
        for (i, tree) in self.trees.iter().enumerate() {
            scores[i % self.classes] += f64::from(score(tree, features));
        }
        softmax(&scores)
    }

    /// Reads what [`Forest::text`] wrote; none when it is no such text.
    pub fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let classes = lines.next()?.parse().ok().filter(|n| *n > 0)?;
        let trees = lines.map(tree).collect::<Option<Vec<Tree>>>()?;
        (trees.len() % classes == 0 && !trees.is_empty()).then_some(Self { classes, trees })
    }

    /// The classes, then a tree a line: `FEATURE<AT>RIGHT` for a question, a number of thousandths for a leaf.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.classes);
        for tree in &self.trees {
            for (i, node) in tree.iter().enumerate() {
                let gap = if i > 0 { " " } else { "" };
                // Writing to a String cannot fail.
                let _ = match node {
                    Node::Split { feature, at, right } => write!(text, "{gap}{feature}<{at}>{right}"),
                    Node::Leaf(value) => write!(text, "{gap}{}", (value * 1_000.0).round()),
                };
            }
            text.push('\n');
        }
        text
    }
}

fn tree(line: &str) -> Option<Tree> {
    let nodes: Option<Tree> = line
        .split(' ')
        .map(|word| match word.split_once('<') {
            Some((feature, rest)) => {
                let (at, right) = rest.split_once('>')?;
                Some(Node::Split { feature: feature.parse().ok()?, at: at.parse().ok()?, right: right.parse().ok()? })
            }
            None => Some(Node::Leaf(word.parse::<f32>().ok()? / 1_000.0)),
        })
        .collect();
    // Questions lead on, never back, and end in a leaf.
    nodes.filter(|nodes| {
        nodes.iter().enumerate().all(|(i, node)| match node {
            Node::Split { right, .. } => usize::from(*right) > i && usize::from(*right) < nodes.len() && i + 1 < nodes.len(),
            Node::Leaf(_) => true,
        })
    })
}

fn score(tree: &Tree, features: &[f32]) -> f32 {
    let mut i = 0;
    while let Some(node) = tree.get(i) {
        match node {
            Node::Split { feature, at, right } => {
                let value = features.get(usize::from(*feature)).copied().unwrap_or(0.0);
                i = if value <= *at { i + 1 } else { usize::from(*right) };
            }
            Node::Leaf(value) => return *value,
        }
    }
    0.0
}

/// Scores as shares.
pub(super) fn softmax(scores: &[f64]) -> Vec<f64> {
    let largest = scores.iter().copied().fold(f64::MIN, f64::max);
    let powers: Vec<f64> = scores.iter().map(|s| (s - largest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|p| p / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_gives_the_forest_back_and_nonsense_is_refused() {
        let tree = vec![Node::Split { feature: 3, at: 0.5, right: 2 }, Node::Leaf(1.0), Node::Leaf(-0.25)];
        let forest = Forest { classes: 1, trees: vec![tree] };
        assert_eq!(Forest::read(&forest.text()), Some(forest));
        for text in ["", "x", "1\n3<0.5>0 1 2", "1\n3<0.5>9 1 2", "2\n1"] {
            assert_eq!(Forest::read(text), None, "{text}");
        }
    }
}
