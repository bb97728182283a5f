//! Columns that the names of folders tell: `region=DE/day=2024-01-31/x.parquet` has columns `region` and `day`
//! (the layout of Apache Hive, which Spark, DuckDB and pandas write).

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::datatypes::{Field, Schema, SchemaRef};
use trommel_model::Outcome;

use crate::infer::{Seen, Shape};
use crate::typed::convert;
use crate::values::Kind;

/// The name that stands for no value.
pub const NO_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";

/// One column and its value in all rows of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// Its name.
    pub name: String,
    /// Its type, by the form of the value.
    pub kind: Kind,
    /// The value, as text.
    pub value: Option<String>,
}

/// The columns that the folders of a path tell, without those that the file has itself.
pub fn of(path: &str, schema: &SchemaRef) -> Vec<Partition> {
    let mut folders: Vec<&str> = path.split('/').collect();
    folders.pop();
    let mut found: Vec<Partition> = Vec::new();
    for (key, value) in folders.into_iter().filter_map(|f| f.split_once('=')) {
        let name = decoded(key);
        let taken = |other: &str| other.eq_ignore_ascii_case(&name);
        if name.is_empty() || schema.fields().iter().any(|f| taken(f.name())) || found.iter().any(|p| taken(&p.name)) {
            continue;
        }
        let value = (value != NO_VALUE).then(|| decoded(value));
        let mut seen = Seen::default();
        if let Some(text) = value.as_deref().filter(|t| !t.is_empty()) {
            seen.add(Shape::of(text.as_bytes(), b'.'), 1);
        }
        found.push(Partition { name, kind: seen.kind(), value });
    }
    found
}

/// The columns of a file and those that its folders tell.
pub fn extend_schema(schema: &SchemaRef, partitions: &[Partition]) -> SchemaRef {
    if partitions.is_empty() {
        return schema.clone();
    }
    let mut fields: Vec<_> = schema.fields().iter().cloned().collect();
    fields.extend(partitions.iter().map(|p| Arc::new(Field::new(&p.name, p.kind.arrow(), true))));
    Arc::new(Schema::new(fields))
}

impl Partition {
    /// The value so many times.
    pub fn array(&self, rows: usize) -> Outcome<ArrayRef> {
        let texts: ArrayRef = Arc::new(std::iter::repeat_n(self.value.as_deref(), rows).collect::<StringArray>());
        convert(&texts, self.kind, &[]).map(|c| c.array)
    }
}

/// A text with `%2F` and the like decoded; what is not so encoded stays.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        if let Some(byte) = code.and_then(|c| std::str::from_utf8(c).ok()).and_then(|c| u8::from_str_radix(c, 16).ok()) {
            out.push(byte);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

/// A text as the name of a folder: what has a meaning in names is encoded.
pub fn encoded(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | ',' | '+' | '@');
    // `.` and `..` are folders already, and an empty text would be no value.
    let alone = matches!(text, "." | "..");
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if plain(c) && !alone {
            out.push(c);
        } else {
            let mut bytes = [0; 4];
            c.encode_utf8(&mut bytes).bytes().for_each(|b| out.push_str(&format!("%{b:02X}")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::DataType;

    use super::*;

    #[test]
    fn names_of_folders_come_back() {
        for text in ["DE", "Köln/S", "a=b", "..", "100%", "a\u{7}b", "2024-01-31 10:00:00"] {
            assert_eq!(decoded(&encoded(text)), text);
            assert!(!encoded(text).contains(['/', '=']) && encoded(text) != "..", "{text}");
        }
    }

    #[test]
    fn folders_are_columns() {
        let schema: SchemaRef = Arc::new(Schema::new(vec![Field::new("Region", DataType::Utf8, true)]));
        let found = of("data/region=DE/day=2024-01-31/n=7/code=007/city=K%C3%B6ln%2FS/x=__HIVE_DEFAULT_PARTITION__/f=1.parquet", &schema);
        let shown: Vec<String> = found.iter().map(|p| format!("{} {:?} {:?}", p.name, p.kind, p.value.as_deref().unwrap_or("∅"))).collect();
        assert_eq!(shown, ["day Date \"2024-01-31\"", "n Integer \"7\"", "code Text \"007\"", "city Text \"Köln/S\"", "x Text \"∅\""]);
        assert_eq!(found[1].array(3).unwrap().len(), 3);
    }
}
