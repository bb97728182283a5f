//! `schema`: the table has the columns it should have, by name and, where said, by type.

use trommel_model::{Outcome, nearest};

use super::Broken;
use super::subject::Subject;
use super::whole::{Judge, Measure, Whole};

/// Columns that tell where a row came from.
const POSITION: [&str; 3] = ["_file", "_line", "_text"];

/// A type as everybody writes it.
fn plain(kind: &str) -> String {
    kind.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

pub(super) fn broken(subject: &Subject<'_>, columns: &[String], exact: bool) -> Outcome<Broken> {
    if columns.is_empty() {
        return Err(subject.senseless("names no column").next("set columns, for instance columns = [\"id: integer\", \"name\"]"));
    }
    let expected: Vec<(&str, Option<&str>)> = columns
        .iter()
        .map(|said| match said.split_once(':') {
            Some((name, kind)) => (name.trim(), Some(kind.trim())),
            None => (said.trim(), None),
        })
        .collect();
    let mut faults = Vec::new();
    for (name, kind) in &expected {
        match (subject.schema.position(name).map(|at| &subject.schema.fields[at]), kind) {
            (None, _) => faults.push(match nearest(name, subject.schema.names()) {
                Some(near) => format!("column {name} is missing (there is {near})"),
                None => format!("column {name} is missing"),
            }),
            (Some(field), Some(kind)) if plain(&field.data_type.to_string()) != plain(kind) => {
                faults.push(format!("column {name} is {}, not {kind}", field.data_type));
            }
            (Some(_), _) => {}
        }
    }
    if exact {
        // Columns that tell where a row came from belong to no contract.
        let own = subject.schema.names().filter(|name| !POSITION.contains(name));
        faults.extend(own.filter(|name| expected.iter().all(|(e, _)| e != name)).map(|name| format!("column {name} is not expected")));
    }
    let fault = (!faults.is_empty()).then(|| faults.join("; "));
    Ok(Broken::Whole(Whole { measure: Measure::Known(fault), judge: Judge::Told }))
}
