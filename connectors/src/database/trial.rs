//! Whether a server can be used, stage by stage: `connect test`.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use trommel_model::{Cancel, Code, ConnectionKind, Masked, Outcome, Problem, RemoteTable, TrialStage};

use super::{Reach, Server, Subject, Verify};
use crate::layers::Secret;
use crate::{mysql, postgres};

/// How long a server may take to take a call.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection being tried.
struct Trial<'a> {
    /// Told of each stage as it comes out.
    tell: &'a mut dyn FnMut(TrialStage),
}

/// How far connecting came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Not to the server.
    Reach,
    /// Not to an encrypted connection.
    Tls,
    /// To the door.
    Authentication,
}

/// Connecting failed.
#[derive(Debug)]
pub struct Refused {
    /// How far it came.
    pub step: Step,
    /// Why.
    pub problem: Problem,
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self { step: Step::Authentication, problem }
    }
}

impl Step {
    /// How far a fault of the driver says it came.
    pub fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Tls(_) => Self::Tls,
            sqlx::Error::Database(_) => Self::Authentication,
            // Certificates that do not hold end the connection while it is made.
            sqlx::Error::Io(io) if io.kind() == std::io::ErrorKind::InvalidData => Self::Tls,
            _ => Self::Reach,
        }
    }
}

impl Trial<'_> {
    fn stage<T>(&mut self, name: &str, work: impl FnOnce() -> Outcome<(T, String)>) -> Option<T> {
        let began = Instant::now();
        let done = work();
        let elapsed_ms = began.elapsed().as_secs_f64() * 1e3;
        let (value, outcome) = match done {
            Ok((value, found)) => (Some(value), Ok(found)),
            Err(problem) => (None, Err(problem)),
        };
        (self.tell)(TrialStage { name: name.to_owned(), elapsed_ms, outcome });
        value
    }

    fn told(&mut self, name: &str, elapsed_ms: f64, outcome: Outcome<String>) {
        (self.tell)(TrialStage { name: name.to_owned(), elapsed_ms, outcome });
    }
}

/// A connection to either kind of server.
enum Line {
    Postgres(postgres::Session),
    Mysql(mysql::Session),
}

/// Tries a server; `tell` hears of each stage (`name`, `reach`, `TLS`, `authentication`, `privilege`, `one row`) as it comes
/// out, up to the first that failed. A `password` that was typed goes before the one the connection leads to. What is wrong with the connection itself is a fault.
pub fn trial(server: &Server<'_>, password: Option<&Masked>, cancel: &Cancel, tell: &mut dyn FnMut(TrialStage)) -> Outcome<()> {
    let mut reach = Reach::of(server.root, server.connection)?;
    if let Some(typed) = password {
        reach.password = Some(Secret::new(typed.reveal().to_owned()));
    }
    stages(&reach, cancel, &mut Trial { tell });
    Ok(())
}

