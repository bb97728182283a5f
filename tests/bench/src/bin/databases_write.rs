//! Write back: ours against the servers' own bulk loaders and against an INSERT with commit for each row, in one run.
//!
//! `databases_write [--rows N] [--single N] [--runs N]` against the servers of `scripts/servers` (`TROMMEL_TEST_POSTGRES`,
//! `TROMMEL_TEST_MYSQL`). The same rows of ten columns lie as Parquet (ours) and as CSV (`psql \copy`, `LOAD DATA LOCAL`).
//! Every load goes into an empty table of the same definition; afterwards both tables are compared on the server before a
//! ratio counts. Ours runs in a process of its own, whose largest memory is told. Row by row is measured on fewer rows, by the
//! server's own client that reads a file of statements, and told as rows a second.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a measurement prints what it measured")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use trommel_bench::quality::{self, Failure, option};
use trommel_connectors::database::write::{Each, Order, Rows, write};
use trommel_model::{Cancel, ConnectionKind, ConnectionSpec, OnMisfit, Problem, ProgressSlot, Reference, WriteMode};

/// The columns; TIME is a time without a zone.
const COLUMNS: &str = "id bigint primary key, customer int, country char(2), product varchar(40), quantity int, price numeric(12,2), \
                       discount double precision, ordered_at TIME, shipped date, note varchar(80)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.first().map(String::as_str) {
        Some("ours") => ours(&arguments[1..]),
        _ => all(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("databases_write: {error}");
            ExitCode::FAILURE
        }
    }
}

fn connection(kind: ConnectionKind) -> Result<ConnectionSpec, Failure> {
    let url = std::env::var(if kind == ConnectionKind::Mysql { "TROMMEL_TEST_MYSQL" } else { "TROMMEL_TEST_POSTGRES" })?;
    Ok(ConnectionSpec {
        password: Some(Reference::Env("TROMMEL_TEST_PASSWORD".to_owned())),
        ca: Some(std::env::var("TROMMEL_TEST_CA")?),
        ..ConnectionSpec::server("bench", kind, &url)
    })
}

/// Ours in this process: prints seconds and peak bytes.
fn ours(arguments: &[String]) -> Result<(), Failure> {
    let [kind, sql, table, mode, named, folder] = arguments else { return Err("usage: ours KIND SQL TABLE MODE NAME FOLDER".into()) };
    let connection = connection(if kind == "mysql" { ConnectionKind::Mysql } else { ConnectionKind::Postgres })?;
    let engine = quality::engine(Path::new(folder), 2)?;
    let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
    let order = Order {
        root: Path::new("/"),
        connection: &connection,
        table,
        mode: if mode == "append" { WriteMode::Append } else { WriteMode::Replace },
        key: &[],
        on_bad: OnMisfit::Fail,
        sink: "bench",
        writer: "bench",
        run: "20260101-000000-aaaa",
        batch: named,
        cancel: &cancel,
        progress: &progress,
    };
    let started = Instant::now();
    let schema = engine.stream(&format!("select * from ({sql}) limit 0"), &cancel, &mut |_| Ok::<(), Problem>(()))?;
    let mut stream = |each: Each<'_>| engine.stream(sql, &cancel, each).map(drop);
    let delivered = write(&order, &mut Rows { schema, stream: &mut stream, hold: &mut |_| Ok(()) })?;
    println!("{} {} {} {}", started.elapsed().as_secs_f64(), peak_bytes()?, delivered.rows_out, delivered.notes.join("; "));
    Ok(())
}

fn peak_bytes() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}

