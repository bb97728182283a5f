//! From the table beside into the table itself, by difference: rows that stay as they are are not touched, so that what
//! refers to them (foreign keys, views, triggers, readers in the middle of a query) is not disturbed.

use trommel_model::{Code, HeldAt, OnMisfit, Outcome, Problem, QuarantinedRow, WriteMode};

use super::plan::{self, Plan};
use super::{Order, Rows, Store, demand_all};

/// Rows held at a time.
const AT_ONCE: usize = 10_000;

/// Finds rows whose key comes twice; they are a fault, or held. Gives how many were.
pub(super) fn hold_twins(order: &Order<'_>, plan: &Plan, rows: &mut Rows<'_>, store: &mut dyn Store, beside: &str) -> Outcome<u64> {
    let key: Vec<String> = plan.key().map(|c| store.ident(&c.column.name)).collect();
    if key.is_empty() {
        return Ok(0);
    }
    let names: Vec<&str> = plan.key().map(|c| c.column.name.as_str()).collect();
    let list = key.join(", ");
    let printed: Vec<String> = key.iter().map(String::as_str).chain(["count(*)"]).map(|k| store.as_text(k)).collect();
    let printed = printed.join(", ");
    let found = store.texts(&format!("SELECT {printed} FROM {beside} GROUP BY {list} HAVING count(*) > 1 ORDER BY {list}"), &[])?;
    let Some(first) = found.first() else { return Ok(0) };
    let shown = |row: &[Option<String>]| {
        let values: Vec<String> =
            names.iter().zip(row).map(|(name, value)| format!("{name} = {}", value.as_deref().unwrap_or("null"))).collect();
        values.join(", ")
    };
    if order.on_bad == OnMisfit::Fail {
        return Err(plan::fault(order, Code::RunFailed, format!("a key comes twice in what is written to {}", order.table))
            .at_field(names.join(", "))
            .why(format!("{} comes {} times", shown(first), first.last().cloned().flatten().unwrap_or_default()))
            .next(plan::mend(order, "remove duplicates in a model")));
    }
    let mut held = 0;
    for twin in &found {
        let values: Vec<&str> = twin.iter().take(key.len()).map(|v| v.as_deref().unwrap_or_default()).collect();
        let condition: Vec<String> =
            key.iter().enumerate().map(|(at, name)| format!("{} = {}", store.as_text(name), store.place(at + 1))).collect();
        let condition = condition.join(" AND ");
        let raws = store.texts(&format!("SELECT {} FROM {beside} WHERE {condition}", store.row_as_json(beside, &plan.columns)), &values)?;
        let reason = format!("{} comes {} times", shown(twin), raws.len());
        for part in raws.chunks(AT_ONCE) {
            let one = |raw: &Vec<Option<String>>| QuarantinedRow {
                table: format!("sink.{}", order.sink),
                stage: HeldAt::Load,
                source: order.sink.to_owned(),
                file: order.table.to_owned(),
                line: 0,
                field: Some(names.join(", ")),
                rule: format!("unique({})", names.join(", ")),
                reason: reason.clone(),
                raw: raw.first().cloned().flatten().unwrap_or_default(),
                waits: None,
            };
            (*rows.hold)(part.iter().map(one).collect())?;
        }
        let gone = store.run(&format!("DELETE FROM {beside} WHERE {condition}"), &values)?;
        if gone != raws.len() as u64 {
            return Err(Problem::new(Code::LawBroken, format!("{} rows were held and {gone} taken out", raws.len())));
        }
        held += gone;
    }
    Ok(held)
}

/// Moves the rows over, so many of them; what changed, in words.
pub(super) fn merge(order: &Order<'_>, plan: &Plan, store: &mut dyn Store, target: &str, beside: &str, rows: u64) -> Outcome<String> {
    let names: Vec<String> = plan.columns.iter().map(|c| store.ident(&c.column.name)).collect();
    let values: Vec<String> = plan.columns.iter().map(|c| store.value(beside, c)).collect();
    let insert = format!("INSERT INTO {target} ({}){} SELECT {} FROM {beside}", names.join(", "), store.overriding(), values.join(", "));
    let on: Vec<String> = plan.key().map(|c| format!("{target}.{} = {}", store.ident(&c.column.name), store.value(beside, c))).collect();
    let on = on.join(" AND ");
    if on.is_empty() {
        let gone = if order.mode == WriteMode::Replace { store.run(&format!("DELETE FROM {target}"), &[])? } else { 0 };
        order.cancel.check()?;
        let new = store.run(&insert, &[])?;
        demand_all(order, rows, new)?;
        return Ok(if order.mode == WriteMode::Replace { format!("{gone} rows went, {new} came") } else { format!("{new} rows came") });
    }
    let gone = if order.mode == WriteMode::Replace {
        store.run(&format!("DELETE FROM {target} WHERE NOT EXISTS (SELECT 1 FROM {beside} WHERE {on})"), &[])?
    } else {
        0
    };
    order.cancel.check()?;
    let others: Vec<_> = plan.columns.iter().filter(|c| !c.key).collect();
    let changed = if others.is_empty() {
        0
    } else {
        let set: Vec<String> = others.iter().map(|c| format!("{} = {}", store.assigned(target, c), store.value(beside, c))).collect();
        let differs: Vec<String> = others.iter().map(|c| store.differs(target, beside, c)).collect();
        store.run(&store.update(target, beside, &set, &on, &differs.join(" OR ")), &[])?
    };
    order.cancel.check()?;
    let new = store.run(&format!("{insert} WHERE NOT EXISTS (SELECT 1 FROM {target} WHERE {on})"), &[])?;
    let gone = if order.mode == WriteMode::Replace { format!(", {gone} gone") } else { String::new() };
    Ok(format!("{new} rows new, {changed} changed{gone}; the others are as they were"))
}
