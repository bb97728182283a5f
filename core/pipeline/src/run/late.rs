//! Rows that are held for what other rows say: since when those wait that wait for another, and which may join by now.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use trommel_engine::frame::{cells_of, sql_type_of};
use trommel_engine::sql::{ident, literal, qualified};
use trommel_model::{Cell, CheckAction, CheckSpec, Code, Outcome, Problem, Rule, TableName, Wait, did_you_mean};

use super::context::Context;
use super::ingest::schema_of;
use crate::fingerprint::Fingerprint;
use crate::graph::{Node, quarantine_of};
use crate::plan::inputs;

/// What late parents ask of a source that is otherwise unchanged.
#[derive(Default)]
pub(super) struct Late {
    /// Files with rows whose parent may have come.
    pub files: BTreeSet<String>,
    /// Files with rows that were held because of what other rows say, when anything comes.
    pub compared: BTreeSet<String>,
    /// Rows of the table whose parent is gone.
    pub orphans: u64,
    /// What is known of the table, with the other tables as they were looked at; none where they are as before.
    pub looked: Option<Fingerprint>,
}

/// The checks of a node that let rows wait, each with its column, and the table and column it refers to.
fn waiting<'n>(node: &'n Node<'_>) -> impl Iterator<Item = (&'n CheckSpec, TableName, &'n str, &'n str)> {
    node.checks().iter().filter(|check| check.action == CheckAction::Wait).filter_map(|check| {
        let Rule::ForeignKey { references, .. } = &check.rule else { return None };
        let (table, key) = references.rsplit_once('.')?;
        Some((check, table.parse().ok()?, key, references.as_str()))
    })
}

/// Other tables for whose rows those of a node may wait.
pub(crate) fn parents(node: &Node<'_>) -> BTreeSet<TableName> {
    waiting(node).map(|(_, table, ..)| table).filter(|table| *table != node.name).collect()
}

/// Looks for parents that have come or gone since the table was made. `news` says that files will be read in any case.
pub(super) fn look(context: &Context<'_>, node: &Node<'_>, news: bool) -> Outcome<Late> {
    let mut late = Late { compared: if news { compared(context, node)? } else { BTreeSet::new() }, ..Late::default() };
    let Some(facts) = context.lake.table_facts(&node.name)?.filter(|_| waiting(node).next().is_some()) else { return Ok(late) };
    let kept = Fingerprint::from_text(&facts.fingerprint).unwrap_or_default();
    let now = inputs(context.graph, context.lake, node)?;
    context.attach()?;
    let (own, others): (Vec<_>, Vec<_>) = waiting(node).partition(|(_, table, ..)| *table == node.name);
    for (check, table, key, references) in others {
        if kept.inputs.get(&table) == now.get(&table) || !context.exists(&table)? {
            continue;
        }
        late.looked = Some(Fingerprint { inputs: now.clone(), ..kept.clone() });
        late.files.extend(files(context, node, check, references, Some((&table, key)))?);
        let relation = format!("select * from {}", qualified(&node.name));
        let schema = context.engine.describe(&relation)?;
        let compiled = trommel_quality::compile(check, &node.name, &relation, &schema).map_err(|p| p.in_file(node.path()))?;
        let orphans = context.engine.count(&compiled.sql, context.cancel);
        late.orphans += orphans.map_err(|p| compiled.fault(p).in_file(node.path()))?;
    }
    if news || !late.files.is_empty() {
        // Whatever comes may be the parent of a row, or of its parent.
        for (check, _, _, references) in own {
            late.files.extend(files(context, node, check, references, None)?);
        }
    }
    Ok(late)
}

/// Files with rows that were held because of what other rows say: whatever comes may take their reason away.
fn compared(context: &Context<'_>, node: &Node<'_>) -> Outcome<BTreeSet<String>> {
    let quarantine = quarantine_of(&node.name);
    let compares = |check: &&CheckSpec| check.action == CheckAction::Quarantine && !check.rule.is_by_row();
    let rules: Vec<String> = node.checks().iter().filter(compares).map(|check| literal(&check.label())).collect();
    if rules.is_empty() || !context.exists(&quarantine)? {
        return Ok(BTreeSet::new());
    }
    context.attach()?;
    let sql = format!("select distinct \"file\" from {} where \"rule\" in ({})", qualified(&quarantine), rules.join(", "));
    let found = context.engine.query(&sql, context.cancel)?;
    Ok(found.iter().flat_map(cells_of).filter_map(|mut row| row.pop()).map(|cell| cell.text()).collect())
}

