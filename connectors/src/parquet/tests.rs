//! Files of other writers, sound and broken.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::file::properties::WriterProperties;
use arrow::array::{
    Array as _, ArrayRef, AsArray as _, Decimal256Array, DictionaryArray, Float64Array, Int32Array, Int64Array, ListArray, StringArray,
    TimestampNanosecondArray, UInt64Array,
};
use arrow::datatypes::{DataType, Int32Type, TimeUnit, TimestampMicrosecondType, i256};
use arrow::record_batch::RecordBatch;
use trommel_model::{Cancel, Code, ColumnContract, ContractType, FileFormat, OnBad, Outcome, ProgressSlot, SourceSpec};

use super::read;
use crate::read::Job;
use crate::sink::{Collect, Collected, Mode};
use crate::{Piece, ReadReport};

fn file(columns: Vec<(&str, ArrayRef)>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.parquet");
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true))).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(2)).build();
    let mut writer = ArrowWriter::try_new(std::fs::File::create(&path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    (folder, path)
}

fn read_as(path: &Path, columns: Vec<ColumnContract>) -> Outcome<(Collected, ReadReport)> {
    let mut spec = SourceSpec::of_file("s", None);
    spec.columns = columns;
    let piece = Piece { name: "x.parquet".to_owned(), path: path.to_owned(), format: FileFormat::Parquet, bytes: 0, modified_ms: 0 };
    let sink = Collect::new();
    let job = Job { piece: &piece, spec: &spec, mode: Mode::Strict, threads: 2, cancel: &Cancel::new(), progress: &ProgressSlot::new() };
    let report = read::read(&job, &sink)?;
    assert_eq!(report.rows_in, report.rows_out + report.held);
    Ok((sink.into_parts(), report))
}

fn wanted(name: &str, data_type: ContractType) -> ColumnContract {
    ColumnContract {
        name: name.to_owned(),
        data_type,
        required: false,
        on_bad: OnBad::Quarantine,
        formats: Vec::new(),
        description: String::new(),
    }
}

fn types(all: &Collected) -> Vec<DataType> {
    all.schema.clone().unwrap().fields().iter().map(|f| f.data_type().clone()).collect()
}

#[test]
fn columns_keep_their_types_or_get_the_nearest() {
    let colours: DictionaryArray<Int32Type> = vec![Some("red"), None, Some("red")].into_iter().collect();
    let lists = ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(1)]), None, Some(vec![])]);
    let wide = Decimal256Array::from(vec![Some(i256::from(12_345)), None, None]).with_precision_and_scale(60, 2).unwrap();
    let (_folder, path) = file(vec![
        ("u", Arc::new(UInt64Array::from(vec![Some(u64::MAX), None, Some(0)]))),
        ("colour", Arc::new(colours)),
        ("at", Arc::new(TimestampNanosecondArray::from(vec![Some(1_999), None, Some(-1)]))),
        ("wide", Arc::new(wide)),
        ("list", Arc::new(lists)),
    ]);
    let (all, report) = read_as(&path, Vec::new()).unwrap();
    let found = types(&all);
    assert_eq!(found[..4], [DataType::UInt64, DataType::Utf8, DataType::Timestamp(TimeUnit::Microsecond, None), DataType::Utf8]);
    assert!(matches!(found[4], DataType::List(_)));
    assert_eq!(report.notes.len(), 2, "{:?}", report.notes);
    assert_eq!(all.batches.iter().map(|(part, b)| (*part, b.num_rows())).collect::<Vec<_>>(), [(0, 2), (1, 1)]);
    let first = &all.batches[0].1;
    assert_eq!(first.column(1).as_string::<i32>().value(0), "red");
    assert_eq!(first.column(2).as_primitive::<TimestampMicrosecondType>().value(0), 1);
    assert_eq!(first.column(3).as_string::<i32>().value(0), "123.45");
    let second = &all.batches[1].1;
    assert_eq!(second.column(5).as_string::<i32>().value(0), "x.parquet");
    assert_eq!(second.column(6).as_primitive::<arrow::datatypes::Int64Type>().value(0), 3, "rows are numbered over the file");
    assert!(second.column(7).is_null(0));
}

#[test]
fn a_contract_casts_and_holds() {
    let (_folder, path) = file(vec![
        ("n", Arc::new(StringArray::from(vec![Some("1"), Some("x"), Some("3"), None]))),
        ("f", Arc::new(Float64Array::from(vec![1.0, 2.0, 2.5, 4.0]))),
        ("t", Arc::new(Int32Array::from(vec![7, 8, 9, 10]))),
    ]);
    let contract = vec![wanted("n", ContractType::Integer), wanted("f", ContractType::Integer), wanted("t", ContractType::Text)];
    let (all, report) = read_as(&path, contract.clone()).unwrap();
    assert_eq!(types(&all)[..3], [DataType::Int64, DataType::Int64, DataType::Utf8]);
    assert_eq!((report.rows_out, report.held), (2, 2));
    let held: Vec<_> = all.held.iter().map(|h| (h.line, h.rule.as_str(), h.reason.as_str(), h.raw.as_str())).collect();
    assert_eq!(
        held,
        [
            (2, "cast(integer)", "\"x\" is not an integer", r#"{"n":"x","f":2.0,"t":8}"#),
            (3, "cast(integer)", "\"2.5\" is not an integer", r#"{"n":"3","f":2.5,"t":9}"#),
        ]
    );
    let mut contract = contract;
    contract[0].on_bad = OnBad::Null;
    contract[1].on_bad = OnBad::Null;
    contract[0].required = true;
    let (all, report) = read_as(&path, contract).unwrap();
    assert_eq!((report.rows_out, report.held, report.nulled), (2, 2, 2));
    assert_eq!(all.held.iter().map(|h| (h.line, h.rule.as_str())).collect::<Vec<_>>(), [(2, "required"), (4, "required")]);
}

#[test]
fn broken_files_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.parquet");
    for (bytes, code) in [
        (&b""[..], Code::EmptyFile),
        (b"PAR1", Code::BadParquet),
        (b"a,b\n1,2\n3,4\n", Code::BadParquet),
        (b"PAR1\xff\xff\xff\x7fPAR1", Code::BadParquet),
    ] {
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(read_as(&path, Vec::new()).map(drop).unwrap_err().code, code, "{bytes:?}");
    }
    assert_eq!(read_as(&folder.path().join("none"), Vec::new()).map(drop).unwrap_err().code, Code::FileNotFound);
}

#[test]
fn no_change_of_a_byte_breaks_the_reader_down() {
    let (_folder, path) = file(vec![
        ("n", Arc::new(Int64Array::from((0..7).collect::<Vec<_>>()))),
        ("s", Arc::new(StringArray::from((0..7).map(|i| format!("text {i}")).collect::<Vec<_>>()))),
    ]);
    let sound = std::fs::read(&path).unwrap();
    let mut faults = 0;
    for at in 0..sound.len() {
        let mut bytes = sound.clone();
        bytes[at] ^= 0x41;
        std::fs::write(&path, &bytes).unwrap();
        if let Err(problem) = read_as(&path, Vec::new()) {
            faults += 1;
            assert_eq!(problem.code, Code::BadParquet, "byte {at}: {problem}");
        }
    }
    assert!(faults > 50, "only {faults} of {} changes were noticed", sound.len());
}
