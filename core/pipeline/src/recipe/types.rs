//! `cast`: another type, and what happens to values that do not fit.
//!
//! What fits: text reads as numbers by [`super::number`], as `true/yes/t/y/1` and `false/no/f/n/0` in
//! any case, as ISO 8601 dates and times; a decimal is rounded to its scale (half away from zero);
//! a number with a fraction is not a whole number; a timestamp becomes its day or its time. Empty
//! text becomes null and is not held. Numbers do not become dates, nor dates numbers.

use trommel_engine::sql::ident;
use trommel_model::{ContractType, DataType, OnBad, Outcome};

use super::chain::{Chain, Mode};
use super::number::{has_text, number, without_currency};
use super::tracked::{DeathKind, Nulled, wanted};

/// Adds a cast.
pub(super) fn cast(chain: &mut Chain, columns: &[String], to: ContractType, on_bad: OnBad, decimal_mark: Option<char>) -> Outcome<()> {
    let mark = match decimal_mark.unwrap_or('.') {
        mark @ ('.' | ',') => mark,
        other => return Err(chain.fault(format!("decimal_mark is \"{other}\"")).next("write decimal_mark = \".\" or \",\"")),
    };
    let mut conversions = Vec::new();
    for name in chain.some_columns(columns)? {
        let from = chain.column(name)?.data_type.clone();
        let text = matches!(from, None | Some(DataType::Text | DataType::Json | DataType::Other(_)));
        let text = text.then(|| text_of(&ident(name), from.as_ref()));
        let is_number = matches!(to, ContractType::Integer | ContractType::Float | ContractType::Decimal { .. });
        let read = text.as_ref().filter(|_| is_number).map(|t| without_currency(t));
        let attempt = match &read {
            Some(_) => Some(number("{read}", to, mark)),
            None => attempt(&ident(name), from.as_ref(), to),
        };
        let Some(attempt) = attempt else {
            let from = from.map_or_else(|| "it".to_owned(), |t| t.to_string());
            return Err(chain.fault(format!("\"{name}\" is {from}, which cannot become {}", String::from(to))).at_field(name));
        };
        conversions.push(Conversion {
            column: name.clone(),
            read,
            attempt,
            text,
            never_fails: to == ContractType::Text,
            data_type: data_type(to),
            rule: format!("cast({})", String::from(to)),
            wanted: wanted(to),
        });
    }
    convert(chain, &conversions, on_bad);
    Ok(())
}

/// A change of type that some values may not survive.
pub(super) struct Conversion {
    /// The column.
    pub column: String,
    /// An expression computed once for `attempt` to look at more than once; `attempt` calls it `{read}`.
    pub read: Option<String>,
    /// An expression that is the new value, or null when the old one does not fit.
    pub attempt: String,
    /// The old value as text, when it is read as such, so that blanks are empty.
    pub text: Option<String>,
    /// True when every value fits.
    pub never_fails: bool,
    /// The new type.
    pub data_type: DataType,
    /// The rule's name.
    pub rule: String,
    /// What a value must be, in words.
    pub wanted: String,
}

/// Adds the links of a change of type: first the attempts, then what becomes of rows that do not fit.
pub(super) fn convert(chain: &mut Chain, conversions: &[Conversion], on_bad: OnBad) {
    if conversions.iter().all(|c| c.never_fails) {
        let items: Vec<_> = conversions.iter().map(|c| (ident(&c.column), c.attempt.clone())).collect();
        chain.replace(&items);
    } else {
        attempts(chain, conversions);
        outcome(chain, conversions, on_bad);
    }
    for c in conversions {
        chain.retype(&c.column, Some(c.data_type.clone()));
    }
}

