//! The list of unwished input, a test a line, through both doors: a model over a table, and files with nothing told.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::compute::concat_batches;
use arrow::datatypes::Float64Type;
use trommel_matching::{Crosswalk, FileTable, FilesOutput, Standing, auto_files, estimate, run_standing};
use trommel_model::{
    BlockingRule, Cancel, Code, MatchDecision, MatchSpec, Measure, Normaliser, Outcome, ProgressSlot, RecordKey, Scoring, Verdict,
};

use crate::support::{compare, groups, key, lines, model, resolve, rule, table};

fn spec() -> MatchSpec {
    let mut spec = model(0.9);
    spec.blocking = vec![rule(&["country"])];
    spec.comparisons = vec![compare("name", Measure::JaroWinkler, 2.0), compare("city", Measure::Exact, 1.0)];
    spec
}

/// Rows in which `country` is the same in all but a few.
fn one_country(rows: usize, different: usize) -> RecordBatch {
    let column = |of: &dyn Fn(usize) -> String| Arc::new(StringArray::from_iter_values((0..rows).map(of))) as ArrayRef;
    RecordBatch::try_from_iter(vec![
        ("id", Arc::new(Int64Array::from_iter_values(0..rows as i64)) as ArrayRef),
        ("name", column(&|at| format!("name {}", at % different))),
        ("city", column(&|at| format!("city {}", at % 90))),
        ("country", column(&|at| if at % 50 == 0 { format!("c{at}") } else { "de".to_owned() })),
    ])
    .unwrap()
}

#[test]
fn a_block_of_everything_is_refused_with_a_proposal() {
    for score in [Scoring::WeightedMean, Scoring::FellegiSunter] {
        let mut spec = MatchSpec { score, max_block: 500, ..spec() };
        let input = one_country(8_000, 4_000);
        let start = Instant::now();
        let problem = resolve(&spec, std::slice::from_ref(&input)).map(|o| o.report).unwrap_err();
        assert!(start.elapsed() < Duration::from_secs(5), "it is refused before anything is compared");
        assert_eq!((problem.code, problem.place.field.as_deref()), (Code::BadMatch, Some("blocking[1]")), "{problem}");
        let said = format!("{problem} {}", problem.next.clone().unwrap_or_default());
        for word in ["\"country\"", "7840 of 8000 rows", "add a second key, { column = \"name\" }"] {
            assert!(said.contains(word), "\"{word}\" is missing in: {said}");
        }
        // What is proposed helps, and what it would cost was said.
        spec.blocking = vec![rule(&["country", "name"])];
        let costs = estimate(&spec, std::slice::from_ref(&input), 2, &Cancel::new(), &ProgressSlot::new()).unwrap();
        assert!(said.contains(&format!("compare {} pairs", costs[0].pairs)), "{said} {costs:?}");
        assert!(resolve(&spec, &[input]).is_ok());
        // Rows of which only few differ are no less told apart in a large block than in a small one.
        spec.blocking = vec![rule(&["country"])];
        assert!(resolve(&spec, &[one_country(8_000, 90)]).is_ok());
        // Nor is a rule refused for a block that is merely large.
        spec.blocking = vec![BlockingRule { keys: vec![key("name", &[], Some(6))] }];
        assert!(resolve(&spec, &[one_country(3_000, 3_000)]).is_ok());
    }
}

