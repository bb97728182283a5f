//! Matching at scale: made-up people with faults, resolved by a written model, with the truth kept aside.
//!
//! `match_scale [ROWS] [THREADS] [REPEATS]`, by default 1,000,000 rows, 2 threads, 5 repeats after a warm-up (1 leaves cancels out).
//! `match_scale --thresholds [ROWS] [THREADS]` learns a model and chooses its threshold, and says what each threshold was expected to
//! give and what it gives.
//! `match_scale --write FILE.parquet [ROWS] [PEOPLE]` writes the people with a column `truth`, for a peer to resolve; piece by piece,
//! so that they need not fit into memory. `scripts/bench-match` does that, and runs both on the file.
//! `match_scale --incremental [ROWS] [NEW] [THREADS]` resolves ROWS − NEW records, then the NEW ones against what is known, and says what
//! each took, and whether all come out as they do matched whole.
//! Prints pairs per rule, pairs compared, seconds (median, least, most), phases, peak memory, pairwise quality,
//! and how soon a cancel is answered.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use arrow::array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use trommel_bench::matching::{Pairwise, cpu_seconds, entities, peak_mib, phases};
use trommel_connectors::parquet::ParquetFile;
use trommel_matching::{Known, MatchOutput, Previous, Standing, Truth, estimate, preview, run, run_standing};
use trommel_model::{Cancel, Code, MatchSpec, Outcome, Problem, ProgressSlot};

/// Rows of one batch, as an engine hands them over.
const BATCH: usize = 2_048;
/// Records made and mixed together.
const PIECE: usize = 7_000_000;

#[expect(clippy::print_stdout, reason = "a measurement prints what it measured")]
fn main() -> Outcome<()> {
    if let Some(at) = std::env::args().position(|a| a == "--write") {
        let argument = |n: usize| std::env::args().nth(at + n).unwrap_or_default();
        let rows = argument(2).parse().unwrap_or(1_000_000);
        let mut maker = Maker::new(20);
        if let Ok(people) = argument(3).parse::<usize>() {
            // From one record to as many as make that mean.
            maker.copies = (1..=(2 * rows / people.max(1)).saturating_sub(1).max(1)).collect();
        }
        return write(maker, rows, Path::new(&argument(1)));
    }
    if let Some(at) = std::env::args().position(|a| a == "--thresholds") {
        let argument = |n: usize, default: usize| std::env::args().nth(at + n).and_then(|a| a.parse().ok()).unwrap_or(default);
        return thresholds(argument(1, 1_000_000), argument(2, 2));
    }
    if let Some(at) = std::env::args().position(|a| a == "--incremental") {
        let argument = |n: usize, default: usize| std::env::args().nth(at + n).and_then(|a| a.parse().ok()).unwrap_or(default);
        return incremental(argument(1, 1_000_000), argument(2, 10_000), argument(3, 2));
    }
    let argument = |n: usize, default: usize| std::env::args().nth(n).and_then(|a| a.parse().ok()).unwrap_or(default);
    let (rows, threads, repeats) = (argument(1, 1_000_000), argument(2, 2), argument(3, 5).max(1));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("match/people.toml");
    let text = std::fs::read_to_string(&path).map_err(|e| Problem::from_io(&e, "read", &path))?;
    let spec: MatchSpec = toml::from_str(&text).map_err(|e| Problem::new(Code::BadToml, e.to_string()).in_file(&path))?;
    let people = people(rows, 20);
    let input = batches(&people)?;
    println!("{rows} rows, {threads} threads, memory before matching {} MiB", peak_mib());
    for rule in estimate(&spec, &input, threads, &Cancel::new(), &ProgressSlot::new())? {
        println!(
            "  {:<40} {:>12} pairs, largest block {}, {} rows without key",
            rule.rule, rule.pairs, rule.largest_block, rule.rows_without_key
        );
    }
    let (mut seconds, mut processors) = (Vec::new(), Vec::new());
    let mut last = None;
    for repeat in 0..=repeats {
        let progress = ProgressSlot::new();
        let (start, cpu) = (Instant::now(), cpu_seconds());
        let (output, phases) = phases(&progress, || run(&spec, &input, threads, &Cancel::new(), &progress));
        if repeat > 0 {
            seconds.push(start.elapsed().as_secs_f64());
            processors.push(cpu_seconds() - cpu);
        }
        last = Some((output?, phases));
    }
    seconds.sort_by(f64::total_cmp);
    processors.sort_by(f64::total_cmp);
    let Some((output, phases)) = last else { return Ok(()) };
    let r = &output.report;
    println!(
        "{} pairs compared, {} matched, {} entities, largest {}, oversize blocks {}",
        r.pairs_compared,
        r.pairs_matched,
        r.entities,
        r.largest_entity,
        r.oversize_blocks.len()
    );
    let middle = repeats / 2;
    println!("seconds: median {:.3}, least {:.3}, most {:.3}", seconds[middle], seconds[0], seconds[repeats - 1]);
    println!("seconds of processors: median {:.2}", processors[middle]);
    for phase in phases {
        println!("  {:<24} {:.3} ({:.2} of processors)", phase.doing, phase.seconds, phase.cpu_seconds);
    }
    let found = entities(&output.crosswalk);
    let quality = Pairwise::of(people.iter().enumerate().map(|(at, p)| {
        let entity = found.get(&(p.source.to_owned(), at.to_string()));
        (entity.cloned().unwrap_or_default(), p.truth)
    }));
    println!("precision {:.4} recall {:.4} F1 {:.4}, peak {} MiB", quality.precision(), quality.recall(), quality.f1(), peak_mib());
    if repeats > 1 {
        println!("slowest answer to a cancel: {:.1} ms", slowest_cancel(&spec, &input, threads, seconds[0])? * 1e3);
    }
    Ok(())
}

