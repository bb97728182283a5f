//! Rules by example; random tables against plain counting; what is said of faults.

use std::sync::{Arc, LazyLock};
use std::time::{SystemTime, UNIX_EPOCH};

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use proptest::prelude::*;
use trommel_engine::Engine;
use trommel_engine::frame::cells_of;
use trommel_model::{
    Bound, Cancel, Cell, CheckAction, CheckSpec, Code, ContractType, DataType, Field, Outcome, Rule, Schema, Statistic, TableName,
    TextFormat,
};

use super::{compile, evaluate, split};
use crate::profile::tests::engine;

fn check(rule: Rule) -> CheckSpec {
    CheckSpec::new(rule, CheckAction::Quarantine)
}

fn not_null(column: &str) -> Rule {
    Rule::NotNull { column: column.into() }
}

fn unique(columns: &[&str]) -> Rule {
    Rule::Unique { columns: columns.iter().map(|c| (*c).to_owned()).collect() }
}

fn accepted(column: &str, values: &[&str]) -> Rule {
    Rule::AcceptedValues { column: column.into(), values: values.iter().map(|v| (*v).to_owned()).collect() }
}

fn range(column: &str, min: Option<Bound>, max: Option<Bound>) -> Rule {
    Rule::Range { column: column.into(), min, max }
}

fn regex(column: &str, pattern: &str) -> Rule {
    Rule::Regex { column: column.into(), pattern: pattern.into() }
}

fn foreign_key(column: &str, references: &str) -> Rule {
    Rule::ForeignKey { column: column.into(), references: references.into() }
}

#[expect(clippy::unnecessary_wraps, reason = "histories can fail")]
fn nothing_earlier(_: &str) -> Outcome<Vec<f64>> {
    Ok(Vec::new())
}

fn table() -> TableName {
    TableName::new("clean", "orders")
}

fn rows(engine: &Engine, sql: &str) -> Vec<Vec<Cell>> {
    engine.query(sql, &Cancel::new()).unwrap().iter().flat_map(cells_of).collect()
}

fn text(rows: &[Vec<Cell>]) -> String {
    rows.iter().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")).collect::<Vec<_>>().join(" | ")
}

#[test]
fn each_rule_holds_what_breaks_it_and_says_why() {
    let engine = engine();
    engine.execute("CREATE SCHEMA clean; CREATE TABLE clean.keys AS SELECT unnest([1, 2, NULL]) AS k", &Cancel::new()).unwrap();
    let date = |text: &str| Some(Bound::Text(text.into()));
    for (values, rule, reasons) in [
        ("(1), (NULL)", not_null("x"), "x has no value"),
        ("(''), (NULL)", not_null("x"), "x has no value"),
        ("(1), (2), (1), (NULL), (NULL)", unique(&["x"]), "another row has the same x: 1 | another row has the same x: 1"),
        ("('a'), ('b'), ('it''s'), (NULL)", accepted("x", &["a", "it's"]), "x is \"b\", which is not one of the accepted values"),
        ("(1), (2), (NULL)", accepted("x", &["1"]), "x is \"2\", which is not one of the accepted values"),
        ("('a'), (NULL)", accepted("x", &[]), "x is \"a\", which is not one of the accepted values"),
        (
            "(0), (1), (10), (11), (NULL)",
            range("x", Some(Bound::Integer(1)), Some(Bound::Integer(10))),
            "x is \"0\", less than 1 | x is \"11\", more than 10",
        ),
        ("(0.1::DECIMAL(10, 2)), (0.09)", range("x", Some(Bound::Float(0.1)), None), "x is \"0.09\", less than 0.1"),
        (
            "(99999999999999999999), (1)",
            range("x", None, Some(Bound::Text("99999999999999999998".into()))),
            "x is \"99999999999999999999\", more than 99999999999999999998",
        ),
        ("('nan'::DOUBLE), (1)", range("x", Some(Bound::Integer(0)), None), "x is \"nan\", which is no number"),
        ("(DATE '2023-12-31'), (DATE '2024-01-01')", range("x", date("2024-01-01"), None), "x is \"2023-12-31\", less than 2024-01-01"),
        ("('a'), ('c')", range("x", None, date("b")), "x is \"c\", more than b"),
        (
            "('AB12'), ('xAB12'), ('AB12\n'), (NULL)",
            regex("x", "[A-Z]{2}[0-9]+"),
            "x is \"xAB12\", which does not match [A-Z]{2}[0-9]+ | x is \"AB12\n\", which does not match [A-Z]{2}[0-9]+",
        ),
        ("(12), (345)", regex("x", "..."), "x is \"12\", which does not match ..."),
        ("(1), (3), (NULL)", foreign_key("x", "clean.keys.k"), "x is \"3\", which clean.keys.k does not have"),
        (
            "('a'), ('ab'), ('äöü'), ('abcd'), (NULL)",
            Rule::Length { column: "x".into(), min: Some(2), max: Some(3) },
            "x is \"a\", shorter than 2 | x is \"abcd\", longer than 3",
        ),
        (
            "('12'), (' 7 '), ('1.5'), ('1e3'), ('x'), (''), (NULL)",
            kind("integer"),
            "x is \"1.5\", which cannot be read as integer | x is \"1e3\", which cannot be read as integer | \
             x is \"x\", which cannot be read as integer | x is \"\", which cannot be read as integer",
        ),
        ("('2024-02-29'), ('2023-02-29')", kind("date"), "x is \"2023-02-29\", which cannot be read as date"),
        ("('yes'), ('maybe')", kind("boolean"), "x is \"maybe\", which cannot be read as boolean"),
        ("('1.5'), ('1,5')", kind("decimal(10,2)"), "x is \"1,5\", which cannot be read as decimal(10,2)"),
        ("(1), (-1), (NULL)", Rule::Expression { expression: "x >= 0 -- no debts".into() }, "x >= 0 -- no debts does not hold"),
    ] {
        let relation = format!("SELECT * FROM (VALUES {values}) t(x); -- all");
        let schema = engine.describe(&relation).unwrap();
        let checks = [check(rule)];
        let parts = split(&table(), &relation, &schema, &checks).unwrap();
        assert_eq!(text(&rows(&engine, &format!("SELECT _reason FROM ({})", parts.held))), reasons, "{}", checks[0].rule.label());
        let compiled = compile(&checks[0], &table(), &relation, &schema).unwrap();
        assert_eq!(text(&rows(&engine, &format!("SELECT _reason FROM ({})", compiled.sql))), reasons);
        let all = rows(&engine, &relation).len() as u64;
        let result = evaluate(&engine, &table(), &relation, &checks, &nothing_earlier, &Cancel::new()).unwrap().remove(0);
        assert_eq!(
            (result.rows, result.broken, result.examples.len()),
            (all, reasons.split(" | ").count() as u64, reasons.split(" | ").count())
        );
    }
}

