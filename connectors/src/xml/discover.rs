//! The elements of a document: which paths there are, how often each comes, and which is the record.

use rustc_hash::FxHashMap;
use trommel_model::{Outcome, Prefixes};

use super::config::MOST_PATHS;
use super::error;
use super::scan::{Event, Scanner};
use crate::read::Job;

/// One path of elements.
#[derive(Debug, Clone, Default)]
pub struct Node {
    /// The element's name.
    pub name: String,
    /// The path above; itself for the top.
    pub parent: u32,
    /// Paths below, by name.
    pub children: FxHashMap<String, u32>,
    /// How often it comes.
    pub count: u64,
    /// True when one element above holds it more than once.
    pub repeats: bool,
    /// True when it has attributes or elements in it.
    pub structured: bool,
    /// How many elements above it there are.
    pub depth: u32,
    /// In the element that is open above it: how often it came.
    here: u32,
}

/// The paths of a document. Number 0 stands above the root.
#[derive(Debug)]
pub struct Paths {
    /// The paths, each after the one above it.
    pub nodes: Vec<Node>,
    /// What becomes of prefixes.
    prefixes: Prefixes,
}

impl Paths {
    /// None yet.
    pub fn new(prefixes: Prefixes) -> Self {
        Self { nodes: vec![Node::default()], prefixes }
    }

    /// The path of an element under another.
    pub fn child(&mut self, parent: u32, name: &str) -> Outcome<u32> {
        let name = shown(name, self.prefixes);
        if let Some(child) = self.nodes[parent as usize].children.get(name) {
            return Ok(*child);
        }
        if self.nodes.len() >= MOST_PATHS {
            return Err(error::too_many_paths());
        }
        let new = self.nodes.len() as u32;
        let depth = self.nodes[parent as usize].depth + 1;
        self.nodes[parent as usize].children.insert(name.to_owned(), new);
        self.nodes.push(Node { name: name.to_owned(), parent, depth, ..Node::default() });
        Ok(new)
    }

    /// The path as `a/b/c`.
    pub fn path(&self, node: u32) -> String {
        let mut parts = Vec::new();
        let mut at = node;
        while at != 0 {
            parts.push(self.nodes[at as usize].name.as_str());
            at = self.nodes[at as usize].parent;
        }
        parts.reverse();
        parts.join("/")
    }

    /// The paths that a text names: whole from the root, or their end.
    pub fn named(&self, path: &str) -> Option<u32> {
        let wanted = path.trim_matches('/');
        let all = || 1..self.nodes.len() as u32;
        all().find(|at| self.path(*at) == wanted).or_else(|| all().find(|at| self.path(*at).ends_with(&format!("/{wanted}"))))
    }

    /// The elements that could be the record: those that repeat and hold something.
    pub fn candidates(&self) -> Vec<String> {
        (1..self.nodes.len() as u32)
            .filter(|at| self.nodes[*at as usize].repeats && self.nodes[*at as usize].structured)
            .map(|at| self.path(at))
            .collect()
    }

    /// The path that is the record: of those that repeat and hold something, outside of each other, the one with most in it.
    /// Without such a path, what repeats in the root; else the root itself.
    pub fn record(&self) -> u32 {
        let mut under = vec![0_u64; self.nodes.len()];
        for at in (1..self.nodes.len()).rev() {
            under[at] += self.nodes[at].count;
            let parent = self.nodes[at].parent as usize;
            under[parent] += under[at];
        }
        let outermost = |wanted: &dyn Fn(&Node) -> bool| {
            let mut inside = vec![false; self.nodes.len()];
            let mut best: Option<(u64, u32)> = None;
            for at in 1..self.nodes.len() {
                let within = inside[self.nodes[at].parent as usize];
                let found = !within && wanted(&self.nodes[at]);
                inside[at] = within || found;
                if found && best.is_none_or(|(most, _)| under[at] > most) {
                    best = Some((under[at], at as u32));
                }
            }
            best.map(|(_, at)| at)
        };
        outermost(&|n| n.repeats && n.structured).or_else(|| outermost(&|n| n.repeats && n.depth == 2)).unwrap_or(1)
    }
}

/// A name as columns have it.
pub fn shown(name: &str, prefixes: Prefixes) -> &str {
    match (prefixes, name.split_once(':')) {
        (Prefixes::Drop, Some((_, local))) if !local.is_empty() => local,
        _ => name,
    }
}

/// True for attributes that name spaces and say nothing of a record.
pub fn is_declaration(name: &str) -> bool {
    name == "xmlns" || name.starts_with("xmlns:")
}

/// Goes through a whole document: checks it, and notes its paths.
pub fn paths(job: &Job<'_>, scanner: &mut Scanner<'_>) -> Outcome<Paths> {
    let mut paths = Paths::new(job.spec.xml.prefixes);
    let mut open = vec![0_u32];
    let mut events = 0_u64;
    loop {
        let event = scanner.advance()?;
        events += 1;
        if events.is_multiple_of(8192) {
            job.cancel.check()?;
            let offset = scanner.offset();
            job.progress.update(|p| p.bytes = offset);
        }
        match event {
            Event::Start => {
                let parent = open.last().copied().unwrap_or(0);
                let node = paths.child(parent, &scanner.name)?;
                paths.nodes[parent as usize].structured = true;
                let this = &mut paths.nodes[node as usize];
                this.count += 1;
                this.here += 1;
                this.repeats |= this.here > 1;
                this.structured |= scanner.attributes.iter().any(|(name, _)| !is_declaration(name));
                open.push(node);
            }
            Event::End => {
                if let Some(node) = open.pop() {
                    let below: Vec<u32> = paths.nodes[node as usize].children.values().copied().collect();
                    for child in below {
                        paths.nodes[child as usize].here = 0;
                    }
                }
            }
            Event::Text => {}
            Event::Over => return Ok(paths),
        }
    }
}
