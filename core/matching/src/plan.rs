//! A match model held against the columns of its table: every name found, every number in range.

use std::collections::HashSet;

use arrow::datatypes::SchemaRef;
use trommel_model::{
    BlockingRule, Code, Comparison, MatchSpec, Measure, Normaliser, Outcome, Pairs, Problem, Survivor, SurvivorRule, did_you_mean,
};

use crate::expand::Expanded;
use crate::files::RECORD;
use crate::key_expressions::is_key_column;
use crate::normalise::is_known;

/// Columns that say where a row came from; golden records, being made of several rows, have none.
pub(crate) const POSITION_COLUMNS: [&str; 3] = ["_file", "_line", "_text"];

/// Comparisons that Fellegi-Sunter scoring can tell apart in one pattern.
pub(crate) const MAX_LEARNED: usize = 42;

/// The columns that golden records gain.
pub(crate) const ENTITY_ID: &str = "entity_id";
pub(crate) const ENTITY_SIZE: &str = "entity_size";

/// A model whose columns are known by position.
pub(crate) struct Plan<'a> {
    pub spec: &'a MatchSpec,
    /// Its rules as the person wrote them.
    pub expanded: &'a Expanded,
    pub schema: SchemaRef,
    pub id: usize,
    pub source: Option<usize>,
    pub recency: Option<usize>,
    /// Columns of the keys of each blocking rule.
    pub rules: Vec<Vec<usize>>,
    /// Column of each comparison.
    pub comparisons: Vec<usize>,
    /// Columns of the golden record, in the table's order.
    pub kept: Vec<(usize, Keep)>,
}

/// How a column of a golden record gets its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// From the row that names the entity: `id` and `source` must stay a pair that exists.
    First,
    /// By a rule of survivorship.
    Rule(SurvivorRule),
    /// By an expression, which whoever has an engine works out; until then the first row's value stands there.
    Computed,
}

impl<'a> Plan<'a> {
    /// Fails with `bad-match`, naming the place in the model.
    pub fn new(expanded: &'a Expanded, schema: &SchemaRef) -> Outcome<Self> {
        let spec = &expanded.spec;
        check_numbers(spec, expanded)?;
        for taken in [ENTITY_ID, ENTITY_SIZE] {
            if schema.index_of(taken).is_ok() {
                return Err(bad(format!("{} already has a column \"{taken}\"", spec.from))
                    .why("golden records get a column of that name")
                    .next(format!("rename \"{taken}\" in the model before this one")));
            }
        }
        let find = |name: &str, place: &str| column(spec, schema, name, place);
        let id = find(&spec.id, "id")?;
        let source = spec.source.as_deref().map(|s| find(s, "source")).transpose()?;
        let recency = spec.recency.as_deref().map(|s| find(s, "recency")).transpose()?;
        let mut rules = Vec::with_capacity(spec.blocking.len());
        for (i, rule) in spec.blocking.iter().enumerate() {
            let place = format!("blocking[{}].keys", expanded.origins[i] + 1);
            let key = |k: &trommel_model::BlockingKey| match &k.sql {
                Some(sql) if k.column.is_empty() => Err(bad(format!("the key \"{sql}\" needs a workspace"))
                    .at_field(&place)
                    .why("expressions are worked out on tables of a workspace, not on files")
                    .next("name a column as key, or put the files and the model into a workspace: trommel init")),
                _ => find(&k.column, &place),
            };
            rules.push(rule.keys.iter().map(key).collect::<Outcome<Vec<_>>>()?);
        }
        let comparisons = spec.comparisons.iter().enumerate().map(|(i, c)| find(&c.column, &format!("comparisons[{}]", i + 1)));
        let comparisons = comparisons.collect::<Outcome<Vec<_>>>()?;
        let kept = survivors(spec, schema, id, source)?;
        Ok(Self { spec, expanded, schema: schema.clone(), id, source, recency, rules, comparisons, kept })
    }

    /// A rule as a person would say it.
    pub fn rule_text(&self, rule: usize) -> String {
        let keys = self.spec.blocking[rule].keys.iter();
        let texts: Vec<_> = keys
            .map(|k| match (k.prefix, k.words, k.neighbours) {
                (_, Some(n), _) => format!("{} ({n} words)", k.shown()),
                (_, _, Some(n)) => format!("{} ({n} neighbours)", k.shown()),
                (Some(n), _, _) => format!("{} (first {n})", k.shown()),
                _ => k.shown().to_owned(),
            })
            .collect();
        texts.join(", ")
    }
}

