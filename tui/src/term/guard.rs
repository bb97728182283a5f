//! Takes the terminal and gives it back: on leaving, on suspending, on a panic.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};

/// While this lives, the terminal is ours.
pub(super) struct Guard;

/// True while the terminal is ours; the panic hook reads it.
static OURS: AtomicBool = AtomicBool::new(false);

impl Guard {
    /// Takes the terminal, and sees to it that a panic gives it back.
    pub(super) fn enter() -> io::Result<Self> {
        let tell = std::panic::take_hook();
        let faces = std::thread::current().id();
        std::panic::set_hook(Box::new(move |panic| {
            if !OURS.load(Ordering::SeqCst) {
                tell(panic);
            } else if std::thread::current().id() == faces {
                restore().ok();
                tell(panic);
            }
            // A panic of a worker becomes a problem on screen; printing it would spoil the screen.
        }));
        let guard = Self;
        guard.enter_again()?;
        Ok(guard)
    }

    /// Takes the terminal again after a suspension.
    #[expect(clippy::unused_self, reason = "only who holds the guard may take the terminal")]
    pub(super) fn enter_again(&self) -> io::Result<()> {
        enable_raw_mode()?;
        OURS.store(true, Ordering::SeqCst);
        crossterm::execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, crossterm::cursor::Hide)
    }

    /// Gives the terminal back for a while.
    #[expect(clippy::unused_self, reason = "only who holds the guard may give the terminal back")]
    pub(super) fn leave(&self) -> io::Result<()> {
        restore()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore().ok();
    }
}

fn restore() -> io::Result<()> {
    if !OURS.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    let mut out = io::stdout();
    crossterm::queue!(
        out,
        crossterm::terminal::EndSynchronizedUpdate,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        crossterm::cursor::Show
    )?;
    out.flush()?;
    disable_raw_mode()
}
