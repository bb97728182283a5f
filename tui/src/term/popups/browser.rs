//! The tables of a connection at the left (or above), the first rows of the one under the cursor at the right (or below).

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use trommel_app::catalogue::Values;
use trommel_app::{BrowserView, Command, DraftCommand, SourceCommand, View};
use trommel_model::RemoteTable;

use super::{Popup, hints};
use crate::paint::{Line, count, width_of};
use crate::show;
use crate::term::act::Act;
use crate::term::context::shell;
use crate::term::keybar::Hint;
use crate::term::pen::Pen;
use crate::term::widgets::List;
use crate::term::widgets::grid::{Data, Grid, Mark};

/// The browser of a connection.
#[derive(Default)]
pub(crate) struct Browser {
    list: List,
    grid: Grid,
    on_rows: bool,
}

/// From this width on the two parts stand side by side.
const WIDE: u16 = 120;
const TABLES: u16 = 56;

impl Popup for Browser {
    fn draw(&mut self, view: &View<'_>, pen: &mut Pen<'_>, area: Rect, on_top: bool) {
        let Some(browser) = &view.sources.browsed else { return };
        let tables = tables(browser);
        let title = Line::new().strong(format!("Tables of {}", browser.connection)).muted(format!("  {}", count(tables.len() as u64)));
        let inside = pen.popup(area, &title);
        if let Some(problem) = browser.tables.problem() {
            let lines = show::problem::brief(problem, pen.room(inside));
            pen.lines(inside, &lines, 0);
            return;
        }
        if browser.tables.is_pending() {
            pen.line(inside, 0, &Line::new().muted(format!("asking the database{}", pen.glyphs().ellipsis())));
            return;
        }
        let (left, right) = if inside.width >= WIDE {
            (Rect { width: TABLES, ..inside }, Rect { x: inside.x + TABLES + 1, width: inside.width.saturating_sub(TABLES + 1), ..inside })
        } else {
            let height = (tables.len() as u16).min(inside.height / 2);
            (Rect { height, ..inside }, Rect { y: inside.y + height, height: inside.height.saturating_sub(height), ..inside })
        };
        let lines: Vec<Line> = tables.iter().map(|t| table_line(t, usize::from(left.width), pen)).collect();
        self.list.draw(pen, left, &lines, on_top && !self.on_rows);
        let right = if inside.width >= WIDE { pen.wall(right) } else { right };
        self.draw_rows(browser, pen, right, on_top);
    }

    fn key(&mut self, name: &str, _key: &KeyEvent, view: &View<'_>) -> Vec<Act> {
        let Some(browser) = &view.sources.browsed else { return vec![Act::Close] };
        let tables = tables(browser);
        match name {
            "esc" | "q" => return vec![Act::Close],
            "tab" | "backtab" => self.on_rows = !self.on_rows,
            "s" | "enter" => {
                let Some(table) = tables.get(self.list.cursor) else { return Vec::new() };
                return vec![Act::Ask(make_source(browser, table))];
            }
            "y" => return vec![Act::Copy(format!("trommel connect tables {}", shell(&browser.connection)))],
            _ if self.on_rows => {
                let window = browser.preview.as_ref().and_then(|p| p.window.latest());
                let (rows, columns) = window.map_or((0, 0), |w| (w.rows.len() as u64, w.schema.fields.len()));
                self.grid.key(name, rows, columns);
            }
            _ => {
                let before = self.list.cursor;
                self.list.key(name, tables.len());
                if let Some(table) = tables.get(self.list.cursor).filter(|_| self.list.cursor != before) {
                    return vec![Act::Ask(Command::Source(SourceCommand::SelectTable(table.name.clone())))];
                }
            }
        }
        Vec::new()
    }

    fn hints(&self) -> Vec<Hint> {
        hints(&[("jk", "choose"), ("tab", "rows"), ("enter", "make it a source"), ("y", "copy"), ("esc", "close")])
    }
}

impl Browser {
    fn draw_rows(&mut self, browser: &BrowserView, pen: &mut Pen<'_>, area: Rect, on_top: bool) {
        let Some(preview) = &browser.preview else { return };
        let name = browser.selected.as_deref().unwrap_or_default();
        let inside = pen.pane(area, Line::new().strong("First rows").muted(format!("  {name}")), self.on_rows);
        if let Some(problem) = preview.window.problem() {
            let lines = show::problem::brief(problem, pen.room(inside));
            pen.lines(inside, &lines, 0);
            return;
        }
        match preview.window.latest() {
            Some(window) if !preview.window.is_pending() => {
                self.grid.is_of(name);
                let data = Data { window, rows: preview.rows, sort: &[], mark: &|_, _| Mark::Same };
                self.grid.draw(pen, inside, &data, on_top && self.on_rows);
            }
            _ => pen.line(inside, 0, &Line::new().muted(format!("reading{}", pen.glyphs().ellipsis()))),
        }
    }
}

fn tables(browser: &BrowserView) -> &[RemoteTable] {
    browser.tables.latest().map(Vec::as_slice).unwrap_or_default()
}

/// The form that makes a table a source, its primary key filled in.
fn make_source(browser: &BrowserView, table: &RemoteTable) -> Command {
    let mut values = Values::default();
    values.set("connection", &browser.connection);
    values.set("table", &table.name);
    values.set("key", &table.key.join(","));
    Command::Source(SourceCommand::Draft(DraftCommand::Open { entry: "source.add_table".to_owned(), values }))
}

/// `public.orders   table   about 1,203   key id`.
fn table_line(table: &RemoteTable, columns: usize, pen: &Pen<'_>) -> Line {
    let rows = table.rows.map_or_else(String::new, |n| format!("~{}", count(n)));
    let key = if table.key.is_empty() { String::new() } else { format!("key {}", table.key.join(", ")) };
    let about = format!("{:<6}{rows:>13}", table.kind);
    let name = columns.saturating_sub(width_of(&about) + 16).max(12);
    Line::new()
        .gap(1)
        .append(Line::new().plain(&table.name).cut(name, pen.glyphs()).padded(name))
        .gap(1)
        .muted(&about)
        .gap(2)
        .append(Line::new().muted(key).cut(columns.saturating_sub(name + width_of(&about) + 4), pen.glyphs()))
}