fn kind(to: &str) -> Rule {
    Rule::Type { column: "x".into(), to: ContractType::try_from(to.to_owned()).unwrap() }
}

#[test]
fn well_known_forms() {
    let engine = engine();
    for (format, good, bad) in [
        (TextFormat::Email, &["a@b.de", "x.y+z@mail.example.org"][..], &["a@b", "a b@c.de", "@c.de", "a@-b.de", ""][..]),
        (
            TextFormat::Phone,
            &["+39 06 1234567", "(02) 1234-5678", "555-123-4567 x12"],
            &["123", "call me", "+1234567890123456", "12-34 56z"],
        ),
        (TextFormat::Url, &["https://a.de", "http://a.de/x?y=1#z", "ftp://h/f"], &["a.de", "https://", "https://a b"]),
        (TextFormat::Ipv4, &["0.0.0.0", "255.1.20.3"], &["256.1.1.1", "1.2.3", "01.2.3.4"]),
        (TextFormat::Uuid, &["123e4567-e89b-12d3-a456-426614174000"], &["123e4567e89b12d3a456426614174000"]),
        (
            TextFormat::Iban,
            &["DE89 3704 0044 0532 0130 00", "gb82west12345698765432", "MT84MALT011000012345MTLCAST001S"],
            &["DE88370400440532013000", "DE89", "XX00 0000"],
        ),
        (TextFormat::Card, &["4111 1111 1111 1111", "378282246310005"], &["4111111111111112", "1234", "4111-1111-1111-111x"]),
        (TextFormat::Date, &["2024-02-29"], &["2023-02-29", "29.02.2024", "2024-2-9"]),
        (TextFormat::CountryCode, &["DE"], &["de", "DEU"]),
        (TextFormat::CurrencyCode, &["EUR"], &["eur", "E"]),
    ] {
        let values: Vec<String> = good.iter().chain(bad).map(|v| format!("('{v}')")).collect();
        let relation = format!("SELECT * FROM (VALUES {}, (NULL)) t(x)", values.join(", "));
        let rule = Rule::Format { column: "x".into(), format };
        let compiled = compile(&check(rule), &table(), &relation, &engine.describe(&relation).unwrap()).unwrap();
        let broken = rows(&engine, &format!("SELECT x FROM ({})", compiled.sql));
        assert_eq!(broken.iter().map(|row| row[0].text()).collect::<Vec<_>>(), bad, "{}", format.name());
    }
}

#[test]
fn what_a_dependency_calls_broken_does_not_depend_on_the_order_of_rows() {
    let engine = engine();
    let values = [
        "(1, 'a', 'X')",
        "(2, 'a', 'X')",
        "(3, 'a', 'Y')",
        "(4, 'b', 'Z')",
        "(5, 'c', 'Q')",
        "(6, 'c', 'P')",
        "(7, NULL, 'X')",
        "(8, 'a', NULL)",
    ];
    let rule = Rule::FunctionalDependency { columns: vec!["zip".into()], determines: "city".into() };
    for turn in 0..values.len() {
        let mut values = values;
        values.rotate_left(turn);
        let relation = format!("SELECT * FROM (VALUES {}) t(id, zip, city)", values.join(", "));
        let checks = [check(rule.clone())];
        let result = evaluate(&engine, &table(), &relation, &checks, &nothing_earlier, &Cancel::new()).unwrap().remove(0);
        // Of Q and P, equally frequent, the first in order is taken to be right.
        assert_eq!((result.rows, result.broken), (8, 2), "{turn}");
        let parts = split(&table(), &relation, &engine.describe(&relation).unwrap(), &checks).unwrap();
        let held = rows(&engine, &format!("SELECT id, _reason FROM ({}) ORDER BY id", parts.held));
        assert_eq!(
            text(&held),
            "3,city is \"Y\", but most rows with zip a have another value | 5,city is \"Q\", but most rows with zip c have another value"
        );
    }
}

