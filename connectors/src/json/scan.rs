//! Reads JSON values strictly by RFC 8259, without building them: what is where, and whether it is sound.

use super::config::DEEPEST;

/// A fault in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The byte at which it shows.
    pub at: usize,
    /// What was expected there.
    pub expected: &'static str,
}

/// A value that is not an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// First byte; of a string, the one behind the quote.
    pub start: usize,
    /// Byte after the last; of a string, the closing quote.
    pub end: usize,
    /// What it is.
    pub kind: TokenKind,
}

/// Kinds of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number without point and exponent.
    Integer,
    /// A number with point or exponent.
    Float,
    /// A string without escapes.
    String,
    /// A string with escapes.
    Escaped,
    /// A list or an object, kept as JSON text.
    Nested,
}

/// A place in a text.
#[derive(Debug, Clone, Copy)]
pub struct Cursor<'a> {
    /// The text.
    pub text: &'a [u8],
    /// The next byte.
    pub at: usize,
}

impl<'a> Cursor<'a> {
    /// At a byte of a text.
    pub fn new(text: &'a [u8], at: usize) -> Self {
        Self { text, at }
    }

    /// Passes blanks and gives the byte behind them.
    pub fn peek(&mut self) -> Option<u8> {
        while let Some(&byte) = self.text.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    /// Passes one byte, which must be this one.
    pub fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), Fault> {
        if self.peek() != Some(byte) {
            return Err(self.fault(expected));
        }
        self.at += 1;
        Ok(())
    }

    /// A fault here.
    pub fn fault(&self, expected: &'static str) -> Fault {
        Fault { at: self.at, expected }
    }

    /// Passes one value of any kind.
    pub fn value(&mut self, depth: usize) -> Result<Token, Fault> {
        let first = self.peek().ok_or_else(|| self.fault("a value"))?;
        let start = self.at;
        let kind = match first {
            b'"' => return self.string(),
            b'{' => {
                self.object(depth, &mut |cursor, _| cursor.value(depth + 1).map(|_| ()))?;
                TokenKind::Nested
            }
            b'[' => {
                self.list(depth, &mut |cursor| cursor.value(depth + 1).map(|_| ()))?;
                TokenKind::Nested
            }
            b't' => self.word(b"true", TokenKind::Boolean)?,
            b'f' => self.word(b"false", TokenKind::Boolean)?,
            b'n' => self.word(b"null", TokenKind::Null)?,
            b'-' | b'0'..=b'9' => self.number()?,
            _ => return Err(self.fault("a value")),
        };
        Ok(Token { start, end: self.at, kind })
    }

