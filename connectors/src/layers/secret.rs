//! Secrets: found where the workspace says they are, shown to nobody, gone from memory when they are done with.

use std::fmt;
use std::path::Path;

use trommel_model::{Code, Outcome, Problem, Reference};

use super::{Keyring, age};

/// What stands in the place of a secret.
const MASK: &str = "•••";

/// A text that is never shown: neither `{}` nor `{:?}` prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a text into custody.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the one call that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// A message without the secret, for words that come from elsewhere.
    pub fn redact(&self, text: &str) -> String {
        if self.0.is_empty() { text.to_owned() } else { text.replace(&self.0, MASK) }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.0).into_bytes();
        bytes.fill(0);
        std::hint::black_box(&bytes);
    }
}

/// Finds the secret a reference leads to. `root` is the workspace.
pub fn lookup(reference: &Reference, root: &Path) -> Outcome<Secret> {
    let text = match reference {
        Reference::Env(name) => std::env::var(name).map_err(|_| {
            Problem::new(Code::Denied, format!("the variable {name} is not set")).next(format!("set {name} to the secret, and run again"))
        })?,
        Reference::Keyring(name) => return Keyring::default().find(name),
        Reference::File(path) => first_line(&root.join(path))?,
        Reference::Age(path) => return age::decrypt(&root.join(path)),
        Reference::Credential(name) => {
            let folder = std::env::var_os("CREDENTIALS_DIRECTORY").ok_or_else(|| {
                Problem::new(Code::Denied, format!("there is no credential \"{name}\""))
                    .why("CREDENTIALS_DIRECTORY is not set; systemd sets it for a service")
                    .next(format!("run as a service with LoadCredential={name}:PATH"))
            })?;
            if !Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_))) {
                return Err(Problem::new(Code::BadConfig, format!("\"{name}\" cannot be the name of a credential")));
            }
            first_line(&Path::new(&folder).join(name))?
        }
    };
    Ok(Secret::new(text))
}

/// A file that nobody else can read: one that others can read is no place for secrets.
pub fn private_text(path: &Path) -> Option<Secret> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if std::fs::metadata(path).ok()?.permissions().mode() & 0o077 != 0 {
            return None;
        }
    }
    std::fs::read_to_string(path).ok().map(Secret::new)
}

fn first_line(path: &Path) -> Outcome<String> {
    let text = std::fs::read_to_string(path).map_err(|e| Problem::from_io(&e, "read the secret", path))?;
    let text = Secret::new(text);
    Ok(text.reveal().lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_prints_a_secret() {
        let secret = Secret::new("canary-7f3a".to_owned());
        assert_eq!(format!("{secret} {secret:?} {:?}", Some(&secret)), "••• ••• Some(•••)");
        assert_eq!(secret.redact("login canary-7f3a failed"), "login ••• failed");
    }

    #[test]
    fn secrets_are_found_where_they_are() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("password"), "pass word\nsecond line\n").unwrap();
        let found = lookup(&Reference::File("password".to_owned()), folder.path()).unwrap();
        assert_eq!(found.reveal(), "pass word");
        let missing = lookup(&Reference::Env("TROMMEL_NO_SUCH_VARIABLE".to_owned()), folder.path()).unwrap_err();
        assert_eq!(missing.code, Code::Denied);
        assert_eq!(lookup(&Reference::File("none".to_owned()), folder.path()).unwrap_err().code, Code::FileNotFound);
    }
}
