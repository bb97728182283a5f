//! Frames of every screen from made states, and journeys from keys to commands.

mod journeys;
mod screens;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use trommel_app::{Command, WorkspaceCommand};
use trommel_model::Theme;

use super::capabilities::{Capabilities, Depth};
use super::{Face, Wish};
use crate::Desk;
use crate::made::MadeDesk;
use crate::paint::Glyphs;

/// A face at a desk, on a terminal of a size.
struct Seat {
    desk: MadeDesk,
    face: Face,
    size: (u16, u16),
    wishes: Vec<Wish>,
}

const PLAIN: Capabilities = Capabilities { depth: Depth::Mono, glyphs: Glyphs::Unicode, theme: Theme::Dark, remote: false };
const ASCII: Capabilities = Capabilities { glyphs: Glyphs::Ascii, ..PLAIN };

impl Seat {
    /// A face before anything is loaded.
    fn empty(size: (u16, u16), capabilities: Capabilities, desk: MadeDesk) -> Self {
        Self { desk, face: Face::new(capabilities, None), size, wishes: Vec::new() }
    }

    /// A face in the car rental.
    fn new(size: (u16, u16)) -> Self {
        Self::with(size, PLAIN)
    }

    fn with(size: (u16, u16), capabilities: Capabilities) -> Self {
        let mut seat = Self::empty(size, capabilities, MadeDesk::new());
        seat.desk.done(Command::Workspace(WorkspaceCommand::Open { start: "/data".into(), environment: None }));
        seat.settle();
        seat
    }

    /// Keys by name, apart by spaces; a word in quotes is typed letter by letter.
    fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ').filter(|k| !k.is_empty()) {
            match key.strip_prefix('"').and_then(|k| k.strip_suffix('"')) {
                Some(word) => word.chars().for_each(|c| self.key(&(if c == '_' { " ".to_owned() } else { c.to_string() }))),
                None => self.key(key),
            }
        }
        self
    }

    fn key(&mut self, name: &str) {
        let (modifiers, base) = match name.split_once('+') {
            Some(("ctrl", base)) => (KeyModifiers::CONTROL, base),
            Some(("alt", base)) => (KeyModifiers::ALT, base),
            _ => (KeyModifiers::NONE, name),
        };
        let code = match base {
            "enter" => KeyCode::Enter,
            "esc" => KeyCode::Esc,
            "tab" => KeyCode::Tab,
            "up" => KeyCode::Up,
            "down" => KeyCode::Down,
            "left" => KeyCode::Left,
            "right" => KeyCode::Right,
            "pagedown" => KeyCode::PageDown,
            "backspace" => KeyCode::Backspace,
            one => KeyCode::Char(one.chars().next().unwrap()),
        };
        self.wishes.extend(self.face.key(&mut self.desk, &KeyEvent::new(code, modifiers)));
        self.settle();
    }

    /// Draws, asks for what is in sight, takes answers in, until nothing changes.
    fn settle(&mut self) {
        for _ in 0..10 {
            self.draw();
            self.face.follow_up(&mut self.desk);
            if !self.desk.pump() {
                break;
            }
        }
    }

    fn draw(&mut self) -> Terminal<TestBackend> {
        let mut terminal = Terminal::new(TestBackend::new(self.size.0, self.size.1)).unwrap();
        let Self { desk, face, .. } = self;
        terminal.draw(|frame| face.draw(&desk.view(), frame)).unwrap();
        terminal
    }

    /// The frame as text.
    fn shown(&mut self) -> String {
        let terminal = self.draw();
        let buffer = terminal.backend().buffer();
        let width = usize::from(buffer.area.width);
        let rows = buffer.content.chunks(width).map(|row| {
            let mut text = String::new();
            let mut skip = 0;
            for cell in row {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                text.push_str(cell.symbol());
                skip = crate::paint::width_of(cell.symbol()).saturating_sub(1);
            }
            text.trim_end().to_owned()
        });
        rows.collect::<Vec<_>>().join("\n")
    }

    /// The last thing that was asked.
    fn asked(&self) -> &Command {
        self.desk.asked.last().unwrap()
    }
}
