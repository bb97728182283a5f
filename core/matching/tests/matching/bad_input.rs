//! Input that nobody wishes for: each is refused with a reason, or handled without drama.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use trommel_matching::{MatchOutput, explain, run};
use trommel_model::{
    BlockingKey, BlockingRule, Cancel, Code, Country, MatchSpec, Measure, Normaliser, Outcome, ProgressSlot, Survivor, SurvivorRule,
};

use crate::support::{compare, groups, key, lines, model, resolve, rule, table};

fn plain() -> MatchSpec {
    let mut spec = model(0.9);
    spec.blocking = vec![rule(&["name"])];
    spec.comparisons = vec![compare("name", Measure::JaroWinkler, 1.0)];
    spec
}

fn refused(spec: &MatchSpec, input: &RecordBatch, code: Code, words: &[&str]) {
    let problem = resolve(spec, std::slice::from_ref(input)).map(|o: MatchOutput| o.report).unwrap_err();
    let said = format!("{problem} {}", problem.next.clone().unwrap_or_default());
    assert_eq!(problem.code, code, "{said}");
    assert!(problem.next.is_some(), "{said}");
    for word in words {
        assert!(said.contains(word), "\"{word}\" is missing in: {said}");
    }
}

fn by_sql(sql: &str) -> BlockingKey {
    BlockingKey { sql: Some(sql.into()), ..BlockingKey::new("", &[]) }
}

fn country(code: &str) -> Country {
    Country::new(code).unwrap()
}

#[test]
fn columns_that_only_we_know_of_are_not_proposed() {
    let mut spec = plain();
    spec.blocking[0].keys[0].column = "quite other".into();
    let problem = resolve(&spec, &[table("id|name|_file|_line|_text|_trommel_key_1_1\n1|a|f|1|t|k")]).unwrap_err();
    assert_eq!(problem.next.as_deref(), Some("it has: id, name"));
}

/// Something done to a model that was right.
type Change = fn(&mut MatchSpec);

#[test]
fn models_that_do_not_fit_are_refused_with_the_place_and_the_nearest_name() {
    let input = table("id|name|city\n1|a|b");
    let cases: Vec<(Change, &[&str])> = vec![
        (|s| s.id = "idd".into(), &["clean.t has no column \"idd\"", "did you mean \"id\"?", "\"id\""]),
        (|s| s.source = Some("sauce".into()), &["sauce", "source", "it has: id, name, city"]),
        (|s| s.blocking[0].keys[0].column = "nam".into(), &["did you mean \"name\"?", "blocking[1].keys"]),
        (|s| s.comparisons[0].column = "cty".into(), &["did you mean \"city\"?", "comparisons[1]"]),
        (|s| s.recency = Some("naem".into()), &["recency"]),
        (|s| s.survivorship = vec![Survivor::by_rule("citi", SurvivorRule::Longest)], &["survivorship[1]", "city"]),
        (|s| s.threshold = 0.0, &["threshold", "0.85"]),
        (|s| s.threshold = 1.5, &["threshold 1.5"]),
        (|s| s.threshold = f64::NAN, &["threshold"]),
        (|s| s.blocking.clear(), &["blocking rule"]),
        (|s| s.blocking.push(BlockingRule { keys: Vec::new() }), &["blocking[2]", "every row"]),
        (|s| s.blocking[0].keys[0].prefix = Some(0), &["blocking[1]", "prefix"]),
        (|s| s.comparisons.clear(), &["comparison"]),
        (|s| s.comparisons[0].method = Measure::Date, &["tolerance", "comparisons[1]"]),
        (|s| s.default_rule = SurvivorRule::Newest, &["newest", "recency"]),
        (|s| s.default_rule = SurvivorRule::SourceOrder, &["source_order"]),
        (|s| s.max_block = 1, &["max_block"]),
        (|s| s.survivorship = vec![Survivor { column: "city".into(), rule: None, sql: None }], &["survivorship[1]", "rule or sql"]),
        (|s| s.blocking[0].keys[0] = by_sql("lower(name)"), &["lower(name)", "needs a workspace", "blocking[1].keys"]),
        (|s| s.comparisons[0].normalise = vec![Normaliser::E164(country("XX"))], &["\"XX\"", "comparisons[1]", "e164"]),
        (|s| s.blocking[0].keys[0].normalise = vec![Normaliser::E164(country("ZZ"))], &["\"ZZ\"", "blocking[1]"]),
    ];
    for (change, words) in cases {
        let mut spec = plain();
        change(&mut spec);
        refused(&spec, &input, Code::BadMatch, words);
    }
    let shares: [Change; 3] =
        [|s| s.comparisons[0].weight = 0.0, |s| s.comparisons[0].floor = 2.0, |s| s.comparisons[0].missing = Some(-1.0)];
    for change in shares {
        let mut spec = plain();
        change(&mut spec);
        assert_eq!(resolve(&spec, std::slice::from_ref(&input)).unwrap_err().code, Code::BadMatch);
    }
}

