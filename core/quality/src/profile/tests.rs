//! Profiles of every type and of the odd tables; against plain counting for random ones.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field};
use proptest::prelude::*;
use trommel_engine::{Access, Engine, Limits};
use trommel_model::{Cancel, Cell, Code, ColumnProfile, Count, PiiClass, Profile, ProfileLevel, ProgressSlot, RowOrder, SemanticType};

use super::{Profiler, profile};

pub(crate) fn engine() -> Engine {
    let limits = Limits { memory_bytes: 500 << 20, threads: 2, temp_dir: std::env::temp_dir().join("trommel-quality-tests") };
    Engine::open(&limits, &Access::Locked(vec![])).unwrap()
}

fn of(engine: &Engine, sql: &str) -> Profile {
    profile(engine, "it", sql, ProfileLevel::Full, &Cancel::new(), &ProgressSlot::new()).unwrap()
}

/// A column's profile on one line.
fn line(c: &ColumnProfile) -> String {
    let distinct = match c.distinct {
        Count::Exact(n) => n.to_string(),
        Count::About(n) => format!("~{n}"),
    };
    let number = |v: Option<f64>| match v {
        None => "-".to_owned(),
        Some(v) if v.abs() > 1e15 => format!("{v:.2e}"),
        Some(v) => format!("{v:.2}"),
    };
    let bins = if c.histogram.is_empty() { "-".to_owned() } else { format!("{}/{}", c.histogram.iter().sum::<u64>(), c.histogram.len()) };
    let cell = |v: &Cell| match v {
        Cell::Float(v) => format!("{v:e}"),
        other => other.to_string(),
    };
    let top: Vec<String> = c.top.iter().map(|(v, n)| format!("{}×{n}", cell(v))).collect();
    format!(
        "{} {} nulls {} distinct {distinct} from {} to {} mean {} sd {} bins {bins} top {}",
        c.name,
        c.data_type,
        c.nulls,
        cell(&c.min),
        cell(&c.max),
        number(c.mean),
        number(c.sd),
        top.join(" ")
    )
}

