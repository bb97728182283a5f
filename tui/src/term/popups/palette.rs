//! The palette: finds a command, table, column, KPI, board or run by a few letters.

use crossterm::event::KeyEvent;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::layout::Rect;
use ratatui_textarea::TextArea;
use trommel_app::catalogue::{Entry, Scope, Values, entries, entry};
use trommel_app::{BoardCommand, Command, NoticeKind, PipelineCommand, RecipeCommand, Subject, TableCommand, View};
use trommel_model::{ModelKind, Order, SortKey};

use super::prompt::{field, field_text};
use super::{Popup, hints};
use crate::paint::{Line, width_of};
use crate::term::act::Act;
use crate::term::keybar::Hint;
use crate::term::layout::centred;
use crate::term::pen::Pen;
use crate::term::{context, keys};

/// Everything that can be found, and what was typed.
pub(crate) struct Palette {
    picks: Vec<Pick>,
    field: TextArea<'static>,
    /// Picks that match, best first.
    found: Vec<usize>,
    cursor: usize,
    top: usize,
}

/// Something that can be found.
struct Pick {
    text: String,
    kind: &'static str,
    key: String,
    /// Why it cannot be done now.
    refused: Option<String>,
    act: Find,
}

enum Find {
    Entry(&'static Entry),
    Ask(Command),
}

impl Palette {
    /// All that can be found from what the view knows.
    pub(crate) fn over(view: &View<'_>) -> Self {
        let mut palette = Self { picks: picks(view), field: field(""), found: Vec::new(), cursor: 0, top: 0 };
        palette.search();
        palette
    }

    fn search(&mut self) {
        (self.cursor, self.top) = (0, 0);
        let text = field_text(&self.field);
        if text.trim().is_empty() {
            self.found = (0..self.picks.len()).collect();
            return;
        }
        let pattern = Pattern::parse(&text, CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, usize)> = self
            .picks
            .iter()
            .enumerate()
            .filter_map(|(i, pick)| {
                let score = pattern.score(Utf32Str::new(&pick.text, &mut buffer), &mut matcher)?;
                Some((score, i))
            })
            .collect();
        // Best first; among equals in the order of the catalogue.
        scored.sort_by_key(|(score, i)| (std::cmp::Reverse(*score), *i));
        self.found = scored.into_iter().map(|(_, i)| i).collect();
    }

    fn choose(&self) -> Vec<Act> {
        let Some(pick) = self.found.get(self.cursor).map(|i| &self.picks[*i]) else { return Vec::new() };
        if let Some(reason) = &pick.refused {
            return vec![Act::Say(NoticeKind::Warning, format!("{}: {reason}", pick.text))];
        }
        let act = match &pick.act {
            Find::Entry(entry) => Act::Do(entry, Values::default()),
            Find::Ask(command) => Act::Ask(command.clone()),
        };
        vec![Act::Close, act]
    }
}

fn picks(view: &View<'_>) -> Vec<Pick> {
    let mut picks: Vec<Pick> = entries()
        .iter()
        .filter(|e| !matches!(e.id, "palette" | "completions" | "man" | "source.select"))
        .map(|e| {
            let held =
                e.keys.iter().find(|k| k.scope == Scope::On(view.screen)).or_else(|| e.keys.iter().find(|k| k.scope == Scope::Everywhere));
            Pick {
                text: e.title.to_owned(),
                kind: "command",
                key: held.map(|k| keys::shown(k.key)).unwrap_or_default(),
                refused: context::may(e, view).err(),
                act: Find::Entry(e),
            }
        })
        .collect();
    let mut add = |kind: &'static str, text: String, command: Command| {
        picks.push(Pick { text, kind, key: String::new(), refused: None, act: Find::Ask(command) });
    };
    for name in context::tables(view) {
        if let Ok(table) = name.parse() {
            add("table", name, Command::Table(TableCommand::Open(Subject::Table(table))));
        }
    }
    if let Some(workspace) = view.workspace.current.latest() {
        for model in workspace.models.iter().filter(|m| matches!(m.kind, ModelKind::Recipe(_))) {
            let name = model.name.to_string();
            let preview = RecipeCommand::Preview { model: name.clone(), sample: 1_000, whole: true };
            add("preview recipe", name, Command::Recipe(preview));
        }
        for kpi in &workspace.kpis {
            add("KPI", kpi.title.clone(), Command::Board(BoardCommand::ShowKpi(kpi.name.clone())));
        }
        for board in &workspace.boards {
            add("board", board.title.clone(), Command::Board(BoardCommand::Open(Some(board.name.clone()))));
        }
        add("run", "last run".to_owned(), Command::Pipeline(PipelineCommand::ShowRun("last".to_owned())));
    }
    for id in super::super::screens::runs_in_sight(view) {
        add("run", format!("run {id}"), Command::Pipeline(PipelineCommand::ShowRun(id)));
    }
    for column in context::columns(view) {
        let key = SortKey { column: column.clone(), order: Order::Ascending };
        add("sort by column", column, Command::Table(TableCommand::Sort(vec![key])));
    }
    debug_assert!(entry("palette").is_some(), "the palette is in the catalogue");
    picks
}

