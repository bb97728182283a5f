//! The expressions of a match, worked out by the engine: keys of blocking rules over one row, and survivors over all
//! records of an entity.
//!
//! Both are checked by the binder before anything is matched, and a fault is shown in the text that a person wrote.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use arrow::compute::{CastOptions, cast_with_options, concat};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use trommel_engine::Engine;
use trommel_engine::sql::{ident, literal, qualified};
use trommel_matching::{KeyExpression, key_expressions};
use trommel_model::{Cancel, Code, MatchSpec, Outcome, Problem, RecordKey, TableName};

use super::super::context::Scratch;
use crate::recipe::expression::{looks_elsewhere, misread};

/// The number of an entity while values are worked out.
const AT: &str = "_trommel_at";

/// A match whose expressions the engine works out.
pub struct Expressions<'e> {
    /// The model, with keys in columns.
    pub spec: MatchSpec,
    engine: &'e Engine,
    name: TableName,
    from: TableName,
    keys: Vec<KeyExpression>,
    values: Vec<Value>,
}

/// A column of golden records that is computed.
struct Value {
    column: String,
    sql: String,
    field: String,
}

/// A column and its value as text.
pub type Computed = (String, Option<String>);

/// SQL of ours with the texts of a person in it.
struct Written<'w> {
    sql: String,
    /// For each text where it stands.
    parts: Vec<(Range<usize>, &'w str)>,
}

impl<'e> Expressions<'e> {
    /// Checks the expressions of the match `name` against the table it reads.
    ///
    /// Fails with `bad-match`, naming the column or key, and the place in its expression.
    pub fn new(engine: &'e Engine, name: &TableName, spec: &MatchSpec) -> Outcome<Self> {
        let mut spec = spec.clone();
        let from: TableName = spec.from.parse()?;
        let keys = key_expressions(&mut spec);
        let all = Self { values: values(&spec), spec, engine, name: name.clone(), from, keys };
        all.keys.iter().try_for_each(|key| all.check_key(key))?;
        all.values.iter().try_for_each(|value| all.check_value(value))?;
        Ok(all)
    }

    /// The rows of the table with the keys behind their columns.
    pub fn select(&self) -> String {
        let keys = self.keys.iter().map(|key| format!(", cast(\n({}\n) as varchar) as {}", key.sql, ident(&key.column)));
        format!("select *{} from {}", keys.collect::<String>(), qualified(&self.from))
    }

    /// Golden records with the values that are computed in their columns.
    pub fn survive(&self, golden: Vec<RecordBatch>, crosswalk: &[RecordBatch], cancel: &Cancel) -> Outcome<Vec<RecordBatch>> {
        let Some(schema) = golden.first().filter(|_| !self.values.is_empty()).map(RecordBatch::schema) else { return Ok(golden) };
        let entities = Scratch::new(self.engine, &self.name, "entities");
        let records = Scratch::new(self.engine, &self.name, "records");
        let rows: usize = golden.iter().map(RecordBatch::num_rows).sum();
        let mut at = 0_i64;
        let numbered = golden.iter().map(|batch| {
            let numbers = Int64Array::from_iter_values(at..at + batch.num_rows() as i64);
            at += batch.num_rows() as i64;
            table(vec![(AT, Arc::new(numbers)), ("entity_id", batch.column(0).clone())])
        });
        self.engine.put(&entities.table().to_string(), numbered.collect::<Outcome<_>>()?)?;
        self.engine.put(&records.table().to_string(), crosswalk.to_vec())?;
        let of = format!(
            "{} as r join {} as c on {} = c.source and r.{} = c.id join {} as e on e.entity_id = c.entity_id",
            qualified(&self.from),
            records.sql(),
            self.source("r"),
            ident(&self.spec.id),
            entities.sql()
        );
        let written = self.values_of(&format!("select r.*, e.{} from {of}", ident(AT)), "");
        let mut columns: Vec<Vec<ArrayRef>> = vec![Vec::new(); self.values.len()];
        let mut add = |batch: RecordBatch| {
            columns.iter_mut().enumerate().for_each(|(at, column)| column.push(batch.column(at + 1).clone()));
            Ok(())
        };
        self.engine.stream(&written.sql, cancel, &mut add).map_err(|p| written.explain(p, &self.values))?;
        let mut whole = Vec::with_capacity(self.values.len());
        for (value, parts) in self.values.iter().zip(&columns) {
            let at = schema.index_of(&value.column).map_err(|e| internal(&e))?;
            whole.push((at, fitted(value, parts, schema.field(at).data_type())?));
        }
        if let Some((_, column)) = whole.iter().find(|(_, column)| column.len() != rows) {
            return Err(internal(&format!("{} of {rows} entities have a computed value", column.len())));
        }
        let mut from = 0;
        golden.into_iter().map(|batch| replaced(&batch, &whole, &mut from)).collect()
    }