#[test]
fn rules_about_the_table_measure_a_number_and_judge_it() {
    let engine = engine();
    engine
        .execute(
            "CREATE SCHEMA clean; CREATE TABLE clean.same AS SELECT i::DOUBLE AS x, 'v' || i AS s FROM range(100) t(i) ORDER BY i DESC;
             CREATE TABLE clean.fewer AS SELECT i AS x FROM range(99) t(i);
             CREATE TABLE clean.other AS SELECT CASE WHEN i = 50 THEN -1 ELSE i END AS x, 'v' || i AS s FROM range(100) t(i);
             CREATE TABLE clean.shifted AS SELECT i + 30 AS x, CASE WHEN i < 50 THEN 'p' ELSE 'q' END AS s FROM range(100) t(i)",
            &Cancel::new(),
        )
        .unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros();
    let relation = &format!(
        "SELECT i AS x, 'v' || i AS s, CASE WHEN i % 4 = 0 THEN NULL ELSE i END AS y,
        make_timestamp({now}) - to_hours(5) - to_minutes(i::INTEGER) AS at, CASE WHEN i < 40 THEN 'p' ELSE 'q' END AS k FROM range(100) t(i)"
    );
    let statistic = |statistic, column: &str, min, max| Rule::Statistic { statistic, column: column.into(), min, max };
    let reconcile =
        |with: &str, columns: &[&str]| Rule::Reconcile { with: with.into(), columns: columns.iter().map(|c| (*c).into()).collect() };
    let drift = |column: &str, baseline: &str, max| Rule::Drift { column: column.into(), baseline: baseline.into(), max };
    let fresh = |within: &str| Rule::Freshness { column: "at".into(), within: within.into() };
    let columns = |columns: &[&str], exact| Rule::Schema { columns: columns.iter().map(|c| (*c).into()).collect(), exact };
    for (rule, value, reason) in [
        (Rule::NullShare { column: "y".into(), max: 0.25 }, Some(0.25), None),
        (Rule::NullShare { column: "y".into(), max: 0.2 }, Some(0.25), Some("the share of nulls in y is 0.25, not 0.2 or less")),
        (statistic(Statistic::Mean, "x", Some(40.0), Some(60.0)), Some(49.5), None),
        (statistic(Statistic::Sum, "x", Some(5000.0), None), Some(4950.0), Some("the sum of x is 4,950, not 5,000 or more")),
        (statistic(Statistic::Median, "x", None, Some(49.0)), Some(49.5), Some("the median of x is 49.5, not 49 or less")),
        (statistic(Statistic::Distinct, "k", Some(2.0), Some(2.0)), Some(2.0), None),
        (statistic(Statistic::Nulls, "y", Some(0.0), Some(0.0)), Some(25.0), Some("the nulls of y is 25, not 0")),
        (reconcile("clean.same", &["x", "s"]), Some(0.0), None),
        (reconcile("clean.same", &[]), Some(0.0), None),
        (reconcile("clean.fewer", &["x"]), Some(1.0), Some("the table has 100 rows, clean.fewer has 99")),
        (
            reconcile("clean.other", &["x", "s"]),
            Some(0.0),
            Some("the table and clean.other have as many rows, but not the same values in x, s"),
        ),
        (drift("x", "clean.same", 0.1), Some(0.0), None),
        (drift("k", "clean.shifted", 0.1), None, Some("column of another kind")),
        (columns(&["x: integer", "s"], false), None, None),
        (
            columns(&["x: text", "customer"], true),
            None,
            Some(
                "column x is integer, not text; column customer is missing; column s is not expected; column y is not expected; column at is not expected; column k is not expected",
            ),
        ),
        (fresh("6 hours"), None, None),
        (fresh("4 hours"), None, Some("the newest at is 5.0 hours old, more than 4 hours")),
    ] {
        if reason == Some("column of another kind") {
            // The baseline has to have the column.
            let problem = evaluate(&engine, &table(), relation, &[warn(rule)], &nothing_earlier, &Cancel::new()).unwrap_err();
            assert_eq!(problem.code, Code::BadConfig);
            continue;
        }
        let label = rule.label();
        let result = evaluate(&engine, &table(), relation, &[warn(rule)], &nothing_earlier, &Cancel::new()).unwrap().remove(0);
        assert_eq!((result.broken, result.reason.as_deref()), (u64::from(reason.is_some()), reason), "{label}");
        if let Some(value) = value {
            assert!((result.value.unwrap() - value).abs() < 1e-9, "{label}: {:?}", result.value);
        }
        assert_eq!((result.rows, result.score()), (100, if reason.is_some() { 0.0 } else { 1.0 }), "{label}");
    }
    for (rule, least) in
        [(drift("x", "clean.shifted", 0.1), 0.5), (Rule::Drift { column: "s".into(), baseline: "clean.shifted".into(), max: 0.1 }, 5.0)]
    {
        let result = evaluate(&engine, &table(), relation, &[warn(rule)], &nothing_earlier, &Cancel::new()).unwrap().remove(0);
        assert!(result.is_broken() && result.value.unwrap() > least, "{result:?}");
    }
    // Nothing measured is nothing broken, but for an age.
    let none = "SELECT NULL::INTEGER AS x, NULL::TIMESTAMP AS at WHERE false";
    for (rule, broken) in
        [(statistic(Statistic::Mean, "x", Some(1.0), None), 0), (Rule::NullShare { column: "x".into(), max: 0.0 }, 0), (fresh("1 day"), 1)]
    {
        let result = evaluate(&engine, &table(), none, &[warn(rule)], &nothing_earlier, &Cancel::new()).unwrap().remove(0);
        assert_eq!(result.broken, broken, "{result:?}");
    }
}

