//! Sinks, and connections that are other ones in an environment.

use super::tests::{check, fault, workspace};
use super::*;

#[test]
fn faults_of_sinks() {
    let db = "from = \"raw.a\"\nconnection = \"shop\"\n";
    let out = "from = \"raw.a\"\n";
    for (text, expected) in [
        ("path = \"a.csv\"\n".to_owned(), "bad-config sinks/s.toml:1:1 the sink does not say what to write → add from = \"layer.table\""),
        (
            "from = \"raw\"\npath = \"a.csv\"\n".to_owned(),
            "bad-config sinks/s.toml:1:8 \"raw\" is not a table name → write layer.table with letters, digits and _, for instance mart.revenue",
        ),
        (format!("{out}query = \"select 1\"\n"), "bad-config sinks/s.toml:2:9 a sink writes a table or a query, not both"),
        (
            format!("{out}connection = \"shp\"\ntable = \"t\"\n"),
            "bad-config sinks/s.toml:2:14 there is no connection \"shp\" → did you mean \"shop\"?",
        ),
        (db.to_owned(), "bad-config sinks/s.toml:2:14 the sink does not say where to write → add table = …"),
        (format!("{db}table = \"a.b.c\"\n"), "bad-config sinks/s.toml:3:9 \"a.b.c\" is not a table → write \"table\" or \"schema.table\""),
        (
            format!("{db}table = \"t\"\nmode = \"upsrt\"\n"),
            "bad-toml sinks/s.toml:4:8 unknown value \"upsrt\" of \"mode\" → did you mean \"upsert\"?",
        ),
        (
            format!("{db}table = \"t\"\nmode = \"upsert\"\n"),
            "bad-config sinks/s.toml:4:8 an upsert needs a key → add key = [\"id\"]: the columns that name a row",
        ),
        (
            format!("{db}table = \"t\"\nmode = \"append\"\nkey = [\"id\"]\n"),
            "bad-config sinks/s.toml:5:7 rows that are added replace none → remove it, or use mode = \"upsert\"",
        ),
        (
            format!("{out}table = \"t\"\n"),
            "bad-config sinks/s.toml:2:9 \"table\" is for databases → name a connection to a database, or say `path` instead of `table`",
        ),
        (
            format!("{out}path = \"../a.csv\"\n"),
            "bad-config sinks/s.toml:2:8 the path leads out of its folder → write it relative to the workspace, or to the folder of a connection, without ..",
        ),
        (
            format!("{out}path = \"a.parqet\"\n"),
            "bad-config sinks/s.toml:2:8 the ending does not say what to write → did you mean \"parquet\"?",
        ),
        (
            format!("{out}path = \"a.csv\"\npartition = [\"day\"]\n"),
            "bad-config sinks/s.toml:3:13 only Parquet is written in partitions → write a path that ends with .parquet",
        ),
        (
            format!("{out}path = \"a.csv\"\nmode = \"append\"\n"),
            "bad-config sinks/s.toml:3:8 a file is always replaced → use mode = \"replace\", or leave it out",
        ),
    ] {
        fault("sinks/s.toml", &text, expected);
    }
    let same = format!("{db}table = \"T\"\n");
    check(
        &[("sinks/a.toml", &format!("{db}table = \"t\"\n")), ("sinks/b.toml", &same)],
        &["bad-config sinks/b.toml two sinks replace T at shop → write the rows of both by one query, or use mode = \"upsert\""],
    );
}

#[test]
fn a_connection_may_be_another_one_in_an_environment() {
    let config = "name = \"x\"\nenvironments = [\"prod\"]\n[[connections]]\nname = \"crm\"\nkind = \"sqlite\"\npath = \"crm.sqlite\"\n\
                  [[connections]]\nname = \"crm\"\nenvironment = \"prod\"\nprod = true\nkind = \"postgres\"\nurl = \"postgres://crm/crm\"\n";
    let dir = workspace(&[(WORKSPACE_FILE, config)]);
    for (environment, kind, prod) in [("dev", "sqlite", false), ("prod", "postgres", true)] {
        let connections = load(dir.path(), Some(environment)).unwrap().config.connections;
        let found: Vec<_> = connections.iter().map(|c| (c.kind.name(), c.prod)).collect();
        assert_eq!(found, [(kind, prod)], "{environment}");
    }
    fault(
        WORKSPACE_FILE,
        &config.replace("environment = \"prod\"", "environment = \"prd\""),
        "bad-config trommel.toml:9:15 there is no environment \"prd\" → did you mean \"prod\"?",
    );
}
