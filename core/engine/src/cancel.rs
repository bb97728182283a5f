//! Stopping a query that runs: a watcher per call that interrupts DuckDB once somebody asked to stop.

use std::thread;
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, bounded};
use duckdb::Connection;
use trommel_model::{Cancel, Code, Outcome, Problem};

/// How long a raised flag can go unseen. Together with DuckDB's own checks between vectors this keeps
/// a cancel well under 200 ms.
const TICK: Duration = Duration::from_millis(20);

/// Does `work`, which runs a query on `connection`, and interrupts that query once `cancel` is raised.
///
/// The interrupt is repeated until the work ends, because DuckDB forgets one that falls between two
/// statements.
pub(crate) fn watched<T>(connection: &Connection, cancel: &Cancel, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    cancel.check()?;
    let interrupt = connection.interrupt_handle();
    let (done, waiting) = bounded::<()>(0);
    thread::scope(|scope| {
        let watcher = thread::Builder::new().name("cancel".to_owned()).spawn_scoped(scope, move || {
            while waiting.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                if cancel.is_raised() {
                    interrupt.interrupt();
                }
            }
        });
        watcher.map_err(|e| Problem::new(Code::Internal, "cannot start a thread").why(e.to_string()))?;
        let result = work();
        drop(done);
        result
    })
}
