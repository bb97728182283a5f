//! Texts that are written, and what reading them gives.

use std::fs;
use std::path::PathBuf;

use trommel_model::{ConnectionKind, ConnectionSpec, Contract, DataType, Field, FileFormat, FoundOption, SourceSpec, Window};

use super::*;

const CONFIG: &str =
    "# The shop.\nname = \"shop\"   # ours\n\n[[connections]]\nname = \"files\" # here\nkind = \"folder\"\npath = \"data\"\n\n# The end.\n";

fn workspace() -> (tempfile::TempDir, Workspace) {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("data/in")).unwrap();
    fs::write(dir.path().join(WORKSPACE_FILE), CONFIG).unwrap();
    fs::write(dir.path().join("data/in/Orders 2024.csv"), "id;price\n1;2,5\n").unwrap();
    let workspace = crate::load(dir.path(), None).unwrap();
    (dir, workspace)
}

fn new(file: Option<PathBuf>) -> NewSource {
    NewSource { name: String::new(), file, spec: SourceSpec::of_file("", None), contract: Contract::None }
}

fn facts() -> FileFacts {
    let field = |name: &str, data_type| Field { name: name.to_owned(), data_type };
    FileFacts {
        format: FileFormat::Csv,
        found: vec![
            FoundOption { sure: Some(0.97), ..FoundOption::certain("delimiter", ";") },
            FoundOption::by_evidence("quote", "\"", 0),
            FoundOption::certain("header", "yes"),
        ],
        columns: vec![field("id", DataType::Integer), field("price", DataType::Float), field("at", DataType::TimestampTz)],
        rows: Some(1),
        first: Window::default(),
        notes: Vec::new(),
    }
}

#[test]
fn a_file_of_a_connection_becomes_a_source_that_can_be_read() {
    let (dir, workspace) = workspace();
    let file = dir.path().join("data/in/Orders 2024.csv");
    let shown = add_source(&workspace, &new(Some(file.clone())), Some(&facts()), DryRun::Yes).unwrap();
    assert!(!dir.path().join("sources").exists(), "a dry run writes nothing");
    let added = add_source(&workspace, &new(Some(file.clone())), Some(&facts()), DryRun::No).unwrap();
    assert_eq!(shown, added);
    let text = fs::read_to_string(dir.path().join("sources/orders_2024.toml")).unwrap();
    assert_eq!(
        text,
        "connection = \"files\"\npath = \"in/Orders 2024.csv\"\n\n[csv]\n# delimiter = \";\"  # found, 97 % sure\n# header = true  # found, 100 % sure\n"
    );
    let again = crate::load(dir.path(), None).unwrap();
    assert_eq!(again.sources[0].name, "orders_2024");
    // The same file again gets a name of its own.
    assert_eq!(add_source(&again, &new(Some(file)), None, DryRun::Yes).unwrap().source.as_deref(), Some("orders_2024_2"));
}

#[test]
fn with_a_contract_what_was_found_is_expected() {
    let (dir, workspace) = workspace();
    let mut asked = new(Some(dir.path().join("data/in/Orders 2024.csv")));
    (asked.name, asked.contract) = ("orders".to_owned(), Contract::AsFound);
    asked.spec.csv.decimal_mark = Some(',');
    add_source(&workspace, &asked, Some(&facts()), DryRun::No).unwrap();
    let text = fs::read_to_string(dir.path().join("sources/orders.toml")).unwrap();
    let expected = "[csv]\ndelimiter = \";\"\nheader = true\ndecimal_mark = \",\"\n\n[[columns]]\nname = \"id\"\ntype = \"integer\"\n\n[[columns]]\nname = \"price\"\ntype = \"float\"\n\n# \"at\" is of type";
    assert!(text.contains(expected), "{text}");
    let source = &crate::load(dir.path(), None).unwrap().sources[0];
    assert_eq!((source.csv.delimiter, source.csv.header, source.columns.len()), (Some(';'), Some(true), 2));
}

#[test]
fn a_file_elsewhere_gets_a_connection_and_the_rest_of_the_file_stays() {
    let (dir, workspace) = workspace();
    let other = tempfile::tempdir().unwrap();
    fs::create_dir(other.path().join("My exports")).unwrap();
    let file = other.path().join("My exports/leads.csv.gz");
    fs::write(&file, "x").unwrap();
    let added = add_source(&workspace, &new(Some(file.clone())), None, DryRun::No).unwrap();
    assert_eq!(added.files.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["trommel.toml", "sources/leads.toml"]);
    let folder = fs::canonicalize(other.path().join("My exports")).unwrap();
    let expected = format!(
        "{}\n[[connections]]\nname = \"my_exports\"\nkind = \"folder\"\npath = \"{}\"\n\n# The end.\n",
        CONFIG.trim_end_matches("\n# The end.\n"),
        folder.display()
    );
    assert_eq!(fs::read_to_string(dir.path().join(WORKSPACE_FILE)).unwrap(), expected);
    let again = crate::load(dir.path(), None).unwrap();
    assert_eq!((again.sources[0].connection.as_deref(), again.sources[0].path.as_deref()), (Some("my_exports"), Some("leads.csv.gz")));
}

