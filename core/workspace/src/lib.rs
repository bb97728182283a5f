//! A workspace on disk: its text files read with positions, its state folder, the run lock, the ledger, file watching, and
//! what a user keeps outside of any workspace.
//!
//! What never happens here: nothing of a workspace is executed by reading it, no secret is read or written, no thread is
//! left behind by a dropped value, and no file outside of the workspace is read because a file inside asked for it.
//! SQL is a foreign language; only the ledger speaks it, and only to its own file.

mod checks;
mod correct;
mod decide;
mod disk;
mod find;
mod init;
mod inspections;
mod intake;
mod ledger;
mod load;
mod lock;
mod memory;
mod network;
mod outbox;
mod profiles;
mod run_id;
mod state;
mod steps;
mod threshold;

pub mod user;
pub mod watch;

pub use checks::{add_checks, take_checks_back};
pub use correct::correct;
pub use decide::decide;
pub use disk::write_atomically;
pub use find::find;
pub use init::init;
pub use inspections::{inspection, inspections, put_inspection};
pub use intake::{add_connection, add_source};
pub use ledger::{Ledger, Score};
pub use load::{load, match_model, problems};
pub use lock::{Holder, RunLock, holder, lock};
pub use memory::memory_bytes;
pub use outbox::{alerts, put_alert};
pub use profiles::{keep_profile, kept_profile, kept_runs};
pub use run_id::new_run_id;
pub use state::{State, state};
pub use steps::add_step;
pub use threshold::set_threshold;

/// The file that makes a folder a workspace.
pub const WORKSPACE_FILE: &str = "trommel.toml";

/// The folder within a workspace that holds what a run can rebuild.
pub const STATE_FOLDER: &str = ".trommel";

/// The environment that every workspace has.
pub const DEV: &str = "dev";
