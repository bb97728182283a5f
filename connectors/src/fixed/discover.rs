//! Where columns start in fixed-width text, and which line names them.

use trommel_model::{FixedOptions, Outcome};

use super::config::{HEAD_LINES, MOST_COLUMNS};
use super::error;
use crate::infer::Shape;

/// How lines are taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruler {
    /// The characters at which columns start, from 0, ascending.
    pub starts: Vec<usize>,
    /// True when they were said and not made out.
    pub told: bool,
    /// The columns' names.
    pub names: Vec<String>,
    /// Lines before the first row: what is skipped, the header, a line of dashes under it.
    pub skip: u64,
}

/// Makes out the columns from the first lines.
pub fn ruler(head: &str, options: &FixedOptions) -> Outcome<Ruler> {
    let lines: Vec<&str> = head.lines().skip(options.skip_lines as usize).take(HEAD_LINES).collect();
    let dashes = lines.iter().take(3).position(|line| is_ruler(line));
    let told = !options.starts.is_empty();
    let starts = if told {
        starts_told(&options.starts)?
    } else if let Some(at) = dashes {
        groups(lines[at])
    } else {
        gaps(&lines)
    };
    if starts.len() > MOST_COLUMNS {
        return Err(error::too_many_columns(starts.len()));
    }
    let first = lines.iter().position(|line| !line.trim().is_empty()).unwrap_or(0);
    let below: Vec<&str> = lines.iter().skip(first + 1).copied().filter(|l| !l.trim().is_empty() && !is_ruler(l)).collect();
    let header = options.header.unwrap_or_else(|| dashes.is_some_and(|at| at > first) || names_columns(lines.get(first), &below, &starts));
    let mut skip = options.skip_lines;
    let mut names = options.names.clone();
    if header && let Some(line) = lines.get(first) {
        if names.is_empty() {
            names = cut(line, &starts).map(|cell| cell.trim().to_owned()).collect();
        }
        skip += first as u64 + 1;
    }
    names.resize(starts.len(), String::new());
    Ok(Ruler { starts, told, names, skip })
}

/// A line of dashes, one run of them for each column.
pub fn is_ruler(line: &str) -> bool {
    let body = line.trim();
    (body.contains("--") || body.contains("==")) && body.chars().all(|c| matches!(c, '-' | '=' | ' ' | '\t' | '+' | '|'))
}

/// The cells of a line, with the blanks around them.
pub fn cut<'a>(line: &'a str, starts: &'a [usize]) -> impl Iterator<Item = &'a str> {
    let ascii = line.is_ascii();
    let place = move |character: usize| {
        if ascii { character.min(line.len()) } else { line.char_indices().nth(character).map_or(line.len(), |(at, _)| at) }
    };
    (0..starts.len()).map(move |at| {
        let from = place(starts[at]);
        let to = starts.get(at + 1).map_or(line.len(), |next| place(*next));
        &line[from..to]
    })
}

/// True when a value crosses the start of a column.
pub fn crosses(line: &str, starts: &[usize]) -> bool {
    let ascii = line.is_ascii();
    let filled = |at: usize| {
        let character = if ascii { line.as_bytes().get(at).map(|b| char::from(*b)) } else { line.chars().nth(at) };
        character.is_some_and(|c| !c.is_whitespace())
    };
    starts.iter().filter(|start| **start > 0).any(|start| filled(start - 1) && filled(*start))
}

fn starts_told(starts: &[u64]) -> Outcome<Vec<usize>> {
    let ascending = starts.windows(2).all(|pair| pair[0] < pair[1]);
    if !ascending || starts[0] == 0 {
        return Err(error::bad_starts());
    }
    Ok(starts.iter().map(|s| *s as usize - 1).collect())
}

/// The starts of the runs of a line of dashes.
fn groups(line: &str) -> Vec<usize> {
    let characters: Vec<char> = line.chars().collect();
    let dash = |at: usize| matches!(characters[at], '-' | '=');
    (0..characters.len()).filter(|at| dash(*at) && (*at == 0 || !dash(at - 1))).collect()
}

/// The characters behind those that are blank in every line.
fn gaps(lines: &[&str]) -> Vec<usize> {
    let mut filled: Vec<bool> = Vec::new();
    for line in lines.iter().filter(|l| !l.trim().is_empty()) {
        for (at, character) in line.chars().enumerate() {
            if at >= filled.len() {
                filled.resize(at + 1, false);
            }
            filled[at] |= !character.is_whitespace();
        }
    }
    let starts: Vec<usize> = (0..filled.len()).filter(|at| filled[*at] && (*at == 0 || !filled[at - 1])).collect();
    if starts.is_empty() { vec![0] } else { starts }
}

/// True when a line has text only, where columns below it mostly do not.
fn names_columns(line: Option<&&str>, below: &[&str], starts: &[usize]) -> bool {
    let Some(line) = line else { return false };
    let shape = |cell: &str| Shape::of(cell.trim().as_bytes(), b'.');
    let cells: Vec<&str> = cut(line, starts).collect();
    if cells.iter().any(|c| !c.trim().is_empty() && shape(c) != Shape::Text) {
        return false;
    }
    (0..starts.len()).any(|column| {
        let values = below.iter().filter_map(|l| cut(l, starts).nth(column)).filter(|c| !c.trim().is_empty());
        let (typed, all) = values.fold((0, 0), |(typed, all), cell| (typed + usize::from(shape(cell) != Shape::Text), all + 1));
        typed * 2 > all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &str, options: &str, starts: &[usize], names: &[&str], skip: u64) {
        let found = ruler(head, &serde_json::from_str(options).unwrap()).unwrap();
        assert_eq!((found.starts.as_slice(), found.skip), (starts, skip), "{head}");
        assert_eq!(found.names, names, "{head}");
    }

    #[test]
    fn columns_are_made_out() {
        let text = "id  name   price\n1   Ann      9.5\n20  Bob Li  10.0\n";
        check(text, "{}", &[0, 4, 11], &["id", "name", "price"], 1);
        check("1   Anna     9.5\n20  Bob Li  10.0\n", "{}", &[0, 4, 12], &["", "", ""], 0);
        check("code name\n---- ------\nA 1  x\n", "{}", &[0, 5], &["code", "name"], 1);
        check("20240131AB12\n20240201CD34\n", r#"{"starts": [1, 9, 11], "names": ["day", "code"]}"#, &[0, 8, 10], &["day", "code", ""], 0);
        check("", "{}", &[0], &[""], 0);
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        assert_eq!(cut("Köln 12", &[0, 5]).collect::<Vec<_>>(), ["Köln ", "12"]);
        assert_eq!(cut("ab", &[0, 5]).collect::<Vec<_>>(), ["ab", ""]);
        assert!(crosses("abcdef", &[0, 3]));
        assert!(!crosses("ab def", &[0, 3]));
    }
}
