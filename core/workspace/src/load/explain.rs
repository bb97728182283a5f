//! Turns what serde says about a value into words for a person, at the place where the fault stands.
//!
//! Serde reads tables whose kind stands in one of their keys (`do = …`, `check = …`) into a buffer first and forgets
//! positions on the way. Their faults come with the position of the whole table; the key at fault is then found by its
//! name, or by leaving out one key after the other until the fault changes.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;
use trommel_model::{Code, Problem, nearest};

use super::document::Value;
use super::text::TextFile;

/// The fault of a value that does not have the shape it should. `also` are valid keys that the message does not list;
/// `again` gives the message for another value of the same type, or nothing when that value is good.
pub(crate) fn explain<'f>(
    file: &TextFile,
    value: &Value<'f>,
    error: &toml::de::Error,
    also: &[&str],
    again: &dyn Fn(Value<'f>) -> Option<String>,
) -> Problem {
    let message = error.message();
    let exact = error.span().filter(|span| *span != value.span());
    match Message::read(message) {
        Message::UnknownKey { word, mut allowed } => {
            allowed.extend(also.iter().filter(|key| !allowed.contains(key)).collect::<Vec<_>>());
            let span = exact.or_else(|| key_span(value, word)).unwrap_or_else(|| value.span());
            unknown_key(file, word, &allowed, span)
        }
        Message::UnknownValue { word, allowed } => {
            let at_fault = culprit(value, message, again).unwrap_or(value);
            let span = exact.or_else(|| text_span(at_fault, word)).unwrap_or_else(|| at_fault.span());
            unknown_value(file, key_of(value, &span), word, &allowed, span)
        }
        Message::MissingKey(word) => missing_key(file, word, exact.unwrap_or_else(|| value.span())),
        Message::WrongKind { found, expected } => {
            let span = exact.or_else(|| culprit(value, message, again).map(Spanned::span)).unwrap_or_else(|| value.span());
            let key = key_of(value, &span).map_or_else(|| "this".to_owned(), |key| format!("\"{key}\""));
            let expected = expected_words(expected);
            file.fault(Code::BadToml, format!("{key} must be {expected}, not {}", found_words(found)), span, format!("must be {expected}"))
        }
        Message::Other(text) => {
            let span = exact.or_else(|| culprit(value, message, again).map(Spanned::span)).unwrap_or_else(|| value.span());
            let what = key_of(value, &span).map_or_else(|| "this value is not valid".to_owned(), |key| format!("\"{key}\" is not valid"));
            let problem = file.fault(Code::BadToml, what, span, text);
            match text.split_once("; ") {
                Some((why, next)) => problem.why(why).next(nearest_in_words(why, next)),
                None => problem.why(text),
            }
        }
    }
}

/// A key that means nothing here.
pub(crate) fn unknown_key(file: &TextFile, word: &str, allowed: &[&str], span: Range<usize>) -> Problem {
    file.fault(Code::BadToml, format!("unknown key \"{word}\""), span, "unknown key").next(suggest(word, allowed))
}

/// A value that is none of those its key can have.
pub(crate) fn unknown_value(file: &TextFile, key: Option<&str>, word: &str, allowed: &[&str], span: Range<usize>) -> Problem {
    let what = key.map_or_else(|| format!("unknown value \"{word}\""), |key| format!("unknown value \"{word}\" of \"{key}\""));
    file.fault(Code::BadToml, what, span, "unknown value").next(suggest(word, allowed))
}

/// A key that must be there and is not.
pub(crate) fn missing_key(file: &TextFile, word: &str, span: Range<usize>) -> Problem {
    file.fault(Code::BadToml, format!("the key \"{word}\" is missing"), span, format!("\"{word}\" is missing here"))
        .next(format!("add {word} = …"))
}

/// What to write instead of `word`: the nearest of what is allowed, or all of it.
pub(crate) fn suggest(word: &str, allowed: &[&str]) -> String {
    match nearest(word, allowed.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None if allowed.is_empty() => "remove it".to_owned(),
        None => format!("use one of: {}", allowed.join(", ")),
    }
}

