//! A program on a real pseudo-terminal, and what a person would see of it.

use std::io::{Read as _, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// Longer than anything a test waits for; reached only when something is wrong.
const PATIENCE: Duration = Duration::from_mins(1);

/// The terminal with the program in it.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    seen: Arc<Seen>,
}

struct Seen {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    parser: vt100::Parser,
    /// Bytes the program has written so far.
    bytes: u64,
    /// When the last of them came.
    at: Instant,
    ended: bool,
}

impl Terminal {
    /// Starts `trommel` with these arguments in a folder, on a terminal of a size.
    pub fn start(folder: &Path, arguments: &[&str], columns: u16, rows: u16) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(super::binary("trommel"));
        command.args(arguments);
        command.cwd(folder);
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("COLORTERM", "truecolor")] {
            command.env(name, value);
        }
        command.env("TROMMEL_CONFIG_DIR", folder.join(".user"));
        for name in ["NO_COLOR", "SSH_TTY", "SSH_CONNECTION", "TROMMEL_FAILPOINT"] {
            command.env_remove(name);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut out = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let state = State { parser: vt100::Parser::new(rows, columns, 0), bytes: 0, at: Instant::now(), ended: false };
        let seen = Arc::new(Seen { state: Mutex::new(state), changed: Condvar::new() });
        let teller = seen.clone();
        std::thread::spawn(move || {
            let mut buffer = vec![0_u8; 1 << 16];
            loop {
                // A terminal whose program has ended answers with an error.
                let read = out.read(&mut buffer).unwrap_or(0);
                let mut state = teller.state.lock().unwrap_or_else(PoisonError::into_inner);
                state.parser.process(&buffer[..read]);
                state.bytes += read as u64;
                state.at = Instant::now();
                state.ended = read == 0;
                teller.changed.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        Self { child, master: pair.master, keys, seen }
    }

    /// Types.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// The screen as text, rows apart by line feeds.
    pub fn shown(&self) -> String {
        self.seen.state.lock().unwrap_or_else(PoisonError::into_inner).parser.screen().contents()
    }

    /// Waits until the screen shows a text; gives the screen.
    pub fn wait_for(&self, text: &str) -> String {
        self.wait_until(&format!("\"{text}\""), |screen| screen.contents().contains(text))
    }

    /// Waits until the screen is as asked; gives the screen.
    pub fn wait_until(&self, what: &str, is_so: impl Fn(&vt100::Screen) -> bool) -> String {
        let mut state = self.seen.state.lock().unwrap_or_else(PoisonError::into_inner);
        let deadline = Instant::now() + PATIENCE;
        loop {
            if is_so(state.parser.screen()) {
                return state.parser.screen().contents();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && !state.ended, "waited for {what}, which did not come:\n{}", state.parser.screen().contents());
            state = self.seen.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Types and waits until the program writes; how long that took, and how many bytes came at once.
    pub fn answer(&mut self, keys: &str) -> (Duration, u64) {
        let before = self.seen.state.lock().unwrap_or_else(PoisonError::into_inner).bytes;
        let pressed = Instant::now();
        self.press(keys);
        let mut state = self.seen.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.bytes == before && !state.ended && pressed.elapsed() < PATIENCE {
            state = self.seen.changed.wait_timeout(state, PATIENCE).unwrap_or_else(PoisonError::into_inner).0;
        }
        assert!(state.bytes > before, "no answer to {keys:?}:\n{}", state.parser.screen().contents());
        (state.at.duration_since(pressed), state.bytes - before)
    }

    /// Makes the terminal larger or smaller.
    pub fn resize(&self, columns: u16, rows: u16) {
        self.seen.state.lock().unwrap_or_else(PoisonError::into_inner).parser.screen_mut().set_size(rows, columns);
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Waits for the end; how it ended, and whether the terminal was given back.
    pub fn ended(mut self) -> (ExitStatus, bool) {
        let status = self.child.wait().unwrap();
        let state = self.seen.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (state, waited) = self.seen.changed.wait_timeout_while(state, PATIENCE, |s| !s.ended).unwrap_or_else(PoisonError::into_inner);
        assert!(!waited.timed_out(), "the terminal was not closed");
        let screen = state.parser.screen();
        (status, !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste())
    }
}
