//! Two tables with a known difference, and what their profiles say of it; distances against those of the rows themselves.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use proptest::prelude::*;
use trommel_model::{Cancel, ChangeWeight, ColumnChange, Profile, ProfileLevel, ProgressSlot};

use super::changes;
use crate::profile::tests::engine;
use crate::{Profiler, profile};

/// What is different about `x` between two SELECTs.
fn between(before: &str, after: &str) -> Vec<ColumnChange> {
    let engine = engine();
    let of = |sql: &str| profile(&engine, "it", sql, ProfileLevel::Full, &Cancel::new(), &ProgressSlot::new()).unwrap();
    changes(&of(before), &of(after))
}

fn said(change: &ColumnChange) -> String {
    format!("{} {}: {}", change.name, change.weight.name(), change.remarks.join("; "))
}

#[test]
fn what_happens_to_a_column_is_said() {
    let city = |rows: u32, cities: &str| format!("SELECT [{cities}][1 + (i % len([{cities}]))] AS x FROM range({rows}) t(i)");
    for (before, after, expected) in [
        ("SELECT i % 7 AS x FROM range(1000) t(i)", "SELECT i % 7 AS x FROM range(3000) t(i)", "x same: "),
        (
            "SELECT i AS x FROM range(1000) t(i)",
            "SELECT if(i % 5 = 0, NULL, i) AS x FROM range(1000) t(i)",
            "x marked: 20.0 % of the rows have no value, 0.0 % had none",
        ),
        (
            &city(1_000, "'Ulm', 'Bonn'"),
            &city(1_000, "'Ulm', 'Bonn', 'Köln', 'Ulm'"),
            "x marked: new values in 25.0 % of the rows: \"Köln\" (250); spread otherwise: PSI 2.13",
        ),
        (
            &city(1_000, "'a', 'b', 'c'"),
            &city(1_000, "'a', 'b'"),
            "x marked: spread otherwise: PSI 2.83; values that are gone: \"c\" (333)",
        ),
        ("SELECT i AS x FROM range(100) t(i)", "SELECT i::VARCHAR AS x FROM range(100) t(i)", "x marked: is text, was integer"),
        ("SELECT i AS x FROM range(100) t(i)", "SELECT i::DOUBLE AS x FROM range(100) t(i)", "x slight: is float, was integer"),
        (
            "SELECT i AS x FROM range(100) t(i)",
            "SELECT i // 2 AS x FROM range(100) t(i)",
            "x marked: values stand several times, each stood once; spread otherwise: PSI 3.80, KS 0.51; mean 24.5, was 49.5",
        ),
        // Keys count up and days go on: neither is a fault.
        ("SELECT i AS x FROM range(1000) t(i)", "SELECT i + 1000 AS x FROM range(1000) t(i)", "x same: "),
        (
            "SELECT DATE '2024-01-01' + (i % 28)::INT AS x FROM range(1000) t(i)",
            "SELECT DATE '2024-02-01' + (i % 28)::INT AS x FROM range(1000) t(i)",
            "x slight: spread otherwise: PSI 8.70, KS 1.00; 2024-02-01 to 2024-02-28, was 2024-01-01 to 2024-01-28",
        ),
        ("SELECT NULL::INT AS x FROM range(10)", "SELECT NULL::INT AS x FROM range(20)", "x same: "),
        (
            "SELECT 1 AS x FROM range(30)",
            "SELECT NULL::INT AS x FROM range(30)",
            "x marked: 100.0 % of the rows have no value, 0.0 % had none; no row has a value any more",
        ),
        ("SELECT 1 AS x WHERE false", "SELECT 1 AS x FROM range(30)", "x same: "),
    ] {
        assert_eq!(said(&between(before, after)[0]), expected, "{before} → {after}");
    }
}

#[test]
fn columns_that_changed_most_come_first_and_those_that_came_or_went_are_told() {
    let found = between(
        "SELECT i % 10 AS calm, i % 10 AS moved, 1 AS gone FROM range(1000) t(i)",
        "SELECT i % 10 AS calm, i % 3 AS moved, 'x' AS came FROM range(1000) t(i)",
    );
    let lines: Vec<String> = found.iter().map(|c| format!("{} {}", c.name, c.weight.name())).collect();
    assert_eq!(lines, ["moved marked", "gone marked", "came slight", "calm same"]);
}

fn profile_of(values: &[f64]) -> Profile {
    let profiler = Profiler::new(ProfileLevel::Full);
    let column: ArrayRef = Arc::new(Float64Array::from(values.to_vec()));
    profiler.batch(0, &RecordBatch::try_from_iter([("x", column)]).unwrap()).unwrap();
    profiler.end_part(0).unwrap();
    profiler.finish("it").unwrap()
}

/// KS by its definition.
fn true_ks(a: &[f64], b: &[f64]) -> f64 {
    let share = |of: &[f64], x: f64| of.iter().filter(|v| **v <= x).count() as f64 / of.len() as f64;
    a.iter().chain(b).map(|x| (share(a, *x) - share(b, *x)).abs()).fold(0.0, f64::max)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Percentiles lose at most two hundredths of the distance.
    #[test]
    fn the_distance_is_that_of_the_rows(
        a in proptest::collection::vec(-50.0..50.0_f64, 150..600),
        b in proptest::collection::vec(-50.0..50.0_f64, 150..600),
        shift in 0.0..60.0_f64,
        whole in any::<bool>(),
    ) {
        let round = |v: f64| if whole { v.round() } else { v };
        let a: Vec<f64> = a.into_iter().map(round).collect();
        let b: Vec<f64> = b.into_iter().map(|v| round(v + shift)).collect();
        let found = changes(&profile_of(&a), &profile_of(&b));
        let (ks, exact) = (found[0].ks.unwrap(), true_ks(&a, &b));
        prop_assert!((ks - exact).abs() <= 0.025, "{ks} {exact}");
    }

    /// Nothing is different from itself, and two samples of one thing differ by chance only.
    #[test]
    fn the_same_is_the_same(values in proptest::collection::vec("[a-d]{0,2}", 1..300)) {
        let profiler = Profiler::new(ProfileLevel::Full);
        let column: ArrayRef = Arc::new(StringArray::from(values));
        profiler.batch(0, &RecordBatch::try_from_iter([("x", column)]).unwrap()).unwrap();
        profiler.end_part(0).unwrap();
        let profile = profiler.finish("it").unwrap();
        let found = changes(&profile, &profile);
        prop_assert_eq!(found[0].weight, ChangeWeight::Same);
        prop_assert!(found[0].remarks.is_empty() && found[0].psi.unwrap_or(0.0).abs() < 1e-12);
    }
}

#[test]
fn samples_of_one_distribution_do_not_raise_an_alarm() {
    let mut alarms = 0;
    for seed in 0..200 {
        let draw = |salt: u64| {
            format!(
                "SELECT hash(i + {seed} * 1000003 + {salt}) % 1000 / 10.0 AS x, hash(i * 7 + {seed} + {salt}) % 12 AS y FROM range(300) t(i)"
            )
        };
        alarms += between(&draw(0), &draw(500_000_000)).iter().filter(|c| c.weight != ChangeWeight::Same).count();
    }
    assert!(alarms <= 6, "{alarms} alarms in 400 comparisons of like with like");
}
