//! The terminal UI: a loop that takes keys and news, and draws when something has changed.

mod act;
mod answers;
mod capabilities;
mod context;
mod event;
mod face;
mod guard;
mod keybar;
mod keys;
mod layout;
mod look;
mod pen;
mod popups;
mod rhythm;
mod screens;
mod widgets;

#[cfg(test)]
mod tests;

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::Receiver;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use trommel_app::{Command, WorkspaceCommand};
use trommel_model::{Outcome, Problem};

pub use capabilities::Capabilities;
pub(crate) use context::shell;
pub use face::{Face, Wish};

use crate::Desk;
use event::Event;
use guard::Guard;
use rhythm::Rhythm;

/// What the terminal UI starts with.
#[derive(Debug, Clone)]
pub struct Start {
    /// Where to look for the workspace; without it the current folder.
    pub workspace: Option<PathBuf>,
    /// The environment; without it the workspace's default.
    pub environment: Option<String>,
    /// What the terminal can do.
    pub capabilities: Capabilities,
}

type Screen = Terminal<CrosstermBackend<BufWriter<io::Stdout>>>;

/// Runs the terminal UI until somebody quits. `begin` gets what wakes the loop and makes the session.
pub fn run<D: Desk>(start: Start, begin: impl FnOnce(Arc<dyn Fn() + Send + Sync>) -> Outcome<D>) -> Outcome<()> {
    let (send, events) = crossbeam_channel::unbounded();
    let waker = send.clone();
    let mut desk = begin(Arc::new(move || {
        waker.send(Event::Wake).ok();
    }))?;
    event::listen_to_signals(&send).map_err(|e| terminal(&e))?;
    let guard = Guard::enter().map_err(|e| terminal(&e))?;
    let mut terminal_screen = screen().map_err(|e| terminal(&e))?;
    let mut face = Face::new(start.capabilities, start.workspace.clone());
    draw(&mut terminal_screen, &mut face, &desk).map_err(|e| terminal(&e))?;
    event::listen_to_keys(&send).map_err(|e| terminal(&e))?;
    let place = start.workspace.unwrap_or_else(|| PathBuf::from("."));
    face.ask(&mut desk, Command::Workspace(WorkspaceCommand::Open { start: place, environment: start.environment }));
    let ended = go(&mut desk, &mut face, &mut terminal_screen, &events, &guard);
    drop(guard);
    // The guard has put everything back; dropping this would print to a standard error that may be gone.
    std::mem::forget(terminal_screen);
    ended.map_err(|e| terminal(&e))
}

fn go<D: Desk>(desk: &mut D, face: &mut Face, screen: &mut Screen, events: &Receiver<Event>, guard: &Guard) -> io::Result<()> {
    let mut rhythm = Rhythm::new(face.capabilities().remote);
    let mut changed = true;
    let mut watched = true;
    loop {
        if changed && watched && rhythm.is_due() {
            if let Err(error) = draw(screen, face, desk) {
                if !is_gone(&error) {
                    return Err(error);
                }
                watched = false;
                face.leave(desk);
                if !desk.is_busy() {
                    return Ok(());
                }
                continue;
            }
            face.follow_up(desk);
            rhythm.drawn();
            changed = false;
        }
        let first = match rhythm.wait(changed && watched, desk.is_busy()) {
            Some(at_most) => events.recv_timeout(at_most).ok(),
            None => events.recv().ok(),
        };
        for event in first.into_iter().chain(events.try_iter()) {
            match event {
                Event::Key(key) => {
                    changed = true;
                    rhythm.hurry();
                    for wish in face.key(desk, &key) {
                        match wish {
                            Wish::Quit => return Ok(()),
                            Wish::Copy(text) => copy(&text)?,
                            Wish::Suspend => suspend(screen, guard)?,
                        }
                    }
                }
                Event::Paste(text) => {
                    face.paste(&text);
                    changed = true;
                }
                Event::Resize => changed = true,
                Event::Wake => {}
                Event::Suspend => {
                    suspend(screen, guard)?;
                    changed = true;
                }
                // Nobody is there any more: what runs is stopped cleanly, and nothing is drawn.
                Event::End if watched => {
                    watched = false;
                    face.leave(desk);
                }
                Event::End => return Ok(()),
            }
        }
        changed |= desk.pump();
        if face.is_leaving() && !desk.is_busy() {
            return Ok(());
        }
    }
}

fn screen() -> io::Result<Screen> {
    Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(1 << 16, io::stdout())))
}

/// One frame, shown at once: the terminal holds it back until it is whole.
fn draw<D: Desk>(screen: &mut Screen, face: &mut Face, desk: &D) -> io::Result<()> {
    crossterm::queue!(screen.backend_mut(), crossterm::terminal::BeginSynchronizedUpdate)?;
    screen.draw(|frame| face.draw(&desk.view(), frame))?;
    crossterm::queue!(screen.backend_mut(), crossterm::terminal::EndSynchronizedUpdate)?;
    screen.backend_mut().flush()
}

/// Puts text on the clipboard of the terminal in front of the person, also over SSH (OSC 52).
fn copy(text: &str) -> io::Result<()> {
    let mut out = io::stdout();
    write!(out, "\x1b]52;c;{}\x07", base64(text.as_bytes()))?;
    out.flush()
}

/// Hands the terminal back to the shell until somebody brings us to the front again.
fn suspend(screen: &mut Screen, guard: &Guard) -> io::Result<()> {
    guard.leave()?;
    signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
    guard.enter_again()?;
    // Not `clear`: it asks the terminal where the cursor is, and the answer would go to who reads the keys.
    let size = screen.size()?;
    screen.resize(size.into())
}

/// True when there is no terminal any more: the line was dropped, the window closed.
fn is_gone(error: &io::Error) -> bool {
    const EIO: i32 = 5;
    error.kind() == io::ErrorKind::BrokenPipe || error.raw_os_error() == Some(EIO)
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |g, b| g << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            let sign = if i <= chunk.len() { ALPHABET[(group >> (18 - 6 * i) & 63) as usize] } else { b'=' };
            text.push(char::from(sign));
        }
    }
    text
}

fn terminal(error: &io::Error) -> Problem {
    Problem::from_io(error, "use the terminal", Path::new("/dev/tty"))
}

#[cfg(test)]
mod unit {
    #[test]
    fn base64_as_in_rfc_4648() {
        for (given, expected) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(super::base64(given.as_bytes()), expected);
        }
    }
}
