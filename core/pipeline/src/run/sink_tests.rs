//! Rows on their way back: into a SQLite database and into files.

use std::path::PathBuf;

use trommel_connectors::{Collect, Mode, Piece, read};
use trommel_engine::frame::cells_of;
use trommel_model::{Cancel, Code, Decision, FileFormat, ProgressSlot, RunStatus, SourceSpec, StepStatus};

use super::run;
use super::tests::{Shop, counts, statuses, step};

const CONFIG: &str = "name = \"shop\"\nenvironments = [\"live\"]\n[[connections]]\nname = \"crm\"\nkind = \"sqlite\"\npath = \"crm.sqlite\"\n\
                      [[connections]]\nname = \"crm\"\nenvironment = \"live\"\nprod = true\nkind = \"sqlite\"\npath = \"live.sqlite\"\n";

fn shop(sinks: &[(&str, &str)]) -> Shop {
    let shop = Shop::new(&[
        ("trommel.toml", CONFIG),
        ("sources/orders.toml", "path = \"data/*.csv\"\nload = \"new_files\"\n"),
        ("data/1.csv", "id,customer,amount\n1,Ann,5\n2,Bob,7\n"),
        ("models/mart/orders.sql", "select id, customer, amount from ref('raw.orders')"),
    ]);
    for (path, text) in sinks {
        shop.write(path, text);
    }
    shop
}

/// Rows of a database of the shop, cells apart by `|`.
fn found(shop: &Shop, query: &str) -> Vec<String> {
    let path: PathBuf = shop.root().join("crm.sqlite");
    let piece = Piece { name: "crm".into(), path, format: FileFormat::Sqlite, bytes: 0, modified_ms: 0 };
    let spec = SourceSpec { query: Some(query.to_owned()), ..SourceSpec::of_file("s", None) };
    let sink = Collect::new();
    read(&piece, &spec, Mode::Strict, 1, &Cancel::new(), &ProgressSlot::new(), &sink).unwrap();
    let all = sink.into_parts();
    let rows = all.batches.iter().flat_map(|(_, batch)| cells_of(batch));
    rows.map(|row| row[..row.len() - 3].iter().map(trommel_model::Cell::text).collect::<Vec<_>>().join("|")).collect()
}

const BACK: (&str, &str) = ("sinks/back.toml", "from = \"mart.orders\"\nconnection = \"crm\"\ntable = \"orders\"\nkey = [\"id\"]\n");
const LOG: (&str, &str) = (
    "sinks/log.toml",
    "query = \"select count(*) as orders, sum(amount) as amount from ref('mart.orders')\"\nconnection = \"crm\"\ntable = \"log\"\nmode = \"append\"\n",
);

#[test]
fn rows_go_back_when_they_have_changed() {
    let shop = shop(&[BACK, LOG, ("sinks/file.toml", "from = \"mart.orders\"\npath = \"out/orders.csv\"\n")]);
    let plan = shop.plan();
    let back = plan.steps.iter().find(|s| s.name == "sink.back").unwrap();
    assert_eq!(
        (back.kind.name(), back.why.as_str(), &back.depends_on[..]),
        ("write", "never written: replaces orders at crm", &["mart.orders".to_owned()][..])
    );
    let record = shop.run();
    assert_eq!((counts(&record, "sink.back"), counts(&record, "sink.log")), ([2, 2, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0]));
    assert_eq!(found(&shop, "select * from orders order by id"), ["1|Ann|5", "2|Bob|7"]);
    assert_eq!(
        std::fs::read_to_string(shop.root().join("out/orders.csv")).unwrap().replace('\r', ""),
        "id,customer,amount\n1,Ann,5\n2,Bob,7\n"
    );
    assert!(shop.plan().steps.iter().all(|s| s.decision == Decision::Skip), "{:?}", shop.plan());

    shop.write("data/2.csv", "id,customer,amount\n3,Cy,9\n");
    let record = shop.run();
    assert_eq!(counts(&record, "sink.back"), [3, 3, 0, 0, 0, 0]);
    assert!(
        step(&record, "sink.back").notes.contains(&"1 rows new, 0 changed, 0 gone; the others are as they were".to_owned()),
        "{record:#?}"
    );
    assert_eq!(found(&shop, "select * from log order by orders"), ["2|12", "3|21"]);
    assert_eq!(found(&shop, "select count(*) from _trommel_batches"), ["4"]);
}