#[test]
fn earlier_runs_say_what_is_usual() {
    let engine = engine();
    let weekly = [100.0, 10.0, 11.0, 12.0, 10.0, 11.0, 12.0];
    let season: Vec<f64> = weekly.iter().cycle().take(56).copied().collect();
    let change = |max_drop, max_rise| Rule::RowChange { max_drop, max_rise };
    let anomaly = |season| Rule::Anomaly { statistic: Statistic::Rows, column: None, sensitivity: 3.5, season };
    for (rule, earlier, rows, reason) in [
        (change(Some(0.1), None), vec![], 5, None),
        (change(Some(0.1), None), vec![50.0, 100.0], 95, None),
        (change(Some(0.1), None), vec![50.0, 100.0], 89, Some("the table has 89 rows, after 100 in the last run (-11.0 %)")),
        (change(Some(0.1), None), vec![100.0], 1000, None),
        (change(None, Some(0.5)), vec![100.0], 151, Some("the table has 151 rows, after 100 in the last run (+51.0 %)")),
        (change(None, Some(0.5)), vec![0.0], 1, Some("the table has 1 rows, after 0 in the last run")),
        (anomaly(None), vec![10.0; 6], 99, None),
        (anomaly(None), vec![10.0; 7], 10, None),
        (anomaly(None), vec![10.0; 7], 11, Some("11 is unusual: 7 earlier runs had 10 to 10, 10 in the middle")),
        (anomaly(None), vec![9.0, 10.0, 11.0, 10.0, 9.0, 11.0, 10.0], 12, None),
        (
            anomaly(None),
            vec![9.0, 10.0, 11.0, 10.0, 9.0, 11.0, 10.0],
            17,
            Some("17 is unusual: 7 earlier runs had 9 to 11, 10 in the middle"),
        ),
        // The busy day of the week is no surprise on its day, and one on any other.
        (anomaly(Some(7)), season.clone(), 100, None),
        (anomaly(Some(7)), season.clone(), 11, Some("11 is unusual: 8 earlier runs had 100 to 100, 100 in the middle")),
        (anomaly(Some(7)), season[..55].to_vec(), 12, None),
    ] {
        let history = |label: &str| {
            assert_eq!(label, rule.label());
            Ok(earlier.clone())
        };
        let relation = format!("SELECT range AS x FROM range({rows})");
        let result = evaluate(&engine, &table(), &relation, &[warn(rule.clone())], &history, &Cancel::new()).unwrap().remove(0);
        assert_eq!((result.reason.as_deref(), result.value), (reason, Some(f64::from(rows))), "{rule:?} after {earlier:?}");
    }
}

#[test]
fn a_share_may_be_broken() {
    let engine = engine();
    let relation = "SELECT CASE WHEN i < 3 THEN NULL ELSE i END AS x FROM range(100) t(i)";
    for (tolerance, tolerated, broken) in [(0.0, 0, true), (0.029, 2, true), (0.03, 3, false), (0.5, 50, false)] {
        let check = CheckSpec { tolerance, owner: "a@b.de".into(), ..warn(not_null("x")) };
        let result = evaluate(&engine, &table(), relation, &[check], &nothing_earlier, &Cancel::new()).unwrap().remove(0);
        assert_eq!((result.broken, result.tolerated, result.is_broken()), (3, tolerated, broken), "{tolerance}");
        assert!((result.score() - 0.97).abs() < 1e-12);
    }
}

fn warn(rule: Rule) -> CheckSpec {
    CheckSpec::new(rule, CheckAction::Warn)
}