/// What a learned model chooses, and what it could have chosen.
#[expect(clippy::print_stdout, reason = "a measurement prints what it measured")]
fn thresholds(rows: usize, threads: usize) -> Outcome<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("match/people_learned.toml");
    let text = std::fs::read_to_string(&path).map_err(|e| Problem::from_io(&e, "read", &path))?;
    let mut spec: MatchSpec = toml::from_str(&text).map_err(|e| Problem::new(Code::BadToml, e.to_string()).in_file(&path))?;
    spec.threshold = 0.0;
    (spec.from, spec.id) = ("people".to_owned(), "id".to_owned());
    let people = people(rows, 20);
    let input = batches(&people)?;
    let truth = Truth::Entities(people.iter().map(|p| Some(p.truth)).collect());
    drop(people);
    let start = Instant::now();
    let preview = preview(&spec, &input, &Standing::default(), Some(&truth), threads, &Cancel::new(), &ProgressSlot::new())?;
    println!(
        "{rows} rows, {} pairs compared, threshold chosen {:.4}, {:.1} seconds",
        preview.pairs_compared,
        preview.threshold,
        start.elapsed().as_secs_f64()
    );
    println!("threshold  entities   largest   expected P / R / F1      measured P / R / F1");
    for step in &preview.steps {
        let told =
            |q: Option<trommel_model::Quality>| q.map_or_else(String::new, |q| format!("{:.4} {:.4} {:.4}", q.precision, q.recall, q.f1()));
        println!("{:>9.4} {:>9} {:>9}   {}   {}", step.threshold, step.entities, step.largest, told(step.expected), told(step.measured));
    }
    Ok(())
}

