//! Tables and models for tests, written short.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::util::display::array_value_to_string;
use trommel_matching::{MatchOutput, run};
use trommel_model::{
    BlockingKey, BlockingRule, Cancel, Comparison, MatchSpec, Measure, Normaliser, Outcome, Pairs, ProgressSlot, Scoring, SurvivorRule,
};

/// A table of texts from lines: names, then rows, cells parted by `|`; an empty cell is null.
pub fn table(lines: &str) -> RecordBatch {
    let mut rows = lines.trim().lines().map(|l| l.split('|').map(str::trim).collect::<Vec<_>>());
    let names = rows.next().unwrap();
    let rows: Vec<Vec<&str>> = rows.collect();
    let column = |at: usize| -> ArrayRef { Arc::new(rows.iter().map(|r| Some(r[at]).filter(|v| !v.is_empty())).collect::<StringArray>()) };
    let fields: Vec<Field> = names.iter().map(|n| Field::new(*n, DataType::Utf8, true)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), (0..names.len()).map(column).collect()).unwrap()
}

/// A model over `clean.t` with id `id`, without rules or comparisons.
pub fn model(threshold: f64) -> MatchSpec {
    MatchSpec {
        from: "clean.t".into(),
        id: "id".into(),
        source: None,
        blocking: Vec::new(),
        comparisons: Vec::new(),
        threshold,
        score: Scoring::WeightedMean,
        pairs: Pairs::All,
        one_to_one: false,
        best_link: false,
        guard: true,
        survivorship: Vec::new(),
        default_rule: SurvivorRule::MostFrequent,
        recency: None,
        source_order: Vec::new(),
        crosswalk: None,
        incremental: true,
        provenance: false,
        max_block: 5_000,
    }
}

pub fn rule(columns: &[&str]) -> BlockingRule {
    BlockingRule { keys: columns.iter().map(|c| key(c, &[], None)).collect() }
}

pub fn key(column: &str, normalise: &[Normaliser], prefix: Option<usize>) -> BlockingKey {
    BlockingKey { prefix, ..BlockingKey::new(column, normalise) }
}

pub fn compare(column: &str, method: Measure, weight: f64) -> Comparison {
    let tolerance = matches!(method, Measure::Number | Measure::Date | Measure::Geo).then_some(10.0);
    Comparison { weight, tolerance, ..Comparison::new(column, method) }
}

/// A run on two threads that nobody cancels.
pub fn resolve(spec: &MatchSpec, input: &[RecordBatch]) -> Outcome<MatchOutput> {
    run(spec, input, 2, &Cancel::new(), &ProgressSlot::new())
}

/// A table as lines, as `table` takes them.
pub fn lines(batches: &[RecordBatch]) -> Vec<String> {
    let whole = concat_batches(&batches[0].schema(), batches).unwrap();
    let cell =
        |column: &ArrayRef, row: usize| if column.is_null(row) { String::new() } else { array_value_to_string(column, row).unwrap() };
    let mut lines = vec![whole.schema().fields().iter().map(|f| f.name().clone()).collect::<Vec<_>>().join("|")];
    for row in 0..whole.num_rows() {
        lines.push(whole.columns().iter().map(|c| cell(c, row)).collect::<Vec<_>>().join("|"));
    }
    lines
}

/// The entities of a crosswalk as sorted lists of `source/id`.
pub fn groups(output: &MatchOutput) -> Vec<Vec<String>> {
    let mut by_entity: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for batch in &output.crosswalk {
        let (sources, entities) = (batch.column(0).as_string::<i32>(), batch.column(2).as_string::<i32>());
        for row in 0..batch.num_rows() {
            let id = array_value_to_string(batch.column(1), row).unwrap();
            by_entity.entry(entities.value(row).to_owned()).or_default().push(format!("{}/{id}", sources.value(row)));
        }
    }
    let mut groups: Vec<Vec<String>> = by_entity.into_values().collect();
    for group in &mut groups {
        group.sort();
    }
    groups.sort();
    groups
}