#[test]
fn a_row_without_id_is_named() {
    refused(&plain(), &table("id|name\n1|a\n|b"), Code::BadMatch, &["no id", "row 2", "quarantine"]);
}

#[test]
fn a_table_that_has_an_entity_id_is_refused() {
    refused(&plain(), &table("id|name|entity_id\n1|a|e"), Code::BadMatch, &["entity_id", "rename"]);
}

#[test]
fn an_empty_table_makes_empty_tables_with_columns() {
    let input = table("id|name|_line\n1|a|1").slice(0, 0);
    let output = resolve(&plain(), &[input]).unwrap();
    assert_eq!(lines(&output.golden), ["entity_id|entity_size|id|name"]);
    assert_eq!(lines(&output.crosswalk), ["source|id|entity_id"]);
    assert_eq!((output.report.rows, output.report.entities), (0, 0));
    assert!(resolve(&plain(), &[]).unwrap().golden.is_empty());
}

/// One column `name` with ids from 0.
fn names(names: impl Iterator<Item = Option<String>>) -> RecordBatch {
    let names: StringArray = names.collect();
    let ids = Int64Array::from_iter_values(0..arrow::array::Array::len(&names) as i64);
    RecordBatch::try_from_iter(vec![("id", Arc::new(ids) as ArrayRef), ("name", Arc::new(names))]).unwrap()
}

#[test]
fn all_rows_equal_are_one_entity() {
    let mut spec = plain();
    spec.max_block = 100;
    let output = resolve(&spec, &[names((0..5_000).map(|_| Some("same".into())))]).unwrap();
    let r = &output.report;
    assert_eq!((r.entities, r.merged, r.largest_entity), (1, 4_999, 5_000));
    assert_eq!(r.oversize_blocks, [("name = same".to_owned(), 5_000)]);
    assert!(r.pairs_compared < 250_000, "{}", r.pairs_compared);
}

#[test]
fn all_rows_different_stay_apart() {
    let output = resolve(&plain(), &[names((0..1_000).map(|i| Some(format!("n{i}"))))]).unwrap();
    assert_eq!((output.report.entities, output.report.pairs_compared), (1_000, 0));
}

#[test]
fn missing_keys_block_nothing_and_blank_text_is_missing() {
    let blank = [None, Some(String::new()), Some("  ".into()), Some("\u{a0}\t".into())];
    let output = resolve(&plain(), &[names(blank.into_iter().cycle().take(100))]).unwrap();
    let r = &output.report;
    assert_eq!((r.entities, r.pairs_compared, r.rows_without_block), (100, 0, 100));
}

#[test]
fn two_hundred_columns_are_compared() {
    let header: Vec<String> = (0..200).map(|c| format!("c{c}")).collect();
    let row = |id: &str, value: &str| format!("{id}|{}", vec![value; 200].join("|"));
    let input = table(&format!("id|{}\n{}\n{}\n{}", header.join("|"), row("1", "abc"), row("2", "abd"), row("3", "abc")));
    let mut spec = plain();
    spec.blocking = header.iter().map(|c| BlockingRule { keys: vec![key(c, &[], Some(2))] }).collect();
    spec.comparisons = header.iter().map(|c| compare(c, Measure::Levenshtein, 1.0)).collect();
    let output = resolve(&spec, &[input]).unwrap();
    assert_eq!(groups(&output), [vec!["/1", "/3"], vec!["/2"]]);
    assert_eq!((output.report.pairs_per_rule.len(), output.report.pairs_compared), (200, 3));
}

