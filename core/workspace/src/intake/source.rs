//! The text of a source, as a person would write it: what is told as settings, what was found as remarks.
//!
//! With a contract, what was found becomes settings too: the next file must be written as this one is.

use std::fmt::Write as _;

use toml_edit::{Array, Value};
use trommel_model::{
    Contract, ContractType, CsvOptions, DataType, ExcelOptions, Field, FileFacts, FileFormat, FixedOptions, FoundOption, JsonOptions, Load,
    Nested, Prefixes, SheetChoice, SourceSpec, XmlOptions,
};

/// One setting of a format: how it is told on the command line, its key in the file, its value when it is told.
struct Setting {
    told_as: &'static str,
    key: &'static str,
    value: Option<Value>,
}

/// The text of `sources/NAME.toml`.
pub fn text(spec: &SourceSpec, contract: Contract, facts: Option<&FileFacts>) -> String {
    let mut out = String::new();
    let mut say = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            let _ = writeln!(out, "{key} = {value}");
        }
    };
    let words = |text: &Option<String>| text.as_deref().map(Value::from);
    say("description", Some(spec.description.as_str()).filter(|d| !d.is_empty()).map(Value::from));
    say("connection", words(&spec.connection));
    say("path", words(&spec.path));
    let format = spec.format.or(facts.map(|f| f.format));
    say("format", spec.format.map(|f| Value::from(f.name())));
    say("table", words(&spec.table));
    say("query", words(&spec.query));
    say(
        "load",
        match spec.load {
            Load::Full => None,
            Load::NewFiles => Some(Value::from("new_files")),
            Load::Incremental => Some(Value::from("incremental")),
        },
    );
    say("cursor", words(&spec.cursor));
    say("lookback", words(&spec.lookback));
    say("key", (!spec.key.is_empty()).then(|| Value::Array(spec.key.iter().map(String::as_str).collect::<Array>())));
    if let Some(format) = format {
        let found = facts.map(|f| f.found.as_slice()).unwrap_or_default();
        out.push_str(&section(format, spec, found, contract));
    }
    if contract == Contract::AsFound {
        for field in facts.map(|f| f.columns.as_slice()).unwrap_or_default() {
            out.push_str(&column(field));
        }
    }
    out
}

/// The settings of a format. What was only found is remarked on, or with a contract said.
fn section(format: FileFormat, spec: &SourceSpec, found: &[FoundOption], contract: Contract) -> String {
    let (title, settings) = match format {
        FileFormat::Csv => ("csv", csv(&spec.csv)),
        FileFormat::Excel => ("excel", excel(&spec.excel)),
        FileFormat::Xml => ("xml", xml(&spec.xml)),
        FileFormat::Fixed => ("fixed", fixed(&spec.fixed)),
        FileFormat::Json | FileFormat::Ndjson => ("json", json(&spec.json)),
        FileFormat::Parquet | FileFormat::Arrow | FileFormat::Sqlite | FileFormat::Server => return String::new(),
    };
    let mut out = String::new();
    for Setting { told_as, key, value } in settings {
        if let Some(value) = value {
            let _ = writeln!(out, "{key} = {value}");
            continue;
        }
        let Some(found) = found.iter().find(|f| f.name == told_as) else { continue };
        let Some(value) = as_setting(told_as, &found.value) else { continue };
        let _ = match (contract, found.sure) {
            (Contract::AsFound, Some(_)) => writeln!(out, "{key} = {value}"),
            (_, Some(sure)) => writeln!(out, "# {key} = {value}  # found, {:.0} % sure", (sure * 100.0).floor()),
            (_, None) => Ok(()),
        };
    }
    if out.is_empty() { out } else { format!("\n[{title}]\n{out}") }
}

/// A value as it was found, as it stands in the file. Nothing for what is none, or cannot be said there.
fn as_setting(name: &str, found: &str) -> Option<Value> {
    let one = |text: &str| {
        let mut characters = text.chars();
        characters.next().filter(|_| characters.next().is_none())
    };
    match name {
        _ if found.is_empty() => None,
        "delimiter" | "quote" | "escape" | "comment" | "decimal-mark" => {
            let character = match found {
                "tab" => Some('\t'),
                "space" => Some(' '),
                "nul" => Some('\0'),
                other => one(other),
            };
            character.map(|c| Value::from(c.to_string()))
        }
        "header" | "fill-merged" => Some(Value::from(found == "yes")),
        "skip-lines" | "header-row" => found.parse::<i64>().ok().map(Value::from),
        "starts" => Some(Value::Array(found.split(',').filter_map(|n| n.parse::<i64>().ok()).collect())),
        "names" => Some(found.split(',').collect::<Array>()).filter(|names| names.iter().all(|n| n.as_str() != Some(""))).map(Value::Array),
        // The whole document is the list: nothing has to be said.
        "records" if found == "$" => None,
        _ => Some(Value::from(found)),
    }
}

