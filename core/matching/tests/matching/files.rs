//! Files resolved without being told anything: duplicates found, lists linked, and nothing dependent on how the rows
//! came.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema};
use proptest::prelude::*;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use trommel_matching::{FileTable, FilesOutput, Proposal, auto_files, cost_of_files, explain_files, run_files};
use trommel_model::{BlockingKey, BlockingRule, Cancel, Code, Comparison, MatchSpec, Measure, Outcome, Pairs, ProgressSlot, Scoring};

use crate::support::model;

type Rows = Vec<Vec<Option<String>>>;

fn file(name: &str, header: &[&str], rows: &Rows) -> FileTable {
    let fields: Vec<Field> = header.iter().map(|n| Field::new(*n, DataType::Utf8, true)).collect();
    let column = |at: usize| Arc::new(rows.iter().map(|r| r[at].clone()).collect::<StringArray>()) as ArrayRef;
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), (0..header.len()).map(column).collect()).unwrap();
    FileTable::of(name, &[batch]).unwrap()
}

fn auto_on(tables: &[FileTable], threads: usize) -> Outcome<(Proposal, FilesOutput)> {
    auto_files(tables.to_vec(), threads, &Cancel::new(), &ProgressSlot::new())
}

/// (file, row, entity, probability) of every row.
fn crosswalk(found: &FilesOutput) -> Vec<(String, i64, String, f64)> {
    found.crosswalk.batches().flat_map(|batch| listed(&batch.unwrap())).collect()
}

fn listed(c: &RecordBatch) -> Vec<(String, i64, String, f64)> {
    let (files, entities) = (c.column(0).as_string::<i32>(), c.column(2).as_string::<i32>());
    let (rows, shares) = (c.column(1).as_primitive::<Int64Type>(), c.column(3).as_primitive::<Float64Type>());
    (0..c.num_rows()).map(|at| (files.value(at).into(), rows.value(at), entities.value(at).into(), shares.value(at))).collect()
}

/// Rows in the order of the files, as sets of their positions.
fn groups(found: &FilesOutput) -> BTreeSet<Vec<usize>> {
    let mut by_entity: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, row) in crosswalk(found).into_iter().enumerate() {
        by_entity.entry(row.2).or_default().push(at);
    }
    by_entity.into_values().collect()
}

const HEADER: [&str; 6] = ["given", "family", "born", "street", "city", "phone"];
const GIVEN: [&str; 24] = [
    "anna", "bert", "carla", "dieter", "emma", "frank", "greta", "hans", "ines", "jonas", "klara", "lukas", "marie", "nils", "olga",
    "paul", "rosa", "stefan", "tina", "uwe", "vera", "willi", "yvonne", "zeno",
];
const ENDS: [&str; 12] = ["mann", "berg", "stein", "er", "hofer", "wald", "feld", "bach", "ler", "ing", "haus", "kamp"];
const STARTS: [&str; 16] =
    ["acker", "birn", "dorn", "eich", "falk", "gross", "hirsch", "kirch", "linden", "moor", "neu", "ober", "reh", "sand", "tann", "wein"];
const CITIES: [&str; 8] = ["berlin", "hamburg", "koeln", "dresden", "bremen", "essen", "jena", "ulm"];

fn pick<'a>(random: &mut SmallRng, of: &[&'a str]) -> &'a str {
    of[random.random_range(0..of.len())]
}

fn person(random: &mut SmallRng) -> Vec<Option<String>> {
    let family = format!("{}{}", pick(random, &STARTS), pick(random, &ENDS));
    let born = format!("{}-{:02}-{:02}", random.random_range(1940..2005), random.random_range(1..13), random.random_range(1..29));
    let street = format!("{}{}strasse {}", pick(random, &STARTS), pick(random, &ENDS), random.random_range(1..120));
    let phone = format!("0{}", random.random_range(300_000_000_u32..999_999_999));
    let city = pick(random, &CITIES).to_owned();
    [pick(random, &GIVEN).to_owned(), family, born, street, city, phone].into_iter().map(Some).collect()
}

