//! Keeps a secret that was typed where only this user reads it, and says where that is.

use std::io::Write as _;
use std::path::Path;

use trommel_model::{Code, Outcome, Problem, Reference};

use super::Keyring;

/// Where a secret is kept now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What the workspace says of it.
    pub reference: Reference,
    /// Where that is, for the one who typed it.
    pub place: String,
}

/// Keeps a secret under a name: in the keyring, or where there is none in a file of the user's own in a folder.
pub fn keep(secret: &str, name: &str, keyring: &Keyring, folder: &Path) -> Outcome<Kept> {
    if secret.is_empty() {
        return Err(Problem::new(Code::Usage, "the password is empty"));
    }
    if secret.contains(['\n', '\r']) {
        return Err(Problem::new(Code::Usage, "the password has a line end in it").next("give it on one line"));
    }
    match keyring.store(name, secret) {
        Ok(()) => Ok(Kept { reference: Reference::Keyring(name.to_owned()), place: format!("your keyring, as \"{name}\"") }),
        Err(none) => {
            let reference = in_file(secret, name, folder)?;
            let why = none.why.map_or_else(String::new, |why| format!(" ({why})"));
            let path = folder.join(name);
            Ok(Kept { reference, place: format!("{}, which only you can read; there is no keyring to ask{why}", path.display()) })
        }
    }
}

/// Writes a secret to a file in a folder, both closed to everybody else. It takes the place of an older one in one step.
fn in_file(secret: &str, name: &str, folder: &Path) -> Outcome<Reference> {
    let path = folder.join(name);
    let write = || -> std::io::Result<()> {
        private_folder(folder)?;
        // A temporary file is made for its owner only.
        let mut file = tempfile::Builder::new().prefix(".secret-").tempfile_in(folder)?;
        file.write_all(secret.as_bytes())?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(&path).map(drop).map_err(|e| e.error)
    };
    write().map_err(|e| Problem::from_io(&e, "keep the password", &path))?;
    Ok(Reference::File(path.to_string_lossy().into_owned()))
}

fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::lookup;

    #[test]
    fn what_is_kept_is_found_again_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("secrets");
        let none = Keyring { address: Some("unix:path=/nonexistent/bus".to_owned()) };
        for secret in ["first", "pass word ü"] {
            let kept = keep(secret, "shop-erp", &none, &place).unwrap();
            assert!(kept.place.contains("no keyring") && !kept.place.contains(secret), "{}", kept.place);
            assert_eq!(lookup(&kept.reference, Path::new("/")).unwrap().reveal(), secret);
        }
        #[cfg(unix)]
        for (path, mode) in [(place.clone(), 0o700), (place.join("shop-erp"), 0o600)] {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, mode);
        }
        for bad in ["", "two\nlines"] {
            assert_eq!(keep(bad, "x", &none, &place).unwrap_err().code, Code::Usage);
        }
    }
}
