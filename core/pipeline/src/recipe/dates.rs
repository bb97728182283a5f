//! `parse_dates`: days and timestamps from text, by given patterns or the usual ones.
//!
//! - Patterns are strftime patterns, tried in order; the first that fits decides.
//! - Two-digit years (`%y`): 69–99 are 1969–1999, 00–68 are 2000–2068 (POSIX).
//! - A year before 1000 is no date: `%Y` would otherwise read `24` as the year 24.
//! - An offset or `Z` in an ISO 8601 timestamp is applied; the result is in UTC.
//! - Without `time`, a time of day in the text is read and dropped.

use trommel_engine::sql::{ident, literal};
use trommel_model::{DataType, OnBad, Outcome};

use super::chain::Chain;
use super::types::{Conversion, convert, iso_timestamp, text_of};

/// Adds the step.
pub(super) fn parse_dates(
    chain: &mut Chain,
    columns: &[String],
    formats: &[String],
    day_first: bool,
    time: bool,
    on_bad: OnBad,
) -> Outcome<()> {
    let mut conversions = Vec::new();
    for name in chain.some_columns(columns)? {
        let column = ident(name);
        let from = chain.column(name)?.data_type.clone();
        let (parsed, text) = match &from {
            Some(DataType::Date | DataType::Timestamp | DataType::TimestampTz) => (column, None),
            Some(DataType::Text | DataType::Integer) | None => {
                let text = text_of(&column, from.as_ref());
                (if formats.is_empty() { usual(&text, day_first) } else { strptime(&text, formats) }, Some(text))
            }
            Some(other) => return Err(chain.fault(format!("\"{name}\" is {other}, which holds no dates")).at_field(name)),
        };
        let (data_type, kind) = if time { (DataType::Timestamp, "timestamp") } else { (DataType::Date, "date") };
        conversions.push(Conversion {
            column: name.clone(),
            // A year before 1000 is a year of two digits that `%Y` took for one of antiquity.
            attempt: match text {
                Some(_) => format!("case when year({{read}}) between 1000 and 9999 then try_cast({{read}} as {kind}) end"),
                None => format!("try_cast({parsed} as {kind})"),
            },
            read: text.is_some().then_some(parsed),
            never_fails: text.is_none(),
            text,
            data_type,
            rule: format!("parse_dates({kind})"),
            wanted: wanted(formats, day_first),
        });
    }
    convert(chain, &conversions, on_bad);
    Ok(())
}

/// The patterns tried for dates when none are given. Each may be followed by one of [`usual_time_formats`]
/// after a space or `T`. Eight digits are read as `%Y%m%d`.
pub fn usual_date_formats(day_first: bool) -> Vec<&'static str> {
    // Patterns with %y come before their twins with %Y, which would read two digits as a year of antiquity.
    let (own, other): (&[_], &[_]) = if day_first {
        (&["%d/%m/%y", "%d/%m/%Y", "%d.%m.%y", "%d.%m.%Y", "%d-%m-%y", "%d-%m-%Y"], &[])
    } else {
        (&["%m/%d/%y", "%m/%d/%Y", "%m-%d-%y", "%m-%d-%Y"], &["%d.%m.%y", "%d.%m.%Y"])
    };
    let iso = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d"];
    let named = ["%d %b %y", "%d %b %Y", "%d %B %y", "%d %B %Y", "%d-%b-%y", "%d-%b-%Y", "%b %d, %Y", "%B %d, %Y"];
    own.iter().chain(other).copied().chain(iso).chain(named).collect()
}

/// The patterns tried for the time of day behind a date.
pub fn usual_time_formats() -> Vec<&'static str> {
    vec!["%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p"]
}

fn usual(text: &str, day_first: bool) -> String {
    let part = |n: u8| format!(r"regexp_extract({text}, '^(.*?)(?:\s+|[Tt])(\d{{1,2}}:.*)$', {n})");
    format!(
        "case when regexp_full_match({text}, '\\s*\\d{{8}}\\s*') then {}\n         \
         when not contains({text}, ':') then {}\n         \
         else coalesce({},\n             \
         {} + ({} - timestamp '1900-01-01')) end",
        strptime(text, &["%Y%m%d"]),
        strptime(text, &usual_date_formats(day_first)),
        iso_timestamp(text),
        strptime(&part(1), &usual_date_formats(day_first)),
        strptime(&part(2), &usual_time_formats()),
    )
}

/// The first pattern that fits.
fn strptime<T: AsRef<str>>(text: &str, formats: &[T]) -> String {
    let list: Vec<String> = formats.iter().map(|f| literal(f.as_ref())).collect();
    format!("try_strptime({text}, [{}])", list.join(", "))
}

fn wanted(formats: &[String], day_first: bool) -> String {
    match formats {
        [] if day_first => "a date in a usual form, day first".to_owned(),
        [] => "a date in a usual form, month first".to_owned(),
        some => format!("a date of the form {}", some.join(" or ")),
    }
}
