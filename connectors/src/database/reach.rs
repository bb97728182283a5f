//! How a server is reached: what the connection says, with its secrets found and its defaults filled in.

use std::path::{Path, PathBuf};
use std::time::Duration;

use trommel_model::{Address, Code, ConnectionKind, ConnectionSpec, Outcome, Problem, Tls};

use super::standard;
use crate::layers::{Secret, lookup};

/// Everything needed to connect.
#[derive(Debug, Clone)]
pub struct Reach {
    /// The kind of server.
    pub kind: ConnectionKind,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The folder (PostgreSQL) or file (MySQL) of its Unix socket, in place of host and port.
    pub socket: Option<PathBuf>,
    /// Who connects.
    pub user: String,
    /// The password, where there is one.
    pub password: Option<Secret>,
    /// The database.
    pub database: Option<String>,
    /// How far the server is verified.
    pub verify: Verify,
    /// The authority that signed its certificate, besides those of the system.
    pub ca: Option<PathBuf>,
    /// After how long the server gives a statement up.
    pub statement_timeout: Option<Duration>,
    /// Rows read a second at most.
    pub rows_per_s: Option<u64>,
}

/// How far a server is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verify {
    /// Authority and host name.
    Full,
    /// Authority.
    Authority,
    /// Encrypted where it can; for this very machine only.
    Loopback,
    /// Nothing is encrypted.
    Off,
}

impl Reach {
    /// What the connection says. `root` is the workspace.
    pub fn of(root: &Path, connection: &ConnectionSpec) -> Outcome<Self> {
        let url = match &connection.url {
            Some(Address::Text(text)) => Secret::new(text.clone()),
            Some(Address::Reference(reference)) => lookup(reference, root).map_err(|p| named(p, connection))?,
            None => return Err(bad_url(connection, "there is none")),
        };
        let parts = Parts::of(url.reveal()).map_err(|why| bad_url(connection, why))?;
        if !parts.scheme_fits(connection.kind) {
            return Err(bad_url(connection, &format!("it does not begin with {}://", connection.kind.name())));
        }
        let own = parts.password.clone();
        let mut reach = Self {
            kind: connection.kind,
            port: parts.port.unwrap_or(if connection.kind == ConnectionKind::Mysql { 3306 } else { 5432 }),
            user: parts.user.or_else(|| std::env::var("USER").ok()).unwrap_or_default(),
            host: parts.host.unwrap_or_else(|| "localhost".to_owned()),
            socket: parts.socket,
            database: parts.database,
            password: own,
            verify: Verify::Full,
            ca: connection.ca.as_ref().map(|ca| root.join(ca)),
            statement_timeout: connection.statement_timeout_s.map(Duration::from_secs),
            rows_per_s: connection.rows_per_s,
        };
        if let Some(reference) = &connection.password {
            reach.password = Some(lookup(reference, root).map_err(|p| named(p, connection))?);
        }
        if reach.password.is_none() {
            reach.password = standard::password(&reach);
        }
        reach.verify = match connection.tls {
            Some(Tls::VerifyFull) => Verify::Full,
            Some(Tls::VerifyCa) => Verify::Authority,
            Some(Tls::Off) => Verify::Off,
            None if reach.socket.is_some() => Verify::Off,
            None if reach.ca.is_none() && is_loopback(&reach.host) => Verify::Loopback,
            None => Verify::Full,
        };
        if let Some(ca) = reach.ca.as_ref().filter(|ca| !ca.is_file()) {
            let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(Problem::from_io(&missing, "read the authority's certificate", ca));
        }
        Ok(reach)
    }

    /// Where the server is, for people; without a password.
    pub fn shown(&self) -> String {
        let database = self.database.as_deref().unwrap_or_default();
        match &self.socket {
            Some(socket) => format!("{}://{}@{}/{database}", self.kind.name(), self.user, socket.display()),
            None => format!("{}://{}@{}:{}/{database}", self.kind.name(), self.user, self.host, self.port),
        }
    }

    /// A fault at this server. What the server or a library says may have the password in it.
    pub fn fault(&self, mut problem: Problem) -> Problem {
        if let Some(password) = &self.password {
            problem.what = password.redact(&problem.what);
            problem.why = problem.why.map(|why| password.redact(&why));
        }
        problem.in_file(self.shown())
    }
}

/// Where a connection leads, for people.
pub fn shown(connection: &ConnectionSpec) -> String {
    connection.url.as_ref().map(ToString::to_string).unwrap_or_default()
}

/// True for this very machine.
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn bad_url(connection: &ConnectionSpec, why: &str) -> Problem {
    let kind = connection.kind.name();
    Problem::new(Code::BadConfig, format!("the url of connection \"{}\" is none", connection.name))
        .why(why)
        .next(format!("write {kind}://user@host:port/database, without a password"))
}

fn named(problem: Problem, connection: &ConnectionSpec) -> Problem {
    let what = format!("{}, for connection \"{}\"", problem.what, connection.name);
    Problem { what, ..problem }
}

/// A URL taken apart.
#[derive(Debug, Default)]
struct Parts {
    scheme: String,
    user: Option<String>,
    password: Option<Secret>,
    host: Option<String>,
    port: Option<u16>,
    socket: Option<PathBuf>,
    database: Option<String>,
}

