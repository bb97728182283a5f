//! The face: focus, cursors, pop-ups; keys in, frames out. It knows nothing of terminals and signals.

use std::path::PathBuf;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use trommel_app::catalogue::{self, Action, Entry, FaceAction, Input, Shape, Values};
use trommel_app::{
    BoardCommand, Command, DraftCommand, JobState, NoticeKind, PipelineCommand, QuarantineCommand, RecipeCommand, Refused, ReviewCommand,
    Screen, SourceCommand, View, WorkspaceCommand,
};
use trommel_model::{Problem, Theme};

use super::act::Act;
use super::answers::Slot;
use super::layout::{Parts, parts};
use super::look::Look;
use super::pen::Pen;
use super::popups::{Browser, Confirm, Form, Palette, Popup, Prompt, Viewer};
use super::screens::Screens;
use super::{Capabilities, context, keybar, keys};
use crate::Desk;
use crate::paint::{Glyphs, Line, Tone};
use crate::show;

/// What only the terminal around the face can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// End.
    Quit,
    /// Stop for a while and give the terminal to the shell.
    Suspend,
    /// Put text on the clipboard.
    Copy(String),
}

/// The state of the terminal UI that is not the application's.
pub struct Face {
    capabilities: Capabilities,
    look: Look,
    screens: Screens,
    popups: Vec<Box<dyn Popup>>,
    message: Option<Message>,
    /// The last fault that was told; it can be read whole until the next one.
    fault: Option<Problem>,
    /// The newest notice that was shown.
    heard: u64,
    leaving: bool,
    /// The folder given with `-w`, to be said in copied commands.
    workspace: Option<PathBuf>,
}

/// What stands above the key bar.
struct Message {
    kind: NoticeKind,
    text: String,
    /// There is more to read.
    whole: bool,
}

impl Face {
    /// A face with nothing on top and every cursor at the start.
    pub fn new(capabilities: Capabilities, workspace: Option<PathBuf>) -> Self {
        Self {
            capabilities,
            look: Look::new(capabilities),
            screens: Screens::default(),
            popups: Vec::new(),
            message: None,
            fault: None,
            heard: 0,
            leaving: false,
            workspace,
        }
    }

    /// What the terminal can do.
    pub fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    /// True when somebody wants to leave as soon as nothing is at work.
    pub fn is_leaving(&self) -> bool {
        self.leaving
    }

    /// Takes a key; what only the terminal can do comes back.
    pub fn key<D: Desk + ?Sized>(&mut self, desk: &mut D, key: &KeyEvent) -> Vec<Wish> {
        let Some(name) = keys::name(key) else { return Vec::new() };
        match name.as_str() {
            "ctrl+z" => return vec![Wish::Suspend],
            "ctrl+c" if self.leaving => return vec![Wish::Quit],
            "ctrl+c" => return self.quit(desk),
            _ => {}
        }
        self.message = None;
        let acts = self.understood(desk, key, &name);
        self.carry_out(desk, acts)
    }

    /// Takes text that was pasted.
    pub fn paste(&mut self, text: &str) {
        if let Some(top) = self.popups.last_mut() {
            top.paste(text);
        }
    }

    /// Asks the application; a refusal is told.
    pub fn ask<D: Desk + ?Sized>(&mut self, desk: &mut D, command: Command) {
        // On their own screen the checks are in sight already.
        let in_sight = desk.view().screen == Screen::Checks && matches!(command, Command::Pipeline(PipelineCommand::Check(_)));
        let popup = if in_sight { None } else { popup_of(&command) };
        match desk.ask(command) {
            Ok(()) => self.popups.extend(popup),
            Err(Refused(problem)) => self.tell_problem(problem),
        }
    }

    /// Asks for data that is in sight and not there. Called after a frame is drawn.
    pub fn follow_up<D: Desk + ?Sized>(&mut self, desk: &mut D) {
        let wanted = {
            let view = desk.view();
            self.screens.of(view.screen).wants(&view)
        };
        for command in wanted {
            // What cannot be asked now is asked again later; no word about it.
            desk.ask(command).ok();
        }
    }

