//! Reads XML strictly by "Extensible Markup Language (XML) 1.0 (Fifth Edition)" as a processor that does not validate and reads
//! nothing from outside: what is not well-formed is refused, entities of the document itself are put in under a bound.

mod characters;
mod reference;

use trommel_model::{Cancel, Outcome, Problem};

use super::config::{DEEPEST, MOST_ATTRIBUTES};
use super::dtd::Declared;
use super::error::{self, Fault};
use super::input::Input;
use super::names::{is_blank, is_encoding};
use crate::bytes::Text;
use characters::held_back;
pub(super) use reference::numbered;

/// What comes next in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// An element begins: `name`, `attributes`.
    Start,
    /// The innermost element ends.
    End,
    /// Text: `text`.
    Text,
    /// The document is over.
    Over,
}

/// Where a scanner is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Start,
    Prolog,
    Content,
    Epilog,
}

/// Reads a document from start to end.
pub struct Scanner<'a> {
    pub(super) inputs: Vec<Input<'a>>,
    pub(super) cancel: &'a Cancel,
    pub(super) declared: Declared,
    stage: Stage,
    /// Names of the open elements.
    open: Vec<String>,
    /// The element that begins ends at once.
    closes: bool,
    /// Bytes of entities put in so far.
    expanded: u64,
    /// The element's name.
    pub name: String,
    /// The element's attributes.
    pub attributes: Vec<(String, String)>,
    /// The text.
    pub text: String,
    /// The byte at which what was told last begins in the document.
    pub from: u64,
    /// Its line, from 1.
    pub line: u64,
    /// References to what lies outside of the document, which is not read.
    pub outside: u64,
}

impl<'a> Scanner<'a> {
    /// At the start of a document.
    pub fn new(text: &'a Text, cancel: &'a Cancel) -> Self {
        Self {
            inputs: vec![Input::document(text)],
            cancel,
            declared: Declared::default(),
            stage: Stage::Start,
            open: Vec::new(),
            closes: false,
            expanded: 0,
            name: String::new(),
            attributes: Vec::new(),
            text: String::new(),
            from: text.start,
            line: 1,
            outside: 0,
        }
    }

    /// The byte of the document up to which it was read; within an entity, that of its reference's end.
    pub fn offset(&self) -> u64 {
        self.inputs.first().map_or(0, Input::offset)
    }

    /// The next event.
    pub fn advance(&mut self) -> Outcome<Event> {
        if std::mem::take(&mut self.closes) {
            return Ok(self.close());
        }
        if self.stage == Stage::Start {
            self.declaration()?;
            self.stage = Stage::Prolog;
        }
        loop {
            if self.at_end()? {
                if let Some(over) = self.end_of_input()? {
                    return Ok(over);
                }
                continue;
            }
            self.from = self.offset();
            self.line = self.inputs[0].line + 1;
            if self.looking_at(b"<")? {
                if let Some(event) = self.markup()? {
                    return Ok(event);
                }
            } else if self.stage == Stage::Content {
                if self.characters()? {
                    return Ok(Event::Text);
                }
            } else if !self.blanks()? {
                return Err(self.fault("text stands outside of the root element"));
            }
        }
    }

    fn end_of_input(&mut self) -> Outcome<Option<Event>> {
        if self.inputs.len() > 1 {
            if self.inputs.last().is_some_and(|i| i.depth != self.open.len()) {
                return Err(self.fault("an element begins and ends in different entities"));
            }
            self.inputs.pop();
            return Ok(None);
        }
        match self.stage {
            Stage::Epilog => Ok(Some(Event::Over)),
            Stage::Content => {
                let what = format!("the document ends before the element \"{}\"", self.open.last().map_or("", String::as_str));
                Err(self.fault(what))
            }
            _ => Err(self.fault("the document has no element")),
        }
    }

    /// Passes what begins with `<`.
    fn markup(&mut self) -> Outcome<Option<Event>> {
        if self.take(b"<!--")? {
            self.comment()?;
        } else if self.take(b"<?")? {
            self.instruction()?;
        } else if self.stage == Stage::Content && self.take(b"<![CDATA[")? {
            self.text.clear();
            self.until(b"]]>", "the end of a CDATA section")?;
            return Ok((!self.text.is_empty()).then_some(Event::Text));
        } else if self.take(b"</")? {
            return self.end_tag().map(Some);
        } else if self.stage == Stage::Prolog && self.take(b"<!DOCTYPE")? {
            if self.declared.present {
                return Err(self.fault("there is a second document type"));
            }
            self.document_type()?;
        } else if self.looking_at(b"<!")? {
            return Err(self.fault("a declaration stands where none may be"));
        } else {
            self.take(b"<")?;
            return self.start_tag().map(Some);
        }
        Ok(None)
    }

    fn start_tag(&mut self) -> Outcome<Event> {
        if self.stage == Stage::Epilog {
            return Err(self.fault("there is a second root element"));
        }
        self.stage = Stage::Content;
        if self.open.len() >= DEEPEST {
            return Err(self.bomb(format!("elements are nested deeper than {DEEPEST} levels")));
        }
        self.name = self.name()?;
        self.attributes.clear();
        loop {
            let apart = self.blanks()?;
            if self.take(b">")? {
                break;
            }
            if self.take(b"/>")? {
                self.closes = true;
                break;
            }
            if !apart {
                return Err(self.fault("a blank, > or /> is expected in a tag"));
            }
            self.attribute()?;
        }
        self.defaults();
        self.open.push(self.name.clone());
        Ok(Event::Start)
    }

