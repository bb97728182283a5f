//! `models/LAYER/NAME.sql` and `models/LAYER/NAME.toml`.

use std::path::Path;

use serde::Deserialize;
use trommel_model::{Code, MatchSpec, Materialise, ModelKind, ModelSpec, Outcome, Recipe, RecipeStep, SqlModel, TableName};

use super::check::read_checks;
use super::document::{self, Document, Step, config_fault, span_of};
use super::explain::{missing_key, unknown_value};
use super::front_matter;
use super::text::TextFile;

/// What every model may say, whatever its kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Common {
    #[serde(default)]
    materialise: Materialise,
    #[serde(default)]
    description: String,
    #[serde(default)]
    owner: String,
    #[serde(default)]
    keys: Vec<String>,
}

const COMMON: &[&str] = &["materialise", "description", "owner", "keys"];

/// Reads a SQL model: front matter, then a SELECT.
pub(crate) fn read_sql(file: &mut TextFile, name: TableName) -> Outcome<ModelSpec> {
    let body = front_matter::split(file)?;
    let file = &*file;
    let sql = file.text[body.start..].to_owned();
    if without_comments(&sql).is_empty() {
        return Err(file
            .fault(Code::BadConfig, "the model has no SELECT", file.text.len()..file.text.len(), "nothing follows")
            .next("write a SELECT below the front matter"));
    }
    let mut document = Document::parse(file)?;
    let checks = read_checks(file, document.take_tables("checks")?)?;
    let common: Common = document.read(&["checks"])?;
    Ok(model(name, file, ModelKind::Sql(SqlModel { sql, first_line: body.first_line }), common, checks))
}

/// Reads a recipe or a match.
pub(crate) fn read_toml(file: &TextFile, name: TableName) -> Outcome<ModelSpec> {
    let mut document = Document::parse(file)?;
    let Some(kind) = document.take("kind") else {
        return Err(missing_key(file, "kind", 0..0).next("add kind = \"recipe\" or kind = \"match\""));
    };
    let kind_span = kind.span();
    let kind: String = document::read(file, kind, &[])?;
    let kind = kind.as_str();
    if !matches!(kind, "recipe" | "match") {
        let problem = unknown_value(file, Some("kind"), kind, &["recipe", "match"], kind_span);
        return Err(if kind == "sql" { problem.next("write a SQL model as a .sql file") } else { problem });
    }
    let checks = document.take_tables("checks")?;
    let common = document.split(COMMON);
    let kind = if kind == "recipe" { ModelKind::Recipe(recipe(file, document)?) } else { ModelKind::Match(matching(file, document)?) };
    let common: Common = common.read(&[])?;
    if matches!(kind, ModelKind::Match(_)) && common.materialise == Materialise::View {
        return Err(config_fault(file, &[Step::Key("materialise")], "a match cannot be a view", "must be a table")
            .next("use materialise = \"table\", or leave it out"));
    }
    Ok(model(name, file, kind, common, read_checks(file, checks)?))
}

fn model(name: TableName, file: &TextFile, kind: ModelKind, common: Common, checks: Vec<trommel_model::CheckSpec>) -> ModelSpec {
    let Common { materialise, description, owner, keys } = common;
    ModelSpec { name, path: file.path.clone(), kind, materialise, description, owner, keys, checks }
}

fn recipe(file: &TextFile, mut document: Document) -> Outcome<Recipe> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Head {
        from: String,
    }
    let steps = document.take_tables("steps")?;
    let also: Vec<_> = ["kind", "steps", "checks"].iter().chain(COMMON).copied().collect();
    let Head { from } = document.read(&also)?;
    from.parse::<TableName>().map_err(|fault| super::at_key(file, "from", fault))?;
    let steps = steps.into_iter().map(|step| document::read::<RecipeStep>(file, step, &["do"])).collect::<Outcome<_>>()?;
    Ok(Recipe { from, steps })
}

/// Reads a match model that is run on files: what only a workspace needs may be left out.
pub fn match_model(path: &Path) -> Outcome<MatchSpec> {
    let file = TextFile::read(path, &path.to_string_lossy())?;
    let also: Vec<_> = ["kind", "checks"].iter().chain(COMMON).copied().collect();
    let mut document = Document::parse(&file)?;
    drop(document.split(&also));
    let spec: MatchSpec = document.read(&also)?;
    possible(&spec).map_err(|(steps, what)| file.fault(Code::BadConfig, what, span_of(&file, &steps), "cannot be"))?;
    Ok(spec)
}

