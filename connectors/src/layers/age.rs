//! Files that are encrypted for a key (<https://age-encryption.org/v1>), read by the program `age` (or `rage`).
//!
//! The key is the user's: the file that `TROMMEL_AGE_IDENTITY` names, else `age/keys.txt` in the folder of the user's
//! settings. What is decrypted goes through a pipe and never to a disk.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use trommel_model::{Code, Outcome, Problem};

use super::Secret;
use super::secret::private_text;

/// How long the program may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Names of programs that decrypt, the first that is there.
const PROGRAMS: [&str; 2] = ["age", "rage"];
/// Bytes that a secret has at most.
const MOST: u64 = 1 << 20;

/// The first line of what an encrypted file holds.
pub(super) fn decrypt(path: &Path) -> Outcome<Secret> {
    decrypt_with(path, &identity()?)
}

fn decrypt_with(path: &Path, identity: &Path) -> Outcome<Secret> {
    usable(identity)?;
    if !path.is_file() {
        return Err(Problem::new(Code::FileNotFound, "there is no such encrypted file").in_file(path));
    }
    let fail = |why: &str| {
        Problem::new(Code::Denied, "the encrypted file does not open").in_file(path).why(why.to_owned()).next(format!(
            "encrypt it for the key in {}: age --encrypt --recipient age1… --output {}",
            identity.display(),
            path.display()
        ))
    };
    let Some(program) = PROGRAMS.into_iter().find(|program| is_installed(program)) else {
        return Err(Problem::new(Code::Denied, "no program is here that opens encrypted files")
            .why(format!("neither {} is on the PATH", PROGRAMS.join(" nor ")))
            .next("apt-get install age"));
    };
    // A session of its own has no terminal on which the program could ask for a passphrase.
    let mut command = if is_installed("setsid") { Command::new("setsid") } else { Command::new(program) };
    if is_installed("setsid") {
        command.args(["--wait", program]);
    }
    command.arg("--decrypt").arg("--identity").arg(identity).arg(path);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|e| fail(&e.to_string()))?;
    let (out, err) = (all_of(child.stdout.take()), all_of(child.stderr.take()));
    let (Ok(text), Ok(said)) = (out.recv_timeout(PATIENCE), err.recv_timeout(PATIENCE)) else {
        // It may have ended by now.
        let _ = child.kill();
        let _ = child.wait();
        return Err(fail(&format!("{program} did not answer within {} s", PATIENCE.as_secs())));
    };
    if !child.wait().map_err(|e| fail(&e.to_string()))?.success() {
        return Err(fail(String::from_utf8_lossy(&said).lines().next().unwrap_or("it ended without a word")));
    }
    let text = Secret::new(String::from_utf8(text).map_err(|_| fail("what it holds is no text"))?);
    Ok(Secret::new(text.reveal().lines().next().unwrap_or_default().to_owned()))
}

/// What comes out of a pipe, once it is closed.
fn all_of(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // A pipe that breaks is one that has ended.
        let _ = pipe.map(|pipe| pipe.take(MOST).read_to_end(&mut bytes));
        let _ = send.send(bytes);
    });
    receive
}

/// Where the user's key is.
fn identity() -> Outcome<PathBuf> {
    if let Some(path) = std::env::var_os("TROMMEL_AGE_IDENTITY") {
        return Ok(PathBuf::from(path));
    }
    std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".config")))
        .map(|settings| settings.join("age/keys.txt"))
        .ok_or_else(|| Problem::new(Code::Denied, "there is no key to open encrypted files with").next("set TROMMEL_AGE_IDENTITY"))
}

/// A key that others can read is none.
fn usable(identity: &Path) -> Outcome<()> {
    if !identity.is_file() {
        return Err(Problem::new(Code::Denied, "there is no key to open encrypted files with")
            .in_file(identity)
            .next("age-keygen --output makes one; TROMMEL_AGE_IDENTITY names another place"));
    }
    if private_text(identity).is_none() {
        return Err(Problem::new(Code::Denied, "others can read the key")
            .in_file(identity)
            .next(format!("chmod 600 {}", identity.display())));
    }
    Ok(())
}

fn is_installed(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|paths| std::env::split_paths(&paths).any(|folder| folder.join(program).is_file()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// Runs a program of the package `age`. Without it the continuous build fails, and elsewhere it is told.
    fn run(program: &str, arguments: &[&str], input: &str) -> Option<String> {
        if !is_installed(program) {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{program} is not installed");
            eprintln!("LEFT OUT: {program} is not installed");
            return None;
        }
        let mut child = Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
        let done = child.wait_with_output().unwrap();
        assert!(done.status.success(), "{program} {arguments:?}");
        Some(String::from_utf8(done.stdout).unwrap())
    }

    #[test]
    fn a_file_opens_with_its_key_and_with_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        if run("age-keygen", &["--output", &at("key")], "").is_none() {
            return;
        }
        run("age-keygen", &["--output", &at("other")], "");
        let recipient = run("age-keygen", &["-y", &at("key")], "").unwrap();
        run("age", &["--encrypt", "--recipient", recipient.trim(), "--output", &at("secret.age")], "pass word\nsecond line\n");
        let open = |key: &str, file: &str| decrypt_with(Path::new(&at(file)), Path::new(&at(key)));
        assert_eq!(open("key", "secret.age").unwrap().reveal(), "pass word");
        let told = open("other", "secret.age").unwrap_err();
        assert!(told.code == Code::Denied && told.to_string().contains("no identity matched"), "{told}");
        assert_eq!(open("key", "none.age").unwrap_err().code, Code::FileNotFound);
        std::fs::write(at("cut.age"), &std::fs::read(at("secret.age")).unwrap()[..100]).unwrap();
        assert_eq!(open("key", "cut.age").unwrap_err().code, Code::Denied);
        assert!(open("no-key", "secret.age").unwrap_err().to_string().contains("there is no key"));
        std::fs::set_permissions(at("key"), std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(open("key", "secret.age").unwrap_err().to_string().contains("others can read"));
    }
}
