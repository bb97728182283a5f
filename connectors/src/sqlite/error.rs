//! Faults of SQLite, classified.

use std::path::Path;

use trommel_model::{Code, Problem, did_you_mean};

/// A fault of the database or the driver. Codes: <https://www.sqlite.org/rescode.html>.
pub fn of(error: &sqlx::Error, path: &Path) -> Problem {
    let (code, message) = match error {
        sqlx::Error::Database(inner) => {
            let code = inner.code().and_then(|c| c.parse::<i32>().ok()).unwrap_or(1);
            (code & 0xFF, inner.message().to_owned())
        }
        other => (0, other.to_string()),
    };
    let problem = match code {
        9 => return Problem::interrupted(),
        3 | 8 | 23 => {
            Problem::new(Code::Denied, "the database does not allow this").next("check the permissions of the file and its folder")
        }
        5 | 6 => {
            Problem::new(Code::Locked, "the database is locked by another program").next("close what writes to it, or try again later")
        }
        10 => Problem::new(Code::FileUnreadable, "the database cannot be read"),
        11 => Problem::new(Code::BadSqlite, "the database is damaged").next("restore it from a backup, or try sqlite3 FILE .recover"),
        13 => Problem::new(Code::NoSpace, "there is no space left for the database").next("free some space and run again"),
        14 => Problem::new(Code::FileUnreadable, "the database cannot be opened").next("check the permissions of the file and its folder"),
        26 => Problem::new(Code::BadSqlite, "this is not a SQLite database").next("check the path and the connection's kind"),
        1 => Problem::new(Code::BadSql, "SQLite refuses the query"),
        _ => Problem::new(Code::Connection, "the database does not answer"),
    };
    problem.why(message).in_file(path)
}

/// A fault of a statement that writes.
pub fn writing(error: &sqlx::Error, path: &Path) -> Problem {
    let sqlx::Error::Database(inner) = error else { return of(error, path) };
    let code = inner.code().and_then(|c| c.parse::<i32>().ok()).unwrap_or_default();
    let fault = |what: &str, next: &str| Problem::new(Code::RunFailed, what).why(inner.message()).in_file(path).next(next);
    match code {
        // SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE, _ROWID
        1555 | 2067 | 2579 => fault("a key comes twice", "remove duplicates in a model, or use mode = \"upsert\" with that key"),
        787 => fault(
            "a foreign key forbids this",
            "write the table it refers to first, or keep rows that others refer to with mode = \"upsert\"",
        ),
        _ if code & 0xFF == 19 || code & 0xFF == 20 => {
            fault("a row breaks a rule of the table", "mend it in a model, or change the rule in the database")
        }
        _ => of(error, path),
    }
}

/// There is no such table.
pub fn unknown_table(name: &str, tables: &[String], path: &Path) -> Problem {
    let near = did_you_mean(name, tables.iter().map(String::as_str));
    let next = if near.is_empty() { format!("it has {}", listed(tables)) } else { near };
    Problem::new(Code::UnknownName, format!("there is no table \"{name}\" in the database")).in_file(path).next(next)
}

/// The source does not say which of several tables to read.
pub fn which_table(tables: &[String], path: &Path) -> Problem {
    Problem::new(Code::BadConfig, "the source does not say which table to read")
        .in_file(path)
        .next(format!("set table to one of {}, or write a query", listed(tables)))
}

/// Nobody said which of several tables is meant.
pub fn several_tables(tables: &[String], path: &Path) -> Problem {
    let file = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let first = tables.first().map(String::as_str).unwrap_or_default();
    Problem::new(Code::UnknownName, format!("the database has {} tables", tables.len()))
        .in_file(path)
        .why(format!("it has {}", listed(tables)))
        .next(format!("name one, for instance {file}::{first}"))
}

/// The database has no table.
pub fn no_tables(path: &Path) -> Problem {
    Problem::new(Code::EmptyFile, "the database has no table").in_file(path)
}

fn listed(tables: &[String]) -> String {
    let mut shown: Vec<String> = tables.iter().take(12).map(|t| format!("\"{t}\"")).collect();
    if tables.len() > 12 {
        shown.push(format!("{} more", tables.len() - 12));
    }
    if shown.is_empty() { "no table".to_owned() } else { shown.join(", ") }
}