fn matching(file: &TextFile, document: Document) -> Outcome<MatchSpec> {
    let also: Vec<_> = ["kind", "checks"].iter().chain(COMMON).copied().collect();
    let spec: MatchSpec = document.read(&also)?;
    spec.from.parse::<TableName>().map_err(|fault| super::at_key(file, "from", fault))?;
    possible(&spec).map_err(|(steps, what)| file.fault(Code::BadConfig, what, span_of(file, &steps), "cannot be"))?;
    Ok(spec)
}

/// The first value of a match that no match can have, and why.
fn possible(spec: &MatchSpec) -> Result<(), (Vec<Step<'static>>, &'static str)> {
    let share = 0.0..=1.0;
    let fault = |steps: &[Step<'static>], what| Err((steps.to_vec(), what));
    if !share.contains(&spec.threshold) {
        return fault(&[Step::Key("threshold")], "the threshold is a number from 0 to 1");
    }
    if spec.blocking.is_empty() {
        return fault(&[Step::Key("blocking")], "a match needs at least one blocking rule: otherwise no pair is compared");
    }
    for (at, rule) in spec.blocking.iter().enumerate() {
        if rule.keys.is_empty() {
            return fault(&[Step::Key("blocking"), Step::Item(at), Step::Key("keys")], "a blocking rule needs at least one key");
        }
        for (nth, key) in rule.keys.iter().enumerate() {
            let place = [Step::Key("blocking"), Step::Item(at), Step::Key("keys"), Step::Item(nth)];
            let sql = key.sql.as_deref().map(str::trim);
            if key.column.is_empty() == sql.is_none() {
                return fault(&place, "a key is a column or an expression: column = \"…\" or sql = \"…\"");
            }
            if sql.is_some_and(str::is_empty) {
                return fault(&place, "the expression of the key is empty");
            }
            if key.name.is_some() && sql.is_none() {
                return fault(&place, "only an expression has a name; a column has its own");
            }
        }
    }
    if spec.comparisons.is_empty() {
        return fault(&[Step::Key("comparisons")], "a match needs at least one comparison");
    }
    for (at, comparison) in spec.comparisons.iter().enumerate() {
        let place = |key| [Step::Key("comparisons"), Step::Item(at), Step::Key(key)];
        if !(comparison.weight.is_finite() && comparison.weight > 0.0) {
            return fault(&place("weight"), "a weight is a number above 0");
        }
        if !share.contains(&comparison.floor) {
            return fault(&place("floor"), "the floor is a similarity from 0 to 1");
        }
        if comparison.missing.is_some_and(|missing| !share.contains(&missing)) {
            return fault(&place("missing"), "the score of a missing value is a number from 0 to 1");
        }
        if comparison.tolerance.is_some_and(|t| !(t.is_finite() && t > 0.0)) {
            return fault(&place("tolerance"), "a tolerance is a number above 0");
        }
    }
    for (at, survivor) in spec.survivorship.iter().enumerate() {
        let place = [Step::Key("survivorship"), Step::Item(at)];
        if survivor.rule.is_some() == survivor.sql.is_some() {
            return fault(&place, "a survivor has a rule or an expression: rule = \"newest\" or sql = \"max(amount)\"");
        }
        if survivor.sql.as_deref().is_some_and(|sql| sql.trim().is_empty()) {
            return fault(&place, "the expression of the survivor is empty");
        }
    }
    if spec.crosswalk.as_ref().is_some_and(|name| !trommel_model::is_word(name)) {
        return fault(&[Step::Key("crosswalk")], "the crosswalk's name is a table name without its layer");
    }
    Ok(())
}

/// What is left of SQL text without comments and space: enough to see that there is nothing.
fn without_comments(sql: &str) -> &str {
    let mut rest = sql.trim_start();
    loop {
        let shorter = if rest.starts_with("--") {
            rest.split_once('\n').map_or("", |(_, rest)| rest)
        } else if rest.starts_with("/*") {
            rest.split_once("*/").map_or("", |(_, rest)| rest)
        } else {
            rest.strip_prefix(';').unwrap_or(rest)
        };
        if shorter.len() == rest.len() {
            return rest;
        }
        rest = shorter.trim_start();
    }
}
