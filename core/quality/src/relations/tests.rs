//! Relations of made tables.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use trommel_model::{Cancel, CorrelationMeasure};

use super::relations;
use crate::detect::Coded;

fn table(columns: &[(&str, Vec<String>)]) -> Coded {
    let arrays = columns.iter().map(|(name, values)| {
        let array: ArrayRef = Arc::new(StringArray::from_iter_values(values));
        (*name, array)
    });
    let batch = RecordBatch::try_from_iter(arrays).unwrap();
    let mut coded = Coded::new(columns.iter().map(|(name, _)| *name));
    coded.absorb(&batch);
    coded
}

#[test]
fn keys_dependencies_and_correlations_are_found() {
    let rows = 400_usize;
    let of = |value: &dyn Fn(usize) -> String| (0..rows).map(value).collect::<Vec<_>>();
    let coded = table(&[
        ("order", of(&|i| (i / 4).to_string())),
        ("line", of(&|i| (i % 4).to_string())),
        ("zip", of(&|i| (10_000 + i / 20).to_string())),
        ("city", of(&|i| if i == 7 { "Nowhere".to_owned() } else { format!("City {}", i / 40) })),
        ("weight", of(&|i| format!("{}", i % 4 * 10))),
        ("note", of(&|i| if i % 10 == 0 { String::new() } else { "x".to_owned() })),
    ]);
    let found = relations(&coded, &Cancel::new()).unwrap();
    assert_eq!(found.duplicates, 0);
    assert!(found.keys.contains(&vec!["order".to_owned(), "line".to_owned()]), "{:?}", found.keys);
    let zip = found.dependencies.iter().find(|d| d.from == "zip" && d.to == "city").unwrap();
    assert_eq!((zip.broken, zip.examples.as_slice()), (1, &[8][..]));
    let same = found.correlations.iter().find(|c| c.a == "line" && c.b == "weight" && c.measure == CorrelationMeasure::Pearson).unwrap();
    assert_eq!((same.value, same.rows), (1.0, 400));
    assert_eq!((found.missing[0].columns.as_slice(), found.missing[0].rows), (&["note".to_owned()][..], 40));
}

#[test]
fn equal_rows_are_duplicates_and_empty_tables_are_no_trouble() {
    let twice = table(&[("a", ["1", "1", "2"].map(str::to_owned).to_vec()), ("b", ["x", "x", "x"].map(str::to_owned).to_vec())]);
    let found = relations(&twice, &Cancel::new()).unwrap();
    assert_eq!((found.duplicates, found.keys.len()), (1, 0));
    let none = relations(&table(&[("a", Vec::new())]), &Cancel::new()).unwrap();
    assert_eq!((none.rows, none.keys.len(), none.missing.len()), (0, 0, 0));
}
