//! Reads a workspace: every text file, each fault with its file, line and column.
//!
//! A file is read until its first fault; other files are read all the same, so that [`problems`] can list one fault of
//! every broken file. Faults name files relative to the workspace. Order: `trommel.toml`, sources, models, checks, sinks,
//! KPIs, boards, decisions, each by name.

mod check;
pub(crate) mod config;
pub(crate) mod correction;
mod decision;
mod document;
mod explain;
mod folder;
mod front_matter;
mod kpi;
mod model;
mod secrets;
mod sink;
mod source;
pub(crate) mod text;

#[cfg(test)]
mod sink_tests;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use serde::de::DeserializeOwned;
use trommel_model::{Beside, Code, ModelKind, Outcome, Problem, TableName, Workspace, WorkspaceConfig};

use crate::WORKSPACE_FILE;
use crate::find::not_a_workspace;
use document::{Document, span_of};
pub(crate) use document::{Step, config_fault};
use folder::{Found, Subfolders};
pub use model::match_model;
use text::TextFile;

/// Reads the workspace in a folder, for one environment or its default one.
///
/// Fails with the first fault: `not-a-workspace`, `bad-toml` (not TOML, an unknown key, a value of the wrong kind),
/// `bad-config` (readable, but it cannot be), `unknown-name` (an environment that the workspace does not have), or a fault
/// of the operating system.
pub fn load(root: &Path, environment: Option<&str>) -> Outcome<Workspace> {
    let (mut workspace, problems) = read(root)?;
    if let Some(problem) = problems.into_iter().next() {
        return Err(problem);
    }
    workspace.environment = config::environment(&workspace.config, environment)?;
    config::connections_in(&mut workspace.config, &workspace.environment);
    Ok(workspace)
}

/// Every fault of a workspace's files, at most one for each file by itself; empty when it can be loaded.
pub fn problems(root: &Path) -> Vec<Problem> {
    read(root).map_or_else(|problem| vec![problem], |(_, problems)| problems)
}

/// Holds the text of a source that is not written yet against the workspace it is for.
pub(crate) fn try_source(root: &Path, name: &str, text: &str, config: &WorkspaceConfig) -> Outcome<()> {
    let path = format!("sources/{name}.toml");
    let file = TextFile::of(&path, text.to_owned());
    let found = Found { name: name.to_owned(), ending: "toml".to_owned(), absolute: root.join(&path), path };
    let spec = source::read(&file, &found)?;
    source::examine(&spec, &file, config, root)
}

/// Reads a TOML file of the program's own, with faults at their places; nothing when there is no such file.
pub(crate) fn read_own<T: DeserializeOwned>(path: &Path) -> Outcome<Option<(T, TextFile)>> {
    if !path.try_exists().map_err(|e| Problem::from_io(&e, "read the file", path))? {
        return Ok(None);
    }
    let file = TextFile::read(path, &path.to_string_lossy())?;
    let value = Document::parse(&file)?.read(&[])?;
    Ok(Some((value, file)))
}

/// Layers that are not the models' to fill, and why.
const RESERVED_LAYERS: &[(&str, &str)] = &[
    ("raw", "the layer raw belongs to the sources"),
    ("quarantine", "the layer quarantine holds rows that were held back"),
    ("sink", "the layer sink stands for what is written back"),
    ("main", "the engine uses this name itself"),
    ("temp", "the engine uses this name itself"),
    ("system", "the engine uses this name itself"),
    ("information_schema", "the engine uses this name itself"),
    ("pg_catalog", "the engine uses this name itself"),
];

/// What was read, with the file that said it.
struct Read<T> {
    spec: T,
    file: TextFile,
}

