//! Checks that a profile suggests, as the text of a source or a model takes them, each with the support it has.

use trommel_model::{Cell, CheckProposal, ColumnProfile, Count, DataType, Profile, RowOrder, SemanticType};

/// Rows from which on what holds is worth a rule.
const ROWS: u64 = 20;
/// Digits that a number of TOML has at most, whatever it is.
const DIGITS: usize = 15;
/// Values of a list of accepted ones, at most.
const ACCEPTED: u64 = 10;

/// The checks as TOML.
pub fn propose(profile: &Profile) -> String {
    written(profile, &proposals(profile))
}

/// Proposed checks as TOML, each with its number and what speaks for it.
pub fn written(profile: &Profile, proposals: &[CheckProposal]) -> String {
    let mut text = format!(
        "# Checks proposed from a profile of {} ({} rows). Keep what is meant; the rest is chance.\n",
        one_line(&profile.subject),
        profile.rows
    );
    if profile.rows < ROWS {
        text.push_str(&format!("# Fewer than {ROWS} rows are too few to propose anything.\n"));
        return text;
    }
    for (at, CheckProposal { support, text: lines, .. }) in proposals.iter().enumerate() {
        text.push_str(&format!("\n# {}: {support}\n[[checks]]\n{lines}", at + 1));
    }
    text
}

/// The checks, one by one.
pub fn proposals(profile: &Profile) -> Vec<CheckProposal> {
    if profile.rows < ROWS {
        return Vec::new();
    }
    let of = |column: &ColumnProfile| {
        let label = |lines: &str| {
            let kind = lines.lines().next().and_then(|l| l.split('"').nth(1)).unwrap_or_default();
            format!("{kind}({})", one_line(&column.name))
        };
        of_column(column, profile.rows)
            .into_iter()
            .map(|(support, text)| CheckProposal { label: label(&text), support, text })
            .collect::<Vec<_>>()
    };
    profile.columns.iter().flat_map(of).collect()
}

type Proposal = (String, String);

fn of_column(column: &ColumnProfile, rows: u64) -> Vec<Proposal> {
    let known = rows - column.nulls;
    let mut found = Vec::new();
    let name = quoted(&column.name);
    if known == 0 {
        return found;
    }
    if column.nulls == 0 {
        found.push((format!("{rows} of {rows} rows have a value"), format!("check = \"not_null\"\ncolumn = {name}\n")));
    }
    // Amounts and days differ by chance; texts that read as such are such.
    let reads_as = column.text.as_ref().and_then(|text| text.kinds.first()).map_or("", |(kind, _)| kind.as_str());
    let key_like =
        !matches!(column.data_type, DataType::Float | DataType::Decimal { .. }) && !["decimal", "date", "timestamp"].contains(&reads_as);
    if column.unique && key_like && known >= ROWS {
        let order = if column.order == Some(RowOrder::StrictlyAscending) { ", rising" } else { "" };
        found.push((format!("{known} different values in {known} rows{order}"), format!("check = \"unique\"\ncolumns = [{name}]\n")));
    }
    if let Count::Exact(distinct) = column.distinct
        && (2..=ACCEPTED).contains(&distinct)
        && distinct * 10 <= known
        && column.top.len() as u64 == distinct
        // A value that is cut is accepted by nothing.
        && column.top.iter().all(|(value, _)| !value.text().ends_with('…'))
        && matches!(column.data_type, DataType::Text | DataType::Integer)
    {
        // What is another value but for case or white space is written wrongly, not meant.
        let variants: Vec<&str> = column.text.iter().flat_map(|text| &text.variants).map(|(value, _)| value.as_str()).collect();
        let meant = column.top.iter().filter(|(value, _)| !variants.contains(&value.text().as_str()));
        let values: Vec<String> = meant.map(|(value, _)| quoted(&value.text())).collect();
        let odd = match distinct as usize - values.len() {
            0 => String::new(),
            n => format!(", {n} of them others but for case or white space"),
        };
        let support = format!("{distinct} values in {known} rows, the rarest in {}{odd}", column.top.last().map_or(0, |t| t.1));
        found.push((support, format!("check = \"accepted_values\"\ncolumn = {name}\nvalues = [{}]\n", values.join(", "))));
    } else {
        found.extend(range(column, known, &name));
        found.extend(regex(column, known, &name));
    }
    found
}

