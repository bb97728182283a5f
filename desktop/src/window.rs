//! A real window around the shell, and its faults in words a person can use.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use trommel_app::{Command, Subject, TableCommand, WorkspaceCommand};
use trommel_model::{Code, Outcome, Problem};
use trommel_runtime::{Session, Settings};

use crate::shell::Shell;

struct Window(Shell<Session>);

impl eframe::App for Window {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.0.frame(ui);
    }
}

/// Opens a window on a workspace's folder, or on a file; returns when it is closed.
pub fn open_window(what: Option<PathBuf>) -> Outcome<()> {
    let context: Arc<Mutex<Option<egui::Context>>> = Arc::default();
    let shared = context.clone();
    let wake = move || {
        if let Some(context) = shared.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            context.request_repaint();
        }
    };
    let settings =
        Settings { config_dir: None, threads: std::thread::available_parallelism().map_or(1, usize::from), wake: Arc::new(wake) };
    let mut session = Session::start(settings)?;
    let start = what.clone().unwrap_or_else(|| PathBuf::from("."));
    let file = what.filter(|p| p.is_file());
    let folder = if file.is_some() { start.parent().map(PathBuf::from).unwrap_or_default() } else { start };
    // A folder without a workspace is no fault here: the first screen offers what to do.
    let _ = session.ask(Command::Workspace(WorkspaceCommand::Open { start: folder, environment: None }));
    if let Some(path) = file {
        let _ = session.ask(Command::Table(TableCommand::Open(Subject::File(path))));
        let _ = session.ask(Command::Table(TableCommand::Profile));
    }
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Trommel")
            .with_inner_size([1280.0, 800.0])
            .with_min_inner_size([640.0, 400.0]),
        ..eframe::NativeOptions::default()
    };
    let made = eframe::run_native(
        "trommel",
        options,
        Box::new(move |creation| {
            *context.lock().unwrap_or_else(PoisonError::into_inner) = Some(creation.egui_ctx.clone());
            Ok(Box::new(Window(Shell::new(session, &creation.egui_ctx))))
        }),
    );
    made.map_err(|e| translate(&e.to_string()))
}

/// The toolkit's faults in words a person can use.
fn translate(fault: &str) -> Problem {
    let problem = Problem::new(Code::Internal, "cannot open a window").why(fault.to_owned());
    let lower = fault.to_lowercase();
    if lower.contains("display") || lower.contains("wayland") || lower.contains("compositor") {
        return problem.next("there is no screen here; the terminal UI has the same screens: trommel");
    }
    if lower.contains(".so") || lower.contains("library") || lower.contains("egl") || lower.contains("glx") || lower.contains("opengl") {
        return problem
            .next("on Debian: apt-get install libx11-6 libx11-xcb1 libxcursor1 libxi6 libxkbcommon-x11-0 libegl1 libgl1-mesa-dri");
    }
    problem.next("the terminal UI has the same screens: trommel")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_screens_and_libraries_get_a_next_step() {
        for (fault, word) in [
            ("winit EventLoopError: neither WAYLAND_DISPLAY nor DISPLAY is set", "terminal UI"),
            ("libEGL.so.1: cannot open shared object file", "apt-get install"),
        ] {
            assert!(translate(fault).next.unwrap().contains(word), "{fault}");
        }
    }
}
