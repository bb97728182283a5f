//! What the measurements of matching share: small tables from CSV, pairwise quality, phases and memory.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use trommel_model::{Code, Outcome, Problem, ProgressSlot};

/// The rows of a well-formed CSV file, header first. The sets measured here have no odd dialects; what the
/// product reads is read by its connectors.
pub fn csv(path: &Path, delimiter: char) -> Outcome<Vec<Vec<String>>> {
    let text = std::fs::read(path).map_err(|e| Problem::from_io(&e, "read", path))?;
    let text = String::from_utf8_lossy(&text);
    let (mut rows, mut row, mut field) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.next_if_eq(&'"').is_some() => field.push('"'),
            '"' if quoted || field.trim().is_empty() => quoted = !quoted,
            '\n' if !quoted => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            '\r' if !quoted => {}
            c if c == delimiter && !quoted => row.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    if !field.is_empty() || !row.is_empty() {
        row.push(field);
        rows.push(row);
    }
    Ok(rows)
}

/// A table of texts; empty fields and those that do not exist are null.
pub fn table(header: &[String], rows: &[Vec<String>]) -> Outcome<RecordBatch> {
    let fields: Vec<Field> = header.iter().map(|name| Field::new(name.trim(), DataType::Utf8, true)).collect();
    let column = |at: usize| -> ArrayRef {
        let values = rows.iter().map(|row| row.get(at).map(|v| v.trim()).filter(|v| !v.is_empty()));
        Arc::new(values.collect::<StringArray>())
    };
    let columns = (0..header.len()).map(column).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(|e| Problem::new(Code::Internal, e.to_string()))
}

/// Entity of each (source, id) of a crosswalk.
pub fn entities(crosswalk: &[RecordBatch]) -> HashMap<(String, String), String> {
    let mut found = HashMap::new();
    for batch in crosswalk {
        let (sources, names) = (batch.column(0).as_string::<i32>(), batch.column(2).as_string::<i32>());
        let ids = arrow::compute::cast(batch.column(1), &DataType::Utf8);
        let Ok(ids) = ids else { continue };
        let ids = ids.as_string::<i32>();
        for row in 0..ids.len() {
            found.insert((sources.value(row).to_owned(), ids.value(row).to_owned()), names.value(row).to_owned());
        }
    }
    found
}

/// Pairs found, true and both.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pairwise {
    /// Pairs of records in one entity.
    pub found: u64,
    /// Pairs of records that truly belong together.
    pub truth: u64,
    /// Pairs that are both.
    pub both: u64,
}

impl Pairwise {
    /// From (found cluster, true cluster) of every record of one table.
    pub fn of<A: Ord + Clone, B: Ord + Clone>(records: impl Iterator<Item = (A, B)>) -> Self {
        let (mut found, mut truth, mut both) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for (a, b) in records {
            *found.entry(a.clone()).or_insert(0_u64) += 1;
            *truth.entry(b.clone()).or_insert(0_u64) += 1;
            *both.entry((a, b)).or_insert(0_u64) += 1;
        }
        fn pairs<K>(sizes: &BTreeMap<K, u64>) -> u64 {
            sizes.values().map(|n| n * (n - 1) / 2).sum()
        }
        Self { found: pairs(&found), truth: pairs(&truth), both: pairs(&both) }
    }

    /// Share of found pairs that are true.
    pub fn precision(&self) -> f64 {
        self.both as f64 / self.found.max(1) as f64
    }

    /// Share of true pairs that were found.
    pub fn recall(&self) -> f64 {
        self.both as f64 / self.truth.max(1) as f64
    }

    /// Harmonic mean of the two.
    pub fn f1(&self) -> f64 {
        2.0 * self.both as f64 / (self.found + self.truth).max(1) as f64
    }
}

/// What one phase of a job took.
#[derive(Debug, Clone)]
pub struct Phase {
    /// What was being done.
    pub doing: String,
    /// Seconds that passed.
    pub seconds: f64,
    /// Seconds of all processors (Linux; 0 elsewhere), to the hundredth.
    pub cpu_seconds: f64,
}

/// Does work while noting from its progress how long each phase took.
pub fn phases<T>(progress: &ProgressSlot, work: impl FnOnce() -> T) -> (T, Vec<Phase>) {
    thread::scope(|scope| {
        let (done, rest) = channel::<()>();
        let watcher = scope.spawn(move || {
            let mut phases: Vec<Phase> = Vec::new();
            let mut last = (Instant::now(), cpu_seconds());
            while rest.recv_timeout(Duration::from_millis(2)) == Err(RecvTimeoutError::Timeout) {
                let doing = progress.latest().doing;
                let now = (Instant::now(), cpu_seconds());
                let (seconds, cpu) = ((now.0 - last.0).as_secs_f64(), now.1 - last.1);
                last = now;
                match phases.last_mut() {
                    Some(phase) if phase.doing == doing => {
                        phase.seconds += seconds;
                        phase.cpu_seconds += cpu;
                    }
                    _ => phases.push(Phase { doing, seconds, cpu_seconds: cpu }),
                }
            }
            phases
        });
        let result = work();
        drop(done);
        (result, watcher.join().unwrap_or_default())
    })
}

/// Seconds that the processors have spent on this process (Linux; 0 elsewhere).
pub fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    // Fields 14 and 15 of proc(5), user and system time in hundredths of a second.
    after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The most memory this process has held, in MiB (Linux; 0 elsewhere).
pub fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()).unwrap_or(0) / 1024
}
