//! Columns that came against columns that were agreed.

use trommel_model::{Code, ColumnContract, Drift, Outcome, Problem, nearest};

use crate::Piece;

/// What to do about the rows of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drifted {
    /// Read them.
    No,
    /// Hold them all, for this reason.
    Hold(String),
}

/// Compares names. A contract without columns agrees with everything; under `freeze` a difference is a fault.
pub fn compare<'a>(piece: &Piece, drift: Drift, contract: &[ColumnContract], came: impl Iterator<Item = &'a str>) -> Outcome<Drifted> {
    let came: Vec<&str> = came.collect();
    if contract.is_empty() || drift == Drift::Evolve {
        return Ok(Drifted::No);
    }
    let new: Vec<&str> = came.iter().copied().filter(|n| contract.iter().all(|c| c.name != *n)).collect();
    let gone: Vec<&str> = contract.iter().map(|c| c.name.as_str()).filter(|n| !came.contains(n)).collect();
    if new.is_empty() && gone.is_empty() {
        return Ok(Drifted::No);
    }
    let why = in_words(&new, &gone);
    if drift == Drift::Quarantine {
        return Ok(Drifted::Hold(why));
    }
    let slip = gone.iter().find_map(|g| nearest(g, new.iter().copied()).map(|n| format!("\"{n}\" may be \"{g}\"; ")));
    Err(Problem::new(Code::Drift, format!("the columns of {} are not those of the contract", piece.name))
        .in_file(&piece.path)
        .why(why)
        .next(format!("{}change the contract, or set drift = \"evolve\" or \"quarantine\"", slip.unwrap_or_default())))
}

fn in_words(new: &[&str], gone: &[&str]) -> String {
    let list = |names: &[&str]| names.iter().map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(", ");
    match (new.is_empty(), gone.is_empty()) {
        (false, false) => format!("not agreed: {}; missing: {}", list(new), list(gone)),
        (false, true) => format!("not agreed: {}", list(new)),
        _ => format!("missing: {}", list(gone)),
    }
}