#[test]
fn a_condition_leaves_other_rows_alone() {
    let engine = engine();
    let relation = "SELECT * FROM (VALUES (1, 'a'), (1, 'b'), (NULL, 'a'), (NULL, 'b'), (NULL, NULL)) t(x, kind)";
    for (rule, broken) in [(not_null("x"), 1), (unique(&["x"]), 0), (Rule::RowCount { min: Some(3), max: None }, 1)] {
        let check = CheckSpec { condition: Some("kind = 'a' -- only these".into()), action: CheckAction::Warn, ..check(rule) };
        let result = evaluate(&engine, &table(), relation, &[check], &nothing_earlier, &Cancel::new()).unwrap().remove(0);
        assert_eq!((result.rows, result.broken), (2, broken), "{}", result.check);
    }
}

#[test]
fn row_counts() {
    let engine = engine();
    for (min, max, broken) in [(Some(3), None, 0), (Some(4), None, 1), (None, Some(2), 1), (Some(1), Some(3), 0), (Some(5), Some(9), 1)] {
        let check = CheckSpec { action: CheckAction::Fail, ..check(Rule::RowCount { min, max }) };
        let relation = "SELECT range AS x FROM range(3)";
        let result =
            evaluate(&engine, &table(), relation, std::slice::from_ref(&check), &nothing_earlier, &Cancel::new()).unwrap().remove(0);
        assert_eq!((result.rows, result.broken, result.examples.len()), (3, broken, 0));
        let compiled = compile(&check, &table(), relation, &engine.describe(relation).unwrap()).unwrap();
        assert_eq!(text(&rows(&engine, &compiled.sql)), "3", "what is measured");
    }
}

#[test]
fn the_first_row_by_position_stays_and_without_positions_none() {
    let engine = engine();
    let relation =
        "SELECT * FROM (VALUES ('b.csv', 1, 7), ('a.csv', 3, 7), ('a.csv', 2, 7), ('a.csv', 9, NULL), ('a.csv', 4, 8)) t(_file, _line, id)";
    let parts = |relation: &str| {
        let parts = split(&table(), relation, &engine.describe(relation).unwrap(), &[check(unique(&["id"]))]).unwrap();
        let sorted = |sql: &str| text(&rows(&engine, &format!("SELECT * FROM ({sql}) ORDER BY ALL")));
        (sorted(&parts.kept), sorted(&parts.held))
    };
    let reason = "id,unique(id),another row has the same id: 7,null,null";
    assert_eq!(parts(relation), ("a.csv,2,7 | a.csv,4,8 | a.csv,9,null".into(), format!("a.csv,3,7,{reason} | b.csv,1,7,{reason}")));
    let bare = format!("SELECT id FROM ({relation})");
    assert_eq!(parts(&bare), ("8 | null".into(), format!("7,{reason} | 7,{reason} | 7,{reason}")));
}

#[test]
fn a_row_is_held_once_and_no_duplicate_of_a_held_one() {
    let engine = engine();
    let relation =
        "SELECT * FROM (VALUES ('f', 1, 5, NULL), ('f', 2, 5, 'x'), ('f', 3, 6, NULL), ('f', 4, 6, NULL)) t(_file, _line, id, name)";
    let schema = engine.describe(relation).unwrap();
    for (rules, kept, held) in [
        (vec![not_null("name"), unique(&["id"])], "2", "1 not_null(name) | 3 not_null(name) | 4 not_null(name)"),
        (vec![unique(&["id"]), not_null("name")], "", "1 not_null(name) | 2 unique(id) | 3 not_null(name) | 4 unique(id)"),
        (vec![unique(&["id"]), unique(&["_file"])], "1", "2 unique(id) | 3 unique(_file) | 4 unique(id)"),
        (vec![], "1 | 2 | 3 | 4", ""),
    ] {
        let parts = split(&table(), relation, &schema, &rules.into_iter().map(check).collect::<Vec<_>>()).unwrap();
        assert_eq!(text(&rows(&engine, &format!("SELECT _line FROM ({}) ORDER BY 1", parts.kept))), kept);
        assert_eq!(text(&rows(&engine, &format!("SELECT concat(_line, ' ', _rule) FROM ({}) ORDER BY 1", parts.held))), held);
    }
}

