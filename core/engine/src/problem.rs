//! DuckDB's faults in our words: the class, the place in the text, the nearest name.
//!
//! DuckDB hands its faults over as JSON (`errors_as_json`): kind, message, byte position and candidate
//! names. Text positions therefore never have to be read back out of a drawn caret.

use std::ops::Range;

use serde_json::Value;
use trommel_model::{Code, Outcome, Problem, nearest};

/// A query as a person wrote it, and how many bytes we put before it when we ran it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// The person's text.
    pub sql: &'a str,
    /// Bytes of ours before it.
    pub shift: usize,
}

impl<'a> Asked<'a> {
    /// A text that was run as it stands.
    pub fn plain(sql: &'a str) -> Self {
        Self { sql, shift: 0 }
    }

    /// A text that was run behind `prefix`.
    pub fn behind(prefix: &str, sql: &'a str) -> Self {
        Self { sql, shift: prefix.len() }
    }
}

/// What DuckDB says went wrong while it ran `asked`.
pub(crate) fn of_engine(error: &duckdb::Error, asked: Asked<'_>) -> Problem {
    let text = error.to_string();
    if let Some(problem) = of_text(asked.sql) {
        return problem;
    }
    let json = text.find('{').map_or("", |start| &text[start..]);
    let Ok(fault) = serde_json::from_str::<Value>(json) else {
        return classify("", &text);
    };
    let kind = fault["exception_type"].as_str().unwrap_or_default();
    let message = fault["exception_message"].as_str().unwrap_or(&text);
    point(classify(kind, message), &fault, asked)
}

/// What DuckDB's parser says is wrong with `sql`.
pub(crate) fn of_parser(answer: &Value, sql: &str) -> Problem {
    let message = answer["error_message"].as_str().unwrap_or("the text cannot be read as SQL");
    point(classify("Parser", message), answer, Asked::plain(sql))
}

/// Faults that DuckDB never gets to see.
pub(crate) fn of_text(sql: &str) -> Option<Problem> {
    let at = sql.find('\0')?;
    Some(Problem::new(Code::BadSql, "the text holds a NUL byte").pointing_at("query", sql, at..at + 1, "here"))
}

/// Turns DuckDB's result into ours.
pub(crate) trait OrProblem<T> {
    /// The value, or what went wrong while `asked` ran.
    fn or_problem(self, asked: Asked<'_>) -> Outcome<T>;
}

impl<T> OrProblem<T> for duckdb::Result<T> {
    fn or_problem(self, asked: Asked<'_>) -> Outcome<T> {
        self.map_err(|error| of_engine(&error, asked))
    }
}

fn classify(kind: &str, message: &str) -> Problem {
    let (first, rest) = message.split_once('\n').unwrap_or((message, ""));
    let what = first.trim().trim_end_matches(['!', '.', ':']).to_owned();
    let rest = rest.trim();
    let with_rest = |problem: Problem| if rest.is_empty() { problem } else { problem.why(rest) };
    if kind.eq_ignore_ascii_case("interrupt") || message.contains("INTERRUPT Error") || message.contains("Interrupted!") {
        return Problem::interrupted();
    }
    if message.contains("No space left on device") || message.contains("max_temp_directory_size") {
        return Problem::new(Code::NoSpace, "no space left for the query's data")
            .why(message)
            .next("free some space and run again; nothing was published");
    }
    // A value that its type cannot have, found while the file is read.
    if message.contains("in Parquet file") {
        return Problem::new(Code::FileUnreadable, what).next("ask for the file anew, or leave the column out of the query");
    }
    match kind.to_ascii_lowercase().as_str() {
        "parser" | "syntax" | "binder" | "catalog" | "not implemented" | "parameter not resolved" | "parameter not allowed" => {
            Problem::new(Code::BadSql, what)
        }
        "permission" => Problem::new(Code::Denied, "the query reads or writes outside the workspace")
            .why(message)
            .next("use a table of the lake, or a file below the workspace"),
        "out of memory" => Problem::new(Code::OutOfMemory, "the query needs more memory than it may use")
            .why(message)
            .next("raise `memory` in trommel.toml, or lower the number of threads"),
        "io" if message.contains("Read-only file system") || message.contains("Permission denied") => {
            Problem::new(Code::Denied, "the operating system refuses access").why(message)
        }
        "io" if message.contains("No files found") || message.contains("No such file") => {
            Problem::new(Code::FileNotFound, what).next("check the path")
        }
        "io" => with_rest(Problem::new(Code::FileUnreadable, what)),
        "internal" | "fatal" => Problem::new(Code::Internal, "the engine failed").why(first),
        "" => with_rest(Problem::new(Code::RunFailed, what)),
        _ => with_rest(Problem::new(Code::RunFailed, what))
            .next("look at the values the query meets; try_cast gives null where a cast fails"),
    }
}

/// Adds the snippet with the part at fault and the name that was probably meant.
fn point(mut problem: Problem, fault: &Value, asked: Asked<'_>) -> Problem {
    let text = |key: &str| fault[key].as_str().unwrap_or_default();
    let span = place(fault, asked);
    let written = span.clone().map(|span| asked.sql[span].replace('"', "")).unwrap_or_default();
    let name = if text("name").is_empty() { &written } else { text("name") };
    let candidates = match text("candidates") {
        "" => text("exception_message").split_once("Candidate bindings:").map_or("", |(_, list)| list.trim_start_matches([':', ' '])),
        list => list,
    };
    let mut meant = meant(name, candidates);
    // A table is found by the name of its layer too, which DuckDB leaves out.
    if let (Some(found), Some((layer, _)), "Table") = (&meant, written.split_once('.'), text("type"))
        && !found.contains('.')
    {
        meant = Some(format!("{layer}.{found}"));
    }
    if let Some(meant) = &meant {
        problem.next = Some(format!("did you mean \"{meant}\"?"));
    }
    // A fault inside a view comes with a position in the view's text, which is not at hand.
    let last = name.rsplit('.').next().unwrap_or_default().replace('"', "").to_lowercase();
    if let Some(span) = span.filter(|_| written.to_lowercase().contains(&last)) {
        let label = meant.map_or_else(|| "here".to_owned(), |meant| format!("did you mean {meant}?"));
        problem = problem.pointing_at("query", asked.sql, span, label);
    }
    problem
}

fn meant(name: &str, candidates: &str) -> Option<String> {
    let ours: Vec<String> = candidates
        .split(',')
        .map(|c| c.trim().replace('"', ""))
        .filter(|c| {
            !c.is_empty() && !["pg_", "duckdb_", "sqlite_"].iter().any(|system| c.rsplit('.').next().unwrap_or(c).starts_with(system))
        })
        .collect();
    nearest(name, ours.iter().map(String::as_str)).map(str::to_owned).or_else(|| {
        // Candidates may come with their table before them.
        let last = |c: &str| c.rsplit('.').next().unwrap_or(c).to_owned();
        let found = nearest(&last(name), ours.iter().map(|c| c.rsplit('.').next().unwrap_or(c)))?.to_owned();
        ours.iter().find(|c| last(c) == found).cloned()
    })
}

/// The bytes of the person's text that DuckDB points at: `"location": "[start,length]"`.
fn place(fault: &Value, asked: Asked<'_>) -> Option<Range<usize>> {
    let location: [usize; 2] = serde_json::from_str(fault["location"].as_str()?).ok()?;
    let start = location[0].checked_sub(asked.shift)?;
    let span = start..(start + location[1]).min(asked.sql.len());
    asked.sql.get(span.clone()).map(|_| span)
}
