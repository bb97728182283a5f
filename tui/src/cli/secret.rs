//! Takes a password from standard input: typed without being shown, or handed over by another program.

use std::io::{self, BufRead as _, IsTerminal as _};

use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use trommel_model::{Masked, Outcome, Problem};

/// Longer input is no password.
const LONGEST: u64 = 64 << 10;

/// The first line of standard input; on a terminal it is asked for.
pub(super) fn ask(prompt: &str, err: &mut dyn io::Write) -> Outcome<Masked> {
    let fault = |e: io::Error| Problem::from_io(&e, "read the password", std::path::Path::new("-"));
    if !io::stdin().is_terminal() {
        let mut line = String::new();
        io::Read::take(io::stdin().lock(), LONGEST).read_line(&mut line).map_err(fault)?;
        return Ok(Masked::new(line.trim_end_matches(['\r', '\n']).to_owned()));
    }
    write!(err, "{prompt}: ").and_then(|()| err.flush()).map_err(fault)?;
    enable_raw_mode().map_err(fault)?;
    let typed = typed();
    // The terminal is given back whatever came of it.
    disable_raw_mode().map_err(fault)?;
    writeln!(err).ok();
    typed.map_err(fault)?.map_or_else(|| Err(Problem::interrupted()), |text| Ok(Masked::new(text)))
}

/// What is typed up to enter; nothing when it is broken off.
fn typed() -> io::Result<Option<String>> {
    let mut text = String::new();
    loop {
        let Event::Key(key) = event::read()? else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        match key.code {
            KeyCode::Enter => return Ok(Some(text)),
            KeyCode::Esc => return Ok(None),
            KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => return Ok(None),
            KeyCode::Char(c) => text.push(c),
            KeyCode::Backspace => {
                text.pop();
            }
            _ => {}
        }
    }
}
