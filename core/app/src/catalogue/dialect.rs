//! What can be said about how a delimited file is written: options of several entries, and what they make.

use trommel_model::{Code, CsvOptions, Outcome, Problem, did_you_mean};

use super::{Argument, Input, Values};

/// Yes or no.
pub(super) const YES_NO: Input = Input::OneOf(&["yes", "no"]);

/// Which file, and what is known of it.
pub(super) const FILE_AND_DIALECT: &[Argument] = &[FILE, DELIMITER, QUOTE, ESCAPE, COMMENT, HEADER, SKIP_LINES, ENCODING, DECIMAL_MARK];

pub(super) const FILE: Argument = Argument::required("file", Input::Path, "quotes.csv", "The file");
pub(super) const DELIMITER: Argument =
    Argument::option("delimiter", Input::Text, ";", "What stands between fields: a character, tab, space");
pub(super) const QUOTE: Argument = Argument::option("quote", Input::Text, "'", "What stands around fields");
pub(super) const ESCAPE: Argument = Argument::option("escape", Input::Text, "\\", "What stands before a quote inside a quoted field");
pub(super) const COMMENT: Argument = Argument::option("comment", Input::Text, "#", "What lines start with that are no records");
pub(super) const HEADER: Argument = Argument::option("header", YES_NO, "yes", "Whether the first record has the column names: yes or no");
pub(super) const SKIP_LINES: Argument = Argument::option("skip-lines", Input::Number, "2", "Lines above the header that are no data");
pub(super) const ENCODING: Argument = Argument::option("encoding", Input::Text, "latin1", "The encoding");
pub(super) const DECIMAL_MARK: Argument =
    Argument::option("decimal-mark", Input::OneOf(&[".", ","]), ",", "The decimal mark of numbers, a point or a comma");

/// The dialect as far as it was said.
pub(super) fn options(values: &Values) -> Outcome<CsvOptions> {
    Ok(CsvOptions {
        delimiter: character(values, "delimiter")?,
        quote: character(values, "quote")?,
        escape: character(values, "escape")?,
        comment: character(values, "comment")?,
        header: values.yes_or_no("header")?,
        skip_lines: values.number("skip-lines")?,
        encoding: values.get("encoding").map(str::to_owned),
        decimal_mark: character(values, "decimal-mark")?,
        ..CsvOptions::default()
    })
}

fn character(values: &Values, name: &str) -> Outcome<Option<char>> {
    const NAMED: [(&str, char); 4] = [("tab", '\t'), ("\\t", '\t'), ("space", ' '), ("nul", '\0')];
    let Some(text) = values.get(name) else { return Ok(None) };
    if let Some((_, c)) = NAMED.iter().find(|(n, _)| n.eq_ignore_ascii_case(text)) {
        return Ok(Some(*c));
    }
    let mut characters = text.chars();
    if let (Some(c), None) = (characters.next(), characters.next()) {
        return Ok(Some(c));
    }
    let hint = did_you_mean(text, NAMED.iter().map(|n| n.0));
    let next = if hint.is_empty() { "write one character, tab or space".to_owned() } else { hint };
    Err(Problem::new(Code::Usage, format!("{name} is not one character: \"{text}\"")).next(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(pairs: &[(&str, &str)]) -> Outcome<CsvOptions> {
        let mut values = Values::default();
        for (name, value) in pairs {
            values.push(name, *value);
        }
        options(&values)
    }

    #[test]
    fn what_is_said_is_taken_and_the_rest_left_open() {
        assert_eq!(said(&[]).unwrap(), CsvOptions::default());
        let told = said(&[("delimiter", "tab"), ("quote", "'"), ("header", "no"), ("skip-lines", "3")]).unwrap();
        assert_eq!((told.delimiter, told.quote, told.header, told.skip_lines), (Some('\t'), Some('\''), Some(false), Some(3)));
        assert_eq!(told.encoding, None);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for bad in [("delimiter", ";;"), ("header", "maybe"), ("skip-lines", "many"), ("quote", "")] {
            assert_eq!(said(&[bad]).unwrap_err().code, Code::Usage, "{bad:?}");
        }
    }
}