#[test]
fn ids_of_any_type_and_of_mixed_form_are_told_apart() {
    let names: ArrayRef = Arc::new(StringArray::from(vec!["ann", "ann", "bob", "eve"]));
    let columns: Vec<(ArrayRef, [&str; 4])> = vec![
        (Arc::new(StringArray::from(vec!["1", "01", "1.0", "a:b"])), ["1", "01", "1.0", "a:b"]),
        (Arc::new(Float64Array::from(vec![1.0, 1.5, -2.0, 1e20])), ["1.0", "1.5", "-2.0", "1e20"]),
        (Arc::new(Date32Array::from(vec![0, 1, 2, 3])), ["1970-01-01", "1970-01-02", "1970-01-03", "1970-01-04"]),
        (Arc::new(Int64Array::from(vec![i64::MIN, -1, 0, i64::MAX])), ["-9223372036854775808", "-1", "0", "9223372036854775807"]),
    ];
    for (ids, texts) in columns {
        let input = RecordBatch::try_from_iter(vec![("id", ids.clone()), ("name", names.clone())]).unwrap();
        let mut spec = model(0.9);
        spec.blocking = vec![rule(&["name"])];
        spec.comparisons = vec![compare("name", Measure::Exact, 1.0)];
        let decision = |left: usize, right: usize, verdict| MatchDecision {
            left: RecordKey { source: String::new(), id: texts[left].into() },
            right: RecordKey { source: String::new(), id: texts[right].into() },
            verdict,
            who: "ada".into(),
            why: String::new(),
        };
        let standing = Standing { decisions: vec![decision(2, 3, Verdict::Together)], ..Standing::default() };
        let (output, report) = run_standing(&spec, &[input], &standing, 2, &Cancel::new(), &ProgressSlot::new()).unwrap();
        assert_eq!((groups(&output).len(), report.decisions.applied), (2, 1), "{ids:?}");
        let told: BTreeSet<String> = lines(&output.crosswalk)[1..].iter().filter_map(|l| l.split('|').nth(1)).map(str::to_owned).collect();
        assert_eq!(told, texts.iter().map(|t| (*t).to_owned()).collect(), "{ids:?}");
    }
    // The same number twice is one record, whatever it says.
    let truths: ArrayRef = Arc::new(BooleanArray::from(vec![true, true, false, false]));
    let input = RecordBatch::try_from_iter(vec![("id", truths), ("name", names)]).unwrap();
    let mut spec = model(0.9);
    spec.blocking = vec![rule(&["name"])];
    spec.comparisons = vec![compare("name", Measure::Exact, 1.0)];
    let report = resolve(&spec, &[input]).unwrap().report;
    assert_eq!((report.entities, report.repeated_ids), (2, 2));
}

#[test]
fn a_cycle_of_decisions_is_shown_and_the_others_hold() {
    let record = |id: &str| RecordKey { source: String::new(), id: id.into() };
    let decision =
        |l: &str, r: &str, verdict| MatchDecision { left: record(l), right: record(r), verdict, who: "ada".into(), why: "seen".into() };
    let (same, apart) = (Verdict::Together, Verdict::Apart);
    let mut decisions = vec![
        decision("1", "2", same),
        decision("2", "3", same),
        decision("3", "4", same),
        decision("4", "1", apart),
        decision("5", "6", same),
    ];
    decisions.push(decision("5", "99", same));
    let mut spec = model(0.9);
    spec.blocking = vec![rule(&["name"])];
    spec.comparisons = vec![compare("name", Measure::Exact, 1.0)];
    let input = table("id|name\n1|a\n2|b\n3|c\n4|d\n5|e\n6|f");
    let standing = Standing { decisions, ..Standing::default() };
    let (output, report) = run_standing(&spec, &[input], &standing, 2, &Cancel::new(), &ProgressSlot::new()).unwrap();
    assert_eq!(groups(&output), [vec!["/1"], vec!["/2"], vec!["/3"], vec!["/4"], vec!["/5", "/6"]]);
    assert_eq!((report.decisions.contradictions.len(), report.decisions.contradictions[0].len()), (1, 4));
    assert_eq!((report.decisions.applied, report.decisions.vanished.len()), (1, 1));
}

