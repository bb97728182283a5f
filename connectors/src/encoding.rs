//! Which encoding a text has: by its mark, by the pattern of its zero bytes, by being valid UTF-8, else by statistics.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use trommel_model::{Code, Outcome, Problem};

/// An encoding and the bytes of the mark at the file's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The encoding.
    pub encoding: &'static Encoding,
    /// Length of the byte order mark.
    pub mark: usize,
}

/// Looks at samples of a file, the first of which is its head.
pub fn detect(samples: &[&[u8]]) -> Found {
    let head = samples.first().copied().unwrap_or_default();
    if let Some((encoding, mark)) = Encoding::for_bom(head) {
        return Found { encoding, mark };
    }
    let encoding = wide(head).unwrap_or_else(|| narrow(samples));
    Found { encoding, mark: 0 }
}

/// The encoding a label names, with the mark that the file may have all the same.
pub fn told(label: &str, head: &[u8]) -> Outcome<Found> {
    let encoding = Encoding::for_label(label.as_bytes()).ok_or_else(|| {
        Problem::new(Code::BadEncoding, format!("\"{label}\" is not an encoding we know"))
            .next("use a WHATWG label such as utf-8, latin1 or utf-16le")
    })?;
    let mark = Encoding::for_bom(head).filter(|(marked, _)| *marked == encoding).map_or(0, |(_, length)| length);
    Ok(Found { encoding, mark })
}

/// The encoding of a text file: told, or by its head.
pub fn of_file(path: &Path, label: Option<&str>) -> Outcome<Found> {
    let mut head = Vec::new();
    File::open(path).and_then(|f| f.take(256 << 10).read_to_end(&mut head)).map_err(|e| Problem::from_io(&e, "read the file", path))?;
    label.map_or_else(|| Ok(detect(&[&head])), |label| told(label, &head))
}

/// The encoding of a file that may only be in a form of Unicode, as JSON may.
pub fn of_unicode(path: &Path) -> Outcome<Found> {
    let fail = |e: &io::Error| Problem::from_io(e, "read the file", path);
    let mut head = Vec::new();
    File::open(path).and_then(|f| f.take(4096).read_to_end(&mut head)).map_err(|e| fail(&e))?;
    if let Some((encoding, mark)) = Encoding::for_bom(&head) {
        return Ok(Found { encoding, mark });
    }
    Ok(Found { encoding: wide(&head).unwrap_or(UTF_8), mark: 0 })
}

/// UTF-16 without a mark: text in it has a zero in every other byte, always on the same side.
fn wide(head: &[u8]) -> Option<&'static Encoding> {
    let pairs = head.len() / 2;
    if pairs < 4 {
        return None;
    }
    let zeros = |side: usize| head.iter().skip(side).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let (many, few) = (pairs / 2, pairs / 20);
    if odd > many && even <= few {
        return Some(UTF_16LE);
    }
    (even > many && odd <= few).then_some(UTF_16BE)
}

fn narrow(samples: &[&[u8]]) -> &'static Encoding {
    let (mut sound, mut broken) = (0_usize, 0_usize);
    for sample in samples {
        let (s, b) = sequences(sample);
        sound += s;
        broken += b;
    }
    // A few broken bytes among many sound sequences are errors in UTF-8, not another encoding.
    if broken == 0 || sound > 4 * broken {
        return UTF_8;
    }
    guess(samples)
}

/// What statistics of the bytes say, when it is not UTF-8.
pub fn guess(samples: &[&[u8]]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    for (at, sample) in samples.iter().enumerate() {
        detector.feed(sample, at + 1 == samples.len());
    }
    detector.guess(None, Utf8Detection::Deny)
}

/// Sound multi-byte sequences and broken ones; one cut off by the sample's edges is neither.
fn sequences(sample: &[u8]) -> (usize, usize) {
    let (mut sound, mut broken) = (0, 0);
    for (at, chunk) in sample.utf8_chunks().enumerate() {
        sound += chunk.valid().bytes().filter(|b| *b >= 0xC0).count();
        let invalid = chunk.invalid();
        let Some(&first) = invalid.first() else { continue };
        let head_of_sample = at == 0 && chunk.valid().is_empty();
        let tail_of_sample = std::ptr::eq(invalid.as_ptr_range().end, sample.as_ptr_range().end);
        // What could go on behind the end, or have begun before the start.
        let cut = (tail_of_sample && first >= 0xC2) || (head_of_sample && first & 0xC0 == 0x80);
        broken += usize::from(!cut);
    }
    (sound, broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], label: &str) {
        assert_eq!(detect(&[bytes]).encoding.name(), label);
    }

    #[test]
    fn encodings() {
        check(b"", "UTF-8");
        check(b"a,b\n1,2\n", "UTF-8");
        check("Stra\u{df}e,K\u{f6}ln\n".as_bytes(), "UTF-8");
        check(b"Stra\xdfe,K\xf6ln,M\xfcnchen\n", "windows-1252");
        check(b"\xef\xbb\xbfa,b", "UTF-8");
        check(b"\xff\xfea\0,\0", "UTF-16LE");
        check(b"\xfe\xff\0a\0,", "UTF-16BE");
        check(b"a\0,\0b\0\n\x001\0,\x002\0", "UTF-16LE");
        check(b"\0a\0,\0b\0\n\x001\0,\x002", "UTF-16BE");
        check(b"id,text\n1,\x96{\x93\xfa\x82\xcd\x82\xa2\x82\xa2\x93V\x8bC\n", "Shift_JIS");
    }

    #[test]
    fn a_sample_may_cut_a_character() {
        let text = "aé".as_bytes();
        check(&text[..2], "UTF-8");
        let second = "é,b".as_bytes();
        assert_eq!(detect(&[b"a,b", &second[1..]]).encoding, UTF_8);
    }

    #[test]
    fn a_single_bad_byte_does_not_change_the_encoding() {
        let text = ["é".repeat(50).as_bytes(), b"\xff,", "ü".repeat(9).as_bytes()].concat();
        check(&text, "UTF-8");
    }

    #[test]
    fn a_label_nobody_knows() {
        assert_eq!(told("utf-9", b"").unwrap_err().code, Code::BadEncoding);
    }
}
