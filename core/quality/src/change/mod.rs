//! What is different between two profiles of one thing, the columns that changed most first.
//!
//! All of it is worked out from the profiles alone: the rows they are of may be long gone. Percentiles and the values of
//! columns with few are what a profile keeps for this ([`trommel_model::Spread`]); shapes stand in for texts with many
//! values. What chance alone would do to as many rows is no change.

mod distance;
mod weigh;

use trommel_model::{ChangeWeight, ColumnChange, ColumnProfile, Profile};

use self::weigh::Weigher;

/// What is different about the columns of two profiles.
pub fn changes(from: &Profile, to: &Profile) -> Vec<ColumnChange> {
    let find = |profile: &Profile, name: &str| profile.columns.iter().position(|c| c.name == name);
    let mut all: Vec<ColumnChange> = to
        .columns
        .iter()
        .map(|after| match find(from, &after.name) {
            Some(at) => Weigher::of(&from.columns[at], from.rows, after, to.rows).change(),
            None => alone(after, "a new column", ChangeWeight::Slight, false),
        })
        .collect();
    let gone = from.columns.iter().filter(|before| find(to, &before.name).is_none());
    all.extend(gone.map(|before| alone(before, "the column is gone", ChangeWeight::Marked, true)));
    let distance = |c: &ColumnChange| c.psi.unwrap_or(0.0).max(c.ks.unwrap_or(0.0));
    // The sort is stable: columns that are as different as each other stay in their order.
    all.sort_by(|a, b| {
        let by_distance = if a.weight == ChangeWeight::Same { std::cmp::Ordering::Equal } else { distance(b).total_cmp(&distance(a)) };
        b.weight.cmp(&a.weight).then(by_distance)
    });
    all
}

/// A column that only one of the two has.
fn alone(column: &ColumnProfile, remark: &str, weight: ChangeWeight, gone: bool) -> ColumnChange {
    let own = Some(Box::new(column.clone()));
    let (from, to) = if gone { (own, None) } else { (None, own) };
    ColumnChange {
        name: column.name.clone(),
        weight,
        psi: None,
        ks: None,
        new_values: Vec::new(),
        gone_values: Vec::new(),
        remarks: vec![remark.to_owned()],
        from,
        to,
    }
}

#[cfg(test)]
mod tests;