/// New records against known entities, held against all matched whole.
#[expect(clippy::print_stdout, reason = "a measurement prints what it measured")]
fn incremental(rows: usize, new: usize, threads: usize) -> Outcome<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("match/people.toml");
    let text = std::fs::read_to_string(&path).map_err(|e| Problem::from_io(&e, "read", &path))?;
    let spec: MatchSpec = toml::from_str(&text).map_err(|e| Problem::new(Code::BadToml, e.to_string()).in_file(&path))?;
    let people = people(rows, 20);
    let known = batches(&people[..rows.saturating_sub(new)])?;
    let all = batches(&people)?;
    drop(people);
    let timed = |what: &str, input: &[RecordBatch], standing: &Standing| -> Outcome<MatchOutput> {
        let progress = ProgressSlot::new();
        let start = Instant::now();
        let (found, phases) = phases(&progress, || run_standing(&spec, input, standing, threads, &Cancel::new(), &progress));
        let (output, told) = found?;
        println!(
            "{what}: {:.2} seconds, {} pairs compared, {} entities, {:?} rows matched, peak {} MiB",
            start.elapsed().as_secs_f64(),
            output.report.pairs_compared,
            output.report.entities,
            told.matched_rows,
            peak_mib()
        );
        for phase in phases {
            println!("  {:<24} {:.3} ({:.2} of processors)", phase.doing, phase.seconds, phase.cpu_seconds);
        }
        Ok(output)
    };
    let before = timed("known records", &known, &Standing::default())?;
    drop(known);
    let start = Instant::now();
    let previous = Previous::of(&before.crosswalk)?;
    println!("old crosswalk read in {:.2} seconds", start.elapsed().as_secs_f64());
    drop(before);
    let standing = Standing { previous, known: Some(Known::default()), ..Standing::default() };
    let one = timed("new records", &all, &standing)?;
    let whole = timed("all matched whole", &all, &Standing { known: None, ..standing })?;
    println!("the same entities: {}", entities(&one.crosswalk) == entities(&whole.crosswalk));
    Ok(())
}

/// So many people as one Parquet file, with who they truly are. Records of a person are in one piece.
fn write(mut maker: Maker, rows: usize, path: &Path) -> Outcome<()> {
    let mut file: Option<ParquetFile> = None;
    let mut written = 0;
    while written < rows {
        let people = maker.records(PIECE.min(rows - written));
        file = write_piece(&people, written, file, path)?;
        written += people.len();
    }
    file.map_or(Ok(()), |file| file.finish().map(drop))
}

fn write_piece(people: &[Record], first: usize, mut file: Option<ParquetFile>, path: &Path) -> Outcome<Option<ParquetFile>> {
    let mut rows = people.chunks(BATCH);
    for batch in batches_from(people, first)? {
        let truth: ArrayRef = Arc::new(Int64Array::from_iter_values(rows.next().unwrap_or_default().iter().map(|p| i64::from(p.truth))));
        let mut fields = batch.schema().fields().to_vec();
        fields.push(Arc::new(Field::new("truth", DataType::Int64, false)));
        let columns = batch.columns().iter().cloned().chain([truth]).collect();
        let whole = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns);
        let whole = whole.map_err(|e| Problem::new(Code::Internal, e.to_string()))?;
        match &mut file {
            Some(file) => file.write(&whole)?,
            None => file.insert(ParquetFile::create(path, &whole.schema())?).write(&whole)?,
        }
    }
    Ok(file)
}

/// Raises the flag at twenty moments of a run and gives the longest time until it returned.
fn slowest_cancel(spec: &MatchSpec, input: &[RecordBatch], threads: usize, whole: f64) -> Outcome<f64> {
    let mut slowest = 0.0_f64;
    for moment in 1..=20 {
        let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
        let start = Instant::now();
        let raise_at = whole * f64::from(moment) / 21.0;
        let (done, rest) = std::sync::mpsc::channel::<()>();
        let took = std::thread::scope(|scope| {
            let raise = cancel.clone();
            let raiser = scope.spawn(move || {
                let _ = rest.recv_timeout(std::time::Duration::from_secs_f64(raise_at));
                raise.raise();
                Instant::now()
            });
            let result = run(spec, input, threads, &cancel, &progress);
            let end = Instant::now();
            drop(done);
            let raised_at = raiser.join().unwrap_or(start);
            match result {
                Err(p) if p.code == Code::Interrupted => Ok(end.saturating_duration_since(raised_at).as_secs_f64()),
                Err(p) => Err(p),
                Ok(_) => Ok(0.0),
            }
        })?;
        slowest = slowest.max(took);
    }
    Ok(slowest)
}

/// One record of a person.
#[derive(Clone)]
struct Record {
    truth: u32,
    source: &'static str,
    given: Option<String>,
    family: Option<String>,
    birth: Option<i32>,
    email: Option<String>,
    phone: Option<String>,
    street: Option<String>,
    city: Option<String>,
    postcode: Option<String>,
    updated: i64,
}

