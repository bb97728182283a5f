//! A board with the values of what stands on it.

use std::collections::BTreeSet;

use trommel_engine::Engine;
use trommel_model::{BoardSpec, BoardValues, Cancel, CardSpec, Code, KpiSpec, Outcome, Problem, did_you_mean};

use super::values;

/// Computes each KPI of the board once, in the order of the cards. `snapshot` is what the engine has attached.
///
/// Fails with `unknown-name` for a card whose KPI is not there, and with `bad-config` for one that breaks it down by what
/// is not among its dimensions.
pub fn board(engine: &Engine, spec: &BoardSpec, kpis: &[KpiSpec], snapshot: u64, cancel: &Cancel) -> Outcome<BoardValues> {
    let mut shown: Vec<&KpiSpec> = Vec::new();
    let mut seen = BTreeSet::new();
    for card in &spec.cards {
        let kpi = kpi_of(spec, card, kpis)?;
        if seen.insert(&kpi.name) {
            shown.push(kpi);
        }
    }
    let computed = shown.into_iter().map(|kpi| values(engine, kpi, cancel)).collect::<Outcome<_>>()?;
    Ok(BoardValues { spec: spec.clone(), kpis: computed, snapshot })
}

fn kpi_of<'k>(spec: &BoardSpec, card: &CardSpec, kpis: &'k [KpiSpec]) -> Outcome<&'k KpiSpec> {
    let hint = |mut problem: Problem, name: &str, known: &[&str]| {
        let meant = did_you_mean(name, known.iter().copied());
        problem.next = Some(if meant.is_empty() { format!("there is: {}", known.join(", ")) } else { meant });
        problem
    };
    let Some(kpi) = kpis.iter().find(|k| k.name == card.kpi) else {
        let names: Vec<&str> = kpis.iter().map(|k| k.name.as_str()).collect();
        return Err(hint(
            Problem::new(Code::UnknownName, format!("board {} shows KPI \"{}\", which is not there", spec.name, card.kpi)),
            &card.kpi,
            &names,
        ));
    };
    if let Some(by) = card.by.as_ref().filter(|by| !kpi.dimensions.contains(by)) {
        let names: Vec<&str> = kpi.dimensions.iter().map(String::as_str).collect();
        let what = format!("board {} shows {} by \"{by}\", which is no dimension of it", spec.name, kpi.name);
        return Err(hint(Problem::new(Code::BadConfig, what), by, &names));
    }
    Ok(kpi)
}
