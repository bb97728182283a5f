//! Reads XML strictly by "Extensible Markup Language (XML) 1.0 (Fifth Edition)" as a processor that does not validate and reads
//! nothing from outside: what is not well-formed is refused, entities of the document itself are put in under a bound.

use std::collections::HashMap;

use trommel_model::{Cancel, Outcome, Problem};

use super::config::{DEEPEST, DEEPEST_ENTITY, LONGEST, LONGEST_NAME, MOST_ATTRIBUTES, MOST_EXPANDED, WINDOW};
use super::dtd::{Declared, Entity};
use super::error::{self, Fault};
use super::input::Input;
use super::names::{first_bad, is_blank, is_char, is_name, starts_name};
use crate::bytes::Text;

/// Characters of a reference by number, which may have any number of zeros.
const LONGEST_REFERENCE: usize = 1024;

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

    /// Passes a reference in content; `true` when an entity was put in.
    fn content_reference(&mut self) -> Outcome<bool> {
        self.take(b"&")?;
        if self.looking_at(b"#")? {
            let character = self.character_reference()?;
            self.text.push(character);
            return Ok(false);
        }
        let name = self.name()?;
        if !self.take(b";")? {
            return Err(self.fault("a reference ends with ;"));
        }
        if let Some(character) = predefined(&name) {
            self.text.push(character);
            return Ok(false);
        }
        let Some(text) = self.entity(&name)? else { return Ok(false) };
        let (line, depth) = (self.inputs[0].line, self.open.len());
        self.inputs.push(Input::entity(&name, &text, line, depth));
        Ok(true)
    }

    /// The text of an entity; `None` of one that lies outside.
    fn entity(&mut self, name: &str) -> Outcome<Option<String>> {
        match self.declared.entities.get(name) {
            Some(Entity::Unparsed) => Err(self.fault(format!("the entity \"{name}\" is not text"))),
            Some(Entity::External) => {
                self.outside += 1;
                Ok(None)
            }
            Some(Entity::Internal(text)) => {
                let text = text.clone();
                if self.inputs.iter().any(|i| i.entity == name) {
                    return Err(self.fault(format!("the entity \"{name}\" contains itself")));
                }
                self.grow(text.len(), self.inputs.len())?;
                Ok(Some(text))
            }
            None if self.declared.may_be_outside() => {
                self.outside += 1;
                Ok(None)
            }
            None => Err(self.fault(format!("the entity \"{name}\" is not declared"))),
        }
    }

    /// Counts what entities become.
    pub(super) fn grow(&mut self, bytes: usize, depth: usize) -> Outcome<()> {
        self.expanded += bytes as u64;
        if self.expanded > MOST_EXPANDED {
            return Err(self.bomb(format!("its entities become more than {} MB", MOST_EXPANDED >> 20)));
        }
        if depth > DEEPEST_ENTITY {
            return Err(self.bomb(format!("entities are nested deeper than {DEEPEST_ENTITY} levels")));
        }
        Ok(())
    }

    /// The value of an attribute: blanks are spaces, references are put in (§3.3.3).
    pub(super) fn normalise(&mut self, raw: &str, out: &mut String, within: &mut Vec<String>) -> Outcome<()> {
        let mut rest = raw;
        while let Some(at) = rest.find(['&', '<', '\t', '\n', '\r']) {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            match rest.as_bytes()[0] {
                b'<' => return Err(self.fault("< stands in the value of an attribute")),
                b'&' => {
                    let Some((reference, after)) = rest[1..].split_once(';') else {
                        return Err(self.fault("& stands in the value of an attribute, and begins no reference"));
                    };
                    rest = after;
                    if let Some(number) = reference.strip_prefix('#') {
                        let Some(character) = numbered(number) else {
                            return Err(self.fault(format!("\"&{reference};\" is no character")));
                        };
                        out.push(character);
                        continue;
                    }
                    if !is_whole_name(reference) {
                        return Err(self.fault("& stands in the value of an attribute, and begins no reference"));
                    }
                    if let Some(character) = predefined(reference) {
                        out.push(character);
                        continue;
                    }
                    self.put_in(reference, out, within)?;
                }
                _ => {
                    out.push(' ');
                    rest = &rest[1..];
                }
            }
        }
        out.push_str(rest);
        if out.len() > LONGEST { Err(self.bomb("the value of an attribute is too long")) } else { Ok(()) }
    }

    /// Puts an entity into the value of an attribute.
    fn put_in(&mut self, name: &str, out: &mut String, within: &mut Vec<String>) -> Outcome<()> {
        match self.declared.entities.get(name) {
            Some(Entity::Internal(text)) => {
                let text = text.clone();
                if within.iter().any(|other| other == name) {
                    return Err(self.fault(format!("the entity \"{name}\" contains itself")));
                }
                self.grow(text.len(), within.len() + 1)?;
                within.push(name.to_owned());
                self.normalise(&text, out, within)?;
                within.pop();
                Ok(())
            }
            Some(_) => Err(self.fault(format!("the entity \"{name}\" lies outside and stands in the value of an attribute"))),
            None if self.declared.may_be_outside() => {
                self.outside += 1;
                Ok(())
            }
            None => Err(self.fault(format!("the entity \"{name}\" is not declared"))),
        }
    }

    /// Passes `#65;` or `#x41;`.
    fn character_reference(&mut self) -> Outcome<char> {
        self.take(b"#")?;
        let ahead = self.ahead(LONGEST_REFERENCE)?;
        let length = ahead.iter().take(LONGEST_REFERENCE).position(|b| *b == b';');
        let found = length.and_then(|n| std::str::from_utf8(&ahead[..n]).ok()).and_then(numbered);
        match (found, length) {
            (Some(character), Some(length)) => {
                self.pass(length + 1);
                Ok(character)
            }
            _ => Err(self.fault("a reference by number names no character")),
        }
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

    fn equals(&mut self) -> Outcome<()> {
        self.blanks()?;
        if !self.take(b"=")? {
            return Err(self.fault("= is expected behind a name"));
        }
        self.blanks()?;
        Ok(())
    }

    /// Passes text in quotes; gives what is between them, line ends made `\n`.
    pub(super) fn quoted(&mut self, expected: &str) -> Outcome<String> {
        let quote = match self.ahead(1)?.first() {
            Some(b'"') => "\"",
            Some(b'\'') => "'",
            _ => return Err(self.fault(format!("{expected} is expected"))),
        };
        self.pass(1);
        let kept = std::mem::take(&mut self.text);
        let ended = self.until(quote.as_bytes(), "the closing quote");
        let value = std::mem::replace(&mut self.text, kept);
        ended.map(|()| value)
    }

    /// Appends text up to an end mark, and passes that.
    pub(super) fn until(&mut self, end: &[u8], expected: &str) -> Outcome<()> {
        loop {
            let ahead = self.ahead(WINDOW.min(end.len() + 1))?;
            if let Some(at) = memchr::memmem::find(ahead, end) {
                self.append(at)?;
                self.pass(end.len());
                return Ok(());
            }
            // The mark may have begun at the end of what is at hand.
            let keep = end.len() - 1;
            let stretch = ahead.len().saturating_sub(keep);
            let had = ahead.len();
            let cut = held_back(&ahead[..stretch]);
            if cut > 0 {
                self.append(cut)?;
            }
            if self.ahead(had - cut + 1)?.len() <= had - cut {
                return Err(self.fault(format!("{expected} is missing")));
            }
        }
    }

    /// Appends so many bytes to the text, line ends made `\n`, and passes them.
    fn append(&mut self, count: usize) -> Outcome<()> {
        if self.text.len() + count > LONGEST {
            return Err(self.bomb("a text is too long"));
        }
        let input = self.inputs.last().map_or(&[][..], Input::at_hand);
        let (valid, broken) = match std::str::from_utf8(&input[..count]) {
            Ok(text) => (text, None),
            Err(e) => (std::str::from_utf8(&input[..e.valid_up_to()]).unwrap_or_default(), Some(e.valid_up_to())),
        };
        if let Some(at) = first_bad(valid).or(broken) {
            self.pass(at);
            return Err(self.fault("there is a character that XML has not"));
        }
        // Entities had their line ends made even when the document was read.
        if memchr::memchr(b'\r', valid.as_bytes()).is_none() || self.inputs.len() > 1 {
            self.text.push_str(valid);
        } else {
            let next = input.get(count).copied();
            let even = valid.replace("\r\n", "\n");
            let cut = even.ends_with('\r') && next == Some(b'\n');
            self.text.push_str(&even[..even.len() - usize::from(cut)].replace('\r', "\n"));
        }
        self.pass(count);
        Ok(())
    }

    /// Passes a name.
    pub(super) fn name(&mut self) -> Outcome<String> {
        let name = self.token()?;
        match name.chars().next() {
            Some(first) if starts_name(first) => Ok(name),
            _ => Err(self.fault("a name is expected")),
        }
    }

    /// Passes characters of names, perhaps none.
    pub(super) fn token(&mut self) -> Outcome<String> {
        let mut want = 256;
        loop {
            let ahead = self.ahead(want)?;
            let length = ahead.iter().position(|b| *b < 0x80 && !is_name(char::from(*b))).unwrap_or(ahead.len());
            if length == ahead.len() && length >= want && length < LONGEST_NAME {
                want *= 2;
                continue;
            }
            let text = match std::str::from_utf8(&ahead[..length]) {
                Ok(text) => text,
                Err(e) => std::str::from_utf8(&ahead[..e.valid_up_to()]).unwrap_or_default(),
            };
            let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
            let name = text[..end].to_owned();
            self.pass(name.len());
            return Ok(name);
        }
    }

    /// Passes blanks; `true` when there were some.
    pub(super) fn blanks(&mut self) -> Outcome<bool> {
        let mut any = false;
        loop {
            let ahead = self.ahead(1)?;
            let count = ahead.iter().position(|b| !is_blank(*b)).unwrap_or(ahead.len());
            if count == 0 {
                return Ok(any);
            }
            any = true;
            self.pass(count);
        }
    }

    /// Passes these bytes when they come next.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Outcome<bool> {
        let found = self.looking_at(bytes)?;
        if found {
            self.pass(bytes.len());
        }
        Ok(found)
    }

    pub(super) fn looking_at(&mut self, bytes: &[u8]) -> Outcome<bool> {
        Ok(self.ahead(bytes.len())?.starts_with(bytes))
    }

    pub(super) fn at_end(&mut self) -> Outcome<bool> {
        Ok(self.ahead(1)?.is_empty())
    }

    pub(super) fn ahead(&mut self, count: usize) -> Outcome<&[u8]> {
        let cancel = self.cancel;
        match self.inputs.last_mut() {
            Some(input) => input.ahead(count, cancel),
            None => Ok(&[]),
        }
    }

    pub(super) fn pass(&mut self, count: usize) {
        if let Some(input) = self.inputs.last_mut() {
            input.pass(count);
        }
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

/// How much of a stretch of text can be passed without what follows: not the start of `]]>`, a carriage return, or half a character.
fn held_back(text: &[u8]) -> usize {
    let mut end = text.len();
    while end > 0 && text.len() - end < 4 && matches!(text[end - 1], b']' | b'\r') {
        end -= 1;
    }
    let mut start = end;
    while start > 0 && end - start < 4 && text[start - 1] & 0xC0 == 0x80 {
        start -= 1;
    }
    if start > 0 && text[start - 1] >= 0xC0 {
        let wanted = match text[start - 1] {
            0xF0.. => 4,
            0xE0.. => 3,
            _ => 2,
        };
        if end - (start - 1) < wanted {
            return start - 1;
        }
    }
    end
}

/// The five entities that every document has (§4.6).
fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "apos" => '\'',
        "quot" => '"',
        _ => return None,
    })
}

/// The character of `65` or `x41`.
pub(super) fn numbered(number: &str) -> Option<char> {
    let (digits, base) = number.strip_prefix('x').map_or((number, 10), |hex| (hex, 16));
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(base)) {
        return None;
    }
    let code = u32::from_str_radix(digits, base).ok()?;
    char::from_u32(code).filter(|c| is_char(*c))
}

/// True for the name of an encoding.
pub(super) fn is_encoding(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

/// True when all of a text is a name.
pub(super) fn is_whole_name(text: &str) -> bool {
    text.chars().next().is_some_and(starts_name) && text.chars().all(is_name)
}

/// Attributes with a default by element.
pub(super) type Defaults = HashMap<String, Vec<(String, String)>>;
