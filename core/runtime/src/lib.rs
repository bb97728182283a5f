//! Executes effects: workers, progress, cancellation, clock. Errors and panics become problems here.
//!
//! A face holds a [`Session`]: the pure application and the runtime that works for it.
//! Nothing here draws, and nothing here decides what is asked next; that is the application's part.

mod desk;
mod files;
mod lists;
mod relation;
mod remote;
mod session;
mod sweep;
mod work;
mod worker;

pub use session::{Session, Settings, Stopper};
