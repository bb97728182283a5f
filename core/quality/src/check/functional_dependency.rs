//! `functional_dependency`: rows that agree in the columns agree in another one too; rows with a null among them pass.
//!
//! Broken are the rows that do not say what most of their group say. Where two values are as frequent, the one that comes
//! first in order counts as right, so that the answer does not depend on the order of rows.

use trommel_engine::sql::{body, ident, literal};
use trommel_model::Outcome;

use super::subject::{Subject, repeated};
use super::{Broken, unique};

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
    let (value, keys) = (ident(determines), all[..columns.len()].join(", "));
    let (row, known) = (unique::one(&all), unique::known(&all));
    let relation = body(subject.relation);
    let (looked_at, list) = (&subject.looked_at, all.join(", "));
    let usual = format!(
        "SELECT {row} FROM (SELECT {list}, count(*) AS _rows FROM (\n{relation}\n) WHERE {looked_at} AND {known} GROUP BY {list}) \
         QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY _rows DESC, {value}) = 1"
    );
    let of: Vec<String> = columns.iter().map(|c| format!("{}, {}", literal(&format!("{c} ")), repeated(c))).collect();
    let reason = format!(
        "concat({}, {}, '\", but most rows with ', {}, ' have another value')",
        literal(&format!("{determines} is \"")),
        repeated(determines),
        of.join(", ', ', ")
    );
    Ok(Broken::Row { condition: format!("({known} AND {row} NOT IN ({usual}))"), reason })
}