#[test]
fn every_type_is_profiled() {
    let engine = engine();
    let (mut all_found, mut all_expected) = (Vec::new(), Vec::new());
    for (values, expected) in [
        ("1, 2, 2, NULL", "integer nulls 1 distinct 2 from 1 to 2 mean 1.67 sd 0.58 bins 3/20 top 2×2 1×1"),
        ("1.50, 2.25, NULL, 2.25", "decimal(3,2) nulls 1 distinct 2 from 1.50 to 2.25 mean 2.00 sd 0.43 bins 3/20 top 2.25×2 1.50×1"),
        (
            "170141183460469231731687303715884105727::HUGEINT, -170141183460469231731687303715884105727",
            "huge integer nulls 0 distinct 2 from -170141183460469231731687303715884105727 to 170141183460469231731687303715884105727 \
             mean 0.00 sd 2.41e38 bins 2/20 \
             top -170141183460469231731687303715884105727×1 170141183460469231731687303715884105727×1",
        ),
        (
            "1e308::DOUBLE, -1e308, 0, 'nan', 'inf'",
            "float nulls 0 distinct 5 from -1e308 to 1e308 mean 0.00 sd - bins 3/20 top -1e308×1 0e0×1 1e308×1 inf×1 NaN×1",
        ),
        ("'b', 'a', '', NULL, 'a'", "text nulls 1 distinct 3 from  to b mean - sd - bins - top a×2 ×1 b×1"),
        ("true, false, true", "boolean nulls 0 distinct 2 from false to true mean - sd - bins - top true×2 false×1"),
        (
            "DATE '2024-01-31', DATE '2024-01-01', DATE '5000000-01-01'",
            "date nulls 0 distinct 3 from 2024-01-01 to 5000000-01-01 mean - sd - bins 3/20 top 2024-01-01×1 2024-01-31×1 5000000-01-01×1",
        ),
        (
            "TIMESTAMP '2024-01-01 10:00:00', NULL",
            "timestamp nulls 1 distinct 1 from 2024-01-01 10:00:00 to 2024-01-01 10:00:00 mean - sd - bins 1/1 top 2024-01-01 10:00:00×1",
        ),
        (
            "TIMESTAMPTZ '2024-01-01 10:00:00+02'",
            "timestamp with zone nulls 0 distinct 1 from 2024-01-01 08:00:00+00 to 2024-01-01 08:00:00+00 mean - sd - bins 1/1 top 2024-01-01 08:00:00+00×1",
        ),
        (
            "TIME '10:00:00', TIME '09:00:00'",
            "time nulls 0 distinct 2 from 09:00:00 to 10:00:00 mean - sd - bins - top 09:00:00×1 10:00:00×1",
        ),
        ("INTERVAL 1 DAY, INTERVAL 1 MONTH", "interval nulls 0 distinct 2 from null to null mean - sd - bins - top 1 day×1 1 month×1"),
        ("'\\xAA'::BLOB, '\\xAA'::BLOB", "binary nulls 0 distinct 1 from null to null mean - sd - bins - top \\xaa×2"),
        (
            "'6f1c3e1a-0000-0000-0000-000000000001'::UUID",
            "uuid nulls 0 distinct 1 from 6f1c3e1a-0000-0000-0000-000000000001 to 6f1c3e1a-0000-0000-0000-000000000001 mean - sd - bins - top 6f1c3e1a-0000-0000-0000-000000000001×1",
        ),
        ("[1, 2], [1, 2], NULL, []", "list of integer nulls 1 distinct 2 from null to null mean - sd - bins - top [1,2]×2 []×1"),
        ("{'a': 1}, {'a': NULL}", "struct(a) nulls 0 distinct 2 from null to null mean - sd - bins - top {\"a\":1}×1 {\"a\":null}×1"),
        ("MAP {'k': 1}", "list of struct(key, value) nulls 0 distinct 1 from null to null mean - sd - bins - top {\"k\":1}×1"),
        ("'{\"a\": 1}'::JSON", "json nulls 0 distinct 1 from null to null mean - sd - bins - top {\"a\": 1}×1"),
        ("NULL, NULL", "integer nulls 2 distinct 0 from null to null mean - sd - bins - top "),
        ("7, 7", "integer nulls 0 distinct 1 from 7 to 7 mean 7.00 sd 0.00 bins 2/1 top 7×2"),
        ("7", "integer nulls 0 distinct 1 from 7 to 7 mean 7.00 sd - bins 1/1 top 7×1"),
    ] {
        let rows: Vec<String> = split(values).into_iter().map(|v| format!("({v})")).collect();
        let found = of(&engine, &format!("SELECT * FROM (VALUES {}) t(x)", rows.join(", ")));
        all_found.push(line(&found.columns[0]));
        all_expected.push(format!("x {expected}"));
    }
    assert_eq!(all_found, all_expected);
}

