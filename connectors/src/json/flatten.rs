//! From nested records to columns: `{"a": {"b": 1}}` is column `a_b`. Lists stay JSON text.

use rustc_hash::FxHashMap;
use trommel_model::Nested;

use super::config::{FLATTENED, MOST_COLUMNS};
use super::scan::{Cursor, Fault, Token, TokenKind, unescape};
use crate::infer::{Seen, Shape};
use crate::values::{float, integer};

/// The columns of a table by the paths that lead to them.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    /// The keys that lead to each column, in order of appearance.
    pub columns: Vec<Vec<Box<[u8]>>>,
    /// What was seen in each column.
    pub seen: Vec<Seen>,
    /// True when there were more columns than a table may have.
    pub full: bool,
    /// Objects nested deeper than this stay JSON text.
    flattened: usize,
}

#[derive(Debug, Clone, Default)]
struct Node {
    path: Vec<Box<[u8]>>,
    children: FxHashMap<Box<[u8]>, Child>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Child {
    column: Option<u32>,
    node: Option<u32>,
}

/// What a record looks like beyond its values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Oddities {
    /// It has a key twice, or an empty object: its columns do not give it back.
    pub keep: bool,
}

impl Tree {
    /// A tree that knows no column.
    pub fn new(nested: Nested) -> Self {
        let flattened = if nested == Nested::Keep { 0 } else { FLATTENED };
        Self { nodes: vec![Node::default()], flattened, ..Self::default() }
    }

    /// The names of the columns, not yet unique.
    pub fn names(&self) -> Vec<String> {
        self.columns
            .iter()
            .map(|path| path.iter().map(|key| String::from_utf8_lossy(key).into_owned()).collect::<Vec<_>>().join("_"))
            .collect()
    }

    /// Adds the columns of another tree, in their order.
    pub fn join(&mut self, other: &Self) {
        self.full |= other.full;
        for (path, seen) in other.columns.iter().zip(&other.seen) {
            let Some((last, above)) = path.split_last() else { continue };
            let mut node = 0;
            for key in above {
                node = self.node(node, key);
            }
            if let Some(column) = self.column(node, last) {
                self.seen[column as usize].join(seen);
            }
        }
    }

    fn node(&mut self, parent: u32, key: &[u8]) -> u32 {
        if let Some(node) = self.nodes[parent as usize].children.get(key).and_then(|c| c.node) {
            return node;
        }
        let new = self.nodes.len() as u32;
        let parent = &mut self.nodes[parent as usize];
        let mut path = parent.path.clone();
        path.push(key.into());
        parent.children.entry(key.into()).or_default().node = Some(new);
        self.nodes.push(Node { path, children: FxHashMap::default() });
        new
    }

    fn column(&mut self, parent: u32, key: &[u8]) -> Option<u32> {
        if let Some(column) = self.nodes[parent as usize].children.get(key).and_then(|c| c.column) {
            return Some(column);
        }
        if self.columns.len() >= MOST_COLUMNS {
            self.full = true;
            return None;
        }
        let new = self.columns.len() as u32;
        let parent = &mut self.nodes[parent as usize];
        let mut path = parent.path.clone();
        path.push(key.into());
        parent.children.entry(key.into()).or_default().column = Some(new);
        self.columns.push(path);
        self.seen.push(Seen::default());
        Some(new)
    }

    fn find(&self, parent: u32, key: &[u8]) -> Child {
        self.nodes.get(parent as usize).and_then(|n| n.children.get(key)).copied().unwrap_or_default()
    }
}

/// Passes a record and adds its columns and the shapes of its values to a tree. `line` is that of the record.
pub fn survey(cursor: &mut Cursor<'_>, tree: &mut Tree, line: u64) -> Result<(), Fault> {
    if cursor.peek() != Some(b'{') {
        let token = cursor.value(0)?;
        note(tree, cursor.text, 0, b"value", token, line);
        return Ok(());
    }
    survey_object(cursor, tree, 0, 0, line)
}

fn survey_object(cursor: &mut Cursor<'_>, tree: &mut Tree, node: u32, depth: usize, line: u64) -> Result<(), Fault> {
    let mut scratch = Vec::new();
    cursor.object(depth, &mut |cursor, key| {
        let name = key_text(cursor.text, key, &mut scratch);
        if cursor.peek() == Some(b'{') && depth < tree.flattened {
            let child = tree.node(node, name);
            return survey_object(cursor, tree, child, depth + 1, line);
        }
        let token = cursor.value(depth + 1)?;
        note(tree, cursor.text, node, name, token, line);
        Ok(())
    })
}

