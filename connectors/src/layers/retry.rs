//! Trying again what may work the next time: connecting, never reading or writing.

use std::time::Duration;

use trommel_model::{Cancel, Code, Outcome};

/// Times that something is tried.
const TRIES: u32 = 3;
/// The wait before the second try; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// Does `work` until it does not fail for want of a connection, at most three times. `wait` waits.
pub fn retry<T>(cancel: &Cancel, mut wait: impl FnMut(Duration), mut work: impl FnMut() -> Outcome<T>) -> Outcome<T> {
    for tried in 1.. {
        match work() {
            Err(problem) if problem.code == Code::Connection && tried < TRIES => {
                cancel.check()?;
                wait(FIRST_WAIT * 2_u32.pow(tried - 1));
            }
            done => return done,
        }
    }
    cancel.check().and_then(|()| work())
}

#[cfg(test)]
mod tests {
    use trommel_model::Problem;

    use super::*;

    fn tried(code: Code, well_at: u32) -> (u32, Vec<u128>, bool) {
        let (mut tries, mut waits) = (0, Vec::new());
        let done = retry(
            &Cancel::new(),
            |wait| waits.push(wait.as_millis()),
            || {
                tries += 1;
                if tries >= well_at { Ok(()) } else { Err(Problem::new(code, "no")) }
            },
        );
        (tries, waits, done.is_ok())
    }

    #[test]
    fn only_what_may_work_is_tried_again() {
        assert_eq!(tried(Code::Connection, 2), (2, vec![100], true));
        assert_eq!(tried(Code::Connection, 9), (3, vec![100, 200], false));
        assert_eq!(tried(Code::Denied, 2), (1, vec![], false));
    }
}
