//! The shape of a text: `9` for a digit, `A` and `a` for letters, everything else as it is.

/// Characters of a shape; what is behind them is left out.
const LONGEST: usize = 48;
/// Shapes told of a column.
const TOLD: usize = 10;

/// Room to write a shape into, so that none is allocated for a text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scratch(String);

/// The shape, character by character.
pub(crate) fn exact<'a>(text: &str, scratch: &'a mut Scratch) -> &'a str {
    scratch.0.clear();
    if text.len() <= LONGEST && text.is_ascii() {
        scratch.0.extend(text.bytes().map(|b| char::from(of_ascii(b))));
        return &scratch.0;
    }
    let mut chars = text.chars();
    scratch.0.extend(chars.by_ref().take(LONGEST).map(of));
    if chars.next().is_some() {
        scratch.0.push('…');
    }
    &scratch.0
}

#[inline]
fn of_ascii(b: u8) -> u8 {
    match b {
        b'0'..=b'9' => b'9',
        b'A'..=b'Z' => b'A',
        b'a'..=b'z' => b'a',
        other => other,
    }
}

fn of(c: char) -> char {
    if c.is_ascii() {
        char::from(of_ascii(c as u8))
    } else if c.is_numeric() {
        '9'
    } else if c.is_uppercase() {
        'A'
    } else if c.is_alphabetic() {
        'a'
    } else {
        c
    }
}

/// The shape with runs of the same class as one: `Aa+ 9+`. Words of letters are one run, whatever their case.
pub(crate) fn loose(shape: &str) -> String {
    let mut text = String::with_capacity(shape.len());
    let mut chars = shape.chars().peekable();
    while let Some(c) = chars.next() {
        text.push(c);
        if matches!(c, '9' | 'A' | 'a') && chars.peek() == Some(&c) {
            while chars.peek() == Some(&c) {
                chars.next();
            }
            text.push('+');
        }
    }
    text
}

/// The shapes worth telling with their share of the rows: exact ones when few of them say most, else loose ones.
pub(super) fn told(shapes: &[(&str, u64)], rows: u64) -> Vec<(String, f64)> {
    let share = |n: u64| n as f64 / rows.max(1) as f64;
    let sorted = |mut all: Vec<(String, u64)>| {
        all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        all.truncate(TOLD);
        all
    };
    let exact = sorted(shapes.iter().map(|(s, n)| ((*s).to_owned(), *n)).collect());
    let counted: u64 = exact.iter().map(|e| e.1).sum();
    let told = if share(counted) >= 0.6 {
        exact
    } else {
        let mut merged = rustc_hash::FxHashMap::<String, u64>::default();
        for (shape, n) in shapes {
            *merged.entry(loose(shape)).or_default() += n;
        }
        sorted(merged.into_iter().collect())
    };
    told.into_iter().map(|(shape, n)| (shape, share(n))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        let mut scratch = Scratch::default();
        for (text, shape, run) in
            [("99,50 €", "99,99 €", "9+,9+ €"), ("AB-1234", "AA-9999", "A+-9+"), ("Åsa Ek", "Aaa Aa", "Aa+ Aa"), ("", "", "")]
        {
            assert_eq!(exact(text, &mut scratch), shape);
            assert_eq!(loose(shape), run);
        }
        assert!(exact(&"x".repeat(1_000), &mut scratch).ends_with('…'));
    }

    #[test]
    fn many_shapes_are_told_loosely() {
        let all: Vec<String> = (1..=40).map(|n| format!("A{}", "a".repeat(n))).collect();
        let shapes: Vec<(&str, u64)> = all.iter().map(|s| (s.as_str(), 1)).collect();
        assert_eq!(told(&shapes, 40), [("Aa+".to_owned(), 0.975), ("Aa".to_owned(), 0.025)]);
        assert_eq!(told(&[("99", 3), ("a", 1)], 4), [("99".to_owned(), 0.75), ("a".to_owned(), 0.25)]);
    }
}
