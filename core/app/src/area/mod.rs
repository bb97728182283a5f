//! The areas of the application, one file each: state, what a command does to it, what news does to it.

mod alerts;
mod board;
mod browser;
mod checks;
pub(crate) mod draft;
mod inspect;
mod jobs;
mod matches;
mod notices;
mod pipeline;
pub(crate) mod profile;
mod quarantine;
mod recipe;
mod review;
mod screen;
mod sources;
mod table;
mod workspace;

pub use alerts::AlertsView;
pub use board::BoardView;
pub use browser::BrowserView;
pub use checks::{ChecksView, Proposals};
pub use draft::{DraftField, DraftKind, DraftView, Trial};
pub use inspect::InspectView;
pub use jobs::{Job, JobState, JobsView, Stake};
pub use matches::MatchView;
pub use notices::{Notice, NoticeKind, Refused};
pub use pipeline::{PipelineView, RunView};
pub use profile::{ProfileFront, ProfileView, Whole};
pub use quarantine::QuarantineView;
pub use recipe::RecipeView;
pub use review::ReviewView;
pub use screen::Screen;
pub use sources::SourcesView;
pub use table::TableView;
pub use workspace::WorkspaceView;

pub(crate) use notices::{Notices, unknown};
pub(crate) use screen::Screens;