/// Values at the commas outside of brackets and quotes.
fn split(values: &str) -> Vec<String> {
    let (mut depth, mut quoted) = (0, false);
    let mut parts = vec![String::new()];
    for c in values.chars() {
        match c {
            '\'' => quoted = !quoted,
            '[' | '{' if !quoted => depth += 1,
            ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(c);
    }
    parts
}

#[test]
fn odd_tables_are_profiled() {
    let engine = engine();
    let none = of(&engine, "SELECT 1 AS a, 'x' AS b, [1] AS c WHERE false; -- nothing");
    assert_eq!(none.rows, 0);
    assert_eq!(line(&none.columns[1]), "b text nulls 0 distinct 0 from null to null mean - sd - bins - top ");
    let twins = of(&engine, "SELECT 1 AS a, 2 AS a, 3 AS \"A\", 4 AS \"quoted \"\" name\"");
    assert_eq!(twins.columns.iter().map(|c| c.min.clone()).collect::<Vec<_>>(), [1, 2, 3, 4].map(Cell::Integer));
    let wide = of(&engine, &format!("SELECT {}", (0..200).map(|i| format!("{i} AS c{i}")).collect::<Vec<_>>().join(", ")));
    assert_eq!(wide.columns.len(), 200);
    assert!(wide.columns.iter().enumerate().all(|(i, c)| c.max == Cell::Integer(i as i64)));
    let bad = profile(&engine, "it", "SELECT x FROM nowhere", ProfileLevel::Full, &Cancel::new(), &ProgressSlot::new()).unwrap_err();
    assert_eq!(bad.code, Code::BadSql);
}

#[test]
fn values_that_are_not_finite_are_told_and_long_texts_are_cut() {
    let engine = engine();
    let found = of(&engine, "SELECT unnest(['nan', 'inf', '1', '3']::DOUBLE[]) AS x");
    assert_eq!(found.notes, ["x: 2 values are not finite; least, greatest, mean, deviation and histogram leave them out"]);
    assert_eq!((found.columns[0].mean, found.columns[0].nulls), (Some(2.0), 0));
    let dates = of(&engine, "SELECT unnest(['infinity', '-infinity', '2024-01-01', '2024-01-03']::DATE[]) AS x");
    assert_eq!(dates.notes, found.notes);
    let x = &dates.columns[0];
    assert_eq!((x.min.text().as_str(), x.max.text().as_str(), x.histogram.iter().sum::<u64>()), ("2024-01-01", "2024-01-03", 2));
    let long = of(&engine, "SELECT repeat('é', 5000) || i AS x FROM range(3) t(i), range(2)");
    assert_eq!(long.columns[0].distinct, Count::Exact(3));
    assert!(long.columns[0].top.iter().all(|(v, n)| *n == 2 && v.text().chars().count() == 501));
    assert_eq!(long.columns[0].min.text().chars().count(), 501);
    let text = long.columns[0].text.clone().unwrap();
    assert_eq!((text.shortest, text.longest, text.lower, long.columns[0].order), (5_001, 5_001, 6, None));
    // The same when there are many values, and when the long one comes first or last.
    for at in [0, 19_999] {
        let many = of(&engine, &format!("SELECT CASE WHEN i = {at} THEN repeat('x', 3000) ELSE 'v' || i END AS x FROM range(20000) t(i)"));
        let text = many.columns[0].text.clone().unwrap();
        assert_eq!((text.shortest, text.longest, text.lower), (2, 3_000, 20_000));
    }
}

#[test]
fn few_values_are_counted_and_many_are_estimated_within_the_error_told() {
    let engine = engine();
    let sql = |rows: u64| {
        format!(
            "SELECT i AS id, CASE WHEN i % 100 = 0 THEN 'often' WHEN i % 100 < 3 THEN 'more often' ELSE 'id ' || i END AS name FROM range({rows}) t(i)"
        )
    };
    let small = of(&engine, &sql(8_000));
    assert_eq!((small.columns[0].distinct, small.columns[0].estimates, small.columns[0].unique), (Count::Exact(8_000), None, true));
    assert_eq!(small.columns[0].top.first(), Some(&(Cell::Integer(0), 1)));
    assert_eq!(small.columns[1].distinct, Count::Exact(7_762));
    assert_eq!(small.columns[1].top[..2], [(Cell::Text("more often".into()), 160), (Cell::Text("often".into()), 80)]);
    for level in [ProfileLevel::Full, ProfileLevel::Summary] {
        let large = profile(&engine, "it", &sql(1_200_000), level, &Cancel::new(), &ProgressSlot::new()).unwrap();
        let (id, name) = (&large.columns[0], &large.columns[1]);
        let error = id.estimates.unwrap();
        assert!(matches!(id.distinct, Count::About(n) if (n as f64 / 1.2e6 - 1.0).abs() <= 3.0 * error.distinct), "{:?}", id.distinct);
        assert_eq!((&id.min, &id.max, id.order), (&Cell::Integer(0), &Cell::Integer(1_199_999), Some(RowOrder::StrictlyAscending)));
        assert!((id.mean.unwrap() - 599_999.5).abs() < 1e-6);
        for quantile in &id.quantiles {
            let off = (quantile.value.number().unwrap() - quantile.share * 1_199_999.0).abs();
            assert!(off <= error.quantiles * 1.2e6, "{quantile:?}");
        }
        assert_eq!(id.top, []);
        let error = name.estimates.unwrap();
        for (at, (value, rows)) in [("more often", 24_000_u64), ("often", 12_000)].into_iter().enumerate() {
            assert_eq!(name.top[at].0, Cell::Text(value.into()));
            assert!(name.top[at].1.abs_diff(rows) <= error.top, "{:?} {}", name.top[at], error.top);
        }
    }
}

#[test]
fn texts_are_described_and_understood() {
    let engine = engine();
    let sql = "SELECT 'user' || i || '@example.org' AS mail, CASE i % 4 WHEN 0 THEN 'AB-' || (1000 + i) ELSE 'CD-' || (2000 + i) END AS code, \
               CASE WHEN i % 10 = 0 THEN 'N/A' WHEN i % 10 = 1 THEN ' x' ELSE 'y' END AS odd, i % 2 = 0 AS flag, \
               DATE '1900-01-01' AS day FROM range(1000) t(i)";
    let found = of(&engine, sql);
    let of = |name: &str| found.columns.iter().find(|c| c.name == name).unwrap();
    let meaning = &of("mail").meaning;
    assert_eq!((meaning.kind, meaning.pii.map(|p| p.class)), (Some(SemanticType::Email), Some(PiiClass::Email)));
    assert_eq!(of("code").text.as_ref().unwrap().patterns, [("AA-9999".to_owned(), 1.0)]);
    let odd = of("odd").text.clone().unwrap();
    assert_eq!((odd.null_words, odd.padded, odd.shortest, odd.longest), (100, 100, 1, 3));
    assert_eq!(of("flag").meaning.kind, Some(SemanticType::Boolean));
    assert_eq!(of("day").suspicious, [(Cell::Text("1900-01-01".into()), 1_000)]);
    assert_eq!(of("day").order, Some(RowOrder::Constant));
}

/// Everything but the text of the profile, to compare runs by.
fn told(profile: &Profile) -> String {
    profile.columns.iter().map(|c| format!("{c:?}\n")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn the_cut_of_batches_and_the_threads_do_not_matter(cuts in prop::collection::vec(1..9_000_usize, 1..6), threads in 1..4_usize, seed in 0..1_000_i64) {
        let rows = 24_000;
        let value = |i: i64| (i * (7_919 + seed)) % 20_011;
        let columns: [(&str, ArrayRef); 3] = [
            ("i", Arc::new((0..rows).map(|i| (i % 50 > 0).then(|| value(i))).collect::<Int64Array>())),
            ("f", Arc::new(Float64Array::from_iter_values((0..rows).map(|i| value(i) as f64 / 3.0)))),
            ("t", Arc::new(StringArray::from_iter_values((0..rows).map(|i| format!("v{}", value(i) / (1 + i % 3)))))),
        ];
        let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(n, a)| (n, a, true))).unwrap();
        let whole = Profiler::new(ProfileLevel::Full);
        whole.batch(0, &batch).unwrap();
        whole.end_part(0).unwrap();
        let cut = Profiler::new(ProfileLevel::Full);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let (mut at, mut next) = (0, cuts.iter().cycle());
            while at < batch.num_rows() {
                let rows = (*next.next().unwrap()).min(batch.num_rows() - at);
                cut.batch(0, &batch.slice(at, rows)).unwrap();
                at += rows;
            }
            cut.end_part(0).unwrap();
        });
        prop_assert_eq!(told(&whole.finish("it").unwrap()), told(&cut.finish("it").unwrap()));
    }

    #[test]
    fn parts_in_any_order_of_arrival_are_joined_in_order(order in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle(), at_once in any::<bool>()) {
        let part = |p: usize| {
            let values = (0..4_000).map(|i| (p as i64 * 4_000 + i) * 31 % 9_973);
            let texts = (0..4_000).map(|i| format!("t{}", (p * 4_000 + i) % 17));
            // Many different values within a batch of the first part, and of each other one.
            let many = (0..12_000).map(|i| ((p as i64 * 12_000 + i) * 7_919 % 50_021) as f64 / 7.0);
            let words = (0..12_000).map(|i| format!("w{}", (p * 12_000 + i) * 31 % 40_009));
            let columns: [(&str, ArrayRef); 4] = [
                ("i", Arc::new(values.flat_map(|v| [Some(v), None, None]).collect::<Int64Array>())),
                ("t", Arc::new(texts.flat_map(|t| [Some(t), None, None]).collect::<StringArray>())),
                ("m", Arc::new(Float64Array::from_iter_values(many))),
                ("w", Arc::new(StringArray::from_iter_values(words.enumerate().map(|(at, w)| format!("{}{w}", at % 3))))),
            ];
            RecordBatch::try_from_iter_with_nullable(columns.map(|(n, a)| (n, a, true))).unwrap()
        };
        let joined = |order: &[usize]| {
            let profiler = Profiler::new(ProfileLevel::Full);
            for p in order {
                profiler.batch(*p, &part(*p).slice(0, 10_000)).unwrap();
                if at_once {
                    profiler.batch(*p, &part(*p).slice(10_000, 2_000)).unwrap();
                    profiler.end_part(*p).unwrap();
                }
            }
            for p in order.iter().filter(|_| !at_once) {
                profiler.batch(*p, &part(*p).slice(10_000, 2_000)).unwrap();
                profiler.end_part(*p).unwrap();
            }
            profiler.finish("it").unwrap()
        };
        let found = joined(&order);
        prop_assert_eq!(told(&found), told(&joined(&[0, 1, 2, 3, 4, 5])));
        prop_assert_eq!(found.rows, 72_000);
        prop_assert_eq!(found.columns[1].distinct, Count::Exact(17));
        let Count::About(words) = found.columns[3].distinct else { panic!("{:?}", found.columns[3].distinct) };
        prop_assert!(words.abs_diff(72_000) < 2_200, "{words}");
    }
}

