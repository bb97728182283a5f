//! A connection in the text of `trommel.toml`: added behind the others, or changed where it stands.

use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value};
use trommel_model::{Address, Code, ConnectionSpec, Existing, Outcome, Problem, Reference, Tls};

use crate::WORKSPACE_FILE;

/// The text of the file with the connection in it, and the table that is new.
pub fn with(text: &str, spec: &ConnectionSpec, existing: Existing) -> Outcome<(String, String)> {
    let mut document: DocumentMut = text.parse().map_err(|e: toml_edit::TomlError| {
        Problem::new(Code::BadToml, "this is not valid TOML").in_file(WORKSPACE_FILE).why(e.message().to_owned())
    })?;
    let list = document.entry("connections").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    match list {
        Item::ArrayOfTables(tables) => {
            let place = tables.iter().position(|t| is_called(t, &spec.name));
            match place.and_then(|at| tables.get_mut(at)) {
                Some(_) if existing == Existing::Refuse => return Err(taken(&spec.name)),
                Some(table) => fill(table, spec),
                None => {
                    let mut table = Table::new();
                    table.decor_mut().set_prefix("\n");
                    fill(&mut table, spec);
                    tables.push(table);
                }
            }
        }
        Item::Value(Value::Array(tables)) => {
            let place = tables.iter().position(|t| t.as_inline_table().is_some_and(|t| is_called(t, &spec.name)));
            match place.and_then(|at| tables.get_mut(at)).and_then(Value::as_inline_table_mut) {
                Some(_) if existing == Existing::Refuse => return Err(taken(&spec.name)),
                Some(table) => fill(table, spec),
                None => {
                    let mut table = InlineTable::new();
                    fill(&mut table, spec);
                    tables.push(table);
                }
            }
        }
        _ => return Err(Problem::new(Code::BadConfig, "\"connections\" is no list of tables").in_file(WORKSPACE_FILE)),
    }
    let mut alone = Table::new();
    fill(&mut alone, spec);
    Ok((document.to_string(), format!("[[connections]]\n{alone}")))
}

fn is_called(table: &dyn TableLike, name: &str) -> bool {
    table.get("name").and_then(Item::as_str).is_some_and(|n| n.eq_ignore_ascii_case(name))
}

/// Says everything of a connection that is not as it is by itself. What is said no more goes; what nobody asked about stays
/// where it is, with its comments.
fn fill(table: &mut dyn TableLike, spec: &ConnectionSpec) {
    let text = |t: &str| Some(Value::from(t));
    let whole = |n: Option<u64>| n.and_then(|n| i64::try_from(n).ok()).map(Value::from);
    let pairs = [
        ("name", text(&spec.name)),
        ("kind", text(spec.kind.name())),
        ("path", Some(spec.path.as_str()).filter(|p| !p.is_empty()).and_then(text)),
        (
            "url",
            spec.url.as_ref().map(|url| match url {
                Address::Text(url) => Value::from(url.as_str()),
                Address::Reference(reference) => refer(reference),
            }),
        ),
        ("password", spec.password.as_ref().map(refer)),
        (
            "tls",
            spec.tls.map(|tls| {
                Value::from(match tls {
                    Tls::VerifyFull => "verify-full",
                    Tls::VerifyCa => "verify-ca",
                    Tls::Off => "off",
                })
            }),
        ),
        ("ca", spec.ca.as_deref().and_then(text)),
        ("statement_timeout_s", whole(spec.statement_timeout_s)),
        ("rows_per_s", whole(spec.rows_per_s)),
    ];
    for (key, value) in pairs {
        let Some(mut value) = value else {
            table.remove(key);
            continue;
        };
        match table.get_mut(key).and_then(Item::as_value_mut) {
            // A comment behind a value stays behind its successor.
            Some(old) => {
                *value.decor_mut() = old.decor().clone();
                *old = value;
            }
            None => {
                table.insert(key, Item::Value(value));
            }
        }
    }
}

fn refer(reference: &Reference) -> Value {
    let (key, value) = reference.parts();
    let mut table = InlineTable::new();
    table.insert(key, Value::from(value));
    Value::InlineTable(table)
}

fn taken(name: &str) -> Problem {
    Problem::new(Code::FileExists, format!("there is a connection \"{name}\" already"))
        .in_file(WORKSPACE_FILE)
        .next(format!("choose another name, or change it: trommel connect edit {name}"))
}
