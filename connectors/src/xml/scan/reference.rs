//! References of a document: characters by number or name, and entities put in under a bound.

use trommel_model::Outcome;

use super::Scanner;
use crate::xml::config::{DEEPEST_ENTITY, LONGEST, MOST_EXPANDED};
use crate::xml::dtd::Entity;
use crate::xml::input::Input;
use crate::xml::names::{is_char, is_whole_name};

/// Characters of a reference by number, which may have any number of zeros.
const LONGEST_REFERENCE: usize = 1024;

impl Scanner<'_> {
    /// Passes a reference in content; `true` when an entity was put in.
    pub(super) fn content_reference(&mut self) -> Outcome<bool> {
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
    pub(super) fn entity(&mut self, name: &str) -> Outcome<Option<String>> {
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
    pub(in crate::xml) fn grow(&mut self, bytes: usize, depth: usize) -> Outcome<()> {
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
    pub(in crate::xml) fn normalise(&mut self, raw: &str, out: &mut String, within: &mut Vec<String>) -> Outcome<()> {
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
    pub(super) fn put_in(&mut self, name: &str, out: &mut String, within: &mut Vec<String>) -> Outcome<()> {
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
    pub(super) fn character_reference(&mut self) -> Outcome<char> {
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
}

/// The five entities that every document has (§4.6).
pub(super) fn predefined(name: &str) -> Option<char> {
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
pub(in crate::xml) fn numbered(number: &str) -> Option<char> {
    let (digits, base) = number.strip_prefix('x').map_or((number, 10), |hex| (hex, 16));
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(base)) {
        return None;
    }
    let code = u32::from_str_radix(digits, base).ok()?;
    char::from_u32(code).filter(|c| is_char(*c))
}
