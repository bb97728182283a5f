//! DuckDB's own parser, asked for the syntax tree of a text. Nothing is bound and nothing runs.

use std::sync::{Mutex, OnceLock, PoisonError};

use duckdb::{Config, Connection};
use serde_json::Value;
use trommel_model::{Code, Outcome, Problem};

use crate::problem;

/// The syntax tree of a text that must be exactly one query (anything that only reads: SELECT, FROM,
/// VALUES, DESCRIBE …). Several statements, or one that is not a query, are a fault with its place.
pub(crate) fn one_query(sql: &str) -> Outcome<Value> {
    if let Some(problem) = problem::of_text(sql) {
        return Err(problem);
    }
    let mut answer = ask(sql)?;
    if answer["error"] == Value::Bool(true) {
        if answer["error_type"] == "not implemented" {
            return Err(not_a_query(sql));
        }
        return Err(problem::of_parser(&answer, sql));
    }
    match answer["statements"].as_array_mut() {
        Some(statements) if statements.len() == 1 => Ok(statements.remove(0)),
        Some(statements) if statements.is_empty() => Err(Problem::new(Code::BadSql, "the text holds no query").next("write a SELECT")),
        _ => Err(Problem::new(Code::BadSql, "the text holds several statements").next("give one query at a time")),
    }
}

fn not_a_query(sql: &str) -> Problem {
    let start = sql.len() - sql.trim_start().len();
    let end = sql[start..].find(char::is_whitespace).map_or(sql.len(), |i| start + i);
    Problem::new(Code::BadSql, "only queries can be run here")
        .pointing_at("query", sql, start..end, "this is not a query")
        .next("write a SELECT; tables are made by models")
}

/// The text of a statement's syntax tree.
pub(crate) fn text_of(statement: &Value) -> Outcome<String> {
    let whole = serde_json::json!({ "error": false, "statements": [statement] }).to_string();
    convert("SELECT json_deserialize_sql(?::JSON)::VARCHAR", &whole)
}

fn ask(sql: &str) -> Outcome<Value> {
    let text = convert("SELECT json_serialize_sql(?::VARCHAR)::VARCHAR", sql)?;
    serde_json::from_str(&text).map_err(|e| broken(e.to_string()))
}

fn convert(by: &str, text: &str) -> Outcome<String> {
    static PARSER: OnceLock<Mutex<Option<Connection>>> = OnceLock::new();
    let parser = PARSER.get_or_init(|| Mutex::new(open().ok()));
    let guard = parser.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(connection) = guard.as_ref() else {
        return Err(broken("it could not be started"));
    };
    connection.query_row(by, [text], |row| row.get(0)).map_err(|e| broken(e.to_string()))
}

fn broken(why: impl Into<String>) -> Problem {
    Problem::new(Code::Internal, "the SQL parser does not answer").why(why)
}

fn open() -> duckdb::Result<Connection> {
    let config = Config::default().threads(1)?.enable_external_access(false)?.enable_autoload_extension(false)?.max_memory("64MB")?;
    let connection = Connection::open_in_memory_with_flags(config)?;
    connection.execute_batch("SET lock_configuration = true")?;
    Ok(connection)
}
