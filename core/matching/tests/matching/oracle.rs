//! The whole of matching against a plain program that compares every row with every row.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use proptest::prelude::*;
use trommel_matching::{estimate, explain, score_pairs};
use trommel_model::{Cancel, MatchSpec, Measure, Normaliser, ProgressSlot};

use crate::support::{compare, groups, key, model, resolve, rule, table};

const COLUMNS: [&str; 6] = ["id", "source", "name", "city", "born", "amount"];

/// One row: name, city, date of birth and amount, each perhaps missing.
type Row = [Option<String>; 4];

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let word = |pattern: &'static str| prop::option::weighted(0.85, prop::string::string_regex(pattern).unwrap());
    let row = [word("[ab]{1,2}[cd ]{0,3}é?"), word("[XY]x?"), word("2001-0[1-3]-1[0-9]"), word("[1-9]{1,2}(\\.5)?|x")];
    prop::collection::vec(row, 0..40)
}

fn batch(rows: &[Row]) -> RecordBatch {
    let mut lines = COLUMNS.join("|");
    for (at, row) in rows.iter().enumerate() {
        let cells: Vec<&str> = row.iter().map(|c| c.as_deref().unwrap_or("")).collect();
        lines += &format!("\n{at:03}|{}|{}", ["p", "q"][at % 2], cells.join("|"));
    }
    table(&lines)
}

fn spec(variant: u8, threshold: f64) -> MatchSpec {
    let mut spec = model(threshold);
    spec.source = Some("source".into());
    spec.blocking = match variant % 3 {
        0 => vec![rule(&["city"])],
        1 => vec![rule(&["name", "born"]), rule(&["city"]), rule(&["born"])],
        _ => vec![rule(&["born"]), rule(&["city", "amount"]), rule(&["name"])],
    };
    if variant % 2 == 1 {
        spec.blocking[0].keys[0] = key("name", &[Normaliser::Lower], Some(2));
    }
    let mut name = compare("name", if variant % 5 < 3 { Measure::JaroWinkler } else { Measure::Levenshtein }, 2.0);
    name.floor = if variant.is_multiple_of(4) { 0.6 } else { 0.0 };
    let mut city = compare("city", Measure::Exact, 1.0);
    city.missing = (variant % 7 < 3).then_some(0.25);
    spec.comparisons = vec![name, city, compare("born", Measure::Date, 1.5), compare("amount", Measure::Number, 0.5)];
    spec
}

/// The value of a row in a column of the model.
fn value<'a>(row: &'a Row, column: &str) -> Option<&'a str> {
    row[COLUMNS.iter().position(|c| *c == column).unwrap() - 2].as_deref().map(str::trim).filter(|v| !v.is_empty())
}

fn keys(spec: &MatchSpec, at: usize, row: &Row) -> Option<Vec<String>> {
    let keys = spec.blocking[at].keys.iter().map(|key| {
        let text = value(row, &key.column)?.to_lowercase();
        let text = if key.normalise.is_empty() { value(row, &key.column)?.to_owned() } else { text };
        Some(text.chars().take(key.prefix.unwrap_or(99)).collect::<String>().trim().to_owned())
    });
    keys.collect()
}

fn score(spec: &MatchSpec, a: &Row, b: &Row) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for c in &spec.comparisons {
        let parsed = |row: &Row| match c.method {
            Measure::Number => value(row, &c.column)?.parse::<f64>().ok(),
            Measure::Date => {
                let text = value(row, &c.column)?;
                let days = [0.0, 31.0, 59.0][text[5..7].parse::<usize>().unwrap() - 1];
                Some(days + text[8..].parse::<f64>().unwrap())
            }
            _ => value(row, &c.column).map(|_| 0.0),
        };
        let similarity = match (parsed(a), parsed(b)) {
            (Some(x), Some(y)) => {
                let (left, right) = (a, b);
                let (left, right) = (untrimmed(left, &c.column), untrimmed(right, &c.column));
                match c.method {
                    Measure::Exact => f64::from(u8::from(left == right)),
                    Measure::JaroWinkler => strsim::jaro_winkler(left, right),
                    Measure::Levenshtein => strsim::normalized_levenshtein(left, right),
                    other if !matches!(other, Measure::Number | Measure::Date) => unreachable!("{other:?} is not among the comparisons"),
                    _ => (1.0 - (x - y).abs() / c.tolerance.unwrap()).max(0.0),
                }
            }
            _ => match c.missing {
                Some(missing) => {
                    sum += c.weight * missing;
                    weights += c.weight;
                    continue;
                }
                None => continue,
            },
        };
        sum += c.weight * if similarity < c.floor { 0.0 } else { similarity };
        weights += c.weight;
    }
    if weights == 0.0 { 0.0 } else { sum / weights }
}

