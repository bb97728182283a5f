//! `functional_dependency`: rows that agree in the columns agree in another one too; rows with a null among them pass.
//!
//! Broken are the rows that do not say what most of their group say. Where two values are as frequent, the one that comes
//! first in order counts as right, so that the answer does not depend on the order of rows.

use trommel_engine::sql::{ident, literal};
use trommel_model::Outcome;

use super::subject::{Subject, repeated};
use super::{Among, Broken, unique};

/// Columns that determine another one, as SQL.
#[derive(Debug, Clone)]
pub(super) struct Dependency {
    /// Those that determine.
    keys: Vec<String>,
    /// The one they determine.
    value: String,
}

pub(super) fn broken(subject: &Subject<'_>, columns: &[String], determines: &str) -> Outcome<Broken> {
    if columns.is_empty() {
        return Err(subject.senseless("names no column that determines").next("set columns, for instance columns = [\"zip\"]"));
    }
    for column in columns.iter().map(String::as_str).chain([determines]) {
        subject.column(column)?;
    }
    if columns.iter().any(|c| c == determines) {
        return Err(subject.senseless(&format!("says that {determines} determines itself")).next("name another column"));
    }
    let all: Vec<String> = columns.iter().map(String::as_str).chain([determines]).map(ident).collect();
    let of: Vec<String> = columns.iter().map(|c| format!("{}, {}", literal(&format!("{c} ")), repeated(c))).collect();
    let reason = format!(
        "concat({}, {}, '\", but most rows with ', {}, ' have another value')",
        literal(&format!("{determines} is \"")),
        repeated(determines),
        of.join(", ', ', ")
    );
    let dependency = Dependency { keys: all[..columns.len()].to_vec(), value: ident(determines) };
    Ok(Broken::Among { among: Among::Dependency(dependency), reason })
}

impl Dependency {
    /// True for rows of `from` that do not say what most of their group say. `from` is anything a SELECT can read.
    pub(super) fn condition(&self, from: &str, looked_at: &str) -> String {
        let Self { keys, value } = self;
        let all: Vec<String> = keys.iter().chain([value]).cloned().collect();
        let (row, known, list) = (unique::one(&all), unique::known(&all), all.join(", "));
        format!(
            "({known} AND {row} NOT IN (SELECT {row} FROM (SELECT {list}, count(*) AS _rows FROM {from} WHERE {looked_at} AND {known} GROUP BY {list}) \
             QUALIFY row_number() OVER (PARTITION BY {} ORDER BY _rows DESC, {value}) = 1))",
            keys.join(", ")
        )
    }
}
