//! A workbook to measure with.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, StringArray};
use arrow::record_batch::RecordBatch;
use trommel_connectors::write::{Export, Format, Writer};
use trommel_model::{Code, Outcome, Problem};

/// Makes a workbook of so many rows and ten columns: three of integers, three of floats, two of text, two of dates.
pub fn make(path: &Path, rows: i64) -> Outcome<()> {
    let export = Export { format: Format::Xlsx, raw: true, title: "Speed".to_owned(), notes: Vec::new() };
    let mut writer = Writer::to_file(path, &export)?;
    let mut from = 0;
    let mut schema = None;
    while from < rows {
        let here = from..(from + 10_000).min(rows);
        let whole = |step: i64| Arc::new(here.clone().map(|n| n * step % 1_000_003).collect::<Int64Array>()) as ArrayRef;
        let broken =
            |step: i64| Arc::new(here.clone().map(|n| (n * step % 100_003) as f64 / 100.0 + 0.005).collect::<Float64Array>()) as ArrayRef;
        let text = |word: &str| Arc::new(here.clone().map(|n| Some(format!("{word} {}", n % 5000))).collect::<StringArray>()) as ArrayRef;
        let day =
            |step: i64| Arc::new(here.clone().map(|n| 18_000 + (n * step % 2000) as i32).map(Some).collect::<Date32Array>()) as ArrayRef;
        let batch = RecordBatch::try_from_iter([
            ("id", whole(1)),
            ("n1", whole(7919)),
            ("n2", whole(104_729)),
            ("x1", broken(31)),
            ("x2", broken(37)),
            ("x3", broken(41)),
            ("name", text("name")),
            ("city", text("city")),
            ("day", day(3)),
            ("due", day(5)),
        ])
        .map_err(|e| Problem::new(Code::Internal, "cannot make rows").why(e.to_string()))?;
        writer.write(&batch)?;
        schema = Some(batch.schema());
        from = here.end;
    }
    if let Some(schema) = schema {
        writer.finish(&schema)?;
    }
    Ok(())
}
