//! A table of any size: only the rows on screen are asked for and drawn.
//!
//! The toolkit counts pixels in 32-bit floats, which get coarse past 800,000 rows of 22 pixels, so
//! a larger table is shown in pages and the page is chosen beside it.

use std::ops::Range;

use egui::{Align, Key, Layout, RichText, Sense, Ui};
use egui_table::{CellInfo, Column, HeaderCellInfo, HeaderRow, PrefetchInfo, Table, TableDelegate};
use trommel_app::{Command, Subject, TableCommand, TableView};
use trommel_model::{Cell, Order, RowCount, SortKey, Window, sanitise};

use crate::look::{self, colour};
use crate::wish::Wishes;

/// Rows of one page.
const PAGE: u64 = 100_000;
/// Rows asked for beyond what is seen, at either side.
const AHEAD: u64 = 100;
const ROW_HEIGHT: f32 = 22.0;
/// Characters that a column makes room for by itself.
const WIDEST: usize = 40;

/// What the grid remembers between frames.
#[derive(Debug, Default)]
pub(crate) struct GridState {
    /// What all this is about.
    of: Option<Subject>,
    page: u64,
    go_to: String,
    asked: Option<(u64, u64)>,
    /// The cell that is shown whole.
    pub(crate) cell: Option<(String, String)>,
    /// The row that was clicked, from 0.
    pub(crate) selected: Option<u64>,
    /// The column that was clicked.
    column: Option<String>,
    /// True while nothing else is in front that keys are for.
    pub(crate) listens: bool,
}

impl GridState {
    /// The value of a column in the row that was clicked; none when it is empty, or not loaded.
    pub(crate) fn of_selected(&self, table: &TableView, column: &str) -> Option<String> {
        let window = table.window.latest()?;
        let row = window.rows.get(usize::try_from(self.selected?.checked_sub(window.offset)?).ok()?)?;
        row.get(window.schema.position(column)?).filter(|cell| !cell.is_null()).map(Cell::text)
    }

    /// Opens what the row that was clicked is about; shows the cell whole where it is about nothing.
    pub(crate) fn open(&mut self, table: &TableView) -> Option<Command> {
        if let Subject::List(list) = &table.subject
            && let Some(command) = list.opens(|column| self.of_selected(table, column))
        {
            return Some(command);
        }
        self.cell = self.column.as_ref().and_then(|column| Some((column.clone(), self.of_selected(table, column)?)));
        None
    }
}

/// Draws a table with its header, paging and remarks.
pub(crate) fn show(ui: &mut Ui, id: &str, table: &TableView, state: &mut GridState, wishes: &mut Wishes) {
    let Some(window) = table.window.latest() else {
        if let Some(problem) = table.window.problem() {
            look::problem(ui, problem);
        } else {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label("reading…");
            });
        }
        return;
    };
    if state.of.as_ref() != Some(&table.subject) {
        *state = GridState { of: Some(table.subject.clone()), listens: state.listens, ..GridState::default() };
    }
    let total = table.rows.map_or(window.offset + window.rows.len() as u64, RowCount::number);
    bar(ui, table, total, state);
    if let Some(problem) = table.window.problem() {
        look::problem(ui, problem);
    }
    for note in &table.notes {
        ui.label(look::muted(ui, sanitise(note).into_owned()));
    }
    if window.schema.fields.is_empty() {
        look::empty(ui, "no columns", "there is nothing to show");
        return;
    }
    let first = state.page * PAGE;
    let mut columns = vec![Column::new(64.0).resizable(false)];
    columns.extend(window.schema.fields.iter().enumerate().map(|(i, f)| {
        let widest = window.rows.iter().take(50).map(|r| r[i].text().chars().count()).max().unwrap_or(0);
        let characters = widest.max(f.name.chars().count() + 3).clamp(6, WIDEST) as f32;
        Column::new(characters * 7.5 + 16.0).range(40.0..=900.0).resizable(true)
    }));
    let shown = total.saturating_sub(first).min(PAGE);
    let moved = if state.listens && !ui.ctx().egui_wants_keyboard_input() { keys(ui, first..first + shown, state) } else { None };
    let mut delegate = Rows { table, window, first, state, wishes };
    // Widths are remembered for each table.
    let mut grid =
        Table::new().id_salt((id, &table.subject)).num_rows(shown).columns(columns).num_sticky_cols(1).headers([HeaderRow::new(40.0)]);
    if let Some(row) = moved {
        grid = grid.scroll_to_row(row - first, None);
    }
    grid.show(ui, &mut delegate);
}

/// Arrow keys choose another row, which is told.
fn keys(ui: &Ui, rows: Range<u64>, state: &mut GridState) -> Option<u64> {
    let pressed = |key: Key| ui.input(|i| i.key_pressed(key) && i.modifiers.is_none());
    let last = rows.end.checked_sub(1).filter(|last| *last >= rows.start)?;
    let next = match state.selected.filter(|row| rows.contains(row)) {
        _ if pressed(Key::Home) => rows.start,
        _ if pressed(Key::End) => last,
        None if pressed(Key::ArrowDown) || pressed(Key::ArrowUp) => rows.start,
        Some(row) if pressed(Key::ArrowDown) => (row + 1).min(last),
        Some(row) if pressed(Key::ArrowUp) => row.saturating_sub(1).max(rows.start),
        _ => return None,
    };
    state.selected = Some(next);
    Some(next)
}