#[test]
fn bad_input_is_no_trouble() {
    let engine = engine();
    let columns: Vec<String> = (0..20_000).map(|i| format!("i + {i} AS c{i}")).collect();
    let schema = arrow::datatypes::Schema::new((0..20_000).map(|i| Field::new(format!("c{i}"), DataType::Int64, true)).collect::<Vec<_>>());
    let arrays: Vec<ArrayRef> = (0..20_000).map(|i| Arc::new(Int64Array::from_iter_values(i..i + 50)) as ArrayRef).collect();
    let wide = Profiler::new(ProfileLevel::Full);
    wide.batch(0, &RecordBatch::try_new(Arc::new(schema), arrays).unwrap()).unwrap();
    wide.end_part(0).unwrap();
    let wide = wide.finish("wide").unwrap();
    assert_eq!((wide.columns.len(), wide.columns[19_999].max.clone()), (columns.len(), Cell::Integer(20_048)));
    let cells = of(&engine, "SELECT repeat('ä', 5000000) || i AS big, '\\xFF\\x00'::BLOB AS bytes, chr(7) || i AS bell FROM range(3) t(i)");
    let big = &cells.columns[0];
    assert_eq!((big.distinct, big.text.as_ref().unwrap().longest, big.top[0].0.text().chars().count()), (Count::Exact(3), 5_000_001, 501));
    assert_eq!(cells.columns[2].text.as_ref().unwrap().control, 3);
    let odd = of(&engine, "SELECT unnest(['nan', 'inf', '-inf', 'nan']::DOUBLE[]) AS x");
    assert_eq!((odd.columns[0].not_finite, odd.columns[0].mean, odd.columns[0].min.clone()), (4, None, Cell::Null));
    let none = of(&engine, "SELECT NULL::DOUBLE AS x, NULL::VARCHAR AS t FROM range(5)");
    assert_eq!((none.columns[0].nulls, none.columns[1].meaning.kind), (5, None));
}