fn setting(told_as: &'static str, key: &'static str, value: Option<Value>) -> Setting {
    Setting { told_as, key, value }
}

fn character(c: Option<char>) -> Option<Value> {
    c.map(|c| Value::from(c.to_string()))
}

fn number(n: Option<u64>) -> Option<Value> {
    n.and_then(|n| i64::try_from(n).ok()).map(Value::from)
}

fn list(texts: &[String]) -> Option<Value> {
    (!texts.is_empty()).then(|| Value::Array(texts.iter().map(String::as_str).collect::<Array>()))
}

fn csv(o: &CsvOptions) -> Vec<Setting> {
    vec![
        setting("delimiter", "delimiter", character(o.delimiter)),
        setting("quote", "quote", character(o.quote)),
        setting("escape", "escape", character(o.escape)),
        setting("encoding", "encoding", o.encoding.as_deref().map(Value::from)),
        setting("header", "header", o.header.map(Value::from)),
        setting("skip-lines", "skip_lines", number(o.skip_lines)),
        setting("comment", "comment", character(o.comment)),
        setting("decimal-mark", "decimal_mark", character(o.decimal_mark)),
        setting("null-words", "null_words", list(&o.null_words)),
    ]
}

fn excel(o: &ExcelOptions) -> Vec<Setting> {
    let sheet = o.sheet.as_ref().map(|sheet| match sheet {
        SheetChoice::Name(name) => Value::from(name.as_str()),
        SheetChoice::Place(place) => Value::from(i64::try_from(*place).unwrap_or(i64::MAX)),
    });
    vec![
        setting("sheet", "sheet", sheet),
        setting("range", "range", o.range.as_deref().map(Value::from)),
        setting("header", "header", o.header.map(Value::from)),
        setting("header-row", "header_row", number(o.header_row)),
        setting("fill-merged", "fill_merged", o.fill_merged.then(|| Value::from(true))),
    ]
}

fn xml(o: &XmlOptions) -> Vec<Setting> {
    vec![
        setting("record", "record", o.record.as_deref().map(Value::from)),
        setting("prefixes", "prefixes", (o.prefixes == Prefixes::Drop).then(|| Value::from("drop"))),
        setting("encoding", "encoding", o.encoding.as_deref().map(Value::from)),
    ]
}

fn fixed(o: &FixedOptions) -> Vec<Setting> {
    let starts = (!o.starts.is_empty()).then(|| Value::Array(o.starts.iter().filter_map(|n| i64::try_from(*n).ok()).collect::<Array>()));
    vec![
        setting("starts", "starts", starts),
        setting("names", "names", list(&o.names)),
        setting("header", "header", o.header.map(Value::from)),
        setting("skip-lines", "skip_lines", number(Some(o.skip_lines).filter(|n| *n > 0))),
        setting("encoding", "encoding", o.encoding.as_deref().map(Value::from)),
    ]
}

fn json(o: &JsonOptions) -> Vec<Setting> {
    vec![
        setting("records", "records", o.records.as_deref().map(Value::from)),
        setting("nested", "nested", (o.nested == Nested::Keep).then(|| Value::from("keep"))),
    ]
}

fn column(field: &Field) -> String {
    let name = Value::from(field.name.as_str());
    match contract_type(&field.data_type) {
        Some(data_type) => format!("\n[[columns]]\nname = {name}\ntype = \"{}\"\n", String::from(data_type)),
        None => format!("\n# {name} is of type {}, which a contract cannot ask for: it is taken as it comes.\n", field.data_type),
    }
}

/// The type a contract asks for, where there is one that keeps every value.
fn contract_type(data_type: &DataType) -> Option<ContractType> {
    Some(match data_type {
        DataType::Boolean => ContractType::Boolean,
        DataType::Integer => ContractType::Integer,
        DataType::Decimal { precision, scale } => ContractType::Decimal { precision: *precision, scale: *scale },
        DataType::Float => ContractType::Float,
        DataType::Text => ContractType::Text,
        DataType::Date => ContractType::Date,
        DataType::Time => ContractType::Time,
        DataType::Timestamp => ContractType::Timestamp,
        _ => return None,
    })
}