fn all(arguments: &[String]) -> Result<(), Failure> {
    let number = |name: &str, usual: u64| option(arguments, name).map_or(Ok(usual), str::parse);
    let (rows, single, runs) = (number("--rows", 10_000_000)?, number("--single", 20_000)?, number("--runs", 3)?);
    let folder = tempfile::tempdir()?;
    let (parquet, csv) = (folder.path().join("rows.parquet"), folder.path().join("rows.csv"));
    let select = format!(
        "select range as id, (hash(range) % 2000000)::int as customer, ['DE','FR','IT','ES','PL'][1 + (hash(range + 1) % 5)::int] as country,
         'product ' || (hash(range + 2) % 50000) as product, (1 + hash(range + 3) % 99)::int as quantity,
         ((hash(range + 4) % 200000) / 100)::decimal(12,2) as price, (hash(range + 5) % 50) / 100.0::double as discount,
         timestamp '2024-01-01' + to_seconds((hash(range + 6) % 31536000)::int) as ordered_at, date '2024-01-01' + (hash(range + 7) % 400)::int as shipped,
         case when hash(range + 8) % 3 = 0 then null else 'delivery note number ' || range end as note from range({rows})"
    );
    let engine = quality::engine(folder.path(), 2)?;
    let cancel = Cancel::new();
    engine.execute(&format!("copy ({select}) to '{}' (format parquet)", parquet.display()), &cancel)?;
    let from = format!("select * from '{}'", parquet.display());
    engine.execute(&format!("copy ({from}) to '{}' (format csv, header false)", csv.display()), &cancel)?;
    drop(engine);
    println!(
        "{rows} rows of 10 columns with a primary key, {} bytes of CSV; best of {runs} after a warm-up of the page cache",
        std::fs::metadata(&csv)?.len()
    );
    println!("every commit is flushed to the disk by both servers, for all sides alike");

    let fresh = |side: &Side, table: &str| side.sql(&format!("drop table if exists {table}; create table {table} ({})", side.columns()));
    for side in [Side::Postgres, Side::Mysql] {
        side.durable()?;
        let version = side.sql("select version()")?;
        println!("\n{}: {}", side.name(), version.lines().next().unwrap_or_default());
        let (mut best_own, mut best_bulk, mut peak) = (f64::MAX, f64::MAX, 0);
        for run in 0..runs {
            fresh(&side, "bench_bulk")?;
            best_bulk = best_bulk.min(timed(|| side.bulk("bench_bulk", &csv))?);
            fresh(&side, "bench_ours")?;
            let named = format!("{}-{run}", std::process::id());
            let (seconds, bytes, told) = side.ours(&from, "bench_ours", "append", &named, folder.path())?;
            best_own = best_own.min(seconds);
            peak = peak.max(bytes);
            if run == 0 {
                println!("  {told}");
            }
        }
        let differ = side.sql("select count(*) from (select * from bench_ours except select * from bench_bulk) x")?;
        let (own, bulk) = (side.sql("select count(*) from bench_ours")?, side.sql("select count(*) from bench_bulk")?);
        if differ.trim() != "0" || own != bulk {
            return Err(format!("the tables differ: {own} and {bulk} rows, {differ} not the same").into());
        }
        let rate = |seconds: f64| rows as f64 / seconds;
        println!("  bulk ({}): {best_bulk:.1} s, {:.0} rows/s", side.bulk_name(), rate(best_bulk));
        println!(
            "  ours, append: {best_own:.1} s, {:.0} rows/s, peak {} MiB = {:.2} of bulk",
            rate(best_own),
            peak >> 20,
            best_bulk / best_own
        );

        // Everything again with one row in ten changed: by difference, readers undisturbed.
        let changed = format!("select * replace (case when id % 10 = 0 then quantity + 1 else quantity end as quantity) from ({from})");
        let (seconds, bytes, told) = side.ours(&changed, "bench_ours", "replace", &format!("{}-r", std::process::id()), folder.path())?;
        println!("  ours, replace with a tenth changed: {seconds:.1} s, {:.0} rows/s, peak {} MiB ({told})", rate(seconds), bytes >> 20);

        fresh(&side, "bench_single")?;
        let seconds = timed(|| side.singly("bench_single", &csv, single))?;
        let singly = single as f64 / seconds;
        println!(
            "  row by row with commit: {single} rows in {seconds:.1} s, {singly:.0} rows/s; ours is {:.0} times as fast",
            rate(best_own) / singly
        );
        side.sql("drop table bench_ours; drop table bench_bulk; drop table bench_single")?;
    }
    Ok(())
}

