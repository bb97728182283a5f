//! What an example was made with, remembered in `data/generated.toml`.

use std::path::{Path, PathBuf};

use trommel_model::{Address, Code, ConnectionKind, ConnectionSpec, ExampleRequest, Outcome, Problem};

use crate::Example;

/// Where settings are remembered, relative to the workspace.
pub const REMEMBERED: &str = "data/generated.toml";

/// Fewer rows than this leave a broker without a single file.
const FEWEST_ROWS: u64 = 100;
/// Quote numbers stay short up to here.
const MOST_ROWS: u64 = 50_000_000;
/// Records of customers up to here are what the example was measured with.
const MOST_CUSTOMERS: u64 = 100_000_000;

/// The settings of one example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settings {
    /// Generated quotes.
    CarRental {
        /// Quote records over all brokers.
        rows: u64,
        /// Seed of the generator.
        seed: u64,
    },
    /// Generated people and what they did.
    Marketing {
        /// Records of people, about.
        rows: u64,
        /// Seed of the generator.
        seed: u64,
        /// Where the CRM is, when it is not a file of the workspace.
        postgres: Option<String>,
        /// Where the shop is, when it is not a file of the workspace.
        mysql: Option<String>,
    },
    /// Generated customers.
    OneCustomer {
        /// Records over all sources.
        rows: u64,
        /// Seed of the generator.
        seed: u64,
    },
    /// A shop.
    Shopsphere {
        /// Lines of orders, about.
        rows: u64,
        /// Seed of the generator.
        seed: u64,
        /// Where the catalogue is, when not in a file.
        postgres: Option<ConnectionSpec>,
        /// Where the orders are, when not in a file.
        mysql: Option<ConnectionSpec>,
    },
    /// Daily files.
    OnlineRetail {
        /// The folder of the files; without one, the made-up ones.
        data: Option<PathBuf>,
    },
    /// A replica.
    Reporting {
        /// Orders.
        rows: u64,
        /// Seed of the generator.
        seed: u64,
        /// The server; without one, a file.
        server: Option<Server>,
    },
}

/// A server in place of the embedded database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its kind.
    pub kind: ConnectionKind,
    /// Its URL, without a password.
    pub url: String,
}

impl Server {
    /// What a request asks for.
    fn of(request: &ExampleRequest) -> Outcome<Option<Self>> {
        let server = match (&request.postgres, &request.mysql) {
            (None, None) => return Ok(None),
            (Some(url), None) => Self { kind: ConnectionKind::Postgres, url: written(url) },
            (None, Some(url)) => Self { kind: ConnectionKind::Mysql, url: written(url) },
            (Some(_), Some(_)) => {
                return Err(Problem::new(Code::Usage, "the replica is one server").next("give --postgres or --mysql, not both"));
            }
        };
        let login = server.url.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')).map_or("", |(login, _)| login);
        if login.contains(':') {
            return Err(Problem::new(Code::Usage, "the URL has a password in it")
                .why("passwords are never written into a workspace")
                .next("leave it out; ~/.pgpass, ~/.my.cnf or password in trommel.toml say it"));
        }
        Ok(Some(server))
    }
}

impl Settings {
    /// What a request asks for.
    pub fn of(example: &Example, request: &ExampleRequest) -> Outcome<Self> {
        let servers = request.postgres.is_some() || request.mysql.is_some();
        if servers && !matches!(example.name, "marketing-refactor" | "reporting-elt" | "shopsphere") {
            return Err(
                Problem::new(Code::Usage, format!("the example {} has no server", example.name)).next("leave --postgres and --mysql out")
            );
        }
        if example.name == "online-retail" {
            return Ok(Self::OnlineRetail { data: request.data.as_deref().map(absolute_folder).transpose()? });
        }
        let server = if example.name == "reporting-elt" { Server::of(request)? } else { None };
        if request.data.is_some() {
            return Err(Problem::new(Code::Usage, format!("the example {} makes its own data", example.name))
                .next("leave --data out; --rows and --seed say what is generated"));
        }
        let customers = example.name == "one-customer";
        let most = if customers { MOST_CUSTOMERS } else { MOST_ROWS };
        if !(FEWEST_ROWS..=most).contains(&request.rows) {
            return Err(Problem::new(Code::Usage, format!("{} rows cannot be generated", request.rows))
                .next(format!("ask for {FEWEST_ROWS} to {most} rows")));
        }
        if customers {
            return Ok(Self::OneCustomer { rows: request.rows, seed: request.seed });
        }
        if example.name == "marketing-refactor" {
            let [postgres, mysql] = [&request.postgres, &request.mysql].map(|server| server.as_ref().map(written));
            return Ok(Self::Marketing { rows: request.rows, seed: request.seed, postgres, mysql });
        }
        if example.name == "reporting-elt" {
            return Ok(Self::Reporting { rows: request.rows, seed: request.seed, server });
        }
        let (rows, seed) = (request.rows, request.seed);
        if example.name == "shopsphere" {
            let server = |name, kind, address: &Option<Address>| {
                address.clone().map(|url| ConnectionSpec { url: Some(url), ..ConnectionSpec::server(name, kind, "") })
            };
            let postgres = server("catalogue", ConnectionKind::Postgres, &request.postgres);
            return Ok(Self::Shopsphere { rows, seed, postgres, mysql: server("shop", ConnectionKind::Mysql, &request.mysql) });
        }
        Ok(Self::CarRental { rows, seed })
    }

