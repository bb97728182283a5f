//! A KPI as SQL: checked once, then asked in several ways.

use trommel_engine::Engine;
use trommel_engine::sql::{ident, qualified};
use trommel_model::{Code, DataType, Grain, KpiSpec, Outcome, Problem, Schema, TableName, did_you_mean};

/// How many values of a dimension are listed.
const LISTED: usize = 50;

/// A KPI whose table, columns, condition and formula have been found to be right.
pub(super) struct Question<'a> {
    spec: &'a KpiSpec,
    /// The table with the condition: what stands behind FROM.
    from: String,
    /// The time of a row, when there is a time axis.
    time: Option<String>,
}

impl<'a> Question<'a> {
    /// Checks all that the KPI says against the engine's tables; reads no data.
    pub(super) fn new(engine: &Engine, spec: &'a KpiSpec) -> Outcome<Self> {
        let table: TableName = spec.from.parse().map_err(|p: Problem| bad(spec, "does not say which table it is about", p))?;
        let table = qualified(&table);
        let schema = engine.describe(&format!("SELECT * FROM {table}")).map_err(|p| match p.code {
            Code::BadSql => bad(spec, &format!("reads {}, which is not there", spec.from), p),
            _ => p,
        })?;
        let time = spec.time.as_ref().map(|column| time_of(spec, &schema, column)).transpose()?;
        for dimension in &spec.dimensions {
            data_type(spec, &schema, dimension)?;
        }
        let from = match &spec.condition {
            None => table,
            Some(condition) => {
                let before = format!("SELECT 1 FROM {table} WHERE (\n");
                let sql = format!("{before}{condition}\n)");
                engine.describe(&sql).map_err(|p| fragment_fault(spec, "where", p, &sql, before.len(), condition))?;
                // A star of its own keeps a comment at the end of the condition to itself.
                format!("(SELECT * FROM {table} WHERE (\n{condition}\n))")
            }
        };
        let question = Self { spec, from, time };
        question.check_formula(engine)?;
        Ok(question)
    }

    /// One row: the value over all rows.
    pub(super) fn total(&self) -> String {
        format!("SELECT {} FROM {}", self.value(), self.from)
    }

    /// One row: what the formula gives for no rows.
    pub(super) fn for_no_rows(&self) -> String {
        format!("SELECT {} FROM {} WHERE false", self.value(), self.from)
    }

    /// A row a period that has rows: its start as text, the value. Absent without a time axis.
    pub(super) fn series(&self) -> Option<String> {
        let time = self.time.as_ref()?;
        let (grain, pattern) = (self.spec.grain.name(), pattern(self.spec.grain));
        Some(format!(
            "SELECT strftime(_period, '{pattern}'), _value FROM (\
             SELECT date_trunc('{grain}', {time}) AS _period, {} AS _value FROM {} WHERE isfinite({time}) GROUP BY 1\
             ) ORDER BY _period",
            self.value(),
            self.from
        ))
    }

    /// A row for each of the largest values of a dimension: it, the KPI for it, and how many values there are in all.
    pub(super) fn by(&self, dimension: &str) -> String {
        format!(
            "SELECT _key, _value, count(*) OVER () FROM (\
             SELECT _key, CASE WHEN isfinite(_value) THEN _value END AS _value FROM (\
             SELECT {} AS _key, {} AS _value FROM {} GROUP BY 1)\
             ) ORDER BY _value DESC NULLS LAST, _key NULLS LAST LIMIT {LISTED}",
            ident(dimension),
            self.value(),
            self.from
        )
    }

    /// A fault while the question was answered, in terms of the KPI.
    pub(super) fn at_fault(&self, problem: Problem) -> Problem {
        match problem.code {
            Code::RunFailed | Code::BadSql => bad(self.spec, "cannot be computed", problem).pointing_at(
                origin(self.spec, "formula"),
                &self.spec.formula,
                0..self.spec.formula.len(),
                "this",
            ),
            _ => problem,
        }
    }

