//! Rows of text into a table, by COPY.

use sqlx::postgres::PgCopyIn;
use trommel_model::Outcome;

use super::config::Session;
use super::error;

/// Adds rows to a table, whose name is quoted already, in one statement.
pub fn fill(session: &mut Session, table: &str, rows: &[Vec<Option<String>>]) -> Outcome<()> {
    let Session { patience, connection, reach } = session;
    let sql = format!("COPY {table} FROM STDIN");
    let text = lines(rows);
    let copied = async {
        let mut copy: PgCopyIn<_> = connection.copy_in_raw(&sql).await?;
        copy.send(text.as_bytes()).await?;
        copy.finish().await
    };
    patience.wait(copied, |e| error::of(&e, reach)).map(drop)
}

/// The text format of COPY: fields apart by tabs, `\N` for no value.
fn lines(rows: &[Vec<Option<String>>]) -> String {
    let mut text = String::new();
    for row in rows {
        for (at, cell) in row.iter().enumerate() {
            if at > 0 {
                text.push('\t');
            }
            match cell {
                None => text.push_str("\\N"),
                Some(cell) => cell.chars().for_each(|c| match c {
                    '\\' => text.push_str("\\\\"),
                    '\t' => text.push_str("\\t"),
                    '\n' => text.push_str("\\n"),
                    '\r' => text.push_str("\\r"),
                    other => text.push(other),
                }),
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_breaks_out_of_its_field() {
        let row = |cells: &[Option<&str>]| cells.iter().map(|c| c.map(str::to_owned)).collect::<Vec<_>>();
        let rows = [row(&[Some("a\tb"), None, Some("\\N")]), row(&[Some("x\ny"), Some(""), Some("\\.")])];
        assert_eq!(lines(&rows), "a\\tb\t\\N\t\\\\N\nx\\ny\t\t\\\\.\n");
    }
}
