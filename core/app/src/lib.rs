//! The pure application layer: a command goes in, the state changes, effects come out as data.
//!
//! Nothing here blocks, touches a file, reads a clock, starts a thread or names an engine. The
//! three faces send [`Command`]s and draw [`View`]s; the runtime executes [`Effect`]s and answers
//! with [`Message`]s. Tests of this crate link no engine and run in milliseconds.

pub(crate) mod app;
mod area;
pub mod catalogue;
mod command;
mod effect;
mod message;
mod opens;
mod remote;
mod stewardship;
mod subject;
mod ticket;
mod view;

pub use app::App;
pub use area::{
    AlertsView, BoardView, BrowserView, ChecksView, DraftField, DraftKind, DraftView, InspectView, Job, JobState, JobsView, MatchView,
    Notice, NoticeKind, PipelineView, ProfileFront, ProfileView, Proposals, QuarantineView, RecipeView, Refused, ReviewView, RunView,
    Screen, SourcesView, Stake, TableView, Trial, Whole, WorkspaceView,
};
pub use command::*;
pub use effect::*;
pub use message::*;
pub use remote::Remote;
pub use stewardship::*;
pub use subject::{ListKind, Subject};
pub use ticket::Ticket;
pub use view::View;
