//! What a run would do and why, before it does it.

use std::collections::{BTreeMap, BTreeSet};

use trommel_engine::lake::{Lake, TableFacts};
use trommel_model::{Cancel, Code, Decision, Deletes, Load, Outcome, Plan, PlanStep, Problem, ReadRange, SourceSpec, TableName, Workspace};

use crate::changes::{changes, sink_connection};
use crate::federated::RemoteUse;
use crate::fingerprint::{self, Fingerprint};
use crate::graph::{Graph, Maker, Node, QUARANTINE, graph};
use crate::run::parents;
use crate::select::selected;

/// Steps in an order in which they can run, each with whether it would run and why.
///
/// `select` names steps as [`crate::select`] understands them; empty means all. Files are looked at, nothing is written.
///
/// With a `range`, incremental sources and files read only that part, again.
pub fn plan(workspace: &Workspace, lake: &Lake, select: &[String], full_refresh: bool, range: Option<&ReadRange>) -> Outcome<Plan> {
    let graph = graph_of(workspace, lake)?;
    plan_of(workspace, lake, &graph, select, full_refresh, range, &Cancel::new())
}

/// The graph of a workspace, tables of the lake that nobody makes any more included.
pub(crate) fn graph_of<'w>(workspace: &'w Workspace, lake: &Lake) -> Outcome<Graph<'w>> {
    let also: Vec<TableName> = lake.tables(lake.latest()?)?.into_iter().map(|t| t.name).collect();
    graph(workspace, &also)
}

pub(crate) fn plan_of(
    workspace: &Workspace,
    lake: &Lake,
    graph: &Graph<'_>,
    select: &[String],
    full_refresh: bool,
    range: Option<&ReadRange>,
    cancel: &Cancel,
) -> Outcome<Plan> {
    let chosen = selected(graph, select)?;
    demand_range(graph, &chosen, full_refresh, range)?;
    let mut plan = Plan { environment: workspace.environment.clone(), steps: Vec::new() };
    let mut will_run: BTreeSet<TableName> = BTreeSet::new();
    for node in graph.nodes.iter().filter(|n| chosen.contains(&n.name)) {
        cancel.check()?;
        let (decision, why) = match node.maker {
            Maker::Source(source) => match changes(workspace, lake, source, full_refresh, range, cancel) {
                Ok(changes) => {
                    let why = format!("{}{}", changes.why(source.load), deletes(source));
                    match (changes.any(source.load), parents_changed(graph, lake, node, &will_run)?) {
                        (true, _) => (Decision::Run, why),
                        (false, Some(parents)) => (Decision::Run, parents),
                        (false, None) => (Decision::Skip, why),
                    }
                }
                Err(problem) if problem.code == Code::Interrupted => return Err(problem),
                // One source that cannot be reached fails its own step and no others.
                Err(problem) => (Decision::Run, format!("cannot be looked at: {problem}")),
            },
            Maker::Model(_) | Maker::Sink(_) if full_refresh => (Decision::Run, "full refresh".to_owned()),
            Maker::Model(_) | Maker::Sink(_) => decide(workspace, graph, lake, node, &will_run)?,
        };
        let why = match node.maker {
            // What cannot be undone says so before it is done.
            Maker::Sink(sink) if decision == Decision::Run => format!("{why}: {} {}", sink.mode.verb(), sink.destination()),
            _ => why,
        };
        if decision == Decision::Run {
            will_run.insert(node.name.clone());
        }
        let depends_on = node.depends_on.iter().filter(|d| chosen.contains(d)).map(ToString::to_string).collect();
        plan.steps.push(PlanStep { name: node.name.to_string(), kind: node.kind(), decision, why, depends_on });
    }
    demand_inputs(graph, lake, &plan)?;
    Ok(plan)
}

/// Why a source is looked at though nothing of it is new: tables have changed for whose rows its rows may wait.
fn parents_changed(graph: &Graph<'_>, lake: &Lake, node: &Node<'_>, will_run: &BTreeSet<TableName>) -> Outcome<Option<String>> {
    let parents = parents(node);
    let Some(facts) = lake.table_facts(&node.name)?.filter(|_| !parents.is_empty()) else { return Ok(None) };
    let before = Fingerprint::from_text(&facts.fingerprint).map(|kept| kept.inputs).unwrap_or_default();
    let now = inputs(graph, lake, node)?;
    let changed: Vec<String> =
        parents.iter().filter(|table| will_run.contains(table) || before.get(table) != now.get(table)).map(ToString::to_string).collect();
    Ok((!changed.is_empty()).then(|| format!("rows may wait for those of {}", changed.join(", "))))
}

