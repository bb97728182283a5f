//! Which characters a document and its names may have: "Extensible Markup Language (XML) 1.0 (Fifth Edition)", §2.2 and §2.3.

/// True for characters a name may begin with.
pub fn starts_name(c: char) -> bool {
    matches!(c, ':' | '_' | 'A'..='Z' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

/// True for characters a name may go on with.
pub fn is_name(c: char) -> bool {
    starts_name(c) || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// True for the characters of XML.
pub fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// True for the characters of public identifiers.
pub fn is_public(c: char) -> bool {
    matches!(c, ' ' | '\r' | '\n' | 'a'..='z' | 'A'..='Z' | '0'..='9') || "-'()+,./:=?;!*#@$_%".contains(c)
}

/// True for blanks.
pub fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// True for the name of an encoding.
pub fn is_encoding(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

/// True when all of a text is a name.
pub fn is_whole_name(text: &str) -> bool {
    text.chars().next().is_some_and(starts_name) && text.chars().all(is_name)
}

/// Where the first character is that XML has not, and whether it is one.
pub fn first_bad(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let plain = |b: u8| (0x20..0xEF).contains(&b) || matches!(b, b'\t' | b'\n' | b'\r' | 0xF0..);
    if bytes.iter().all(|b| plain(*b)) {
        return None;
    }
    text.char_indices().find(|(_, c)| !is_char(*c)).map(|(at, _)| at)
}
