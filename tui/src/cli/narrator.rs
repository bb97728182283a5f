//! Tells on standard error what goes on while a verb works: steps as they end, and one line of progress.

use std::collections::BTreeSet;

use trommel_app::View;

use super::progress::ProgressLine;
use super::{Globals, Io};
use crate::paint::{Ink, Room};
use crate::show;

/// The voice of a verb at work.
pub(super) struct Narrator {
    quiet: bool,
    room: Room,
    ink: Ink,
    told: BTreeSet<String>,
    progress: Option<ProgressLine>,
}

impl Narrator {
    /// What the view shows already was told by somebody else.
    pub(super) fn new(globals: &Globals, io: &Io<'_>, view: &View<'_>) -> Self {
        let record = view.pipeline.run.as_ref().and_then(|r| r.record.as_ref());
        let told = record.into_iter().flat_map(|r| &r.steps).map(|s| s.name.clone()).collect();
        let (room, ink) = io.for_narration(globals.colour);
        // Without a width nobody is watching a terminal.
        let progress = (room.width.is_some() && !globals.quiet).then(|| ProgressLine::new(room));
        Self { quiet: globals.quiet, room, ink, told, progress }
    }

    /// Tells what is new in the view.
    pub(super) fn see(&mut self, view: &View<'_>, io: &mut Io<'_>) {
        if self.quiet {
            return;
        }
        let record = view.pipeline.run.as_ref().and_then(|r| r.record.as_ref());
        for step in record.into_iter().flat_map(|r| &r.steps) {
            let Some(line) = show::run::narrated(step, self.room.glyphs) else { continue };
            if self.told.insert(step.name.clone()) {
                self.clear(io);
                io.tell(&line.cut(self.room.width.unwrap_or(usize::MAX), self.room.glyphs), self.ink);
            }
        }
        if let Some(progress) = &mut self.progress {
            progress.draw(view, io.err);
        }
    }

    /// Takes the progress line away.
    pub(super) fn clear(&mut self, io: &mut Io<'_>) {
        if let Some(progress) = &mut self.progress {
            progress.clear(io.err);
        }
    }
}
