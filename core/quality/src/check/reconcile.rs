//! `reconcile`: another table has as many rows, and the same values in the columns, in any order.
//!
//! Values are compared by the sum of the hashes of their rows: one scan of either side, whatever the order. Both sides are
//! brought to their common type first, so that 1 and 1.0 agree.

use trommel_engine::sql::{body, ident, literal, qualified};
use trommel_model::{Outcome, TableName};

use super::Broken;
use super::subject::Subject;
use super::whole::{Judge, Measure, Whole};

pub(super) fn broken(subject: &Subject<'_>, with: &str, columns: &[String]) -> Outcome<Broken> {
    for column in columns {
        subject.column(column)?;
    }
    let other = qualified(&table(subject, with)?);
    let (relation, looked_at) = (body(subject.relation), &subject.looked_at);
    let names: Vec<String> = columns.iter().map(|c| ident(c)).collect();
    let values: String = names.iter().map(|n| format!(", {n}")).collect();
    let hash = if names.is_empty() { "0".to_owned() } else { format!("CAST(hash({}) AS HUGEINT)", names.join(", ")) };
    let sides =
        format!("SELECT 0 AS _side{values} FROM (\n{relation}\n) WHERE {looked_at}\nUNION ALL\nSELECT 1 AS _side{values} FROM {other}");
    let counted = format!(
        "SELECT count(*) FILTER (WHERE _side = 0) AS _here, count(*) FILTER (WHERE _side = 1) AS _there, \
         coalesce(sum({hash}) FILTER (WHERE _side = 0), 0) - coalesce(sum({hash}) FILTER (WHERE _side = 1), 0) AS _apart FROM (\n{sides}\n)"
    );
    let rows = format!("concat('the table has ', _here, ' rows, ', {}, ' has ', _there)", literal(with));
    let apart = literal(&format!("{} and {with} have as many rows, but not the same values in {}", "the table", columns.join(", ")));
    Ok(Broken::Whole(Whole {
        measure: Measure::Query(format!(
            "SELECT CAST(_here - _there AS DOUBLE) AS _value, \
             CASE WHEN _here <> _there THEN {rows} WHEN _apart <> 0 THEN {apart} END AS _fault FROM (\n{counted}\n)"
        )),
        judge: Judge::Told,
    }))
}

/// The other table of a rule.
pub(super) fn table(subject: &Subject<'_>, name: &str) -> Outcome<TableName> {
    name.parse().map_err(|_| {
        subject
            .senseless(&format!("refers to \"{name}\", which is no name of a table"))
            .next("write layer.table, for instance clean.customers")
    })
}