    /// Stops what runs; once nothing is at work any more, it is time to end.
    pub fn leave<D: Desk + ?Sized>(&mut self, desk: &mut D) {
        self.leaving = true;
        let running: Vec<_> = desk.view().jobs.running().map(|j| j.ticket).collect();
        for ticket in running {
            desk.ask(Command::CancelJob(ticket)).ok();
        }
    }

    /// Draws the frame.
    pub fn draw(&mut self, view: &View<'_>, frame: &mut Frame<'_>) {
        self.hear(view);
        self.popups.retain(|popup| !popup.is_over(view));
        let area = frame.area();
        let mut pen = Pen { buffer: frame.buffer_mut(), look: self.look };
        pen.over(area, self.look.base());
        let parts = parts(area);
        self.draw_crumbs(view, &mut pen, parts.crumbs);
        draw_tabs(view.screen, &mut pen, parts.tabs);
        self.screens.of(view.screen).draw(view, &mut pen, parts.body, parts.small);
        self.draw_message(&mut pen, parts);
        self.draw_keys(view, &mut pen, parts);
        let depth = self.popups.len();
        for (i, popup) in self.popups.iter_mut().enumerate() {
            // Lower ones stay as they are, seen at their edges.
            popup.draw(view, &mut pen, parts.body, i + 1 == depth);
        }
        if self.look.glyphs == Glyphs::Ascii {
            to_ascii(pen.buffer);
        }
    }

    fn understood<D: Desk + ?Sized>(&mut self, desk: &D, key: &KeyEvent, name: &str) -> Vec<Act> {
        let view = desk.view();
        if let Some(top) = self.popups.last_mut() {
            return top.key(name, key, &view);
        }
        if name == "esc"
            && let Some(acts) = self.screens.of(view.screen).key("esc", &view)
        {
            return acts;
        }
        if let Some(entry) = catalogue::by_key(view.screen, name) {
            // A key is about what the cursor is on; where a file goes, and what is to be written, is always asked for.
            let mut values = Values::default();
            let screen = self.screens.of(view.screen);
            for argument in entry.arguments.iter().filter(|a| a.shape == Shape::Required && !a.input.is_always_asked()) {
                if let Some(value) = screen.value(argument.input, &view) {
                    values.push(argument.name, value);
                }
            }
            return vec![Act::Do(entry, values)];
        }
        if name == "!" {
            return self.last_problem();
        }
        self.screens.of(view.screen).key(name, &view).unwrap_or_default()
    }

    fn carry_out<D: Desk + ?Sized>(&mut self, desk: &mut D, acts: Vec<Act>) -> Vec<Wish> {
        let mut wishes = Vec::new();
        for act in acts {
            match act {
                Act::Ask(command) => self.ask(desk, command),
                Act::Do(entry, values) => wishes.extend(self.do_entry(desk, entry, values)),
                Act::Push(popup) => self.popups.push(popup),
                Act::Close => {
                    self.popups.pop();
                }
                Act::Say(kind, text) => self.message = Some(Message { kind, text, whole: false }),
                Act::Copy(text) => {
                    self.message = Some(Message { kind: NoticeKind::Info, text: format!("copied: {text}"), whole: false });
                    wishes.push(Wish::Copy(text));
                }
                Act::Leave => {
                    self.leave(desk);
                    if !desk.is_busy() {
                        wishes.push(Wish::Quit);
                    }
                }
            }
        }
        wishes
    }

