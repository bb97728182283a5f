//! Table: a grid over any size, with sort, filter and the cell under the cursor whole.

use ratatui::layout::Rect;
use trommel_app::catalogue::{FaceAction, Input};
use trommel_app::{Command, ListKind, Subject, TableCommand, TableView, View};
use trommel_model::{Cell, Order, RowCount, SortKey, Window};

use crate::paint::{Line, Tone, count};
use crate::show;
use crate::term::act::Act;
use crate::term::context::{columns, in_words, shell};
use crate::term::face::ScreenFace;
use crate::term::layout::inset;
use crate::term::pen::Pen;
use crate::term::popups::{Prompt, Viewer};
use crate::term::widgets::grid::{Data, Grid, Mark};

/// The cursor on the table in front.
#[derive(Default)]
pub(crate) struct Table {
    grid: Grid,
    /// Sort and filter of the last frame; when they change, the first row is shown.
    shown: (Vec<SortKey>, Option<String>),
}

impl ScreenFace for Table {
    fn draw(&mut self, view: &View<'_>, pen: &mut Pen<'_>, area: Rect, small: bool) {
        let Some(table) = view.table else {
            pen.lines(area, &nothing_open(), 0);
            return;
        };
        self.follow(table);
        let mut rest = area;
        if !small {
            pen.line(area, 0, &heading(table, pen));
            rest = Rect { y: area.y + 1, height: area.height.saturating_sub(2), ..area };
        }
        if let Some(problem) = table.window.problem() {
            let rest = inset(rest);
            let lines = show::problem::whole(problem, pen.room(rest));
            pen.lines(rest, &lines, 0);
            return;
        }
        let Some(window) = table.window.latest() else {
            pen.line(rest, 0, &Line::new().gap(1).muted(format!("reading{}", pen.glyphs().ellipsis())));
            return;
        };
        let data = Data { window, rows: table.rows, sort: &table.sort, mark: &|_, _| Mark::Same };
        self.grid.draw(pen, rest, &data, true);
        if !small {
            let foot = Rect { y: area.bottom().saturating_sub(1), height: 1.min(area.height), ..area };
            pen.line(foot, 0, &self.foot(table, window, pen));
        }
    }

    fn key(&mut self, key: &str, view: &View<'_>) -> Option<Vec<Act>> {
        let table = view.table?;
        let columns = table.window.latest().map_or(0, |w| w.schema.fields.len());
        self.grid.key(key, table.rows.map_or(0, RowCount::number), columns).then(Vec::new)
    }

    fn act(&mut self, action: FaceAction, view: &View<'_>) -> Vec<Act> {
        let Some(table) = view.table else { return Vec::new() };
        match action {
            FaceAction::AskFilter => {
                let present = table.filter.as_deref().unwrap_or_default();
                vec![Act::Push(Box::new(Prompt::for_filter(present, columns(view))))]
            }
            FaceAction::SortColumn => self.sort(table),
            FaceAction::ShowCell | FaceAction::OpenSelected => self.open(table),
            _ => Vec::new(),
        }
    }