fn note(tree: &mut Tree, text: &[u8], node: u32, key: &[u8], token: Token, line: u64) {
    let Some(column) = tree.column(node, key) else { return };
    let value = &text[token.start..token.end];
    let shape = match token.kind {
        TokenKind::Null => return,
        TokenKind::Boolean => Shape::Boolean,
        TokenKind::Integer if integer(value).is_some() => Shape::Integer,
        TokenKind::Float if float(value, b'.').is_some() => Shape::Float,
        _ => Shape::Text,
    };
    tree.seen[column as usize].add(shape, line);
}

/// Passes a record and puts its values into `row`, one place for each column of the tree.
pub fn read(cursor: &mut Cursor<'_>, tree: &Tree, row: &mut [Option<Token>]) -> Result<Oddities, Fault> {
    let mut oddities = Oddities::default();
    if cursor.peek() == Some(b'{') {
        read_object(cursor, tree, 0, 0, row, &mut oddities)?;
    } else {
        let token = cursor.value(0)?;
        put(tree.find(0, b"value"), token, row, &mut oddities);
    }
    Ok(oddities)
}

fn read_object(
    cursor: &mut Cursor<'_>,
    tree: &Tree,
    node: u32,
    depth: usize,
    row: &mut [Option<Token>],
    oddities: &mut Oddities,
) -> Result<(), Fault> {
    let mut scratch = Vec::new();
    let mut members = 0_usize;
    cursor.object(depth, &mut |cursor, key| {
        members += 1;
        let child = tree.find(node, key_text(cursor.text, key, &mut scratch));
        if cursor.peek() == Some(b'{') && depth < tree.flattened {
            return read_object(cursor, tree, child.node.unwrap_or(u32::MAX), depth + 1, row, oddities);
        }
        let token = cursor.value(depth + 1)?;
        put(child, token, row, oddities);
        Ok(())
    })?;
    oddities.keep |= members == 0;
    Ok(())
}

/// The last of two values of one key counts, as in most readers of JSON.
fn put(child: Child, token: Token, row: &mut [Option<Token>], oddities: &mut Oddities) {
    match child.column.and_then(|c| row.get_mut(c as usize)) {
        Some(place) => {
            oddities.keep |= place.is_some();
            *place = Some(token);
        }
        None => oddities.keep = true,
    }
}

fn key_text<'a>(text: &'a [u8], key: Token, scratch: &'a mut Vec<u8>) -> &'a [u8] {
    let raw = &text[key.start..key.end];
    if key.kind != TokenKind::Escaped {
        return raw;
    }
    unescape(raw, scratch);
    scratch
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Kind;

    #[test]
    fn nested_objects_become_columns() {
        let mut tree = Tree::new(Nested::Flatten);
        for record in ["{\"id\": 1, \"c\": {\"name\": \"x\", \"tags\": [1]}}", "{\"id\": 2.5, \"c\": null, \"c_name\": true}", "7"] {
            survey(&mut Cursor::new(record.as_bytes(), 0), &mut tree, 1).unwrap();
        }
        assert_eq!(tree.names(), ["id", "c_name", "c_tags", "c", "c_name", "value"]);
        let kinds: Vec<Kind> = tree.seen.iter().map(Seen::kind).collect();
        assert_eq!(kinds, [Kind::Float, Kind::Text, Kind::Text, Kind::Text, Kind::Boolean, Kind::Integer]);
    }

    #[test]
    fn the_last_of_two_equal_keys_counts() {
        let mut tree = Tree::new(Nested::Flatten);
        let text = b"{\"a\": 1, \"a\": 2}";
        survey(&mut Cursor::new(text, 0), &mut tree, 1).unwrap();
        let mut row = [None];
        let oddities = read(&mut Cursor::new(text, 0), &tree, &mut row).unwrap();
        assert!(oddities.keep);
        assert_eq!(row[0].map(|t| &text[t.start..t.end]), Some(&b"2"[..]));
    }

    #[test]
    fn numbers_too_large_for_their_type_are_text() {
        let mut tree = Tree::new(Nested::Flatten);
        survey(&mut Cursor::new(b"{\"i\": 123456789012345678901234567890, \"f\": 1e999}", 0), &mut tree, 1).unwrap();
        assert!(tree.seen.iter().all(|s| s.kind() == Kind::Text));
    }
}
