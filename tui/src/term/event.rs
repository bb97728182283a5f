//! All that wakes the loop, on one channel.

use std::io;

use crossbeam_channel::Sender;
use crossterm::event::{self, KeyEvent, KeyEventKind};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;

/// What happened.
pub(super) enum Event {
    Key(KeyEvent),
    Paste(String),
    Resize,
    /// The session has news.
    Wake,
    /// Somebody wants us to stop for a while.
    Suspend,
    /// The terminal is gone, or the process is to end.
    End,
}

/// Starts to listen to the terminal.
pub(super) fn listen_to_keys(to: &Sender<Event>) -> io::Result<()> {
    let send = to.clone();
    std::thread::Builder::new().name("keys".to_owned()).spawn(move || {
        loop {
            let event = match event::read() {
                Ok(event::Event::Key(key)) if key.kind != KeyEventKind::Release => Event::Key(key),
                Ok(event::Event::Paste(text)) => Event::Paste(text),
                Ok(event::Event::Resize(..)) => Event::Resize,
                Ok(_) => continue,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => Event::End,
            };
            let last = matches!(event, Event::End);
            if send.send(event).is_err() || last {
                return;
            }
        }
    })?;
    Ok(())
}

/// Starts to listen to signals: from then on none ends the process while the terminal is ours.
pub(super) fn listen_to_signals(to: &Sender<Event>) -> io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGCONT])?;
    let send = to.clone();
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in signals.forever() {
            let event = match signal {
                SIGTSTP => Event::Suspend,
                SIGCONT => Event::Resize,
                _ => Event::End,
            };
            if send.send(event).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}
