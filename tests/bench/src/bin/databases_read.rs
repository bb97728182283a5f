//! A table of a database server into the lake, against connectorx and, for PostgreSQL, `psql \copy … to` a file.
//!
//! `databases_read [--rows N] [--runs N] [--threads N] [--python PYTHON] [--only postgres|mysql]`, with the servers of
//! `scripts/servers` in the environment, and a Python that has connectorx and pyarrow. Each side is a process of its own, in
//! turn, so that time and peak memory are its own; the first run of each warms up and does not count. Ours is the program:
//! `trommel run` in a workspace with one source, from its start to the published table, on the disk. connectorx gives an
//! Arrow table in memory and stops there. Counts and sums are compared before any figure is told.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a measurement prints what it measured")]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use trommel_journeys::binary;

type Failure = Box<dyn std::error::Error>;

/// What a side took.
struct Taken {
    seconds: f64,
    processor: f64,
    peak_mib: u64,
}

/// A server and the ways to speak to it.
struct Place {
    kind: &'static str,
    url: String,
    password: String,
}

const COLUMNS: &str = "id, customer, day, at, amount, price, status, name, paid, note";
/// The same figures by every side; text so that numbers are compared as they are.
const SUMS: [&str; 5] = ["count(*)", "sum(id)", "sum(customer)", "sum(amount)", "count(note)"];

fn main() -> ExitCode {
    match all(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("databases_read: {error}");
            ExitCode::FAILURE
        }
    }
}

fn all(arguments: &[String]) -> Result<(), Failure> {
    let value = |name: &str| arguments.iter().position(|a| a == name).and_then(|at| arguments.get(at + 1)).cloned();
    let number = |name: &str, usual: u64| value(name).map_or(Ok(usual), |v| v.parse());
    let (rows, runs, threads) = (number("--rows", 10_000_000)?, number("--runs", 5)?, number("--threads", 2)?);
    let python = value("--python").unwrap_or_else(|| "python3".to_owned());
    let only = value("--only");
    let password = std::env::var("TROMMEL_TEST_PASSWORD").map_err(|_| "no servers: eval \"$(scripts/servers start)\"")?;
    let folder = tempfile::tempdir()?;
    for (kind, variable) in [("postgres", "TROMMEL_TEST_POSTGRES"), ("mysql", "TROMMEL_TEST_MYSQL")] {
        if only.as_deref().is_none_or(|only| only == kind) {
            let place = Place { kind, url: std::env::var(variable)?, password: password.clone() };
            println!("{}", place.version()?);
            place.fill(rows)?;
            place.measure(folder.path(), rows, runs, threads, &python)?;
        }
    }
    Ok(())
}

