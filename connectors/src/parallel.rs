//! The same work on many numbered pieces by a few threads, results in order.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use trommel_model::{Code, Outcome, Problem};

/// Does `work` on 0 to `count`, each thread with a state of its own, and gathers what it gives. The first fault stops everything.
pub fn map<T: Send, S: Default>(count: usize, threads: usize, work: impl Fn(usize, &mut S) -> Outcome<T> + Sync) -> Outcome<Vec<T>> {
    let results: Mutex<Vec<Option<T>>> = Mutex::new((0..count).map(|_| None).collect());
    each(count, threads, |at, state: &mut S| {
        let result = work(at, state)?;
        results.lock().unwrap_or_else(PoisonError::into_inner)[at] = Some(result);
        Ok(())
    })?;
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.into_iter().map(|r| r.ok_or_else(|| Problem::new(Code::Internal, "a part of the work was left out"))).collect()
}

/// Does `work` on 0 to `count`. Pieces are begun in order. The first fault stops everything; a panic becomes a fault.
pub fn each<S: Default>(count: usize, threads: usize, work: impl Fn(usize, &mut S) -> Outcome<()> + Sync) -> Outcome<()> {
    let next = AtomicUsize::new(0);
    let failed: Mutex<Option<Problem>> = Mutex::new(None);
    let worker = || {
        let mut state = S::default();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count {
                return;
            }
            if let Err(problem) = guarded(|| work(at, &mut state)) {
                next.store(count, Ordering::Relaxed);
                failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(problem);
                return;
            }
        }
    };
    let threads = threads.clamp(1, count.max(1));
    if threads == 1 {
        worker();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(worker);
            }
        });
    }
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(problem) => Err(problem),
        None => Ok(()),
    }
}

/// Turns a panic of `work` (ours or a library's, on a hostile file) into a fault.
pub fn guarded<T>(work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| payload.downcast_ref::<String>().cloned());
        Err(Problem::new(Code::Internal, "the reader broke down on this input")
            .why(text.unwrap_or_else(|| "no reason was given".to_owned())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_faults_stop() {
        let squares = map(100, 4, |at, (): &mut ()| Ok(at * at)).unwrap();
        assert_eq!(squares, (0..100).map(|x| x * x).collect::<Vec<_>>());
        let fault = each(100, 4, |at, (): &mut ()| if at == 7 { Err(Problem::interrupted()) } else { Ok(()) });
        assert_eq!(fault.unwrap_err().code, Code::Interrupted);
    }

    #[test]
    fn a_panic_is_a_fault() {
        for threads in [1, 3] {
            let fault = each(10, threads, |at, (): &mut ()| if at == 3 { panic!("boom") } else { Ok(()) });
            assert_eq!(fault.unwrap_err().code, Code::Internal);
        }
    }
}
