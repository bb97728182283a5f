//! Which values survive.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::DataType;
use trommel_model::{MatchSpec, Measure, Survivor, SurvivorRule};

use crate::support::{compare, lines, model, resolve, rule, table};

fn spec(rule_of: SurvivorRule) -> MatchSpec {
    let mut spec = model(1.0);
    spec.source = Some("source".into());
    spec.blocking = vec![rule(&["who"])];
    spec.comparisons = vec![compare("who", Measure::Exact, 1.0)];
    spec.recency = Some("seen".into());
    spec.source_order = vec!["crm".into(), "shop".into()];
    spec.default_rule = SurvivorRule::SourceOrder;
    spec.survivorship = vec![Survivor::by_rule("value", rule_of)];
    spec
}

/// Rows as `source|id|seen|value`; gives the value that survives.
fn check(rule: SurvivorRule, rows: &[&str], expected: &str) {
    let text = rows.join("|x\n");
    let input = [table(&format!("source|id|seen|value|who\n{text}|x"))];
    let golden = lines(&resolve(&spec(rule), &input).unwrap().golden);
    assert_eq!(golden.len(), 2, "one entity");
    assert_eq!(golden[1].split('|').nth(5), Some(expected), "{rule:?} of {rows:?}");
}

#[test]
fn each_rule_chooses_its_value() {
    use SurvivorRule::{Longest, MostFrequent, Newest, NonNull, SourceOrder};
    let three = ["shop|1|2020-01-01|old", "shop|2|2022-01-01|", "web|3|2021-01-01|newer"];
    check(Newest, &three, "newer");
    check(Newest, &["web|1||undated", "web|2|2020-01-01|dated"], "dated");
    check(Newest, &["web|2|2020-01-01|second", "web|1|2020-01-01|first"], "first");
    check(Longest, &["web|1||ab", "web|2||ä é", "web|3||xyz"], "ä é");
    check(Longest, &["web|1||", "web|2||", "web|3||z"], "z");
    check(MostFrequent, &["web|1||a", "web|2||b", "web|3||b"], "b");
    check(MostFrequent, &["web|1||b", "web|2||a", "web|3||a", "web|4||b"], "b");
    check(MostFrequent, &["web|1||", "web|2||a", "web|3||b"], "a");
    check(MostFrequent, &["web|1||", "web|2||"], "");
    check(SourceOrder, &["web|1||w", "shop|2||s", "crm|3||"], "s");
    check(SourceOrder, &["zzz|1||z", "aaa|2||a"], "a");
    check(NonNull, &["web|3||c", "web|1||", "web|2||b"], "b");
    check(NonNull, &["web|1||", "web|2||"], "");
}

#[test]
fn golden_records_keep_the_types_and_lose_the_positions() {
    let amounts = Decimal128Array::from(vec![Some(100), Some(250), Some(250)]).with_precision_and_scale(9, 2).unwrap();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from(vec![12, 9, 10]))),
        ("_file", Arc::new(StringArray::from(vec!["a", "b", "c"]))),
        ("who", Arc::new(StringArray::from(vec!["x", "x", "y"]))),
        ("seen", Arc::new(Date32Array::from(vec![Some(10), None, Some(3)]))),
        ("amount", Arc::new(amounts)),
        ("_line", Arc::new(Int64Array::from(vec![1, 2, 3]))),
        ("_text", Arc::new(StringArray::from(vec![None::<&str>, None, None]))),
    ];
    let input = RecordBatch::try_from_iter(columns).unwrap();
    let mut spec = model(1.0);
    spec.blocking = vec![rule(&["who"])];
    spec.comparisons = vec![compare("who", Measure::Exact, 1.0)];
    spec.default_rule = SurvivorRule::Longest;
    let output = resolve(&spec, std::slice::from_ref(&input)).unwrap();
    let golden = lines(&output.golden);
    assert_eq!(golden[0], "entity_id|entity_size|id|who|seen|amount");
    // Numbers order as numbers: the entity of 9 and 12 is named by 9 and comes before 10.
    let rows: Vec<&str> = golden[1..].iter().map(|l| l.split_once('|').unwrap().1).collect();
    assert_eq!(rows, ["2|9|x|1970-01-11|2.50", "1|10|y|1970-01-04|2.50"]);
    let schema = output.golden[0].schema();
    assert_eq!(schema.field_with_name("amount").unwrap().data_type(), &DataType::Decimal128(9, 2));
    assert_eq!(schema.field_with_name("seen").unwrap(), input.schema().field_with_name("seen").unwrap());
    // The crosswalk has the id's own type, and a text even where there is no source.
    let crosswalk = lines(&output.crosswalk);
    assert_eq!(crosswalk[0], "source|id|entity_id");
    assert!(crosswalk[1].starts_with("|9|") && crosswalk[3].starts_with("|12|"), "{crosswalk:?}");
    assert_eq!(output.crosswalk[0].column(1).data_type(), &DataType::Int64);
    assert_eq!(output.crosswalk[0].column(0).null_count(), 0);
}

#[test]
fn id_and_source_of_a_golden_record_belong_together() {
    let input = table("source|id|who|seen\nb|2|x|\nb|3|x|\na|9|x|");
    let mut spec = spec(SurvivorRule::Newest);
    spec.survivorship.clear();
    spec.default_rule = SurvivorRule::MostFrequent;
    let golden = lines(&resolve(&spec, &[input]).unwrap().golden);
    assert!(golden[1].ends_with("|3|a|9|x|"), "{golden:?}");
}
