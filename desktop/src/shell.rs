//! The frame around the screens: tabs, breadcrumbs, notices, pop-ups, keys, dropped files.

use egui::{CentralPanel, Panel, RichText, Ui};
use trommel_app::catalogue::{self, Action, Entry, FaceAction, Values};
use trommel_app::{Command, DraftCommand, NoticeKind, Screen, SourceCommand, Subject, TableCommand};
use trommel_model::{Order, SortKey, sanitise};

use crate::browser;
use crate::desk::Desk;
use crate::form::{self, FormState};
use crate::keys;
use crate::look::{self, colour};
use crate::palette::Palette;
use crate::prompt::Prompt;
use crate::screens::{self, Memory};
use crate::wish::{Wish, Wishes};

/// The desktop around an application.
pub struct Shell<D> {
    desk: D,
    memory: Memory,
    popups: Vec<Popup>,
    form: FormState,
    /// The tables of a connection lie open.
    browsing: bool,
    refused: Option<trommel_model::Problem>,
}

/// What lies on top of the screen, the topmost last.
enum Popup {
    Palette(Palette),
    Prompt(Prompt),
    Filter(String),
    Query(String),
    Cell(String, String),
}

impl<D: Desk> Shell<D> {
    /// A desktop around an application.
    pub fn new(desk: D, context: &egui::Context) -> Self {
        look::dress(context);
        Self { desk, memory: Memory::default(), popups: Vec::new(), form: FormState::default(), browsing: false, refused: None }
    }

    /// Gives a context the product's look; `new` does this for its own.
    pub fn dress(context: &egui::Context) {
        look::dress(context);
    }

    /// The application.
    pub fn desk(&self) -> &D {
        &self.desk
    }

    /// The application, to ask something of it from outside a frame.
    pub fn desk_mut(&mut self) -> &mut D {
        &mut self.desk
    }

    /// Takes in news and draws one frame.
    pub fn frame(&mut self, ui: &mut Ui) {
        self.desk.pump();
        let mut wishes = Wishes::default();
        self.take_keys(ui, &mut wishes);
        self.take_files(ui, &mut wishes);
        self.top(ui, &mut wishes);
        self.bottom(ui, &mut wishes);
        let view = self.desk.view();
        let memory = &mut self.memory;
        memory.table.listens = self.popups.is_empty() && view.draft.is_none() && !self.browsing;
        CentralPanel::default().show(ui, |ui| screens::show(ui, &view, memory, &mut wishes));
        if let Some((name, text)) = self.memory.table.cell.take() {
            self.popups.push(Popup::Cell(name, text));
        }
        self.browser(ui, &mut wishes);
        self.draft(ui, &mut wishes);
        self.popup(ui, &mut wishes);
        for wish in wishes.take() {
            self.fulfil(ui, wish);
        }
        if self.desk.is_busy() {
            // Progress is a slot that is looked at, not a message that wakes us.
            ui.ctx().request_repaint_after(std::time::Duration::from_millis(100));
        }
    }