fn timed<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<f64, Failure> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed().as_secs_f64())
}

/// A server and its own client.
enum Side {
    Postgres,
    Mysql,
}

impl Side {
    fn name(&self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
        }
    }

    fn columns(&self) -> String {
        COLUMNS.replace("TIME", if matches!(self, Self::Postgres) { "timestamp" } else { "datetime" })
    }

    fn bulk_name(&self) -> &'static str {
        match self {
            Self::Postgres => "psql \\copy",
            Self::Mysql => "LOAD DATA LOCAL INFILE",
        }
    }

    fn client(&self) -> Result<Command, Failure> {
        let password = std::env::var("TROMMEL_TEST_PASSWORD")?;
        Ok(match self {
            Self::Postgres => {
                let mut command = Command::new("psql");
                command
                    .args(["-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"])
                    .arg(std::env::var("TROMMEL_TEST_POSTGRES")?)
                    .env("PGPASSWORD", password);
                command
            }
            Self::Mysql => {
                let folder = std::env::var("TROMMEL_TEST_SERVERS")?;
                let mut command = Command::new("mariadb");
                command.args([
                    "--no-defaults",
                    "--local-infile=1",
                    "-N",
                    "-B",
                    "-utrommel",
                    &format!("--socket={folder}/mariadb.sock"),
                    "trommel",
                ]);
                command.env("MYSQL_PWD", password);
                command
            }
        })
    }

    fn sql(&self, sql: &str) -> Result<String, Failure> {
        let mut command = self.client()?;
        command.args([if matches!(self, Self::Postgres) { "-c" } else { "-e" }, sql]);
        let output = command.output()?;
        if !output.status.success() {
            return Err(format!("{sql}: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// The throw-away servers do not flush; those that people work with do.
    fn durable(&self) -> Result<(), Failure> {
        match self {
            Self::Postgres => {
                self.sql("alter system set fsync = on")?;
                self.sql("select pg_reload_conf()")?;
            }
            Self::Mysql => drop(self.sql("set global innodb_flush_log_at_trx_commit = 1")?),
        }
        Ok(())
    }

    fn bulk(&self, table: &str, csv: &Path) -> Result<String, Failure> {
        match self {
            Self::Postgres => self.sql(&format!("\\copy {table} from '{}' (format csv)", csv.display())),
            Self::Mysql => self.sql(&format!(
                "load data local infile '{}' into table {table} fields terminated by ',' optionally enclosed by '\"' \
                 (id, customer, country, product, quantity, price, discount, ordered_at, shipped, @note) set note = nullif(@note, '')",
                csv.display()
            )),
        }
    }

    fn ours(&self, sql: &str, table: &str, mode: &str, named: &str, folder: &Path) -> Result<(f64, u64, String), Failure> {
        let folder = folder.display().to_string();
        let output = Command::new(std::env::current_exe()?).args(["ours", self.name(), sql, table, mode, named, &folder]).output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut words = text.trim().splitn(4, ' ');
        let mut next = || words.next().unwrap_or_default().to_owned();
        let (seconds, bytes, rows) = (next().parse()?, next().parse()?, next());
        Ok((seconds, bytes, format!("{rows} rows; {}", next())))
    }

    /// A file of INSERT statements, each a transaction of its own, by the server's own client.
    fn singly(&self, table: &str, csv: &Path, rows: u64) -> Result<(), Failure> {
        let mut child = self.client()?.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        if let Some(mut input) = child.stdin.take() {
            let text = std::io::BufReader::new(std::fs::File::open(csv)?);
            for line in std::io::BufRead::lines(text).take(rows as usize) {
                let line = line?;
                let values: Vec<String> =
                    line.split(',').map(|v| if v.is_empty() { "null".to_owned() } else { format!("'{v}'") }).collect();
                writeln!(input, "insert into {table} values ({});", values.join(","))?;
            }
        }
        let status = child.wait()?;
        if status.success() { Ok(()) } else { Err("row by row failed".into()) }
    }
}
