//! `trommel.toml`.

use std::path::Path;

use trommel_model::{AlertKind, AlertSpec, Code, ConnectionSpec, Outcome, Problem, WorkspaceConfig, is_word};

use super::document::{Document, Step, config_fault, span_of};
use super::explain::suggest;
use super::folder::inside;
use super::secrets;
use super::text::TextFile;
use crate::memory::memory_bytes;
use crate::{DEV, WORKSPACE_FILE};

/// Reads the file that makes a folder a workspace.
pub(crate) fn read(root: &Path) -> Outcome<(WorkspaceConfig, TextFile)> {
    let absolute = root.join(WORKSPACE_FILE);
    inside(root, &absolute, WORKSPACE_FILE)?;
    let file = TextFile::read(&absolute, WORKSPACE_FILE)?;
    of(&file).map(|config| (config, file))
}

/// What the text of the file says, held against itself.
pub(crate) fn of(file: &TextFile) -> Outcome<WorkspaceConfig> {
    secrets::refuse(file)?;
    let config: WorkspaceConfig = Document::parse(file)?.read(&[])?;
    examine(&config, file)?;
    Ok(config)
}

/// The environment in use: the one asked for, or the default. Fails for one that the workspace does not have.
pub(crate) fn environment(config: &WorkspaceConfig, asked: Option<&str>) -> Outcome<String> {
    let name = asked.unwrap_or(&config.default_environment);
    let known = environments(config);
    if known.contains(&name) {
        return Ok(name.to_owned());
    }
    Err(Problem::new(Code::UnknownName, format!("the workspace has no environment \"{name}\"")).next(suggest(name, &known)))
}

/// The connections as they are meant in an environment: its own ones, and those that are no environment's where it has none.
pub(crate) fn connections_in(config: &mut WorkspaceConfig, environment: &str) {
    let own: Vec<String> =
        config.connections.iter().filter(|c| c.environment.as_deref() == Some(environment)).map(|c| c.name.clone()).collect();
    config.connections.retain(|c| match &c.environment {
        Some(of) => of == environment,
        None => !own.iter().any(|name| name.eq_ignore_ascii_case(&c.name)),
    });
}

fn environments(config: &WorkspaceConfig) -> Vec<&str> {
    let mut names = vec![DEV];
    names.extend(config.environments.iter().map(String::as_str).filter(|name| *name != DEV));
    names
}

