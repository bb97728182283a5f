//! The golden record that some rows would make, each cell with where it is from.

use trommel_model::{Cancel, GoldenCell, Outcome, ProgressSlot, RecordKey, SurvivorRule};

use super::Keys;
use crate::arrays::{Text, gather};
use crate::cluster::{Entities, Forest};
use crate::plan::{Keep, Plan};
use crate::records::Records;
use crate::survive::survive;
use crate::tables::COMPUTED;
use crate::watch::Watch;

/// The record of canonical rows, taken for one entity.
pub(super) fn of(plan: &Plan<'_>, records: &Records, rows: &[u32], keys: &Keys<'_>, cancel: &Cancel) -> Outcome<Vec<GoldenCell>> {
    // How far this is says nothing about how far the preview is.
    let progress = ProgressSlot::new();
    let watch = Watch::new(cancel, &progress);
    let table = records.take(&plan.schema, rows)?;
    let own = Records::new(plan, [table].into(), &watch)?;
    let forest = Forest::new(own.len());
    (1..own.len() as u32).for_each(|row| forest.join(0, row));
    let entities = Entities::new(&forest, &watch)?;
    let names = keys(rows)?;
    let mut cells = Vec::with_capacity(plan.kept.len());
    for ((at, chosen), (_, keep)) in survive(plan, &own, &entities, &watch)?.into_iter().zip(&plan.kept) {
        let Some(&row) = chosen.first() else { continue };
        if *keep == Keep::Computed {
            let from = RecordKey { source: COMPUTED.to_owned(), id: String::new() };
            cells.push(GoldenCell { column: plan.schema.field(at).name().clone(), value: None, from, rule: "sql".to_owned() });
            continue;
        }
        let value = Text::of(&gather(&own.batches(), at, &own.places_of(&[row]))?)?;
        cells.push(GoldenCell {
            column: plan.schema.field(at).name().clone(),
            value: value.get(0).map(str::to_owned),
            from: names.get(own.order[row as usize] as usize).cloned().unwrap_or_default(),
            rule: rule(*keep).to_owned(),
        });
    }
    Ok(cells)
}

fn rule(keep: Keep) -> &'static str {
    match keep {
        Keep::First | Keep::Computed => "first row",
        Keep::Rule(SurvivorRule::Newest) => "newest",
        Keep::Rule(SurvivorRule::Longest) => "longest",
        Keep::Rule(SurvivorRule::MostFrequent) => "most frequent",
        Keep::Rule(SurvivorRule::SourceOrder) => "most trusted source",
        Keep::Rule(SurvivorRule::NonNull) => "first value",
    }
}
