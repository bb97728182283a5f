//! The binary `trommel-desktop`: a window on the workspace that is named, or that lies around the current folder.
#![expect(clippy::print_stderr, reason = "a program that cannot open a window has only this place to say so")]

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let mut first = arguments.next();
    match first.as_ref().and_then(|a| a.to_str()) {
        Some("--help" | "-h") => {
            eprintln!(
                "trommel-desktop [-w FOLDER | FOLDER | FILE]\n\nOpens a workspace, or profiles a file. Without a name: the workspace around the current folder."
            );
            return ExitCode::SUCCESS;
        }
        Some("--version" | "-V") => {
            eprintln!("trommel-desktop {}", env!("CARGO_PKG_VERSION"));
            return ExitCode::SUCCESS;
        }
        Some("--workspace" | "-w") => first = arguments.next(),
        Some(option) if option.starts_with('-') => {
            eprintln!("error: there is no option {option}\n  next: trommel-desktop --help");
            return ExitCode::from(2);
        }
        _ => {}
    }
    match trommel_desktop::open_window(first.map(PathBuf::from)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            if let Some(next) = &problem.next {
                eprintln!("  next: {next}");
            }
            ExitCode::from(problem.code.exit() as u8)
        }
    }
}