impl Popup for Palette {
    fn draw(&mut self, _view: &View<'_>, pen: &mut Pen<'_>, area: Rect, on_top: bool) {
        let area = centred(area, 76, area.height.saturating_sub(2).clamp(6.min(area.height), 24));
        let area = Rect { y: area.y, ..area };
        let shown = format!("{} of {}", self.found.len(), self.picks.len());
        let inside = pen.popup(area, &Line::new().strong("Find").muted(format!("  {shown}")));
        super::prompt::draw_field(&mut self.field, pen, Rect { height: 1.min(inside.height), ..inside }, on_top);
        let list = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
        let rows = usize::from(list.height);
        if self.cursor < self.top {
            self.top = self.cursor;
        } else if self.cursor >= self.top + rows {
            self.top = self.cursor + 1 - rows.max(1);
        }
        if self.found.is_empty() {
            pen.line(list, 0, &Line::new().muted("nothing like that; esc closes"));
        }
        for (row, at) in self.found.iter().enumerate().skip(self.top).take(rows) {
            let pick = &self.picks[*at];
            let right = match &pick.refused {
                Some(reason) => Line::new().muted(reason),
                None if pick.key.is_empty() => Line::new().muted(pick.kind),
                None => Line::new().muted(pick.kind).gap(2).accent(&pick.key),
            };
            let right = right.cut(usize::from(list.width / 2), pen.glyphs());
            let room = usize::from(list.width).saturating_sub(right.width() + 2);
            let text = if pick.refused.is_some() { Line::new().muted(&pick.text) } else { Line::new().plain(&pick.text) };
            let text = Line::new().gap(1).append(text).cut(room, pen.glyphs());
            let gap = usize::from(list.width).saturating_sub(width_of(&text.text()) + right.width() + 1);
            let y = (row - self.top) as u16;
            pen.line(list, y, &text.gap(gap).append(right));
            if row == self.cursor {
                let style = pen.look.selected(true);
                pen.over(Rect { y: list.y + y, height: 1, ..list }, style);
            }
        }
    }

    fn key(&mut self, name: &str, key: &KeyEvent, _view: &View<'_>) -> Vec<Act> {
        let last = self.found.len().saturating_sub(1);
        match name {
            "esc" => return vec![Act::Close],
            "enter" => return self.choose(),
            "down" | "ctrl+n" | "tab" => self.cursor = (self.cursor + 1).min(last),
            "up" | "ctrl+p" | "backtab" => self.cursor = self.cursor.saturating_sub(1),
            "pagedown" => self.cursor = (self.cursor + 10).min(last),
            "pageup" => self.cursor = self.cursor.saturating_sub(10),
            "ctrl+u" => {
                super::prompt::clear(&mut self.field);
                self.search();
            }
            _ => {
                if self.field.input(keys::input(key)) {
                    self.search();
                }
            }
        }
        Vec::new()
    }

    fn paste(&mut self, text: &str) {
        self.field.insert_str(text.replace(['\n', '\r'], " "));
        self.search();
    }

    fn hints(&self) -> Vec<Hint> {
        hints(&[("enter", "do it"), ("up down", "choose"), ("esc", "close")])
    }
}
