//! Checks with how they stand, proposals, and what changed between two profiles.

use serde_json::json;
use trommel_app::Proposals;
use trommel_model::{ChangeWeight, CheckProposal, CheckResult, CheckState, ChecksAdded, ColumnChange, ProfileChange, ProfileStamp};

use super::data::{checks, profile};

/// The checks of the workspace: one broken and held, one stale, one fine, one never applied.
pub(crate) fn check_list() -> Vec<CheckState> {
    let state = |check: serde_json::Value, result: Option<CheckResult>, trend: &[f64]| {
        let spec: trommel_model::CheckSpec = serde_json::from_value(check).unwrap();
        let table = result.as_ref().map_or_else(|| "clean.bravo_quotes".parse().unwrap(), |r| r.table.clone());
        let run = result.as_ref().map(|_| "20260131-093000-k3f9".to_owned());
        CheckState { table, label: spec.label(), spec, result, run, trend: trend.to_vec() }
    };
    let [held, unique, stale, range]: [CheckResult; 4] = checks().try_into().unwrap();
    vec![
        state(
            json!({ "check": "freshness", "column": "quoted_at", "within": "26 hours", "action": "warn", "severity": "critical",
                    "owner": "fleet@example.org", "description": "Prices of yesterday sell nothing." }),
            Some(stale),
            &[1.0, 1.0, 0.0],
        ),
        state(json!({ "check": "not_null", "column": "quote_id", "action": "quarantine" }), Some(held), &[0.98, 0.99, 0.9994]),
        state(json!({ "check": "range", "column": "price_eur", "min": 1, "action": "warn" }), Some(range), &[]),
        state(json!({ "check": "unique", "columns": ["entity_id"], "action": "fail" }), Some(unique), &[1.0, 1.0]),
        state(json!({ "check": "accepted_values", "column": "city", "values": ["Oslo", "Ulm"] }), None, &[]),
    ]
}

/// Checks that could be written.
pub(crate) fn proposals() -> Proposals {
    let proposal = |label: &str, support: &str, text: &str| CheckProposal {
        label: label.to_owned(),
        support: support.to_owned(),
        text: text.to_owned(),
    };
    Proposals {
        table: "mart.quotes".parse().unwrap(),
        checks: vec![
            proposal("not_null(broker)", "24019 of 24019 rows have a value", "check = \"not_null\"\ncolumn = \"broker\"\n"),
            proposal(
                "accepted_values(broker)",
                "3 values in 24019 rows, the rarest in 6119",
                "check = \"accepted_values\"\ncolumn = \"broker\"\nvalues = [\"Alpha\", \"Bravo\", \"Charlie\"]\n",
            ),
        ],
    }
}

/// What is written when the first of them is accepted.
pub(crate) fn added() -> ChecksAdded {
    let first = proposals().checks.swap_remove(0);
    ChecksAdded {
        table: "mart.quotes".to_owned(),
        file: "checks/mart_quotes.toml".to_owned(),
        before: None,
        after: format!("table = \"mart.quotes\"\n\n# {}\n[[checks]]\n{}", first.support, first.text),
        labels: vec![first.label],
    }
}

/// What changed since the run before: brokers that were not there, and a price that is spread otherwise.
pub(crate) fn change() -> ProfileChange {
    let columns = profile().columns;
    let find = |name: &str| columns.iter().find(|c| c.name == name).cloned().map(Box::new);
    let of = |name: &str, weight, psi: f64, ks: Option<f64>, remarks: &[&str]| ColumnChange {
        name: name.to_owned(),
        weight,
        psi: Some(psi),
        ks,
        new_values: Vec::new(),
        gone_values: Vec::new(),
        remarks: remarks.iter().map(|r| (*r).to_owned()).collect(),
        from: find(name),
        to: find(name),
    };
    let broker = ColumnChange {
        new_values: vec![("Delta".to_owned(), 1_201)],
        gone_values: vec![("Charly".to_owned(), 12)],
        ..of(
            "broker",
            ChangeWeight::Marked,
            0.82,
            None,
            &["new values in 5.0 % of the rows: \"Delta\" (1201)", "spread otherwise: PSI 0.82"],
        )
    };
    let stamp = |run: &str, rows| ProfileStamp { of: run.to_owned(), at: Some("2026-01-31T09:30:02Z".to_owned()), rows, looked_at: None };
    ProfileChange {
        subject: "mart.quotes".to_owned(),
        from: stamp("20260130-093000-a1b2", 23_104),
        to: stamp("20260131-093000-k3f9", 24_019),
        columns: vec![
            broker,
            of("price_eur", ChangeWeight::Slight, 0.14, Some(0.11), &["spread otherwise: PSI 0.14, KS 0.11", "mean 187.46, was 171.20"]),
            of("city", ChangeWeight::Same, 0.01, None, &[]),
        ],
        notes: Vec::new(),
    }
}