    fn do_entry<D: Desk + ?Sized>(&mut self, desk: &mut D, entry: &'static Entry, values: Values) -> Vec<Wish> {
        let possible = context::may(entry, &desk.view());
        if let Err(reason) = possible {
            self.message = Some(Message { kind: NoticeKind::Warning, text: format!("{}: {reason}", bare(entry.title)), whole: false });
            return Vec::new();
        }
        let build = match entry.action {
            Action::Face(action) => return self.do_face(desk, action),
            Action::Ask(build) => build,
        };
        // What writes a connection is asked for by a form, which needs nothing before.
        if matches!(entry.id, "connect.add") {
            self.ask(desk, open_form(entry, values));
            return Vec::new();
        }
        let missing = entry.arguments.iter().find(|a| a.shape == Shape::Required && values.get(a.name).is_none());
        if let Some(argument) = missing {
            let view = desk.view();
            let choices = context::choices(argument.input, &view);
            let under = self.screens.of(view.screen).value(argument.input, &view);
            let first = context::suggestion(entry, argument, &values).or(under).unwrap_or_default();
            self.popups.push(Box::new(Prompt::for_argument(entry, argument, values, choices, &first)));
            return Vec::new();
        }
        // So is what writes a source: it is seen before it is done.
        if matches!(entry.id, "source.add" | "source.add_table" | "connect.edit") {
            self.ask(desk, open_form(entry, values));
            return Vec::new();
        }
        match build(&values) {
            Ok(command) => self.ask(desk, command),
            Err(problem) => self.tell_problem(problem),
        }
        Vec::new()
    }

    fn do_face<D: Desk + ?Sized>(&mut self, desk: &mut D, action: FaceAction) -> Vec<Wish> {
        let acts = {
            let view = desk.view();
            match action {
                FaceAction::Palette => vec![Act::Push(Box::new(Palette::over(&view)))],
                FaceAction::Keys => vec![Act::Push(Box::new(Viewer::keys(view.screen)))],
                FaceAction::AskQuery => vec![Act::Push(Box::new(Prompt::for_query(context::names(&view))))],
                FaceAction::CopyAsCommand => {
                    let text = self.screens.of(view.screen).as_command(&view);
                    let at =
                        self.workspace.as_ref().map_or_else(String::new, |w| format!("-w {} ", context::shell(&w.display().to_string())));
                    vec![Act::Copy(format!("trommel {at}{text}"))]
                }
                FaceAction::ToggleTheme => {
                    self.look.theme = if self.look.theme == Theme::Dark { Theme::Light } else { Theme::Dark };
                    Vec::new()
                }
                FaceAction::Quit => return self.quit(desk),
                FaceAction::Completions | FaceAction::Manual => {
                    vec![Act::Say(NoticeKind::Info, "this one is for the command line: trommel completions, trommel man".to_owned())]
                }
                FaceAction::AskFilter
                | FaceAction::SortColumn
                | FaceAction::OpenSelected
                | FaceAction::ShowCell
                | FaceAction::CancelSelected => self.screens.of(view.screen).act(action, &view),
            }
        };
        self.carry_out(desk, acts)
    }

    /// Leaves at once when nothing runs; else asks first.
    fn quit<D: Desk + ?Sized>(&mut self, desk: &mut D) -> Vec<Wish> {
        let (mut at_stake, mut going_on) = (Vec::new(), false);
        for job in desk.view().jobs.at_stake() {
            going_on |= job.state == JobState::Running;
            at_stake.push(job.title.clone());
        }
        if at_stake.is_empty() {
            return vec![Wish::Quit];
        }
        if going_on {
            self.popups.push(Box::new(Confirm::leave(&at_stake)));
        } else {
            // All of it is being stopped already.
            self.leave(desk);
        }
        Vec::new()
    }

    fn last_problem(&self) -> Vec<Act> {
        match self.fault.clone() {
            Some(problem) => vec![Act::Push(Box::new(Viewer::problem(problem)))],
            None => Vec::new(),
        }
    }

    fn tell_problem(&mut self, problem: Problem) {
        self.message = Some(Message { kind: NoticeKind::Error, text: show::problem::one_line(&problem), whole: true });
        self.fault = Some(problem);
    }