#[test]
fn texts_that_look_the_same_are_the_same() {
    let input = table(
        "id|name\n1|Zoë Müller\n2|Zoe\u{308} Mu\u{308}ller\n3|\u{202e}Zoë\u{200b} Müller\u{feff}\n4|Ｚｏë Ｍüller\n5|ZOE  MULLER\n6|Zoé Möller",
    );
    let mut spec = model(0.99);
    let plain = [Normaliser::Lower, Normaliser::Ascii, Normaliser::Alphanumeric];
    spec.blocking = vec![BlockingRule { keys: vec![key("name", &plain, None)] }];
    spec.comparisons = vec![compare("name", Measure::Exact, 1.0)];
    spec.comparisons[0].normalise = plain.to_vec();
    assert_eq!(groups(&resolve(&spec, &[input]).unwrap()), [vec!["/1", "/2", "/3", "/4", "/5"], vec!["/6"]]);
}

fn auto(header: &[String], rows: &[Vec<Option<String>>]) -> FilesOutput {
    let column = |at: usize| Arc::new(rows.iter().map(|row| row[at].clone()).collect::<StringArray>()) as ArrayRef;
    let batch = RecordBatch::try_from_iter_with_nullable(header.iter().enumerate().map(|(at, name)| (name, column(at), true))).unwrap();
    let found = auto_files(vec![FileTable::of("x", &[batch]).unwrap()], 2, &Cancel::new(), &ProgressSlot::new()).unwrap().1;
    let crosswalk = concat_batches(&Crosswalk::schema(), &found.crosswalk.batches().collect::<Outcome<Vec<_>>>().unwrap()).unwrap();
    let shares = crosswalk.column(3).as_primitive::<Float64Type>();
    assert_eq!(crosswalk.num_rows(), rows.len());
    assert!(shares.values().iter().all(|p| (0.0..=1.0).contains(p)));
    found
}

#[test]
fn files_that_nobody_wishes_for_come_out_whole() {
    let header = |n: usize| (0..n).map(|c| format!("c{c}")).collect::<Vec<_>>();
    let some = |text: String| Some(text);
    let same: Vec<Vec<Option<String>>> =
        (0..3_000).map(|_| vec![some("Ann".into()), some("Lee".into()), some("12 Elm St".into())]).collect();
    let found = auto(&header(3), &same);
    assert_eq!((found.report.entities, found.report.merged, found.report.largest_entity), (1, 2_999, 3_000));
    let different: Vec<Vec<Option<String>>> = (0..2_000_u64)
        .map(|at| (1..4).map(|c| Some(format!("{:x}", (at + 1).wrapping_mul(c).wrapping_mul(0x9e37_79b9_7f4a_7c15)))).collect())
        .collect();
    assert!(auto(&header(3), &different).report.entities > 1_990);
    let empty: Vec<Vec<Option<String>>> = (0..500).map(|_| vec![None, some("  ".into()), some("N/A".into())]).collect();
    assert_eq!(auto(&header(3), &empty).report.entities, 500);
    assert_eq!(auto(&header(4), &[]).report.rows, 0);
    // Two hundred columns: rows come in twos that say the same but for one cell.
    let wide: Vec<Vec<Option<String>>> = (0..300_u64)
        .map(|at| (0..200_u64).map(|c| Some(format!("{}", (at / 2 + 1) * (c + 7) % 9_973 + u64::from(at % 2 == c)))).collect())
        .collect();
    let start = Instant::now();
    let entities = auto(&header(200), &wide).report.entities;
    assert!((140..=170).contains(&entities) && start.elapsed() < Duration::from_mins(1), "{entities} {:?}", start.elapsed());
    // Texts of a megabyte, twice each.
    let long = |at: usize| (0..100_000).map(|w| format!("word{} ", (w * 7 + at * 13) % (500 + at))).collect::<String>();
    let texts: Vec<Vec<Option<String>>> = (0..8).map(|at| vec![Some(long(at / 2)), Some(format!("{}", at / 2))]).collect();
    let start = Instant::now();
    auto(&header(2), &texts);
    assert!(start.elapsed() < Duration::from_mins(1));
}