    fn top(&mut self, ui: &mut Ui, wishes: &mut Wishes) {
        let view = self.desk.view();
        Panel::top("top").show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                for screen in Screen::ALL {
                    let text = RichText::new(format!("{} {}", screen.key(), screen.title()));
                    if ui.selectable_label(view.screen == screen, text).clicked() {
                        wishes.ask(Command::Show(screen));
                    }
                }
                ui.separator();
                if ui.button("Commands…").on_hover_text("Ctrl+P").clicked() {
                    wishes.choose("palette");
                }
            });
            ui.label(look::muted(ui, sanitise(&view.breadcrumbs.join("  ›  ")).into_owned()).small());
        });
    }

    fn bottom(&mut self, ui: &mut Ui, wishes: &mut Wishes) {
        let view = self.desk.view();
        let palette = look::palette(ui);
        let refused = self.refused.clone();
        let mut clear = false;
        Panel::bottom("bottom").show(ui, |ui| {
            for job in view.jobs.running() {
                ui.horizontal(|ui| {
                    ui.spinner();
                    ui.label(&job.title);
                    ui.label(look::muted(ui, &job.progress.doing));
                    if let Some(ratio) = job.progress.ratio() {
                        ui.label(format!("{:.0} %", ratio * 100.0));
                    }
                });
            }
            if let Some(problem) = &refused {
                ui.horizontal(|ui| {
                    if ui.small_button("×").on_hover_text("take away").clicked() {
                        clear = true;
                    }
                    look::problem(ui, problem);
                });
            }
            for notice in view.notices.iter().rev().take(3) {
                ui.horizontal(|ui| {
                    if ui.small_button("×").on_hover_text("take away").clicked() {
                        wishes.ask(Command::Dismiss(notice.id));
                    }
                    let (sign, swatch) = match notice.kind {
                        NoticeKind::Info => ("i", palette.accent),
                        NoticeKind::Warning => ("!", palette.warn),
                        NoticeKind::Error => ("✗", palette.bad),
                    };
                    ui.label(RichText::new(sign).color(colour(swatch)).strong());
                    ui.add(egui::Label::new(sanitise(&notice.text).into_owned()).wrap());
                    if let Some(next) = notice.problem.as_ref().and_then(|p| p.next.as_ref()) {
                        ui.label(look::muted(ui, format!("→ {next}")));
                    }
                });
            }
        });
        if clear {
            self.refused = None;
        }
    }

    fn take_keys(&mut self, ui: &Ui, wishes: &mut Wishes) {
        if !self.popups.is_empty() || self.browsing || self.desk.view().draft.is_some() {
            return;
        }
        let screen = self.desk.view().screen;
        for key in keys::pressed(ui.ctx()) {
            if let Some(entry) = catalogue::by_key(screen, &key) {
                wishes.push(Wish::Choose(entry));
            }
        }
    }

    /// A file that is dropped may become a source of the workspace; without one it is profiled.
    fn take_files(&self, ui: &Ui, wishes: &mut Wishes) {
        let dropped = ui.input(|i| i.raw.dropped_files.first().map(|f| f.path().to_path_buf()));
        let Some(path) = dropped else { return };
        if self.desk.view().workspace.current.latest().is_some() {
            let mut values = Values::default();
            values.set("file", &path.display().to_string());
            wishes.ask(Command::Source(SourceCommand::Draft(DraftCommand::Open { entry: "source.add".to_owned(), values })));
        } else {
            wishes.ask(Command::Table(TableCommand::Open(Subject::File(path))));
            wishes.ask(Command::Table(TableCommand::Profile));
        }
    }

    fn draft(&mut self, ui: &Ui, wishes: &mut Wishes) {
        let view = self.desk.view();
        let Some(draft) = view.draft else {
            self.form = FormState::default();
            return;
        };
        let state = &mut self.form;
        dialog(&draft.title(), "draft").show(ui.ctx(), |ui| form::show(ui, draft, state, wishes));
    }

    fn browser(&mut self, ui: &Ui, wishes: &mut Wishes) {
        let view = self.desk.view();
        let Some(browsed) = view.sources.browsed.as_ref().filter(|_| self.browsing) else { return };
        let mut open = true;
        // A form on top of it takes the key.
        let escape = view.draft.is_none() && ui.input(|i| i.key_pressed(egui::Key::Escape));
        dialog(&format!("Tables of {}", browsed.connection), "browser")
            .open(&mut open)
            .show(ui.ctx(), |ui| browser::show(ui, browsed, wishes));
        self.browsing = open && !escape;
    }

    fn popup(&mut self, ui: &Ui, wishes: &mut Wishes) {
        let Some(mut top) = self.popups.pop() else { return };
        let view = self.desk.view();
        let title = match &top {
            Popup::Palette(_) => "Commands",
            Popup::Prompt(prompt) => prompt.title(),
            Popup::Filter(_) => "Filter",
            Popup::Query(_) => "Query",
            Popup::Cell(..) => "Cell",
        };
        let mut done = false;
        let window = egui::Window::new(title).collapsible(false).resizable(true).default_width(560.0);
        window.anchor(egui::Align2::CENTER_TOP, [0.0, 80.0]).show(ui.ctx(), |ui| {
            done = match &mut top {
                Popup::Palette(palette) => palette.show(ui, &view, wishes),
                Popup::Prompt(prompt) => prompt.show(ui, &view, wishes),
                Popup::Filter(text) => {
                    line(ui, "condition, for instance price > 100", text, wishes, |text| Command::Table(TableCommand::Filter(Some(text))))
                }
                Popup::Query(text) => {
                    line(ui, "select … from …", text, wishes, |text| Command::Table(TableCommand::Open(Subject::Sql(text))))
                }
                Popup::Cell(name, text) => cell(ui, name, text, wishes),
            };
        });
        if !done {
            self.popups.push(top);
        }
    }

    fn fulfil(&mut self, ui: &Ui, wish: Wish) {
        match wish {
            Wish::Ask(command) => self.ask(command),
            Wish::Copy(text) => ui.ctx().copy_text(text),
            Wish::Choose(entry) => self.choose(ui, entry),
            Wish::Fill(entry, known) => self.popups.push(Popup::Prompt(Prompt::new(entry, &self.desk.view()).with(known))),
        }
    }

    fn ask(&mut self, command: Command) {
        self.browsing |= matches!(command, Command::Source(SourceCommand::Browse(_)));
        self.refused = self.desk.ask(command).err().map(|refused| refused.0);
    }

    fn choose(&mut self, ui: &Ui, entry: &'static Entry) {
        // What writes a file or a connection is asked for by a form that shows what comes of it.
        let form = match entry.id {
            "source.add" => catalogue::entry("source.import"),
            "connect.add" => catalogue::entry("connect.new"),
            "connect.edit" => catalogue::entry("connect.change"),
            _ => None,
        };
        let entry = form.unwrap_or(entry);
        match entry.action {
            Action::Ask(build) if entry.arguments.is_empty() => match build(&Values::default()) {
                Ok(command) => self.ask(command),
                Err(problem) => self.refused = Some(problem),
            },
            Action::Ask(_) => {
                let prompt = Prompt::new(entry, &self.desk.view());
                self.popups.push(Popup::Prompt(prompt));
            }
            Action::Face(action) => self.face(ui, action),
        }
    }

    fn face(&mut self, ui: &Ui, action: FaceAction) {
        match action {
            FaceAction::Palette => self.popups.push(Popup::Palette(Palette::default())),
            FaceAction::Keys => self.ask(Command::Show(Screen::Help)),
            FaceAction::AskFilter => {
                let now = self.desk.view().table.and_then(|t| t.filter.clone()).unwrap_or_default();
                self.popups.push(Popup::Filter(now));
            }
            FaceAction::AskQuery => self.popups.push(Popup::Query(String::new())),
            FaceAction::SortColumn => {
                let first = self.desk.view().table.and_then(|t| t.window.latest()).and_then(|w| w.schema.fields.first().cloned());
                if let Some(field) = first {
                    self.ask(Command::Table(TableCommand::Sort(vec![SortKey { column: field.name, order: Order::Ascending }])));
                }
            }
            FaceAction::OpenSelected => self.open_selected(),
            FaceAction::CancelSelected => {
                let running = self.desk.view().jobs.running().last().map(|j| j.ticket);
                if let Some(ticket) = running {
                    self.ask(Command::CancelJob(ticket));
                }
            }
            FaceAction::CopyAsCommand => ui.ctx().copy_text(as_command(&self.desk.view())),
            FaceAction::ToggleTheme => {
                let dark = ui.visuals().dark_mode;
                ui.ctx().set_theme(if dark { egui::Theme::Light } else { egui::Theme::Dark });
            }
            FaceAction::Quit => ui.ctx().send_viewport_cmd(egui::ViewportCommand::Close),
            FaceAction::ShowCell => {
                if let Some(command) = self.desk.view().table.and_then(|table| self.memory.table.open(table)) {
                    self.ask(command);
                }
            }
            // Completions and the manual belong to the command line.
            FaceAction::Completions | FaceAction::Manual => {}
        }
    }

    fn open_selected(&mut self) {
        let view = self.desk.view();
        let name = match view.screen {
            Screen::Pipeline => view.pipeline.selected.clone(),
            Screen::Match | Screen::Checks => return,
            _ => view.sources.selected.as_ref().map(|s| format!("raw.{s}")),
        };
        if let Some(table) = name.and_then(|n| n.parse().ok()) {
            self.ask(Command::Table(TableCommand::Open(Subject::Table(table))));
        }
    }
}

