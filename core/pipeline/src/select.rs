//! Which steps somebody asked for: `mart.revenue`, `+mart.revenue` with what it is made from,
//! `raw.orders+` with what is made from it, `clean.*` a whole layer.

use std::collections::BTreeSet;

use trommel_model::{Code, Outcome, Problem, TableName, did_you_mean};

use crate::graph::{Graph, Node};

/// The names asked for; all of them when nothing is asked for in particular.
pub fn selected(graph: &Graph<'_>, select: &[String]) -> Outcome<BTreeSet<TableName>> {
    if select.is_empty() {
        return Ok(graph.nodes.iter().map(|n| n.name.clone()).collect());
    }
    let mut chosen = BTreeSet::new();
    for pattern in select {
        let (rest, with_ancestors) = pattern.strip_prefix('+').map_or((pattern.as_str(), false), |r| (r, true));
        let (rest, with_descendants) = rest.strip_suffix('+').map_or((rest, false), |r| (r, true));
        for name in named(graph, rest)? {
            if with_ancestors {
                ancestors(graph, &name, &mut chosen);
            }
            if with_descendants {
                descendants(graph, &name, &mut chosen);
            }
            chosen.insert(name);
        }
    }
    Ok(chosen)
}

fn named(graph: &Graph<'_>, pattern: &str) -> Outcome<Vec<TableName>> {
    let all = || graph.nodes.iter();
    let of = |keep: &dyn Fn(&Node<'_>) -> bool| -> Vec<TableName> { all().filter(|n| keep(n)).map(|n| n.name.clone()).collect() };
    let found = match pattern.strip_suffix(".*") {
        Some(layer) => of(&|n| n.name.layer == layer),
        None if pattern.contains('.') => of(&|n| n.makes().iter().any(|t| t.to_string() == pattern)),
        None => of(&|n| n.name.table == pattern),
    };
    if found.is_empty() || (found.len() > 1 && !pattern.ends_with(".*")) {
        let names: Vec<String> = all().map(|n| n.name.to_string()).collect();
        let layers: BTreeSet<String> = all().map(|n| format!("{}.*", n.name.layer)).collect();
        let candidates = names.iter().chain(&layers).map(String::as_str);
        let what =
            if found.is_empty() { format!("there is no step \"{pattern}\"") } else { format!("several steps are called \"{pattern}\"") };
        let hint = did_you_mean(pattern, candidates);
        let next = match (found.len(), hint.is_empty()) {
            (0, false) => hint,
            (0, true) => format!("steps are {}", names.join(", ")),
            _ => format!("write one of {}", found.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        };
        return Err(Problem::new(Code::UnknownName, what).next(next));
    }
    Ok(found)
}

fn ancestors(graph: &Graph<'_>, name: &TableName, into: &mut BTreeSet<TableName>) {
    for above in graph.nodes.iter().filter(|n| n.name == *name).flat_map(|n| &n.depends_on) {
        if into.insert(above.clone()) {
            ancestors(graph, above, into);
        }
    }
}

fn descendants(graph: &Graph<'_>, name: &TableName, into: &mut BTreeSet<TableName>) {
    for below in graph.nodes.iter().filter(|n| n.depends_on.contains(name)) {
        if into.insert(below.name.clone()) {
            descendants(graph, &below.name, into);
        }
    }
}
