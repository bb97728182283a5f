//! Asks for one thing: an argument of a command, a filter, a query. Known names are offered as one types.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use ratatui_textarea::{CursorMove, TextArea};
use trommel_app::catalogue::{Argument, Entry, Input, Values};
use trommel_app::{Command, Subject, TableCommand, View};

use super::{Popup, hints};
use crate::paint::{Line, wrap};
use crate::term::act::Act;
use crate::term::keybar::Hint;
use crate::term::keys;
use crate::term::layout::centred;
use crate::term::pen::Pen;

/// A question with a text for an answer.
pub(crate) struct Prompt {
    title: String,
    help: String,
    field: TextArea<'static>,
    rows: u16,
    /// Names that can be completed.
    choices: Vec<String>,
    /// The choice under the cursor, once somebody went there.
    cursor: Option<usize>,
    then: Then,
    /// The answer may name a file.
    paths: bool,
}

/// What is done with the answer.
enum Then {
    Argument(&'static Entry, &'static Argument, Values),
    Filter,
    Query,
}

/// Choices shown at once.
const OFFERED: usize = 6;

impl Prompt {
    /// Asks for an argument of an entry.
    pub(crate) fn for_argument(
        entry: &'static Entry,
        argument: &'static Argument,
        values: Values,
        choices: Vec<String>,
        first: &str,
    ) -> Self {
        let sample = argument.sample.map_or_else(String::new, |s| format!(", for instance {s}"));
        let known = values.all("subject").into_iter().chain(values.all("kpi")).next();
        let title = match known {
            Some(known) => format!("{} {known}", entry.title.trim_end_matches('…')),
            None => entry.title.trim_end_matches('…').to_owned(),
        };
        Self {
            title,
            help: format!("{}{sample}", argument.help),
            // A text to be changed is gone on with; a guess is taken or replaced.
            field: if matches!(argument.input, Input::Record | Input::Assignment) { field(first) } else { guess(first) },
            rows: 1,
            choices,
            cursor: None,
            paths: matches!(argument.input, Input::Path | Input::Table),
            then: Then::Argument(entry, argument, values),
        }
    }

    /// Asks for a filter of the table in front.
    pub(crate) fn for_filter(present: &str, columns: Vec<String>) -> Self {
        Self {
            title: "Filter".to_owned(),
            help: "Keep the rows for which this holds, for instance price > 100 and city = 'Oslo'. Empty shows all.".to_owned(),
            field: guess(present),
            rows: 1,
            choices: columns,
            cursor: None,
            paths: false,
            then: Then::Filter,
        }
    }

    /// Asks for a query.
    pub(crate) fn for_query(names: Vec<String>) -> Self {
        Self {
            title: "Query".to_owned(),
            help: "A SELECT over tables of the lake and files, for instance select * from 'x.csv'. enter runs it, alt+enter starts a new line."
                .to_owned(),
            field: field("select "),
            rows: 6,
            choices: names,
            cursor: None,
            paths: false,
            then: Then::Query,
        }
    }

    fn text(&self) -> String {
        self.field.lines().join("\n")
    }

    /// The word before the cursor; it is what choices complete.
    fn word(&self) -> String {
        let at = self.field.cursor();
        let line: String = self.field.lines().get(at.0).map(|l| l.chars().take(at.1).collect()).unwrap_or_default();
        if self.paths {
            return line;
        }
        let start = line
            .rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
            .map_or(0, |i| i + line[i..].chars().next().map_or(1, char::len_utf8));
        line[start..].to_owned()
    }

    /// Choices for the word before the cursor: those that start with it, then those that hold it.
    fn offered(&self) -> Vec<String> {
        // A first guess that nobody has touched hides nothing.
        let untouched = self.field.is_selecting();
        let word = if untouched { String::new() } else { self.word().to_lowercase() };
        let mut all = self.choices.clone();
        if self.paths && (word.contains('/') || self.choices.is_empty()) {
            all.extend(paths(&self.word()));
        }
        let rank = |c: &String| {
            let lower = c.to_lowercase();
            usize::from(!lower.starts_with(&word))
        };
        let mut found: Vec<String> = all.into_iter().filter(|c| c.to_lowercase().contains(&word) && *c != self.word()).collect();
        found.sort_by_key(rank);
        found.truncate(OFFERED);
        found
    }

    fn complete(&mut self, choice: &str) {
        if self.field.is_selecting() {
            clear(&mut self.field);
        }
        for _ in 0..self.word().chars().count() {
            self.field.delete_char();
        }
        self.field.insert_str(choice);
        self.cursor = None;
    }

    fn done(&mut self) -> Vec<Act> {
        let text = self.text();
        match &self.then {
            Then::Argument(_, argument, _) if text.trim().is_empty() => {
                self.help = format!("{} is needed. {}", argument.name, argument.help);
                Vec::new()
            }
            Then::Argument(entry, argument, values) => {
                let mut values = values.clone();
                values.push(argument.name, text.trim());
                vec![Act::Close, Act::Do(entry, values)]
            }
            Then::Filter => {
                let condition = Some(text.trim().to_owned()).filter(|t| !t.is_empty());
                vec![Act::Close, Act::Ask(Command::Table(TableCommand::Filter(condition)))]
            }
            Then::Query if text.trim().is_empty() || text.trim() == "select" => Vec::new(),
            Then::Query => {
                let sql = text.trim().trim_end_matches(';').to_owned();
                vec![Act::Close, Act::Ask(Command::Table(TableCommand::Open(Subject::Sql(sql))))]
            }
        }
    }
}

