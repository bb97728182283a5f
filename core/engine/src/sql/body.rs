//! A statement without what trails it, so that it can stand inside another one.

/// The text up to its last semicolon or trailing comment: `select 1; -- done` → `select 1`.
///
/// Semicolons within quotes and comments do not count. Text is returned as it stands when it holds
/// several statements; that is for the parser to refuse.
pub fn body(sql: &str) -> &str {
    let mut end = 0;
    let mut scan = Scan { text: sql, at: 0 };
    while let Some((piece, start, stop)) = scan.next_piece() {
        match piece {
            Piece::Blank | Piece::Comment => {}
            Piece::Semicolon => {
                if scan.only_blanks_left() {
                    break;
                }
                end = stop;
            }
            Piece::Code => end = stop.max(start),
        }
    }
    &sql[..end]
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece {
    Blank,
    Comment,
    Semicolon,
    Code,
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl Scan<'_> {
    fn next_piece(&mut self) -> Option<(Piece, usize, usize)> {
        let start = self.at;
        let rest = &self.text[start..];
        let first = rest.chars().next()?;
        let (piece, len) = if first.is_whitespace() {
            (Piece::Blank, first.len_utf8())
        } else if rest.starts_with("--") {
            (Piece::Comment, rest.find('\n').unwrap_or(rest.len()))
        } else if rest.starts_with("/*") {
            (Piece::Comment, block_comment(rest))
        } else if first == ';' {
            (Piece::Semicolon, 1)
        } else {
            (Piece::Code, code(rest, first, self.text[..start].chars().next_back()))
        };
        self.at += len;
        Some((piece, start, self.at))
    }

    fn only_blanks_left(&self) -> bool {
        let mut rest = Scan { text: self.text, at: self.at };
        while let Some((piece, ..)) = rest.next_piece() {
            if piece == Piece::Code {
                return false;
            }
        }
        true
    }
}

/// Length of the piece of code at the start of `rest`: a quoted text as a whole, or one character.
fn code(rest: &str, first: char, before: Option<char>) -> usize {
    match first {
        '\'' => quoted(rest, '\'', matches!(before, Some('e' | 'E'))),
        '"' => quoted(rest, '"', false),
        '$' => dollar_quoted(rest).unwrap_or(1),
        other => other.len_utf8(),
    }
}

fn quoted(rest: &str, quote: char, escapes: bool) -> usize {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((i, c)) = chars.next() {
        if escapes && c == '\\' {
            chars.next();
        } else if c == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
            } else {
                return i + 1;
            }
        }
    }
    rest.len()
}

fn dollar_quoted(rest: &str) -> Option<usize> {
    let tag_end = rest[1..].find('$')? + 2;
    let tag = &rest[..tag_end];
    if !tag[1..tag_end - 1].chars().all(|c| c.is_alphanumeric() || c == '_') || tag[1..].starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Some(rest[tag_end..].find(tag).map_or(rest.len(), |i| i + 2 * tag_end))
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_trails_is_left_out() {
        for (text, expected) in [
            ("select 1", "select 1"),
            ("select 1 ; -- done\n", "select 1"),
            ("select ';--' ;;", "select ';--'"),
            ("select 1 -- a;b\n from t /* ; */ ;", "select 1 -- a;b\n from t"),
            ("select $$a;$b$$ ; ", "select $$a;$b$$"),
            ("select E'it\\'s; x'", "select E'it\\'s; x'"),
            ("select \"a\"\";\" ;", "select \"a\"\";\""),
            ("select 1; select 2;", "select 1; select 2"),
            ("select 'é;", "select 'é;"),
            ("/* a /* b */ ; */ select 1", "/* a /* b */ ; */ select 1"),
            ("", ""),
        ] {
            assert_eq!(body(text), expected, "{text}");
        }
    }
}