/// A large window on top of the screen.
fn dialog<'a>(title: &str, id: &str) -> egui::Window<'a> {
    let window = egui::Window::new(sanitise(title).into_owned()).id(egui::Id::unique(id)).collapsible(false).resizable(true);
    window.default_size([960.0, 620.0]).anchor(egui::Align2::CENTER_TOP, [0.0, 56.0])
}

/// One line to type. True when it is done.
fn line(ui: &mut Ui, hint: &str, text: &mut String, wishes: &mut Wishes, command: impl Fn(String) -> Command) -> bool {
    let field = ui.add(egui::TextEdit::singleline(text).hint_text(hint).desired_width(f32::INFINITY));
    field.request_focus();
    if ui.input(|i| i.key_pressed(egui::Key::Enter)) {
        wishes.ask(command(text.clone()));
        return true;
    }
    ui.input(|i| i.key_pressed(egui::Key::Escape))
}

/// A value whole. True when it is done.
fn cell(ui: &mut Ui, name: &str, text: &str, wishes: &mut Wishes) -> bool {
    ui.label(RichText::new(sanitise(name).into_owned()).strong());
    egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
        for part in text.lines() {
            ui.monospace(sanitise(part).into_owned());
        }
    });
    let mut done = ui.input(|i| i.key_pressed(egui::Key::Escape));
    ui.horizontal(|ui| {
        if ui.button("Copy").clicked() {
            wishes.copy(text.to_owned());
        }
        if ui.button("Close").clicked() {
            done = true;
        }
    });
    done
}