fn read(root: &Path) -> Outcome<(Workspace, Vec<Problem>)> {
    let root = &std::fs::canonicalize(root).map_err(|e| Problem::from_io(&e, "open the workspace", root))?;
    if !root.join(WORKSPACE_FILE).is_file() {
        return Err(not_a_workspace(root).why(format!("there is no {WORKSPACE_FILE} in it")));
    }
    let mut problems = Vec::new();
    let config = config::read(root).map_err(|problem| problems.push(problem)).ok().map(|(config, _)| config);

    let mut sources = Vec::new();
    for found in folder::files(root, "sources", &["toml"], Subfolders::Strange, &mut problems) {
        let read = read_file(&found, |file| source::read(file, &found)).and_then(|read| match &config {
            Some(config) => source::examine(&read.spec, &read.file, config, root).map(|()| read),
            None => Ok(read), // what it says of connections cannot be held against anything
        });
        keep(read, &mut sources, &mut problems);
    }
    let mut models = read_models(root, &mut problems);
    let clashes = clashing_names(&sources, &models);
    problems.extend(clashes);

    for found in folder::files(root, "checks", &["toml"], Subfolders::Strange, &mut problems) {
        match read_file(&found, check::read) {
            Ok(read) => problems.extend(hand_out(read, &mut sources, &mut models).err()),
            Err(problem) => problems.push(problem),
        }
    }

    let mut sinks = Vec::new();
    for found in folder::files(root, "sinks", &["toml"], Subfolders::Strange, &mut problems) {
        let read = read_file(&found, |file| {
            let spec = sink::read(file, &found)?;
            match &config {
                Some(config) => sink::examine(&spec, file, config).map(|()| spec),
                None => Ok(spec), // as with sources
            }
        });
        keep(read, &mut sinks, &mut problems);
    }
    problems.extend(sink::clashing_targets(&sinks));

    let (mut kpis, mut unread) = (Vec::new(), Vec::new());
    for found in folder::files(root, "kpis", &["toml"], Subfolders::Strange, &mut problems) {
        let read = read_file(&found, |file| kpi::read(file, &found.name));
        if read.is_err() {
            unread.push(found.name.clone());
        }
        keep(read.map(|read| read.spec), &mut kpis, &mut problems);
    }
    let mut boards = Vec::new();
    for found in folder::files(root, "boards", &["toml"], Subfolders::Strange, &mut problems) {
        let read = read_file(&found, |file| {
            let board = kpi::read_board(file, &found.name)?;
            kpi::examine_board(&board, file, &kpis, &unread).map(|()| board)
        });
        keep(read.map(|read| read.spec), &mut boards, &mut problems);
    }

    let mut decisions: Vec<Read<trommel_model::DecisionFile>> = Vec::new();
    for found in folder::files(root, "decisions", &["toml"], Subfolders::Layers, &mut problems) {
        let read = read_file(&found, |file| decision::read(file, &models));
        keep(read, &mut decisions, &mut problems);
    }
    let mut corrections = BTreeMap::new();
    for found in folder::files(root, correction::FOLDER, &["toml"], Subfolders::Strange, &mut problems) {
        match read_file(&found, correction::read) {
            Ok(_) if sources.iter().all(|read: &Read<trommel_model::SourceSpec>| read.spec.name != found.name) => {
                problems.push(correction::unknown_source(&format!("{}/{}.toml", correction::FOLDER, found.name), &found.name));
            }
            Ok(read) => drop(corrections.insert(found.name.clone(), read.spec)),
            Err(problem) => problems.push(problem),
        }
    }

    let config = config.unwrap_or_else(|| WorkspaceConfig { default_environment: crate::DEV.to_owned(), ..WorkspaceConfig::default() });
    let workspace = Workspace {
        root: root.clone(),
        environment: config.default_environment.clone(),
        config,
        sources: sources.into_iter().map(|read| read.spec).collect(),
        models: models.into_iter().map(|read| read.spec).collect(),
        sinks: sinks.into_iter().map(|read| read.spec).collect(),
        kpis,
        boards,
        decisions: decisions.into_iter().map(|read| read.spec).collect(),
        corrections,
    };
    Ok((workspace, problems))
}

fn read_models(root: &Path, problems: &mut Vec<Problem>) -> Vec<Read<trommel_model::ModelSpec>> {
    let mut models = Vec::new();
    for found in folder::files(root, "models", &["sql", "toml"], Subfolders::Layers, problems) {
        let name = found.path.trim_start_matches("models/");
        problems.push(
            Problem::new(Code::BadConfig, format!("{} is in no layer", found.path))
                .in_file(&found.path)
                .next(format!("move it to the folder of its layer, for instance models/mart/{name}")),
        );
    }
    for (layer, path) in folder::folders(root, "models", problems) {
        let found = folder::files(root, &path, &["sql", "toml"], Subfolders::Strange, problems);
        if let Some((_, why)) = RESERVED_LAYERS.iter().find(|(name, _)| layer.eq_ignore_ascii_case(name)) {
            if let Some(first) = found.first() {
                problems.push(
                    Problem::new(Code::BadConfig, format!("models cannot be in the layer {layer}"))
                        .in_file(&first.path)
                        .why(*why)
                        .next("move the model to another layer, for instance models/clean"),
                );
            }
            continue;
        }
        for found in found {
            let name = TableName::new(layer.clone(), found.name.clone());
            let read = TextFile::read(&found.absolute, &found.path).and_then(|mut file| {
                let spec = if found.ending == "sql" { model::read_sql(&mut file, name)? } else { model::read_toml(&file, name)? };
                Ok(Read { spec, file })
            });
            keep(read, &mut models, problems);
        }
    }
    models
}

