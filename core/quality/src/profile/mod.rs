//! The profile of a table: what each of its columns holds, in one pass over Arrow batches.
//!
//! A [`Profiler`] takes batches in; the columns of a batch are worked on side by side. Up to [`state::FEW`] different values a
//! column is counted exactly and everything follows from the counts. Beyond, sketches of bounded size take over, and what they
//! say is marked with its error: different values by `HyperLogLog` ([`distinct`]), quantiles and histogram by buckets of growing
//! width ([`quantiles`]), frequent values by Misra and Gries ([`tally`]). All of them can be joined, so the parts of a file may
//! be taken in side by side; the result does not depend on threads, nor on where batches are cut.
//!
//! Memory: at most about 1.5 MB a column with many values, a few bytes a value for columns with few.

mod column;
mod distinct;
mod glimpse;
mod key;
mod moments;
pub(crate) mod pattern;
mod profiler;
mod quantiles;
mod report;
mod sample;
mod state;
mod suspicious;
mod tally;
pub(crate) mod text;
mod variants;

pub use glimpse::Glimpses;
pub use profiler::Profiler;

pub(crate) use key::hash_bytes as key_hash;

use std::sync::mpsc;
use std::thread;

use arrow::array::RecordBatch;
use trommel_engine::Engine;
use trommel_model::{Cancel, Code, Outcome, Problem, Profile, ProfileLevel, ProgressSlot};

/// Batches that wait while one is worked on.
const WAITING: usize = 3;

/// Profiles what a query gives. `subject` is what people call it.
///
/// Mean, standard deviation, least, greatest and histogram are those of the finite values; values that are not (NaN and
/// infinities) are counted in the notes. Texts are told apart whole and shown up to 500 characters.
pub fn profile(
    engine: &Engine,
    subject: &str,
    sql: &str,
    level: ProfileLevel,
    cancel: &Cancel,
    progress: &ProgressSlot,
) -> Outcome<Profile> {
    profile_telling(engine, subject, sql, level, cancel, progress, &|_| {})
}

/// As [`profile`], and tells the figures of the rows that have come so far, now and then.
pub fn profile_telling(
    engine: &Engine,
    subject: &str,
    sql: &str,
    level: ProfileLevel,
    cancel: &Cancel,
    progress: &ProgressSlot,
    tell: &(dyn Fn(Profile) + Sync),
) -> Outcome<Profile> {
    let described = engine.describe(sql)?;
    progress.update(|p| p.doing = format!("profiling {subject}"));
    let profiler = Profiler::new(level);
    let glimpses = Glimpses::new(subject, tell);
    let (send, receive) = mpsc::sync_channel::<RecordBatch>(WAITING);
    let schema = thread::scope(|scope| {
        // The receiver goes with the worker, so that a worker that fails does not leave the engine waiting.
        let (profiler, glimpses) = (&profiler, &glimpses);
        let worker = scope.spawn(move || -> Outcome<()> {
            for batch in receive {
                cancel.check()?;
                profiler.batch(0, &batch)?;
                glimpses.look(profiler, 0);
                progress.update(|p| p.rows += batch.num_rows() as u64);
            }
            Ok(())
        });
        let streamed = engine.stream(sql, cancel, &mut |batch| send.send(batch).map_err(|_| Problem::interrupted()));
        drop(send);
        let worked = worker.join().map_err(|_| Problem::new(Code::Internal, "the profile broke down"))?;
        // The worker's own fault says more than that of the stream it stopped.
        worked?;
        streamed
    })?;
    profiler.open(schema.as_ref());
    profiler.end_part(0)?;
    let rows = progress.latest().rows;
    progress.update(|p| p.rows_total = rows);
    let mut profile = profiler.finish(subject)?;
    // The engine knows types that its batches do not tell, such as that of nothing but nulls.
    for (column, field) in profile.columns.iter_mut().zip(described.fields) {
        column.data_type = field.data_type;
    }
    Ok(profile)
}

#[cfg(test)]
pub(crate) mod tests;
