//! How a server is connected to, and how names are written in its SQL.

use std::cell::Cell;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use trommel_model::{Cancel, Outcome};

use super::error;
use crate::database::{Reach, Refused, Step, Verify};
use crate::layers::{Patience, nodelay, retry};

/// How long a server may take to let somebody in.
const PATIENCE: Duration = Duration::from_secs(15);

/// A name as SQL writes it: in double quotes, quotes inside doubled. The one place where names enter SQL text.
pub fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL writes it.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A connection, driven by the thread that uses it. Dropped, it is cut: the server stops what it does for it.
pub struct Session {
    /// Who waits for its answers.
    pub patience: Patience,
    /// The connection.
    pub connection: PgConnection,
    /// The server.
    pub reach: Reach,
}

impl Session {
    /// Connects. A server that cannot be reached is tried three times.
    #[expect(clippy::disallowed_methods, reason = "nothing tells us that a server is back; between two tries time has to pass")]
    pub fn open(reach: &Reach, cancel: &Cancel) -> Outcome<Self> {
        retry(cancel, std::thread::sleep, || Self::enter(reach, cancel).map_err(|refused| refused.problem))
    }

    /// Connects once; a refusal says how far it came.
    pub fn enter(reach: &Reach, cancel: &Cancel) -> Result<Self, Refused> {
        let (patience, step) = (Patience::new(cancel)?, Cell::new(Step::Reach));
        let fault = |e: sqlx::Error| {
            step.set(Step::of(&e));
            error::connecting(&e, reach)
        };
        let connection = patience.within(Some(PATIENCE), options(reach).connect(), fault);
        let connection = connection.map_err(|problem| Refused { step: step.get(), problem: reach.fault(problem) })?;
        if reach.socket.is_none() {
            nodelay(reach.port);
        }
        let mut session = Self { patience, connection, reach: reach.clone() };
        let limit = reach.statement_timeout.map_or(0, |t| t.as_millis());
        session.run(&format!("SET intervalstyle = 'iso_8601'; SET statement_timeout = {limit}"))?;
        Ok(session)
    }

    /// Runs statements of which nothing comes back.
    pub fn run(&mut self, sql: &str) -> Outcome<()> {
        let Self { patience, connection, reach } = self;
        patience.wait(connection.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))), |e| error::of(&e, reach)).map(drop)
    }

    /// The rows of a query, all of them.
    pub fn rows(&mut self, sql: &str) -> Outcome<Vec<PgRow>> {
        let Self { patience, connection, reach } = self;
        patience.wait(sqlx::query(AssertSqlSafe(sql.to_owned())).persistent(false).fetch_all(connection), |e| error::of(&e, reach))
    }

    /// Begins a transaction that only reads and sees one moment: its own, or that of another one's `snapshot`.
    pub fn begin_reading(&mut self, snapshot: Option<&str>) -> Outcome<()> {
        self.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        match snapshot {
            Some(snapshot) => self.run(&format!("SET TRANSACTION SNAPSHOT {}", literal(snapshot))),
            None => Ok(()),
        }
    }

    /// Says goodbye; what was to be said was said before.
    pub fn close(self) {
        self.patience.part(self.connection.close());
    }
}

fn options(reach: &Reach) -> PgConnectOptions {
    let mut options = PgConnectOptions::new_without_pgpass()
        .host(reach.host.trim_start_matches('[').trim_end_matches(']'))
        .port(reach.port)
        .username(&reach.user)
        .database(reach.database.as_deref().unwrap_or(&reach.user))
        .application_name("trommel")
        .ssl_mode(match reach.verify {
            Verify::Full => PgSslMode::VerifyFull,
            Verify::Authority => PgSslMode::VerifyCa,
            Verify::Loopback => PgSslMode::Prefer,
            Verify::Off => PgSslMode::Disable,
        });
    if let Some(socket) = &reach.socket {
        options = options.socket(socket);
    }
    if let Some(password) = &reach.password {
        options = options.password(password.reveal());
    }
    if let Some(ca) = &reach.ca {
        options = options.ssl_root_cert(ca);
    }
    options.disable_statement_logging()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_cannot_break_out() {
        assert_eq!(ident("a\"; drop table x; --"), "\"a\"\"; drop table x; --\"");
        assert_eq!(literal("a'; drop table x; --"), "'a''; drop table x; --'");
    }
}
