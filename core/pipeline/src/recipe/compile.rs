//! All steps in order, and the SQL that comes of them.

use std::collections::BTreeMap;

use trommel_engine::Engine;
use trommel_engine::sql::{ident, literal, qualified};
use trommel_model::{Cancel, Code, DataType, Field, FillWith, Outcome, Problem, Recipe, RecipeStep, Schema, TableName};

use super::chain::{Chain, Link, Mark, Mode};
use super::tracked::Tracked;
use super::{
    aggregate, columns, convert, currency, dates, derive, expression, extract, fill, lookup, names, outliers, pivot, rows, split,
    split_rows, standardise, text, time_zone, types, union, unpivot,
};
use crate::lexer::tokens;

/// A recipe as SQL.
#[derive(Debug, Clone)]
pub struct CompiledRecipe {
    /// The readable SELECT, one link of the `WITH` chain a step.
    pub sql: String,
    /// The columns that come out.
    pub columns: Vec<OutputColumn>,
    /// Texts of the user within `sql`.
    pub(crate) marks: Vec<Mark>,
    /// The rendering in which rows that leave are marked.
    pub(crate) tracked: Tracked,
    /// What the engine said of columns, by the position of the step.
    pub(crate) learned: Learned,
}

/// One column that comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputColumn {
    /// Its name.
    pub name: String,
    /// Its type; absent for derived columns, whose type the engine knows.
    pub data_type: Option<DataType>,
    /// The column of the input it comes from, through renames; absent for new ones.
    pub origin: Option<String>,
}

/// What only the engine knows, by the position of the step: the columns after a step whose values are computed, and those of a
/// table whose rows are added.
pub(crate) type Learned = BTreeMap<usize, Vec<Field>>;

/// Compiles a recipe against the columns of its input. Pure: patterns and expressions are checked by the
/// engine when they are first used; types of derived columns stay open.
pub fn compile(recipe: &Recipe, input: &Schema) -> Outcome<CompiledRecipe> {
    render(recipe, input, &BTreeMap::new(), Carry::default())
}

/// Compiles with the types of derived columns, as the engine gives them. `before` carries the input row along.
pub(crate) fn compile_with(engine: &Engine, recipe: &Recipe, input: &Schema, before: bool) -> Outcome<CompiledRecipe> {
    demand_patterns(engine, recipe)?;
    let mut learned = Learned::new();
    for (i, step) in recipe.steps.iter().enumerate() {
        match step {
            RecipeStep::Union { table, .. } => {
                // A name that is none is told by the step.
                let Ok(name) = table.parse::<TableName>() else { continue };
                let schema = engine
                    .describe(&format!("select * from {}", qualified(&name)))
                    .map_err(|p| names::fault(i + 1, step.name(), &format!("{table} cannot be read")).why(p.what))?;
                learned.insert(i, schema.fields);
            }
            RecipeStep::Derive { .. } | RecipeStep::Aggregate { .. } | RecipeStep::Pivot { .. } | RecipeStep::Unpivot { .. } => {
                let prefix = Recipe { from: recipe.from.clone(), steps: recipe.steps[..=i].to_vec() };
                let compiled = render(&prefix, input, &learned, Carry::default())?;
                learned.insert(i, engine.describe(&compiled.sql).map_err(|p| compiled.explain(p))?.fields);
            }
            _ => {}
        }
    }
    let compiled = render(recipe, input, &learned, Carry { before, limit: None })?;
    engine.describe(&compiled.sql).map_err(|p| compiled.explain(p))?;
    Ok(compiled)
}

/// Compiles for reading, with what the engine knows of the columns.
pub fn compile_in(engine: &Engine, recipe: &Recipe, input: &Schema) -> Outcome<CompiledRecipe> {
    compile_with(engine, recipe, input, false)
}

