//! The screens, one file each, all with one function: draw a view, collect wishes.

pub(crate) mod board;
pub(crate) mod checks;
pub(crate) mod help;
pub(crate) mod jobs;
pub(crate) mod matching;
pub(crate) mod pipeline;
pub(crate) mod profile;
pub(crate) mod recipe;
pub(crate) mod sources;
pub(crate) mod table;

use egui::Ui;
use trommel_app::{Screen, View};

use crate::grid::GridState;
use crate::wish::Wishes;

/// What screens remember between frames: scroll and pages, nothing of the application.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) table: GridState,
    pub(crate) preview: GridState,
}

/// Draws the screen in front.
pub(crate) fn show(ui: &mut Ui, view: &View<'_>, memory: &mut Memory, wishes: &mut Wishes) {
    match view.screen {
        Screen::Sources => sources::show(ui, view, &mut memory.preview, wishes),
        Screen::Table => table::show(ui, view, &mut memory.table, wishes),
        Screen::Profile => profile::show(ui, view, wishes),
        Screen::Recipe => recipe::show(ui, view, wishes),
        Screen::Pipeline => pipeline::show(ui, view, wishes),
        Screen::Board => board::show(ui, view, wishes),
        Screen::Jobs => jobs::show(ui, view, wishes),
        Screen::Help => help::show(ui),
        Screen::Match => matching::show(ui, view, wishes),
        Screen::Checks => checks::show(ui, view, wishes),
    }
}