    /// The newest notice takes the place of what stood there.
    fn hear(&mut self, view: &View<'_>) {
        let Some(newest) = view.notices.last().filter(|n| n.id > self.heard) else { return };
        self.heard = newest.id;
        let text = newest.problem.as_ref().map_or_else(|| newest.text.clone(), show::problem::one_line);
        self.message = Some(Message { kind: newest.kind, text, whole: newest.problem.is_some() });
        if newest.problem.is_some() {
            self.fault.clone_from(&newest.problem);
        }
    }

    fn draw_crumbs(&self, view: &View<'_>, pen: &mut Pen<'_>, area: Rect) {
        let glyphs = self.look.glyphs;
        let mut line = Line::new().accent(glyphs.pick(" ◉ ", " o "));
        let last = view.breadcrumbs.len().saturating_sub(1);
        // Where there is little room, only the end of the way is shown.
        let first = if area.width < 60 { last.saturating_sub(1) } else { 0 };
        if first == 0 {
            line = line.strong("trommel");
        }
        for (i, crumb) in view.breadcrumbs.iter().enumerate().skip(first) {
            if first == 0 || i > first {
                line = line.muted(format!(" {} ", glyphs.then()));
            }
            line = if i == last { line.plain(crumb) } else { line.muted(crumb) };
        }
        pen.line(area, 0, &line);
        let running = view.jobs.running().last();
        let Some(job) = running else { return };
        let share = job.progress.ratio().map_or_else(String::new, |r| format!(" {:.0} %", r * 100.0));
        let more = match view.jobs.running().count() {
            0 | 1 => String::new(),
            n => format!(" and {} more", n - 1),
        };
        let state = Line::new().gap(2).accent(glyphs.running()).plain(format!(" {}{share}{more} ", job.title));
        let state = state.cut(usize::from(area.width / 2), glyphs);
        let width = (state.width() as u16).min(area.width);
        pen.line(Rect { x: area.right() - width, width, ..area }, 0, &state);
    }

    fn draw_message(&self, pen: &mut Pen<'_>, parts: Parts) {
        let line = match &self.message {
            _ if self.leaving => Line::new().with(Tone::Warn, " stopping what runs; ctrl+c ends at once"),
            None => return,
            Some(message) => {
                let (sign, tone) = match message.kind {
                    NoticeKind::Info => (self.look.glyphs.dot(), Tone::Accent),
                    NoticeKind::Warning => (self.look.glyphs.held(), Tone::Warn),
                    NoticeKind::Error => (self.look.glyphs.bad(), Tone::Bad),
                };
                let more = if message.whole { "  (! shows all of it)" } else { "" };
                let room = usize::from(parts.message.width).saturating_sub(more.len() + 3);
                Line::new().gap(1).with(tone, sign).gap(1).append(Line::new().plain(&message.text).cut(room, self.look.glyphs)).muted(more)
            }
        };
        // A small terminal has no row for it: it covers the keys until one is pressed.
        let area = if parts.small { parts.keys } else { parts.message };
        pen.line(area, 0, &line);
    }

    fn draw_keys(&mut self, view: &View<'_>, pen: &mut Pen<'_>, parts: Parts) {
        if parts.small && (self.message.is_some() || self.leaving) {
            return;
        }
        let hints = match self.popups.last() {
            Some(top) => top.hints(),
            None => keybar::hints(view.screen, self.screens.of(view.screen).moves()),
        };
        pen.line(parts.keys, 0, &keybar::line(&hints, usize::from(parts.keys.width), parts.small));
    }
}

fn draw_tabs(front: Screen, pen: &mut Pen<'_>, area: Rect) {
    let wide = area.width >= 110;
    let (close, tight) = (area.width < 100, area.width < 89);
    let mut line = Line::new().gap(1);
    let mut at = None;
    for screen in Screen::ALL {
        let (key, between) = (screen.key(), if tight { "" } else { " " });
        let text = if close { format!("{key}{between}{} ", screen.title()) } else { format!(" {key} {} ", screen.title()) };
        let start = line.width() as u16;
        if screen == front {
            at = Some((start, text.len() as u16));
            line = line.strong(text);
        } else {
            line = line.muted(format!("{}{key}", if close { "" } else { " " })).plain(format!("{between}{} ", screen.title()));
        }
        if wide {
            line = line.gap(1);
        }
    }
    pen.line(area, 0, &line);
    if let Some((start, width)) = at.filter(|_| area.height > 0) {
        let style = pen.look.selected(true);
        pen.over(Rect { x: area.x + start.min(area.width), width: width.min(area.width.saturating_sub(start)), height: 1, ..area }, style);
    }
}