    fn value(&self, input: Input, view: &View<'_>) -> Option<String> {
        let table = view.table?;
        match input {
            Input::Table => Some(in_words(&table.subject)).filter(|t| !t.is_empty()),
            Input::Column => self.column(table.window.latest()?).map(str::to_owned),
            Input::HeldRow | Input::Record | Input::Assignment => self.held(table, input),
            Input::InspectedRow => {
                let window = table.window.latest().filter(|_| matches!(table.subject, Subject::List(ListKind::Inspected(_))))?;
                self.row(window)?.get(window.schema.position("row")?).map(Cell::text)
            }
            Input::Inspection => match &table.subject {
                Subject::List(ListKind::Inspected(name)) => Some(name.clone()),
                Subject::List(ListKind::Inspections) => {
                    let window = table.window.latest()?;
                    self.row(window)?.get(window.schema.position("inspection")?).map(Cell::text)
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn moves(&self) -> &'static [(&'static str, &'static str)] {
        &[("hjkl", "move")]
    }

    fn as_command(&self, view: &View<'_>) -> String {
        view.table.map_or_else(|| "lake tables".to_owned(), as_command)
    }

    fn wants(&mut self, view: &View<'_>) -> Vec<Command> {
        let Some(table) = view.table.filter(|t| !t.window.is_pending() && t.window.problem().is_none()) else { return Vec::new() };
        let Some(window) = table.window.latest() else { return Vec::new() };
        let wanted = self.grid.wants(window, table.rows);
        wanted.map(|(offset, limit)| Command::Table(TableCommand::Scroll { offset, limit })).into_iter().collect()
    }
}

impl Table {
    /// Starts at the top when the table, its order or its filter is another.
    fn follow(&mut self, table: &TableView) {
        self.grid.is_of(&format!("{:?}", table.subject));
        let shown = (table.sort.clone(), table.filter.clone());
        if self.shown != shown {
            self.grid.go_to_top();
            self.shown = shown;
        }
    }

    fn column<'a>(&self, window: &'a Window) -> Option<&'a str> {
        window.schema.fields.get(self.grid.column).map(|f| f.name.as_str())
    }

    fn row<'a>(&self, window: &'a Window) -> Option<&'a Vec<Cell>> {
        window.rows.get(self.grid.row.checked_sub(window.offset)? as usize)
    }

    /// What the held row under the cursor has for an argument.
    fn held(&self, table: &TableView, input: Input) -> Option<String> {
        let window = table.window.latest().filter(|_| matches!(table.subject, Subject::List(ListKind::Quarantine(..))))?;
        let cell = |name: &str| self.row(window)?.get(window.schema.position(name)?).filter(|c| !c.is_null()).map(Cell::text);
        match input {
            Input::HeldRow => cell("row"),
            // A row that a check held is told by its cells; its record is in the file.
            Input::Record => cell("raw").filter(|_| cell("stage").as_deref() != Some("check")),
            Input::Assignment => cell("field").map(|field| format!("{field}=")),
            _ => None,
        }
    }

    /// Up, then down, then as stored.
    fn sort(&self, table: &TableView) -> Vec<Act> {
        let Some(column) = table.window.latest().and_then(|w| self.column(w)) else { return Vec::new() };
        let keys = match table.order_of(column) {
            None => vec![SortKey { column: column.to_owned(), order: Order::Ascending }],
            Some(Order::Ascending) => vec![SortKey { column: column.to_owned(), order: Order::Descending }],
            Some(Order::Descending) => Vec::new(),
        };
        vec![Act::Ask(Command::Table(TableCommand::Sort(keys)))]
    }

    /// What a row of a list is about, or the whole cell.
    fn open(&self, table: &TableView) -> Vec<Act> {
        let Some(window) = table.window.latest() else { return Vec::new() };
        let Some(row) = self.row(window) else { return Vec::new() };
        let value = |column: &str| row.get(window.schema.position(column)?).filter(|cell| !cell.is_null()).map(Cell::text);
        if let Subject::List(list) = &table.subject
            && let Some(command) = list.opens(value)
        {
            return vec![Act::Ask(command)];
        }
        if matches!(table.subject, Subject::List(ListKind::Quarantine(..))) {
            return vec![Act::Push(Box::new(Viewer::text("Row held back", record(window, row))))];
        }
        let column = self.column(window).unwrap_or_default();
        let cell = row.get(self.grid.column).unwrap_or(&Cell::Null);
        let text = if cell.is_null() { "(no value)".to_owned() } else { cell.text() };
        let title = format!("{column}, row {}", count(self.grid.row + 1));
        vec![Act::Push(Box::new(Viewer::text(title, text)))]
    }

    fn foot(&self, table: &TableView, window: &Window, pen: &Pen<'_>) -> Line {
        let glyphs = pen.glyphs();
        let dot = format!(" {} ", glyphs.dot());
        let mut line = Line::new().gap(1).muted(format!("row {}", count(self.grid.row + 1)));
        if let Some(field) = window.schema.fields.get(self.grid.column) {
            line = line
                .muted(format!("{dot}column {} of {}", self.grid.column + 1, window.schema.fields.len()))
                .muted(&dot)
                .plain(&field.name)
                .muted(format!(" {}", field.data_type));
        }
        if let Some(note) = table.notes.last() {
            line = line.muted(&dot).with(Tone::Warn, note);
        }
        line
    }
}

