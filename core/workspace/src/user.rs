//! What a user keeps outside of any workspace: settings, and the workspaces opened last.

mod folders;
mod recent;
mod settings;

pub use folders::{Folders, folders};
pub use recent::{recent, remember};
pub use settings::{ColourChoice, MouseChoice, Settings, ThemeChoice, save_settings, settings};