/// Asks the engine whether it understands the patterns: it compiles them when they are first used, which is late.
fn demand_patterns(engine: &Engine, recipe: &Recipe) -> Outcome<()> {
    for (i, step) in recipe.steps.iter().enumerate() {
        let asked = match step {
            RecipeStep::Replace { find, with, regex: true, .. } => {
                vec![(find, format!("select regexp_replace('', {}, {}, 'g')", literal(find), literal(with)))]
            }
            RecipeStep::Extract { pattern: Some(pattern), .. } => {
                vec![(pattern, format!("select regexp_matches('', {})", literal(pattern)))]
            }
            RecipeStep::ParseDates { formats, .. } => {
                formats.iter().map(|f| (f, format!("select try_strptime('', [{}])", literal(f)))).collect()
            }
            _ => continue,
        };
        for (pattern, sql) in asked {
            engine.query(&sql, &Cancel::new()).map_err(|p| {
                let fault =
                    names::fault(i + 1, step.name(), &format!("the pattern \"{pattern}\" cannot be read")).why(p.why.unwrap_or(p.what));
                let is_regex = !matches!(step, RecipeStep::ParseDates { .. });
                match is_regex.then(|| trommel_quality::pattern_fault(pattern)).flatten() {
                    Some((span, label)) => fault.pointing_at(format!("step {} ({})", i + 1, step.name()), pattern, span, label),
                    None => fault,
                }
            })?;
        }
    }
    Ok(())
}

/// The same recipe on the first rows only, for one in which no row depends on others.
pub(crate) fn compile_sample(recipe: &Recipe, input: &Schema, learned: &Learned, rows: usize) -> Outcome<CompiledRecipe> {
    render(recipe, input, learned, Carry { before: true, limit: Some(rows) })
}

/// What the tracked rendering carries besides.
#[derive(Debug, Clone, Copy, Default)]
struct Carry {
    /// The input row as it came.
    before: bool,
    /// Only this many rows of the input.
    limit: Option<usize>,
}

/// The texts of a recipe in which tables may be named: its expressions.
pub fn dependencies(recipe: &Recipe) -> Vec<&str> {
    fn of(step: &RecipeStep) -> Vec<&str> {
        match step {
            RecipeStep::Filter { keep } => vec![keep.as_str()],
            RecipeStep::Derive { expression, .. } => vec![expression.as_str()],
            RecipeStep::Aggregate { columns, .. } => columns.values().map(String::as_str).collect(),
            _ => Vec::new(),
        }
    }
    recipe.steps.iter().flat_map(of).collect()
}

/// The tables that a recipe takes columns or rows from besides the one it starts from.
pub fn lookups(recipe: &Recipe) -> Vec<&str> {
    fn of(step: &RecipeStep) -> Option<&str> {
        match step {
            RecipeStep::Lookup { table, .. } | RecipeStep::Union { table, .. } => Some(table.as_str()),
            RecipeStep::Currency { rates, .. } => Some(rates.as_str()),
            _ => None,
        }
    }
    recipe.steps.iter().filter_map(of).collect()
}

impl CompiledRecipe {
    /// A fault of the engine in this SQL, shown where the user wrote it.
    pub(crate) fn explain(&self, problem: Problem) -> Problem {
        explain(problem, &self.marks)
    }

    /// The same for the tracked rendering, within a larger text.
    pub(crate) fn explain_tracked(&self, problem: Problem, within: &str) -> Problem {
        let start = within.find(&self.tracked.sql).unwrap_or(0);
        let moved = |m: &Mark| Mark { span: m.span.start + start..m.span.end + start, ..m.clone() };
        explain(problem, &self.tracked.marks.iter().map(moved).collect::<Vec<_>>())
    }
}

fn render(recipe: &Recipe, input: &Schema, learned: &Learned, carry: Carry) -> Outcome<CompiledRecipe> {
    let from: TableName = recipe.from.parse()?;
    if let Some(field) = input.fields.iter().find(|f| names::is_hidden(&f.name)) {
        return Err(Problem::new(Code::BadRecipe, format!("{from} has a column \"{}\", a name recipes use themselves", field.name))
            .next("rename it where it comes from"));
    }
    let ordered = recipe.steps.iter().any(needs_order);
    let plain = steps(recipe, Chain::new(Mode::Plain { ordered }, input), learned)?;
    let tracked = steps(recipe, Chain::new(Mode::Tracked { before: carry.before }, input), learned)?;

    let table = qualified(&from);
    let input_plain =
        if ordered { format!("select *, row_number() over () as __row\nfrom {table}") } else { format!("select *\nfrom {table}") };
    let last = if ordered {
        format!("select * exclude ({place})\nfrom {}\norder by {place}", plain.last(), place = plain.place())
    } else {
        format!("select *\nfrom {}", plain.last())
    };
    let (sql, marks) = assemble(&input_plain, &plain.links, &last);

    let hidden = "row_number() over () as __row,\n    cast(null as smallint) as __fate,\n    cast(null as varchar) as __value";
    let carried = if carry.before { ",\n    __source as __before" } else { "" };
    let limited = carry.limit.map_or_else(|| table.clone(), |rows| format!("(select * from {table} limit {rows})"));
    let input_tracked = format!("select __source.*,\n    {hidden}{carried}\nfrom {limited} as __source");
    let outputs: Vec<String> = tracked.columns.iter().map(|c| ident(&c.name)).chain(tracked.hidden()).collect();
    let (tracked_sql, tracked_marks) =
        assemble(&input_tracked, &tracked.links, &format!("select {}\nfrom {}", outputs.join(", "), tracked.last()));

    let columns = plain.columns.into_iter().map(|c| OutputColumn { name: c.name, data_type: c.data_type, origin: c.origin }).collect();
    let looks_around = recipe.steps.iter().any(looks_around);
    let place = tracked.place();
    let (deaths, nulled, filled, unions) = (tracked.deaths, tracked.nulled, tracked.filled, tracked.unions);
    let tracked = Tracked { sql: tracked_sql, deaths, nulled, filled, marks: tracked_marks, looks_around, ordered, place, unions };
    Ok(CompiledRecipe { sql, columns, marks, tracked, learned: learned.clone() })
}

