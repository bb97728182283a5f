//! Entity resolution of files, without a workspace.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use trommel_app::{Destination, ExportFormat, MatchCommand, MatchRequest, MatchSubject, News, Report, Written};
use trommel_connectors::write::{Export, Writer};
use trommel_connectors::{Collect, Collected, Mode, ReadReport, Sink, is_position};
use trommel_matching::{
    Crosswalk, FileTable, FilesOutput, Intake, MatchCost, auto_files, auto_labelled, cost_of_files, explain_files, looked_at,
    propose_files, remarks, remarks_on_labels, run_labelled,
};
use trommel_model::{Code, FileFormat, MatchSpec, Outcome, PairExplanation, Problem, QuarantinedRow, SourceSpec, Workspace};

use super::export::written_as;
use super::review::cost_of_model;
use crate::worker::Task;
use crate::{desk, files};

/// Batches of a crosswalk made ahead of those that are written.
const BATCHES_AHEAD: usize = 4;

/// Does what is asked of a match.
pub(super) fn perform(task: &Task, workspace: Option<&Arc<Workspace>>, command: &MatchCommand) -> Outcome<News> {
    match command {
        MatchCommand::Resolve(request) => resolve(task, request),
        MatchCommand::Estimate(subject) => estimate(task, workspace, subject),
        MatchCommand::Explain { left, right, model, files } => {
            let (left, right) = (row(left, files)?, row(right, files)?);
            let (spec, tables, _) = modelled(task, model.as_deref(), files)?;
            let threads = desk::threads(task, None);
            explain_files(tables, &spec, (left, right), threads, &task.cancel, &task.progress).map(|why| News::Report(told_pair(&why)))
        }
    }
}

fn estimate(task: &Task, workspace: Option<&Arc<Workspace>>, subject: &MatchSubject) -> Outcome<News> {
    let (cost, reasons) = match (subject, workspace) {
        (MatchSubject::Model(name), Some(workspace)) => (cost_of_model(task, workspace, name)?, Vec::new()),
        (MatchSubject::Model(_), None) => return Err(Problem::new(Code::NotAWorkspace, "no workspace is open")),
        (MatchSubject::Files { model, files }, _) => cost_of(task, model.as_deref(), files)?,
    };
    let mut facts = told_costs(&cost);
    facts.extend(reasons.into_iter().map(|reason| ("note".to_owned(), reason)));
    Ok(News::Report(Report { title: "Pairs by blocking rule".to_owned(), facts, data: None, text: None, problems: Vec::new() }))
}

/// What a match of files would cost, and remarks.
fn cost_of(task: &Task, model: Option<&Path>, files: &[PathBuf]) -> Outcome<(MatchCost, Vec<String>)> {
    let threads = desk::threads(task, None);
    let (spec, tables, reasons) = if model.is_some() {
        modelled(task, model, files)?
    } else {
        let (tables, notes) = read_all(task, files, None)?;
        let proposal = propose_files(tables.clone(), threads, &task.cancel, &task.progress)?;
        if tells_nothing(&proposal.spec) {
            return Err(no_model());
        }
        (proposal.spec, tables, notes)
    };
    Ok((cost_of_files(tables, &spec, threads, &task.cancel, &task.progress)?, reasons))
}

fn tells_nothing(spec: &MatchSpec) -> bool {
    spec.comparisons.is_empty() || spec.blocking.is_empty()
}

fn no_model() -> Problem {
    Problem::new(Code::BadMatch, "nothing in the columns tells rows apart").next("write a model and name it: --model MODEL.toml")
}