#[test]
fn megabyte_texts_and_odd_letters_are_compared() {
    let long = "ab ".repeat(350_000);
    let chinese: String = (0..400).filter_map(|i| char::from_u32(0x4e00 + i)).collect();
    let texts = [long.clone(), long + "x", chinese.clone(), chinese + "也", "e\u{301}\u{202e}\0".into(), "\u{1f600}".into()];
    let mut spec = plain();
    spec.blocking = vec![BlockingRule { keys: vec![key("name", &[], Some(1))] }];
    spec.comparisons.push(compare("name", Measure::Levenshtein, 1.0));
    let start = Instant::now();
    let output = resolve(&spec, &[names(texts.into_iter().map(Some))]).unwrap();
    assert_eq!(groups(&output), [vec!["/0", "/1"], vec!["/2", "/3"], vec!["/4"], vec!["/5"]]);
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn normalised_values_decide() {
    let input = table("id|name|mail\n1|Müller-Lüdenscheidt|A+x@B.de\n2|MUELLER|a@b.de\n3|muller ludenscheidt|\n4|other|c@d.de");
    let mut spec = model(1.0);
    let name = [Normaliser::Lower, Normaliser::Ascii, Normaliser::Alphanumeric];
    spec.blocking =
        vec![BlockingRule { keys: vec![key("name", &name, None)] }, BlockingRule { keys: vec![key("mail", &[Normaliser::Email], None)] }];
    spec.comparisons = vec![compare("mail", Measure::Exact, 1.0), compare("name", Measure::Exact, 1.0)];
    spec.comparisons[0].normalise = vec![Normaliser::Email];
    spec.comparisons[1].normalise = name.to_vec();
    spec.threshold = 0.5;
    assert_eq!(groups(&resolve(&spec, std::slice::from_ref(&input)).unwrap()), [vec!["/1", "/2", "/3"], vec!["/4"]]);

    let why = explain(&spec, std::slice::from_ref(&input), (0, 2), 2, &Cancel::new(), &ProgressSlot::new()).unwrap();
    assert_eq!(why.score, 1.0);
    assert_eq!((why.parts[0].left.as_deref(), why.parts[0].similarity), (Some("a@b.de"), None));
    assert_eq!(why.parts[1].right.as_deref(), Some("muller ludenscheidt"));
    assert_eq!(explain(&spec, &[input], (0, 9), 2, &Cancel::new(), &ProgressSlot::new()).unwrap_err().code, Code::Usage);
}

/// Cancels a run of many seconds as soon as it says that it is `doing` something.
fn cancelled_while(doing: &str) -> (Outcome<MatchOutput>, Duration) {
    let input = [names((0..300_000_u32).map(|i| Some(format!("{:04x} {i}", i.wrapping_mul(2_654_435_761) >> 20))))];
    let mut spec = plain();
    spec.blocking = vec![BlockingRule { keys: vec![key("name", &[], Some(2))] }, BlockingRule { keys: vec![key("name", &[], Some(3))] }];
    spec.comparisons[0].method = Measure::Levenshtein;
    spec.max_block = 40_000;
    let (cancel, progress) = (Cancel::new(), ProgressSlot::new());
    thread::scope(|scope| {
        let worker = scope.spawn(|| (run(&spec, &input, 2, &cancel, &progress), Instant::now()));
        while !worker.is_finished() && !progress.latest().doing.starts_with(doing) {
            thread::yield_now();
        }
        let raised = Instant::now();
        cancel.raise();
        let (result, end) = worker.join().unwrap();
        (result, end.saturating_duration_since(raised))
    })
}

#[test]
fn a_cancel_is_heard_in_every_phase() {
    for doing in ["ordering", "reading", "blocking", "comparing"] {
        let (result, took) = cancelled_while(doing);
        assert_eq!(result.map(|o| o.report).unwrap_err().code, Code::Interrupted, "{doing}");
        // 100 ms on an idle machine (measured by match_scale); tests share theirs with others.
        assert!(took < Duration::from_secs(2), "{doing}: {took:?}");
    }
}
