//! A column as the numbers that trees decide by: its statistics, what five of its values look like, and pieces of its name.

use crate::meaning::{date, values};
use crate::profile::key_hash;
use crate::words::is_null_word;

/// What is known of a column.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Example {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: f64,
    /// Rows without a value.
    pub nulls: f64,
    /// Different values.
    pub distinct: f64,
    /// Mean; 0 for texts, as are the next three.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Some of its values, five at most.
    pub samples: Vec<String>,
}

/// Buckets for the words and the pieces of a name.
const WORDS: usize = 160;
const PIECES: usize = 192;
/// Buckets for the shapes of values.
const SHAPES: usize = 48;

/// The numbers trees decide by, always as many.
pub fn features_of(example: &Example) -> Vec<f32> {
    let mut out = Vec::with_capacity(512);
    statistics(example, &mut out);
    samples(example, &mut out);
    name(&example.name, &mut out);
    out
}

#[expect(clippy::float_cmp, reason = "counts and marks are compared as they are")]
fn statistics(e: &Example, out: &mut Vec<f32>) {
    let log = |v: f64| (v.abs() + 1.0).ln() * v.signum();
    let known = (e.rows - e.nulls).max(0.0);
    let range = e.max - e.min;
    let ratio = |a: f64, b: f64| if b == 0.0 { 0.0 } else { a / b };
    let numeric = e.mean != 0.0 || e.sd != 0.0 || e.min != 0.0 || e.max != 0.0;
    out.extend(
        [
            log(e.rows),
            ratio(e.nulls, e.rows),
            log(e.distinct),
            ratio(e.distinct, e.rows),
            ratio(e.distinct, known),
            log(e.mean),
            log(e.sd),
            log(e.min),
            log(e.max),
            log(range),
            ratio(e.sd, e.mean.abs()),
            ratio(range + 1.0, e.distinct),
            ratio(e.mean - e.min, range),
            f64::from(numeric),
            f64::from(e.min == 0.0),
            f64::from(e.min == 1.0),
            f64::from(e.max.fract() == 0.0 && e.min.fract() == 0.0),
            f64::from(e.min >= 1_800.0 && e.max <= 2_100.0),
            f64::from(e.distinct <= 1.0),
            f64::from(e.distinct == known),
            e.distinct.min(50.0),
            known - e.distinct,
        ]
        .map(|v| v as f32),
    );
}

