//! Example workspaces: seeded generators and the text files that go with them.
//!
//! An example is a workspace like any other: text files that can be read and changed, and data to run them on.
//! The text files are embedded from `assets/examples/`, the data is made here. Nothing is fetched, and nothing
//! is written outside the folder that was asked for.

mod customer;
mod folder;
mod marketing;
mod rental;
mod replica;
mod retail;
mod settings;
mod shop;
mod tables;
#[cfg(test)]
mod tests;
mod texts;

use std::path::PathBuf;

use trommel_model::{Cancel, Code, ConnectionKind, ExampleRequest, Outcome, Problem, ProgressSlot, did_you_mean};

use folder::Standing;
use settings::{Server, Settings};

/// An example that can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// What it is asked for by.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What it shows, in one sentence.
    pub about: &'static str,
}

/// An example that stands on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The workspace's folder, absolute.
    pub root: PathBuf,
    /// True when it stood there already.
    pub reused: bool,
    /// Commands to try next, inside the folder.
    pub next: Vec<String>,
    /// What was made, in words.
    pub notes: Vec<String>,
}

const EXAMPLES: [Example; 6] = [
    Example {
        name: "car-rental",
        title: "Car rental quotes",
        about: "Three brokers quote the same requests: duplicates are found, quotes meet their bookings, \
                and KPIs show what converts. Generated data with known truth.",
    },
    Example {
        name: "one-customer",
        title: "One customer",
        about: "Nine systems know the same people under ids of their own: who is who is found, decided and kept stable, \
                and orders meet their customers. Generated data with known truth.",
    },
    Example {
        name: "online-retail",
        title: "Online retail",
        about: "Daily files of invoice lines become daily revenue, credit notes included. \
                Made-up data, or a folder of real files with --data.",
    },
    Example {
        name: "marketing-refactor",
        title: "Marketing refactor",
        about: "Eight files and databases know the same people: they are matched, scored and written back, in parallel, into the \
                databases that people work with. Database files, or real servers with --postgres and --mysql.",
    },
    Example {
        name: "reporting-elt",
        title: "Reporting on a replica",
        about: "Tables of a shop's database are read where they stand and joined with the lake's into two fact tables. \
                A SQLite file, or a server with --postgres or --mysql.",
    },
    Example {
        name: "shopsphere",
        title: "Shopsphere",
        about: "Orders, a catalogue and marketing's exports come together; one record in twenty is at fault, with known truth. \
                SQLite files, or real servers with --postgres and --mysql.",
    },
];

/// The examples there are.
pub fn list() -> &'static [Example] {
    &EXAMPLES
}

/// Makes an example's workspace with its data, or finds it made with the same settings.
///
/// A folder that holds something else is never touched. An example that could not be finished leaves nothing behind.
pub fn make(request: &ExampleRequest, cancel: &Cancel, progress: &ProgressSlot) -> Outcome<Made> {
    let example = find(&request.name)?;
    let settings = Settings::of(example, request)?;
    let root = folder::root(request.folder.as_deref(), example.name)?;
    let next = texts::next(example.name);
    if folder::standing(&root, &settings)? == Standing::Made {
        let notes = vec![format!("{} stands there already with the same settings; nothing was generated", root.display())];
        return Ok(Made { root, reused: true, next, notes });
    }
    let making = folder::Making::start(&root)?;
    texts::write(making.path(), example.name, &settings)?;
    let data = making.folder("data")?;
    let notes = match &settings {
        Settings::CarRental { rows, seed } => rental_notes(&rental::generate(&data, *rows, *seed, cancel, progress)?),
        Settings::Marketing { rows, seed, postgres, mysql } => {
            let [crm, shop] = marketing::local(making.path());
            let server = |name, kind, text: &Option<String>| text.as_ref().map(|t| marketing::given(name, kind, t)).transpose();
            let databases = [
                server("crm", ConnectionKind::Postgres, postgres)?.unwrap_or(crm),
                server("shop", ConnectionKind::Mysql, mysql)?.unwrap_or(shop),
            ];
            marketing_notes(&marketing::generate(&data, &databases, *rows, *seed, cancel, progress)?)
        }
        Settings::OneCustomer { rows, seed } => customer_notes(&customer::generate(&data, *rows, *seed, cancel, progress)?),
        Settings::Shopsphere { rows, seed, postgres, mysql } => {
            let servers = shop::Servers { postgres: postgres.as_ref(), mysql: mysql.as_ref() };
            shop_notes(&shop::generate(&data, *rows, *seed, servers, cancel, progress)?)
        }
        Settings::OnlineRetail { data: Some(given) } => retail::look(given)?,
        Settings::OnlineRetail { data: None } => retail::write(&data)?,
        Settings::Reporting { rows, seed, server } => {
            texts::write_files(&data)?;
            replica_notes(&replica::generate(&data, *rows, *seed, server.as_ref(), cancel, progress)?, server.as_ref())
        }
    };
    cancel.check()?;
    making.remember(&settings)?;
    making.finish(&root)?;
    Ok(Made { root, reused: false, next, notes })
}

fn replica_notes(made: &replica::Generated, server: Option<&Server>) -> Vec<String> {
    let rows: Vec<String> = made.rows.iter().map(|(name, rows)| format!("{rows} {name}")).collect();
    let mut notes = vec![rows.join(", ")];
    if server.is_some() {
        notes.push("load data/replica.sql with the server's own client before the first run".to_owned());
    }
    notes
}

fn find(name: &str) -> Outcome<&'static Example> {
    let names = || EXAMPLES.iter().map(|e| e.name);
    EXAMPLES.iter().find(|e| e.name == name).ok_or_else(|| {
        let hint = did_you_mean(name, names());
        let all = names().collect::<Vec<_>>().join(", ");
        Problem::new(Code::UnknownName, format!("there is no example \"{name}\"")).next(if hint.is_empty() {
            format!("the examples are {all}")
        } else {
            hint
        })
    })
}

fn marketing_notes(made: &marketing::Generated) -> Vec<String> {
    vec![
        format!("{} records of {} people in four systems, {} orders, {} clicks", made.records, made.people, made.orders, made.clicks),
        "which record is of which person is in data/truth/people.csv".to_owned(),
    ]
}

fn customer_notes(made: &customer::Generated) -> Vec<String> {
    vec![
        format!("{} records of {} people in nine systems, {} orders", made.records, made.people, made.orders),
        format!("{} faulty records; {} customers come after their orders (data/late)", made.faulty, made.late),
        "the truth is in data/truth".to_owned(),
    ]
}

fn rental_notes(made: &rental::Generated) -> Vec<String> {
    vec![
        format!("{} requests over {} days, {} quote records from three brokers", made.requests, made.days, made.records),
        format!("{} bookings, {} of them for quotes that have not arrived (data/late)", made.bookings, made.withheld),
        format!("{} faulty records of ten kinds; the truth is in data/truth", made.faulty),
    ]
}

fn shop_notes(made: &shop::Generated) -> Vec<String> {
    vec![
        format!("{} orders with {} lines, {} customers, {} products", made.orders, made.lines, made.customers, made.products),
        format!("{} rows of marketing's exports, a file a month", made.exports),
        format!("{} records at fault; the truth is in data/truth/errors.csv", made.faults),
    ]
}