/// So many records of about 0.6 times as many people: per field 2–8 % mistyped, 10–35 % of contact fields missing,
/// 8 % moved or with another number, some initials and swapped names, 1 % sharing name and birth date with another.
fn people(rows: usize, seed: u64) -> Vec<Record> {
    Maker::new(seed).records(rows)
}

/// Makes people.
struct Maker {
    random: SmallRng,
    givens: Vec<String>,
    families: Vec<String>,
    cities: Vec<String>,
    streets: Vec<String>,
    /// A person has one of these numbers of records.
    copies: Vec<usize>,
    people: u32,
}

impl Maker {
    fn new(seed: u64) -> Self {
        let mut random = SmallRng::seed_from_u64(seed);
        let givens = names(&mut random, 3_000, 2);
        let families = names(&mut random, 40_000, 3);
        let cities = names(&mut random, 2_000, 3);
        let streets = names(&mut random, 8_000, 3);
        Self { random, givens, families, cities, streets, copies: vec![1, 1, 1, 2, 2, 3], people: 0 }
    }

    fn records(&mut self, rows: usize) -> Vec<Record> {
        records(self, rows)
    }
}

fn records(maker: &mut Maker, rows: usize) -> Vec<Record> {
    const SOURCES: [&str; 3] = ["crm", "shop", "web"];
    let Maker { random, givens, families, cities, streets, copies, people: truth } = maker;
    let mut records: Vec<Record> = Vec::with_capacity(rows);
    let mut person: Option<Record> = None;
    while records.len() < rows {
        let twin = person.as_ref().filter(|_| random.random_bool(0.01));
        let (given, family, birth) = match twin {
            Some(p) => (p.given.clone(), p.family.clone(), p.birth),
            None => (Some(common(random, givens)), Some(common(random, families)), Some(random.random_range(-14_600..14_600))),
        };
        let at = random.random_range(0..cities.len());
        let local = format!("{}.{}{}", given.as_deref().unwrap_or(""), family.as_deref().unwrap_or(""), random.random_range(1..99));
        let whole = Record {
            truth: *truth,
            source: "",
            given,
            family,
            birth,
            email: Some(format!("{local}@{}.example", ["mail", "post", "web", "inbox"][random.random_range(0..4)])),
            phone: Some(format!("0{}", random.random_range(1_000_000_000_u64..9_999_999_999))),
            street: Some(format!("{} {}", streets[random.random_range(0..streets.len())], random.random_range(1..200))),
            city: Some(cities[at].clone()),
            postcode: Some(format!("{:05}", at * 37 + random.random_range(0..20))),
            updated: 0,
        };
        for _ in 0..copies[random.random_range(0..copies.len())] {
            if records.len() < rows {
                let mut record = faulty(random, &whole, cities, streets);
                record.source = SOURCES[random.random_range(0..3)];
                records.push(record);
            }
        }
        person = Some(whole);
        *truth += 1;
    }
    records.shuffle(random);
    records
}

fn faulty(random: &mut SmallRng, whole: &Record, cities: &[String], streets: &[String]) -> Record {
    let mut r = whole.clone();
    if random.random_bool(0.08) {
        let at = random.random_range(0..cities.len());
        r.city = Some(cities[at].clone());
        r.postcode = Some(format!("{:05}", at * 37 + random.random_range(0..20)));
        r.street = Some(format!("{} {}", streets[random.random_range(0..streets.len())], random.random_range(1..200)));
    }
    if random.random_bool(0.08) {
        r.phone = Some(format!("0{}", random.random_range(1_000_000_000_u64..9_999_999_999)));
    }
    if random.random_bool(0.01) {
        std::mem::swap(&mut r.given, &mut r.family);
    }
    if random.random_bool(0.02) {
        r.given = r.given.map(|g| g.chars().take(1).collect());
    }
    if random.random_bool(0.03) {
        r.birth = r.birth.map(|b| b + [1, -1, 30, 365, -365][random.random_range(0..5)]);
    }
    for (field, mistyped, missing) in [
        (&mut r.given, 0.04, 0.01),
        (&mut r.family, 0.05, 0.01),
        (&mut r.email, 0.02, 0.25),
        (&mut r.phone, 0.02, 0.35),
        (&mut r.street, 0.08, 0.10),
        (&mut r.city, 0.04, 0.10),
        (&mut r.postcode, 0.03, 0.10),
    ] {
        if random.random_bool(missing) {
            *field = None;
        } else if random.random_bool(mistyped) {
            *field = field.take().map(|text| mistype(random, &text));
        }
    }
    if random.random_bool(0.05) {
        r.birth = None;
    }
    r.updated = random.random_range(1_500_000_000_000_000..1_700_000_000_000_000);
    r
}