#[test]
fn what_cannot_be_is_refused_and_nothing_is_written() {
    let (dir, workspace) = workspace();
    let file = Some(dir.path().join("data/in/Orders 2024.csv"));
    let before = fs::read_to_string(dir.path().join(WORKSPACE_FILE)).unwrap();
    let mut table = new(None);
    (table.spec.connection, table.spec.table) = (Some("nowhere".to_owned()), Some("orders".to_owned()));
    let mut decimal = new(file.clone());
    decimal.spec.csv.decimal_mark = Some(';');
    for (asked, code) in [
        (NewSource { name: "no good!".to_owned(), ..new(file) }, Code::Usage),
        (new(Some(dir.path().join("data/none.csv"))), Code::FileNotFound),
        (table, Code::BadConfig),
        (decimal, Code::BadConfig),
    ] {
        let known = asked.file.is_some().then(facts);
        assert_eq!(add_source(&workspace, &asked, known.as_ref(), DryRun::No).unwrap_err().code, code, "{asked:?}");
    }
    assert_eq!(fs::read_to_string(dir.path().join(WORKSPACE_FILE)).unwrap(), before);
    assert!(!dir.path().join("sources").exists());
}

#[test]
fn a_connection_is_added_and_changed_in_its_place() {
    let (dir, _) = workspace();
    let url = "postgres://ann@db.example:5433/shop";
    let mut spec = ConnectionSpec::server("shop", ConnectionKind::Postgres, url);
    spec.password = Some(trommel_model::Reference::Env("SHOP_PASSWORD".to_owned()));
    let asked = |spec: &ConnectionSpec, existing| NewConnection { spec: spec.clone(), existing, password: None };
    add_connection(dir.path(), &asked(&spec, Existing::Refuse), DryRun::No).unwrap();
    let config = crate::load(dir.path(), None).unwrap().config;
    assert_eq!(config.connections[1], spec);
    assert_eq!(add_connection(dir.path(), &asked(&spec, Existing::Refuse), DryRun::No).unwrap_err().code, Code::FileExists);
    spec.tls = Some(trommel_model::Tls::VerifyCa);
    spec.password = None;
    add_connection(dir.path(), &asked(&spec, Existing::Replace), DryRun::No).unwrap();
    let files = ConnectionSpec::folder("files", "elsewhere");
    add_connection(dir.path(), &asked(&files, Existing::Replace), DryRun::No).unwrap();
    let text = fs::read_to_string(dir.path().join(WORKSPACE_FILE)).unwrap();
    let expected = "# The shop.\nname = \"shop\"   # ours\n\n[[connections]]\nname = \"files\" # here\nkind = \"folder\"\npath = \"elsewhere\"\n\n[[connections]]\nname = \"shop\"\nkind = \"postgres\"\nurl = \"postgres://ann@db.example:5433/shop\"\ntls = \"verify-ca\"\n\n# The end.\n";
    assert_eq!(text, expected);
}

#[test]
fn a_password_in_a_url_is_refused() {
    let (dir, _) = workspace();
    let spec = ConnectionSpec::server("shop", ConnectionKind::Postgres, "postgres://ann:canary@db/shop");
    let problem = add_connection(dir.path(), &NewConnection { spec, existing: Existing::Refuse, password: None }, DryRun::No).unwrap_err();
    assert_eq!(problem.code, Code::BadConfig);
    assert!(!format!("{problem:?}").contains("canary"));
    assert_eq!(fs::read_to_string(dir.path().join(WORKSPACE_FILE)).unwrap(), CONFIG);
}

#[test]
fn a_list_in_one_line_stays_one() {
    let dir = tempfile::tempdir().unwrap();
    let text = "name = \"shop\"\nconnections = [{ name = \"a\", kind = \"folder\", path = \"d\" }]\n";
    fs::write(dir.path().join(WORKSPACE_FILE), text).unwrap();
    let spec = ConnectionSpec::folder("b", "e");
    add_connection(dir.path(), &NewConnection { spec, existing: Existing::Refuse, password: None }, DryRun::No).unwrap();
    let connections = crate::load(dir.path(), None).unwrap().config.connections;
    assert_eq!(connections.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
}
