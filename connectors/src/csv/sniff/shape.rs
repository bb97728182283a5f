//! What a cell looks like, for telling a sound table from a text cut at the wrong places.

use crate::values::{date, float, integer, time, timestamp};

/// Looks of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Look {
    /// Nothing, or blanks.
    Empty,
    /// A whole number.
    Integer,
    /// A number with a mark, grouping, percent sign or currency.
    Number,
    /// A date, time or both, in any usual form.
    Moment,
    /// True, false and the words for no value.
    Word,
    /// An address: web, mail, path, network.
    Address,
    /// One word of letters, digits, `_`, `-`, `.`.
    Code,
    /// Ordinary text.
    Prose,
    /// What ordinary cells do not look like: a quote at one end only, an unpaired bracket, control characters.
    Odd,
}

impl Look {
    /// True for looks that carry a type.
    pub fn is_typed(self) -> bool {
        matches!(self, Self::Integer | Self::Number | Self::Moment)
    }

    /// How much a cell of this look speaks for the table, 0 to 1.
    pub fn weight(self) -> f64 {
        match self {
            Self::Integer | Self::Number | Self::Moment | Self::Word | Self::Address => 1.0,
            Self::Code => 0.95,
            Self::Empty => 0.85,
            Self::Prose => 0.8,
            Self::Odd => 0.1,
        }
    }
}

/// The look of a cell's text.
pub fn look(text: &[u8], quoted: bool) -> Look {
    let body = text.trim_ascii();
    let (Some(&first), Some(&last)) = (body.first(), body.last()) else { return Look::Empty };
    if integer(body).is_some() {
        return Look::Integer;
    }
    if is_number(body) {
        return Look::Number;
    }
    if is_moment(body) {
        return Look::Moment;
    }
    if is_word(body) {
        return Look::Word;
    }
    if is_address(body) {
        return Look::Address;
    }
    if body.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/' | b'#') || *b >= 0x80) {
        return Look::Code;
    }
    if body.iter().any(|b| *b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r')) {
        return Look::Odd;
    }
    if !quoted {
        // Half of a quoted text, or text that begins or ends at a mark between things.
        if (first == b'"') != (last == b'"') && memchr::memchr_iter(b'"', body).count() % 2 == 1 {
            return Look::Odd;
        }
        if matches!(first, b',' | b';' | b'|' | b'\t') || matches!(last, b',' | b';' | b'|') {
            return Look::Odd;
        }
    }
    if unpaired(body, b'(', b')')
        || unpaired(body, b'[', b']')
        || unpaired(body, b'{', b'}')
        || unpaired(body, b'<', b'>') && body.len() > 3
    {
        return if quoted { Look::Prose } else { Look::Odd };
    }
    Look::Prose
}

fn unpaired(body: &[u8], open: u8, close: u8) -> bool {
    let count = |wanted: u8| memchr::memchr_iter(wanted, body).count();
    count(open) != count(close)
}

/// `1.5`, `-1,5`, `1,234.50`, `12 %`, `$74.69`, `€ 5`, `1e-3`.
fn is_number(body: &[u8]) -> bool {
    let mut core = body;
    for sign in ["$", "€", "£", "¥", "USD", "EUR", "GBP"] {
        core = core.strip_prefix(sign.as_bytes()).unwrap_or(core);
        core = core.strip_suffix(sign.as_bytes()).unwrap_or(core);
    }
    core = core.strip_suffix(b"%").unwrap_or(core).trim_ascii();
    core = core.strip_prefix(b"(").and_then(|c| c.strip_suffix(b")")).unwrap_or(core);
    if core.is_empty() {
        return false;
    }
    if float(core, b'.').is_some() || float(core, b',').is_some() {
        return true;
    }
    if core.eq_ignore_ascii_case(b"nan") || core.eq_ignore_ascii_case(b"inf") || core.eq_ignore_ascii_case(b"-inf") {
        return true;
    }
    grouped(core, b',', b'.') || grouped(core, b'.', b',')
}

/// `1,234,567.89`
fn grouped(text: &[u8], group: u8, mark: u8) -> bool {
    let text = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
    let whole = text.split(|b| *b == mark).next().unwrap_or_default();
    let after = &text[whole.len()..];
    let mut groups = whole.split(|b| *b == group);
    let lead = groups.next().unwrap_or_default();
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    let mut count = 0;
    for part in groups {
        if part.len() != 3 || !digits(part) {
            return false;
        }
        count += 1;
    }
    count > 0 && (1..=3).contains(&lead.len()) && digits(lead) && after.get(1..).is_none_or(digits)
}

