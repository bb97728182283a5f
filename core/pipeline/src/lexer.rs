//! The least of SQL's lexical rules: enough to tell words from texts, names and comments.
//!
//! `ref('…')` is found and expressions are held in their place by this, before any parser sees
//! the text. It knows no grammar, so whatever DuckDB understands passes through untouched.

use std::ops::Range;

/// One token; white space and comments are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its bytes in the text.
    pub span: Range<usize>,
}

/// Kinds of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A bare word or a number: `select`, `price`, `12.5`.
    Word,
    /// A name in double quotes.
    Name,
    /// A text in single quotes or dollars.
    Text,
    /// Any other character.
    Symbol(char),
}

/// A text that does not end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unclosed {
    /// Where it begins.
    pub span: Range<usize>,
    /// What it is: `text`, `name` or `comment`.
    pub what: &'static str,
}

/// Takes a SQL text apart.
pub(crate) fn tokens(sql: &str) -> Result<Vec<Token>, Unclosed> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = sql[at..].chars().next() {
        let rest = &sql[at..];
        let (len, kind) = if c.is_whitespace() {
            (c.len_utf8(), None)
        } else if rest.starts_with("--") {
            (rest.find('\n').unwrap_or(rest.len()), None)
        } else if rest.starts_with("/*") {
            (block_comment(rest).ok_or(Unclosed { span: at..at + 2, what: "comment" })?, None)
        } else if c == '\'' {
            (quoted(rest, '\'', false).ok_or(Unclosed { span: at..at + 1, what: "text" })?, Some(TokenKind::Text))
        } else if (c == 'e' || c == 'E') && rest[1..].starts_with('\'') {
            let inner = quoted(&rest[1..], '\'', true).ok_or(Unclosed { span: at..at + 2, what: "text" })?;
            (inner + 1, Some(TokenKind::Text))
        } else if c == '"' {
            (quoted(rest, '"', false).ok_or(Unclosed { span: at..at + 1, what: "name" })?, Some(TokenKind::Name))
        } else if let Some(tag) = dollar_tag(rest) {
            let end = rest[tag.len()..].find(tag).ok_or(Unclosed { span: at..at + tag.len(), what: "text" })?;
            (end + 2 * tag.len(), Some(TokenKind::Text))
        } else if is_word(c) {
            (rest.find(|c| !is_word(c)).unwrap_or(rest.len()), Some(TokenKind::Word))
        } else {
            (c.len_utf8(), Some(TokenKind::Symbol(c)))
        };
        if let Some(kind) = kind {
            out.push(Token { kind, span: at..at + len });
        }
        at += len;
    }
    Ok(out)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Length of a quoted text with its quotes; a doubled quote stands for one.
fn quoted(rest: &str, quote: char, backslash: bool) -> Option<usize> {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((i, c)) = chars.next() {
        if backslash && c == '\\' {
            chars.next();
        } else if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return Some(i + quote.len_utf8());
        }
    }
    None
}

/// Length of a `/* … */` comment; they nest.
fn block_comment(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let (mut depth, mut i) = (0_u32, 0);
    while i + 1 < bytes.len() {
        match &bytes[i..i + 2] {
            b"/*" => (depth, i) = (depth + 1, i + 2),
            b"*/" => {
                (depth, i) = (depth - 1, i + 2);
                if depth == 0 {
                    return Some(i);
                }
            }
            _ => i += 1,
        }
    }
    None
}

/// `$$` or `$tag$` at the start of the text.
fn dollar_tag(rest: &str) -> Option<&str> {
    let inner = rest.strip_prefix('$')?;
    let end = inner.find('$')?;
    let tag = &inner[..end];
    let named = tag.chars().all(is_word) && !tag.starts_with(|c: char| c.is_ascii_digit());
    named.then(|| &rest[..end + 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sql: &str, expected: &[&str]) {
        let found: Vec<&str> = tokens(sql).unwrap().into_iter().map(|t| &sql[t.span]).collect();
        assert_eq!(found, expected, "{sql}");
    }

    #[test]
    fn words_texts_names_and_comments_are_told_apart() {
        check("a.b -- c\n+ 'it''s' /* x /* y */ z */ \"q\"\"q\"", &["a", ".", "b", "+", "'it''s'", "\"q\"\"q\""]);
        check(r"E'a\'b' || $$it's$$ || $x$ $$ $x$", &[r"E'a\'b'", "|", "|", "$$it's$$", "|", "|", "$x$ $$ $x$"]);
        check("größe>=12.5", &["größe", ">", "=", "12", ".", "5"]);
        check("x = $1", &["x", "=", "$", "1"]);
    }

    #[test]
    fn what_does_not_end_is_said() {
        for (sql, what, at) in [("a 'b", "text", 2), ("\"b", "name", 0), ("/* /* */", "comment", 0), ("$$a", "text", 0)] {
            let unclosed = tokens(sql).unwrap_err();
            assert_eq!((unclosed.what, unclosed.span.start), (what, at), "{sql}");
        }
    }
}
