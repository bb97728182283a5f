//! From an element to the cells of a row: attributes are `@name`, elements in elements are apart by points, what repeats is
//! a list in JSON.

use rustc_hash::FxHashMap;
use serde_json::{Map, Value as Json};
use trommel_model::{Outcome, Prefixes};

use super::config::MOST_COLUMNS;
use super::discover::{Paths, is_declaration, shown};
use super::error;
use crate::infer::Seen;
use crate::spool::{Spool, Value};

/// The name of text beside elements and attributes.
const TEXT: &str = "#text";

/// The columns of the records.
#[derive(Debug, Default)]
pub struct Columns {
    /// Their names.
    pub names: Vec<String>,
    /// What was seen in them.
    pub seen: Vec<Seen>,
    by_name: FxHashMap<String, u32>,
}

/// One record while it is read.
pub struct Record<'a> {
    paths: &'a Paths,
    prefixes: Prefixes,
    /// The elements that are open, the record first.
    open: Vec<Open>,
    /// The cells so far: the column, and its text.
    cells: Vec<(u32, String)>,
    lists: FxHashMap<u32, Vec<Json>>,
    /// True when the cells do not give the record back.
    pub keep: bool,
}

struct Open {
    node: u32,
    /// The name of its column, and of those inside before a point.
    prefix: String,
    text: String,
    /// True when elements are in it.
    parent: bool,
    /// True when it is said to have no value.
    nil: bool,
    /// What it becomes in a list.
    json: Option<Map<String, Json>>,
}

impl Columns {
    fn of(&mut self, name: &str) -> Outcome<u32> {
        if let Some(at) = self.by_name.get(name) {
            return Ok(*at);
        }
        if self.names.len() >= MOST_COLUMNS {
            return Err(error::too_many_columns());
        }
        let at = self.names.len() as u32;
        self.by_name.insert(name.to_owned(), at);
        self.names.push(name.to_owned());
        self.seen.push(Seen::default());
        Ok(at)
    }
}

impl<'a> Record<'a> {
    /// Begins with the element that is the record.
    pub fn begin(paths: &'a Paths, prefixes: Prefixes, node: u32, attributes: &[(String, String)], columns: &mut Columns) -> Outcome<Self> {
        let mut record = Self { paths, prefixes, open: Vec::new(), cells: Vec::new(), lists: FxHashMap::default(), keep: false };
        record.push(node, String::new(), attributes, false, columns)?;
        Ok(record)
    }

    /// How many elements are open, the record included.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// The path of the innermost element.
    pub fn node(&self) -> u32 {
        self.open.last().map_or(0, |o| o.node)
    }

    /// An element begins within the record.
    pub fn start(&mut self, node: u32, attributes: &[(String, String)], columns: &mut Columns) -> Outcome<()> {
        let this = &self.paths.nodes[node as usize];
        let (mut prefix, mut in_list) = (String::new(), false);
        if let Some(parent) = self.open.last_mut() {
            parent.parent = true;
            prefix.clone_from(&parent.prefix);
            in_list = parent.json.is_some();
        }
        if !prefix.is_empty() {
            prefix.push('.');
        }
        prefix.push_str(&this.name);
        self.push(node, prefix, attributes, in_list || this.repeats, columns)
    }

    fn push(&mut self, node: u32, prefix: String, attributes: &[(String, String)], listed: bool, columns: &mut Columns) -> Outcome<()> {
        let mut open = Open { node, prefix, text: String::new(), parent: false, nil: false, json: listed.then(Map::new) };
        for (name, value) in attributes {
            if is_declaration(name) {
                continue;
            }
            open.nil |= name.ends_with(":nil") && (value == "true" || value == "1");
            let name = format!("@{}", shown(name, self.prefixes));
            if let Some(json) = &mut open.json {
                json.insert(name, Json::String(value.clone()));
            } else {
                let column = columns.of(&if open.prefix.is_empty() { name } else { format!("{}.{name}", open.prefix) })?;
                self.put(column, value.clone());
            }
        }
        self.open.push(open);
        Ok(())
    }

    /// Text of the innermost element.
    pub fn text(&mut self, text: &str) {
        if let Some(open) = self.open.last_mut() {
            open.text.push_str(text);
        }
    }

    /// The innermost element ends.
    pub fn end(&mut self, columns: &mut Columns) -> Outcome<()> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let text = open.text.trim();
        if let Some(mut json) = open.json {
            let value = match (json.is_empty(), open.nil) {
                (true, _) => Json::String(text.to_owned()),
                (false, true) if text.is_empty() && json.len() == 1 => Json::Null,
                (false, _) => {
                    if !text.is_empty() {
                        json.insert(TEXT.to_owned(), Json::String(text.to_owned()));
                    }
                    Json::Object(json)
                }
            };
            return self.listed(open.node, &open.prefix, value, columns);
        }
        if open.nil || (open.parent && text.is_empty()) {
            return Ok(());
        }
        let of_record = open.prefix.is_empty();
        // An element of the record with nothing but attributes has no column of its own; one without anything is empty text.
        let attributes_only = self.paths.nodes[open.node as usize].structured && text.is_empty();
        if text.is_empty() && (of_record || attributes_only) {
            return Ok(());
        }
        let name = if of_record {
            TEXT.to_owned()
        } else if open.parent {
            format!("{}.{TEXT}", open.prefix)
        } else {
            open.prefix
        };
        let column = columns.of(&name)?;
        self.put(column, text.to_owned());
        Ok(())
    }

    /// Adds to a list: that of the element above when it is in a list itself, else that of its column.
    fn listed(&mut self, node: u32, prefix: &str, value: Json, columns: &mut Columns) -> Outcome<()> {
        let repeats = self.paths.nodes[node as usize].repeats;
        if let Some(json) = self.open.last_mut().and_then(|above| above.json.as_mut()) {
            let name = self.paths.nodes[node as usize].name.clone();
            match (json.get_mut(&name), repeats) {
                (Some(Json::Array(list)), _) => list.push(value),
                (_, true) => {
                    json.insert(name, Json::Array(vec![value]));
                }
                (_, false) => {
                    json.insert(name, value);
                }
            }
            return Ok(());
        }
        let column = columns.of(prefix)?;
        self.lists.entry(column).or_default().push(value);
        Ok(())
    }

    fn put(&mut self, column: u32, value: String) {
        self.keep |= self.cells.iter().any(|(c, _)| *c == column);
        self.cells.push((column, value));
    }

    /// The record is over: its cells are written down.
    pub fn write(self, spool: &mut Spool, columns: &mut Columns, line: u64) {
        spool.begin();
        let lists = self.lists.into_iter().map(|(column, list)| (column, Json::Array(list).to_string(), true));
        for (column, text, listed) in self.cells.into_iter().map(|(column, text)| (column, text, false)).chain(lists) {
            let value = if listed { Value::Text(text.as_bytes()) } else { Value::Form(text.as_bytes()) };
            if !text.is_empty() {
                columns.seen[column as usize].add(value.shape(), line);
            }
            spool.cell(column, &value);
        }
    }
}
