//! Faults of a server, classified. Numbers: <https://mariadb.com/kb/en/mariadb-error-code-reference/>.

use std::io::ErrorKind;

use sqlx::mysql::MySqlDatabaseError;
use trommel_model::{Code, Problem};

use crate::database::Reach;
use crate::postgres::{reach_fault, tls_fault};

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

/// A fault of a statement.
pub fn of(error: &sqlx::Error, reach: &Reach) -> Problem {
    reach.fault(match error {
        sqlx::Error::Database(inner) => {
            let number = inner.try_downcast_ref::<MySqlDatabaseError>().map_or(0, MySqlDatabaseError::number);
            said(number, inner.message())
        }
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
    let number = inner.try_downcast_ref::<MySqlDatabaseError>().map_or(0, MySqlDatabaseError::number);
    let fault = |code, what: &str, next: &str| reach.fault(Problem::new(code, what).why(inner.message()).next(next));
    match number {
        1044 | 1142 | 1143 | 1227 | 1370 => {
            fault(Code::Denied, "the user may not write there", "ask the owner for the privilege: GRANT INSERT, UPDATE, DELETE ON … TO …")
        }
        1146 => fault(Code::UnknownName, "the table is gone", "nothing was written; run again"),
        1062 | 1586 => fault(Code::RunFailed, "a key comes twice", "remove duplicates in a model, or use mode = \"upsert\" with that key"),
        1216 | 1217 | 1451 | 1452 => fault(
            Code::RunFailed,
            "a foreign key forbids this",
            "write the table it refers to first, or keep rows that others refer to with mode = \"upsert\"",
        ),
        1048 | 3819 | 4025 => {
            fault(Code::RunFailed, "a row breaks a rule of the table", "mend it in a model, or change the rule in the database")
        }
        1264 | 1265 | 1292 | 1366 | 1367 | 1406 | 1411 | 4079 => {
            fault(Code::RunFailed, "the server does not take a value", "mend it in a model")
        }
        1153 => fault(Code::TooLarge, "a row is larger than the server takes", "raise max_allowed_packet at the server"),
        _ => of(error, reach),
    }
}

fn said(number: u16, message: &str) -> Problem {
    let fault = |code, what: &str, next: &str| Problem::new(code, what).why(message).next(next);
    match number {
        1045 | 1698 | 1251 => fault(Code::Denied, "the server does not let this user in", "check user and password"),
        1044 | 1142 | 1143 | 1227 | 1370 => {
            fault(Code::Denied, "the user may not do this", "ask the owner for the privilege: GRANT SELECT ON … TO …")
        }
        1049 => fault(Code::UnknownName, "there is no such database", "check the database in the connection's url"),
        1046 => fault(Code::BadConfig, "the url says no database", "add it: mysql://user@host/database"),
        1146 => fault(Code::UnknownName, "there is no such table", "check its name and database; trommel connect tables lists them"),
        1969 | 3024 => {
            fault(Code::Connection, "the server gave the statement up", "raise statement_timeout_s in the connection, or read less")
        }
        1205 => fault(Code::Locked, "the table is locked by another session", "try again later"),
        1213 | 1020 => fault(Code::Connection, "another session was in the way", "run again"),
        1021 | 1114 | 1041 => fault(Code::NoSpace, "the server has no space left", "free some space there and run again"),
        1040 | 1203 | 1226 => fault(Code::Connection, "the server has no connection left", "try again later"),
        1317 => fault(Code::Connection, "somebody at the server ended the statement", "nothing was published; run again"),
        1053 | 1080 | 1927 | 2006 | 2013 | 3169 | 4031 => cut(message),
        1062 => fault(Code::RunFailed, "a key comes twice", "check the key of the sink"),
        1054 | 1064 | 1052 | 1060 | 1066 | 1109 | 1247 | 1305 | 1582 | 1292 => {
            fault(Code::BadSql, "the server refuses the query", "check the query, or read the table instead")
        }
        _ => Problem::new(Code::Connection, "the server failed").why(format!("{message} ({number})")).next("run again"),
    }
}

/// A value is not what its type says.
pub fn garbled(column: &str) -> Problem {
    Problem::new(Code::Connection, "the server's answer cannot be read").at_field(column).next("run again; if it stays, please report this")
}

/// A column of a type that has no place in a table.
pub fn unknown_type(column: &str, data_type: &str) -> Problem {
    Problem::new(Code::BadConfig, format!("column \"{column}\" has the type {data_type}, which is not read"))
        .at_field(column)
        .next("write a query that leaves it out, or reads it as text")
}