    fn check_formula(&self, engine: &Engine) -> Outcome<()> {
        let formula = &self.spec.formula;
        let before = "SELECT (\n";
        // An empty grouping makes the binder refuse a column that is not aggregated.
        let sql = format!("{before}{formula}\n) FROM {} GROUP BY ()", self.from);
        let schema = engine.describe(&sql).map_err(|p| fragment_fault(self.spec, "formula", p, &sql, before.len(), formula))?;
        let point = |problem: Problem| problem.pointing_at(origin(self.spec, "formula"), formula, 0..formula.len(), "this");
        match schema.fields.as_slice() {
            [field] if field.data_type.is_number() => Ok(()),
            [field] => Err(point(
                Problem::new(Code::BadKpi, format!("the formula of KPI {} gives {}, not a number", self.spec.name, field.data_type))
                    .next("write an aggregate that gives a number, for instance count(*) or sum(amount)"),
            )),
            _ => Err(point(Problem::new(Code::BadKpi, format!("the formula of KPI {} gives more than one value", self.spec.name)))),
        }
    }

    fn value(&self) -> String {
        format!("CAST((\n{}\n) AS DOUBLE)", self.spec.formula)
    }
}

/// How the start of a period is written; ISO 8601.
pub(super) fn pattern(grain: Grain) -> &'static str {
    match grain {
        Grain::Hour => "%Y-%m-%dT%H:%M",
        Grain::Day | Grain::Week | Grain::Month | Grain::Quarter | Grain::Year => "%Y-%m-%d",
    }
}

fn time_of(spec: &KpiSpec, schema: &Schema, column: &str) -> Outcome<String> {
    let name = ident(column);
    match data_type(spec, schema, column)? {
        DataType::Date | DataType::Timestamp => Ok(name),
        // Periods are those of UTC, whatever the zone of the machine.
        DataType::TimestampTz => Ok(format!("make_timestamp(epoch_us({name}))")),
        other => Err(Problem::new(Code::BadKpi, format!("the time of KPI {} is {other}, which is no time axis", spec.name))
            .at_field(column)
            .next("make it a date or timestamp in a recipe, for instance with parse_dates")),
    }
}

fn data_type<'s>(spec: &KpiSpec, schema: &'s Schema, column: &str) -> Outcome<&'s DataType> {
    schema.position(column).map(|i| &schema.fields[i].data_type).ok_or_else(|| {
        let mut problem =
            Problem::new(Code::BadKpi, format!("KPI {} names column \"{column}\", which {} does not have", spec.name, spec.from));
        let meant = did_you_mean(column, schema.names());
        problem.next = Some(if meant.is_empty() { format!("columns: {}", schema.names().collect::<Vec<_>>().join(", ")) } else { meant });
        problem
    })
}

fn fragment_fault(spec: &KpiSpec, key: &str, problem: Problem, sql: &str, start: usize, fragment: &str) -> Problem {
    if problem.code != Code::BadSql {
        return problem;
    }
    let narrowed = problem.narrowed_to(origin(spec, key), sql, start..start + fragment.len());
    let (snippet, place) = (narrowed.snippet.clone(), narrowed.place.clone());
    let mut fault = bad(spec, &format!("has a fault in its {key}"), narrowed);
    (fault.snippet, fault.place) = (snippet, place);
    fault
}

fn origin(spec: &KpiSpec, key: &str) -> String {
    format!("kpis/{}.toml, {key}", spec.name)
}

fn bad(spec: &KpiSpec, what: &str, because: Problem) -> Problem {
    let mut problem = Problem::new(Code::BadKpi, format!("KPI {} {what}", spec.name));
    problem.why = Some(match because.why {
        Some(why) => format!("{}: {why}", because.what),
        None => because.what,
    });
    problem.next = because.next;
    problem
}
