//! What journeys with a real server share: the server, its client, a workspace that reads from it.
#![allow(dead_code, reason = "each journey uses some of it")]

use std::fs;
use std::path::Path;
use std::process::Command;

use trommel_journeys::{expect, text};

/// A throw-away PostgreSQL of `scripts/servers`: its URL. Without one the continuous build fails, and elsewhere it is told.
pub fn postgres() -> Option<String> {
    let url = std::env::var("TROMMEL_TEST_POSTGRES").ok();
    if url.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "no server: TROMMEL_TEST_POSTGRES is not set");
        eprintln!("LEFT OUT: TROMMEL_TEST_POSTGRES is not set; eval \"$(scripts/servers start)\"");
    }
    url
}

/// Runs SQL by the server's own client.
pub fn psql(url: &str, sql: &str) {
    let done = Command::new("psql")
        .args(["-q", "-v", "ON_ERROR_STOP=1", url, "-c", sql])
        .env("PGPASSWORD", std::env::var("TROMMEL_TEST_PASSWORD").unwrap())
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", text(&done.stderr));
}

/// A workspace with one source that reads from the server.
pub fn workspace(url: &str, source: &str, more: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let ca = std::env::var("TROMMEL_TEST_CA").unwrap();
    let kind = url.split("://").next().unwrap();
    let config = format!(
        "name = \"shop\"\n\n[[connections]]\nname = \"shop\"\nkind = \"{kind}\"\nurl = \"{url}\"\nca = \"{ca}\"\n\
         password = {{ env = \"TROMMEL_TEST_PASSWORD\" }}\n{more}"
    );
    fs::write(folder.path().join("trommel.toml"), config).unwrap();
    fs::create_dir(folder.path().join("sources")).unwrap();
    fs::write(folder.path().join("sources/orders.toml"), source).unwrap();
    folder
}

pub fn csv(root: &Path, sql: &str) -> String {
    expect(root, &["query", sql, "--format", "csv"], 0).replace("\r\n", "\n")
}

/// A throw-away MariaDB of `scripts/servers`: its URL.
pub fn mysql() -> Option<String> {
    let url = std::env::var("TROMMEL_TEST_MYSQL").ok();
    if url.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "no server: TROMMEL_TEST_MYSQL is not set");
        eprintln!("LEFT OUT: TROMMEL_TEST_MYSQL is not set; eval \"$(scripts/servers start)\"");
    }
    url
}

/// Runs SQL by the server's own client.
pub fn mariadb(url: &str, sql: &str) {
    let port = url.rsplit_once(':').and_then(|(_, rest)| rest.split('/').next()).unwrap();
    let done = Command::new("mariadb")
        .args([
            "--no-defaults",
            "--host=127.0.0.1",
            "--user=trommel",
            "--ssl-verify-server-cert=0",
            &format!("--port={port}"),
            "trommel",
            "-e",
            sql,
        ])
        .env("MYSQL_PWD", std::env::var("TROMMEL_TEST_PASSWORD").unwrap())
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", text(&done.stderr));
}
