//! How a server is connected to, and how names are written in its SQL.

use std::cell::Cell;
use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlRow, MySqlSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, Row};
use trommel_model::{Cancel, Outcome};

use super::error;
use crate::database::{Reach, Refused, Step, Verify};
use crate::layers::{Patience, nodelay, retry};

/// How long a server may take to let somebody in.
const PATIENCE: Duration = Duration::from_secs(15);

/// A name as SQL writes it: in backticks, backticks inside doubled. The one place where names enter SQL text.
pub fn ident(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// A connection, driven by the thread that uses it. Dropped, it is cut: the server stops what it does for it.
pub struct Session {
    /// Who waits for its answers.
    pub patience: Patience,
    /// The connection.
    pub connection: MySqlConnection,
    /// The server.
    pub reach: Reach,
}

impl Session {
    /// Connects, in UTC. A server that cannot be reached is tried three times.
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
        if let Some(limit) = reach.statement_timeout {
            session.limit(limit)?;
        }
        Ok(session)
    }

    /// MariaDB and MySQL differ in how a statement is limited.
    fn limit(&mut self, limit: Duration) -> Outcome<()> {
        let rows = self.rows("SELECT VERSION()", &[])?;
        let version: String = rows.first().and_then(|row| row.try_get(0).ok()).unwrap_or_default();
        if version.contains("MariaDB") {
            self.run(&format!("SET SESSION max_statement_time = {}", limit.as_secs_f64()))
        } else {
            self.run(&format!("SET SESSION max_execution_time = {}", limit.as_millis()))
        }
    }

    /// Runs a statement of which nothing comes back.
    pub fn run(&mut self, sql: &str) -> Outcome<()> {
        let Self { patience, connection, reach } = self;
        patience.wait(connection.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))), |e| error::of(&e, reach)).map(drop)
    }

    /// The rows of a query with these values, all of them.
    pub fn rows(&mut self, sql: &str, values: &[&str]) -> Outcome<Vec<MySqlRow>> {
        let Self { patience, connection, reach } = self;
        let mut query = sqlx::query(AssertSqlSafe(sql.to_owned())).persistent(false);
        for value in values {
            query = query.bind((*value).to_owned());
        }
        patience.wait(query.fetch_all(connection), |e| error::of(&e, reach))
    }

    /// Begins a transaction that only reads and sees one moment.
    pub fn begin_reading(&mut self) -> Outcome<()> {
        self.run("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")?;
        self.run("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
    }

    /// Says goodbye; what was to be said was said before.
    pub fn close(self) {
        self.patience.part(self.connection.close());
    }
}

fn options(reach: &Reach) -> MySqlConnectOptions {
    let mut options = MySqlConnectOptions::new()
        .host(reach.host.trim_start_matches('[').trim_end_matches(']'))
        .port(reach.port)
        .username(&reach.user)
        .charset("utf8mb4")
        .ssl_mode(match reach.verify {
            Verify::Full => MySqlSslMode::VerifyIdentity,
            Verify::Authority => MySqlSslMode::VerifyCa,
            Verify::Loopback => MySqlSslMode::Preferred,
            Verify::Off => MySqlSslMode::Disabled,
        });
    if let Some(database) = &reach.database {
        options = options.database(database);
    }
    if let Some(socket) = &reach.socket {
        options = options.socket(socket);
    }
    if let Some(password) = &reach.password {
        options = options.password(password.reveal());
    }
    if let Some(ca) = &reach.ca {
        options = options.ssl_ca(ca);
    }
    options.disable_statement_logging()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out() {
        assert_eq!(ident("a`; drop table x; -- "), "`a``; drop table x; -- `");
    }
}