#[test]
fn rows_that_refer_to_rows_of_their_own_table() {
    let engine = engine();
    let wait = |condition: Option<&str>| CheckSpec {
        condition: condition.map(str::to_owned),
        ..CheckSpec::new(foreign_key("boss", "clean.orders.id"), CheckAction::Wait)
    };
    for (values, checks, kept, held) in [
        ("(1, NULL), (2, 1), (3, 2)", vec![wait(None)], "1 | 2 | 3", ""),
        // Two that refer to each other are all there is.
        ("(1, 2), (2, 1), (3, 3)", vec![wait(None)], "1 | 2 | 3", ""),
        // Nothing is left of a chain whose head is missing.
        (
            "(1, 9), (2, 1), (3, 2), (4, NULL)",
            vec![wait(None)],
            "4",
            "1 clean.orders.id = 9 | 2 clean.orders.id = 1 | 3 clean.orders.id = 2",
        ),
        ("(1, 9), (2, 1)", vec![wait(Some("id > 1"))], "1 | 2", ""),
        // A key that two rows have does not go with one of them.
        ("(1, 9), (1, NULL), (2, 1)", vec![wait(None)], "1 | 2", "1 clean.orders.id = 9"),
        // A parent that another rule holds is no longer there, whichever rule is named first.
        (
            "(7, NULL), (2, 7), (3, 2)",
            vec![wait(None), check(range("id", None, Some(Bound::Integer(6))))],
            "",
            "2 clean.orders.id = 7 | 3 clean.orders.id = 2 | 7 null",
        ),
    ] {
        let relation = format!("SELECT * FROM (VALUES {values}) t(id, boss)");
        let parts = split(&table(), &relation, &engine.describe(&relation).unwrap(), &checks).unwrap();
        assert_eq!(text(&rows(&engine, &format!("SELECT id FROM ({}) ORDER BY 1", parts.kept))), kept, "{values}");
        let sql = format!("SELECT concat(id, ' ', coalesce(_waits_for, 'null')) FROM ({}) ORDER BY 1", parts.held);
        assert_eq!(text(&rows(&engine, &sql)), held, "{values}");
    }
    // Where no row is held, a row whose parent breaks the rule keeps it.
    for (action, broken) in [(CheckAction::Warn, 1), (CheckAction::Quarantine, 3)] {
        let check = CheckSpec::new(foreign_key("boss", "clean.orders.id"), action);
        let relation = "SELECT * FROM (VALUES (1, 9), (2, 1), (3, 2), (4, NULL)) t(id, boss)";
        let result = evaluate(&engine, &table(), relation, &[check], &nothing_earlier, &Cancel::new()).unwrap().remove(0);
        assert_eq!((result.rows, result.broken, result.examples.len() as u64), (4, broken, broken));
    }
}