    fn attribute(&mut self) -> Outcome<()> {
        let name = self.name()?;
        if self.attributes.iter().any(|(other, _)| *other == name) {
            return Err(self.fault(format!("the attribute \"{name}\" is there twice")));
        }
        if self.attributes.len() >= MOST_ATTRIBUTES {
            return Err(self.bomb(format!("an element has more than {MOST_ATTRIBUTES} attributes")));
        }
        self.equals()?;
        let raw = self.quoted("the value of an attribute in quotes")?;
        let mut value = String::with_capacity(raw.len());
        self.normalise(&raw, &mut value, &mut Vec::new())?;
        if self.declared.is_tokens(&self.name, &name) {
            value = value.split(' ').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
        }
        self.attributes.push((name, value));
        Ok(())
    }

    /// Adds attributes that have a default and were not given.
    fn defaults(&mut self) {
        let Some(defaults) = self.declared.defaults.get(&self.name) else { return };
        for (name, value) in defaults {
            if !self.attributes.iter().any(|(given, _)| given == name) {
                self.attributes.push((name.clone(), value.clone()));
            }
        }
    }

    fn end_tag(&mut self) -> Outcome<Event> {
        let name = self.name()?;
        match self.open.last() {
            Some(open) if *open == name => {}
            Some(open) => {
                let what = format!("\"{open}\" is open, and \"{name}\" ends");
                return Err(self.fault(what));
            }
            None => return Err(self.fault(format!("\"{name}\" ends and never began"))),
        }
        self.blanks()?;
        if !self.take(b">")? {
            return Err(self.fault("> is expected at the end of a tag"));
        }
        if self.inputs.last().is_some_and(|i| i.entity.is_empty() || i.depth < self.open.len()) {
            Ok(self.close())
        } else {
            Err(self.fault("an element begins and ends in different entities"))
        }
    }

    fn close(&mut self) -> Event {
        self.open.pop();
        if self.open.is_empty() {
            self.stage = Stage::Epilog;
        }
        Event::End
    }

    /// Passes text up to the next markup; `false` when there is none to tell.
    fn characters(&mut self) -> Outcome<bool> {
        self.text.clear();
        loop {
            let ahead = self.ahead(16)?;
            if ahead.is_empty() || ahead[0] == b'<' {
                break;
            }
            if ahead[0] == b'&' {
                // An entity that is put in begins a new stretch of content.
                if self.content_reference()? {
                    break;
                }
                continue;
            }
            let plain = memchr::memchr2(b'<', b'&', ahead).unwrap_or(ahead.len());
            // What may be the beginning of `]]>`, or of a character, waits for what follows.
            let cut = if plain == ahead.len() { held_back(ahead) } else { plain };
            let stretch = if cut == 0 { plain } else { cut };
            if memchr::memmem::find(&ahead[..(stretch + 2).min(ahead.len())], b"]]>").is_some_and(|at| at < stretch) {
                return Err(self.fault("]]> stands in text"));
            }
            self.append(stretch)?;
        }
        Ok(!self.text.is_empty())
    }

    /// Passes the declaration of a document: `<?xml version="1.0" encoding="utf-8" standalone="yes"?>`.
    fn declaration(&mut self) -> Outcome<()> {
        let ahead = self.ahead(6)?;
        if !(ahead.starts_with(b"<?xml") && ahead.get(5).is_some_and(|b| is_blank(*b))) {
            return Ok(());
        }
        self.pass(5);
        let mut given: Vec<(String, String)> = Vec::new();
        loop {
            let apart = self.blanks()?;
            if self.take(b"?>")? {
                break;
            }
            if !apart {
                return Err(self.fault("?> is expected at the end of the XML declaration"));
            }
            let name = self.name()?;
            self.equals()?;
            let value = self.quoted("a value in quotes")?;
            given.push((name, value));
        }
        let order: Vec<&str> = given.iter().map(|(n, _)| n.as_str()).collect();
        let sound = matches!(order[..], ["version"] | ["version", "encoding" | "standalone"] | ["version", "encoding", "standalone"]);
        if !sound {
            return Err(self.fault("the XML declaration has version, encoding and standalone, in this order"));
        }
        for (name, value) in &given {
            let right = match name.as_str() {
                "version" => value.strip_prefix("1.").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())),
                "encoding" => is_encoding(value),
                _ => value == "yes" || value == "no",
            };
            if !right {
                return Err(self.fault(format!("the XML declaration says {name}=\"{value}\"")));
            }
            self.declared.standalone |= name == "standalone" && value == "yes";
        }
        Ok(())
    }

    /// Passes a comment behind `<!--`.
    pub(super) fn comment(&mut self) -> Outcome<()> {
        self.text.clear();
        self.until(b"--", "the end of a comment")?;
        if self.take(b">")? { Ok(()) } else { Err(self.fault("-- stands in a comment")) }
    }

    /// Passes a processing instruction behind `<?`.
    pub(super) fn instruction(&mut self) -> Outcome<()> {
        let name = self.name()?;
        if name.eq_ignore_ascii_case("xml") {
            return Err(self.fault("an XML declaration stands at the very start or nowhere"));
        }
        if !self.looking_at(b"?>")? && !self.blanks()? {
            return Err(self.fault("a blank or ?> is expected behind the name of an instruction"));
        }
        self.text.clear();
        self.until(b"?>", "the end of an instruction")
    }

    /// A fault here.
    pub(super) fn fault(&self, what: impl Into<String>) -> Problem {
        self.at_fault(what.into(), false)
    }

    /// A document made to exhaust memory.
    pub(super) fn bomb(&self, what: impl Into<String>) -> Problem {
        self.at_fault(what.into(), true)
    }

    fn at_fault(&self, what: String, bomb: bool) -> Problem {
        let document = &self.inputs[0];
        error::unsound(&Fault { line: document.line + 1, column: document.column(), what, bomb })
    }
}