fn resolve(task: &Task, request: &MatchRequest) -> Outcome<News> {
    let start = Instant::now();
    let threads = desk::threads(task, None);
    let labels = request.labels.as_deref().map(|path| read_plain(task, path)).transpose()?;
    let in_labels = |p: Problem| match &request.labels {
        Some(path) if p.code == Code::BadLabels => p.in_file(path),
        _ => p,
    };
    let mut notes;
    let (spec, reasons, found) = if let Some(path) = &request.model {
        let spec = trommel_workspace::match_model(path)?;
        let tables;
        (tables, notes) = read_all(task, &request.files, Some(&spec))?;
        let found = run_labelled(tables, &spec, labels.as_deref(), threads, &task.cancel, &task.progress).map_err(in_labels);
        let found = found.map_err(|p| if p.place.file.is_none() { p.in_file(path) } else { p })?;
        (spec, Vec::new(), found)
    } else {
        let tables;
        (tables, notes) = read_all(task, &request.files, None)?;
        let found = auto_labelled(tables, labels.as_deref(), threads, &task.cancel, &task.progress);
        let (proposal, found) = found.map_err(in_labels)?;
        (proposal.spec, proposal.reasons, found)
    };
    if let Some(path) = &request.save {
        let text = toml::to_string(&spec).map_err(|e| Problem::new(Code::Internal, "cannot write the model").why(e.to_string()))?;
        trommel_workspace::write_atomically(path, &text)?;
        notes.push(format!("the model is in {}", path.display()));
    }
    let mut facts = told(&found, &spec);
    let threshold = found.report.trained.as_ref().map_or(spec.threshold, |trained| trained.threshold);
    notes.extend(remarks(&found.report));
    notes.extend(found.report.labels.iter().flat_map(|labels| remarks_on_labels(labels, threshold)));
    facts.extend(reasons.into_iter().map(|reason| ("because".to_owned(), reason)));
    let Some((format, to)) = &request.crosswalk else {
        facts.push(("cost".to_owned(), cost(&found, start)));
        facts.extend(notes.into_iter().map(|note| ("note".to_owned(), note)));
        return Ok(News::Report(Report { title: title(&found), facts, text: None, data: None, problems: Vec::new() }));
    };
    let written = write(&found.crosswalk, *format, to)?;
    notes.push(title(&found));
    notes.extend(written.notes);
    notes.push(cost(&found, start));
    let files = match to {
        Destination::Stdout | Destination::Table(_) => Vec::new(),
        Destination::File(path) => vec![path.clone()],
    };
    Ok(News::Written(Written { files, table: None, rows: written.rows, notes }))
}

/// The model that is named, or else proposed, and the files it is for, read; remarks.
pub(super) fn modelled(task: &Task, model: Option<&Path>, files: &[PathBuf]) -> Outcome<(MatchSpec, Vec<FileTable>, Vec<String>)> {
    if let Some(path) = model {
        let spec = trommel_workspace::match_model(path)?;
        let (tables, notes) = read_all(task, files, Some(&spec))?;
        return Ok((spec, tables, notes));
    }
    let (tables, mut notes) = read_all(task, files, None)?;
    let (proposal, _) = auto_files(tables.clone(), desk::threads(task, None), &task.cancel, &task.progress)?;
    if tells_nothing(&proposal.spec) {
        return Err(no_model());
    }
    notes.extend(proposal.reasons);
    Ok((proposal.spec, tables, notes))
}

/// All files in order, and remarks on reading them. Of a single file only what the model looks at is kept.
fn read_all(task: &Task, paths: &[PathBuf], spec: Option<&MatchSpec>) -> Outcome<(Vec<FileTable>, Vec<String>)> {
    let mut notes = Vec::new();
    let spec = spec.filter(|_| paths.len() == 1);
    let tables = paths.iter().map(|path| read(task, path, spec, &mut notes)).collect::<Outcome<_>>()?;
    Ok((tables, notes))
}

fn read(task: &Task, path: &Path, spec: Option<&MatchSpec>, notes: &mut Vec<String>) -> Outcome<FileTable> {
    let intake = Intake::new(&path.to_string_lossy());
    let sink = Numbered { intake: if let Some(spec) = spec { intake.only(looked_at(spec)) } else { intake }, held: Mutex::default() };
    let report = read_into(task, path, &sink)?;
    let mut held = sink.held.into_inner().unwrap_or_else(PoisonError::into_inner);
    notes.extend(report.notes.into_iter().map(|note| format!("{}: {note}", path.display())));
    if !held.is_empty() {
        notes.push(format!("{}: {} rows could not be read; each is an entity of its own", path.display(), held.len()));
    }
    held.sort_unstable();
    sink.intake.finish(&held)
}

