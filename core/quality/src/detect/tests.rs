//! Findings in made tables: each rule finds what was broken, and nothing in what was not.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use trommel_model::{Cancel, Finding};

use super::{Coded, detect};

fn found(columns: &[(&str, Vec<String>)]) -> Vec<Finding> {
    let arrays = columns.iter().map(|(name, values)| {
        let array: ArrayRef = Arc::new(values.iter().map(|v| (!v.is_empty()).then_some(v)).collect::<StringArray>());
        (*name, array)
    });
    let batch = RecordBatch::try_from_iter_with_nullable(arrays.map(|(n, a)| (n, a, true))).unwrap();
    let mut table = Coded::new(columns.iter().map(|(name, _)| *name));
    table.absorb(&batch);
    detect(&table, &Cancel::new()).unwrap().cells
}

fn told(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|f| format!("{} {} {} {}", f.row, f.column, f.rule, f.suggestion.as_deref().unwrap_or("-"))).collect()
}

const ROWS: usize = 400;

fn of(value: impl Fn(usize) -> String) -> Vec<String> {
    (0..ROWS).map(value).collect()
}

#[test]
fn each_rule_finds_what_is_broken() {
    let kinds = ["acute care", "long term care", "rehabilitation"];
    let broken =
        |at: usize, bad: &'static str, good: &'static dyn Fn(usize) -> String| of(move |i| if i == at { bad.to_owned() } else { good(i) });
    for (name, values, expected) in [
        ("typo", of(|i| if i == 9 { "acuxe care".to_owned() } else { kinds[i % 3].to_owned() }), "10 x typo acute care"),
        ("pattern", broken(4, "x9%", &|i| format!("{}%", i % 90 + 10)), "5 x pattern -"),
        ("null_word", broken(4, "N/A", &|i| (i * 7 % 90).to_string()), "5 x null_word "),
        ("unit", of(|i| format!("0.0{}{}", i % 90 + 10, if i % 10 == 3 { "%" } else { "" })), "4 x unit 0.013"),
        ("format", broken(4, "ann at home", &|i| format!("p{i}@example.org")), "5 x format -"),
        ("variant", broken(4, "OSLO", &|i| ["Oslo", "Bergen"][i % 2].to_owned()), "5 x variant Oslo"),
        ("space", broken(4, "Oslo ", &|i| ["Oslo", "Bergen"][i % 2].to_owned()), "5 x space Oslo"),
        ("encoding", broken(4, "TromsÃ¸", &|i| ["Oslo", "Bergen"][i % 2].to_owned()), "5 x encoding -"),
        ("outlier", broken(4, "90000", &|i| (100 + i * 13 % 97).to_string()), "5 x outlier -"),
        ("missing", broken(4, "", &|i| ["Oslo", "Bergen"][i % 2].to_owned()), "5 x missing -"),
        ("duplicate", broken(4, "K1003", &|i| format!("K{}", 1_000 + i)), "4 x duplicate -"),
        ("day", broken(4, "2024/13/01", &|i| format!("2024-{:02}-{:02}", i % 12 + 1, i % 28 + 1)), "5 x format -"),
    ] {
        let findings = found(&[("x", values)]);
        assert_eq!(told(&findings).first().map(String::as_str), Some(expected), "{name}: {:?}", told(&findings));
    }
}

#[test]
fn clean_columns_have_no_findings() {
    let states = ["MO", "CO", "CA", "GA", "PA", "VA", "MA", "IA", "LA", "WA"];
    let styles = ["Pale Ale", "Dark Ale", "Pale Lager", "Dark Lager", "Strong Ale", "Strong Lager"];
    for (name, values) in [
        ("states", of(|i| states[i * i % 10].to_owned())),
        ("styles", of(|i| styles[i % 97 % 6].to_owned())),
        ("patients", of(|i| format!("{} patients", i * 31 % 113))),
        ("streets", of(|i| format!("{} {}", i * 31 % 113, ["Oak Ave", "Elm Rd", "Main St", "Hill Rd"][i % 4]))),
        ("numbers", of(|i| (i * i % 1_009).to_string())),
        ("names", of(|i| format!("{} {}", ["Anna", "Ole", "Per", "Kari"][i % 4], ["Berg", "Dahl", "Lund", "Vik", "Moe"][i / 4 % 5]))),
        ("all the same", of(|_| "x".to_owned())),
        ("nothing", of(|_| String::new())),
    ] {
        assert_eq!(told(&found(&[("x", values)])), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn contradictions_are_told_and_rules_of_their_own_are_not() {
    let hospital = |i: usize| i / 10;
    // All rows of one hospital have another state than its city usually has: that is no mistake.
    let state = |i: usize| {
        if i == 33 {
            "AX".to_owned()
        } else if hospital(i) == 5 {
            "GA".to_owned()
        } else {
            format!("S{}", hospital(i) / 10)
        }
    };
    let columns = [
        ("hospital", of(|i| format!("Hospital {}", hospital(i)))),
        ("phone", of(|i| if i == 12 { "5550199".to_owned() } else { format!("555{:04}", hospital(i) * 7) })),
        ("city", of(|i| format!("City {}", hospital(i) / 10))),
        ("state", of(state)),
    ];
    let findings = told(&found(&columns));
    assert_eq!(findings, ["13 phone dependency 5550007", "34 state dependency S0"]);
}

#[test]
fn a_value_that_ran_into_its_neighbour_is_told_in_both() {
    let states = ["CA", "MO", "WI"];
    let cities = ["San Diego", "Saint Louis", "Madison"];
    let lost = |i: usize| i % 50 == 7;
    let columns = [
        ("city", of(|i| if lost(i) { format!("{} {}", cities[i % 3], states[i % 3]) } else { cities[i % 3].to_owned() })),
        ("state", of(|i| if lost(i) { String::new() } else { states[i % 3].to_owned() })),
    ];
    let findings = found(&columns);
    let merged: Vec<String> = told(&findings).into_iter().filter(|f| f.contains("merged")).take(2).collect();
    assert_eq!(merged, ["8 city merged Saint Louis", "8 state merged MO"]);
    assert_eq!(findings.iter().filter(|f| f.rule == "merged").count(), 16);
}

#[test]
fn odd_tables_are_no_trouble() {
    let long = "x".repeat(3_000_000);
    for columns in [
        vec![("a", Vec::new())],
        vec![("a", vec![String::new()])],
        vec![("a", vec![long.clone(), long]), ("b", vec!["\u{0}\u{1}".to_owned(), "\u{fffd}".to_owned()])],
    ] {
        let _ = told(&found(&columns));
    }
    let wide: Vec<(String, Vec<String>)> =
        (0..2_000).map(|c| (format!("c{c}"), (0..30).map(|r| (r * c % 7).to_string()).collect())).collect();
    let named: Vec<(&str, Vec<String>)> = wide.iter().map(|(n, v)| (n.as_str(), v.clone())).collect();
    assert!(found(&named).iter().all(|f| f.confidence <= 1.0));
}
