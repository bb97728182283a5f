//! `kpis/NAME.toml` and `boards/NAME.toml`.

use trommel_model::{BoardSpec, KpiSpec, Outcome, TableName};

use super::document::{Document, Step, config_fault};
use super::explain::suggest;
use super::text::TextFile;

/// Reads a KPI and everything that can be said of it alone.
pub(crate) fn read(file: &TextFile, name: &str) -> Outcome<KpiSpec> {
    let mut spec: KpiSpec = Document::parse(file)?.read(&[])?;
    name.clone_into(&mut spec.name);
    if let Err(fault) = spec.from.parse::<TableName>() {
        return Err(super::at_key(file, "from", fault));
    }
    if spec.formula.trim().is_empty() {
        return Err(config_fault(file, &[Step::Key("formula")], "the KPI has no formula", "empty")
            .next("write a SQL aggregate, for instance formula = \"sum(amount)\""));
    }
    for (key, number) in [("target", spec.target), ("warn", spec.warn)] {
        if number.is_some_and(|x| !x.is_finite()) {
            return Err(config_fault(file, &[Step::Key(key)], format!("\"{key}\" is not a finite number"), "not finite"));
        }
    }
    Ok(spec)
}

/// Reads a board.
pub(crate) fn read_board(file: &TextFile, name: &str) -> Outcome<BoardSpec> {
    let mut spec: BoardSpec = Document::parse(file)?.read(&[])?;
    name.clone_into(&mut spec.name);
    Ok(spec)
}

/// Holds a board against the KPIs. `unread` KPIs have faults of their own and are not blamed on the board.
pub(crate) fn examine_board(board: &BoardSpec, file: &TextFile, kpis: &[KpiSpec], unread: &[String]) -> Outcome<()> {
    for (at, card) in board.cards.iter().enumerate() {
        let place = |key| [Step::Key("cards"), Step::Item(at), Step::Key(key)];
        if unread.contains(&card.kpi) {
            continue;
        }
        let Some(kpi) = kpis.iter().find(|kpi| kpi.name == card.kpi) else {
            let known: Vec<_> = kpis.iter().map(|kpi| kpi.name.as_str()).collect();
            return Err(config_fault(file, &place("kpi"), format!("there is no KPI \"{}\"", card.kpi), "unknown KPI")
                .next(if known.is_empty() { format!("make kpis/{}.toml", card.kpi) } else { suggest(&card.kpi, &known) }));
        };
        if let Some(by) = card.by.as_ref().filter(|by| !kpi.dimensions.contains(by)) {
            let known: Vec<_> = kpi.dimensions.iter().map(String::as_str).collect();
            let what = format!("the KPI \"{}\" has no dimension \"{by}\"", kpi.name);
            return Err(config_fault(file, &place("by"), what, "unknown dimension").next(if known.is_empty() {
                format!("add dimensions = [\"{by}\"] to kpis/{}.toml", kpi.name)
            } else {
                suggest(by, &known)
            }));
        }
    }
    Ok(())
}
