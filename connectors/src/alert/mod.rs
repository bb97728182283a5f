//! Alerts: mail, webhook, a note on the desktop. With the database connectors the only rooms that open a network connection,
//! and only to the server that an alert of the workspace names.
//!
//! A server is verified or not talked to; unencrypted only on this very machine. Redirects are not followed. Every wait ends.

mod desktop;
mod mail;
mod net;
mod smtp;
mod webhook;

use std::path::Path;

use trommel_model::{Address, AlertKind, AlertMessage, AlertSpec, Cancel, Code, Outcome, Problem};

use crate::layers::{Secret, lookup, retry};

/// Tells somebody, trying again for a moment when there is no connection. `root` is the workspace.
pub fn deliver(root: &Path, spec: &AlertSpec, message: &AlertMessage, cancel: &Cancel) -> Outcome<()> {
    retry(cancel, std::thread::park_timeout, || match spec.kind {
        AlertKind::Mail => mail::send(root, spec, message, cancel),
        AlertKind::Webhook => webhook::send(root, spec, message, cancel),
        AlertKind::Desktop => desktop::show(message),
    })
}

/// Where an alert leads: a URL, found where it is said to stand.
fn address(root: &Path, spec: &AlertSpec, of: Option<&Address>, key: &str) -> Outcome<Secret> {
    match of {
        Some(Address::Text(text)) => Ok(Secret::new(text.clone())),
        Some(Address::Reference(reference)) => lookup(reference, root),
        None => Err(Problem::new(Code::BadConfig, format!("the alert \"{}\" has no {key}", spec.name))),
    }
}

#[cfg(test)]
mod tests;
