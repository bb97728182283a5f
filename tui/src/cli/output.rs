//! Where the answers and the narration go, and what is known of the terminal behind them.

use std::io::{self, Write};

use trommel_model::Exit;

use super::Parsed;
use super::colour::{Colour, Use};
use crate::paint::{Glyphs, Ink, Line, Room};

/// The streams of a process, so that tests can give others.
pub struct Io<'a> {
    /// Standard output.
    pub out: &'a mut dyn Write,
    /// Standard error.
    pub err: &'a mut dyn Write,
    /// Columns of the terminal behind standard output, if it is one.
    pub out_columns: Option<usize>,
    /// Columns of the terminal behind standard error, if it is one.
    pub err_columns: Option<usize>,
    /// A variable of the environment.
    pub env: &'a dyn Fn(&str) -> Option<String>,
}

impl Io<'_> {
    pub(crate) fn out_is_terminal(&self) -> bool {
        self.out_columns.is_some()
    }

    /// Room and ink for answers.
    pub(crate) fn for_answers(&self, colour: Use) -> (Room, Ink) {
        self.style(self.out_columns, colour)
    }

    /// Room and ink for narration.
    pub(crate) fn for_narration(&self, colour: Use) -> (Room, Ink) {
        self.style(self.err_columns, colour)
    }

    /// Prints lines of an answer.
    pub(crate) fn answer(&mut self, lines: &[Line], ink: Ink) -> io::Result<()> {
        for line in lines {
            writeln!(self.out, "{}", ink.line(line))?;
        }
        self.out.flush()
    }

    /// Prints a line of narration. A standard error that is closed is no reason to stop.
    pub(crate) fn tell(&mut self, line: &Line, ink: Ink) {
        writeln!(self.err, "{}", ink.line(line)).ok();
    }

    /// How the process ends after its last words. A reader who went away is no fault.
    pub(crate) fn done(&mut self, written: io::Result<Exit>) -> Parsed {
        Parsed::Done(match written {
            Ok(exit) => exit,
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Exit::Ok,
            Err(e) => {
                writeln!(self.err, "error: cannot write to standard output: {e}").ok();
                Exit::Failed
            }
        })
    }

    fn style(&self, columns: Option<usize>, colour: Use) -> (Room, Ink) {
        let ink = match Colour::of(colour, columns.is_some(), self.env) {
            Colour::On => Ink::Colour,
            Colour::Off => Ink::None,
        };
        (Room { width: columns, glyphs: glyphs(self.env) }, ink)
    }
}

/// Unicode signs where the locale says that the terminal reads UTF-8.
pub(crate) fn glyphs(env: &dyn Fn(&str) -> Option<String>) -> Glyphs {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| env(name).filter(|v| !v.is_empty()));
    let utf8 = locale.is_some_and(|l| {
        let l = l.to_ascii_lowercase();
        l.contains("utf-8") || l.contains("utf8")
    });
    if utf8 && env("TERM").as_deref() != Some("dumb") { Glyphs::Unicode } else { Glyphs::Ascii }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_follow_the_locale() {
        for (vars, expected) in [
            (vec![("LANG", "de_DE.UTF-8")], Glyphs::Unicode),
            (vec![("LANG", "C.utf8")], Glyphs::Unicode),
            (vec![("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")], Glyphs::Ascii),
            (vec![], Glyphs::Ascii),
            (vec![("LANG", "C.UTF-8"), ("TERM", "dumb")], Glyphs::Ascii),
        ] {
            let env = |name: &str| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
            assert_eq!(glyphs(&env), expected, "{vars:?}");
        }
    }
}
