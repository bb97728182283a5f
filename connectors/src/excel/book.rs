//! An open workbook of any kind: its sheets, and the cells of one.

use std::fs::File;
use std::io::{BufReader, Cursor};
use std::ops::ControlFlow;
use std::path::Path;

use calamine::{Dimensions, Reader, Sheet, SheetType, SheetVisible, Xls, Xlsb, Xlsx};
use trommel_model::{Outcome, Problem};

use super::cells::{Epoch, owned, value};
use super::config::LARGEST_BINARY;
use super::discover::SheetInfo;
use super::guard::{Container, container};
use super::ods::Document;
use super::{cfb, error};
use crate::spool::Value;

/// Gets a cell: its row and column from 0, and its value. Breaks off when it has enough.
pub type Each<'a> = dyn FnMut(u32, u32, Value<'_>) -> Outcome<ControlFlow<()>> + 'a;

/// A workbook.
pub struct Book {
    kind: Kind,
    /// The sheets in order.
    pub sheets: Vec<SheetInfo>,
}

enum Kind {
    Xlsx(Box<Xlsx<BufReader<File>>>),
    Xlsb(Box<Xlsb<BufReader<File>>>),
    Xls(Box<Xls<Cursor<Vec<u8>>>>),
    Ods(Document),
}

impl Book {
    /// Opens a workbook after its parts were looked at.
    pub fn open(path: &Path) -> Outcome<Self> {
        let kind = container(path)?;
        let open = || File::open(path).map_err(|e| Problem::from_io(&e, "read the file", path));
        Ok(match kind {
            Container::Xlsx => {
                let book: Xlsx<_> = Xlsx::new(BufReader::with_capacity(1 << 16, open()?)).map_err(error::unreadable)?;
                Self { sheets: book.sheets_metadata().iter().map(info).collect(), kind: Kind::Xlsx(Box::new(book)) }
            }
            Container::Xlsb => {
                let book: Xlsb<_> = Xlsb::new(BufReader::with_capacity(1 << 16, open()?)).map_err(error::unreadable)?;
                Self { sheets: book.sheets_metadata().iter().map(info).collect(), kind: Kind::Xlsb(Box::new(book)) }
            }
            Container::Xls => {
                let bytes = open()?.metadata().map_err(|e| Problem::from_io(&e, "read the file", path))?.len();
                if bytes > LARGEST_BINARY {
                    return Err(error::too_large("it", bytes, LARGEST_BINARY));
                }
                let mut all = std::fs::read(path).map_err(|e| Problem::from_io(&e, "read the file", path))?;
                cfb::check(&mut all)?;
                let book: Xls<_> = Xls::new(Cursor::new(all)).map_err(error::unreadable)?;
                Self { sheets: book.sheets_metadata().iter().map(info).collect(), kind: Kind::Xls(Box::new(book)) }
            }
            Container::Ods => {
                let document = Document::open(path)?;
                Self { sheets: document.sheets.clone(), kind: Kind::Ods(document) }
            }
        })
    }

    /// Calls `each` with the cells of a sheet that have a value, row by row.
    pub fn each_cell(&mut self, sheet: usize, each: &mut Each<'_>) -> Outcome<()> {
        let name = &self.sheets[sheet].name;
        let mut scratch = String::new();
        match &mut self.kind {
            Kind::Xlsx(book) => {
                let epoch = epoch(book.has_1904_epoch());
                let mut cells = book.worksheet_cells_reader(name).map_err(error::unreadable)?;
                while let Some(cell) = cells.next_cell().map_err(error::unreadable)? {
                    let (row, column) = cell.get_position();
                    if let Some(value) = value(cell.get_value(), epoch, &mut scratch)
                        && each(row, column, value)?.is_break()
                    {
                        break;
                    }
                }
            }
            Kind::Xlsb(book) => {
                let epoch = epoch(book.has_1904_epoch());
                let mut cells = book.worksheet_cells_reader(name).map_err(error::unreadable)?;
                while let Some(cell) = cells.next_cell().map_err(error::unreadable)? {
                    let (row, column) = cell.get_position();
                    if let Some(value) = value(cell.get_value(), epoch, &mut scratch)
                        && each(row, column, value)?.is_break()
                    {
                        break;
                    }
                }
            }
            Kind::Xls(book) => {
                let epoch = epoch(book.has_1904_epoch());
                let range = book.worksheet_range(name).map_err(error::unreadable)?;
                let Some((top, left)) = range.start() else { return Ok(()) };
                for (row, column, cell) in range.used_cells() {
                    if let Some(value) = owned(cell, epoch, &mut scratch)
                        && each(top + row as u32, left + column as u32, value)?.is_break()
                    {
                        break;
                    }
                }
            }
            Kind::Ods(document) => document.each_cell(sheet, each)?,
        }
        Ok(())
    }

    /// The merged cells of a sheet; of XLSB and ODS none are known.
    pub fn merged(&mut self, sheet: usize) -> Outcome<Vec<Dimensions>> {
        let name = &self.sheets[sheet].name;
        match &mut self.kind {
            Kind::Xlsx(book) => book.merge_cells_by_sheet_name(name).map_err(error::unreadable),
            Kind::Xls(book) => book.merge_cells_by_sheet_name(name).map_err(error::unreadable),
            Kind::Xlsb(_) | Kind::Ods(_) => Ok(Vec::new()),
        }
    }
}

fn epoch(is_1904: bool) -> Epoch {
    if is_1904 { Epoch::Of1904 } else { Epoch::Of1900 }
}

fn info(sheet: &Sheet) -> SheetInfo {
    SheetInfo {
        name: sheet.name.clone(),
        visible: sheet.visible == SheetVisible::Visible,
        cells: matches!(sheet.typ, SheetType::WorkSheet | SheetType::MacroSheet),
    }
}