/// The same person with a fault or two.
fn faulty(random: &mut SmallRng, person: &[Option<String>]) -> Vec<Option<String>> {
    let mut copy = person.to_vec();
    for _ in 0..random.random_range(1..3) {
        let at = random.random_range(0..copy.len());
        copy[at] = copy[at].take().filter(|_| random.random_range(0..4) > 0).map(|mut text| {
            let place = random.random_range(0..text.len());
            let letter = char::from(b'a' + random.random_range(0..26_u8));
            text.replace_range(place..=place, &letter.to_string());
            text
        });
    }
    copy
}

/// People, some of them twice, in any order; and which person each row is.
fn people(count: usize, seed: u64) -> (Rows, Vec<usize>) {
    let mut random = SmallRng::seed_from_u64(seed);
    let mut rows: Vec<(Vec<Option<String>>, usize)> = Vec::new();
    for at in 0..count {
        let one = person(&mut random);
        if random.random_range(0..3) == 0 {
            rows.push((faulty(&mut random, &one), at));
        }
        rows.push((one, at));
    }
    rows.shuffle(&mut random);
    rows.into_iter().unzip()
}

fn f1(found: &BTreeSet<Vec<usize>>, truth: &[usize]) -> f64 {
    let pairs = |n: usize| (n * n.saturating_sub(1) / 2) as f64;
    let (mut right, mut made) = (0.0, 0.0);
    for group in found {
        made += pairs(group.len());
        let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
        for &at in group {
            *sizes.entry(truth[at]).or_default() += 1;
        }
        right += sizes.into_values().map(pairs).sum::<f64>();
    }
    let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
    for &entity in truth {
        *sizes.entry(entity).or_default() += 1;
    }
    2.0 * right / (made + sizes.into_values().map(pairs).sum::<f64>())
}

#[test]
fn people_are_found_twice_without_configuration() {
    let (rows, truth) = people(900, 7);
    let (proposal, found) = auto_on(&[file("people.csv", &HEADER, &rows)], 2).unwrap();
    let f1 = f1(&groups(&found), &truth);
    assert!(f1 > 0.97, "F1 {f1}: {:#?}", proposal.reasons);
    let listed = crosswalk(&found);
    assert_eq!(listed.len(), rows.len());
    assert!(listed.iter().zip(1..).all(|(row, number)| row.0 == "people.csv" && row.1 == number && (0.0..=1.0).contains(&row.3)));
    // What was proposed can be run as a written model, and finds the same.
    let again = run_files(vec![file("people.csv", &HEADER, &rows)], &proposal.spec, 2, &Cancel::new(), &ProgressSlot::new()).unwrap();
    assert_eq!(groups(&again), groups(&found));
}

#[test]
fn names_of_columns_are_not_needed() {
    let (rows, truth) = people(900, 8);
    let (_, found) = auto_on(&[file("x", &["a", "b", "c", "d", "e", "f"], &rows)], 2).unwrap();
    let f1 = f1(&groups(&found), &truth);
    assert!(f1 > 0.97, "F1 {f1}");
}

