//! The type of a document as it declares it itself: entities to put in, defaults of attributes; the rest is passed, strictly by the
//! grammar. What lies outside (an external subset, external entities) is never read.

use std::collections::{HashMap, HashSet};

use trommel_model::Outcome;

use super::input::Input;
use super::names::{is_public, is_whole_name};
use super::scan::{Scanner, numbered};

/// Groups within groups in the declaration of an element.
const DEEPEST_GROUP: usize = 256;

/// What an entity stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entity {
    /// This text.
    Internal(String),
    /// A text that lies outside.
    External,
    /// Something that is not XML.
    Unparsed,
}

/// What a document declares.
#[derive(Debug, Default)]
pub struct Declared {
    /// True when there is a document type.
    pub present: bool,
    /// True when the document says that nothing outside matters.
    pub standalone: bool,
    /// General entities by name; the first declaration of a name counts.
    pub entities: HashMap<String, Entity>,
    /// Parameter entities by name; `None` of those that lie outside.
    parameters: HashMap<String, Option<String>>,
    /// Attributes with a default by element.
    pub defaults: HashMap<String, Vec<(String, String)>>,
    /// Attributes by element whose value is a list of words.
    tokens: HashMap<String, HashSet<String>>,
    /// True when a part of the declarations lies outside.
    outside: bool,
}

impl Declared {
    /// True when a name that is not declared may be declared outside.
    pub fn may_be_outside(&self) -> bool {
        self.outside && !self.standalone
    }

    /// True for an attribute whose blanks do not count.
    pub fn is_tokens(&self, element: &str, attribute: &str) -> bool {
        self.tokens.get(element).is_some_and(|names| names.contains(attribute))
    }
}