/// `mart.quotes  10,000,000 rows · sorted by price ▼ · where price > 100`.
fn heading(table: &TableView, pen: &Pen<'_>) -> Line {
    let glyphs = pen.glyphs();
    let dot = format!(" {} ", glyphs.dot());
    let mut line = Line::new().gap(1).strong(table.subject.to_string()).gap(2);
    line = match table.rows {
        Some(RowCount::Known(1)) => line.plain("1 row"),
        Some(RowCount::Known(n)) => line.plain(format!("{} rows", count(n))),
        Some(RowCount::AtLeast(n)) => line.plain(format!("at least {} rows", count(n))),
        None => line,
    };
    for key in &table.sort {
        let arrow = if key.order == Order::Ascending { glyphs.up() } else { glyphs.down() };
        line = line.muted(format!("{dot}sorted by ")).plain(&key.column).accent(format!(" {arrow}"));
    }
    if let Some(filter) = &table.filter {
        line = line.muted(format!("{dot}where ")).accent(filter);
    }
    if table.window.is_pending() {
        line = line.muted(format!("{dot}reading{}", glyphs.ellipsis()));
    }
    line
}

fn nothing_open() -> Vec<Line> {
    vec![
        Line::new(),
        Line::new().gap(3).strong("No table is open"),
        Line::new(),
        Line::new().gap(3).accent("^T").plain("  lists the tables of the lake"),
        Line::new().gap(3).accent("^Q").plain("  asks for a query: select * from 'file.csv'"),
        Line::new().gap(3).accent("^P").plain("  finds a table by a few letters"),
    ]
}

/// The row as `name: value` lines.
fn record(window: &Window, row: &[Cell]) -> String {
    let names = window.schema.names();
    let lines = names.zip(row).filter(|(_, c)| !c.is_null()).map(|(n, c)| format!("{n}: {}", c.text()));
    lines.collect::<Vec<_>>().join("\n")
}

/// The verb that shows the same rows.
fn as_command(table: &TableView) -> String {
    let (subject, flag) = match &table.subject {
        Subject::AsText(subject) => (subject.as_ref(), "--as-text "),
        Subject::Explained(sql) => return format!("query --explain {}", shell(sql)),
        other => (other, ""),
    };
    let verb = match subject {
        Subject::List(kind) => return list_verb(kind),
        Subject::Source(name) => return format!("source preview {}", shell(name)),
        Subject::Remote { connection, .. } => return format!("connect tables {}", shell(connection)),
        Subject::Kpi(name) => return format!("kpi show {}", shell(name)),
        Subject::Table(name) => name.to_string(),
        Subject::File(path) => format!("'{}'", path.display().to_string().replace('\'', "''")),
        Subject::Sql(sql) => format!("({sql})"),
        Subject::AsText(_) | Subject::Explained(_) => in_words(subject),
    };
    if table.sort.is_empty() && table.filter.is_none() {
        return format!("query {flag}{}", shell(&in_words(subject)));
    }
    let mut sql = format!("select * from {verb}");
    if let Some(filter) = &table.filter {
        sql.push_str(&format!(" where {filter}"));
    }
    let keys: Vec<String> =
        table.sort.iter().map(|k| format!("{}{}", quoted(&k.column), if k.order == Order::Descending { " desc" } else { "" })).collect();
    if !keys.is_empty() {
        sql.push_str(&format!(" order by {}", keys.join(", ")));
    }
    format!("query {flag}{}", shell(&sql))
}

fn quoted(column: &str) -> String {
    let plain = column.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !column.starts_with(|c: char| c.is_ascii_digit());
    if plain { column.to_owned() } else { format!("\"{}\"", column.replace('"', "\"\"")) }
}

fn list_verb(kind: &ListKind) -> String {
    match kind {
        ListKind::Sources | ListKind::Connections => "source list".to_owned(),
        ListKind::Tables => "lake tables".to_owned(),
        ListKind::Runs => "runs list".to_owned(),
        ListKind::Quarantine(table, state) => {
            let table = table.as_ref().map_or_else(String::new, |table| format!(" {table}"));
            let state = state.map_or_else(String::new, |state| format!(" --state {}", shell(state.name())));
            format!("quarantine list{table}{state}")
        }
        ListKind::Snapshots => "lake snapshots".to_owned(),
        ListKind::Kpis => "kpi list".to_owned(),
        ListKind::Boards => "board".to_owned(),
        ListKind::Logs(run) => format!("runs logs {}", shell(run)),
        ListKind::Checks => "check".to_owned(),
        ListKind::Failing(table, _) => format!("check {table} --failing"),
        ListKind::Inspections => "inspect list".to_owned(),
        ListKind::Inspected(name) => format!("inspect rows {name}"),
        ListKind::Alerts => "alert list".to_owned(),
        ListKind::Profiles(table) => format!("profile {table} --history"),
        ListKind::Scores => "check --scores".to_owned(),
    }
}
