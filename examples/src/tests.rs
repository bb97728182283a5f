//! Making examples: what is written, reused and refused.

use std::fs;
use std::path::Path;

use trommel_model::{Address, Cancel, Code, ExampleRequest, Outcome, ProgressSlot};

use crate::{Made, list, make};

fn request(name: &str, folder: &Path) -> ExampleRequest {
    ExampleRequest {
        name: name.to_owned(),
        folder: Some(folder.to_owned()),
        rows: 300,
        seed: 42,
        data: None,
        postgres: None,
        mysql: None,
        run: false,
    }
}

fn made(request: &ExampleRequest) -> Outcome<Made> {
    make(request, &Cancel::new(), &ProgressSlot::new())
}

#[test]
fn every_listed_example_can_be_made_and_is_found_again() {
    for example in list() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("new/place");
        let asked = request(example.name, &root);
        let first = made(&asked).unwrap();
        assert!(!first.reused && first.root == root && !first.next.is_empty() && !first.notes.is_empty());
        assert!(root.join("trommel.toml").is_file() && root.join("README.md").is_file());
        assert_eq!(fs::read_to_string(root.join(".gitignore")).unwrap(), ".trommel/\n");
        fs::write(root.join("README.md"), "mine").unwrap();
        assert!(made(&asked).unwrap().reused);
        assert_eq!(fs::read_to_string(root.join("README.md")).unwrap(), "mine", "a workspace that stands is not touched");
        let left: Vec<_> = fs::read_dir(dir.path().join("new")).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing is left beside it");
    }
}

#[test]
fn other_settings_and_other_peoples_folders_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("rental");
    let asked = request("car-rental", &root);
    made(&asked).unwrap();
    let before = fs::read(root.join("data/truth/quotes.csv")).unwrap();
    for other in
        [ExampleRequest { rows: 301, ..asked.clone() }, ExampleRequest { seed: 43, ..asked.clone() }, request("online-retail", &root)]
    {
        let problem = made(&other).unwrap_err();
        assert_eq!(problem.code, Code::FileExists, "{problem}");
        assert!(problem.why.unwrap().contains("rows = 300") && problem.next.unwrap().contains("--folder"));
    }
    assert_eq!(fs::read(root.join("data/truth/quotes.csv")).unwrap(), before);

    let stranger = dir.path().join("stranger");
    fs::create_dir(&stranger).unwrap();
    fs::write(stranger.join("letter.txt"), "dear").unwrap();
    assert_eq!(made(&request("car-rental", &stranger)).unwrap_err().code, Code::FileExists);
    assert_eq!(fs::read_dir(&stranger).unwrap().count(), 1);
    assert_eq!(made(&request("car-rental", &stranger.join("letter.txt"))).unwrap_err().code, Code::FileExists);
}

#[test]
fn an_empty_folder_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    assert!(!made(&request("car-rental", dir.path())).unwrap().reused);
    assert!(dir.path().join("data/alpha.sqlite").is_file());
}

#[test]
fn what_cannot_be_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("x");
    let asked = request("car-rental", &root);
    let missing = dir.path().join("missing");
    for (request, code) in [
        (ExampleRequest { name: "car-rentals".into(), ..asked.clone() }, Code::UnknownName),
        (ExampleRequest { rows: 0, ..asked.clone() }, Code::Usage),
        (ExampleRequest { rows: u64::MAX, ..asked.clone() }, Code::Usage),
        (ExampleRequest { data: Some(dir.path().to_owned()), ..asked.clone() }, Code::Usage),
        (ExampleRequest { data: Some(missing), ..request("online-retail", &root) }, Code::FileNotFound),
        (ExampleRequest { postgres: Some(Address::Text("postgres://x@db/y".into())), ..asked.clone() }, Code::Usage),
        (
            ExampleRequest { postgres: Some(Address::Text("postgres://x:secret@db/y".into())), ..request("reporting-elt", &root) },
            Code::Usage,
        ),
    ] {
        assert_eq!(made(&request).unwrap_err().code, code, "{request:?}");
        assert!(!root.exists());
    }
    let problem = made(&ExampleRequest { name: "car-rentals".into(), ..asked }).unwrap_err();
    assert_eq!(problem.next.as_deref(), Some("did you mean \"car-rental\"?"));
}

#[test]
fn a_cancelled_example_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let cancel = Cancel::new();
    cancel.raise();
    let problem = make(&request("car-rental", &dir.path().join("x")), &cancel, &ProgressSlot::new()).unwrap_err();
    assert_eq!(problem.code, Code::Interrupted);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn real_data_is_pointed_at() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("daily \"files\"");
    fs::create_dir(&data).unwrap();
    let root = dir.path().join("retail");
    let asked = ExampleRequest { data: Some(data.clone()), ..request("online-retail", &root) };
    let first = made(&asked).unwrap();
    assert!(first.notes[0].contains("no .csv files"), "{:?}", first.notes);
    let config = fs::read_to_string(root.join("trommel.toml")).unwrap();
    let path = data.canonicalize().unwrap().to_str().unwrap().replace('"', "\\\"");
    assert!(config.contains(&format!("path = \"{path}\"")), "{config}");
    assert!(made(&asked).unwrap().reused);
    assert_eq!(made(&request("online-retail", &root)).unwrap_err().code, Code::FileExists);
}
