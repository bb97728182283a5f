//! What every step of a run works with.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use trommel_engine::Engine;
use trommel_engine::lake::Lake;
use trommel_model::{Cancel, Outcome, ProgressSlot, RunId, TableName, Workspace};
use trommel_workspace::Ledger;

use super::RunRequest;
use crate::changes::{connection, sink_connection};
use crate::fingerprint::{self, Fingerprint};
use crate::graph::{Graph, Maker, Node};
use crate::plan::inputs;

/// The schema of the engine in which steps keep what they compute on the way.
pub(super) const SCRATCH: &str = "trommel_scratch";

/// Shared by all steps of a run.
pub(super) struct Context<'r> {
    /// The workspace.
    pub workspace: &'r Workspace,
    /// What was asked for.
    pub request: &'r RunRequest,
    /// Which table is made from which.
    pub graph: &'r Graph<'r>,
    /// The lake.
    pub lake: &'r Lake,
    /// What earlier runs came to.
    pub ledger: &'r Ledger,
    /// The one engine of the run: steps share its memory and threads.
    pub engine: Engine,
    /// The run.
    pub id: RunId,
    /// The fence of its lock.
    pub fence: u64,
    /// The wish to stop.
    pub cancel: &'r Cancel,
    /// How far the run is.
    pub progress: &'r ProgressSlot,
    attached: Mutex<Option<u64>>,
}

impl<'r> Context<'r> {
    #[expect(clippy::too_many_arguments, reason = "each is one thing a step needs, and they meet here only")]
    pub fn new(
        workspace: &'r Workspace,
        request: &'r RunRequest,
        graph: &'r Graph<'r>,
        lake: &'r Lake,
        ledger: &'r Ledger,
        engine: Engine,
        id: RunId,
        fence: u64,
        cancel: &'r Cancel,
        progress: &'r ProgressSlot,
    ) -> Self {
        Self { workspace, request, graph, lake, ledger, engine, id, fence, cancel, progress, attached: Mutex::new(None) }
    }

    /// Makes the newest snapshot readable in the engine. Steps that run meanwhile are not disturbed: nothing they
    /// read is replaced while they need it, because they come after all that makes it.
    pub fn attach(&self) -> Outcome<()> {
        let mut attached = self.attached.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = self.lake.latest()?;
        if *attached != Some(newest) {
            self.lake.attach(&self.engine, newest)?;
            *attached = Some(newest);
        }
        Ok(())
    }

    /// True when the lake has the table in its newest snapshot.
    pub fn exists(&self, table: &TableName) -> Outcome<bool> {
        Ok(self.lake.tables(self.lake.latest()?)?.iter().any(|t| t.name == *table))
    }

    /// What a node is made from now.
    pub fn fingerprint(&self, node: &Node<'_>) -> Outcome<Fingerprint> {
        let text = match node.maker {
            Maker::Source(source) => fingerprint::of_source(source, connection(self.workspace, source)?),
            Maker::Model(model) => fingerprint::of_model(model),
            Maker::Sink(sink) => fingerprint::of_sink(sink, sink_connection(self.workspace, sink)?),
        };
        let inputs: BTreeMap<TableName, u64> = inputs(self.graph, self.lake, node)?;
        Ok(Fingerprint {
            text,
            checks: fingerprint::of_checks(node.checks()),
            inputs,
            run: self.id.0.clone(),
            cursor: None,
            decisions: fingerprint::of_decisions(&node.decisions),
            learned: None,
        })
    }
}

/// A table of the engine that lives as long as one step.
pub(super) struct Scratch<'r> {
    engine: &'r Engine,
    name: TableName,
}

impl<'r> Scratch<'r> {
    /// Names a table for a step; the step makes it.
    pub fn new(engine: &'r Engine, of: &TableName, what: &str) -> Self {
        Self { engine, name: TableName::new(SCRATCH, format!("{}__{}__{what}", of.layer, of.table)) }
    }

    /// Its name.
    pub fn table(&self) -> &TableName {
        &self.name
    }

    /// Its name as SQL.
    pub fn sql(&self) -> String {
        trommel_engine::sql::qualified(&self.name)
    }
}

impl Drop for Scratch<'_> {
    fn drop(&mut self) {
        let _ = self.engine.execute(&format!("drop table if exists {}", self.sql()), &Cancel::new());
    }
}