#[test]
fn what_does_not_fit_fails_its_step_or_is_held() {
    let shop = shop(&[(
        "sinks/back.toml",
        "from = \"mart.orders\"\nconnection = \"crm\"\ntable = \"orders\"\nmode = \"upsert\"\nkey = [\"id\"]\n",
    )]);
    shop.run();
    shop.write("data/2.csv", "id,customer,amount\n3,Cy,9\n,Nil,1\n3,Di,9\n");
    let record = shop.try_run(&[]).unwrap();
    assert_eq!((record.status, statuses(&record)[2]), (RunStatus::Failed, ("sink.back", StepStatus::Failed)));
    assert_eq!(record.problem.as_ref().unwrap().place.row, Some(4), "{:?}", record.problem);
    assert_eq!(found(&shop, "select count(*) from orders"), ["2"]);
    shop.write(
        "sinks/back.toml",
        "from = \"mart.orders\"\nconnection = \"crm\"\ntable = \"orders\"\nmode = \"upsert\"\nkey = [\"id\"]\non_bad = \"quarantine\"\n",
    );
    let record = shop.run();
    assert_eq!((record.status, counts(&record, "sink.back")), (RunStatus::Held, [5, 2, 0, 0, 0, 3]));
    assert_eq!(
        shop.rows("select stage, rule, line from quarantine.sink__back order by all"),
        ["load | required | 4", "load | unique(id) | 0", "load | unique(id) | 0"]
    );
    assert_eq!(found(&shop, "select count(*) from orders"), ["2"]);
}

#[test]
fn a_table_of_a_sink_that_nobody_makes_is_named() {
    let shop = shop(&[("sinks/back.toml", "from = \"mart.ordrs\"\nconnection = \"crm\"\ntable = \"orders\"\n")]);
    let problem = shop.try_run(&[]).unwrap_err();
    assert_eq!((problem.code, problem.next.as_deref()), (Code::UnknownRef, Some("did you mean \"mart.orders\"?")));
    assert_eq!(problem.place.file, Some("sinks/back.toml".into()));
}

#[test]
fn a_connection_marked_prod_has_to_be_named() {
    let shop = shop(&[BACK]);
    let workspace = trommel_workspace::load(shop.root(), Some("live")).unwrap();
    let mut request = Shop::request(&[], false);
    let mut try_run = |confirmed: &[&str]| {
        request.confirmed = confirmed.iter().map(|c| (*c).to_owned()).collect();
        run(&workspace, &request, &Cancel::new(), &ProgressSlot::new(), &|_| {})
    };
    let problem = try_run(&["other"]).unwrap_err();
    assert_eq!((problem.code, problem.what.as_str()), (Code::Denied, "sink.back replaces orders at crm, which is marked prod"));
    assert!(!shop.root().join("live.sqlite").exists());
    assert_eq!(try_run(&["crm"]).unwrap().status, RunStatus::Done);
    assert!(shop.root().join("live.sqlite").exists() && !shop.root().join("crm.sqlite").exists());
}

#[test]
fn parquet_is_written_in_partitions() {
    let shop = shop(&[("sinks/parts.toml", "from = \"mart.orders\"\npath = \"out/orders.parquet\"\npartition = [\"customer\"]\n")]);
    for round in 0..2 {
        if round == 1 {
            shop.write("data/2.csv", "id,customer,amount\n3,A/B,9\n4,,1\n");
        }
        shop.run();
    }
    shop.write("sources/again.toml", "path = \"out/orders.parquet/**/*.parquet\"\n");
    shop.run();
    let rows = shop.rows("select id, amount, customer from raw.again order by id");
    assert_eq!(rows, ["1 | 5 | Ann", "2 | 7 | Bob", "3 | 9 | A/B", "4 | 1 | ∅"]);
    let beside: Vec<_> = std::fs::read_dir(shop.root().join("out")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(beside, ["orders.parquet"]);
}

/// The other process of the test below.
#[test]
#[ignore = "started by the test below, with a failpoint"]
fn a_writing_run_that_dies() {
    let root = std::env::var_os("TROMMEL_TEST_SHOP").unwrap();
    let workspace = trommel_workspace::load(std::path::Path::new(&root), None).unwrap();
    run(&workspace, &Shop::request(&[], false), &Cancel::new(), &ProgressSlot::new(), &|_| {}).unwrap();
}

#[test]
fn a_run_that_dies_neither_loses_nor_doubles_what_it_wrote() {
    for point in [
        "run-begun",
        "sink-written",
        "sink-written:2",
        "step-before-publish:3",
        "step-before-publish:4",
        "step-after-publish:4",
        "run-ending",
    ] {
        let shop = shop(&[BACK, LOG]);
        shop.run();
        shop.write("data/2.csv", "id,customer,amount\n3,Cy,9\n");
        let ended = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "run::sink_tests::a_writing_run_that_dies", "--ignored"])
            .env("TROMMEL_TEST_SHOP", shop.root())
            .env("TROMMEL_FAILPOINT", point)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()
            .unwrap();
        assert_eq!(ended.code(), None, "{point}: the process was to die");
        shop.run();
        assert_eq!(found(&shop, "select id from orders order by id"), ["1", "2", "3"], "{point}");
        assert_eq!(found(&shop, "select * from log order by orders"), ["2|12", "3|21"], "{point}");
        assert!(shop.run().steps.iter().all(|s| s.status == StepStatus::Skipped), "{point}");
    }
}