fn survivors(spec: &MatchSpec, schema: &SchemaRef, id: usize, source: Option<usize>) -> Outcome<Vec<(usize, Keep)>> {
    let mut named = vec![None; schema.fields().len()];
    for (i, survivor) in spec.survivorship.iter().enumerate() {
        let at = column(spec, schema, &survivor.column, &format!("survivorship[{}]", i + 1))?;
        if named[at].replace(keep(survivor, i)?).is_some() {
            return Err(bad(format!("two rules of survivorship for \"{}\"", survivor.column)).at_field("survivorship").next("keep one"));
        }
    }
    let mut kept = Vec::new();
    for (at, field) in schema.fields().iter().enumerate() {
        if POSITION_COLUMNS.contains(&field.name().as_str()) || is_key_column(field.name()) {
            continue;
        }
        kept.push((
            at,
            match named[at] {
                Some(keep) => keep,
                None if at == id || Some(at) == source => Keep::First,
                None => Keep::Rule(spec.default_rule),
            },
        ));
    }
    Ok(kept)
}

fn keep(survivor: &Survivor, at: usize) -> Outcome<Keep> {
    match (survivor.rule, &survivor.sql) {
        (Some(rule), None) => Ok(Keep::Rule(rule)),
        (None, Some(_)) => Ok(Keep::Computed),
        _ => Err(bad(format!("the survivor of \"{}\" needs a rule or sql, and one of them only", survivor.column))
            .at_field(format!("survivorship[{}]", at + 1))
            .next("for instance rule = \"newest\", or sql = \"max(amount)\"")),
    }
}

fn check_numbers(spec: &MatchSpec, expanded: &Expanded) -> Outcome<()> {
    let learned = spec.score.learned();
    if !((spec.threshold > 0.0 || learned && spec.threshold == 0.0) && spec.threshold <= 1.0) {
        return Err(bad(format!("threshold {} is out of range", spec.threshold))
            .at_field("threshold")
            .next("give a number above 0 and up to 1, for instance 0.85"));
    }
    if spec.max_block < 2 {
        return Err(bad("max_block must be at least 2").at_field("max_block").next("leave it out to get 5000"));
    }
    if spec.blocking.is_empty() {
        return Err(bad("a match needs at least one blocking rule")
            .at_field("blocking")
            .next("name a column whose value two rows of one entity usually share"));
    }
    for (i, rule) in spec.blocking.iter().enumerate() {
        let place = format!("blocking[{}]", expanded.origins[i] + 1);
        if rule.keys.is_empty() {
            return Err(bad("a blocking rule without keys would compare every row with every row").at_field(place).next("name a column"));
        }
        if rule.keys.iter().any(|k| k.prefix == Some(0)) {
            return Err(bad("a prefix of no characters is no key").at_field(place).next("give at least 1"));
        }
        check_several(rule).map_err(|p| p.at_field(&place))?;
        rule.keys.iter().try_for_each(|key| check_countries(&key.normalise)).map_err(|p| p.at_field(place))?;
    }
    if spec.source.is_none() && (spec.pairs == Pairs::Across || spec.one_to_one) {
        return Err(bad("pairs across sources need to know the source of a row").at_field("pairs").next("set source = \"column\""));
    }
    if learned && spec.comparisons.len() > MAX_LEARNED {
        return Err(bad(format!("{} comparisons are too many for a learned score", spec.comparisons.len()))
            .at_field("comparisons")
            .next(format!("keep the {MAX_LEARNED} that tell most")));
    }
    if spec.comparisons.is_empty() {
        return Err(bad("a match needs at least one comparison").at_field("comparisons").next("name a column and a method"));
    }
    for (i, comparison) in spec.comparisons.iter().enumerate() {
        let checked = check_comparison(comparison).and_then(|()| check_countries(&comparison.normalise));
        checked.map_err(|p| p.at_field(format!("comparisons[{}]", i + 1)))?;
    }
    let rules: HashSet<_> =
        spec.survivorship.iter().filter_map(|s| s.rule).map(|rule| rule as u8).chain([spec.default_rule as u8]).collect();
    if rules.contains(&(SurvivorRule::Newest as u8)) && spec.recency.is_none() {
        return Err(bad("the rule \"newest\" needs to know which row is newer").at_field("recency").next("set recency = \"column\""));
    }
    if rules.contains(&(SurvivorRule::SourceOrder as u8)) && (spec.source.is_none() || spec.source_order.is_empty()) {
        return Err(bad("the rule \"source_order\" needs sources and their order")
            .at_field("source_order")
            .next("set source = \"column\" and source_order = [\"most trusted\", …]"));
    }
    Ok(())
}

