//! True and false as people write them.

use super::{Parsed, trim};

/// Reads true/false, yes/no, t/f, y/n, 1/0 in any case. Exact for `true` and `false`.
pub fn boolean(text: &[u8]) -> Option<Parsed<bool>> {
    let body = trim(text);
    let value = match body.len() {
        1 => match body[0].to_ascii_lowercase() {
            b't' | b'y' | b'1' => true,
            b'f' | b'n' | b'0' => false,
            _ => return None,
        },
        _ if body.eq_ignore_ascii_case(b"true") || body.eq_ignore_ascii_case(b"yes") => true,
        _ if body.eq_ignore_ascii_case(b"false") || body.eq_ignore_ascii_case(b"no") => false,
        _ => return None,
    };
    Some(Parsed::new(value, text == if value { &b"true"[..] } else { b"false" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ten_words() {
        for (given, value) in [("true", true), ("TRUE", true), ("t", true), ("Y", true), ("yes", true), ("1", true)] {
            assert_eq!(boolean(given.as_bytes()).map(|p| p.value), Some(value), "{given}");
        }
        for given in ["false", "F", "n", "No", "0", " false "] {
            assert_eq!(boolean(given.as_bytes()).map(|p| p.value), Some(false), "{given}");
        }
        for bad in ["", "2", "ja", "truth"] {
            assert_eq!(boolean(bad.as_bytes()), None, "{bad}");
        }
        assert!(boolean(b"true").is_some_and(|p| p.exact));
        assert!(boolean(b"True").is_some_and(|p| !p.exact));
    }
}