#[test]
fn a_cancelled_profile_says_so() {
    let cancel = Cancel::new();
    cancel.raise();
    let stopped = profile(&engine(), "it", "SELECT range AS i FROM range(1000000)", ProfileLevel::Full, &cancel, &ProgressSlot::new());
    assert_eq!(stopped.unwrap_err().code, Code::Interrupted);
}

#[test]
fn first_figures_come_while_the_rest_streams_in_and_change_nothing() {
    let profiler = Profiler::new(ProfileLevel::Full);
    let batch = |values: Vec<i64>| RecordBatch::try_from_iter([("i", Arc::new(Int64Array::from(values)) as ArrayRef)]).unwrap();
    assert!(profiler.so_far("it", 0).is_none());
    profiler.batch(1, &batch(vec![7, 8])).unwrap();
    profiler.batch(0, &batch(vec![1, 1, 2])).unwrap();
    let seen = |part: usize| {
        let profile = profiler.so_far("it", part).unwrap();
        (profile.rows, profile.columns[0].max.clone(), profile.columns[0].top.first().cloned())
    };
    assert_eq!(seen(0), (3, Cell::Integer(2), Some((Cell::Integer(1), 2))));
    assert!(profiler.so_far("it", 1).is_none(), "later parts wait for the first rows");
    profiler.end_part(0).unwrap();
    assert_eq!(seen(1).0, 3, "what is joined is told first");
    profiler.end_part(1).unwrap();
    let whole = profiler.finish("it").unwrap();
    assert_eq!((whole.rows, whole.columns[0].max.clone()), (5, Cell::Integer(8)));

    let rows = std::sync::Mutex::new(Vec::new());
    let tell = |profile: Profile| rows.lock().unwrap().push(profile.rows);
    let (sql, cancel, slot) = ("SELECT i, hash(i) AS h FROM range(6000000) t(i)", Cancel::new(), ProgressSlot::new());
    let told = super::profile_telling(&engine(), "it", sql, ProfileLevel::Full, &cancel, &slot, &tell).unwrap();
    assert_eq!(told, of(&engine(), sql));
    let rows = rows.into_inner().unwrap();
    assert!(rows.first().is_some_and(|n| *n < 6_000_000) && rows.is_sorted(), "{rows:?}");
}

