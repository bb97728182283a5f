//! The sheets of a workbook, and which of them is read.

use std::path::Path;

use trommel_model::{ExcelOptions, Outcome, SheetChoice};

use super::book::Book;
use super::error;
use crate::parallel;

/// One sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetInfo {
    /// Its name.
    pub name: String,
    /// False when it is hidden.
    pub visible: bool,
    /// False for charts and dialogs.
    pub cells: bool,
}

/// The sheets of a workbook in order.
pub fn sheets(path: &Path) -> Outcome<Vec<SheetInfo>> {
    parallel::guarded(|| Book::open(path).map(|book| book.sheets)).map_err(|p| error::of_file(p).in_file(path))
}

/// The sheets that may be read, the one that is wanted first: the one named, or all that are visible.
/// `inner` is one that the piece's name says.
pub fn choose(sheets: &[SheetInfo], options: &ExcelOptions, inner: Option<&str>) -> Outcome<Vec<usize>> {
    let names: Vec<String> = sheets.iter().map(|s| s.name.clone()).collect();
    let asked = inner.map(|name| SheetChoice::Name(name.to_owned()));
    let found = match asked.as_ref().or(options.sheet.as_ref()) {
        None => {
            let shown: Vec<usize> = (0..sheets.len()).filter(|at| sheets[*at].visible && sheets[*at].cells).collect();
            return if shown.is_empty() { Err(error::no_cells(&names)) } else { Ok(shown) };
        }
        Some(SheetChoice::Name(name)) => sheets
            .iter()
            .position(|s| s.name == *name)
            .or_else(|| sheets.iter().position(|s| s.name.trim().to_lowercase() == name.trim().to_lowercase()))
            .ok_or_else(|| error::unknown_sheet(name, &names))?,
        Some(SheetChoice::Place(place)) => {
            let at = usize::try_from(*place).unwrap_or(usize::MAX).wrapping_sub(1);
            if at >= sheets.len() {
                return Err(error::unknown_sheet(&place.to_string(), &names));
            }
            at
        }
    };
    Ok(vec![found])
}

/// A remark on the sheets that are not read.
pub fn others(sheets: &[SheetInfo], read: usize) -> Option<String> {
    let rest: Vec<String> = sheets
        .iter()
        .enumerate()
        .filter(|(at, s)| *at != read && s.cells)
        .map(|(_, s)| if s.visible { s.name.clone() } else { format!("{} (hidden)", s.name) })
        .collect();
    if rest.is_empty() { None } else { Some(format!("sheet \"{}\" is read; others are {}", sheets[read].name, error::listed(&rest))) }
}