fn is_word(body: &[u8]) -> bool {
    body.len() <= 5
        && [&b"true"[..], b"false", b"yes", b"no", b"null", b"na", b"n/a", b"none", b"nil", b"-"]
            .iter()
            .any(|w| body.eq_ignore_ascii_case(w))
}

fn is_address(body: &[u8]) -> bool {
    if body.contains(&b' ') {
        return false;
    }
    let has = |part: &[u8]| memchr::memmem::find(body, part).is_some();
    if has(b"://") || body.starts_with(b"www.") {
        return true;
    }
    let mail = body.iter().position(|b| *b == b'@').is_some_and(|at| at > 0 && body[at..].contains(&b'.'));
    let network = body.split(|b| *b == b'.').count() == 4 && body.iter().all(|b| b.is_ascii_digit() || *b == b'.');
    mail || network || (body[0] == b'/' && body.len() > 2 && body[1..].contains(&b'/'))
}

/// Dates and times in the forms people use, without deciding which is day and which is month.
fn is_moment(body: &[u8]) -> bool {
    if body.len() > 40 || !body.iter().any(u8::is_ascii_digit) {
        return false;
    }
    if date(body).is_some() || time(body).is_some() || timestamp(body).is_some() {
        return true;
    }
    let mut parts = body.split(|b| matches!(b, b' ' | b'T'));
    let first = parts.next().unwrap_or_default();
    if parts.clone().next().is_none() {
        return is_day(first) || is_clock(first);
    }
    (is_day(first) || is_clock(first)) && parts.all(|p| is_clock(p) || is_day(p) || is_zone(p))
}

fn is_day(text: &[u8]) -> bool {
    for mark in [b'/', b'-', b'.'] {
        let parts: Vec<&[u8]> = text.split(|b| *b == mark).collect();
        if parts.len() == 3 {
            let sized = parts.iter().all(|p| matches!(p.len(), 1..=4)) && parts.iter().filter(|p| p.len() == 4).count() <= 1;
            let month = parts[1].iter().all(u8::is_ascii_digit) || is_month(parts[1]);
            return sized && month && [parts[0], parts[2]].iter().all(|p| p.iter().all(u8::is_ascii_digit));
        }
        if parts.len() == 2 && mark == b'-' {
            return is_month(parts[0]) && matches!(parts[1].len(), 2 | 4) && parts[1].iter().all(u8::is_ascii_digit);
        }
    }
    false
}

fn is_month(text: &[u8]) -> bool {
    const MONTHS: &[u8] = b"janfebmaraprmayjunjulaugsepoctnovdec";
    text.get(..3).is_some_and(|t| MONTHS.chunks(3).any(|m| m.eq_ignore_ascii_case(t))) && text.iter().all(u8::is_ascii_alphabetic)
}

fn is_clock(text: &[u8]) -> bool {
    let core = text.strip_suffix(b"Z").unwrap_or(text);
    let parts: Vec<&[u8]> = core.split(|b| *b == b':').collect();
    matches!(parts.len(), 2..=3)
        && parts.iter().all(|p| !p.is_empty() && p.len() <= 9 && p.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'+' | b'-')))
        && parts[0].len() <= 2
}

fn is_zone(text: &[u8]) -> bool {
    (text.len() == 5 && matches!(text[0], b'+' | b'-') && text[1..].iter().all(u8::is_ascii_digit))
        || [&b"UTC"[..], b"GMT", b"AM", b"PM", b"CET", b"CEST", b"EST", b"EDT", b"PST", b"PDT"].iter().any(|z| text.eq_ignore_ascii_case(z))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks() {
        for (text, expected) in [
            ("", Look::Empty),
            ("12", Look::Integer),
            ("1,234.50", Look::Number),
            ("$74.69", Look::Number),
            ("22.69%", Look::Number),
            ("-1,5", Look::Number),
            ("28/01/2018", Look::Moment),
            ("Oct-14", Look::Moment),
            ("2018-04-10 15:08:06 +0000", Look::Moment),
            ("00:15", Look::Moment),
            ("N/A", Look::Word),
            ("https://example.com/a,b", Look::Address),
            ("a@b.org", Look::Address),
            ("MG-8769", Look::Code),
            ("Men's boots, brown", Look::Prose),
            ("\"half", Look::Odd),
            ("(open", Look::Odd),
        ] {
            assert_eq!(look(text.as_bytes(), false), expected, "{text}");
        }
    }
}