impl Popup for Prompt {
    fn draw(&mut self, _view: &View<'_>, pen: &mut Pen<'_>, area: Rect, on_top: bool) {
        let columns = 76.min(area.width);
        let help = wrap(&self.help, usize::from(columns.saturating_sub(4)));
        let offered = self.offered();
        let list = if offered.is_empty() { 0 } else { OFFERED as u16 + 1 };
        let height = help.len() as u16 + self.rows + 2 + list;
        let inside = pen.popup(centred(area, columns, height), &Line::new().strong(&self.title));
        let lines: Vec<Line> = help.iter().map(|l| Line::new().muted(l)).collect();
        pen.lines(inside, &lines, 0);
        let y = inside.y + lines.len() as u16;
        let at = Rect { y: y.min(inside.bottom()), height: self.rows.min(inside.bottom().saturating_sub(y)), ..inside };
        draw_field(&mut self.field, pen, at, on_top);
        let below = at.bottom() + 1;
        let list = Rect { y: below.min(inside.bottom()), height: inside.bottom().saturating_sub(below), ..inside };
        for (row, choice) in offered.iter().enumerate().take(usize::from(list.height)) {
            let here = self.cursor == Some(row);
            let mark = if here || (row == 0 && self.cursor.is_none()) { "tab " } else { "    " };
            pen.line(list, row as u16, &Line::new().accent(mark).plain(choice));
            if here {
                let style = pen.look.selected(true);
                pen.over(Rect { y: list.y + row as u16, height: 1, ..list }, style);
            }
        }
    }

    fn key(&mut self, name: &str, key: &KeyEvent, _view: &View<'_>) -> Vec<Act> {
        let offered = self.offered();
        match name {
            "esc" => return vec![Act::Close],
            "enter" => {
                if let Some(choice) = self.cursor.and_then(|i| offered.get(i)).cloned() {
                    self.complete(&choice);
                    // A name chosen for a single field is the answer; within a text it is a word of it.
                    if self.paths || matches!(self.then, Then::Argument(..)) {
                        return self.done();
                    }
                    return Vec::new();
                }
                return self.done();
            }
            "alt+enter" if self.rows > 1 => self.field.insert_newline(),
            "tab" => {
                if let Some(choice) = offered.get(self.cursor.unwrap_or(0)).cloned() {
                    self.complete(&choice);
                }
            }
            "ctrl+u" => clear(&mut self.field),
            "down" if self.rows == 1 || self.cursor.is_some() => {
                self.cursor = (!offered.is_empty()).then(|| self.cursor.map_or(0, |c| (c + 1).min(offered.len() - 1)));
            }
            "up" if self.cursor.is_some() => self.cursor = self.cursor.and_then(|c| c.checked_sub(1)),
            _ => {
                if self.field.input(keys::input(key)) {
                    self.cursor = None;
                }
            }
        }
        Vec::new()
    }

    fn paste(&mut self, text: &str) {
        let text = if self.rows > 1 { text.to_owned() } else { text.replace(['\n', '\r'], " ") };
        self.field.insert_str(text);
    }

    fn hints(&self) -> Vec<Hint> {
        hints(&[("enter", "do it"), ("tab", "complete"), ("down", "choose"), ("esc", "close")])
    }
}

/// A text field with a first guess in it, the cursor behind it.
pub(super) fn field(text: &str) -> TextArea<'static> {
    let mut field = TextArea::from(text.split('\n'));
    field.move_cursor(CursorMove::Bottom);
    field.move_cursor(CursorMove::End);
    field
}

/// A text field with a first guess that the first key replaces, unless it moves.
pub(super) fn guess(text: &str) -> TextArea<'static> {
    let mut field = field(text);
    if !text.is_empty() {
        field.select_all();
    }
    field
}

pub(super) fn clear(field: &mut TextArea<'static>) {
    field.select_all();
    field.cut();
}

/// What stands in a text field of one line.
pub(super) fn field_text(field: &TextArea<'_>) -> String {
    field.lines().join(" ")
}

pub(super) fn draw_field(field: &mut TextArea<'static>, pen: &mut Pen<'_>, area: Rect, on_top: bool) {
    let text = pen.look.tone(crate::paint::Tone::Plain);
    field.set_style(text);
    field.set_cursor_line_style(text);
    field.set_selection_style(pen.look.selected(on_top));
    field.set_cursor_style(if on_top { pen.look.cursor() } else { text });
    pen.line(area, 0, &Line::new().accent(pen.glyphs().then()));
    let inside = Rect { x: area.x + 2.min(area.width), width: area.width.saturating_sub(2), ..area };
    ratatui::widgets::Widget::render(&*field, inside, pen.buffer);
}

/// Files and folders that start as the text does.
pub(super) fn paths(text: &str) -> Vec<String> {
    let (folder, start) = text.rfind('/').map_or(("", text), |i| text.split_at(i + 1));
    let Ok(entries) = std::fs::read_dir(if folder.is_empty() { "." } else { folder }) else { return Vec::new() };
    let mut found: Vec<String> = entries
        .filter_map(|e| {
            let e = e.ok()?;
            let name = e.file_name().into_string().ok()?;
            let hidden = name.starts_with('.') && !start.starts_with('.');
            let end = if e.file_type().is_ok_and(|t| t.is_dir()) { "/" } else { "" };
            (name.starts_with(start) && !hidden).then(|| format!("{folder}{name}{end}"))
        })
        .collect();
    found.sort();
    found.truncate(50);
    found
}