fn steps(recipe: &Recipe, mut chain: Chain, learned: &Learned) -> Outcome<Chain> {
    chain.from.clone_from(&recipe.from);
    for (i, step) in recipe.steps.iter().enumerate() {
        chain.step = i + 1;
        chain.step_name = step.name();
        let c = &mut chain;
        match step {
            RecipeStep::Select { columns } => columns::select(c, columns)?,
            RecipeStep::Drop { columns } => columns::drop(c, columns)?,
            RecipeStep::Rename { columns } => columns::rename(c, columns)?,
            RecipeStep::Cast { columns, to, on_bad, decimal_mark } => types::cast(c, columns, *to, *on_bad, *decimal_mark)?,
            RecipeStep::ParseDates { columns, formats, day_first, time, on_bad } => {
                dates::parse_dates(c, columns, formats, *day_first, *time, *on_bad)?;
            }
            RecipeStep::Trim { columns } => text::trim(c, columns)?,
            RecipeStep::Collapse { columns } => text::collapse(c, columns)?,
            RecipeStep::Case { columns, to } => text::case(c, columns, *to)?,
            RecipeStep::Replace { columns, find, with, regex } => text::replace(c, columns, find, with, *regex)?,
            RecipeStep::Split { column, by, into } => split::split(c, column, by, into)?,
            RecipeStep::MapValues { column, values, otherwise } => split::map_values(c, column, values, otherwise.as_deref())?,
            RecipeStep::Fill { columns, with, value, order_by, by } => fill::fill(c, columns, *with, value.as_deref(), order_by, by)?,
            RecipeStep::Filter { keep } => rows::filter(c, keep)?,
            RecipeStep::Derive { column, expression } => {
                let known = learned.get(&i).and_then(|fields| fields.iter().find(|f| f.name == *column));
                derive::derive(c, column, expression, known.map(|f| f.data_type.clone()))?;
            }
            RecipeStep::Deduplicate { key, order_by } => rows::deduplicate(c, key, order_by)?,
            RecipeStep::Outliers { columns, action, iqr_factor } => outliers::outliers(c, columns, *action, *iqr_factor)?,
            RecipeStep::Extract { column, into, pattern, json, part } => {
                extract::extract(c, column, into, pattern.as_deref(), json.as_deref(), *part)?;
            }
            RecipeStep::Lookup { table, on, columns } => lookup::lookup(c, table, on, columns)?,
            RecipeStep::TimeZone { columns, from, to, gap, overlap, on_bad } => {
                let rules = time_zone::Rules { gap: *gap, overlap: *overlap, on_bad: *on_bad };
                time_zone::time_zone(c, columns, from.as_deref(), to, &rules)?;
            }
            RecipeStep::Convert { columns, from, to } => convert::convert(c, columns, from, to)?,
            RecipeStep::Standardise { columns, form, country_code } => {
                standardise::standardise(c, columns, *form, country_code.as_deref())?;
            }
            RecipeStep::SplitRows { column, by } => split_rows::split_rows(c, column, by)?,
            RecipeStep::Unpivot { columns, name, value, keep_nulls } => unpivot::unpivot(c, columns, name, value, *keep_nulls)?,
            RecipeStep::Pivot { by, column, value, with, values } => pivot::pivot(c, by, column, value, *with, values)?,
            RecipeStep::Aggregate { by, columns } => aggregate::aggregate(c, by, columns)?,
            RecipeStep::Union { table, into } => union::union(c, table, into.as_deref(), learned.get(&i).map(Vec::as_slice))?,
            RecipeStep::Currency { .. } => currency::currency(c, step)?,
            RecipeStep::Sample { share, seed } => rows::sample(c, *share, *seed)?,
        }
        if !matches!(step, RecipeStep::Union { .. }) {
            for field in learned.get(&i).into_iter().flatten() {
                chain.learn(field);
            }
        }
    }
    Ok(chain)
}