/// The rows of a small file as they are, without their positions.
pub(super) fn read_plain(task: &Task, path: &Path) -> Outcome<Vec<RecordBatch>> {
    let sink = Collect::new();
    read_into(task, path, &sink)?;
    let Collected { schema, batches, .. } = sink.into_parts();
    let Some(schema) = schema else { return Ok(Vec::new()) };
    let mut batches: Vec<RecordBatch> = batches.into_iter().map(|(_, batch)| batch).collect();
    if batches.is_empty() {
        batches.push(RecordBatch::new_empty(schema.clone()));
    }
    let own: Vec<usize> = (0..schema.fields().len()).filter(|&at| !is_position(schema.field(at).name())).collect();
    let internal = |e: arrow::error::ArrowError| Problem::new(Code::Internal, "rows could not be read").why(e.to_string());
    batches.iter().map(|batch| batch.project(&own).map_err(internal)).collect()
}

fn read_into(task: &Task, path: &Path, sink: &dyn Sink) -> Outcome<ReadReport> {
    let piece = files::piece(path, None)?;
    let spec = SourceSpec::of_file(&piece.name, (piece.format == FileFormat::Sqlite).then(|| piece.name.clone()));
    trommel_connectors::read(&piece, &spec, Mode::Lenient, desk::threads(task, None), &task.cancel, &task.progress, sink)
}

/// A sink that numbers the texts of what it gets.
struct Numbered {
    intake: Intake,
    /// Lines of rows that could not be read.
    held: Mutex<Vec<u64>>,
}

impl Sink for Numbered {
    fn open(&self, schema: &SchemaRef) -> Outcome<()> {
        self.intake.open(schema);
        Ok(())
    }

    fn batch(&self, part: usize, batch: RecordBatch) -> Outcome<()> {
        self.intake.batch(part, &batch)
    }

    fn end_part(&self, _: usize) -> Outcome<()> {
        Ok(())
    }

    fn held(&self, rows: Vec<QuarantinedRow>) -> Outcome<()> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.extend(rows.into_iter().map(|row| row.line));
        Ok(())
    }
}

/// The file and row that a person means, both from 0.
fn row(text: &str, files: &[PathBuf]) -> Outcome<(usize, u64)> {
    let wrong = || Problem::new(Code::Usage, format!("\"{text}\" is no row")).next("give its number from 1, or FILE:NUMBER");
    let (file, number) = match text.rsplit_once(':') {
        None => (0, text),
        Some((name, number)) => (files.iter().position(|f| f == Path::new(name)).ok_or_else(wrong)?, number),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    Ok((file, number.checked_sub(1).ok_or_else(wrong)?))
}

fn write(crosswalk: &Crosswalk, format: ExportFormat, to: &Destination) -> Outcome<trommel_connectors::write::Written> {
    let format = written_as(format, to);
    let export = Export { format, raw: true, title: "Crosswalk".to_owned(), notes: Vec::new() };
    let mut writer = match to {
        Destination::Stdout => Writer::to_stream(Box::new(std::io::stdout()), &export)?,
        Destination::File(path) => Writer::to_file(path, &export)?,
        Destination::Table(_) => return Err(Problem::new(Code::Usage, "a crosswalk goes to a file").next("name one with -o")),
    };
    // Batches are made on one thread while another writes them.
    std::thread::scope(|scope| {
        let (send, receive) = std::sync::mpsc::sync_channel(BATCHES_AHEAD);
        scope.spawn(move || {
            // Whoever does not listen any more has failed, and says why.
            let _ = crosswalk.batches().try_for_each(|batch| send.send(batch));
        });
        receive.into_iter().try_for_each(|batch| writer.write(&batch?))
    })?;
    writer.finish(&Crosswalk::schema())
}

fn title(found: &FilesOutput) -> String {
    format!("{} rows are {} entities", found.report.rows, found.report.entities)
}

/// Pairs scored, seconds, peak memory.
fn cost(found: &FilesOutput, start: Instant) -> String {
    let memory = peak_mib().map_or_else(|| "peak memory unknown".to_owned(), |mib| format!("peak memory {mib} MiB"));
    format!("{} pairs scored, {:.2} seconds, {memory}", found.report.pairs_compared, start.elapsed().as_secs_f64())
}

/// The most memory this process has held, where the system says so.
fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kib: u64 = status.lines().find(|l| l.starts_with("VmHWM:"))?.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024)
}