    /// Passes an object; `member` has to pass each value, given its key.
    pub fn object(&mut self, depth: usize, member: &mut dyn FnMut(&mut Self, Token) -> Result<(), Fault>) -> Result<(), Fault> {
        if depth >= DEEPEST {
            return Err(self.fault("less nesting"));
        }
        self.expect(b'{', "{")?;
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.fault("a key in quotes"));
            }
            let key = self.string()?;
            self.expect(b':', "a colon")?;
            member(self, key)?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(self.fault("a comma or }")),
            }
        }
    }

    /// Passes a list; `element` has to pass each value.
    pub fn list(&mut self, depth: usize, element: &mut dyn FnMut(&mut Self) -> Result<(), Fault>) -> Result<(), Fault> {
        if depth >= DEEPEST {
            return Err(self.fault("less nesting"));
        }
        self.expect(b'[', "[")?;
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            element(self)?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(self.fault("a comma or ]")),
            }
        }
    }

    fn string(&mut self) -> Result<Token, Fault> {
        self.at += 1;
        let start = self.at;
        let mut escaped = false;
        loop {
            match self.text.get(self.at) {
                None => return Err(self.fault("the end of a string")),
                Some(b'"') => {
                    let end = self.at;
                    self.at += 1;
                    return Ok(Token { start, end, kind: if escaped { TokenKind::Escaped } else { TokenKind::String } });
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(0..=0x1F) => return Err(self.fault("no control character in a string")),
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<(), Fault> {
        match self.text.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') if self.text.get(self.at + 2..self.at + 6).is_some_and(|d| d.iter().all(u8::is_ascii_hexdigit)) => self.at += 6,
            _ => return Err(self.fault("an escape of JSON")),
        }
        Ok(())
    }

    fn word(&mut self, word: &'static [u8], kind: TokenKind) -> Result<TokenKind, Fault> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.fault("true, false, null or another value"));
        }
        self.at += word.len();
        Ok(kind)
    }

    fn number(&mut self) -> Result<TokenKind, Fault> {
        let mut kind = TokenKind::Integer;
        if self.text.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        match self.text.get(self.at) {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.text.get(self.at) == Some(&b'.') {
            kind = TokenKind::Float;
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.text.get(self.at), Some(b'e' | b'E')) {
            kind = TokenKind::Float;
            self.at += 1;
            if matches!(self.text.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(kind)
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let count = self.text[self.at..].iter().take_while(|b| b.is_ascii_digit()).count();
        if count == 0 {
            return Err(self.fault("a digit"));
        }
        self.at += count;
        Ok(())
    }
}

/// The text of a string with escapes. Halves of surrogate pairs that stand alone become U+FFFD.
pub fn unescape(raw: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut at = 0;
    while let Some(length) = memchr::memchr(b'\\', &raw[at..]) {
        out.extend_from_slice(&raw[at..at + length]);
        at += length;
        let plain = match raw.get(at + 1) {
            Some(b'b') => 0x08,
            Some(b'f') => 0x0C,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                let (character, length) = unicode(&raw[at..]);
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                at += length;
                continue;
            }
            Some(&other) => other,
            None => break,
        };
        out.push(plain);
        at += 2;
    }
    out.extend_from_slice(&raw[at.min(raw.len())..]);
}

/// The character of `\uXXXX` or of a pair of them, and how many bytes it took.
fn unicode(raw: &[u8]) -> (char, usize) {
    let unit = |at: usize| {
        let digits = raw.get(at..at + 6).filter(|d| d.starts_with(b"\\u"))?;
        u32::from_str_radix(std::str::from_utf8(&digits[2..]).ok()?, 16).ok()
    };
    let Some(first) = unit(0) else { return (char::REPLACEMENT_CHARACTER, raw.len().min(2)) };
    if (0xD800..0xDC00).contains(&first)
        && let Some(second @ 0xDC00..0xE000) = unit(6)
    {
        let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12);
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(text: &str) -> bool {
        let mut cursor = Cursor::new(text.as_bytes(), 0);
        cursor.value(0).is_ok() && cursor.peek().is_none()
    }

    #[test]
    fn sound_and_unsound() {
        for good in ["1", "-0.5e+10", "\"a\\u00e9\\n\"", "[]", "{}", "[1, {\"a\": [null, true]}]", " [ ] "] {
            assert!(sound(good), "{good}");
        }
        for bad in [
            "",
            "01",
            "1.",
            ".5",
            "+1",
            "[1,]",
            "{\"a\"}",
            "{a:1}",
            "[1 2]",
            "\"\t\"",
            "\"\\x\"",
            "nul",
            "[",
            "{\"a\":1,}",
            "'a'",
            "NaN",
            "1e",
        ] {
            assert!(!sound(bad), "{bad}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        assert!(sound(&format!("{}{}", "[".repeat(500), "]".repeat(500))));
        assert!(!sound(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))));
    }

    #[test]
    fn escapes() {
        for (given, expected) in
            [("a\\nb", "a\nb"), ("\\u00e9", "é"), ("\\ud83d\\ude00", "😀"), ("\\ud83dx", "\u{FFFD}x"), ("\\\"\\\\\\/", "\"\\/")]
        {
            let mut out = Vec::new();
            unescape(given.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
