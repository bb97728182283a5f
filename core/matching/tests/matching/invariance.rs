//! What must not change the result: the order of rows, how they are parted into batches, the number of threads.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, UInt32Array};
use arrow::compute::take_record_batch;
use proptest::prelude::*;
use trommel_matching::run;
use trommel_model::{Cancel, MatchSpec, Measure, ProgressSlot, Survivor, SurvivorRule};

use crate::support::{compare, groups, lines, model, resolve, rule};

/// (id, source, name, price): few distinct values, so that there are equal ids, equal rows and large blocks.
type Row = (i64, Option<u8>, Option<String>, Option<i8>);

fn batch(rows: &[Row]) -> RecordBatch {
    let columns: Vec<(&str, ArrayRef, bool)> = vec![
        ("id", Arc::new(rows.iter().map(|r| Some(r.0)).collect::<Int64Array>()), true),
        ("source", Arc::new(rows.iter().map(|r| r.1.map(|s| format!("s{s}"))).collect::<StringArray>()), true),
        ("name", Arc::new(rows.iter().map(|r| r.2.clone()).collect::<StringArray>()), true),
        ("price", Arc::new(rows.iter().map(|r| r.3.map(f64::from)).collect::<Float64Array>()), true),
        ("_line", Arc::new((0..rows.len() as i64).map(Some).collect::<Int64Array>()), true),
    ];
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn spec(variant: u8) -> MatchSpec {
    let mut spec = model(0.8);
    spec.source = Some("source".into());
    spec.blocking = vec![rule(&["name"]), rule(&["source"]), rule(&["price"])];
    spec.comparisons = vec![compare("name", Measure::JaroWinkler, 2.0), compare("price", Measure::Number, 1.0)];
    if variant.is_multiple_of(3) {
        spec.comparisons.truncate(1);
    }
    spec.max_block = [3, 5, 5_000][usize::from(variant) % 3];
    spec.recency = Some("price".into());
    spec.source_order = vec!["s2".into(), "s1".into()];
    let rules = [SurvivorRule::Newest, SurvivorRule::Longest, SurvivorRule::MostFrequent, SurvivorRule::SourceOrder, SurvivorRule::NonNull];
    spec.default_rule = rules[usize::from(variant) % 5];
    spec.survivorship = vec![Survivor::by_rule("name", rules[usize::from(variant / 5) % 5])];
    spec
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn order_batches_and_threads_do_not_matter(
        rows in prop::collection::vec((0_i64..30, prop::option::of(0_u8..3), prop::option::of("[a-c]{1,4}"), prop::option::of(0_i8..9)), 1..60),
        variant: u8,
        keys in prop::collection::vec(any::<u32>(), 60),
        cut in 1_usize..20,
        threads in 1_usize..4,
    ) {
        let spec = spec(variant);
        let whole = batch(&rows);
        let expected = resolve(&spec, std::slice::from_ref(&whole)).unwrap();

        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        order.sort_by_key(|&row| keys[row as usize]);
        let shuffled = take_record_batch(&whole, &UInt32Array::from(order)).unwrap();
        let parts: Vec<RecordBatch> =
            (0..rows.len()).step_by(cut).map(|from| shuffled.slice(from, cut.min(rows.len() - from))).collect();
        let found = run(&spec, &parts, threads, &Cancel::new(), &ProgressSlot::new()).unwrap();

        prop_assert_eq!(lines(&found.golden), lines(&expected.golden));
        prop_assert_eq!(lines(&found.crosswalk), lines(&expected.crosswalk));
        prop_assert_eq!(found.report, expected.report);
    }

    #[test]
    fn golden_records_of_golden_records_are_the_same(
        rows in prop::collection::vec((0_i64..500, prop::option::of(0_u8..3), prop::option::of("[a-c]{1,3}"), prop::option::of(0_i8..3)), 1..40),
    ) {
        // Rows that are equal in all that is compared and blocked by are one; then nothing is left to merge.
        let mut spec = model(1.0);
        spec.source = Some("source".into());
        spec.blocking = vec![rule(&["name"])];
        spec.comparisons = vec![compare("name", Measure::Exact, 1.0)];
        let once = resolve(&spec, &[batch(&rows)]).unwrap();
        let input: Vec<RecordBatch> = once.golden.iter().map(|b| b.project(&[2, 3, 4, 5]).unwrap()).collect();
        let twice = resolve(&spec, &input).unwrap();
        prop_assert_eq!(twice.report.merged, 0);
        prop_assert_eq!(twice.report.rows, once.report.entities);
        prop_assert_eq!(lines(&twice.golden).len(), lines(&once.golden).len());
    }
}

#[test]
fn rows_of_one_source_and_id_are_one_entity_whatever_they_say() {
    let rows: Vec<Row> = vec![
        (1, Some(1), Some("abc".into()), Some(1)),
        (1, Some(1), Some("xyz".into()), None),
        (1, Some(2), Some("other".into()), None),
        (1, None, Some("alone".into()), None),
    ];
    let output = resolve(&spec(2), &[batch(&rows)]).unwrap();
    assert_eq!(groups(&output), [["/1"], ["s1/1"], ["s2/1"]]);
    let r = &output.report;
    assert_eq!((r.rows, r.entities, r.merged, r.repeated_ids, r.largest_entity), (4, 3, 1, 1, 2));
}

#[test]
fn an_oversize_block_is_split_reported_and_still_finds_what_is_alike() {
    // 3,000 people in two blocks of a rule that tells little; each has a twin with one letter changed.
    let rows: Vec<Row> = (0..3_000_i64)
        .map(|i| {
            let person = (i / 2) as u32;
            let letters: String = (0..6).map(|k| char::from(b'a' + (person.wrapping_mul(2_654_435_761) >> (5 * k) & 15) as u8)).collect();
            (
                i,
                Some(if person.is_multiple_of(5) { 2 } else { 1 }),
                Some(if i % 2 == 1 { letters + "z" } else { letters }),
                Some((person % 100) as i8),
            )
        })
        .collect();
    let mut spec = model(0.95);
    spec.source = Some("source".into());
    spec.blocking = vec![rule(&["source"]), rule(&["name"])];
    spec.comparisons = vec![compare("name", Measure::JaroWinkler, 2.0), compare("price", Measure::Number, 1.0)];
    spec.max_block = 200;
    let output = resolve(&spec, &[batch(&rows)]).unwrap();
    let r = &output.report;
    assert_eq!(r.oversize_blocks, [("source = s1".to_owned(), 2_400), ("source = s2".to_owned(), 600)]);
    assert_eq!(r.pairs_per_rule[0], 2_400 * 2_399 / 2 + 600 * 599 / 2);
    assert!(r.pairs_compared <= 2 * 3_000 * 20, "{} pairs", r.pairs_compared);
    let twins = groups(&output).iter().filter(|g| g.len() == 2).count();
    assert!(twins > 1_450, "{twins} of 1500 twins found");
}
