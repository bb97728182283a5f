//! The keyring of the user's desktop, by the Secret Service that GNOME, KDE and others offer on the session bus.
//!
//! <https://specifications.freedesktop.org/secret-service-spec/latest/>. Items are those with the attributes `service` =
//! `trommel` and `username` = the name in the workspace, so that `secret-tool` and its like can make and change them.
//! The session is a plain one: the bus is the user's own socket, which nobody else can listen on.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::StreamExt as _;
use trommel_model::{Cancel, Code, Outcome, Problem};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, Proxy, connection};

use super::{Patience, Secret};

const BUS: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";
const DEFAULT: &str = "/org/freedesktop/secrets/aliases/default";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const COLLECTION: &str = "org.freedesktop.Secret.Collection";
const PROMPT: &str = "org.freedesktop.Secret.Prompt";
/// How long a person may take to unlock the keyring.
const PATIENCE: Duration = Duration::from_mins(1);

/// A secret on the bus: session, parameters, value, content type.
type Carried = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

/// A keyring on a bus.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keyring {
    /// The address of the bus; the session's own without it.
    pub address: Option<String>,
}

impl Keyring {
    /// The secret of a name.
    pub fn find(&self, name: &str) -> Outcome<Secret> {
        let found = within(async {
            let (service, session) = self.open().await?;
            let wanted = HashMap::from([("service", "trommel"), ("username", name)]);
            let (open, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) = service.call("SearchItems", &(wanted,)).await?;
            let item = match (open.into_iter().next(), locked.into_iter().next()) {
                (Some(item), _) => item,
                (None, Some(item)) => {
                    unlock(&service, &item).await?;
                    item
                }
                (None, None) => return Ok(None),
            };
            let mut secrets: HashMap<OwnedObjectPath, Carried> = service.call("GetSecrets", &(vec![&item], &session)).await?;
            Ok(secrets.remove(&item).and_then(|(_, _, value, _)| String::from_utf8(value).ok()))
        })?;
        found.map(Secret::new).ok_or_else(|| {
            Problem::new(Code::Denied, format!("the keyring has nothing under \"{name}\""))
                .next(format!("secret-tool store --label=\"Trommel {name}\" service trommel username {name}"))
        })
    }

    /// Puts a secret under a name, in the place of what may be there.
    pub fn store(&self, name: &str, secret: &str) -> Outcome<()> {
        within(async {
            let (service, session) = self.open().await?;
            let collection = Proxy::new(service.connection(), BUS, DEFAULT, COLLECTION).await?;
            unlock(&service, &OwnedObjectPath::try_from(DEFAULT)?).await?;
            let attributes = HashMap::from([("service".to_owned(), "trommel".to_owned()), ("username".to_owned(), name.to_owned())]);
            let about = HashMap::from([
                ("org.freedesktop.Secret.Item.Label", Value::from(format!("Trommel {name}"))),
                ("org.freedesktop.Secret.Item.Attributes", Value::from(attributes)),
            ]);
            let carried: Carried = (session, Vec::new(), secret.as_bytes().to_vec(), "text/plain; charset=utf8".to_owned());
            let (_, prompt): (OwnedObjectPath, OwnedObjectPath) = collection.call("CreateItem", &(about, carried, true)).await?;
            ask(&service, &prompt).await
        })
    }

    /// The service and a session with it.
    async fn open(&self) -> zbus::Result<(Proxy<'static>, OwnedObjectPath)> {
        let bus: Connection = match &self.address {
            Some(address) => connection::Builder::address(address.as_str())?.build().await?,
            None => Connection::session().await?,
        };
        let service = Proxy::new(&bus, BUS, ROOT, SERVICE).await?;
        let (_, session): (OwnedValue, OwnedObjectPath) = service.call("OpenSession", &("plain", Value::from(""))).await?;
        Ok((service, session))
    }
}

fn within<T>(work: impl Future<Output = zbus::Result<T>>) -> Outcome<T> {
    Patience::new(&Cancel::new())?.within(Some(PATIENCE), work, |e| fault(&e))
}

/// Unlocks an item or a collection; a person may be asked for it.
async fn unlock(service: &Proxy<'static>, what: &OwnedObjectPath) -> zbus::Result<()> {
    let (_, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) = service.call("Unlock", &(vec![what],)).await?;
    ask(service, &prompt).await
}

/// Shows the prompt that the service wants shown, and waits for it to be answered.
async fn ask(service: &Proxy<'static>, prompt: &OwnedObjectPath) -> zbus::Result<()> {
    if prompt.as_str() == "/" {
        return Ok(());
    }
    let shown = Proxy::new(service.connection(), BUS, prompt.clone(), PROMPT).await?;
    let mut answers = shown.receive_signal("Completed").await?;
    let () = shown.call("Prompt", &("",)).await?;
    let Some(answer) = answers.next().await else { return Err(zbus::Error::Failure("nobody answered".to_owned())) };
    let (dismissed, _): (bool, OwnedValue) = answer.body().deserialize()?;
    if dismissed { Err(zbus::Error::Failure("the keyring stays locked".to_owned())) } else { Ok(()) }
}

fn fault(error: &zbus::Error) -> Problem {
    Problem::new(Code::Denied, "there is no keyring to ask")
        .why(error.to_string())
        .next("on a machine without a desktop use { file = \"PATH\" }, { env = \"NAME\" } or { credential = \"NAME\" }")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_bus_it_is_said_what_to_use_instead() {
        let nowhere = Keyring { address: Some("unix:path=/nonexistent/bus".to_owned()) };
        for problem in [nowhere.find("shop-erp").unwrap_err(), nowhere.store("shop-erp", "canary-7f3a").unwrap_err()] {
            assert_eq!(problem.code, Code::Denied, "{problem:?}");
            assert!(problem.next.as_ref().unwrap().contains("credential") && !format!("{problem:?}").contains("canary"));
        }
    }
}