impl Scanner<'_> {
    /// Passes a document type behind `<!DOCTYPE`.
    pub(super) fn document_type(&mut self) -> Outcome<()> {
        self.declared.present = true;
        self.need_blank()?;
        self.name()?;
        let apart = self.blanks()?;
        if apart && self.external_id(false)? {
            self.declared.outside = true;
            self.blanks()?;
        }
        if self.take(b"[")? {
            self.subset()?;
            self.blanks()?;
        }
        self.end_of_declaration()
    }

    /// Passes declarations up to `]`.
    fn subset(&mut self) -> Outcome<()> {
        let base = self.inputs.len();
        loop {
            if self.at_end()? {
                if self.inputs.len() == base {
                    return Err(self.fault("] is missing at the end of the document type"));
                }
                self.inputs.pop();
            } else if self.blanks()? {
            } else if self.take(b"]")? {
                return if self.inputs.len() == base { Ok(()) } else { Err(self.fault("] stands in an entity")) };
            } else if self.take(b"%")? {
                self.parameter()?;
            } else if self.take(b"<!--")? {
                self.comment()?;
            } else if self.take(b"<?")? {
                self.instruction()?;
            } else if self.take(b"<!ELEMENT")? {
                self.element()?;
            } else if self.take(b"<!ATTLIST")? {
                self.attribute_list()?;
            } else if self.take(b"<!ENTITY")? {
                self.entity_declaration()?;
            } else if self.take(b"<!NOTATION")? {
                self.notation()?;
            } else {
                return Err(self.fault("a declaration is expected"));
            }
        }
    }

    /// Puts the declarations of a parameter entity in.
    fn parameter(&mut self) -> Outcome<()> {
        let name = self.name()?;
        if !self.take(b";")? {
            return Err(self.fault("a reference ends with ;"));
        }
        let Some(Some(text)) = self.declared.parameters.get(&name).cloned() else {
            // What comes behind it may be other than it seems.
            self.declared.outside = true;
            self.outside += 1;
            return Ok(());
        };
        let marked = format!("%{name}");
        if self.inputs.iter().any(|i| i.entity == marked) {
            return Err(self.fault(format!("the entity \"{name}\" contains itself")));
        }
        self.grow(text.len(), self.inputs.len())?;
        let line = self.inputs[0].line;
        self.inputs.push(Input::entity(&marked, &text, line, 0));
        Ok(())
    }

    fn element(&mut self) -> Outcome<()> {
        self.need_blank()?;
        self.name()?;
        self.need_blank()?;
        if self.take(b"EMPTY")? || self.take(b"ANY")? {
        } else if self.take(b"(")? {
            self.blanks()?;
            if self.take(b"#PCDATA")? {
                self.mixed()?;
            } else {
                self.group(0)?;
                self.how_often()?;
            }
        } else {
            return Err(self.fault("EMPTY, ANY or ( is expected"));
        }
        self.blanks()?;
        self.end_of_declaration()
    }

    /// Passes `| a | b)*` behind `(#PCDATA`.
    fn mixed(&mut self) -> Outcome<()> {
        let mut names = HashSet::new();
        loop {
            self.blanks()?;
            if self.take(b")")? {
                let starred = self.take(b"*")?;
                return if starred || names.is_empty() { Ok(()) } else { Err(self.fault("* is expected behind )")) };
            }
            if !self.take(b"|")? {
                return Err(self.fault("| or ) is expected"));
            }
            self.blanks()?;
            names.insert(self.name()?);
        }
    }

    /// Passes a group behind its `(`.
    fn group(&mut self, depth: usize) -> Outcome<()> {
        if depth > DEEPEST_GROUP {
            return Err(self.bomb("groups of elements are nested too deep"));
        }
        let mut separator: Option<&[u8]> = None;
        loop {
            self.blanks()?;
            if self.take(b"(")? {
                self.group(depth + 1)?;
            } else {
                self.name()?;
            }
            self.how_often()?;
            self.blanks()?;
            if self.take(b")")? {
                return Ok(());
            }
            let next: &[u8] = if self.looking_at(b"|")? { b"|" } else { b"," };
            if separator.is_some_and(|s| s != next) || !self.take(next)? {
                return Err(self.fault("the elements of a group are all apart by | or all by ,"));
            }
            separator = Some(next);
        }
    }

    fn how_often(&mut self) -> Outcome<()> {
        let _ = self.take(b"?")? || self.take(b"*")? || self.take(b"+")?;
        Ok(())
    }

    fn attribute_list(&mut self) -> Outcome<()> {
        self.need_blank()?;
        let element = self.name()?;
        loop {
            let apart = self.blanks()?;
            if self.take(b">")? {
                return Ok(());
            }
            if !apart {
                return Err(self.fault("a blank or > is expected"));
            }
            let name = self.name()?;
            self.need_blank()?;
            let tokens = self.attribute_type()?;
            self.need_blank()?;
            let default = self.default_value(tokens)?;
            let known = self.declared.defaults.entry(element.clone()).or_default();
            if let Some(value) = default.filter(|_| !known.iter().any(|(other, _)| *other == name)) {
                known.push((name.clone(), value));
            }
            if tokens {
                self.declared.tokens.entry(element.clone()).or_default().insert(name);
            }
        }
    }

    /// Passes the type of an attribute; `true` when its value is words.
    fn attribute_type(&mut self) -> Outcome<bool> {
        if self.take(b"(")? {
            self.words(true)?;
            return Ok(true);
        }
        let kind = self.token()?;
        match kind.as_str() {
            "CDATA" => Ok(false),
            "ID" | "IDREF" | "IDREFS" | "ENTITY" | "ENTITIES" | "NMTOKEN" | "NMTOKENS" => Ok(true),
            "NOTATION" => {
                self.need_blank()?;
                if !self.take(b"(")? {
                    return Err(self.fault("( is expected"));
                }
                self.words(false)?;
                Ok(true)
            }
            _ => Err(self.fault("the type of an attribute is expected")),
        }
    }

    /// Passes `a | b)`.
    fn words(&mut self, any: bool) -> Outcome<()> {
        loop {
            self.blanks()?;
            let word = if any { self.token()? } else { self.name()? };
            if word.is_empty() {
                return Err(self.fault("a word is expected"));
            }
            self.blanks()?;
            if self.take(b")")? {
                return Ok(());
            }
            if !self.take(b"|")? {
                return Err(self.fault("| or ) is expected"));
            }
        }
    }

    fn default_value(&mut self, tokens: bool) -> Outcome<Option<String>> {
        if self.take(b"#REQUIRED")? || self.take(b"#IMPLIED")? {
            return Ok(None);
        }
        if self.take(b"#FIXED")? {
            self.need_blank()?;
        }
        let raw = self.quoted("#REQUIRED, #IMPLIED, #FIXED or a value in quotes")?;
        let mut value = String::new();
        self.normalise(&raw, &mut value, &mut Vec::new())?;
        Ok(Some(if tokens { value.split(' ').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ") } else { value }))
    }

    fn entity_declaration(&mut self) -> Outcome<()> {
        self.need_blank()?;
        let parameter = self.take(b"%")?;
        if parameter {
            self.need_blank()?;
        }
        let name = self.name()?;
        self.need_blank()?;
        let entity = if self.external_id(false)? {
            let apart = self.blanks()?;
            if !parameter && self.take(b"NDATA")? {
                if !apart {
                    return Err(self.fault("a blank is expected before NDATA"));
                }
                self.need_blank()?;
                self.name()?;
                Entity::Unparsed
            } else {
                Entity::External
            }
        } else {
            let raw = self.quoted("SYSTEM, PUBLIC or a value in quotes")?;
            Entity::Internal(self.entity_value(&raw)?)
        };
        self.blanks()?;
        self.end_of_declaration()?;
        if parameter {
            let text = if let Entity::Internal(text) = entity { Some(text) } else { None };
            self.declared.parameters.entry(name).or_insert(text);
        } else {
            self.declared.entities.entry(name).or_insert(entity);
        }
        Ok(())
    }

    /// The text an entity stands for: characters by number are put in, entities by name are left (§4.5).
    fn entity_value(&mut self, raw: &str) -> Outcome<String> {
        let mut out = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(at) = rest.find(['&', '%']) {
            out.push_str(&rest[..at]);
            if rest.as_bytes()[at] == b'%' {
                return Err(self.fault("% stands in the value of an entity"));
            }
            let Some((reference, after)) = rest[at + 1..].split_once(';') else {
                return Err(self.fault("& stands in the value of an entity, and begins no reference"));
            };
            if let Some(number) = reference.strip_prefix('#') {
                let Some(character) = numbered(number) else {
                    return Err(self.fault(format!("\"&{reference};\" is no character")));
                };
                out.push(character);
            } else if is_whole_name(reference) {
                out.push_str(&rest[at..=at + 1 + reference.len()]);
            } else {
                return Err(self.fault("& stands in the value of an entity, and begins no reference"));
            }
            rest = after;
        }
        out.push_str(rest);
        Ok(out)
    }

    fn notation(&mut self) -> Outcome<()> {
        self.need_blank()?;
        self.name()?;
        self.need_blank()?;
        if !self.external_id(true)? {
            return Err(self.fault("SYSTEM or PUBLIC is expected"));
        }
        self.blanks()?;
        self.end_of_declaration()
    }

    /// Passes `SYSTEM "…"` or `PUBLIC "…" "…"`, of a notation also `PUBLIC "…"`; `false` when there is none.
    fn external_id(&mut self, of_notation: bool) -> Outcome<bool> {
        if self.take(b"SYSTEM")? {
            self.need_blank()?;
            self.quoted("an address in quotes")?;
            return Ok(true);
        }
        if !self.take(b"PUBLIC")? {
            return Ok(false);
        }
        self.need_blank()?;
        let public = self.quoted("a public identifier in quotes")?;
        if !public.chars().all(is_public) {
            return Err(self.fault("a public identifier has a character that it may not have"));
        }
        let apart = self.blanks()?;
        let more = self.looking_at(b"\"")? || self.looking_at(b"'")?;
        match (more, apart) {
            (true, true) => self.quoted("an address in quotes").map(|_| true),
            (false, _) if of_notation => Ok(true),
            _ => Err(self.fault("a blank and an address in quotes are expected")),
        }
    }

    fn end_of_declaration(&mut self) -> Outcome<()> {
        if self.take(b">")? { Ok(()) } else { Err(self.fault("> is expected at the end of a declaration")) }
    }

    fn need_blank(&mut self) -> Outcome<()> {
        if self.blanks()? { Ok(()) } else { Err(self.fault("a blank is expected")) }
    }
}