/// True for steps that ask which row comes first, or that lose the order on the way.
fn needs_order(step: &RecipeStep) -> bool {
    match step {
        RecipeStep::Deduplicate { .. }
        | RecipeStep::Lookup { .. }
        | RecipeStep::Currency { .. }
        | RecipeStep::TimeZone { .. }
        | RecipeStep::Aggregate { .. }
        | RecipeStep::Pivot { .. }
        | RecipeStep::Union { .. }
        | RecipeStep::Fill { with: FillWith::Forward, .. } => true,
        RecipeStep::Fill { by, .. } => !by.is_empty(),
        RecipeStep::Derive { expression, .. } => expression::has_window(expression),
        _ => false,
    }
}

fn looks_around(step: &RecipeStep) -> bool {
    (needs_order(step) && !matches!(step, RecipeStep::Lookup { .. } | RecipeStep::Currency { .. } | RecipeStep::TimeZone { .. }))
        || matches!(step, RecipeStep::Fill { with: FillWith::Mean | FillWith::Median | FillWith::Mode, .. } | RecipeStep::Outliers { .. })
}

/// Puts the chain together and moves the marks to where their texts stand in it.
fn assemble(input: &str, links: &[Link], last: &str) -> (String, Vec<Mark>) {
    let input = Link { name: "input".to_owned(), body: input.to_owned(), marks: Vec::new() };
    let mut sql = "with\n".to_owned();
    let mut marks = Vec::new();
    for (i, link) in std::iter::once(&input).chain(links).enumerate() {
        sql.push_str(if i == 0 { "" } else { ",\n" });
        sql.push_str(&format!("{} as (\n    ", link.name));
        indent(link, &mut sql, &mut marks);
        sql.push_str("\n)");
    }
    sql.push('\n');
    sql.push_str(last);
    (sql, marks)
}

/// Writes a link indented. Line ends within quotes and within texts of the user stay as they are.
fn indent(link: &Link, sql: &mut String, marks: &mut Vec<Mark>) {
    let quoted = tokens(&link.body).unwrap_or_default();
    let mut kept = quoted.iter().map(|t| &t.span).chain(link.marks.iter().map(|m| &m.span)).cloned().collect::<Vec<_>>();
    kept.sort_by_key(|s| s.start);
    let within = |at: usize| kept.iter().any(|s| s.contains(&at));
    let mut at = 0;
    for (i, _) in link.body.match_indices('\n').chain(std::iter::once((link.body.len(), ""))) {
        for mark in link.marks.iter().filter(|m| (at..=i).contains(&m.span.start)) {
            let start = sql.len() + mark.span.start - at;
            marks.push(Mark { span: start..start + mark.span.len(), ..mark.clone() });
        }
        sql.push_str(&link.body[at..i]);
        if i < link.body.len() {
            sql.push_str(if within(i) { "\n" } else { "\n    " });
        }
        at = i + 1;
    }
}

fn explain(problem: Problem, marks: &[Mark]) -> Problem {
    let Some(snippet) = &problem.snippet else { return as_recipe(problem) };
    let inside = |m: &&Mark| m.span.start <= snippet.span.start && snippet.span.start <= m.span.end;
    let Some(mark) = marks.iter().find(inside) else { return as_recipe(problem) };
    let start = snippet.span.start - mark.span.start;
    let end = snippet.span.end.min(mark.span.end).saturating_sub(mark.span.start).max(start);
    let label = snippet.label.clone();
    let mut shown = names::fault(mark.step, mark.step_name, &problem.what).pointing_at(
        format!("step {} ({})", mark.step, mark.step_name),
        &mark.text,
        start..end,
        label,
    );
    shown.why.clone_from(&problem.why);
    shown.next.clone_from(&problem.next);
    shown
}

/// SQL of ours that the engine refuses is refused because of what the recipe says, for instance a pattern.
fn as_recipe(mut problem: Problem) -> Problem {
    if problem.code == Code::BadSql {
        problem.code = Code::BadRecipe;
    }
    problem
}