fn untrimmed<'a>(row: &'a Row, column: &str) -> &'a str {
    row[COLUMNS.iter().position(|c| *c == column).unwrap() - 2].as_deref().unwrap_or("")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn agrees_with_comparing_every_row_with_every_row(mut rows in rows(), variant: u8, threshold in 0.3_f64..1.0) {
        // The table's own reader trims cells; what it cannot carry is no test of matching.
        for cell in rows.iter_mut().flatten() {
            *cell = cell.take().map(|c| c.trim().to_owned()).filter(|c| !c.is_empty());
        }
        let (spec, input) = (spec(variant, threshold), [batch(&rows)]);
        let (cancel, progress) = (Cancel::new(), ProgressSlot::new());

        let mut per_rule = vec![0_u64; spec.blocking.len()];
        let mut pairs: BTreeMap<(u32, u32), f64> = BTreeMap::new();
        for i in 0..rows.len() {
            for j in i + 1..rows.len() {
                let shared: Vec<bool> =
                    (0..per_rule.len()).map(|r| keys(&spec, r, &rows[i]).is_some_and(|k| keys(&spec, r, &rows[j]) == Some(k))).collect();
                for (count, shared) in per_rule.iter_mut().zip(&shared) {
                    *count += u64::from(*shared);
                }
                if shared.contains(&true) {
                    pairs.insert((i as u32, j as u32), score(&spec, &rows[i], &rows[j]));
                }
            }
        }
        let near = pairs.values().any(|s| (s - threshold).abs() < 1e-6);
        prop_assume!(!near);

        let output = resolve(&spec, &input).unwrap();
        let report = &output.report;
        prop_assert_eq!(&report.pairs_per_rule, &per_rule);
        let estimated = estimate(&spec, &input, 2, &cancel, &progress).unwrap();
        prop_assert_eq!(estimated.iter().map(|r| r.pairs).collect::<Vec<_>>(), per_rule);
        prop_assert_eq!(report.pairs_compared, pairs.len() as u64);
        prop_assert_eq!(report.pairs_matched, pairs.values().filter(|s| **s >= threshold).count() as u64);
        prop_assert_eq!(report.score_histogram.iter().sum::<u64>() + report.pairs_below, report.pairs_compared);
        prop_assert_eq!(report.rows, report.entities + report.merged);

        // Every pair, whatever it scores, and every score.
        let found = score_pairs(&spec, &input, 0.0, 2, &cancel, &progress).unwrap();
        let found: BTreeMap<(u32, u32), f64> = found.iter().map(|p| ((p.left.min(p.right), p.left.max(p.right)), p.score)).collect();
        prop_assert_eq!(found.keys().collect::<Vec<_>>(), pairs.keys().collect::<Vec<_>>());
        for (pair, expected) in &pairs {
            prop_assert!((found[pair] - expected).abs() < 1e-9, "{pair:?}: {} {expected}", found[pair]);
        }
        if let Some((&(i, j), &expected)) = pairs.iter().next() {
            let why = explain(&spec, &input, (u64::from(i), u64::from(j)), 2, &Cancel::new(), &ProgressSlot::new()).unwrap();
            prop_assert!((why.score - expected).abs() < 1e-9);
            let counted = why.parts.iter().filter_map(|p| Some((p.similarity?, p.weight)));
            let (sum, weights) = counted.fold((0.0, 0.0), |(s, w), (similarity, weight)| (s + similarity * weight, w + weight));
            prop_assert!(weights == 0.0 || (sum / weights - expected).abs() < 1e-9);
        }

        // Components by repeated relabelling.
        let mut first: Vec<usize> = (0..rows.len()).collect();
        for _ in 0..rows.len() {
            for (&(i, j), _) in pairs.iter().filter(|(_, s)| **s >= threshold) {
                let low = first[i as usize].min(first[j as usize]);
                (first[i as usize], first[j as usize]) = (low, low);
            }
        }
        let mut expected: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (row, first) in first.into_iter().enumerate() {
            expected.entry(first).or_default().push(format!("{}/{row:03}", ["p", "q"][row % 2]));
        }
        let mut expected: Vec<Vec<String>> = expected.into_values().collect();
        for group in &mut expected {
            group.sort();
        }
        expected.sort();
        prop_assert_eq!(groups(&output), expected);
    }
}
