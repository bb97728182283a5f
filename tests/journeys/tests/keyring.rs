//! A password kept in a real keyring: GNOME's, on a session bus of its own.

use std::fs;
use std::process::Command;

use trommel_journeys::{binary, text};

/// Starts the keyring's daemon unlocked, then does what is asked with its bus.
const SESSION: &str = r#"
printf keyring-master | gnome-keyring-daemon --unlock --components=secrets >/dev/null
printf '%s\n' "$CANARY" | trommel connect add erp --kind postgres --host 127.0.0.1 --port 1 --user ann --database erp --password-stdin
trommel connect test erp
echo "exit $?"
"#;

#[test]
fn what_is_typed_goes_to_the_keyring_and_is_found_there() {
    let there = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !there("gnome-keyring-daemon") || !there("dbus-run-session") {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "gnome-keyring is not installed");
        eprintln!("LEFT OUT: there is no gnome-keyring-daemon");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    fs::create_dir_all(&home).unwrap();
    fs::write(folder.path().join("trommel.toml"), "name = \"shop\"\n").unwrap();
    let path = format!("{}:{}", binary("trommel").parent().unwrap().display(), std::env::var("PATH").unwrap());
    let out = Command::new("timeout")
        .args(["60", "dbus-run-session", "--", "sh", "-c", SESSION])
        .current_dir(folder.path())
        .env("PATH", path)
        .env("HOME", &home)
        .env("XDG_RUNTIME_DIR", &home)
        .env("XDG_DATA_HOME", home.join("data"))
        .env("TROMMEL_CONFIG_DIR", folder.path().join(".user"))
        .env("CANARY", "canary-4711")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let said = format!("{}{}", text(&out.stdout), text(&out.stderr));
    assert!(said.contains("the password is kept in your keyring, as \"shop-erp\""), "{said}");
    // Nothing listens there: it was asked for the password before, and found it.
    assert!(said.contains("exit 4"), "{said}");
    assert!(!said.contains("canary"), "{said}");
    let config = fs::read_to_string(folder.path().join("trommel.toml")).unwrap();
    assert!(config.contains("password = { keyring = \"shop-erp\" }"), "{config}");
    assert!(!folder.path().join(".user/secrets").exists(), "it is in one place only");
}
