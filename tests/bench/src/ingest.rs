//! A made-up CSV file of business rows, and its way through our reader into Parquet.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use trommel_connectors::{Mode, Piece, ReadReport, Sink, read};
use trommel_engine::lake::where_worth_it;
use trommel_model::{Cancel, Code, FileFormat, Outcome, Problem, ProgressSlot, QuarantinedRow, SourceSpec};

/// Writes a CSV file of about `bytes` bytes: ids, codes, names, amounts, dates, times, flags, and notes of which some
/// are quoted. The same seed gives the same file.
pub fn generate(path: &Path, bytes: u64, seed: u64) -> std::io::Result<u64> {
    const COUNTRIES: [&str; 8] = ["DE", "FR", "IT", "ES", "PL", "NL", "SE", "AT"];
    const WORDS: [&str; 12] =
        ["delivery", "late", "paid", "by", "card", "customer", "called", "again", "gift", "wrapped", "return", "checked"];
    let mut random = SmallRng::seed_from_u64(seed);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut line = String::from("id,ordered_at,customer,country,product,quantity,price,discount,shipped,paid,note\n");
    let (mut written, mut rows) = (0_u64, 0_u64);
    loop {
        out.write_all(line.as_bytes())?;
        written += line.len() as u64;
        if written >= bytes {
            break;
        }
        rows += 1;
        line.clear();
        let (month, day) = (random.random_range(1..=12), random.random_range(1..=28));
        let (hour, minute, second) = (random.random_range(0..24), random.random_range(0..60), random.random_range(0..60));
        let customer: u32 = random.random_range(0..2_000_000);
        let product: u32 = random.random_range(0..50_000);
        let cents: u32 = random.random_range(1..200_000);
        let country = COUNTRIES[random.random_range(0..COUNTRIES.len())];
        line.push_str(&format!(
            "{rows},2024-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02},C-{customer:07},{country},product {product} \u{2013} blue,{},{}.{:02},0.{:02},2024-{month:02}-{:02},{},",
            random.random_range(1..100),
            cents / 100,
            cents % 100,
            random.random_range(0..50),
            random.random_range(1..=28),
            random.random_bool(0.9),
        ));
        let words = random.random_range(0..8);
        let quoted = words > 4;
        if quoted {
            line.push('"');
        }
        for word in 0..words {
            if word > 0 {
                line.push_str(if quoted { ", " } else { " " });
            }
            line.push_str(WORDS[random.random_range(0..WORDS.len())]);
        }
        if quoted {
            line.push('"');
        }
        line.push('\n');
    }
    out.flush()?;
    Ok(rows)
}

/// Reads a CSV file strictly, with line numbers, quarantine and whole-file types, into Parquet files in a folder.
pub fn to_parquet(path: &Path, folder: &Path, threads: usize) -> Outcome<(ReadReport, u64)> {
    let bytes = std::fs::metadata(path).map_err(|e| Problem::from_io(&e, "open the file", path))?.len();
    let piece = Piece { name: "orders.csv".to_owned(), path: path.to_owned(), format: FileFormat::Csv, bytes, modified_ms: 0 };
    let spec: SourceSpec = serde_json::from_str("{}").map_err(|e| Problem::new(Code::Internal, e.to_string()))?;
    let sink = Files { folder: folder.to_owned(), state: Mutex::default() };
    let report = read(&piece, &spec, Mode::Strict, threads, &Cancel::new(), &ProgressSlot::new(), &sink)?;
    let held = sink.close()?;
    Ok((report, held))
}

/// As many Parquet files as there are parts at work at once.
struct Files {
    folder: PathBuf,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    busy: BTreeMap<usize, ArrowWriter<File>>,
    idle: Vec<ArrowWriter<File>>,
    made: usize,
    held: u64,
}

impl Files {
    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn close(self) -> Outcome<u64> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        for writer in state.idle {
            let file = writer.into_inner().map_err(|e| failed(&e))?;
            file.sync_all().map_err(|e| failed(&e))?;
        }
        Ok(state.held)
    }

    fn create(&self, first: &RecordBatch) -> Outcome<ArrowWriter<File>> {
        let number = self.with(|s| {
            s.made += 1;
            s.made
        });
        let file = File::create(self.folder.join(format!("part-{number}.parquet"))).map_err(|e| failed(&e))?;
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).set_max_row_group_row_count(Some(256 * 1024));
        ArrowWriter::try_new(file, first.schema(), Some(where_worth_it(properties, first).build())).map_err(|e| failed(&e))
    }
}

impl Sink for Files {
    fn open(&self, _schema: &SchemaRef) -> Outcome<()> {
        Ok(())
    }

    fn batch(&self, part: usize, batch: RecordBatch) -> Outcome<()> {
        let mut writer = match self.with(|s| s.busy.remove(&part).or_else(|| s.idle.pop())) {
            Some(writer) => writer,
            None => self.create(&batch)?,
        };
        writer.write(&batch).map_err(|e| failed(&e))?;
        self.with(|s| s.busy.insert(part, writer));
        Ok(())
    }

    fn end_part(&self, part: usize) -> Outcome<()> {
        self.with(|s| {
            let writer = s.busy.remove(&part);
            s.idle.extend(writer);
        });
        Ok(())
    }

    fn held(&self, rows: Vec<QuarantinedRow>) -> Outcome<()> {
        self.with(|s| s.held += rows.len() as u64);
        Ok(())
    }
}

fn failed(error: &dyn std::fmt::Display) -> Problem {
    Problem::new(Code::Internal, "the benchmark cannot write its file").why(error.to_string())
}
