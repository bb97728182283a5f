//! What the lake can say of itself.

use serde::{Deserialize, Serialize};

use crate::{Schema, TableName};

/// One publish of the lake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Its number; later ones are larger.
    pub id: u64,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// The run that published it, when it was one of ours.
    pub run: Option<String>,
    /// What changed, in words: tables created, appended to, replaced, dropped.
    pub changes: Vec<String>,
}

/// One table of the lake at a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LakeTable {
    /// Its name.
    pub name: TableName,
    /// Its columns.
    pub schema: Schema,
    /// Stored rows; absent for views.
    pub rows: Option<u64>,
    /// Stored bytes.
    pub bytes: u64,
}