fn examine(config: &WorkspaceConfig, file: &TextFile) -> Outcome<()> {
    let fault = |steps: &[Step], what: String, label: &str| config_fault(file, steps, what, label);
    if config.name.trim().is_empty() {
        return Err(fault(&[Step::Key("name")], "the workspace has no name".to_owned(), "empty"));
    }
    for (at, name) in config.environments.iter().enumerate() {
        let place = [Step::Key("environments"), Step::Item(at)];
        if !is_word(name) {
            return Err(fault(&place, format!("\"{name}\" cannot be the name of an environment"), "not a name")
                .next("use letters, digits, _ and - only"));
        }
        if config.environments[..at].iter().any(|other| other.eq_ignore_ascii_case(name)) {
            return Err(fault(&place, format!("the environment \"{name}\" is named twice"), "named before"));
        }
    }
    let known = environments(config);
    if !known.contains(&config.default_environment.as_str()) {
        let name = &config.default_environment;
        return Err(fault(&[Step::Key("default_environment")], format!("there is no environment \"{name}\""), "unknown environment")
            .next(suggest(name, &known)));
    }
    if let Some(memory) = &config.memory
        && memory_bytes(memory).is_none()
    {
        return Err(fault(&[Step::Key("memory")], format!("\"{memory}\" is not a size of memory"), "not a size")
            .next("write a number with a unit, for instance memory = \"2GB\""));
    }
    if config.threads == Some(0) {
        return Err(fault(&[Step::Key("threads")], "a run needs at least one thread".to_owned(), "too few"));
    }
    for (at, alert) in config.alerts.iter().enumerate() {
        examine_alert(config, file, at, alert, &known)?;
    }
    for (at, connection) in config.connections.iter().enumerate() {
        let place = |key| [Step::Key("connections"), Step::Item(at), Step::Key(key)];
        let name = &connection.name;
        if !is_word(name) {
            return Err(fault(&place("name"), format!("\"{name}\" cannot be the name of a connection"), "not a name")
                .next("use letters, digits, _ and - only"));
        }
        if let Some(environment) = connection.environment.as_ref().filter(|e| !known.contains(&e.as_str())) {
            let what = format!("there is no environment \"{environment}\"");
            return Err(fault(&place("environment"), what, "unknown environment").next(suggest(environment, &known)));
        }
        let twin = |other: &ConnectionSpec| other.name.eq_ignore_ascii_case(name) && other.environment == connection.environment;
        if config.connections[..at].iter().any(twin) {
            let problem = fault(&place("name"), format!("the connection \"{name}\" is defined twice"), "defined before");
            return Err(if config.environments.is_empty() {
                problem
            } else {
                problem.next("give it another name, or say environment = … in one of the two")
            });
        }
        let item = [Step::Key("connections"), Step::Item(at)];
        match (connection.kind.is_server(), connection.path.trim().is_empty(), &connection.url) {
            (false, true, _) => {
                let path = place("path");
                let written = span_of(file, &path) != (0..file.text.len());
                let (steps, label) = if written { (&path[..], "empty") } else { (&item[..], "no path") };
                return Err(fault(steps, format!("the connection \"{name}\" has no path"), label));
            }
            (false, false, Some(_)) => {
                return Err(fault(&place("url"), format!("the connection \"{name}\" is no server"), "only for servers")
                    .next("use kind = \"postgres\" or \"mysql\", or leave url out"));
            }
            (true, _, None) => {
                let kind = connection.kind.name();
                return Err(fault(&item, format!("the connection \"{name}\" has no url"), "no url")
                    .next(format!("add url = \"{kind}://user@host/database\"")));
            }
            (true, false, _) => {
                return Err(fault(&place("path"), format!("the connection \"{name}\" is a server"), "a server has no path")
                    .next("say where it is with url, and leave path out"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// What an alert needs, by its kind.
fn examine_alert(config: &WorkspaceConfig, file: &TextFile, at: usize, alert: &AlertSpec, environments: &[&str]) -> Outcome<()> {
    let place = |key| [Step::Key("alerts"), Step::Item(at), Step::Key(key)];
    let item = [Step::Key("alerts"), Step::Item(at)];
    let name = &alert.name;
    if !is_word(name) {
        return Err(config_fault(file, &place("name"), format!("\"{name}\" cannot be the name of an alert"), "not a name")
            .next("use letters, digits, _ and - only"));
    }
    if config.alerts[..at].iter().any(|other| other.name.eq_ignore_ascii_case(name) && other.environment == alert.environment) {
        return Err(config_fault(file, &place("name"), format!("the alert \"{name}\" is defined twice"), "defined before"));
    }
    if let Some(environment) = alert.environment.as_ref().filter(|e| !environments.contains(&e.as_str())) {
        let what = format!("there is no environment \"{environment}\"");
        return Err(config_fault(file, &place("environment"), what, "unknown environment").next(suggest(environment, environments)));
    }
    let missing = match alert.kind {
        AlertKind::Mail if alert.server.is_none() => Some(("server", "server = \"smtp://user@host:587\"")),
        AlertKind::Mail if alert.from.is_empty() => Some(("from", "from = \"trommel@example.org\"")),
        AlertKind::Mail if alert.to.is_empty() => Some(("to", "to = [\"ops@example.org\"]")),
        AlertKind::Webhook if alert.url.is_none() => Some(("url", "url = { env = \"HOOK_URL\" }")),
        _ => None,
    };
    match missing {
        Some((key, next)) => {
            Err(config_fault(file, &item, format!("the alert \"{name}\" has no {key}"), "incomplete").next(format!("add {next}")))
        }
        None => Ok(()),
    }
}