#[test]
fn progress_ends_at_its_total() {
    let slot = ProgressSlot::new();
    profile(&engine(), "orders", "SELECT i, i % 7 AS k FROM range(50000) t(i)", ProfileLevel::Full, &Cancel::new(), &slot).unwrap();
    let last = slot.latest();
    assert_eq!((last.doing.as_str(), last.rows, last.rows_total), ("profiling orders", 50_000, 50_000));
}

/// The same by counting one by one.
fn counted<T: Clone + Ord>(values: &[Option<T>]) -> (u64, u64, BTreeMap<T, u64>) {
    let mut by_value = BTreeMap::new();
    for value in values.iter().flatten() {
        *by_value.entry(value.clone()).or_insert(0) += 1;
    }
    (values.iter().filter(|v| v.is_none()).count() as u64, by_value.len() as u64, by_value)
}

fn top<T: Clone + Ord>(by_value: &BTreeMap<T, u64>, cell: impl Fn(T) -> Cell) -> Vec<(Cell, u64)> {
    let mut all: Vec<(T, u64)> = by_value.iter().map(|(v, n)| (v.clone(), *n)).collect();
    all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    all.into_iter().take(10).map(|(v, n)| (cell(v), n)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn random_tables_are_as_counted_one_by_one(
        rows in prop::collection::vec((prop::option::of(-5_i64..40), prop::option::of("[a-cé]{0,2}"), prop::option::of(-1e6..1e6_f64)), 1..200),
    ) {
        static ENGINE: LazyLock<Engine> = LazyLock::new(engine);
        let engine = &*ENGINE;
        let (ints, texts, floats): (Vec<_>, Vec<_>, Vec<_>) = rows.iter().cloned().fold(Default::default(), |(mut a, mut b, mut c), (i, t, f)| {
            a.push(i);
            b.push(t);
            c.push(f);
            (a, b, c)
        });
        let columns: [(&str, ArrayRef); 3] = [
            ("i", Arc::new(Int64Array::from(ints.clone()))),
            ("t", Arc::new(StringArray::from(texts.clone()))),
            ("f", Arc::new(Float64Array::from(floats.clone()))),
        ];
        engine.put("random", vec![RecordBatch::try_from_iter_with_nullable(columns.map(|(n, a)| (n, a, true))).unwrap()]).unwrap();
        let found = of(engine, "SELECT * FROM random");
        prop_assert_eq!(found.rows, rows.len() as u64);
        let (nulls, distinct, by_value) = counted(&ints);
        let i = &found.columns[0];
        prop_assert_eq!((i.nulls, i.distinct), (nulls, Count::Exact(distinct)));
        prop_assert_eq!(&i.top, &top(&by_value, Cell::Integer));
        prop_assert_eq!(i.min.clone(), by_value.keys().next().map_or(Cell::Null, |v| Cell::Integer(*v)));
        prop_assert_eq!(i.histogram.iter().sum::<u64>(), rows.len() as u64 - nulls);
        let (nulls, distinct, by_value) = counted(&texts);
        let t = &found.columns[1];
        prop_assert_eq!((t.nulls, t.distinct), (nulls, Count::Exact(distinct)));
        prop_assert_eq!(&t.top, &top(&by_value, Cell::Text));
        let known: Vec<f64> = floats.iter().flatten().copied().collect();
        let f = &found.columns[2];
        if known.len() > 1 {
            let n = known.len() as f64;
            let mean = known.iter().sum::<f64>() / n;
            let sd = (known.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
            prop_assert!((f.mean.unwrap() - mean).abs() <= 1e-6 && (f.sd.unwrap() - sd).abs() <= 1e-6 * sd.max(1.0));
            let (low, high) = known.iter().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
            if high > low {
                let mut bins = vec![0_u64; 20];
                for v in &known {
                    bins[(((v / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0) * 20.0).floor() as usize).min(19)] += 1;
                }
                prop_assert_eq!(&f.histogram, &bins);
            }
        }
    }
}
