//! The conservation law at the end of a step, tied to the files that were written.

use trommel_engine::lake::DataFile;
use trommel_model::{Code, Outcome, Problem, StepRecord};

/// Rows in files.
pub(super) fn rows_of(files: &[DataFile]) -> u64 {
    files.iter().map(|f| f.rows).sum()
}

/// Fails the step unless its rows are accounted for and as many were written as it says came out.
pub(super) fn enforce(step: &StepRecord, written: u64) -> Outcome<()> {
    if step.counts.rows_out != written {
        return Err(Problem::new(Code::LawBroken, format!("step {} does not account for all of its rows", step.name))
            .why(format!("{} rows were counted out, {written} were written", step.counts.rows_out))
            .next("nothing was published; please report this"));
    }
    step.counts.enforce(&step.name)
}
