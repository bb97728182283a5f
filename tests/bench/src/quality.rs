//! What measurements of profiles and findings share: files read as the product reads them, and made-up tables.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use trommel_connectors::{Mode, Piece, Sink, format_of, is_position};
use trommel_engine::{Access, Engine, Limits};
use trommel_model::{Cancel, FileFormat, Outcome, Profile, ProfileLevel, ProgressSlot, QuarantinedRow, SourceSpec};
use trommel_quality::{Coded, Profiler};

/// What goes wrong in a measurement.
pub type Failure = Box<dyn std::error::Error>;

/// The value of an option on the command line.
pub fn option<'a>(arguments: &'a [String], name: &str) -> Option<&'a str> {
    arguments.iter().position(|a| a == name).and_then(|at| arguments.get(at + 1)).map(String::as_str)
}

/// The folder of the real data: `--data`, `TROMMEL_DATA`, or beside the project.
pub fn data_folder(arguments: &[String]) -> PathBuf {
    option(arguments, "--data")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("TROMMEL_DATA").map(PathBuf::from))
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"))
}

/// An engine that may read one folder.
pub fn engine(folder: &Path, threads: usize) -> Result<Engine, Failure> {
    let limits = Limits { memory_bytes: 6 << 30, threads, temp_dir: std::env::temp_dir().join("trommel-bench") };
    Ok(Engine::open(&limits, &Access::Locked(vec![folder.to_owned()]))?)
}

/// A delimited file as texts.
pub fn texts(file: &Path) -> Result<Coded, Failure> {
    let engine = engine(file.parent().unwrap_or(file), 2)?;
    let sql =
        format!("SELECT * FROM read_csv('{}', all_varchar = true, header = true, nullstr = '', max_line_size = 20000000)", file.display());
    let schema = engine.describe(&sql)?;
    let mut table = Coded::new(schema.names());
    engine.stream(&sql, &Cancel::new(), &mut |batch| {
        table.absorb(&batch);
        Ok(())
    })?;
    Ok(table)
}

/// The profile of a file, as `trommel profile` makes it.
pub fn profile(file: &Path, level: ProfileLevel, threads: usize) -> Result<Profile, Failure> {
    let piece = Piece {
        name: file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
        path: file.to_owned(),
        format: format_of(file).unwrap_or(FileFormat::Csv),
        bytes: std::fs::metadata(file)?.len(),
        modified_ms: 0,
    };
    let sink = Profiling(Profiler::new(level));
    let spec = SourceSpec::of_file(&piece.name, None);
    trommel_connectors::read(&piece, &spec, Mode::Lenient, threads, &Cancel::new(), &ProgressSlot::new(), &sink)?;
    Ok(sink.0.finish(&piece.name)?)
}

struct Profiling(Profiler);

impl Sink for Profiling {
    fn open(&self, schema: &SchemaRef) -> Outcome<()> {
        self.0.open(&Schema::new(schema.fields().iter().filter(|f| !is_position(f.name())).cloned().collect::<Vec<_>>()));
        Ok(())
    }
    fn batch(&self, part: usize, batch: RecordBatch) -> Outcome<()> {
        let own: Vec<usize> = (0..batch.num_columns()).filter(|c| !is_position(batch.schema().field(*c).name())).collect();
        self.0.batch(part, &batch.project(&own).unwrap_or_else(|_| batch.clone()))
    }
    fn end_part(&self, part: usize) -> Outcome<()> {
        self.0.end_part(part)
    }
    fn held(&self, _: Vec<QuarantinedRow>) -> Outcome<()> {
        Ok(())
    }
    fn wants_text(&self) -> bool {
        false
    }
}

/// Writes a table of 41 columns of all kinds.
pub fn mixed(file: &Path, rows: u64) -> Result<(), Failure> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(file)?);
    let names: Vec<String> = (0..41)
        .map(|c| format!("c{c:02}_{}", ["id", "measure", "code", "amount", "word", "day", "flag", "mail", "text", "count"][c % 10]))
        .collect();
    writeln!(out, "{}", names.join(","))?;
    let mut seed = 7_u64;
    let mut random = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    const WORDS: [&str; 12] =
        ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbour", "island", "juniper", "kelp", "lagoon"];
    let mut line = String::new();
    for row in 0..rows {
        line.clear();
        for c in 0..41_u64 {
            if c > 0 {
                line.push(',');
            }
            if c > 10 && random(20) == 0 {
                continue;
            }
            // Writing to a String cannot fail.
            let _ = match c % 10 {
                0 => write!(line, "{}", row * (c + 1) + c),
                1 => write!(line, "{:.4}", (random(2_000_000) as f64 - 1_000_000.0) / 7.0),
                2 => write!(line, "{}-{:04}", ["AB", "CD", "EF"][random(3) as usize], random(10_000)),
                3 => write!(line, "{}.{:02}", random(100_000), random(100)),
                4 => write!(line, "{}", WORDS[random(12) as usize]),
                5 => write!(line, "20{:02}-{:02}-{:02}", random(25), random(12) + 1, random(28) + 1),
                6 => write!(line, "{}", ["true", "false"][random(2) as usize]),
                7 => write!(line, "{}.{}{}@example.org", WORDS[random(12) as usize], WORDS[random(12) as usize], random(50_000)),
                8 => write!(
                    line,
                    "{} {} {} {}",
                    WORDS[random(12) as usize],
                    WORDS[random(12) as usize],
                    WORDS[random(12) as usize],
                    random(1_000)
                ),
                _ => write!(line, "{}", random(100)),
            };
        }
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    Ok(())
}