    /// The values of some groups of records, as text: for each group the columns with their values.
    pub fn of_records(&self, groups: &[Vec<RecordKey>], cancel: &Cancel) -> Outcome<Vec<Vec<Computed>>> {
        let mut found: Vec<Vec<Computed>> = vec![Vec::new(); groups.len()];
        if self.values.is_empty() || groups.is_empty() {
            return Ok(found);
        }
        let records = Scratch::new(self.engine, &self.name, "pairs");
        let of = |text: fn(&RecordKey) -> &str| -> ArrayRef { Arc::new(StringArray::from_iter_values(groups.iter().flatten().map(text))) };
        let numbers = (0_i64..).zip(groups).flat_map(|(at, group)| std::iter::repeat_n(at, group.len()));
        let put = table(vec![
            (AT, Arc::new(Int64Array::from_iter_values(numbers))),
            ("source", of(|key| &key.source)),
            ("id", of(|key| &key.id)),
        ])?;
        self.engine.put(&records.table().to_string(), vec![put])?;
        let rows = format!(
            "select r.*, g.{} from {} as r join {} as g on {} = g.source and cast(r.{} as varchar) = g.id",
            ident(AT),
            qualified(&self.from),
            records.sql(),
            self.source("r"),
            ident(&self.spec.id)
        );
        let written = self.values_of(&rows, "varchar");
        for batch in self.engine.query(&written.sql, cancel).map_err(|p| written.explain(p, &self.values))? {
            let at = batch.column(0).as_primitive::<Int64Type>();
            for row in 0..batch.num_rows() {
                let value = |(nth, value): (usize, &Value)| {
                    let texts = batch.column(nth + 1).as_string_opt::<i32>();
                    (value.column.clone(), texts.filter(|t| !t.is_null(row)).map(|t| t.value(row).to_owned()))
                };
                found[at.value(row) as usize] = self.values.iter().enumerate().map(value).collect();
            }
        }
        Ok(found)
    }

    /// The source of a row as a crosswalk has it.
    fn source(&self, of: &str) -> String {
        self.spec.source.as_ref().map_or_else(|| literal(""), |source| format!("coalesce(cast({of}.{} as varchar), '')", ident(source)))
    }

    /// All values of each group of rows, in the order of the groups; as another type when one is named.
    fn values_of(&self, rows: &str, as_type: &str) -> Written<'_> {
        let mut written = Written { sql: format!("select {}", ident(AT)), parts: Vec::new() };
        for (nth, value) in self.values.iter().enumerate() {
            let (before, behind) = if as_type.is_empty() { ("", String::new()) } else { ("cast(", format!(" as {as_type})")) };
            written.sql.push_str(&format!(", {before}(\n"));
            written.text(&value.sql, &value.column);
            written.sql.push_str(&format!("\n){behind} as \"_trommel_value_{nth}\""));
        }
        let at = ident(AT);
        written.sql.push_str(&format!(" from ({rows}) group by {at} order by {at}"));
        written
    }

    fn check_key(&self, key: &KeyExpression) -> Outcome<()> {
        readable_key(key)?;
        let what = what_key(key);
        let mut written = Written { sql: "select *, (\n".to_owned(), parts: Vec::new() };
        written.text(&key.sql, &key.shown);
        written.sql.push_str(&format!("\n) as {} from {}", ident(&key.column), qualified(&self.from)));
        self.engine.describe(&written.sql).map(drop).map_err(|problem| {
            let mut told = written.fault(&problem, &what).at_field(&key.field);
            if told.snippet.is_none() && problem.code == Code::BadSql {
                told = told.pointing_at("key", &key.sql, 0..key.sql.len(), "sees one row and no others");
            }
            told
        })
    }

    fn check_value(&self, value: &Value) -> Outcome<()> {
        readable_value(value)?;
        let what = what_value(value);
        let mut written = Written { sql: "select (\n".to_owned(), parts: Vec::new() };
        written.text(&value.sql, &value.column);
        let at = ident(AT);
        written.sql.push_str(&format!("\n) from (select *, 1 as {at} from {}) group by {at}", qualified(&self.from)));
        self.engine.describe(&written.sql).map(drop).map_err(|problem| written.fault(&problem, &what).at_field(&value.field))
    }
}

impl<'w> Written<'w> {
    fn text(&mut self, text: &str, name: &'w str) {
        let from = self.sql.len();
        self.sql.push_str(text);
        self.parts.push((from..self.sql.len(), name));
    }

