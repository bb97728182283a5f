//! A match looked at: two thresholds, a pair in doubt, a KPI.

use serde_json::json;
use trommel_model::MatchPreview;

/// Five quotes that become four requests, or three.
pub(crate) fn match_preview() -> MatchPreview {
    let record = |source: &str, id: &str, name: &str| json!({ "key": { "source": source, "id": id }, "said": [name] });
    let (ann, anne, bob) =
        (record("alpha", "A1", "Ann Miller"), record("bravo", "B7", "Anne Miller"), record("charlie", "C3", "Bob Stone"));
    let part = json!({ "column": "name", "left": "ann miller", "right": "anne miller", "similarity": 0.97, "weight": 1.0,
                       "level": "0.92 or more", "bits": 6.5 });
    let step = |threshold: f64, entities: u64, merges: u64, changes: serde_json::Value| {
        json!({ "threshold": threshold, "pairs": 6 - entities, "entities": entities, "largest": 2,
                "expected": { "precision": 0.98, "recall": 0.91 }, "measured": { "precision": 0.5, "recall": 1.0 }, "merges": merges, "splits": 0, "changes": changes })
    };
    let merge = json!([{ "merge": true, "parts": [[ann.clone()], [anne.clone(), bob]], "unlisted": 2 }]);
    let preview = json!({
        "subject": "stage.quotes", "rows": 5, "pairs_compared": 9, "pairs_below": 3, "threshold": 0.85, "chosen": 1,
        "histogram": [0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1],
        "steps": [step(0.5, 3, 1, merge), step(0.85, 4, 0, json!([]))],
        "pairs": [{ "left": ann, "right": anne, "probability": 0.62, "score": 0.62, "rows": [1, 2], "worth": 1.9,
                    "why": { "score": 0.62, "prior_bits": -5.8, "parts": [part] },
                    "golden": [{ "column": "name", "value": "Anne Miller", "from": { "source": "bravo", "id": "B7" }, "rule": "longest" }] }],
        "kpis": [{ "kpi": "quotes", "before": 5.0, "unmatched": 5.0, "after": 4.0, "by": ["mart.quotes"] }],
        "labelled": null, "decided_pairs": 2,
        "notes": ["2 decisions are applied", "the block \"city = ulm\" has 9,000 rows: only near neighbours were compared"]
    });
    serde_json::from_value(preview).unwrap()
}