fn samples(e: &Example, out: &mut Vec<f32>) {
    let texts: Vec<&str> = e.samples.iter().map(|s| s.trim()).collect();
    let n = texts.len().max(1) as f64;
    let share = |holds: &dyn Fn(&str) -> bool| texts.iter().filter(|t| holds(t)).count() as f64 / n;
    let letters = |t: &str| t.chars().filter(|c| c.is_alphabetic()).count();
    let digits = |t: &str| t.bytes().filter(u8::is_ascii_digit).count();
    let of = |count: &dyn Fn(&str) -> f64| {
        let counts: Vec<f64> = texts.iter().map(|t| count(t)).collect();
        let mean = counts.iter().sum::<f64>() / n;
        let sd = (counts.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / n).sqrt();
        [mean, sd, counts.iter().copied().fold(0.0, f64::max)]
    };
    const STOP: [&str; 24] = [
        "the", "a", "an", "of", "and", "in", "to", "is", "for", "on", "with", "at", "by", "de", "la", "el", "it", "this", "that", "from",
        "as", "are", "was", "i",
    ];
    let stop = |t: &str| t.split_whitespace().filter(|w| STOP.contains(&w.to_lowercase().as_str())).count() as f64;
    let mut different: Vec<&str> = texts.clone();
    different.sort_unstable();
    different.dedup();
    out.extend(
        [
            share(&str::is_empty),
            share(&|t| t.parse::<i64>().is_ok()),
            share(&|t| t.contains('.') && t.parse::<f64>().is_ok()),
            share(&|t| t.parse::<f64>().is_ok()),
            share(&values::is_number),
            share(&date::is_date),
            share(&date::is_time),
            share(&|t| t.contains("##") || date::is_date(t.split(' ').next().unwrap_or_default())),
            share(&values::is_url),
            share(&|t| t.contains("://") || t.contains("www.") || t.contains(".com")),
            share(&values::is_email),
            share(&values::is_percentage),
            share(&values::is_money),
            share(&values::is_quantity),
            share(&|t| digits(t) > 0 && letters(t) > 0),
            share(&|t| t.starts_with(|c: char| c.is_ascii_digit()) && letters(t) > 0),
            share(&|t| t.starts_with(['$', '€', '£', '<', '>', '~', '#', '-', '+']) && digits(t) > 0),
            share(&|t| t.contains(',') && digits(t) + t.matches([',', '.']).count() == t.len()),
            share(&|t| t.starts_with(['[', '{', '('])),
            share(&|t| t.matches([',', ';', '|', '/']).count() >= 2),
            share(&|t| !t.is_empty() && digits(t) == 0 && letters(t) == t.chars().count()),
            share(&|t| letters(t) > 0 && t.to_uppercase() == t),
            share(&is_null_word),
            share(&|t| t.starts_with('0') && t.len() > 1 && digits(t) == t.len()),
            share(&|t| t.contains("NULL")),
            share(&|t| t.len() == 4 && t.parse::<u32>().is_ok_and(|y| (1_800..2_100).contains(&y))),
            share(&|t| ["true", "false", "yes", "no", "y", "n", "t", "f"].contains(&t.to_lowercase().as_str())),
            share(&|t| !t.contains(' ') && t.len() >= 16 && digits(t) > 0 && letters(t) > 0),
            share(&|t| t.contains('_') || t.contains('-') && letters(t) > 0),
            share(&|t| t.ends_with(['.', '!', '?'])),
            different.len() as f64 / n,
        ]
        .map(|v| v as f32),
    );
    let counts: [&dyn Fn(&str) -> f64; 9] = [
        &|t| t.chars().count() as f64,
        &|t| t.split_whitespace().count() as f64,
        &stop,
        &|t| digits(t) as f64,
        &|t| letters(t) as f64,
        &|t| t.chars().filter(|c| c.is_uppercase()).count() as f64,
        &|t| t.matches([',', ';', '|']).count() as f64,
        &|t| t.chars().filter(|c| !c.is_alphanumeric() && !c.is_whitespace()).count() as f64,
        &|t| t.split_once('.').map_or(0.0, |(_, f)| f.len() as f64),
    ];
    for count in counts {
        out.extend(of(count).map(|v| v as f32));
    }
    let numbers: Vec<f64> = texts.iter().filter_map(|t| t.parse().ok()).collect();
    let (low, high) = numbers.iter().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
    let rising = numbers.windows(2).filter(|w| w[1] > w[0]).count() as f64;
    let by_one = numbers.windows(2).filter(|w| (w[1] - w[0] - 1.0).abs() < 1e-9).count() as f64;
    let spread = if numbers.is_empty() { 0.0 } else { (high - low).abs().ln_1p() };
    let size = if numbers.is_empty() { 0.0 } else { high.abs().ln_1p() };
    out.extend([rising as f32, by_one as f32, spread as f32, size as f32]);
    let mut shapes = [0.0_f32; SHAPES];
    let mut scratch = crate::profile::pattern::Scratch::default();
    for text in &texts {
        let shape = crate::profile::pattern::loose(crate::profile::pattern::exact(text, &mut scratch));
        shapes[key_hash(shape.as_bytes()) as usize % SHAPES] += 1.0;
    }
    out.extend(shapes);
}

fn name(name: &str, out: &mut Vec<f32>) {
    let words = crate::meaning::name::split(name);
    let joined = words.join(" ");
    out.extend([
        name.chars().count() as f32,
        words.len() as f32,
        name.bytes().filter(u8::is_ascii_digit).count() as f32,
        f32::from(name.is_empty() || name.starts_with("Unnamed")),
        f32::from(name.contains('?')),
        f32::from(words.last().is_some_and(|w| w == "id")),
        f32::from(words.iter().any(|w| w == "id")),
    ]);
    let mut by_word = [0.0_f32; WORDS];
    for word in &words {
        by_word[key_hash(word.as_bytes()) as usize % WORDS] += 1.0;
    }
    // The last word of a name says what it is.
    let mut by_last = [0.0_f32; WORDS / 2];
    if let Some(word) = words.last() {
        by_last[key_hash(word.as_bytes()) as usize % (WORDS / 2)] = 1.0;
    }
    let mut by_piece = [0.0_f32; PIECES];
    let marked: Vec<char> = format!("^{joined}$").chars().collect();
    for piece in marked.windows(3) {
        let text: String = piece.iter().collect();
        by_piece[key_hash(text.as_bytes()) as usize % PIECES] += 1.0;
    }
    out.extend(by_word);
    out.extend(by_last);
    out.extend(by_piece);
}