/// Goes on as long as it goes well.
fn stages(reach: &Reach, cancel: &Cancel, trial: &mut Trial<'_>) -> Option<()> {
    if reach.socket.is_none() {
        let addresses = trial.stage("name", || names(reach))?;
        trial.stage("reach", || called(reach, &addresses))?;
    }
    let began = Instant::now();
    let entered = Line::enter(reach, cancel);
    let spent = began.elapsed().as_secs_f64() * 1e3;
    // The certificate is judged while connecting: a second connection tells how long the rest takes.
    let failed_at_tls = matches!(&entered, Err(refused) if refused.step == Step::Tls);
    match entered {
        Err(Refused { problem, .. }) if failed_at_tls => {
            trial.told("TLS", spent, Err(problem));
            return None;
        }
        Err(Refused { step, problem }) => {
            if step == Step::Authentication {
                trial.told("TLS", spent, Ok(reach.verify.words().to_owned()));
            }
            let name = if step == Step::Authentication { "authentication" } else { "TLS" };
            trial.told(name, spent, Err(problem));
            return None;
        }
        Ok(line) => {
            line.close();
            trial.told("TLS", spent, Ok(reach.verify.words().to_owned()));
        }
    }
    let mut line = trial.stage("authentication", || {
        let line = Line::enter(reach, cancel).map_err(|refused| refused.problem)?;
        Ok((line, format!("as {}", reach.user)))
    })?;
    let tables = trial.stage("privilege", || {
        let tables = line.tables()?;
        if tables.is_empty() {
            return Err(reach.fault(
                Problem::new(Code::Denied, "the user may read no table of the database")
                    .next("ask the owner for the privilege: GRANT SELECT ON … TO …"),
            ));
        }
        let words = if tables.len() == 1 { "1 table can be read".to_owned() } else { format!("{} tables can be read", tables.len()) };
        Ok((tables, words))
    })?;
    trial.stage("one row", || {
        // A table that is believed to have rows, if there is one.
        let table = tables.iter().find(|t| t.rows.is_some_and(|rows| rows > 0)).or(tables.first());
        let name = table.map(|t| t.name.clone()).unwrap_or_default();
        let row = line.has_row(&name)?;
        Ok(((), if row { format!("from {name}") } else { format!("{name} has no row") }))
    })?;
    line.close();
    Some(())
}

fn names(reach: &Reach) -> Outcome<(Vec<SocketAddr>, String)> {
    let host = reach.host.trim_start_matches('[').trim_end_matches(']');
    let found: Vec<SocketAddr> = (host, reach.port)
        .to_socket_addrs()
        .map_err(|e| {
            reach.fault(
                Problem::new(Code::Connection, "the host name is not known")
                    .why(e.to_string())
                    .next("check the host in the connection's url"),
            )
        })?
        .collect();
    let shown: Vec<String> = found.iter().map(|a| a.ip().to_string()).collect();
    Ok((found, format!("{host} is {}", shown.join(", "))))
}

fn called(reach: &Reach, addresses: &[SocketAddr]) -> Outcome<((), String)> {
    let mut last = None;
    for address in addresses {
        match TcpStream::connect_timeout(address, PATIENCE) {
            Ok(_) => return Ok(((), address.to_string())),
            Err(e) => last = Some(e),
        }
    }
    let io = last.unwrap_or_else(|| std::io::Error::from(std::io::ErrorKind::AddrNotAvailable));
    Err(reach.fault(postgres::reach_fault(&io)))
}

impl Verify {
    fn words(self) -> &'static str {
        match self {
            Self::Full => "authority and host name are verified",
            Self::Authority => "the authority is verified, the host name is not",
            Self::Loopback => "not verified: the server is on this machine",
            Self::Off => "nothing is encrypted",
        }
    }
}

impl Line {
    fn enter(reach: &Reach, cancel: &Cancel) -> Result<Self, Refused> {
        match reach.kind {
            ConnectionKind::Mysql => mysql::Session::enter(reach, cancel).map(Self::Mysql),
            _ => postgres::Session::enter(reach, cancel).map(Self::Postgres),
        }
    }

    fn tables(&mut self) -> Outcome<Vec<RemoteTable>> {
        match self {
            Self::Postgres(session) => postgres::list(session),
            Self::Mysql(session) => mysql::list(session),
        }
    }

    fn has_row(&mut self, table: &str) -> Outcome<bool> {
        let (schema, name) = table.split_once('.').map_or((None, table), |(schema, name)| (Some(schema.to_owned()), name));
        let subject = Subject::Table(schema, name.to_owned());
        match self {
            Self::Postgres(session) => {
                session.rows(&format!("SELECT 1 FROM {} LIMIT 1", subject.from(postgres::ident))).map(|rows| !rows.is_empty())
            }
            Self::Mysql(session) => {
                session.rows(&format!("SELECT 1 FROM {} LIMIT 1", subject.from(mysql::ident)), &[]).map(|rows| !rows.is_empty())
            }
        }
    }

    fn close(self) {
        match self {
            Self::Postgres(session) => session.close(),
            Self::Mysql(session) => session.close(),
        }
    }
}