impl Parts {
    /// Takes `scheme://user:password@host:port/database?host=/socket` apart. What is wrong is said without the text.
    fn of(url: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = url.trim().split_once("://").ok_or("it has no ://")?;
        let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.rsplit_once('/').unwrap_or((rest, ""));
        let (login, place) = authority.rsplit_once('@').map_or((None, authority), |(login, place)| (Some(login), place));
        let mut parts = Self { scheme: scheme.to_ascii_lowercase(), ..Self::default() };
        if let Some(login) = login {
            let (user, password) = login.split_once(':').map_or((login, None), |(user, password)| (user, Some(password)));
            parts.user = some(decoded(user)?);
            parts.password = password.map(decoded).transpose()?.map(Secret::new);
        }
        let (host, port) = match place.rsplit_once(':') {
            // An IPv6 address stands in brackets.
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (place, None),
        };
        let host = decoded(host)?;
        if host.starts_with('/') {
            parts.socket = Some(PathBuf::from(host));
        } else {
            parts.host = some(host);
        }
        parts.port = port.filter(|p| !p.is_empty()).map(|p| p.parse().map_err(|_| "its port is no number")).transpose()?;
        parts.database = some(decoded(path)?);
        for option in options.split('&').filter(|o| !o.is_empty()) {
            let (key, value) = option.split_once('=').unwrap_or((option, ""));
            let value = decoded(value)?;
            match key {
                "host" | "socket" if value.starts_with('/') => parts.socket = Some(PathBuf::from(value)),
                "user" => parts.user = some(value),
                "password" => parts.password = Some(Secret::new(value)),
                "dbname" => parts.database = some(value),
                // How the server is verified is said in the workspace, where it can be seen.
                "sslmode" | "ssl-mode" | "sslrootcert" | "ssl-ca" => {
                    return Err("it says how to verify the server; that is said with tls and ca");
                }
                _ => return Err("it has an option that is not known"),
            }
        }
        Ok(parts)
    }

    fn scheme_fits(&self, kind: ConnectionKind) -> bool {
        match kind {
            ConnectionKind::Postgres => matches!(self.scheme.as_str(), "postgres" | "postgresql"),
            ConnectionKind::Mysql => matches!(self.scheme.as_str(), "mysql" | "mariadb"),
            ConnectionKind::Folder | ConnectionKind::Sqlite => false,
        }
    }
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|t| !t.is_empty())
}

/// The text behind `%41` and its like.
fn decoded(text: &str) -> Result<String, &'static str> {
    const BAD: &str = "it has a % without two digits";
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next().ok_or(BAD)?, rest.next().ok_or(BAD)?];
        let mut value = [0];
        hex::decode_to_slice(digits, &mut value).map_err(|_| BAD)?;
        bytes.extend_from_slice(&value);
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8")
}

#[cfg(test)]
mod tests {
    use trommel_model::Reference;

    use super::*;

    fn reach(url: &str, kind: ConnectionKind) -> Outcome<Reach> {
        Reach::of(Path::new("/"), &ConnectionSpec::server("c", kind, url))
    }

    #[test]
    fn urls_are_taken_apart() {
        for (url, kind, shown, verify) in [
            ("postgres://ann@db.example:5433/shop", ConnectionKind::Postgres, "postgres://ann@db.example:5433/shop", Verify::Full),
            ("postgresql://ann@localhost/shop", ConnectionKind::Postgres, "postgres://ann@localhost:5432/shop", Verify::Loopback),
            ("mysql://ann@[::1]:3307/shop", ConnectionKind::Mysql, "mysql://ann@[::1]:3307/shop", Verify::Loopback),
            ("mysql://a%40b@10.0.0.1/shop", ConnectionKind::Mysql, "mysql://a@b@10.0.0.1:3306/shop", Verify::Full),
            ("postgres://ann@/shop?host=/run/pg", ConnectionKind::Postgres, "postgres://ann@/run/pg/shop", Verify::Off),
        ] {
            let found = reach(url, kind).unwrap();
            assert_eq!((found.shown().as_str(), found.verify), (shown, verify), "{url}");
        }
        for (url, kind) in [
            ("ann@host/shop", ConnectionKind::Postgres),
            ("mysql://ann@host/shop", ConnectionKind::Postgres),
            ("postgres://ann@host:x/shop", ConnectionKind::Postgres),
            ("postgres://ann@host/shop?sslmode=disable", ConnectionKind::Postgres),
            ("postgres://ann%4@host/shop", ConnectionKind::Postgres),
        ] {
            assert_eq!(reach(url, kind).unwrap_err().code, Code::BadConfig, "{url}");
        }
    }

    #[test]
    fn a_url_found_elsewhere_may_have_a_password_and_shows_none() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("url"), "postgres://ann:canary%2F1@db/shop").unwrap();
        let connection = ConnectionSpec {
            url: Some(Address::Reference(Reference::File("url".to_owned()))),
            ..ConnectionSpec::server("c", ConnectionKind::Postgres, "")
        };
        let found = Reach::of(folder.path(), &connection).unwrap();
        assert_eq!(found.password.as_ref().map(Secret::reveal), Some("canary/1"));
        let problem = found.fault(Problem::new(Code::Connection, "no canary/1 here").why("canary/1"));
        assert!(!format!("{found:?} {problem:?} {}", found.shown()).contains("canary"));
    }
}