fn bar(ui: &mut Ui, table: &TableView, total: u64, state: &mut GridState) {
    ui.horizontal(|ui| {
        let about = match table.rows {
            Some(RowCount::AtLeast(_)) => "at least ",
            _ => "",
        };
        let rows = if total == 1 { "row" } else { "rows" };
        ui.label(look::muted(ui, format!("{about}{} {rows}", grouped(total))));
        if let Some(filter) = &table.filter {
            ui.label(look::muted(ui, format!("where {}", sanitise(filter))));
        }
        if table.window.is_pending() {
            ui.spinner();
        }
        let pages = total.div_ceil(PAGE).max(1);
        state.page = state.page.min(pages - 1);
        if pages > 1 {
            if ui.add_enabled(state.page > 0, egui::Button::new("◀")).on_hover_text("rows before").clicked() {
                state.page -= 1;
            }
            let from = state.page * PAGE;
            ui.label(format!("rows {} – {}", grouped(from + 1), grouped((from + PAGE).min(total))));
            if ui.add_enabled(state.page + 1 < pages, egui::Button::new("▶")).on_hover_text("rows after").clicked() {
                state.page += 1;
            }
            let label = ui.label("go to row");
            let field = ui.add(egui::TextEdit::singleline(&mut state.go_to).desired_width(90.0)).labelled_by(label.id);
            if field.lost_focus()
                && let Ok(row) = state.go_to.replace(',', "").parse::<u64>()
            {
                state.page = (row.saturating_sub(1) / PAGE).min(pages - 1);
            }
        }
    });
}

struct Rows<'a> {
    table: &'a TableView,
    window: &'a Window,
    first: u64,
    state: &'a mut GridState,
    wishes: &'a mut Wishes,
}

impl TableDelegate for Rows<'_> {
    fn prepare(&mut self, info: &PrefetchInfo) {
        let seen = self.first + info.visible_rows.start..self.first + info.visible_rows.end;
        let loaded = self.window.offset..self.window.offset + self.window.rows.len() as u64;
        if seen.start >= loaded.start && seen.end <= loaded.end {
            return;
        }
        let offset = seen.start.saturating_sub(AHEAD);
        let limit = seen.end - offset + AHEAD;
        if self.state.asked != Some((offset, limit)) {
            self.state.asked = Some((offset, limit));
            self.wishes.ask(Command::Table(TableCommand::Scroll { offset, limit }));
        }
    }

    fn header_cell_ui(&mut self, ui: &mut Ui, cell: &HeaderCellInfo) {
        let Some(field) = cell.col_range.start.checked_sub(1).and_then(|i| self.window.schema.fields.get(i)) else { return };
        let order = self.table.order_of(&field.name);
        let arrow = match order {
            Some(Order::Ascending) => " ▲",
            Some(Order::Descending) => " ▼",
            None => "",
        };
        egui::Frame::new().inner_margin(egui::Margin::symmetric(6, 2)).show(ui, |ui| {
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                let name = RichText::new(format!("{}{arrow}", sanitise(&field.name))).strong();
                let header = ui.add(cut(ui, name).sense(Sense::click())).on_hover_text("sort");
                if header.clicked() {
                    let next = match order {
                        None => vec![SortKey { column: field.name.clone(), order: Order::Ascending }],
                        Some(Order::Ascending) => vec![SortKey { column: field.name.clone(), order: Order::Descending }],
                        Some(Order::Descending) => Vec::new(),
                    };
                    self.wishes.ask(Command::Table(TableCommand::Sort(next)));
                }
                ui.add(cut(ui, look::muted(ui, field.data_type.to_string()).small()));
            });
        });
    }

    fn row_ui(&mut self, ui: &mut Ui, row: u64) {
        if self.state.selected == Some(self.first + row) {
            ui.painter().rect_filled(ui.max_rect(), 0.0, ui.visuals().selection.bg_fill.gamma_multiply(0.5));
        } else if row % 2 == 1 {
            ui.painter().rect_filled(ui.max_rect(), 0.0, colour(look::palette(ui).surface));
        }
    }

    fn cell_ui(&mut self, ui: &mut Ui, cell: &CellInfo) {
        let row = self.first + cell.row_nr;
        egui::Frame::new().inner_margin(egui::Margin::symmetric(6, 2)).show(ui, |ui| {
            if cell.col_nr == 0 {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(look::muted(ui, grouped(row + 1)).small()));
                return;
            }
            let column = cell.col_nr - 1;
            let at = row.checked_sub(self.window.offset).and_then(|i| self.window.rows.get(usize::try_from(i).ok()?));
            let Some(value) = at.and_then(|cells| cells.get(column)) else {
                ui.label(look::muted(ui, "…"));
                return;
            };
            let field = &self.window.schema.fields[column];
            let text = match value {
                Cell::Null => look::muted(ui, "null").italics(),
                other => {
                    let whole = other.text();
                    // A column is never made wider than this for its values.
                    let shown: String = if ui.is_sizing_pass() { whole.chars().take(WIDEST).collect() } else { whole };
                    RichText::new(sanitise(&shown).into_owned())
                }
            };
            let label = cut(ui, text).sense(Sense::click());
            let response = if field.data_type.is_number() {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.add(label)).inner
            } else {
                ui.add(label)
            };
            if response.clicked() {
                (self.state.selected, self.state.column) = (Some(row), Some(field.name.clone()));
            }
            if response.double_clicked()
                && let Some(command) = self.state.open(self.table)
            {
                self.wishes.ask(command);
            }
        });
    }

    fn default_row_height(&self) -> f32 {
        ROW_HEIGHT
    }
}

/// A text cut off where its cell ends; whole while columns find their widths.
fn cut(ui: &Ui, text: RichText) -> egui::Label {
    let label = egui::Label::new(text);
    if ui.is_sizing_pass() { label.extend() } else { label.truncate() }
}

/// A count with its thousands apart.
pub(crate) fn grouped(n: u64) -> String {
    trommel_model::format_value(n as f64, trommel_model::NumberFormat::Integer, "")
}
