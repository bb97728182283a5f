//! Sources: what the workspace reads and makes, with the first rows or the definition of what the cursor is on.

use ratatui::layout::Rect;
use trommel_app::catalogue::{FaceAction, Input};
use trommel_app::{Command, RecipeCommand, SourceCommand, Subject, TableCommand, View};
use trommel_model::{ConnectionSpec, ModelKind, ModelSpec, RowCount, SourceSpec, TableName, Workspace};

use super::Pane;
use crate::paint::{Line, Tone, width_of};
use crate::show;
use crate::term::act::Act;
use crate::term::context::shell;
use crate::term::face::ScreenFace;
use crate::term::layout::side_by_side;
use crate::term::pen::Pen;
use crate::term::widgets::List;
use crate::term::widgets::grid::{Data, Grid, Mark};

/// The cursor on sources and models, and on the first rows.
#[derive(Default)]
pub(crate) struct Sources {
    list: List,
    grid: Grid,
    pane: Pane,
    /// The source the application selected last.
    shown: Option<String>,
}

/// What a row of the list is.
enum Item<'a> {
    Heading(&'static str),
    Source(&'a SourceSpec),
    Model(&'a ModelSpec),
    Connection(&'a ConnectionSpec),
}

impl ScreenFace for Sources {
    fn draw(&mut self, view: &View<'_>, pen: &mut Pen<'_>, area: Rect, small: bool) {
        let Some(workspace) = view.workspace.current.latest() else {
            draw_welcome(view, pen, area);
            return;
        };
        let items = items(workspace);
        self.follow(view, &items);
        self.settle(&items);
        let width = if area.width >= 140 { 40 } else { 30 };
        let (left, right) = side_by_side(area, width, small, self.pane == Pane::Second);
        if left.width > 0 {
            let inside = pen.pane(left, Line::new().strong("Workspace"), self.pane == Pane::First);
            let lines: Vec<Line> = items.iter().map(|i| item_line(i, usize::from(inside.width))).collect();
            self.list.draw(pen, inside, &lines, self.pane == Pane::First);
        }
        if right.width > 0 {
            let right = if small { right } else { pen.wall(right) };
            match items.get(self.list.cursor) {
                Some(Item::Source(source)) => self.draw_source(view, source, pen, right),
                Some(Item::Model(model)) => draw_model(model, pen, right, self.pane == Pane::Second),
                Some(Item::Connection(connection)) => draw_connection(connection, pen, right),
                _ => {}
            }
        }
    }

    fn key(&mut self, key: &str, view: &View<'_>) -> Option<Vec<Act>> {
        match key {
            "tab" | "backtab" => self.pane = self.pane.other(),
            "esc" if self.pane == Pane::Second => self.pane = Pane::First,
            "esc" => return None,
            _ if self.pane == Pane::Second => {
                let preview = view.sources.preview.as_ref()?;
                let columns = preview.window.latest().map_or(0, |w| w.schema.fields.len());
                return self.grid.key(key, preview.rows.map_or(0, RowCount::number), columns).then(Vec::new);
            }
            "right" | "l" => self.pane = Pane::Second,
            _ => {
                let items = items(view.workspace.current.latest()?);
                let before = self.list.cursor;
                if !self.list.key(key, items.len()) {
                    return None;
                }
                self.skip_headings(&items, before);
            }
        }
        Some(Vec::new())
    }

    fn act(&mut self, action: FaceAction, view: &View<'_>) -> Vec<Act> {
        let items = view.workspace.current.latest().map(|w| items(w)).unwrap_or_default();
        if let (FaceAction::OpenSelected, Some(Item::Connection(connection))) = (action, items.get(self.list.cursor)) {
            return vec![Act::Ask(Command::Source(SourceCommand::Browse(connection.name.clone())))];
        }
        let (FaceAction::OpenSelected, Some(table)) = (action, self.table(view)) else { return Vec::new() };
        vec![Act::Ask(Command::Table(TableCommand::Open(Subject::Table(table))))]
    }

    fn value(&self, input: Input, view: &View<'_>) -> Option<String> {
        let items = items(view.workspace.current.latest()?);
        match (input, items.get(self.list.cursor)?) {
            (Input::Table | Input::Model, _) => self.table(view).map(|t| t.to_string()),
            (Input::Source, Item::Source(source)) => Some(source.name.clone()),
            (Input::Connection, Item::Source(source)) => source.connection.clone(),
            (Input::Connection, Item::Connection(connection)) => Some(connection.name.clone()),
            (Input::Recipe, Item::Model(model)) if matches!(model.kind, ModelKind::Recipe(_)) => Some(model.name.to_string()),
            _ => None,
        }
    }

    fn moves(&self) -> &'static [(&'static str, &'static str)] {
        &[("jk", "choose"), ("tab", "pane")]
    }

    fn as_command(&self, view: &View<'_>) -> String {
        let workspace = view.workspace.current.latest();
        let items = workspace.map(|w| items(w)).unwrap_or_default();
        match items.get(self.list.cursor) {
            Some(Item::Source(source)) => format!("source preview {}", shell(&source.name)),
            Some(Item::Model(model)) => format!("query {}", model.name),
            Some(Item::Connection(connection)) => format!("connect test {}", shell(&connection.name)),
            _ => "source list".to_owned(),
        }
    }

    fn wants(&mut self, view: &View<'_>) -> Vec<Command> {
        let Some(workspace) = view.workspace.current.latest() else { return Vec::new() };
        let items = items(workspace);
        let Some(Item::Source(source)) = items.get(self.list.cursor) else { return Vec::new() };
        let pending = view.sources.preview.as_ref().is_some_and(|p| p.window.is_pending());
        if pending || view.sources.selected.as_deref() == Some(&source.name) {
            return Vec::new();
        }
        vec![Command::Source(SourceCommand::Select(source.name.clone()))]
    }
}

impl Sources {
    /// The table the cursor stands for.
    fn table(&self, view: &View<'_>) -> Option<TableName> {
        match items(view.workspace.current.latest()?).get(self.list.cursor)? {
            Item::Source(source) => Some(TableName::new("raw", source.name.clone())),
            Item::Model(model) => Some(model.name.clone()),
            Item::Heading(_) | Item::Connection(_) => None,
        }
    }

    /// A source that the application selected by itself, because it is new, comes under the cursor.
    fn follow(&mut self, view: &View<'_>, items: &[Item<'_>]) {
        if self.shown == view.sources.selected {
            return;
        }
        self.shown.clone_from(&view.sources.selected);
        let place = items.iter().position(|i| matches!(i, Item::Source(s) if Some(&s.name) == self.shown.as_ref()));
        self.list.cursor = place.unwrap_or(self.list.cursor);
    }

    fn settle(&mut self, items: &[Item<'_>]) {
        self.list.cursor = self.list.cursor.min(items.len().saturating_sub(1));
        self.skip_headings(items, 0);
    }

    /// Headings cannot be chosen: the cursor goes on in its direction, or turns at the ends.
    fn skip_headings(&mut self, items: &[Item<'_>], before: usize) {
        let is_item = |i: &usize| matches!(items.get(*i), Some(Item::Source(_) | Item::Model(_) | Item::Connection(_)));
        let at = self.list.cursor;
        let onward = if at >= before { (at..items.len()).find(is_item) } else { (0..=at).rev().find(is_item) };
        let back = if at >= before { (0..=at).rev().find(is_item) } else { (at..items.len()).find(is_item) };
        self.list.cursor = onward.or(back).unwrap_or(0);
    }

    fn draw_source(&mut self, view: &View<'_>, source: &SourceSpec, pen: &mut Pen<'_>, area: Rect) {
        let facts = source_facts(source);
        let lines = show::report::facts(&facts, pen.room(area));
        let rows = (lines.len() as u16).min(area.height / 3).max(1);
        let inside =
            pen.pane(Rect { height: (rows + 1).min(area.height), ..area }, Line::new().strong(&source.name).gap(1).muted("source"), false);
        pen.lines(inside, &lines, 0);
        let below = Rect { y: area.y + rows + 1, height: area.height.saturating_sub(rows + 1), ..area };
        if below.height < 3 {
            return;
        }
        let inside = pen.pane(below, Line::new().strong("First rows, as they come"), self.pane == Pane::Second);
        let preview = view.sources.preview.as_ref().filter(|p| p.subject == Subject::Source(source.name.clone()));
        let Some(preview) = preview else {
            pen.line(inside, 0, &Line::new().muted(format!("reading{}", pen.glyphs().ellipsis())));
            return;
        };
        if let Some(problem) = preview.window.problem() {
            let lines = show::problem::brief(problem, pen.room(inside));
            pen.lines(inside, &lines, 0);
            return;
        }
        match preview.window.latest() {
            None => pen.line(inside, 0, &Line::new().muted(format!("reading{}", pen.glyphs().ellipsis()))),
            Some(window) => {
                self.grid.is_of(&source.name);
                let data = Data { window, rows: preview.rows, sort: &[], mark: &|_, _| Mark::Same };
                self.grid.draw(pen, inside, &data, self.pane == Pane::Second);
            }
        }
    }
}

fn items(workspace: &Workspace) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    if !workspace.sources.is_empty() {
        items.push(Item::Heading("Sources"));
        items.extend(workspace.sources.iter().map(Item::Source));
    }
    if !workspace.models.is_empty() {
        items.push(Item::Heading("Models"));
        items.extend(workspace.models.iter().map(Item::Model));
    }
    if !workspace.config.connections.is_empty() {
        items.push(Item::Heading("Connections"));
        items.extend(workspace.config.connections.iter().map(Item::Connection));
    }
    items
}

fn item_line(item: &Item<'_>, columns: usize) -> Line {
    let (name, kind) = match item {
        Item::Heading(title) => return Line::new().gap(1).muted(title),
        Item::Source(source) => (source.name.clone(), source_kind(source)),
        Item::Model(model) => (model.name.to_string(), model.kind.name().to_owned()),
        Item::Connection(connection) => (connection.name.clone(), connection.kind.name().to_owned()),
    };
    let gap = columns.saturating_sub(3 + width_of(&name) + width_of(&kind) + 1).max(1);
    Line::new().gap(3).plain(name).gap(gap).muted(kind)
}

/// What kind of thing a source reads, in a word.
fn source_kind(source: &SourceSpec) -> String {
    if source.table.is_some() || source.query.is_some() {
        return "table".to_owned();
    }
    if let Some(format) = source.format {
        return format!("{format:?}").to_lowercase();
    }
    let path = source.path.as_deref().unwrap_or_default();
    path.rsplit_once('.').map_or_else(|| "files".to_owned(), |(_, ending)| ending.to_ascii_lowercase())
}

fn source_facts(source: &SourceSpec) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut add = |name: &str, value: Option<String>| facts.extend(value.filter(|v| !v.is_empty()).map(|v| (name.to_owned(), v)));
    add("what", Some(source.description.clone()));
    add("connection", source.connection.clone());
    add("reads", source.path.clone().or_else(|| source.table.clone()).or_else(|| source.query.clone()));
    add(
        "takes",
        Some(
            match source.load {
                trommel_model::Load::Full => "everything, when it has changed",
                trommel_model::Load::NewFiles => "new files only",
                trommel_model::Load::Incremental => "what came since the last run",
            }
            .to_owned(),
        ),
    );
    add("contract", Some(contract(source)));
    add(
        "checks",
        (!source.checks.is_empty()).then(|| source.checks.iter().map(trommel_model::CheckSpec::label).collect::<Vec<_>>().join(", ")),
    );
    facts
}

fn contract(source: &SourceSpec) -> String {
    if source.columns.is_empty() {
        return "none: types are found in the whole file".to_owned();
    }
    let columns = source.columns.iter().map(|c| format!("{} {}{}", c.name, String::from(c.data_type), if c.required { "!" } else { "" }));
    columns.collect::<Vec<_>>().join(", ")
}

fn draw_connection(connection: &ConnectionSpec, pen: &mut Pen<'_>, area: Rect) {
    let mut facts = Vec::new();
    let mut add = |name: &str, value: Option<String>| facts.extend(value.filter(|v| !v.is_empty()).map(|v| (name.to_owned(), v)));
    add("leads to", connection.url.as_ref().map(ToString::to_string).or_else(|| Some(connection.path.clone())));
    add("password", connection.password.as_ref().map(ToString::to_string));
    add("authority", connection.ca.clone());
    add("timeout", connection.statement_timeout_s.map(|s| format!("{s} s for a statement")));
    add("throttle", connection.rows_per_s.map(|n| format!("{n} rows a second")));
    let title = Line::new().strong(&connection.name).gap(1).muted(connection.kind.name());
    let inside = pen.pane(area, title, false);
    let mut lines = show::report::facts(&facts, pen.room(inside));
    lines.push(Line::new());
    for (key, does) in [("enter", "browse its tables"), ("t", "test it, stage by stage"), ("c", "change it")] {
        lines.push(Line::new().accent(format!("{key:<7}")).plain(does));
    }
    pen.lines(inside, &lines, 0);
}

fn draw_model(model: &ModelSpec, pen: &mut Pen<'_>, area: Rect, focused: bool) {
    let mut facts = vec![("what".to_owned(), model.description.clone()), ("file".to_owned(), model.path.clone())];
    facts.push(("owner".to_owned(), model.owner.clone()));
    facts.push(("key".to_owned(), model.keys.join(", ")));
    facts.push(("checks".to_owned(), model.checks.iter().map(trommel_model::CheckSpec::label).collect::<Vec<_>>().join(", ")));
    facts.retain(|(_, value)| !value.is_empty());
    let title = Line::new().strong(model.name.to_string()).gap(1).muted(model.kind.name());
    let inside = pen.pane(area, title, focused);
    let mut lines = show::report::facts(&facts, pen.room(inside));
    lines.push(Line::new());
    match &model.kind {
        ModelKind::Sql(sql) => lines.extend(sql.sql.trim().lines().map(|l| Line::new().plain(l.replace('\t', "    ")))),
        ModelKind::Recipe(recipe) => {
            lines.push(Line::new().muted("from ").plain(&recipe.from));
            for (i, step) in recipe.steps.iter().enumerate() {
                lines.push(Line::new().muted(format!("{:>3}  ", i + 1)).plain(show::recipe::step(step)));
            }
        }
        ModelKind::Match(spec) => {
            lines.push(Line::new().muted("from ").plain(&spec.from));
            for rule in &spec.blocking {
                let keys: Vec<&str> = rule.keys.iter().map(|k| k.column.as_str()).collect();
                lines.push(Line::new().muted("block on ").plain(keys.join(", ")));
            }
            for c in &spec.comparisons {
                lines.push(Line::new().muted("compare ").plain(&c.column).muted(format!(" by {:?}, weight {}", c.method, c.weight)));
            }
            lines.push(Line::new().muted("same from ").plain(spec.threshold.to_string()));
        }
    }
    pen.lines(inside, &lines, 0);
}

/// What is shown when no workspace is open.
fn draw_welcome(view: &View<'_>, pen: &mut Pen<'_>, area: Rect) {
    let glyphs = pen.glyphs();
    let mut lines = vec![Line::new()];
    let at = Line::new().gap(3);
    match view.workspace.current.problem() {
        None if view.workspace.current.is_pending() => lines.push(at.clone().muted(format!("reading the workspace{}", glyphs.ellipsis()))),
        problem => {
            lines.push(at.clone().with(Tone::Strong, "No workspace is open"));
            lines.push(Line::new());
            let room = crate::paint::Room { width: Some(usize::from(area.width.saturating_sub(6))), glyphs };
            for line in problem.iter().flat_map(|p| show::problem::whole(p, room)) {
                lines.push(at.clone().append(line));
            }
            lines.push(Line::new());
            for (key, does) in [
                ("^O", "open a workspace"),
                ("^P", "find a command, for instance make an example"),
                ("^Q", "query a file: select * from 'file.csv'"),
            ] {
                lines.push(at.clone().accent(format!("{key:<4}")).plain(does));
            }
        }
    }
    pen.lines(area, &lines, 0);
}

/// A recipe under the cursor can be previewed.
pub(super) fn preview(model: String) -> Command {
    Command::Recipe(RecipeCommand::Preview { model, sample: 1_000, whole: true })
}