    /// A fault of the engine in terms of what a person wrote.
    fn fault(&self, problem: &Problem, what: &str) -> Problem {
        if !matches!(problem.code, Code::BadSql | Code::RunFailed) {
            return problem.clone();
        }
        let because = problem.why.as_ref().map_or_else(|| problem.what.clone(), |why| format!("{}: {why}", problem.what));
        let mut fault = Problem::new(Code::BadMatch, what).why(because);
        fault.next.clone_from(&problem.next);
        let inside = |part: &&(Range<usize>, &str)| {
            problem.snippet.as_ref().is_some_and(|s| part.0.start <= s.span.start && s.span.end <= part.0.end)
        };
        if let Some((part, name)) = self.parts.iter().find(inside) {
            let narrowed = problem.clone().narrowed_to(*name, &self.sql, part.clone());
            (fault.snippet, fault.place) = (narrowed.snippet, narrowed.place);
        }
        fault
    }

    /// The same of several values, of which one is at fault.
    fn explain(&self, problem: Problem, values: &[Value]) -> Problem {
        let names: Vec<String> = values.iter().map(|value| format!("\"{}\"", value.column)).collect();
        self.fault(&problem, &format!("the value of {} cannot be worked out", names.join(" or ")))
    }
}

/// Checks the expressions of a match as far as that can be done without its table.
pub(crate) fn readable_expressions(spec: &MatchSpec) -> Outcome<()> {
    key_expressions(&mut spec.clone()).iter().try_for_each(readable_key)?;
    values(spec).iter().try_for_each(readable_value)
}

fn values(spec: &MatchSpec) -> Vec<Value> {
    let value = |(at, survivor): (usize, &trommel_model::Survivor)| {
        Some(Value { column: survivor.column.clone(), sql: survivor.sql.clone()?, field: format!("survivorship[{}]", at + 1) })
    };
    spec.survivorship.iter().enumerate().filter_map(value).collect()
}

fn what_key(key: &KeyExpression) -> String {
    format!("the key \"{}\" cannot be worked out", key.shown)
}

fn what_value(value: &Value) -> String {
    format!("the value of \"{}\" cannot be worked out", value.column)
}

fn readable_key(key: &KeyExpression) -> Outcome<()> {
    readable(&key.sql, "a key", &|| Problem::new(Code::BadMatch, what_key(key)).at_field(&key.field))
}

fn readable_value(value: &Value) -> Outcome<()> {
    readable(&value.sql, "a survivor", &|| Problem::new(Code::BadMatch, what_value(value)).at_field(&value.field))
}

/// Refuses a text that is not one expression over the rows it is given.
fn readable(text: &str, who: &str, fault: &dyn Fn() -> Problem) -> Outcome<()> {
    if let Some((span, label)) = misread(text) {
        return Err(fault().pointing_at("expression", text, span, label));
    }
    if let Some(span) = looks_elsewhere(text) {
        let next = "make such a column in a SQL model before the match";
        return Err(fault().pointing_at("expression", text, span, format!("{who} sees its own rows and no others")).next(next));
    }
    Ok(())
}

/// A computed column as one array of the type that its column has.
fn fitted(value: &Value, parts: &[ArrayRef], wanted: &DataType) -> Outcome<ArrayRef> {
    if parts.is_empty() {
        return Ok(arrow::array::new_empty_array(wanted));
    }
    let whole = concat(&parts.iter().map(AsRef::as_ref).collect::<Vec<_>>()).map_err(|e| internal(&e))?;
    if whole.data_type() == wanted {
        return Ok(whole);
    }
    cast_with_options(&whole, wanted, &CastOptions { safe: false, ..CastOptions::default() }).map_err(|e| {
        Problem::new(Code::BadMatch, format!("the value of \"{}\" does not fit its column", value.column))
            .at_field(&value.field)
            .why(e.to_string())
            .next(format!("the column has the type {wanted}: cast the expression, or give the column another type before the match"))
    })
}

/// A batch with columns replaced by the rows of others from a place on.
fn replaced(batch: &RecordBatch, columns: &[(usize, ArrayRef)], from: &mut usize) -> Outcome<RecordBatch> {
    let schema = batch.schema();
    let mut fields: Vec<Arc<Field>> = schema.fields().iter().cloned().collect();
    let mut arrays = batch.columns().to_vec();
    for (at, column) in columns {
        fields[*at] = Arc::new(schema.field(*at).clone().with_nullable(true));
        arrays[*at] = column.slice(*from, batch.num_rows());
    }
    *from += batch.num_rows();
    let schema = Schema::new_with_metadata(fields, schema.metadata().clone());
    RecordBatch::try_new(Arc::new(schema), arrays).map_err(|e| internal(&e))
}

fn table(columns: Vec<(&str, ArrayRef)>) -> Outcome<RecordBatch> {
    RecordBatch::try_from_iter(columns).map_err(|e| internal(&e))
}

fn internal(why: &dyn std::fmt::Display) -> Problem {
    Problem::new(Code::Internal, "computed values cannot be put into golden records").why(why.to_string())
}