#[test]
fn lists_without_duplicates_are_linked_one_to_one() {
    let mut random = SmallRng::seed_from_u64(3);
    let left: Rows = (0..400).map(|_| person(&mut random)).collect();
    let mut right: Vec<(Vec<Option<String>>, usize)> = left[..250].iter().zip(0..).map(|(p, at)| (faulty(&mut random, p), at)).collect();
    right.extend((0..150).map(|at| (person(&mut random), 1_000 + at)));
    right.shuffle(&mut random);
    let truth: Vec<usize> = (0..400).chain(right.iter().map(|r| r.1)).collect();
    let right: Rows = right.into_iter().map(|r| r.0).collect();
    // The second list names its columns otherwise, and in another order.
    let turned: Rows = right.iter().map(|r| r.iter().rev().cloned().collect()).collect();
    let other = ["telephone", "town", "address", "birthday", "surname", "first"];
    let (proposal, found) = auto_on(&[file("a", &HEADER, &left), file("b", &other, &turned)], 2).unwrap();
    assert_eq!((proposal.spec.pairs, proposal.spec.one_to_one), (Pairs::Across, true), "{:#?}", proposal.reasons);
    let f1 = f1(&groups(&found), &truth);
    assert!(f1 > 0.95, "F1 {f1}: {:#?}", proposal.reasons);
    assert!(groups(&found).iter().all(|g| g.len() <= 2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn order_files_and_threads_do_not_matter(seed: u64, cut in 1_usize..200, threads in 1_usize..4) {
        let (rows, _) = people(120, seed);
        let (_, expected) = auto_on(&[file("x", &HEADER, &rows)], 2).unwrap();
        let expected = groups(&expected);

        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.shuffle(&mut SmallRng::seed_from_u64(seed ^ 1));
        let shuffled: Rows = order.iter().map(|&at| rows[at].clone()).collect();
        let back = |found: &FilesOutput| -> BTreeSet<Vec<usize>> {
            groups(found).into_iter().map(|g| { let mut g: Vec<usize> = g.into_iter().map(|at| order[at]).collect(); g.sort_unstable(); g }).collect()
        };
        let (_, found) = auto_on(&[file("x", &HEADER, &shuffled)], threads).unwrap();
        prop_assert_eq!(back(&found), expected.clone());

        // Parted into two files at random, the rows are not taken for two lists without duplicates by what is in them
        // alone; a written model leaves nothing to take.
        let (proposal, _) = auto_on(&[file("x", &HEADER, &rows)], 2).unwrap();
        let cut = cut.min(rows.len() - 1);
        let parts = [file("x", &HEADER, &shuffled[..cut].to_vec()), file("y", &HEADER, &shuffled[cut..].to_vec())];
        let found = run_files(parts.to_vec(), &proposal.spec, threads, &Cancel::new(), &ProgressSlot::new()).unwrap();
        prop_assert_eq!(back(&found), expected);
    }
}

#[test]
fn files_that_nobody_wishes_for_are_answered() {
    let some = |n: usize, of: &dyn Fn(usize) -> Option<String>| -> Rows { (0..n).map(|at| vec![of(at), of(at + 1)]).collect() };
    let long = "many words ".repeat(100_000);
    let cases: Vec<(&str, Rows, usize)> = vec![
        ("empty", some(0, &|_| None), 0),
        ("all missing", some(50, &|_| None), 50),
        ("all equal", some(500, &|_| Some("same".into())), 500),
        ("one row", some(1, &|_| Some("a".into())), 1),
        ("numbers that number the rows", some(300, &|at| Some(at.to_string())), 300),
        ("a megabyte a cell", some(3, &|at| Some(format!("{long}{at}"))), 3),
        ("odd letters", some(40, &|at| Some(format!("\u{202e}e\u{301}\u{0}也{}", at % 7))), 40),
    ];
    for (what, rows, count) in cases {
        let (_, found) = auto_on(&[file("x", &["a", "b"], &rows)], 2).unwrap();
        assert_eq!(found.crosswalk.rows(), count, "{what}");
    }
    let header: Vec<String> = (0..200).map(|c| format!("c{c}")).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let wide: Rows = (0..60).map(|row| (0..200).map(|c| Some(format!("v{}", (row / 2 * 7 + c) % 40))).collect()).collect();
    assert_eq!(auto_on(&[file("wide", &header, &wide)], 2).unwrap().1.crosswalk.rows(), 60);
    assert_eq!(auto_on(&[], 2).unwrap_err().code, Code::Usage);
}

fn learned() -> MatchSpec {
    let mut spec = model(0.0);
    (spec.from, spec.id, spec.score) = (String::new(), String::new(), Scoring::FellegiSunter);
    spec.blocking = ["born", "phone"].map(|c| BlockingRule { keys: vec![BlockingKey::new(c, &[])] }).to_vec();
    spec.comparisons = HEADER
        .map(|c| Comparison {
            levels: vec![0.9, 0.8],
            ..Comparison::new(c, if c == "street" { Measure::Qgram } else { Measure::JaroWinkler })
        })
        .to_vec();
    spec
}

#[test]
fn a_written_model_is_learned_and_explained() {
    let (rows, truth) = people(900, 9);
    let tables = [file("x", &HEADER, &rows)];
    let mut spec = learned();
    let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
    let found = run_files(tables.to_vec(), &spec, 2, &cancel, &progress).unwrap();
    let f1 = f1(&groups(&found), &truth);
    assert!(f1 > 0.95, "F1 {f1}");
    let trained = found.report.trained.unwrap();
    assert!(trained.comparisons.iter().all(|c| c.levels.len() == 4 && c.levels.is_sorted_by(|a, b| a.bits >= b.bits)));

    let pair = groups(&run_files(tables.to_vec(), &spec, 2, &cancel, &progress).unwrap()).into_iter().find(|g| g.len() == 2).unwrap();
    let why =
        explain_files(tables.to_vec(), &spec, ((0, pair[0] as u64), (0, pair[1] as u64)), 2, &Cancel::new(), &ProgressSlot::new()).unwrap();
    let bits = why.prior_bits.unwrap() + why.parts.iter().filter_map(|p| p.bits).sum::<f64>();
    assert!((1.0 / (1.0 + (-bits).exp2()) - why.score).abs() < 1e-9 && why.score > 0.5, "{why:?}");
    assert_eq!(
        explain_files(tables.to_vec(), &spec, ((0, 0), (0, 1_000_000)), 2, &Cancel::new(), &ProgressSlot::new()).unwrap_err().code,
        Code::Usage
    );

    spec.blocking = vec![
        BlockingRule { keys: vec![BlockingKey { words: Some(4), ..BlockingKey::new("street", &[]) }] },
        BlockingRule { keys: vec![BlockingKey { neighbours: Some(3), ..BlockingKey::new("family", &[]) }] },
    ];
    let costs = cost_of_files(tables.to_vec(), &spec, 2, &cancel, &progress).unwrap().rules;
    let n = rows.len() as u64;
    assert_eq!(costs.len(), 2);
    assert!(costs[0].pairs > 0 && costs[1].pairs <= 3 * n && costs[1].pairs > 2 * n, "{costs:?}");
    let found = run_files(tables.to_vec(), &spec, 2, &cancel, &progress).unwrap();
    assert_eq!(found.report.pairs_per_rule.len(), 2);
}

#[test]
fn learned_models_that_cannot_be_are_refused() {
    let (rows, _) = people(20, 1);
    let tables = [file("x", &HEADER, &rows)];
    type Change = fn(&mut MatchSpec);
    let cases: Vec<(Change, &str)> = vec![
        (|s| s.threshold = 1.5, "threshold"),
        (|s| s.comparisons[0].levels = vec![0.5, 0.9], "levels"),
        (|s| s.comparisons[0].m = vec![0.5], "shares"),
        (|s| s.blocking[0].keys[0].words = Some(0), "words"),
        (|s| s.blocking[0].keys[0].neighbours = Some(0), "neighbours"),
        (|s| s.blocking[0].keys.push(BlockingKey { words: Some(3), ..BlockingKey::new("city", &[]) }), "rule of their own"),
    ];
    for (change, word) in cases {
        let mut spec = learned();
        change(&mut spec);
        let problem = run_files(tables.to_vec(), &spec, 1, &Cancel::new(), &ProgressSlot::new()).unwrap_err();
        assert_eq!(problem.code, Code::BadMatch);
        assert!(format!("{problem} {:?}", problem.next).contains(word), "{word}: {problem}");
    }
}
