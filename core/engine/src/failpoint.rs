//! Places where a test makes the process die, fail or be interrupted, to prove that nothing is lost or doubled.
//!
//! Always compiled, so that what is tested is what is shipped; without the variable a place costs one look at a flag.
//! `TROMMEL_FAILPOINT` names one place:
//!
//! | name | what has happened |
//! |---|---|
//! | `run-begun` | a run is in the ledger, none of its steps has begun |
//! | `ingest-read` | a source is read, nothing of it is published |
//! | `lake.file_written` | a data file is written under its temporary name, not yet synced |
//! | `lake.file_kept` | a data file is durable under its final name, and in no snapshot |
//! | `match-noted` | a match has noted what some of its pairs came to |
//! | `sink-written` | a target has its rows, the lake does not know it |
//! | `step-before-publish` | a step has all it publishes |
//! | `lake.commit_begun` | the commit's transaction is open, nothing is changed |
//! | `lake.before_commit` | every row of the commit is written, the transaction is still open |
//! | `lake.after_commit` | the snapshot is published, nobody has been told |
//! | `step-after-publish` | the step knows its snapshot |
//! | `run-ending` | all steps have ended, the ledger does not know it |
//!
//! The process dies there as by `kill -9`. Behind the name stand, in any order, `:N` (only the N-th time), `:error`
//! (the place reports a fault instead) and `:interrupt` (the process gets the signal of Ctrl-C and goes on).

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use trommel_model::{Code, Outcome, Problem};

struct Armed {
    name: String,
    how: How,
    left: AtomicU64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Die,
    Fail,
    Interrupt,
}

/// Dies, fails or is interrupted here, if a test asked for it.
pub fn hit(name: &str) -> Outcome<()> {
    static ARMED: OnceLock<Option<Armed>> = OnceLock::new();
    let armed = ARMED.get_or_init(|| std::env::var("TROMMEL_FAILPOINT").ok().map(|text| parse(&text)));
    let Some(armed) = armed.as_ref().filter(|a| a.name == name) else { return Ok(()) };
    if armed.left.fetch_sub(1, Ordering::SeqCst) != 1 {
        return Ok(());
    }
    match armed.how {
        How::Die => std::process::abort(),
        How::Fail => Err(Problem::new(Code::RunFailed, format!("stopped at failpoint {name}"))),
        How::Interrupt => signal_hook::low_level::raise(signal_hook::consts::SIGINT)
            .map_err(|e| Problem::new(Code::Internal, "cannot interrupt this process").why(e.to_string())),
    }
}

fn parse(text: &str) -> Armed {
    let mut words = text.split(':');
    let mut armed = Armed { name: words.next().unwrap_or_default().to_owned(), how: How::Die, left: AtomicU64::new(1) };
    for word in words {
        match word {
            "error" => armed.how = How::Fail,
            "interrupt" => armed.how = How::Interrupt,
            times => armed.left = AtomicU64::new(times.parse().unwrap_or(1)),
        }
    }
    armed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_can_be_meant_the_third_time_and_in_other_ways() {
        for (text, name, how, times) in [
            ("a", "a", How::Die, 1),
            ("a.b:3", "a.b", How::Die, 3),
            ("a:error", "a", How::Fail, 1),
            ("a:interrupt:2", "a", How::Interrupt, 2),
        ] {
            let armed = parse(text);
            assert_eq!((armed.name.as_str(), armed.how, armed.left.load(Ordering::SeqCst)), (name, how, times));
        }
    }
}