impl Place {
    /// The server's own client with a statement.
    fn client(&self, sql: &str) -> Result<String, Failure> {
        let output = if self.kind == "postgres" {
            Command::new("psql").args(["-qAt", "-v", "ON_ERROR_STOP=1", &self.url, "-c", sql]).env("PGPASSWORD", &self.password).output()?
        } else {
            let port = self.url.rsplit_once(':').and_then(|(_, rest)| rest.split('/').next()).unwrap_or("3306");
            Command::new("mariadb")
                .args([
                    "--no-defaults",
                    "-N",
                    "--host=127.0.0.1",
                    "--user=trommel",
                    "--ssl-verify-server-cert=0",
                    &format!("--port={port}"),
                ])
                .args(["trommel", "-e", sql])
                .env("MYSQL_PWD", &self.password)
                .output()?
        };
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    fn version(&self) -> Result<String, Failure> {
        let program = Command::new(binary("trommel")).arg("--version").output()?;
        Ok(format!("{} {}; {}", self.kind, self.client("select version()")?, String::from_utf8_lossy(&program.stdout).trim()))
    }

    fn fill(&self, rows: u64) -> Result<(), Failure> {
        let there = self.client("select count(*) from bench_read").unwrap_or_default();
        if there == rows.to_string() {
            return Ok(());
        }
        println!("making {rows} rows");
        self.client("drop table if exists bench_read")?;
        self.client(&match self.kind {
            "postgres" => format!(
                "create table bench_read (id bigint primary key, customer int, day date, at timestamp, amount numeric(12,2), price float8,
                   status text, name text, paid boolean, note text);
                 insert into bench_read select g, (g * 7919) % 1000003, date '2020-01-01' + (g % 1500)::int, timestamp '2020-01-01' + g * interval '13 seconds',
                   (g % 1000000) / 100.0, g / 7.0, (array['open', 'paid', 'shipped', 'returned'])[g % 4 + 1], 'customer ' || (g * 7919) % 1000003,
                   g % 3 = 0, case when g % 5 = 0 then null else 'note number ' || g end from generate_series(1::bigint, {rows}) g;
                 analyze bench_read"
            ),
            _ => format!(
                "create table bench_read (id bigint primary key, customer int, day date, at datetime, amount decimal(12,2), price double,
                   status varchar(20), name varchar(40), paid tinyint(1), note varchar(40)) engine = innodb;
                 insert into bench_read select seq, (seq * 7919) % 1000003, date_add('2020-01-01', interval seq % 1500 day),
                   date_add('2020-01-01', interval seq * 13 second), (seq % 1000000) / 100, seq / 7, elt(seq % 4 + 1, 'open', 'paid', 'shipped', 'returned'),
                   concat('customer ', (seq * 7919) % 1000003), seq % 3 = 0, if(seq % 5 = 0, null, concat('note number ', seq)) from seq_1_to_{rows};
                 analyze table bench_read"
            ),
        })?;
        Ok(())
    }

    fn measure(&self, folder: &Path, rows: u64, runs: u64, threads: u64, python: &str) -> Result<(), Failure> {
        let root = folder.join(self.kind);
        std::fs::create_dir_all(root.join("sources"))?;
        let ca = std::env::var("TROMMEL_TEST_CA")?;
        std::fs::write(
            root.join("trommel.toml"),
            format!(
                "name = \"bench\"\nthreads = {threads}\n[[connections]]\nname = \"db\"\nkind = \"{}\"\nurl = \"{}\"\nca = \"{ca}\"\n\
                 password = {{ env = \"TROMMEL_TEST_PASSWORD\" }}\n",
                self.kind, self.url
            ),
        )?;
        std::fs::write(root.join("sources/bench.toml"), "connection = \"db\"\ntable = \"bench_read\"\n")?;
        std::fs::write(root.join("peer.py"), PEER)?;
        let sides: &[&str] = if self.kind == "postgres" { &["ours", "connectorx", "copy"] } else { &["ours", "connectorx"] };
        let expected = self.client(&format!("select concat_ws(' ', {}) from bench_read", SUMS.join(", ")))?;
        let mut taken: Vec<Vec<Taken>> = sides.iter().map(|_| Vec::new()).collect();
        for run in 0..=runs {
            for (at, side) in sides.iter().enumerate() {
                let (one, said) = self.side(side, &root, threads, python)?;
                let said = match *side {
                    "ours" if run == 0 => Self::ours(&root)?,
                    "connectorx" => said,
                    _ => expected.clone(),
                };
                if !same(&said, &expected) {
                    return Err(format!("{side} has other values: {said} against {expected}").into());
                }
                if run > 0 {
                    taken[at].push(one);
                }
            }
        }
        println!("{rows} rows × 10 columns, {threads} threads, {runs} runs after a warm-up, counts and sums are the same");
        let mut medians = Vec::new();
        for (side, taken) in sides.iter().zip(&mut taken) {
            taken.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
            let (Some(first), Some(last), Some(middle)) = (taken.first(), taken.last(), taken.get(taken.len() / 2)) else { continue };
            let peak = taken.iter().map(|t| t.peak_mib).max().unwrap_or_default();
            println!(
                "{side:10} median {:.2} s ({:.2} to {:.2}), {:.0} rows/s, processor {:.2} s, peak {peak} MiB",
                middle.seconds,
                first.seconds,
                last.seconds,
                rows as f64 / middle.seconds,
                middle.processor
            );
            medians.push(middle.seconds);
        }
        for (side, median) in sides.iter().zip(&medians).skip(1) {
            println!("speed of ours: {:.2} × that of {side}", median / medians[0]);
        }
        Ok(())
    }

    fn side(&self, side: &str, root: &Path, threads: u64, python: &str) -> Result<(Taken, String), Failure> {
        let mut words: Vec<String> = match side {
            "ours" => {
                let program: PathBuf = binary("trommel");
                vec![
                    program.display().to_string(),
                    "-w".into(),
                    root.display().to_string(),
                    "run".into(),
                    "--full-refresh".into(),
                    "--quiet".into(),
                ]
            }
            "copy" => {
                let to = root.join("copy.txt").display().to_string();
                vec![
                    "psql".into(),
                    "-q".into(),
                    self.url.clone(),
                    "-c".into(),
                    format!("\\copy (select {COLUMNS} from bench_read) to '{to}'"),
                ]
            }
            _ => vec![
                python.into(),
                root.join("peer.py").display().to_string(),
                format!("select {COLUMNS} from bench_read"),
                threads.to_string(),
            ],
        };
        let report = root.join("time.txt");
        let mut command = Command::new("/usr/bin/time");
        command.args(["-o", &report.display().to_string(), "-f", "%e %U %S %M"]).args(words.drain(..));
        command.env("PGPASSWORD", &self.password).env("PEER_URL", self.with_password());
        let output = command.output()?;
        if !output.status.success() {
            return Err(format!("{side}: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        let figures: Vec<f64> = std::fs::read_to_string(&report)?.split_whitespace().filter_map(|w| w.parse().ok()).collect();
        let [seconds, user, system, kib] = figures[..] else { return Err("time says nothing".into()) };
        let taken = Taken { seconds, processor: user + system, peak_mib: kib as u64 >> 10 };
        Ok((taken, String::from_utf8(output.stdout)?.trim().to_owned()))
    }

    /// connectorx takes the password in the URL, which only the environment of its process sees.
    fn with_password(&self) -> String {
        let scheme = if self.kind == "postgres" { "postgresql" } else { "mysql" };
        let rest = self.url.split_once('@').map_or("", |(_, rest)| rest);
        format!("{scheme}://trommel:{}@{}", self.password, rest.replace("localhost", "127.0.0.1"))
    }

    fn ours(root: &Path) -> Result<String, Failure> {
        let sql = format!("select concat_ws(' ', {}) as sums from raw.bench", SUMS.join(", "));
        let output = Command::new(binary("trommel")).arg("-w").arg(root).args(["query", &sql, "--format", "csv"]).output()?;
        Ok(String::from_utf8(output.stdout)?.lines().nth(1).unwrap_or_default().to_owned())
    }
}

/// Figures that are the same numbers, however many zeros stand behind the point.
fn same(a: &str, b: &str) -> bool {
    let numbers = |text: &str| -> Vec<String> {
        let plain =
            |word: &str| if word.contains('.') { word.trim_end_matches('0').trim_end_matches('.').to_owned() } else { word.to_owned() };
        text.split_whitespace().map(plain).collect()
    };
    numbers(a) == numbers(b)
}

/// The peer: the query in two ranges of the key at a time, as an Arrow table; its counts and sums.
const PEER: &str = r#"import os, sys, decimal
import connectorx as cx, pyarrow as pa, pyarrow.compute as pc
table = cx.read_sql(os.environ["PEER_URL"], sys.argv[1], partition_on="id", partition_num=int(sys.argv[2]), return_type="arrow")
amount = table["amount"]
total = sum((pc.sum(c.cast(pa.decimal128(38, 2))).as_py() for c in amount.chunks), decimal.Decimal(0))
print(table.num_rows, pc.sum(table["id"]).as_py(), pc.sum(table["customer"]).as_py(), round(total, 2), table.num_rows - table["note"].null_count)
"#;
