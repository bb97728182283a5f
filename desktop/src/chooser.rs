//! The system's own dialog to choose a file, on a thread of its own: it may block, and where there is no portal it says nothing.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};

/// A dialog that is open, or none.
#[derive(Debug, Default)]
pub(crate) struct Chooser(Option<Receiver<PathBuf>>);

impl Chooser {
    /// Opens the dialog; when something was chosen the window is drawn again.
    pub(crate) fn open(&mut self, context: &egui::Context) {
        let (send, receive) = channel();
        let context = context.clone();
        let started = std::thread::Builder::new().name("file dialog".to_owned()).spawn(move || {
            if let Some(path) = rfd::FileDialog::new().pick_file()
                && send.send(path).is_ok()
            {
                context.request_repaint();
            }
        });
        // Without the dialog there is still the field to type a path into.
        self.0 = started.is_ok().then_some(receive);
    }

    /// What was chosen, once.
    pub(crate) fn chosen(&mut self) -> Option<PathBuf> {
        let path = self.0.as_ref()?.try_recv().ok()?;
        self.0 = None;
        Some(path)
    }
}
