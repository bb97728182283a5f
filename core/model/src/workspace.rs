//! A workspace as its files say it: everything a plan needs to know, read and checked.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{AlertSpec, BoardSpec, Correction, DecisionFile, KpiSpec, ModelSpec, SinkSpec, SourceSpec};

/// A workspace read from disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workspace {
    /// Its folder, absolute.
    pub root: PathBuf,
    /// The environment in use.
    pub environment: String,
    /// What `trommel.toml` says.
    pub config: WorkspaceConfig,
    /// The sources by name.
    pub sources: Vec<SourceSpec>,
    /// The models by name.
    pub models: Vec<ModelSpec>,
    /// The sinks by name.
    #[serde(default)]
    pub sinks: Vec<SinkSpec>,
    /// The KPIs by name.
    pub kpis: Vec<KpiSpec>,
    /// The boards by name.
    pub boards: Vec<BoardSpec>,
    /// What people decided about records, by file.
    #[serde(default)]
    pub decisions: Vec<DecisionFile>,
    /// What was decided about held rows, by source, in the order in which it was.
    #[serde(default)]
    pub corrections: BTreeMap<String, Vec<Correction>>,
}

/// `trommel.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkspaceConfig {
    /// What people call it.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Environments besides `dev`.
    #[serde(default)]
    pub environments: Vec<String>,
    /// The environment used when none is named.
    #[serde(default = "default_environment")]
    pub default_environment: String,
    /// Memory the engine may use, for instance `2GB`.
    #[serde(default)]
    pub memory: Option<String>,
    /// Threads a run may use; by default all cores.
    #[serde(default)]
    pub threads: Option<usize>,
    /// Profiles that runs keep.
    #[serde(default)]
    pub profiles: ProfileKeeping,
    /// Who is told of what.
    #[serde(default)]
    pub alerts: Vec<AlertSpec>,
    /// How to reach the systems that sources name.
    #[serde(default)]
    pub connections: Vec<ConnectionSpec>,
}

/// Which profiles runs keep of the tables they make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProfileKeeping {
    /// The newest so many of each table; 0 keeps none.
    pub keep: usize,
    /// Rows that are looked at, chosen by their values; 0 looks at all.
    pub rows: u64,
}

impl Default for ProfileKeeping {
    fn default() -> Self {
        Self { keep: 30, rows: 200_000 }
    }
}

fn default_environment() -> String {
    "dev".to_owned()
}

/// How to reach a system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionSpec {
    /// The name sources use.
    pub name: String,
    /// What kind of system it is.
    pub kind: ConnectionKind,
    /// The environment in which this is meant by the name; without one, in all that have none of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// True for a system that others work with: what writes to it has to name it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub prod: bool,
    /// A folder or a file, absolute or relative to the workspace; for servers there is `url` instead.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// Where a server is: `postgres://user@host:port/database`, without a password, or where that is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Address>,
    /// Where the password is. Without it, the files that the server's own programs read are asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Reference>,
    /// How the server is verified; said nothing, in full, and a server on this very machine not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// The authority that signed the server's certificate, a PEM file; besides those the system trusts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// Seconds after which the server gives a statement up; without a limit by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement_timeout_s: Option<u64>,
    /// Rows read a second at most, for servers that have other work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_per_s: Option<u64>,
}

/// Kinds of system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionKind {
    /// A folder of files.
    Folder,
    /// A SQLite database file.
    Sqlite,
    /// A PostgreSQL server, or one that speaks its protocol.
    Postgres,
    /// A MySQL or MariaDB server.
    Mysql,
}

/// Where something stands that is never written in a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// A variable of the environment.
    Env(String),
    /// The first line of a file, absolute or relative to the workspace.
    File(String),
    /// The first line of what a file holds that is encrypted by `age`, absolute or relative to the workspace.
    Age(String),
    /// A credential that systemd hands over, by its name in `$CREDENTIALS_DIRECTORY`.
    Credential(String),
    /// An entry of the user's keyring, by its name.
    Keyring(String),
}

/// A URL, or where it stands; only the latter may have a password in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Address {
    /// The URL.
    Text(String),
    /// Where it stands, for instance `{ env = "DATABASE_URL" }`.
    Reference(Reference),
}

/// How far a server has to prove who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// Its certificate is signed by a known authority and made out to its host name.
    VerifyFull,
    /// Its certificate is signed by a known authority.
    VerifyCa,
    /// Nothing is encrypted.
    Off,
}

impl std::fmt::Display for Address {
    /// The URL, or where it stands.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(url) => f.write_str(url),
            Self::Reference(reference) => reference.fmt(f),
        }
    }
}

impl Reference {
    /// What kind of place it is, and which: `("env", "SHOP_PASSWORD")`.
    pub fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Env(name) => ("env", name),
            Self::File(path) => ("file", path),
            Self::Age(path) => ("age", path),
            Self::Credential(name) => ("credential", name),
            Self::Keyring(name) => ("keyring", name),
        }
    }

    /// The place of a kind and a name, as [`Reference::parts`] tells them.
    pub fn of(kind: &str, name: &str) -> Option<Self> {
        let name = name.to_owned();
        Some(match kind {
            "env" => Self::Env(name),
            "file" => Self::File(name),
            "age" => Self::Age(name),
            "credential" => Self::Credential(name),
            "keyring" => Self::Keyring(name),
            _ => return None,
        })
    }

    /// As it is said on a command line: `env:SHOP_PASSWORD`.
    pub fn said(&self) -> String {
        let (kind, name) = self.parts();
        format!("{kind}:{name}")
    }
}

impl std::fmt::Display for Reference {
    /// Where it stands.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Env(name) => write!(f, "${name}"),
            Self::File(path) => write!(f, "as {path} says"),
            Self::Age(path) => write!(f, "as {path} says, encrypted"),
            Self::Credential(name) => write!(f, "as the credential {name} says"),
            Self::Keyring(name) => write!(f, "as the keyring says under {name}"),
        }
    }
}

impl ConnectionSpec {
    /// A folder of files.
    pub fn folder(name: &str, path: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind: ConnectionKind::Folder,
            environment: None,
            prod: false,
            path: path.to_owned(),
            url: None,
            password: None,
            tls: None,
            ca: None,
            statement_timeout_s: None,
            rows_per_s: None,
        }
    }

    /// A database server.
    pub fn server(name: &str, kind: ConnectionKind, url: &str) -> Self {
        Self { kind, path: String::new(), url: Some(Address::Text(url.to_owned())), ..Self::folder(name, "") }
    }
}

impl ConnectionKind {
    /// The name `kind = …` has.
    pub fn name(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
        }
    }

    /// True for what has tables.
    pub fn is_database(self) -> bool {
        !matches!(self, Self::Folder)
    }

    /// True for what is reached over a network, by a URL.
    pub fn is_server(self) -> bool {
        matches!(self, Self::Postgres | Self::Mysql)
    }
}
