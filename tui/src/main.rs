//! Starts: the command line is read, then a verb is done or the terminal UI opens. The exit code is all that is left.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(trommel::process::run(std::env::args_os().collect()) as u8)
}
