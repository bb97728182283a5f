//! Delimiters of several characters: `||`, `::`, `~|~`, `|~|`.
//!
//! The parser knows delimiters of one byte. A longer one is put in its place by [`crate::bytes`], which hands the text on
//! with a control character for it; where it stands inside quotes it is put back.

use super::sample::Sample;
use super::table::Candidate;
use crate::csv::config::Long;

/// Control characters made to stand between things.
const STAND_INS: [u8; 4] = [0x1F, 0x1E, 0x1D, 0x1C];
/// Occurrences that are looked at.
const LOOKED_AT: usize = 2000;

/// The longer delimiter that the delimiter of the best candidate is a part of, whenever it occurs.
pub fn around(text: &[u8], best: Candidate) -> Option<Long> {
    if !is_mark(best.delimiter) {
        return None;
    }
    let mut run: Option<&[u8]> = None;
    let mut from = 0;
    for at in memchr::memchr_iter(best.delimiter, text).take(LOOKED_AT) {
        if at < from {
            continue;
        }
        let start = text[..at].iter().rposition(|b| !is_mark(*b)).map_or(0, |n| n + 1);
        let end = text[at..].iter().position(|b| !is_mark(*b)).map_or(text.len(), |n| at + n);
        let found = &text[start.max(from)..end];
        from = end;
        // The shortest run is the delimiter; others are several of it, with empty fields between.
        if run.is_none_or(|r| found.len() < r.len()) {
            run = Some(found);
        }
    }
    let run = run.filter(|r| (2..=3).contains(&r.len()))?;
    let usual_alone = matches!(best.delimiter, b',' | b';') && run.iter().all(|b| *b == best.delimiter);
    let stand_in = STAND_INS.into_iter().find(|b| memchr::memchr(*b, text).is_none())?;
    (!usual_alone && only_together(text, run)).then(|| Long::new(run, stand_in)).flatten()
}

/// True when no mark of the run stands anywhere but in it.
fn only_together(text: &[u8], run: &[u8]) -> bool {
    let together = memchr::memmem::find_iter(text, run).count();
    let mut marks = run.to_vec();
    marks.sort_unstable();
    marks.dedup();
    together >= 2
        && marks.into_iter().all(|mark| {
            let in_run = memchr::memchr_iter(mark, run).count();
            memchr::memchr_iter(mark, text).count() == in_run * together
        })
}

/// What delimiters of several characters are made of.
fn is_mark(byte: u8) -> bool {
    byte.is_ascii_punctuation() && !matches!(byte, b'"' | b'\'' | b'.' | b'-' | b'_' | b'(' | b')' | b'\\')
}

/// The sample with the stand-in in the delimiter's place.
pub fn replaced(sample: &Sample, long: Long) -> Sample {
    let of = |text: &[u8]| {
        let mut out = Vec::with_capacity(text.len());
        let mut from = 0;
        for at in memchr::memmem::find_iter(text, long.bytes()) {
            out.extend_from_slice(&text[from..at]);
            out.push(long.stand_in);
            from = at + long.bytes().len();
        }
        out.extend_from_slice(&text[from..]);
        out
    };
    Sample { head: of(&sample.head), sections: sample.sections.iter().map(|s| of(s)).collect(), ..sample.clone() }
}

#[cfg(test)]
mod tests {
    use super::super::table::LineEnds;
    use super::*;

    fn check(text: &str, delimiter: u8, expected: Option<&str>) {
        let best = Candidate { delimiter, quote: Some(b'"'), escape: None, ends: LineEnds::Feed };
        let found = around(text.as_bytes(), best);
        assert_eq!(found.as_ref().map(Long::bytes), expected.map(str::as_bytes), "{text}");
    }

    #[test]
    fn several_characters_always_together() {
        check("a||b||c\n1||||3\n", b'|', Some("||"));
        check("a|~|b\n1|~|2\n", b'~', Some("|~|"));
        check("a|~|b\n1|~|2\n", b'|', Some("|~|"));
        check("a::b\n1::2\n", b':', Some("::"));
        // One alone says that it is the delimiter by itself.
        check("a|b|c\n1||3\n", b'|', None);
        check("a,b\n1,2\n", b',', None);
        // A column that is always empty.
        check("1,,2\n3,,4\n", b',', None);
        check("a||b\n1||2 | 3\n", b'|', None);
    }
}