/// Files with rows that wait for a row of a table: of those rows, only such as have one there now, where the table is given.
fn files(
    context: &Context<'_>,
    node: &Node<'_>,
    check: &CheckSpec,
    references: &str,
    parent: Option<(&TableName, &str)>,
) -> Outcome<Vec<String>> {
    let quarantine = quarantine_of(&node.name);
    if !knows_waits(context, &quarantine)? {
        return Ok(Vec::new());
    }
    let prefix = trommel_quality::parent_prefix(references);
    let value = format!("substr(waits_for, {})", prefix.chars().count() + 1);
    let there = match parent {
        None => "true".to_owned(),
        Some((table, key)) => {
            let schema = schema_of(context, table)?;
            // The engine does not tell capitals apart either.
            let Some(field) = schema.fields().iter().find(|field| field.name().eq_ignore_ascii_case(key)) else {
                let near = did_you_mean(key, schema.fields().iter().map(|field| field.name().as_str()));
                return Err(Problem::new(Code::UnknownName, format!("the check {} asks for a column that is not there", check.label()))
                    .why(format!("{table} has no column \"{key}\""))
                    .in_file(node.path())
                    .next(if near.is_empty() { "write layer.table.column as it is there".to_owned() } else { near }));
            };
            let (key, from) = (ident(key), qualified(table));
            // As text too, because a key may be of another type than what refers to it.
            format!(
                "(try_cast({value} as {}) in (select {key} from {from}) or {value} in (select cast({key} as varchar) from {from}))",
                sql_type_of(field)
            )
        }
    };
    let sql = format!(
        "select distinct \"file\" from {} where starts_with(waits_for, {}) and coalesce({there}, false) order by 1",
        qualified(&quarantine),
        literal(&prefix)
    );
    let found = context.engine.query(&sql, context.cancel)?;
    Ok(found.iter().flat_map(cells_of).filter_map(|mut row| row.pop()).map(|cell| cell.text()).collect())
}

/// True when rows held from a table can say what they wait for: those of early versions could not.
fn knows_waits(context: &Context<'_>, quarantine: &TableName) -> Outcome<bool> {
    Ok(context.exists(quarantine)? && schema_of(context, quarantine)?.field_with_name("waits_for").is_ok())
}

/// Held rows (a SELECT of `_field`, `_rule`, `_reason`, `file`, `line`, `raw`, `_waits_for`, `_patience_s`) with one more
/// column: since when the same row has waited for the same parent, if an earlier run held it already.
pub(super) fn with_their_time(context: &Context<'_>, table: &TableName, held: &str) -> Outcome<String> {
    let quarantine = quarantine_of(table);
    if !knows_waits(context, &quarantine)? {
        return Ok(format!("select *, cast(null as varchar) as _since from (\n{held}\n)"));
    }
    let (quarantine, name) = (qualified(&quarantine), literal(&table.to_string()));
    // A row without a place in a file is known by its cells.
    let cells = "case when coalesce(\"line\", 0) = 0 then raw else '' end";
    Ok(format!(
        "select h.*, q._since from (\n{held}\n) as h left join (select \"file\", \"line\", \"rule\", waits_for, {cells} as _cells, \
         min(waiting_since) as _since from {quarantine} where waits_for is not null group by all) as q \
         on q.\"file\" = coalesce(h.\"file\", {name}) and q.\"line\" = coalesce(h.\"line\", 0) and q.\"rule\" = h._rule \
         and q.waits_for = h._waits_for and q._cells = case when coalesce(h.\"line\", 0) = 0 then h.raw else '' end"
    ))
}

/// What a held row waits for, from the last three columns of [`with_their_time`].
pub(super) fn wait(cells: &[Cell], now: Timestamp) -> Option<Wait> {
    let [parent, patience_s, since] = cells else { return None };
    if parent.is_null() {
        return None;
    }
    let since = since.text().parse::<Timestamp>().unwrap_or(now);
    let until = patience_s.text().parse().ok().and_then(|s| since.checked_add(SignedDuration::from_secs(s)).ok());
    let shown = |moment: Timestamp| moment.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    Some(Wait { parent: parent.text(), since: shown(since), until: until.map(shown) })
}