fn attempts(chain: &mut Chain, conversions: &[Conversion]) {
    let numbered = || conversions.iter().enumerate().map(|(i, c)| (i + 1, c));
    let reads: Vec<String> = numbered().filter_map(|(i, c)| Some(format!("{} as __read{i}", c.read.as_ref()?))).collect();
    let mut exclude = String::new();
    if !reads.is_empty() {
        let body = format!("select *,\n    {}\nfrom {}", reads.join(",\n    "), chain.last());
        chain.push("read", body);
        let names: Vec<String> = numbered().filter(|(_, c)| c.read.is_some()).map(|(i, _)| format!("__read{i}")).collect();
        exclude = format!(" exclude ({})", names.join(", "));
    }
    let tries: Vec<String> =
        numbered().map(|(i, c)| format!("{} as __try{i}", c.attempt.replace("{read}", &format!("__read{i}")))).collect();
    let body = format!("select *{exclude},\n    {}\nfrom {}", tries.join(",\n    "), chain.last());
    chain.push("try", body);
}

fn outcome(chain: &mut Chain, conversions: &[Conversion], on_bad: OnBad) {
    let tries: Vec<String> = (1..=conversions.len()).map(|i| format!("__try{i}")).collect();
    let bad = |i: usize, c: &Conversion| {
        let column = ident(&c.column);
        let empty = c.text.as_ref().map_or_else(String::new, |text| format!(" and {}", has_text(text)));
        format!("{column} is not null and __try{} is null{empty}", i + 1)
    };
    let failing: Vec<(usize, &Conversion, String)> =
        conversions.iter().enumerate().filter(|(_, c)| !c.never_fails).map(|(i, c)| (i, c, bad(i, c))).collect();
    let mut items: Vec<String> = conversions.iter().enumerate().map(|(i, c)| format!("__try{} as {}", i + 1, ident(&c.column))).collect();
    let (mut flags, mut filter) = (String::new(), String::new());
    match (chain.mode, on_bad) {
        (Mode::Plain { .. }, OnBad::Null) => {}
        (Mode::Plain { .. }, OnBad::Quarantine) => {
            let conditions: Vec<String> = failing.iter().map(|(_, _, bad)| format!("not ({bad})")).collect();
            filter = format!("\nwhere {}", conditions.join("\n  and "));
        }
        (Mode::Tracked { .. }, OnBad::Null) => {
            for (_, c, bad) in &failing {
                let flag = format!("__null{}", chain.nulled.len() + 1);
                flags.push_str(&format!(",\n    (__fate is null and {bad}) as {flag}"));
                chain.nulled.push(Nulled { flag, field: c.column.clone(), rule: c.rule.clone(), step: chain.step });
            }
        }
        (Mode::Tracked { .. }, OnBad::Quarantine) => {
            let (mut fates, mut values) = (String::new(), String::new());
            for (_, c, bad) in &failing {
                let kind = DeathKind::Held { field: c.column.clone(), rule: c.rule.clone(), wanted: c.wanted.clone() };
                let code = chain.death(kind);
                fates.push_str(&format!(" when {bad} then {code}"));
                let value = c.text.clone().unwrap_or_else(|| text_of(&ident(&c.column), None));
                values.push_str(&format!(" when {bad} then {value}"));
            }
            items.push(format!("case when __fate is not null then __fate{fates} end as __fate"));
            items.push(format!("case when __fate is not null then __value{values} end as __value"));
        }
    }
    let body = format!(
        "select * exclude ({}) replace (\n    {}\n){flags}\nfrom {}{filter}",
        tries.join(", "),
        items.join(",\n    "),
        chain.last()
    );
    chain.push("", body);
}

