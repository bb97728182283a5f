//! The bytes a scanner reads: the document, window by window, and on top of it the texts of entities.

use trommel_model::{Cancel, Outcome};

use super::config::WINDOW;
use crate::bytes::Text;

/// One text that is read.
pub struct Input<'a> {
    /// The document; `None` for the text of an entity.
    source: Option<&'a Text>,
    /// What is at hand.
    buffer: Vec<u8>,
    /// The next byte, in the buffer.
    at: usize,
    /// Where the buffer is in the document.
    from: u64,
    /// Line ends before the next byte.
    pub line: u64,
    /// The name of the entity.
    pub entity: String,
    /// Open elements when it began.
    pub depth: usize,
}

impl<'a> Input<'a> {
    /// The document.
    pub fn document(text: &'a Text) -> Self {
        Self { source: Some(text), buffer: Vec::new(), at: 0, from: text.start, line: 0, entity: String::new(), depth: 0 }
    }

    /// The text of an entity; faults in it are told at the line of its reference.
    pub fn entity(name: &str, text: &str, line: u64, depth: usize) -> Self {
        Self { source: None, buffer: text.as_bytes().to_vec(), at: 0, from: 0, line, entity: name.to_owned(), depth }
    }

    /// Where the next byte is in the document.
    pub fn offset(&self) -> u64 {
        self.from + self.at as u64
    }

    /// What is at hand, at least so many bytes unless the text ends before.
    pub fn ahead(&mut self, count: usize, cancel: &Cancel) -> Outcome<&[u8]> {
        if self.buffer.len() - self.at < count {
            self.more(count, cancel)?;
        }
        Ok(&self.buffer[self.at..])
    }

    /// What is at hand.
    pub fn at_hand(&self) -> &[u8] {
        &self.buffer[self.at..]
    }

    /// Passes bytes.
    pub fn pass(&mut self, count: usize) {
        if self.source.is_some() {
            self.line += memchr::memchr_iter(b'\n', &self.buffer[self.at..self.at + count]).count() as u64;
        }
        self.at += count;
    }

    /// The character of its line at which the next byte is, from 1; of long lines, counted from what is at hand.
    pub fn column(&self) -> u64 {
        let start = self.buffer[..self.at].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        String::from_utf8_lossy(&self.buffer[start..self.at]).chars().count() as u64 + 1
    }

    #[cold]
    fn more(&mut self, count: usize, cancel: &Cancel) -> Outcome<()> {
        let Some(text) = self.source else { return Ok(()) };
        cancel.check()?;
        // The line that was begun stays at hand for the place of a fault, unless it is long.
        let keep = self.buffer[..self.at].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let drop = if self.at - keep > WINDOW { self.at } else { keep };
        self.buffer.drain(..drop);
        self.from += drop as u64;
        self.at -= drop;
        let want = WINDOW.max(count).max(self.buffer.len() - self.at);
        text.read(self.from + self.buffer.len() as u64, want, &mut self.buffer)
    }
}