#[test]
fn examples_begin_with_what_the_check_is_about() {
    let engine = engine();
    let relation = "SELECT i AS a, 'f.csv' AS _file, 100 - i AS _line, NULL::INTEGER AS b, 'raw' AS _text FROM range(40) t(i)";
    let result = evaluate(&engine, &table(), relation, &[check(not_null("b"))], &nothing_earlier, &Cancel::new()).unwrap().remove(0);
    let lines: Vec<String> =
        result.examples.iter().map(|row| row.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(lines.len(), 5);
    assert_eq!(lines[0], "b=null _file=f.csv _line=61 a=39");
}

#[test]
fn faults_are_told_before_a_row_is_read() {
    let engine = engine();
    let relation = "SELECT 1 AS amount, 'x' AS email, [1] AS list, DATE '2024-01-01' AS day";
    let with = |rule: Rule, condition: &str| CheckSpec { condition: Some(condition.into()), ..check(rule) };
    for (check, code, says, next) in [
        (
            check(not_null("emial")),
            Code::UnknownName,
            "the check not_null(emial) names column \"emial\", which is not there",
            "did you mean \"email\"?",
        ),
        (
            check(not_null("zzz")),
            Code::UnknownName,
            "the check not_null(zzz) names column \"zzz\", which is not there",
            "columns: amount, email, list, day",
        ),
        (check(unique(&[])), Code::BadConfig, "the check unique() names no column", "set columns, for instance columns = [\"id\"]"),
        (check(range("amount", None, None)), Code::BadConfig, "the check range(amount) has no bounds", "set min, max or both"),
        (
            check(range("amount", Some(Bound::Integer(2)), Some(Bound::Float(1.0)))),
            Code::BadConfig,
            "the check range(amount) has its least value above its greatest",
            "exchange min and max",
        ),
        (
            check(range("amount", Some(Bound::Text("1; x".into())), None)),
            Code::BadConfig,
            "the check range(amount) compares amount, which is integer, with 1; x",
            "write a number as bound",
        ),
        (
            check(range("amount", Some(Bound::Float(f64::NAN)), None)),
            Code::BadConfig,
            "the check range(amount) compares amount, which is integer, with NaN",
            "write a number as bound",
        ),
        (
            check(range("email", Some(Bound::Integer(1)), None)),
            Code::BadConfig,
            "the check range(email) compares email, which is text, with the number 1",
            "write the bound in quotes, or cast the column first",
        ),
        (
            check(range("list", Some(Bound::Integer(1)), None)),
            Code::BadConfig,
            "the check range(list) is about list, which is list of integer and has no order",
            "",
        ),
        (check(range("day", Some(Bound::Text("yesterday".into())), None)), Code::BadConfig, "the check range(day) cannot be applied", ""),
        (check(regex("email", "a(")), Code::BadConfig, "the check regex(email) cannot be applied", ""),
        (
            check(foreign_key("amount", "customers.id")),
            Code::BadConfig,
            "the check foreign_key(amount → customers.id) refers to \"customers.id\", which is no column of a table",
            "write layer.table.column, for instance clean.customers.id",
        ),
        (
            check(foreign_key("amount", "clean.gone.id")),
            Code::BadConfig,
            "the check foreign_key(amount → clean.gone.id) cannot be applied",
            "",
        ),
        (
            check(Rule::RowCount { min: Some(1), max: None }),
            Code::BadConfig,
            "the check row_count cannot hold rows, because it is about none in particular",
            "set its action to warn or fail",
        ),
        (
            CheckSpec { tolerance: 0.1, ..check(not_null("email")) },
            Code::BadConfig,
            "the check not_null(email) tolerates broken rows, and holds every one of them",
            "leave tolerance out, or set its action to warn or fail",
        ),
        (
            CheckSpec { tolerance: 0.1, ..warn(Rule::NullShare { column: "email".into(), max: 0.1 }) },
            Code::BadConfig,
            "the check null_share(email) tolerates a share of rows, but is about the table as a whole",
            "leave tolerance out, and set the bounds of the rule",
        ),
        (
            warn(Rule::Freshness { column: "email".into(), within: "1 day".into() }),
            Code::BadConfig,
            "the check freshness(email) is about email, which is text and tells no moment",
            "name a column of dates or timestamps, or cast it first",
        ),
        (
            warn(Rule::Freshness { column: "day".into(), within: "soon".into() }),
            Code::BadConfig,
            "the check freshness(day) allows an age of \"soon\", which is none",
            "write a number with minutes, hours, days or weeks, for instance within = \"26 hours\"",
        ),
        (
            warn(Rule::Statistic { statistic: Statistic::Mean, column: "email".into(), min: Some(1.0), max: None }),
            Code::BadConfig,
            "the check mean(email) measures the mean of email, which is text",
            "name a column of numbers, or measure distinct or nulls",
        ),
        (
            warn(Rule::Reconcile { with: "clean.gone".into(), columns: vec![] }),
            Code::BadConfig,
            "the check reconcile(clean.gone) cannot be applied",
            "",
        ),
        (
            check(Rule::Expression { expression: "amont > 1".into() }),
            Code::BadConfig,
            "the check expression(amont > 1) cannot be applied",
            "did you mean \"amount\"?",
        ),
        (with(not_null("email"), "amont > 1"), Code::BadConfig, "the check not_null(email) cannot be applied", "did you mean \"amount\"?"),
    ] {
        let problem = evaluate(&engine, &table(), relation, std::slice::from_ref(&check), &nothing_earlier, &Cancel::new()).unwrap_err();
        assert_eq!((problem.code, problem.what.as_str()), (code, says));
        if !next.is_empty() {
            assert_eq!(problem.next.as_deref(), Some(next), "{says}");
        }
        if check.condition.is_some() {
            let snippet = problem.snippet.unwrap();
            assert_eq!((snippet.source.as_str(), &snippet.source[snippet.span.clone()]), ("amont > 1", "amont"));
            assert_eq!(snippet.origin, "where of not_null(email)");
        }
    }
    let taken = Schema::new(vec![Field::new("_rule", DataType::Text)]);
    assert_eq!(split(&table(), "SELECT 'x' AS _rule", &taken, &[check(not_null("_rule"))]).unwrap_err().code, Code::BadConfig);
}

/// A row of a random table.
#[derive(Debug, Clone)]
struct Row {
    a: Option<i64>,
    b: Option<String>,
    f: Option<f64>,
    line: i64,
}

/// What a random check is, besides its SQL: the same in Rust.
#[derive(Debug, Clone)]
struct Model {
    spec: CheckSpec,
    breaks: Breaks,
    /// For `unique`: the key, absent with a null in it.
    key: Option<Key>,
    conditional: bool,
}

impl Model {
    fn looks_at(&self, row: &Row) -> bool {
        !self.conditional || row.a.is_some_and(|a| a > 1)
    }
}

type Key = fn(&Row) -> Option<String>;

type Breaks = fn(&Row) -> bool;

fn models() -> Vec<(Rule, Breaks, Option<Key>)> {
    vec![
        (not_null("a"), |r| r.a.is_none(), None),
        (not_null("b"), |r| r.b.is_none(), None),
        (unique(&["a"]), |_| false, Some(|r| r.a.map(|a| a.to_string()))),
        (unique(&["a", "b"]), |_| false, Some(|r| Some(format!("{} {}", r.a?, r.b.as_ref()?)))),
        (accepted("b", &["x", "y"]), |r| r.b.as_ref().is_some_and(|b| b != "x" && b != "y"), None),
        (range("a", Some(Bound::Integer(1)), Some(Bound::Integer(3))), |r| r.a.is_some_and(|a| !(1..=3).contains(&a)), None),
        (range("f", Some(Bound::Float(-0.5)), None), |r| r.f.is_some_and(|f| f.is_nan() || f < -0.5), None),
        (regex("b", "x*"), |r| r.b.as_ref().is_some_and(|b| b.chars().any(|c| c != 'x')), None),
        (foreign_key("a", "clean.keys.k"), |r| r.a.is_some_and(|a| a != 1 && a != 2), None),
    ]
}

prop_compose! {
    fn any_row()(
        a in prop::option::weighted(0.8, 0_i64..5),
        b in prop::option::weighted(0.8, "[xy]{0,2}"),
        f in prop::option::weighted(0.8, prop_oneof![Just(f64::NAN), Just(f64::INFINITY), -2.0..2.0_f64]),
    ) -> Row {
        Row { a, b, f, line: 0 }
    }
}

prop_compose! {
    fn any_check()(which in 0..models().len(), conditional in prop::bool::weighted(0.3)) -> Model {
        let (rule, breaks, key) = models().swap_remove(which);
        let condition = conditional.then(|| "a > 1".to_owned());
        Model { spec: CheckSpec { condition, ..check(rule) }, breaks, key, conditional }
    }
}

/// Rows that break a check, by counting.
fn broken(model: &Model, rows: &[Row]) -> u64 {
    let keys: Vec<Option<String>> = rows.iter().map(|r| model.key.and_then(|key| key(r)).filter(|_| model.looks_at(r))).collect();
    let shared = |i: usize| keys[i].is_some() && keys.iter().filter(|k| **k == keys[i]).count() > 1;
    rows.iter().enumerate().filter(|(i, r)| model.looks_at(r) && ((model.breaks)(r) || shared(*i))).count() as u64
}

/// Which check holds each row, one check after the other.
fn holders(models: &[Model], rows: &[Row], positions: bool) -> Vec<Option<usize>> {
    let mut holder: Vec<Option<usize>> = vec![None; rows.len()];
    for (m, model) in models.iter().enumerate() {
        let free: Vec<usize> = (0..rows.len()).filter(|&i| holder[i].is_none() && model.looks_at(&rows[i])).collect();
        for &i in &free {
            let key = |j: usize| model.key.and_then(|key| key(&rows[j]));
            let twins = || free.iter().copied().filter(|&j| key(j).is_some() && key(j) == key(i));
            let surplus = if positions { twins().any(|j| rows[j].line < rows[i].line) } else { twins().count() > 1 };
            if (model.breaks)(&rows[i]) || surplus {
                holder[i] = Some(m);
            }
        }
    }
    holder
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn checks_are_as_counted_one_by_one(
        mut table_rows in prop::collection::vec(any_row(), 0..25),
        models in prop::collection::vec(any_check(), 1..5),
        positions in any::<bool>(),
    ) {
        static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
            let engine = engine();
            engine.execute("CREATE SCHEMA clean; CREATE TABLE clean.keys AS SELECT unnest([1, 2, NULL]) AS k", &Cancel::new()).unwrap();
            engine
        });
        let engine = &*ENGINE;
        for (i, row) in table_rows.iter_mut().enumerate() {
            row.line = (i as i64 * 7) % 101;
        }
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("a", Arc::new(table_rows.iter().map(|r| r.a).collect::<Int64Array>())),
            ("b", Arc::new(table_rows.iter().map(|r| r.b.clone()).collect::<StringArray>())),
            ("f", Arc::new(table_rows.iter().map(|r| r.f).collect::<Float64Array>())),
            (if positions { "_line" } else { "line" }, Arc::new(table_rows.iter().map(|r| Some(r.line)).collect::<Int64Array>())),
            (if positions { "_file" } else { "file" }, Arc::new(table_rows.iter().map(|_| Some("f.csv")).collect::<StringArray>())),
        ];
        let line = columns[3].0;
        engine.put("random", vec![RecordBatch::try_from_iter_with_nullable(columns.iter().map(|(n, a)| (*n, a.clone(), true))).unwrap()]).unwrap();
        let relation = "SELECT * FROM random";
        let checks: Vec<CheckSpec> = models.iter().map(|m| m.spec.clone()).collect();

        let results = evaluate(engine, &table(), relation, &checks, &nothing_earlier, &Cancel::new()).unwrap();
        for (result, model) in results.iter().zip(&models) {
            prop_assert_eq!(result.rows, table_rows.iter().filter(|r| model.looks_at(r)).count() as u64);
            prop_assert_eq!(result.broken, broken(model, &table_rows), "{}", &result.check);
            prop_assert_eq!(result.examples.len() as u64, result.broken.min(5));
        }

        let parts = split(&table(), relation, &engine.describe(relation).unwrap(), &checks).unwrap();
        let kept = text(&rows(engine, &format!("SELECT {line} FROM ({}) ORDER BY 1", parts.kept)));
        let held = text(&rows(engine, &format!("SELECT {line}, _rule FROM ({}) ORDER BY 1", parts.held)));
        let mut expected: Vec<(i64, Option<String>)> = table_rows
            .iter()
            .zip(holders(&models, &table_rows, positions))
            .map(|(row, holder)| (row.line, holder.map(|m| checks[m].rule.label())))
            .collect();
        expected.sort();
        let stays: Vec<String> = expected.iter().filter(|(_, rule)| rule.is_none()).map(|(line, _)| line.to_string()).collect();
        let goes: Vec<String> = expected.iter().filter_map(|(line, rule)| Some(format!("{line},{}", rule.as_ref()?))).collect();
        prop_assert_eq!(kept, stays.join(" | "));
        prop_assert_eq!(held, goes.join(" | "));
        let reasons = engine.count(&format!("SELECT 1 FROM ({}) WHERE _reason IS NOT NULL AND _rule IS NOT NULL", parts.held), &Cancel::new()).unwrap();
        prop_assert_eq!(reasons, goes.len() as u64);
    }
}