/// The new value as SQL; none when the types have nothing to do with each other.
fn attempt(column: &str, from: Option<&DataType>, to: ContractType) -> Option<String> {
    use ContractType as To;
    use DataType as From;
    let text = text_of(column, from);
    let sql = sql_type(to);
    let plain = || Some(format!("try_cast({column} as {sql})"));
    let from = from.unwrap_or(&From::Text);
    match (from, to) {
        (_, To::Text) => Some(text),
        (From::Text | From::Json | From::Other(_), _) => from_text(&text, to),
        (From::Integer, To::Integer) | (From::Boolean, To::Boolean) => Some(column.to_owned()),
        (From::Float | From::Decimal { .. }, To::Integer) => {
            Some(format!("case when {column} = trunc({column}) then try_cast({column} as {sql}) end"))
        }
        (From::Integer | From::HugeInteger | From::Float | From::Decimal { .. }, To::Boolean) => {
            Some(format!("case when {column} = 1 then true when {column} = 0 then false end"))
        }
        (From::HugeInteger | From::Boolean, To::Integer)
        | (From::Integer | From::HugeInteger | From::Float | From::Decimal { .. } | From::Boolean, To::Float | To::Decimal { .. })
        | (From::Date, To::Date | To::Timestamp)
        | (From::Timestamp | From::TimestampTz, To::Date | To::Time | To::Timestamp)
        | (From::Time, To::Time) => plain(),
        _ => None,
    }
}

/// Text as anything but a number.
fn from_text(text: &str, to: ContractType) -> Option<String> {
    Some(match to {
        ContractType::Text | ContractType::Integer | ContractType::Float | ContractType::Decimal { .. } => return None,
        ContractType::Boolean => format!(
            "case when lower(trim({text})) in ('true', 'yes', 't', 'y', '1') then true \
             when lower(trim({text})) in ('false', 'no', 'f', 'n', '0') then false end"
        ),
        ContractType::Date => {
            format!(
                r"case when regexp_full_match({text}, '\s*\d{{4}}-\d{{1,2}}-\d{{1,2}}([T ]\d.*)?\s*') then try_cast({text} as date) end"
            )
        }
        ContractType::Time => {
            format!(r"case when regexp_full_match({text}, '\s*\d{{1,2}}:\d{{2}}(:\d{{2}}(\.\d+)?)?\s*') then try_cast({text} as time) end")
        }
        ContractType::Timestamp => iso_timestamp(text),
    })
}

/// An ISO 8601 timestamp: an offset is applied, so the value is in UTC; without one it is taken as it stands.
pub(super) fn iso_timestamp(text: &str) -> String {
    let moment = r"\s*\d{4}-\d{1,2}-\d{1,2}[Tt ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*";
    let day = r"\s*\d{4}-\d{1,2}-\d{1,2}([Tt ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?\s*";
    // Times with an offset need their seconds.
    let full = format!(r"regexp_replace({text}, '([Tt ]\d{{1,2}}:\d{{2}})\s*([Zz]|[-+])', '\1:00\2')");
    format!(
        r"case when regexp_full_match({text}, '{moment}([Zz]|[-+]\d{{2}}(:?\d{{2}})?)\s*') then make_timestamp(epoch_us(try_cast({full} as timestamptz))) when regexp_full_match({text}, '{day}') then try_cast({text} as timestamp) end"
    )
}

/// A column as text.
pub(super) fn text_of(column: &str, from: Option<&DataType>) -> String {
    if from == Some(&DataType::Text) { column.to_owned() } else { format!("cast({column} as varchar)") }
}

/// The engine's name of a type.
pub(super) fn sql_type(to: ContractType) -> String {
    match to {
        ContractType::Text => "varchar".to_owned(),
        ContractType::Integer => "bigint".to_owned(),
        ContractType::Float => "double".to_owned(),
        ContractType::Decimal { precision, scale } => format!("decimal({precision}, {scale})"),
        ContractType::Boolean => "boolean".to_owned(),
        ContractType::Date => "date".to_owned(),
        ContractType::Time => "time".to_owned(),
        ContractType::Timestamp => "timestamp".to_owned(),
    }
}

/// The model's name of a type.
pub(super) fn data_type(to: ContractType) -> DataType {
    match to {
        ContractType::Text => DataType::Text,
        ContractType::Integer => DataType::Integer,
        ContractType::Float => DataType::Float,
        ContractType::Decimal { precision, scale } => DataType::Decimal { precision, scale },
        ContractType::Boolean => DataType::Boolean,
        ContractType::Date => DataType::Date,
        ContractType::Time => DataType::Time,
        ContractType::Timestamp => DataType::Timestamp,
    }
}
