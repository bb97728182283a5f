//! Numbers as people write them, read from text by SQL.
//!
//! Understood: a sign before or after the currency; a currency sign or code before or behind
//! (`€ 12`, `$1,234.50`, `1.234,50 EUR`, `-€5`); thousands set apart by the other mark, by spaces
//! (also narrow and no-break ones) or by apostrophes, **in groups of three**: with decimal mark `,`
//! the text `12.34` is no number, because taking it for 1234 would be wrong a hundredfold.
//! Whole numbers may carry a fraction of zeros. Floats may have an exponent.

use trommel_engine::sql::literal;
use trommel_model::ContractType;

use super::types::sql_type;

/// A SQL condition: the text holds more than white space. Null gives null.
pub(super) fn has_text(column: &str) -> String {
    format!(r"regexp_matches({column}, '[^\s\p{{Z}}]')")
}

/// Currencies by sign or by a usual code. Other letters are not dropped: `12 KG` is no number.
const CURRENCY: &str = r"\p{Sc}|EUR|USD|GBP|CHF|JPY|CNY|SEK|NOK|DKK|PLN|CZK|HUF|TRY|INR|AUD|CAD|NZD|ZAR|BRL|MXN|kr|zł|Fr";

/// A SQL expression that is the text without its currency.
pub(super) fn without_currency(text: &str) -> String {
    let pattern = format!(r"^[\s\p{{Z}}]*([-+]?)[\s\p{{Z}}]*({CURRENCY})|({CURRENCY})[\s\p{{Z}}]*$");
    format!(r"regexp_replace({text}, {}, '\1')", literal(&pattern))
}

/// A SQL expression that is the number a text without currency means, or null.
pub(super) fn number(text: &str, to: ContractType, mark: char) -> String {
    let sql_type = sql_type(to);
    let point = |text: String| if mark == ',' { format!("replace({text}, ',', '.')") } else { text };
    let pattern = literal(&pattern(to, mark));
    let digits = literal(&format!("[^-0-9{mark}]"));
    let grouped = point(format!("regexp_replace({text}, {digits}, '', 'g')"));
    let fraction = if to == ContractType::Integer { format!("([{mark}]0*)?") } else { format!("([{mark}]\\d*)?") };
    // Numbers without thousands come first: they are the most, and need no more than a cast.
    let plain = literal(&format!("[-+]?\\d+{fraction}"));
    let exponent = match to {
        ContractType::Float => {
            let pattern = literal(&format!(r"\s*[-+]?(\d+[{mark}]?\d*|[{mark}]\d+)[eE][-+]?\d+\s*"));
            format!("\n         when regexp_full_match({text}, {pattern}) then try_cast({} as {sql_type})", point(text.to_owned()))
        }
        _ => String::new(),
    };
    format!(
        "case when regexp_full_match({text}, {plain}) then try_cast({} as {sql_type})\n         \
         when regexp_full_match({text}, {pattern}) then try_cast({grouped} as {sql_type}){exponent} end",
        point(text.to_owned())
    )
}

/// The whole text of a number with this decimal mark.
fn pattern(to: ContractType, mark: char) -> String {
    let other = if mark == ',' { '.' } else { ',' };
    let whole = format!(r"(\d{{1,3}}([{other}'’\s\p{{Z}}]\d{{3}})+|\d+)");
    let body = match to {
        ContractType::Integer => format!("{whole}([{mark}]0*)?"),
        _ => format!(r"({whole}([{mark}]\d*)?|[{mark}]\d+)"),
    };
    format!(r"[\s\p{{Z}}]*[-+]?[\s\p{{Z}}]*{body}[\s\p{{Z}}]*")
}
