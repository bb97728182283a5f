//! `format`: the text has a well-known form; null passes.
//!
//! Check digits: IBAN by ISO 13616 (modulo 97), cards by ISO/IEC 7812 (Luhn).

use trommel_engine::sql::{ident, literal};
use trommel_model::{Outcome, TextFormat};

use super::Broken;
use super::subject::{Subject, value_is};

pub(super) fn broken(subject: &Subject<'_>, column: &str, format: TextFormat) -> Outcome<Broken> {
    subject.column(column)?;
    let name = ident(column);
    let text = format!("CAST({name} AS VARCHAR)");
    Ok(Broken::Row {
        condition: format!("({name} IS NOT NULL AND NOT ({}))", has(format, &text)),
        reason: value_is(column, &format!("which is no {}", words(format))),
    })
}

/// True for a text that has the form; SQL.
fn has(format: TextFormat, text: &str) -> String {
    let whole = |pattern: &str| format!("regexp_full_match({text}, {})", literal(pattern));
    match format {
        TextFormat::Email => {
            whole(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+")
        }
        TextFormat::Phone => {
            format!("{} AND {}", whole(r"([^0-9]*[0-9]){7,15}[^0-9]*"), whole(r"(\+|00)?[0-9() ./-]+( ?(x|ext\.?) ?[0-9]{1,6})?"))
        }
        TextFormat::Url => whole(r"(https?|ftps?)://[^\s/?#]+([/?#]\S*)?"),
        TextFormat::Ipv4 => whole(r"((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"),
        TextFormat::Uuid => whole(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
        TextFormat::Iban => {
            let bare = format!("upper(replace({text}, ' ', ''))");
            // Country and check digits go to the end, letters become 10 to 35; what is left over 97 is 1.
            let digits = format!("string_split(substr({bare}, 5) || left({bare}, 4), '')");
            let value = "(CASE WHEN c BETWEEN '0' AND '9' THEN ascii(c) - 48 ELSE ascii(c) - 55 END)";
            let rest = format!(
                "list_reduce(list_prepend(0::BIGINT, list_transform({digits}, lambda c: {value}::BIGINT)), lambda r, d: (r * (CASE WHEN d > 9 THEN 100 ELSE 10 END) + d) % 97)"
            );
            format!("CASE WHEN regexp_full_match({bare}, '[A-Z]{{2}}[0-9]{{2}}[A-Z0-9]{{11,30}}') THEN {rest} = 1 ELSE false END")
        }
        TextFormat::Card => {
            let bare = format!("regexp_replace({text}, '[ -]', '', 'g')");
            let doubled = "(CASE WHEN i % 2 = 0 THEN (CASE WHEN (ascii(c) - 48) * 2 > 9 THEN (ascii(c) - 48) * 2 - 9 ELSE (ascii(c) - 48) * 2 END) ELSE ascii(c) - 48 END)";
            let sum = format!("list_sum(list_transform(string_split(reverse({bare}), ''), lambda c, i: {doubled}))");
            format!("CASE WHEN regexp_full_match({bare}, '[0-9]{{12,19}}') THEN {sum} % 10 = 0 ELSE false END")
        }
        TextFormat::Date => format!("({} AND TRY_CAST({text} AS DATE) IS NOT NULL)", whole("[0-9]{4}-[0-9]{2}-[0-9]{2}")),
        TextFormat::CountryCode => whole("[A-Z]{2}"),
        TextFormat::CurrencyCode => whole("[A-Z]{3}"),
    }
}

fn words(format: TextFormat) -> &'static str {
    match format {
        TextFormat::Email => "e-mail address",
        TextFormat::Phone => "telephone number",
        TextFormat::Url => "web address",
        TextFormat::Ipv4 => "IPv4 address",
        TextFormat::Uuid => "UUID",
        TextFormat::Iban => "IBAN",
        TextFormat::Card => "card number",
        TextFormat::Date => "date (YYYY-MM-DD)",
        TextFormat::CountryCode => "country code of two letters",
        TextFormat::CurrencyCode => "currency code of three letters",
    }
}