/// A range is of something, and all of it is another wish.
fn demand_range(graph: &Graph<'_>, chosen: &BTreeSet<TableName>, full_refresh: bool, range: Option<&ReadRange>) -> Outcome<()> {
    if range.is_none() {
        return Ok(());
    }
    if full_refresh {
        return Err(
            Problem::new(Code::Usage, "a part and everything are asked for at once").next("leave --full-refresh out, or --from and --to")
        );
    }
    let in_part = |node: &Node<'_>| matches!(node.maker, Maker::Source(source) if source.load != Load::Full);
    if graph.nodes.iter().any(|n| chosen.contains(&n.name) && in_part(n)) {
        return Ok(());
    }
    Err(Problem::new(Code::Usage, "no source of the run can be read in part")
        .why("--from and --to are for sources with load = \"incremental\" or \"new_files\"")
        .next("leave --from and --to out"))
}

/// How deleted rows are found, behind what is read.
fn deletes(source: &SourceSpec) -> String {
    match &source.deletes {
        Some(Deletes::Marked { column }) => format!("; rows with {column} are removed"),
        Some(Deletes::Compared(_)) => "; rows whose key is gone are removed".to_owned(),
        None => String::new(),
    }
}

/// Whether a model has to be made again, or a sink to be written. `will_run` are nodes that are going to change.
pub(crate) fn decide(
    workspace: &Workspace,
    graph: &Graph<'_>,
    lake: &Lake,
    node: &Node<'_>,
    will_run: &BTreeSet<TableName>,
) -> Outcome<(Decision, String)> {
    let run = |why: String| Ok((Decision::Run, why));
    let (text, never) = match node.maker {
        Maker::Source(_) => return run(String::new()),
        Maker::Model(model) => (fingerprint::of_model(model), "never made"),
        Maker::Sink(sink) => (fingerprint::of_sink(sink, sink_connection(workspace, sink)?), "never written"),
    };
    let Some(facts) = lake.table_facts(&node.name)? else { return run(never.to_owned()) };
    let Some(kept) = Fingerprint::from_text(&facts.fingerprint) else { return run("nothing is known of how it was made".to_owned()) };
    if kept.text != text {
        return run("its text changed".to_owned());
    }
    if kept.checks != fingerprint::of_checks(node.checks()) {
        return run("its checks changed".to_owned());
    }
    if kept.decisions != fingerprint::of_decisions(&node.decisions) {
        return run("what was decided about its records changed".to_owned());
    }
    let changing: Vec<String> = node.depends_on.iter().filter(|d| will_run.contains(d)).map(ToString::to_string).collect();
    if !changing.is_empty() {
        let (s, verb) = if changing.len() == 1 { ("", "changes") } else { ("s", "change") };
        return run(format!("input{s} {} {verb}", changing.join(", ")));
    }
    if !node.remotes.is_empty() {
        let names: BTreeSet<String> = node.remotes.iter().map(RemoteUse::shown).collect();
        let names: Vec<String> = names.into_iter().collect();
        return run(format!("reads {}, which may have changed", names.join(", ")));
    }
    let now = inputs(graph, lake, node)?;
    if let Some(table) = now.iter().find(|(table, at)| kept.inputs.get(table) != Some(at)).map(|(table, _)| table) {
        return run(format!("input {table} has changed"));
    }
    Ok((Decision::Skip, format!("unchanged since run {}", kept.run)))
}

/// The tables a node reads, each with the snapshot that published it last; 0 for tables nobody keeps account of.
pub(crate) fn inputs(graph: &Graph<'_>, lake: &Lake, node: &Node<'_>) -> Outcome<BTreeMap<TableName, u64>> {
    let mut found = BTreeMap::new();
    for table in node.reads.iter().filter(|t| **t != node.name) {
        // A crosswalk or a quarantine is published together with the table it belongs to.
        let account = graph.maker_of(table).map_or(table, |maker| &maker.name);
        found.insert(table.clone(), lake.table_facts(account)?.map_or(0, |f: TableFacts| f.snapshot));
    }
    Ok(found)
}

/// Refuses a plan in which a step would read a table that is neither there nor made before.
fn demand_inputs(graph: &Graph<'_>, lake: &Lake, plan: &Plan) -> Outcome<()> {
    let there: BTreeSet<TableName> = lake.tables(lake.latest()?)?.into_iter().map(|t| t.name).collect();
    let made: BTreeSet<&str> = plan.steps.iter().map(|s| s.name.as_str()).collect();
    let running = plan.steps.iter().filter(|s| s.decision == Decision::Run);
    for node in running.filter_map(|s| graph.nodes.iter().find(|n| n.name.to_string() == s.name)) {
        for table in node.reads.iter().filter(|t| t.layer != QUARANTINE && !there.contains(t)) {
            let maker = graph.maker_of(table).map(|m| m.name.to_string());
            if maker.as_deref().is_none_or(|m| !made.contains(m)) {
                return Err(Problem::new(Code::UnknownName, format!("{} reads {table}, which has not been made yet", node.name))
                    .in_file(node.path())
                    .next(format!("ask for +{}, which makes it first", node.name)));
            }
        }
    }
    Ok(())
}