/// The range that was seen, for measures and moments; keys have none.
fn range(column: &ColumnProfile, known: u64, name: &str) -> Option<Proposal> {
    let identifier =
        matches!(column.meaning.kind, Some(SemanticType::Identifier | SemanticType::Phone | SemanticType::Card | SemanticType::NationalId));
    if identifier
        || column.not_finite > 0
        || known < ROWS
        || column.min == column.max
        || !(column.data_type.is_number() || column.data_type.is_temporal())
    {
        return None;
    }
    let bound = |cell: &Cell| match cell {
        Cell::Integer(_) => cell.text(),
        Cell::Float(x) => format!("{x:?}"),
        // A number that TOML cannot hold is written as a text.
        other if column.data_type.is_temporal() || other.text().bytes().filter(u8::is_ascii_digit).count() > DIGITS => {
            quoted(&other.text())
        }
        other => other.text(),
    };
    // What is never negative has a floor that says more than the smallest value seen.
    let min = if column.data_type.is_number() && column.negatives == 0 { "0".to_owned() } else { bound(&column.min) };
    let support = format!("{known} values from {} to {}", column.min, column.max);
    Some((support, format!("check = \"range\"\ncolumn = {name}\nmin = {min}\nmax = {}\n", bound(&column.max))))
}

/// The form of texts, by their meaning or by the shape they share.
fn regex(column: &ColumnProfile, known: u64, name: &str) -> Option<Proposal> {
    let written = |pattern: &str, share: f64, of: &str| {
        let support = format!("{:.1} % of {known} values are {of}", share * 100.0);
        (support, format!("check = \"regex\"\ncolumn = {name}\npattern = {}\n", quoted(pattern)))
    };
    if column.data_type != DataType::Text || known < ROWS {
        return None;
    }
    let meaning = &column.meaning;
    let known_form = match meaning.kind {
        Some(SemanticType::Email) => Some((r"[^@\s]+@[^@\s]+\.[^@\s]+", "e-mail addresses")),
        Some(SemanticType::Url) => Some((r"(https?|ftp)://\S+|www\.\S+", "web addresses")),
        Some(SemanticType::Uuid) => Some((r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "UUIDs")),
        Some(SemanticType::Iban) => Some((r"[A-Z]{2}[0-9]{2}[A-Z0-9 ]{11,36}", "IBANs")),
        _ => None,
    };
    if let Some((pattern, of)) = known_form {
        return Some(written(pattern, meaning.confidence, of));
    }
    let facts = column.text.as_ref()?;
    let covered: f64 = facts.patterns.iter().map(|p| p.1).sum();
    let exact =
        facts.patterns.len() <= 3 && covered >= 0.999_999 && facts.patterns.iter().all(|(p, _)| !p.contains(['+', '…']) && p.contains('9'));
    if !exact {
        return None;
    }
    let alternatives: Vec<String> = facts.patterns.iter().map(|(p, _)| shape_regex(p)).collect();
    let shapes: Vec<&str> = facts.patterns.iter().map(|(p, _)| p.as_str()).collect();
    Some(written(&alternatives.join("|"), covered, &format!("of the shape {}", one_line(&shapes.join(" or ")))))
}

/// A shape as a regular expression.
fn shape_regex(shape: &str) -> String {
    let mut text = String::new();
    let mut chars = shape.chars().peekable();
    while let Some(c) = chars.next() {
        let mut n = 1;
        while chars.peek() == Some(&c) {
            chars.next();
            n += 1;
        }
        match c {
            '9' => text.push_str("[0-9]"),
            'A' => text.push_str(r"\p{Lu}"),
            // Letters of scripts that know no capitals count as small ones.
            'a' => text.push_str(r"[\p{Ll}\p{Lo}\p{Lm}]"),
            other => text.push_str(&regex::escape(&other.to_string())),
        }
        if n > 1 {
            text.push_str(&format!("{{{n}}}"));
        }
    }
    text
}

/// A text as TOML has it; what JSON escapes, TOML reads the same way.
fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string().replace('\u{7f}', "\\u007f")
}

/// A text that cannot end the comment it stands in.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_become_expressions() {
        for (shape, text, expected) in [
            ("A-99", "京-12", false),
            ("a-99", "京-12", true),
            ("AA-9999", "AB-1234", true),
            ("AA-9999", "AB-123", false),
            ("9.9", "1x2", false),
            ("99 €", "12 €", true),
        ] {
            let pattern = regex::Regex::new(&format!("^(?:{})$", shape_regex(shape))).unwrap();
            assert_eq!(pattern.is_match(text), expected, "{shape} {text}");
        }
    }
}