/// What serde's messages say.
enum Message<'m> {
    UnknownKey { word: &'m str, allowed: Vec<&'m str> },
    UnknownValue { word: &'m str, allowed: Vec<&'m str> },
    MissingKey(&'m str),
    WrongKind { found: &'m str, expected: &'m str },
    Other(&'m str),
}

impl<'m> Message<'m> {
    fn read(text: &'m str) -> Self {
        let quoted = |rest: &'m str| rest.split('`').skip(1).step_by(2).collect::<Vec<_>>();
        if let Some(rest) = text.strip_prefix("unknown field ") {
            if let Some((word, allowed)) = quoted(rest).split_first() {
                return Self::UnknownKey { word, allowed: allowed.to_vec() };
            }
        } else if let Some(rest) = text.strip_prefix("unknown variant ") {
            if let Some((word, allowed)) = quoted(rest).split_first() {
                return Self::UnknownValue { word, allowed: allowed.to_vec() };
            }
        } else if let Some(rest) = text.strip_prefix("missing field ") {
            return Self::MissingKey(rest.trim_matches('`'));
        } else if let Some(rest) = text.strip_prefix("invalid type: ").or_else(|| text.strip_prefix("invalid value: "))
            && let Some((found, expected)) = rest.rsplit_once(", expected ")
        {
            return Self::WrongKind { found, expected };
        } else if text == "wanted string or table" {
            return Self::WrongKind { found: "something else", expected: "a string" };
        } else if text.starts_with("data did not match any variant of untagged enum") {
            return Self::WrongKind { found: "something else", expected: "a number, or a date or text in quotes" };
        }
        Self::Other(text)
    }
}

fn expected_words(expected: &str) -> &str {
    match expected {
        "a string" | "variant identifier" => "a text in quotes",
        "a sequence" => "a list in brackets",
        "a boolean" => "true or false",
        "a character" => "one character in quotes",
        "f32" | "f64" => "a number",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "a map" => "a table",
        other if other.starts_with("struct ") || other.starts_with("internally tagged enum ") => "a table",
        other => other,
    }
}

fn found_words(found: &str) -> String {
    let plain = found.replace('`', "");
    match plain.split_once(' ') {
        Some(("string", text)) => format!("the text {text}"),
        Some(("integer", number)) => format!("the number {number}"),
        Some(("floating", rest)) => format!("the number {}", rest.trim_start_matches("point ")),
        Some(("boolean", value)) => value.to_owned(),
        _ if plain == "map" => "a table".to_owned(),
        _ if plain == "sequence" => "a list".to_owned(),
        _ => plain,
    }
}

/// For "unknown type "x"; use a, b or c": the nearest of the words after `use`, or all of them.
fn nearest_in_words(why: &str, next: &str) -> String {
    let word = why.split('"').nth(1).unwrap_or_default();
    let options = next.trim_start_matches("use ").split([',', ' ']).filter(|w| !w.is_empty() && *w != "or");
    nearest(word, options).map_or_else(|| next.to_owned(), |near| format!("did you mean \"{near}\"?"))
}

/// Where a key stands in a value, at any depth.
fn key_span(value: &Value, key: &str) -> Option<Range<usize>> {
    match value.get_ref() {
        DeValue::Table(table) => table
            .iter()
            .find(|(k, _)| k.get_ref() == key)
            .map(|(k, _)| k.span())
            .or_else(|| table.iter().find_map(|(_, v)| key_span(v, key))),
        DeValue::Array(items) => items.iter().find_map(|v| key_span(v, key)),
        _ => None,
    }
}

/// Where a text stands in a value, at any depth.
fn text_span(value: &Value, text: &str) -> Option<Range<usize>> {
    match value.get_ref() {
        DeValue::String(s) if s == text => Some(value.span()),
        DeValue::Table(table) => table.iter().find_map(|(_, v)| text_span(v, text)),
        DeValue::Array(items) => items.iter().find_map(|v| text_span(v, text)),
        _ => None,
    }
}

/// The key whose value, or an item of it, stands at a span.
fn key_of<'v>(value: &'v Value, span: &Range<usize>) -> Option<&'v str> {
    let stands_at = |v: &Value| v.span() == *span && !v.get_ref().is_table();
    match value.get_ref() {
        DeValue::Table(table) => table.iter().find_map(|(key, v)| {
            let own = stands_at(v) || v.get_ref().as_array().is_some_and(|items| items.iter().any(stands_at));
            if own { Some(key.get_ref().as_ref()) } else { key_of(v, span) }
        }),
        DeValue::Array(items) => items.iter().find_map(|v| key_of(v, span)),
        _ => None,
    }
}

/// The value without which the fault is another one.
fn culprit<'v, 'f>(value: &'v Value<'f>, message: &str, again: &dyn Fn(Value<'f>) -> Option<String>) -> Option<&'v Value<'f>> {
    let DeValue::Table(table) = value.get_ref() else { return None };
    // Without the key that names the kind every fault is another one, so it is tried last.
    let (kinds, others): (Vec<_>, Vec<_>) = table.iter().partition(|(key, _)| matches!(key.get_ref().as_ref(), "do" | "check"));
    others.into_iter().chain(kinds).find_map(|(key, at_fault)| {
        let mut rest = table.clone();
        rest.remove(key.get_ref().as_ref());
        let changed = again(Spanned::new(value.span(), DeValue::Table(rest))).as_deref() != Some(message);
        changed.then_some(at_fault)
    })
}