/// The command line that comes to the same as what is seen.
fn as_command(view: &trommel_app::View<'_>) -> String {
    let table = view.table.map(|t| t.subject.to_string());
    match (view.screen, table) {
        (Screen::Table, Some(subject)) => format!("trommel query \"{subject}\""),
        (Screen::Profile, _) => {
            format!("trommel profile \"{}\"", view.profile.subject.as_ref().map(ToString::to_string).unwrap_or_default())
        }
        (Screen::Board, _) => format!("trommel board {}", view.board.name.as_deref().unwrap_or_default()),
        (Screen::Recipe, _) => format!("trommel recipe preview {}", view.recipe.model.as_deref().unwrap_or_default()),
        (Screen::Match, _) => {
            let model = view.review.model().unwrap_or_default();
            let threshold = view.review.shown().map(|s| format!(" --threshold {}", s.threshold)).unwrap_or_default();
            format!("trommel match preview {model}{threshold}")
        }
        (Screen::Pipeline, _) => "trommel plan".to_owned(),
        (Screen::Checks, _) => match view.checks.proposals.latest() {
            Some(proposals) => format!("trommel check {} --propose", proposals.table),
            None => "trommel check --list".to_owned(),
        },
        (Screen::Sources, _) => format!("trommel source preview {}", view.sources.selected.as_deref().unwrap_or_default()),
        _ => "trommel runs list".to_owned(),
    }
}