/// Countries of telephone numbers.
fn check_countries(steps: &[Normaliser]) -> Outcome<()> {
    let strange = steps.iter().find_map(|step| match step {
        Normaliser::E164(country) if !is_known(*country) => Some(country.code()),
        _ => None,
    });
    strange.map_or(Ok(()), |code| {
        Err(bad(format!("it is not known how telephone numbers of \"{code}\" are dialled"))
            .next("write the two letters of a country (ISO 3166-1), for instance { e164 = \"DE\" }"))
    })
}

/// Keys that stand for several values of a row.
fn check_several(rule: &BlockingRule) -> Outcome<()> {
    let Some(key) = rule.keys.iter().find(|key| key.words.is_some() || key.neighbours.is_some()) else { return Ok(()) };
    if rule.keys.len() > 1 || key.words.is_some() == key.neighbours.is_some() {
        return Err(bad(format!("words and neighbours of \"{}\" each need a rule of their own", key.shown())).next("make it the only key"));
    }
    match (key.words, key.neighbours) {
        (Some(n), _) if !(1..=64).contains(&n) => {
            Err(bad(format!("words = {n} is out of range")).next("draw 1 to 64 words, for instance 12"))
        }
        (_, Some(n)) if !(1..=10_000).contains(&n) => {
            Err(bad(format!("neighbours = {n} is out of range")).next("compare with the next 1 to 10000, for instance 10"))
        }
        _ => Ok(()),
    }
}

/// Levels, and how often each is met.
fn check_levels(c: &Comparison) -> Outcome<()> {
    let fits = |p: &[f64]| p.is_empty() || p.len() == c.levels.len() + 2 && p.iter().all(|x| (0.0..=1.0).contains(x));
    if c.levels.len() > 5 || !c.levels.iter().all(|l| *l > 0.0 && *l < 1.0) || !c.levels.is_sorted_by(|a, b| a > b) {
        return Err(
            bad(format!("levels of \"{}\" are not up to five falling numbers between 0 and 1", c.column)).next("for instance [0.92, 0.8]")
        );
    }
    if !fits(&c.m) || !fits(&c.u) {
        return Err(bad(format!("m and u of \"{}\" need {} shares each", c.column, c.levels.len() + 2))
            .next("one for equal values, one a level, one for all else; or leave them out to learn them"));
    }
    Ok(())
}

fn check_comparison(c: &Comparison) -> Outcome<()> {
    check_levels(c)?;
    let share = |x: f64| (0.0..=1.0).contains(&x);
    if !(c.weight.is_finite() && c.weight > 0.0) {
        return Err(bad(format!("weight {} of \"{}\" is not above 0", c.weight, c.column)));
    }
    if !share(c.floor) {
        return Err(bad(format!("floor {} of \"{}\" is not between 0 and 1", c.floor, c.column)));
    }
    if c.missing.is_some_and(|m| !share(m)) {
        return Err(bad(format!("missing of \"{}\" is not between 0 and 1", c.column)));
    }
    let needs_tolerance = matches!(c.method, Measure::Number | Measure::Date | Measure::Geo);
    match c.tolerance {
        None if needs_tolerance => {
            let next = "say at which difference (days for dates, kilometres for places) two values are nothing alike: tolerance = 30";
            Err(bad(format!("\"{}\" is compared as a number, date or place without a tolerance", c.column)).next(next))
        }
        Some(t) if needs_tolerance && !(t.is_finite() && t > 0.0) => Err(bad(format!("tolerance {t} of \"{}\" is not above 0", c.column))),
        _ => Ok(()),
    }
}

fn column(spec: &MatchSpec, schema: &SchemaRef, name: &str, place: &str) -> Outcome<usize> {
    schema.index_of(name).map_err(|_| {
        let problem = bad(format!("{} has no column \"{name}\"", spec.from)).at_field(place);
        // Nobody means a column that only we know of.
        let ours = |name: &&str| *name == RECORD || POSITION_COLUMNS.contains(name) || is_key_column(name);
        let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).filter(|name| !ours(name)).collect();
        let hint = did_you_mean(name, names.iter().copied());
        if hint.is_empty() {
            let more = if names.len() > 20 { ", …" } else { "" };
            problem.next(format!("it has: {}{more}", names[..names.len().min(20)].join(", ")))
        } else {
            problem.next(hint)
        }
    })
}

fn bad(what: impl Into<String>) -> Problem {
    Problem::new(Code::BadMatch, what)
}
