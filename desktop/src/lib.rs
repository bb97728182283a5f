//! The desktop face: draws views, sends commands, owns focus, scroll and sizes. Drawing never waits for data.

mod browser;
mod chooser;
mod desk;
mod form;
mod grid;
mod keys;
mod look;
mod palette;
mod plot;
mod prompt;
mod rows;
mod screens;
mod shell;
mod window;
mod wish;

pub use desk::Desk;
pub use shell::Shell;
pub use window::open_window;