    /// The text of [`REMEMBERED`]. Equal settings have equal text.
    pub fn text(&self) -> String {
        let head = "# What this example was generated with. The same settings make the same data.\n";
        match self {
            Self::CarRental { rows, seed } => format!("{head}example = \"car-rental\"\nrows = {rows}\nseed = {seed}\n"),
            Self::Marketing { rows, seed, postgres, mysql } => {
                let place = |server: &Option<String>| server.as_ref().map_or_else(|| "\"\"".to_owned(), |s| toml_text(s));
                format!(
                    "{head}example = \"marketing-refactor\"\nrows = {rows}\nseed = {seed}\npostgres = {}\nmysql = {}\n",
                    place(postgres),
                    place(mysql)
                )
            }
            Self::OneCustomer { rows, seed } => format!("{head}example = \"one-customer\"\nrows = {rows}\nseed = {seed}\n"),
            Self::Shopsphere { rows, seed, postgres, mysql } => {
                let on = |server: &Option<ConnectionSpec>| toml_text(&server.as_ref().map(place).unwrap_or_default());
                let (postgres, mysql) = (on(postgres), on(mysql));
                format!("{head}example = \"shopsphere\"\nrows = {rows}\nseed = {seed}\npostgres = {postgres}\nmysql = {mysql}\n")
            }
            Self::OnlineRetail { data } => {
                let from = data.as_ref().map_or_else(|| "\"\"".to_owned(), |d| toml_text(&d.to_string_lossy()));
                format!("{head}example = \"online-retail\"\ndata = {from}\n")
            }
            Self::Reporting { rows, seed, server } => {
                let server = server.as_ref().map_or_else(String::new, |s| format!("server = {}\n", toml_text(&s.url)));
                format!("{head}example = \"reporting-elt\"\nrows = {rows}\nseed = {seed}\n{server}")
            }
        }
    }

    /// The settings in words, as options of the command line.
    pub fn options(&self) -> String {
        match self {
            Self::CarRental { rows, seed } => format!("car-rental --rows {rows} --seed {seed}"),
            Self::Marketing { rows, seed, postgres, mysql } => {
                let said = |name: &str, server: &Option<String>| server.as_ref().map_or_else(String::new, |s| format!(" --{name} {s}"));
                format!("marketing-refactor --rows {rows} --seed {seed}{}{}", said("postgres", postgres), said("mysql", mysql))
            }
            Self::OneCustomer { rows, seed } => format!("one-customer --rows {rows} --seed {seed}"),
            Self::Shopsphere { rows, seed, postgres, mysql } => {
                let mut words = format!("shopsphere --rows {rows} --seed {seed}");
                for (option, server) in [("postgres", postgres), ("mysql", mysql)] {
                    if let Some(server) = server {
                        words.push_str(&format!(" --{option} {}", place(server)));
                    }
                }
                words
            }
            Self::OnlineRetail { data: Some(data) } => format!("online-retail --data {}", data.display()),
            Self::OnlineRetail { data: None } => "online-retail".to_owned(),
            Self::Reporting { rows, seed, server } => {
                let server = server.as_ref().map_or_else(String::new, |s| format!(" --{} {}", s.kind.name(), s.url));
                format!("reporting-elt --rows {rows} --seed {seed}{server}")
            }
        }
    }
}

/// Where a server is, as it was said; a password was refused before.
fn place(server: &ConnectionSpec) -> String {
    server.url.as_ref().map(written).unwrap_or_default()
}

/// An address as it is said on the command line.
fn written(address: &Address) -> String {
    match address {
        Address::Text(url) => url.clone(),
        Address::Reference(reference) => reference.said(),
    }
}

/// The settings of [`REMEMBERED`] text in words, for a message.
pub fn describe(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect::<Vec<_>>().join(", ")
}

/// A TOML basic string.
pub fn toml_text(text: &str) -> String {
    // JSON's escapes are a subset of TOML's.
    serde_json::Value::from(text).to_string()
}

fn absolute_folder(folder: &Path) -> Outcome<PathBuf> {
    let absolute = folder.canonicalize().map_err(|e| Problem::from_io(&e, "read the folder given with --data", folder))?;
    if absolute.is_dir() {
        return Ok(absolute);
    }
    Err(Problem::new(Code::Usage, "--data is not a folder").in_file(folder).next("give the folder that holds the daily CSV files"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_toml_text() {
        for (given, written) in [("/a b", r#""/a b""#), ("C:\\x\"y", r#""C:\\x\"y""#), ("/é", "\"/é\"")] {
            assert_eq!(toml_text(given), written);
        }
    }

    #[test]
    fn settings_are_remembered_and_described() {
        let settings = Settings::CarRental { rows: 500, seed: 7 };
        assert_eq!(describe(&settings.text()), "example = \"car-rental\", rows = 500, seed = 7");
        assert_ne!(settings.text(), Settings::CarRental { rows: 500, seed: 8 }.text());
    }
}