fn read_file<T>(found: &Found, read: impl FnOnce(&TextFile) -> Outcome<T>) -> Outcome<Read<T>> {
    let file = TextFile::read(&found.absolute, &found.path)?;
    Ok(Read { spec: read(&file)?, file })
}

fn keep<T>(read: Outcome<T>, kept: &mut Vec<T>, problems: &mut Vec<Problem>) {
    match read {
        Ok(value) => kept.push(value),
        Err(problem) => problems.push(problem),
    }
}

/// Adds the checks of a file to the source or model they are about.
fn hand_out(
    read: Read<check::CheckFile>,
    sources: &mut [Read<trommel_model::SourceSpec>],
    models: &mut [Read<trommel_model::ModelSpec>],
) -> Outcome<()> {
    let check::CheckFile { table, checks } = read.spec;
    if table.layer == "raw"
        && let Some(source) = sources.iter_mut().find(|source| source.spec.name == table.table)
    {
        source.spec.checks.extend(checks);
        return Ok(());
    }
    if let Some(model) = models.iter_mut().find(|model| model.spec.name == table) {
        model.spec.checks.extend(checks);
        return Ok(());
    }
    let known: Vec<String> = sources
        .iter()
        .map(|source| format!("raw.{}", source.spec.name))
        .chain(models.iter().map(|model| model.spec.name.to_string()))
        .collect();
    Err(check::unknown_table(&read.file, &table, &known.iter().map(String::as_str).collect::<Vec<_>>()))
}

/// Tables that two files would make. Names that differ in case only are one name to the engine.
fn clashing_names(sources: &[Read<trommel_model::SourceSpec>], models: &[Read<trommel_model::ModelSpec>]) -> Vec<Problem> {
    let mut makers: BTreeMap<String, &str> = BTreeMap::new();
    let mut problems = Vec::new();
    let mut claim = |name: String, file, problem: &dyn Fn(&str) -> Problem| {
        if let Some(other) = makers.get(&name.to_lowercase()) {
            problems.push(problem(&format!("{other} makes it too")).in_file(file));
        } else {
            makers.insert(name.to_lowercase(), file);
        }
    };
    let two = |name: &str, why: &str| {
        Problem::new(Code::BadConfig, format!("two files make the table {name}")).why(why).next("rename or remove one of them")
    };
    for Read { spec, file } in sources {
        let name = format!("raw.{}", spec.name);
        claim(name.clone(), &file.path, &|why| two(&name, why));
    }
    for Read { spec, file } in models {
        let name = spec.name.to_string();
        claim(name.clone(), &file.path, &|why| two(&name, why));
    }
    for Read { spec, file } in models {
        let ModelKind::Match(matching) = &spec.kind else { continue };
        for (table, what) in matching.tables_beside(&spec.name).into_iter().filter(|(_, beside)| *beside != Beside::Crosswalk) {
            let name = table.to_string();
            claim(name.clone(), &file.path, &|why| {
                Problem::new(Code::BadConfig, format!("{name}, the {} of {}, would be made twice", what.ending(), spec.name))
                    .why(why)
                    .next("rename the other model")
            });
        }
        let own = matching.crosswalk.clone().unwrap_or_else(|| format!("{}_crosswalk", spec.name.table));
        let name = TableName::new(&spec.name.layer, own).to_string();
        claim(name.clone(), &file.path, &|why| {
            let what = format!("the crosswalk of {} would be {name}", spec.name);
            file.fault(Code::BadConfig, what, span_of(file, &[Step::Key("crosswalk")]), "taken")
                .why(why)
                .next("give it another name with crosswalk = …")
        });
    }
    problems
}

/// Puts a fault of a value, known without its place, where the value stands.
fn at_key(file: &TextFile, key: &str, fault: Problem) -> Problem {
    let mut placed = file.fault(fault.code, fault.what, span_of(file, &[Step::Key(key)]), "here");
    placed.why = fault.why;
    placed.next = fault.next;
    placed
}