fn mistype(random: &mut SmallRng, text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let at = random.random_range(0..bytes.len());
    match random.random_range(0..4) {
        0 => bytes[at] = random.random_range(b'a'..=b'z'),
        1 => bytes.insert(at, random.random_range(b'a'..=b'z')),
        2 if bytes.len() > 1 => drop(bytes.remove(at)),
        _ if at > 0 => bytes.swap(at, at - 1),
        _ => bytes.push(b'e'),
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Distinct-looking names of so many syllables or one less.
fn names(random: &mut SmallRng, count: usize, syllables: usize) -> Vec<String> {
    const STARTS: [&str; 18] = ["b", "br", "d", "f", "g", "h", "j", "k", "kr", "l", "m", "n", "p", "r", "s", "st", "t", "w"];
    const MIDDLES: [&str; 8] = ["a", "e", "i", "o", "u", "ai", "ei", "ie"];
    const ENDS: [&str; 9] = ["", "n", "r", "l", "s", "t", "ng", "ck", "m"];
    (0..count)
        .map(|_| {
            let syllables = syllables - usize::from(random.random_bool(0.3));
            let pick = |random: &mut SmallRng, from: &[&'static str]| from[random.random_range(0..from.len())];
            (0..syllables).map(|_| [pick(random, &STARTS), pick(random, &MIDDLES), pick(random, &ENDS)].concat()).collect()
        })
        .collect()
}

/// Some names are far more common than others, roughly as Zipf has it.
fn common(random: &mut SmallRng, names: &[String]) -> String {
    let share: f64 = random.random();
    names[((names.len() as f64).powf(share) as usize).min(names.len() - 1)].clone()
}

fn batches(people: &[Record]) -> Outcome<Vec<RecordBatch>> {
    batches_from(people, 0)
}

/// The same with ids from a number on.
fn batches_from(people: &[Record], first: usize) -> Outcome<Vec<RecordBatch>> {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let schema = Arc::new(Schema::new(vec![
        Field::new("id", DataType::Int64, false),
        text("source"),
        text("given_name"),
        text("family_name"),
        Field::new("birth_date", DataType::Date32, true),
        text("email"),
        text("phone"),
        text("street"),
        text("city"),
        text("postcode"),
        Field::new("updated", DataType::Timestamp(TimeUnit::Microsecond, None), true),
    ]));
    let make = |(batch, people): (usize, &[Record])| {
        let texts = |of: fn(&Record) -> Option<&str>| -> ArrayRef { Arc::new(people.iter().map(of).collect::<StringArray>()) };
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from_iter_values((0..people.len()).map(|at| (first + batch * BATCH + at) as i64))),
            texts(|p| Some(p.source)),
            texts(|p| p.given.as_deref()),
            texts(|p| p.family.as_deref()),
            Arc::new(people.iter().map(|p| p.birth).collect::<Date32Array>()),
            texts(|p| p.email.as_deref()),
            texts(|p| p.phone.as_deref()),
            texts(|p| p.street.as_deref()),
            texts(|p| p.city.as_deref()),
            texts(|p| p.postcode.as_deref()),
            Arc::new(people.iter().map(|p| Some(p.updated)).collect::<TimestampMicrosecondArray>()),
        ];
        RecordBatch::try_new(schema.clone(), columns).map_err(|e| Problem::new(Code::Internal, e.to_string()))
    };
    people.chunks(BATCH).enumerate().map(make).collect()
}
