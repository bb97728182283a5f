//! Characters of a document: what comes next, and what is passed and kept.

use trommel_model::Outcome;

use super::Scanner;
use crate::xml::config::{LONGEST, LONGEST_NAME, WINDOW};
use crate::xml::input::Input;
use crate::xml::names::{first_bad, is_blank, is_name, starts_name};

impl Scanner<'_> {
    pub(super) fn equals(&mut self) -> Outcome<()> {
        self.blanks()?;
        if !self.take(b"=")? {
            return Err(self.fault("= is expected behind a name"));
        }
        self.blanks()?;
        Ok(())
    }

    /// Passes text in quotes; gives what is between them, line ends made `\n`.
    pub(in crate::xml) fn quoted(&mut self, expected: &str) -> Outcome<String> {
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
    pub(in crate::xml) fn until(&mut self, end: &[u8], expected: &str) -> Outcome<()> {
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
    pub(super) fn append(&mut self, count: usize) -> Outcome<()> {
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
    pub(in crate::xml) fn name(&mut self) -> Outcome<String> {
        let name = self.token()?;
        match name.chars().next() {
            Some(first) if starts_name(first) => Ok(name),
            _ => Err(self.fault("a name is expected")),
        }
    }

    /// Passes characters of names, perhaps none.
    pub(in crate::xml) fn token(&mut self) -> Outcome<String> {
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
    pub(in crate::xml) fn blanks(&mut self) -> Outcome<bool> {
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
    pub(in crate::xml) fn take(&mut self, bytes: &[u8]) -> Outcome<bool> {
        let found = self.looking_at(bytes)?;
        if found {
            self.pass(bytes.len());
        }
        Ok(found)
    }

    pub(in crate::xml) fn looking_at(&mut self, bytes: &[u8]) -> Outcome<bool> {
        Ok(self.ahead(bytes.len())?.starts_with(bytes))
    }

    pub(in crate::xml) fn at_end(&mut self) -> Outcome<bool> {
        Ok(self.ahead(1)?.is_empty())
    }

    pub(in crate::xml) fn ahead(&mut self, count: usize) -> Outcome<&[u8]> {
        let cancel = self.cancel;
        match self.inputs.last_mut() {
            Some(input) => input.ahead(count, cancel),
            None => Ok(&[]),
        }
    }

    pub(in crate::xml) fn pass(&mut self, count: usize) {
        if let Some(input) = self.inputs.last_mut() {
            input.pass(count);
        }
    }
}

/// How much of a stretch of text can be passed without what follows: not the start of `]]>`, a carriage return, or half a character.
pub(super) fn held_back(text: &[u8]) -> usize {
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
