//! The front matter of a SQL model: TOML in a comment at the top, so that the file stays plain SQL for every other tool.
//!
//! ```sql
//! -- +++
//! -- materialise = "table"
//! -- owner = "sales"
//! -- keys = ["day"]
//! -- [[checks]]
//! -- check = "not_null"
//! -- column = "day"
//! -- +++
//! select day, sum(amount) as amount from ref('clean.orders') group by day
//! ```
//!
//! The first line that is not blank is `-- +++`, and so is the last line of the front matter; every line between them
//! starts with `--`. A file without these lines has no front matter. A file that has them further down is refused,
//! because somebody meant them to count.

use trommel_model::{Code, Outcome, Problem};

use super::text::TextFile;

/// Where the SELECT starts.
pub(crate) struct Body {
    /// Byte of the text.
    pub start: usize,
    /// Line of the file, from 1.
    pub first_line: u64,
}

/// Finds the front matter, leaves only it in `file.toml`, and says where the SQL behind it starts.
pub(crate) fn split(file: &mut TextFile) -> Outcome<Body> {
    let mut toml = String::with_capacity(file.text.len());
    let mut opened_at = None;
    let mut body = Body { start: 0, first_line: 1 };
    for (first_line, line) in (2..).zip(file.text.split_inclusive('\n')) {
        let start = toml.len();
        match (&opened_at, is_fence(line)) {
            (None, true) => {
                opened_at = Some(start..start + line.trim_end().len());
                blank(&mut toml, line);
            }
            (None, false) if line.trim().is_empty() => blank(&mut toml, line),
            (None, false) => break,
            (Some(_), true) => {
                blank(&mut toml, line);
                body = Body { start: toml.len(), first_line };
                opened_at = None;
                break;
            }
            (Some(_), false) => match line.trim_start().strip_prefix("--") {
                Some(inside) => {
                    blank(&mut toml, &line[..line.len() - inside.len()]);
                    toml.push_str(inside);
                }
                None => return Err(not_a_comment(file, start..start + line.trim_end().len())),
            },
        }
    }
    if let Some(span) = opened_at {
        return Err(file
            .fault(Code::BadToml, "the front matter has no end", span, "it starts here")
            .next("add a line `-- +++` between it and the SELECT"));
    }
    if body.start == 0 {
        toml.clear();
    }
    refuse_late_fence(file, &body)?;
    file.toml = toml;
    Ok(body)
}

fn is_fence(line: &str) -> bool {
    line.trim().strip_prefix("--").is_some_and(|rest| rest.trim() == "+++")
}

/// Keeps positions: as many blanks as there were bytes, and the end of the line.
fn blank(toml: &mut String, text: &str) {
    toml.extend(text.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }));
}

fn refuse_late_fence(file: &TextFile, body: &Body) -> Outcome<()> {
    let mut at = body.start;
    for line in file.text[body.start..].split_inclusive('\n') {
        if is_fence(line) {
            return Err(file
                .fault(Code::BadToml, "front matter must be at the top of the file", at..at + line.trim_end().len(), "not at the top")
                .next("move it above everything else, or write the comment in another way"));
        }
        at += line.len();
    }
    Ok(())
}

fn not_a_comment(file: &TextFile, span: std::ops::Range<usize>) -> Problem {
    file.fault(Code::BadToml, "a line of the front matter does not start with --", span, "not a comment")
        .next("start the line with `--`, or end the front matter above it with a line `-- +++`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, toml: &str, sql: &str, first_line: u64) {
        let mut file = TextFile { path: "m.sql".to_owned(), text: text.to_owned(), toml: text.to_owned() };
        let body = split(&mut file).unwrap();
        assert_eq!((file.toml.as_str(), &text[body.start..], body.first_line), (toml, sql, first_line), "{text:?}");
    }

    #[test]
    fn what_is_toml_and_what_is_sql() {
        check("select 1", "", "select 1", 1);
        check("-- a comment\nselect 1\n", "", "-- a comment\nselect 1\n", 1);
        check("-- +++\n-- a = 1\n-- +++\nselect 1", "      \n   a = 1\n      \n", "select 1", 4);
        check("\n--+++\n  --a = \"é\"\n--+++\n\nselect 1", "\n     \n    a = \"é\"\n     \n", "\nselect 1", 5);
        check("-- +++\r\n-- a = 1\r\n-- +++\r\nselect 1", "       \n   a = 1\r\n       \n", "select 1", 4);
        check("", "", "", 1);
    }

    #[test]
    fn what_is_refused() {
        for (text, line) in
            [("-- +++\n-- a = 1\nselect 1", 3), ("-- +++\n-- a = 1\n", 1), ("select 1\n-- +++\n", 2), ("-- +++\n-- +++\n-- +++\n", 3)]
        {
            let mut file = TextFile { path: "m.sql".to_owned(), text: text.to_owned(), toml: String::new() };
            let problem = split(&mut file).err().unwrap();
            assert_eq!((problem.code, problem.place.line), (Code::BadToml, Some(line)), "{text:?}");
        }
    }
}