fn open_form(entry: &Entry, values: Values) -> Command {
    Command::Source(SourceCommand::Draft(DraftCommand::Open { entry: entry.id.to_owned(), values }))
}

/// What a command lays on top of the screen in front.
fn popup_of(command: &Command) -> Option<Box<dyn Popup>> {
    match command {
        Command::Source(SourceCommand::Draft(DraftCommand::Open { .. })) => Some(Box::new(Form::default())),
        Command::Source(SourceCommand::Browse(_)) => Some(Box::new(Browser::default())),
        other => slot_of(other).map(|slot| Box::new(Viewer::answer(slot)) as Box<dyn Popup>),
    }
}

/// Commands whose answer has no screen of its own lay it on top of the one in front.
fn slot_of(command: &Command) -> Option<Slot> {
    Some(match command {
        Command::Workspace(WorkspaceCommand::Doctor) => Slot::Doctor,
        Command::Source(SourceCommand::Sniff(_)) => Slot::Sniffed,
        Command::Source(SourceCommand::Test(_) | SourceCommand::Tables(_)) => Slot::Connection,
        Command::Match(_) => Slot::Matched,
        Command::Review(ReviewCommand::Decide(_) | ReviewCommand::Threshold { .. } | ReviewCommand::Unmerge(_)) => Slot::Reviewed,
        Command::Quarantine(QuarantineCommand::Decide(_)) => Slot::Decided,
        Command::Recipe(RecipeCommand::ShowSql(_)) => Slot::RecipeSql,
        Command::Recipe(RecipeCommand::Spellings(_)) => Slot::Spellings,
        Command::Board(BoardCommand::ShowKpi(_)) => Slot::Kpi,
        Command::Pipeline(PipelineCommand::Check(_)) => Slot::Checks,
        Command::Pipeline(PipelineCommand::ShowRun(_)) => Slot::Run,
        _ => return None,
    })
}

fn bare(title: &str) -> &str {
    title.trim_end_matches('…')
}

/// One character for one, so that nothing moves.
fn to_ascii(buffer: &mut ratatui::buffer::Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            cell.set_symbol(match cell.symbol() {
                "…" | "±" => "~",
                "−" | "–" | "—" | "·" => "-",
                "€" => "E",
                "→" | "›" => ">",
                "“" | "”" | "„" => "\"",
                "’" | "‘" => "'",
                _ => "?",
            });
        }
    }
}

/// The screens by what they can do for the face.
pub(crate) trait ScreenFace {
    /// Draws the screen. A `small` area has room for one pane only.
    fn draw(&mut self, view: &View<'_>, pen: &mut Pen<'_>, area: Rect, small: bool);

    /// A key that moves about; nothing when it means nothing here.
    fn key(&mut self, key: &str, view: &View<'_>) -> Option<Vec<Act>>;

    /// Does what the catalogue leaves to the screen in front.
    fn act(&mut self, _action: FaceAction, _view: &View<'_>) -> Vec<Act> {
        Vec::new()
    }

    /// What the cursor is on, for an argument of this kind.
    fn value(&self, _input: Input, _view: &View<'_>) -> Option<String> {
        None
    }

    /// Keys that move about here, for the key bar.
    fn moves(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// The verb that comes to the same as what is seen.
    fn as_command(&self, view: &View<'_>) -> String;

    /// Data that is in sight and has not been asked for.
    fn wants(&mut self, _view: &View<'_>) -> Vec<Command> {
        Vec::new()
    }
}
