//! Parts a relation: the rows a table keeps, and the rows that are held with the rule each one breaks.

use trommel_engine::sql::{body, literal};
use trommel_model::{CheckSpec, Code, Outcome, Problem, Schema, TableName};

use super::{Among, Broken, CompiledCheck, compile, unique};

/// A relation in two. Every row is in exactly one of them.
#[derive(Debug, Clone)]
pub struct Split {
    /// A SELECT of the rows that are kept, with the columns of the relation.
    pub kept: String,
    /// A SELECT of the rows that are held: the columns of the relation, then the texts `_field` (the column at fault, null
    /// when it is not one), `_rule` (for instance `not_null(email)`) and `_reason` (in words, with the value), and for rows that
    /// wait `_waits_for` (the row that has not come) and the number `_patience_s` (for how long), null where it is for ever.
    pub held: String,
}

/// Columns that `held` adds, and the one that carries the number of the rule from stage to stage.
const ADDED: [&str; 6] = ["_field", "_rule", "_reason", "_waits_for", "_patience_s", "_held"];

/// Parts a relation (a SELECT with these columns, of `table`) by the checks that hold rows; others are left out of account.
///
/// A row is held once, by the first rule it breaks in the order given. Rules are applied one after the other to the rows
/// that are still there: a row that an earlier rule holds is no duplicate of anything for a later `unique`. Rules about
/// rows that refer to others of the same table come last, so that no row is kept whose parent is held.
pub fn split(table: &TableName, relation: &str, schema: &Schema, checks: &[CheckSpec]) -> Outcome<Split> {
    let relation = body(relation);
    if let Some(taken) = ADDED.iter().find(|name| schema.position(name).is_some()) {
        return Err(Problem::new(Code::BadConfig, format!("a column may not be called \"{taken}\" where checks hold rows"))
            .next("rename the column, or let the checks warn"));
    }
    let holding = checks.iter().filter(|c| c.action.holds_rows());
    let mut rules = holding.map(|check| compile(check, table, relation, schema)).collect::<Outcome<Vec<_>>>()?;
    rules.sort_by_key(|rule| matches!(rule.broken, Broken::Among { among: Among::Own(_), .. }));
    let mut stages = vec![format!("SELECT *, CAST(NULL AS INTEGER) AS _held FROM (\n{relation}\n)")];
    let mut pending = Vec::new();
    for (i, rule) in rules.iter().enumerate() {
        match &rule.broken {
            Broken::Row { condition, .. } => pending.push(format!("WHEN {} AND {condition} THEN {i}", rule.looked_at)),
            Broken::Shared { keys, .. } => {
                // A window sees the rows that earlier rules left, so those rules come to a close first.
                flush(&mut stages, &mut pending);
                let among = format!("coalesce(_held IS NULL AND {} AND {}, false)", rule.looked_at, unique::known(keys));
                let surplus = unique::surplus(schema, keys, &among);
                pending.push(format!("WHEN {among} AND {surplus} THEN {i}"));
                flush(&mut stages, &mut pending);
            }
            Broken::Among { among, .. } => {
                flush(&mut stages, &mut pending);
                let there = format!("(SELECT * FROM _stage{} WHERE _held IS NULL)", stages.len() - 1);
                pending.push(format!("WHEN {} AND {} THEN {i}", rule.looked_at, among.condition(&there, &rule.looked_at)));
                flush(&mut stages, &mut pending);
            }
            // Refused by `compile`, because it holds rows.
            Broken::Whole(_) => {}
        }
    }
    flush(&mut stages, &mut pending);
    let last = stages.len() - 1;
    let named: Vec<String> = stages.into_iter().enumerate().map(|(i, stage)| format!("_stage{i} AS ({stage})")).collect();
    let with = format!("WITH {}\n", named.join(",\n"));
    Ok(Split {
        kept: format!("{with}SELECT * EXCLUDE (_held) FROM _stage{last} WHERE _held IS NULL"),
        held: format!(
            "{with}SELECT * EXCLUDE (_held), {} AS _field, {} AS _rule, {} AS _reason, {} AS _waits_for, CAST({} AS BIGINT) AS _patience_s \
             FROM _stage{last} WHERE _held IS NOT NULL",
            by_rule(&rules, |rule| match rule.columns.as_slice() {
                [only] => literal(only),
                _ => null(),
            }),
            by_rule(&rules, |rule| literal(&rule.label)),
            by_rule(&rules, |rule| match &rule.broken {
                Broken::Row { reason, .. } | Broken::Shared { reason, .. } | Broken::Among { reason, .. } => reason.clone(),
                Broken::Whole(_) => null(),
            }),
            by_rule(&rules, |rule| rule.waits.as_ref().map_or_else(null, |(parent, _)| parent.clone())),
            by_rule(&rules, |rule| rule.waits.as_ref().and_then(|(_, patience)| *patience).map_or_else(null, |s| s.to_string())),
        ),
    })
}

fn null() -> String {
    "NULL".to_owned()
}

/// Makes one stage of what is pending: the number of the first rule a row breaks, unless it is held already.
fn flush(stages: &mut Vec<String>, pending: &mut Vec<String>) {
    if !pending.is_empty() {
        let cases = std::mem::take(pending).join("\n ");
        let before = stages.len() - 1;
        stages.push(format!("SELECT * REPLACE (CASE WHEN _held IS NOT NULL THEN _held\n {cases} END AS _held) FROM _stage{before}"));
    }
}

/// A text that depends on the rule that holds a row.
fn by_rule(rules: &[CompiledCheck], text: impl Fn(&CompiledCheck) -> String) -> String {
    let cases: Vec<String> = rules.iter().enumerate().map(|(i, rule)| format!(" WHEN {i} THEN {}", text(rule))).collect();
    if cases.is_empty() { "CAST(NULL AS VARCHAR)".to_owned() } else { format!("CAST(CASE _held{} END AS VARCHAR)", cases.concat()) }
}
