//! Example workspaces that Trommel can make.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::Address;

/// Which example to make, and how large.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExampleRequest {
    /// `car-rental`, `marketing-refactor`, `one-customer`, `online-retail`, `reporting-elt` or `shopsphere`.
    pub name: String,
    /// The folder to make; by default the example's name in the current folder.
    pub folder: Option<PathBuf>,
    /// Rows to generate, for generated examples.
    pub rows: u64,
    /// Seed of the generator; the same seed makes the same bytes.
    pub seed: u64,
    /// A folder of real data, for examples that read one.
    pub data: Option<PathBuf>,
    /// The PostgreSQL server to use instead of a SQLite file, for examples with databases.
    #[serde(default)]
    pub postgres: Option<Address>,
    /// The MySQL or MariaDB server to use instead of a SQLite file.
    #[serde(default)]
    pub mysql: Option<Address>,
    /// What to do when the folder has an example of the same settings in it.
    pub run: bool,
}
