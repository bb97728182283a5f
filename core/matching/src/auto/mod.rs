//! A model proposed from the data themselves: what each column holds, how it is compared, which rules bring rows
//! together, and whether several files are lists without duplicates that are to be linked.

mod columns;
mod rules;

use arrow::array::{Array, RecordBatch};
use trommel_model::{Cancel, MatchSpec, Outcome, Pairs, ProgressSlot, Scoring, SurvivorRule};

use crate::files::{FILE, FilesOutput, Linked, Union, link};
use crate::intake::FileTable;

pub use columns::Role;
use columns::columns;

/// Blocks larger than this are sorted, and only neighbours compared.
const MAX_BLOCK: usize = 1_000;
/// Rows whose best match is in their own file, by those whose best match is in another, below which files are taken
/// for lists without duplicates.
const CLEAN: f64 = 0.5;
/// The same for files that are plainly of different makers: what looks like twins in one of them is then rather a
/// series of like things, as in a catalogue.
const CLEAN_OF_DIFFERENT_MAKERS: f64 = 4.0;
/// Files are of different makers when a column is filled in one more often than in the other by this share of its rows.
const DIFFERENT_MAKERS: f64 = 0.25;
/// Rows that a file must have for that to be told.
const ROWS_THAT_TELL: usize = 50;

/// A model with the reasons for it.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The model; it can be written down and run again.
    pub spec: MatchSpec,
    /// What it was made from, a sentence each.
    pub reasons: Vec<String>,
}

/// Resolves files without being told anything about them.
pub fn auto_files(tables: Vec<FileTable>, threads: usize, cancel: &Cancel, progress: &ProgressSlot) -> Outcome<(Proposal, FilesOutput)> {
    auto_labelled(tables, None, threads, cancel, progress)
}

/// The same, with pairs of which somebody says whether they are one: they correct the weights and choose the threshold.
pub fn auto_labelled(
    tables: Vec<FileTable>,
    labels: Option<&[RecordBatch]>,
    threads: usize,
    cancel: &Cancel,
    progress: &ProgressSlot,
) -> Outcome<(Proposal, FilesOutput)> {
    let mut union = Union::new(tables, cancel, progress)?;
    let mut proposal = propose(&union, threads, cancel, progress)?;
    let labels = labels.map(|labels| union.labels(labels, &proposal.spec)).transpose()?;
    let labels = labels.as_ref();
    if labels.is_some() {
        proposal.spec.score = Scoring::Logistic;
    }
    if proposal.spec.comparisons.is_empty() || proposal.spec.blocking.is_empty() {
        proposal.reasons.push(
            "nothing in the columns tells rows apart, so rows that say the same are one entity and every other row is one of its own"
                .to_owned(),
        );
        let mut alone = Linked::alone(&union)?;
        if let Some(labels) = labels {
            alone.measure(labels);
        }
        return Ok((proposal, alone.output(union.files)));
    }
    // One file is matched once; several may be matched again.
    let batches = if union.files.len() > 1 { union.batches.clone() } else { std::mem::take(&mut union.batches) };
    let mut linked = link(batches, &union.files, &proposal.spec, labels, threads, cancel, progress)?;
    if union.files.len() > 1 {
        let (within, across) = linked.twins;
        // Duplicates spread over k files at random have k − 1 times as many twins in other files as in their own.
        let limit = if different_makers(&union) { CLEAN_OF_DIFFERENT_MAKERS } else { CLEAN };
        let clean = across > 0.0 && within < limit * across / (union.files.len() - 1) as f64;
        proposal.reasons.push(format!(
            "{:.1} % of the rows have their best match in their own file, {:.1} % in another: {}",
            100.0 * within,
            100.0 * across,
            if clean { "each file is taken for a list without duplicates" } else { "duplicates are looked for everywhere" }
        ));
        if clean {
            proposal.spec.pairs = Pairs::Across;
            proposal.spec.one_to_one = true;
            proposal.spec.source = Some(FILE.to_owned());
            linked = link(std::mem::take(&mut union.batches), &union.files, &proposal.spec, labels, threads, cancel, progress)?;
        }
    }
    if let Some(trained) = &linked.report.trained {
        let chosen = linked.report.labels.as_ref().and_then(|labels| labels.scores.as_ref()).is_some_and(|scores| scores.chosen);
        let why = if chosen { "where the labels are parted best" } else { "where the F1 to be expected is largest" };
        proposal.reasons.push(format!("pairs match from a probability of {:.3} on, {why}", trained.threshold));
        proposal.spec.threshold = trained.threshold;
    }
    Ok((proposal, linked.output(union.files)))
}

/// The model that [`auto_files`] begins with, without matching anything: whether files are lists without duplicates is not asked.
pub fn propose_files(tables: Vec<FileTable>, threads: usize, cancel: &Cancel, progress: &ProgressSlot) -> Outcome<Proposal> {
    propose(&Union::new(tables, cancel, progress)?, threads, cancel, progress)
}

fn different_makers(union: &Union) -> bool {
    let files: Vec<&RecordBatch> = union.batches.iter().filter(|b| b.num_rows() >= ROWS_THAT_TELL).collect();
    let columns = files.first().map_or(0, |b| b.num_columns());
    files.len() > 1
        && (0..columns).any(|at| {
            let filled = files.iter().map(|b| 1.0 - b.column(at).logical_null_count() as f64 / b.num_rows() as f64);
            filled.clone().fold(0.0, f64::max) - filled.fold(1.0, f64::min) > DIFFERENT_MAKERS
        })
}

fn propose(union: &Union, threads: usize, cancel: &Cancel, progress: &ProgressSlot) -> Outcome<Proposal> {
    let columns = columns(union)?;
    let mut reasons: Vec<String> = columns.iter().map(columns::Column::reason).collect();
    let mut spec = MatchSpec {
        from: String::new(),
        id: String::new(),
        source: None,
        blocking: Vec::new(),
        comparisons: columns::comparisons(&columns),
        threshold: 0.0,
        score: Scoring::FellegiSunter,
        pairs: Pairs::All,
        one_to_one: false,
        best_link: false,
        guard: true,
        survivorship: Vec::new(),
        default_rule: SurvivorRule::MostFrequent,
        recency: None,
        source_order: Vec::new(),
        crosswalk: None,
        incremental: true,
        provenance: false,
        max_block: MAX_BLOCK,
    };
    if spec.comparisons.is_empty() {
        return Ok(Proposal { spec, reasons });
    }
    let chosen = rules::choose(&spec, &columns, union, threads, cancel, progress)?;
    reasons.extend(chosen.iter().map(|(_, why)| why.clone()));
    spec.blocking = chosen.into_iter().map(|(rule, _)| rule).collect();
    Ok(Proposal { spec, reasons })
}
