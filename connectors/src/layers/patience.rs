//! Waiting for a server: it ends when the answer comes, when somebody wants to stop, or when it has lasted too long.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::time::{Instant, sleep};
use trommel_model::{Cancel, Code, Outcome, Problem};

/// How often the wish to stop is looked at; well below the 200 ms within which work stops.
const LOOK: Duration = Duration::from_millis(50);

/// A runtime for the calls of one connection, on the thread that makes them.
pub struct Patience {
    runtime: Runtime,
    cancel: Cancel,
}

impl Patience {
    /// Begins to wait on behalf of somebody who may want to stop.
    pub fn new(cancel: &Cancel) -> Outcome<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| Problem::new(Code::Internal, "cannot start the database reader").why(e.to_string()))?;
        Ok(Self { runtime, cancel: cancel.clone() })
    }

    /// Waits for an answer as long as it takes.
    pub fn wait<T, E>(&self, answer: impl Future<Output = Result<T, E>>, fault: impl FnOnce(E) -> Problem) -> Outcome<T> {
        self.within(None, answer, fault)
    }

    /// Waits for an answer for so long and no longer.
    pub fn within<T, E>(
        &self,
        limit: Option<Duration>,
        answer: impl Future<Output = Result<T, E>>,
        fault: impl FnOnce(E) -> Problem,
    ) -> Outcome<T> {
        self.cancel.check()?;
        self.runtime.block_on(async {
            let began = Instant::now();
            let mut answer = std::pin::pin!(answer);
            loop {
                tokio::select! {
                    biased;
                    answer = &mut answer => return answer.map_err(fault),
                    () = sleep(LOOK) => {
                        self.cancel.check()?;
                        if let Some(limit) = limit.filter(|limit| began.elapsed() >= *limit) {
                            return Err(Problem::new(Code::Connection, "the server does not answer")
                                .why(format!("it was waited for {} s", limit.as_secs()))
                                .next("check host and port, and whether a firewall is between"));
                        }
                    }
                }
            }
        })
    }

    /// Drives something of which nobody asks how it ended, for a moment.
    pub fn part(&self, farewell: impl Future) {
        const MOMENT: Duration = Duration::from_millis(500);
        self.runtime.block_on(async {
            let _ = tokio::time::timeout(MOMENT, farewell).await;
        });
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[test]
    fn waiting_ends_when_asked_and_when_it_lasts_too_long() {
        let cancel = Cancel::new();
        let patience = Patience::new(&cancel).unwrap();
        let never = || pending::<Result<(), Problem>>();
        let late = patience.within(Some(Duration::from_millis(60)), never(), |p| p).unwrap_err();
        assert_eq!(late.code, Code::Connection);
        let (stop, began) = (cancel.clone(), std::time::Instant::now());
        let stopped = std::thread::scope(|scope| {
            scope.spawn(move || stop.raise());
            patience.wait(never(), |p| p).unwrap_err()
        });
        assert_eq!(stopped.code, Code::Interrupted);
        assert!(began.elapsed() < Duration::from_millis(200));
    }
}
