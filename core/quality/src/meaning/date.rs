//! Days and times as people write them, and the format that fits a column.

/// Formats that are tried, the more telling first. Two-digit years come last.
const FORMATS: [&str; 34] = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%m-%d-%Y",
    "%d-%m-%Y",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d %b %Y",
    "%d-%b-%Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%d %B %Y",
    "%b %Y",
    "%B %Y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d.%m.%y",
    "%d-%b-%y",
    "%m/%d/%y %H:%M",
    "%d/%m/%y %H:%M",
    "%Y-%m",
];

/// True for a day or a day and time in a usual form.
pub(crate) fn is_date(text: &str) -> bool {
    looks_like(text) && FORMATS.iter().any(|format| format != &"%Y%m%d" && parsed(text, format).is_some())
}

/// True for a time of day.
pub(crate) fn is_time(text: &str) -> bool {
    let body = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ' || c == '.');
    let parts: Vec<&str> = body.split(':').collect();
    (2..=3).contains(&parts.len())
        && parts.iter().enumerate().all(|(i, p)| {
            let whole = if i == 2 { p.split('.').next().unwrap_or_default() } else { p };
            (1..=2).contains(&whole.len()) && whole.parse::<u8>().is_ok_and(|n| n < if i == 0 { 24 } else { 60 })
        })
}

/// The format that fits most texts, with the share it fits.
pub(crate) fn format(texts: &[&str]) -> Option<(&'static str, f64)> {
    let counted = FORMATS.iter().enumerate().map(|(i, format)| {
        let fits = texts.iter().filter(|t| looks_like(t) && parsed(body(t), format).is_some()).count();
        (fits, std::cmp::Reverse(i), *format)
    });
    counted.max().filter(|(fits, ..)| *fits > 0).map(|(fits, _, format)| (format, fits as f64 / texts.len() as f64))
}

/// The year of a text in a format.
pub(crate) fn year(text: &str, format: &str) -> Option<i32> {
    parsed(body(text), format)
}

/// Without a fraction of a second, a zone, or the marks of morning and afternoon.
fn body(text: &str) -> &str {
    let text = text.trim();
    let text = text.strip_suffix("+00:00").or_else(|| text.strip_suffix("+00")).or_else(|| text.strip_suffix('Z')).unwrap_or(text);
    let text = text.strip_suffix(" AM").or_else(|| text.strip_suffix(" PM")).or_else(|| text.strip_suffix(" UTC")).unwrap_or(text);
    match text.rsplit_once('.') {
        Some((before, fraction)) if before.contains(':') && fraction.bytes().all(|b| b.is_ascii_digit()) => before,
        _ => text,
    }
}

/// A quick look before formats are tried.
fn looks_like(text: &str) -> bool {
    (6..=32).contains(&text.len()) && text.bytes().filter(u8::is_ascii_digit).count() >= 3
}

const MONTHS: [&str; 12] =
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];

/// The year, when the whole text fits the format and names a day that exists.
fn parsed(text: &str, format: &str) -> Option<i32> {
    let (mut rest, mut spec) = (text, format);
    let (mut year, mut month, mut day) = (None, 1, 1);
    while let Some(c) = spec.chars().next() {
        if c != '%' {
            rest = rest.strip_prefix(c)?;
            spec = &spec[c.len_utf8()..];
            continue;
        }
        let field = spec.as_bytes().get(1)?;
        spec = &spec[2..];
        match field {
            b'Y' => year = Some(digits(&mut rest, 4, 4)?),
            b'y' => year = Some(digits(&mut rest, 2, 2).map(|y| if y < 50 { 2_000 + y } else { 1_900 + y })?),
            b'm' => month = digits(&mut rest, if format == "%Y%m%d" { 2 } else { 1 }, 2).filter(|m| (1..=12).contains(m))?,
            b'd' => day = digits(&mut rest, if format == "%Y%m%d" { 2 } else { 1 }, 2).filter(|d| (1..=31).contains(d))?,
            b'H' => _ = digits(&mut rest, 1, 2).filter(|h| *h < 24)?,
            b'M' => _ = digits(&mut rest, 2, 2).filter(|m| *m < 60)?,
            b'S' => _ = digits(&mut rest, 2, 2).filter(|s| *s < 61)?,
            b'b' | b'B' => {
                let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
                let word = rest[..end].to_ascii_lowercase();
                let long = *field == b'B';
                month = MONTHS.iter().position(|m| if long { *m == word } else { word.len() == 3 && m.starts_with(&word) })? as i32 + 1;
                rest = &rest[end..];
            }
            _ => return None,
        }
    }
    let year = year.filter(|_| rest.is_empty()).filter(|y| (1_000..=9_999).contains(y))?;
    let longest = match month {
        2 => 28 + i32::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (day <= longest).then_some(year)
}

fn digits(rest: &mut &str, least: usize, most: usize) -> Option<i32> {
    let end = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if end < least {
        return None;
    }
    let (number, behind) = rest.split_at(end);
    *rest = behind;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_found() {
        for (texts, expected) in [
            (vec!["2024-02-29", "2023-01-01"], Some("%Y-%m-%d")),
            (vec!["2/28/1956", "12/3/1999"], Some("%m/%d/%Y")),
            (vec!["28/2/1956", "3/12/1999"], Some("%d/%m/%Y")),
            (vec!["01.02.2024"], Some("%d.%m.%Y")),
            (vec!["2016-08-17 13:33:07+00:00"], Some("%Y-%m-%d %H:%M:%S")),
            (vec!["Mar 5, 2020"], Some("%b %d, %Y")),
            (vec!["2023-02-29"], None),
            (vec!["12.5"], None),
        ] {
            assert_eq!(format(&texts).map(|f| f.0), expected, "{texts:?}");
        }
        assert!(is_time("23:59") && is_time("1:05:07.5") && !is_time("24:00") && !is_time("12"));
    }
}