fn told(found: &FilesOutput, spec: &MatchSpec) -> Vec<(String, String)> {
    let r = &found.report;
    let mut facts = vec![
        ("rows".to_owned(), r.rows.to_string()),
        ("entities".to_owned(), r.entities.to_string()),
        ("largest entity".to_owned(), format!("{} rows", r.largest_entity)),
        ("pairs compared".to_owned(), r.pairs_compared.to_string()),
        ("pairs matched".to_owned(), r.pairs_matched.to_string()),
    ];
    let threshold = r.trained.as_ref().map_or(spec.threshold, |t| t.threshold);
    facts.push(("threshold".to_owned(), format!("{threshold:.3}")));
    facts
}

fn told_costs(cost: &MatchCost) -> Vec<(String, String)> {
    let mut facts: Vec<(String, String)> = Vec::new();
    for rule in &cost.rules {
        facts.push((
            rule.rule.clone(),
            format!("{} pairs, {} made; {} blocks, the largest of {} rows", rule.pairs, rule.pairs_made, rule.blocks, rule.largest_block),
        ));
        let large = rule.oversize_blocks.iter().take(3);
        facts.extend(large.map(|(key, rows)| ("large block".to_owned(), format!("{key}: {rows} rows; only neighbours would be compared"))));
    }
    facts.push(("in all".to_owned(), format!("{} pairs at most", cost.pairs)));
    if cost.tried > 0 {
        let time = format!(
            "about {} to compare them, as {} tried pairs tell, of which {} match",
            seconds(cost.seconds()),
            cost.tried,
            cost.matched
        );
        facts.push(("time".to_owned(), time));
    }
    facts.push(("memory".to_owned(), format!("about {} MiB while pairs are compared", cost.bytes.div_ceil(1 << 20))));
    facts
}

fn seconds(seconds: f64) -> String {
    match seconds {
        ..1.0 => "a second".to_owned(),
        ..120.0 => format!("{seconds:.0} seconds"),
        _ => format!("{:.0} minutes", seconds / 60.0),
    }
}

/// The waterfall of a pair: the prior, what each comparison adds, the sum.
fn told_pair(why: &PairExplanation) -> Report {
    let mut facts = Vec::new();
    let mut sum = why.prior_bits.unwrap_or(0.0);
    if let Some(prior) = why.prior_bits {
        facts.push(("prior".to_owned(), format!("{prior:+.2} bits")));
    }
    for part in &why.parts {
        let values = format!("{} | {}", part.left.as_deref().unwrap_or("missing"), part.right.as_deref().unwrap_or("missing"));
        let level =
            part.level.clone().or_else(|| part.similarity.map(|s| format!("similarity {s:.3}"))).unwrap_or_else(|| "no value".to_owned());
        let adds = match part.bits {
            Some(bits) => {
                sum += bits;
                format!("{bits:+.2} bits = {sum:+.2}")
            }
            None => format!("weight {}", part.weight),
        };
        facts.push((part.column.clone(), format!("{adds}  {level}: {values}")));
    }
    let (title, last) = match why.prior_bits {
        Some(_) => (format!("probability {:.4}", why.score), format!("{sum:+.2} bits are a probability of {:.6}", why.score)),
        None => (format!("score {:.4}", why.score), "the weighted mean of the similarities".to_owned()),
    };
    facts.push(("in all".to_owned(), last));
    Report { title, facts, text: None, data: None, problems: Vec::new() }
}
