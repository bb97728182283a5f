//! Faults of a server, classified. Codes: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.

use std::io::ErrorKind;

use trommel_model::{Code, Outcome, Problem};

use crate::database::Reach;

/// A fault while connecting.
pub fn connecting(error: &sqlx::Error, reach: &Reach) -> Problem {
    match error {
        // A certificate that does not hold ends the connection while it is made.
        sqlx::Error::Io(io) if io.kind() == ErrorKind::InvalidData => tls_fault(&io.to_string()),
        sqlx::Error::Io(io) => reach_fault(io),
        sqlx::Error::Tls(why) => tls_fault(&why.to_string()),
        other => of(other, reach),
    }
}

/// The server cannot be reached.
pub fn reach_fault(io: &std::io::Error) -> Problem {
    let why = io.to_string();
    if why.contains("lookup") || why.contains("resolve") || why.contains("not known") {
        return Problem::new(Code::Connection, "the host name is not known").why(why).next("check the host in the connection's url");
    }
    let next = match io.kind() {
        ErrorKind::ConnectionRefused => "check host and port in the connection's url, and that the server runs",
        ErrorKind::PermissionDenied => "check the permissions of the socket",
        _ => "check host and port, and whether a firewall is between",
    };
    Problem::new(Code::Connection, "the server cannot be reached").why(why).next(next)
}

/// The server does not prove who it is.
pub fn tls_fault(why: &str) -> Problem {
    if why.contains("does not support TLS") {
        return Problem::new(Code::Denied, "the server does not encrypt")
            .why("it offers no TLS, and without it nobody can tell who reads along")
            .next("switch TLS on at the server; or, if the network between is yours, say tls = \"off\" in the connection");
    }
    let next = if why.contains("NotValidForName") || why.contains("not valid for") {
        "use the host name the certificate is made out to; or say tls = \"verify-ca\""
    } else {
        "say ca = \"PATH\" with the authority that signed the server's certificate"
    };
    Problem::new(Code::Denied, "the server cannot be verified").why(why.to_owned()).next(next)
}

/// A fault of a statement.
pub fn of(error: &sqlx::Error, reach: &Reach) -> Problem {
    reach.fault(match error {
        sqlx::Error::Database(inner) => said(inner.code().as_deref().unwrap_or_default(), inner.message()),
        sqlx::Error::Io(io) => cut(&io.to_string()),
        sqlx::Error::Tls(why) => tls_fault(&why.to_string()),
        other => cut(&other.to_string()),
    })
}

/// The connection ended before its time.
fn cut(why: &str) -> Problem {
    Problem::new(Code::Connection, "the connection was cut").why(why.to_owned()).next("nothing was published; run again")
}

/// A fault of a statement that writes.
pub fn writing(error: &sqlx::Error, reach: &Reach) -> Problem {
    let sqlx::Error::Database(inner) = error else { return of(error, reach) };
    let code = inner.code().unwrap_or_default();
    // What the server says beside its message names values: "Key (id)=(7) already exists."
    let detail = inner.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().and_then(|e| e.detail());
    let why = detail.map_or_else(|| inner.message().to_owned(), |detail| format!("{}: {detail}", inner.message()));
    let fault = |code, what: &str, next: &str| reach.fault(Problem::new(code, what).why(why.clone()).next(next));
    match code.as_ref() {
        "42501" => {
            fault(Code::Denied, "the user may not write there", "ask the owner for the privilege: GRANT INSERT, UPDATE, DELETE ON … TO …")
        }
        "42P01" | "3F000" => {
            fault(Code::UnknownName, "the table or its schema is gone", "nothing was written; run again, or make the schema")
        }
        "23505" => fault(Code::RunFailed, "a key comes twice", "remove duplicates in a model, or use mode = \"upsert\" with that key"),
        "23503" => fault(
            Code::RunFailed,
            "a foreign key forbids this",
            "write the table it refers to first, or keep rows that others refer to with mode = \"upsert\"",
        ),
        "23502" | "23514" | "23P01" => {
            fault(Code::RunFailed, "a row breaks a rule of the table", "mend it in a model, or change the rule in the database")
        }
        other if other.starts_with("22") => fault(Code::RunFailed, "the server does not take a value", "mend it in a model"),
        _ => reach.fault(said(&code, &why)),
    }
}

fn said(code: &str, message: &str) -> Problem {
    let fault = |code, what: &str, next: &str| Problem::new(code, what).why(message).next(next);
    match code {
        "28P01" | "28000" => {
            fault(Code::Denied, "the server does not let this user in", "check user and password, and pg_hba.conf at the server")
        }
        "42501" => fault(Code::Denied, "the user may not do this", "ask the owner for the privilege: GRANT SELECT ON … TO …"),
        "3D000" => fault(Code::UnknownName, "there is no such database", "check the database in the connection's url"),
        "42P01" | "3F000" => {
            fault(Code::UnknownName, "there is no such table", "check its name and schema; trommel connect tables lists them")
        }
        "57014" if message.contains("timeout") => {
            fault(Code::Connection, "the server gave the statement up", "raise statement_timeout_s in the connection, or read less")
        }
        "57014" => fault(Code::Connection, "somebody at the server ended the statement", "nothing was published; run again"),
        "57P01" | "57P02" | "57P03" | "57P05" => cut(message),
        "53100" => fault(Code::NoSpace, "the server has no space left", "free some space there and run again"),
        "53300" => fault(Code::Connection, "the server has no connection left", "try again later, or raise max_connections"),
        "55P03" => fault(Code::Locked, "the table is locked by another session", "try again later"),
        "40001" | "40P01" => fault(Code::Connection, "another session was in the way", "run again"),
        "23505" => fault(Code::RunFailed, "a key comes twice", "check the key of the sink"),
        _ if code.starts_with("08") => cut(message),
        _ if code.starts_with("42") || code.starts_with("22") || code.starts_with("0A") => {
            fault(Code::BadSql, "the server refuses the query", "check the query, or read the table instead")
        }
        _ => Problem::new(Code::Connection, "the server failed").why(format!("{message} ({code})")).next("run again"),
    }
}

/// What the stream of rows says is not what it should be.
pub fn garbled(why: &str) -> Problem {
    Problem::new(Code::Connection, "the server's answer cannot be read")
        .why(why.to_owned())
        .next("run again; if it stays, please report this")
}

/// A column of a type that has no place in a table.
pub fn unknown_type(column: &str, data_type: &str) -> Problem {
    Problem::new(Code::BadConfig, format!("column \"{column}\" has the type {data_type}, which is not read"))
        .at_field(column)
        .next(format!("write a query that leaves it out, or reads it as text: \"{column}\"::text"))
}

/// Makes a faulty row a fault.
pub fn decoded<T>(value: Option<T>, what: &str) -> Outcome<T> {
    value.ok_or_else(|| garbled(what))
}
