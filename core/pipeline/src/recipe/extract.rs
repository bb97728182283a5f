//! `extract`: a part of a value as a column of its own.

use trommel_engine::sql::{ident, literal};
use trommel_model::{DataType, DatePart, Outcome};

use super::chain::{Chain, Column};
use super::types::text_of;

/// Adds the column. Where there is nothing to extract it is null.
pub(super) fn extract(
    chain: &mut Chain,
    column: &str,
    into: &str,
    pattern: Option<&str>,
    json: Option<&str>,
    part: Option<DatePart>,
) -> Outcome<()> {
    let from = chain.column(column)?.data_type.clone();
    chain.demand_free(into, None)?;
    let name = ident(column);
    let text = text_of(&name, from.as_ref());
    let (value, data_type) = match (pattern, json, part) {
        (Some(pattern), None, None) => {
            let group = u8::from(has_group(pattern));
            let found = format!("regexp_extract({text}, {}, {group})", literal(pattern));
            // An empty text is what the engine gives where nothing matches.
            (format!("case when regexp_matches({text}, {}) then {found} end", literal(pattern)), DataType::Text)
        }
        (None, Some(path), None) => {
            if !path.starts_with('$') {
                return Err(chain
                    .fault(format!("\"{path}\" is no path into JSON"))
                    .next("write it from the root, for instance $.address.city"));
            }
            (format!("case when json_valid({text}) then json_extract_string({text}, {}) end", literal(path)), DataType::Text)
        }
        (None, None, Some(part)) => {
            if from.as_ref().is_some_and(|t| !matches!(t, DataType::Date | DataType::Timestamp | DataType::TimestampTz)) {
                return Err(chain.fault(format!("\"{column}\" is no date")).at_field(column).next("read it with parse_dates first"));
            }
            (format!("date_part('{}', {name})", word(part)), DataType::Integer)
        }
        _ => return Err(chain.fault("it must say one thing to extract").next("write pattern, json or part")),
    };
    let body = format!("select *,\n    {value} as {}\nfrom {}", ident(into), chain.last());
    chain.push("", body);
    chain.columns.push(Column { name: into.to_owned(), data_type: Some(data_type), origin: None });
    Ok(())
}

/// Monday is 1 and Sunday 7.
fn word(part: DatePart) -> &'static str {
    match part {
        DatePart::Year => "year",
        DatePart::Quarter => "quarter",
        DatePart::Month => "month",
        DatePart::Week => "week",
        DatePart::Day => "day",
        DatePart::Weekday => "isodow",
        DatePart::Hour => "hour",
        DatePart::Minute => "minute",
    }
}

/// True for patterns with a group that captures.
fn has_group(pattern: &str) -> bool {
    let (mut escaped, mut class, mut rest) = (false, false, pattern.chars().peekable());
    while let Some(c) = rest.next() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' => class = false,
            '[' => class = true,
            '(' if !class => {
                if rest.peek() != Some(&'?') {
                    return true;
                }
                rest.next();
                // (?P<name>…) captures, (?:…) and (?i) do not.
                if rest.peek() == Some(&'P') || rest.peek() == Some(&'<') {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::has_group;

    #[test]
    fn groups() {
        for (pattern, expected) in
            [("a(b)", true), ("ab", false), (r"a\(b", false), ("[(]a", false), ("(?:a)", false), ("(?P<x>a)", true), ("(?i)a(b)", true)]
        {
            assert_eq!(has_group(pattern), expected, "{pattern}");
        }
    }
}
