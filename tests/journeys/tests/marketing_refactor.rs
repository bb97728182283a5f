//! The marketing example: eight sources in, people matched, results written back into the databases they came from.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use trommel_journeys::{expect, run, text, trommel};

fn csv(workspace: &Path, sql: &str) -> Vec<Vec<String>> {
    let out = expect(workspace, &["query", sql, "--format", "csv"], 0);
    out.lines().skip(1).map(|l| l.split(',').map(str::to_owned).collect()).collect()
}

fn steps(workspace: &Path) -> BTreeMap<String, Value> {
    let shown: Value = serde_json::from_str(&expect(workspace, &["runs", "show", "last", "--format", "json"], 0)).unwrap();
    shown["steps"].as_array().unwrap().iter().map(|s| (s["name"].as_str().unwrap().to_owned(), s.clone())).collect()
}

/// What every run of the example has to hold.
fn check(workspace: &Path) {
    let steps = steps(workspace);
    assert_eq!(steps.keys().filter(|name| name.starts_with("raw.")).count(), 8);
    for (name, step) in &steps {
        let n = |key: &str| step[key].as_u64().unwrap_or_else(|| panic!("{key} of {step}"));
        assert_eq!(step["status"], "done", "{step}");
        assert_eq!(n("rows_in") + n("expanded"), n("rows_out") + n("filtered") + n("merged") + n("quarantined"), "{step}");
        if name.starts_with("sink.") {
            assert!(n("rows_out") > 0 && n("quarantined") == 0, "{step}");
        }
    }
    let rows = |sql: &str| csv(workspace, sql)[0][0].parse::<u64>().unwrap();
    for (sink, from) in [
        ("sink.crm_people", "mart.people"),
        ("sink.crm_segments", "mart.contact_segments"),
        ("sink.shop_scores", "mart.customer_scores"),
        ("sink.shop_campaigns", "mart.campaign_results"),
        ("sink.segments", "mart.people"),
    ] {
        assert_eq!(steps[sink]["rows_out"].as_u64().unwrap(), rows(&format!("select count(*) from {from}")), "{sink}");
    }
    let mailing = fs::read_to_string(workspace.join("out/mailing.csv")).unwrap();
    assert_eq!(mailing.lines().count() as u64 - 1, steps["sink.mailing"]["rows_out"].as_u64().unwrap());
    assert!(workspace.join("out/people.parquet/segment=customer").is_dir());

    // Pairs of records said to be one person's, against the truth.
    let sql = "with t as (select system || ':' || number as id, person from 'data/truth/people.csv'),
        m as (select c.entity_id, t.person, count(*) as n from stage.people_crosswalk c join t using (id) group by all)
        select (select sum(n * (n - 1) / 2) from m),
            (select sum(n * (n - 1) / 2) from (select sum(n) as n from m group by entity_id)),
            (select sum(n * (n - 1) / 2) from (select count(*) as n from t group by person))";
    let pairs: Vec<f64> = csv(workspace, sql)[0].iter().map(|c| c.parse().unwrap()).collect();
    let f1 = 2.0 * pairs[0] / (pairs[1] + pairs[2]);
    assert!(f1 > 0.9, "F1 {f1:.3} of pairs {pairs:?}");
}

#[test]
fn the_example_writes_back_into_database_files() {
    let folder = tempfile::tempdir().unwrap();
    let out = run(folder.path(), &["example", "marketing-refactor", "--rows", "8000"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let workspace = folder.path().join("marketing-refactor");
    check(&workspace);
    assert!(expect(&workspace, &["connect", "tables", "crm"], 0).contains("contact_segments"));
    // A database file that was written to is read anew; what comes of it is the same, so no row is touched.
    expect(&workspace, &["run"], 0);
    let again = steps(&workspace)["sink.crm_people"].to_string();
    assert!(again.contains("0 rows new, 0 changed, 0 gone"), "{again}");
    // One sink by itself, as somebody who must export today does.
    expect(&workspace, &["run", "sink.crm_people", "--full-refresh"], 0);
    let alone = steps(&workspace);
    assert_eq!((alone.len(), &alone["sink.crm_people"]["status"]), (1, &Value::from("done")));
}

#[test]
fn the_example_writes_back_into_real_servers() {
    let (Ok(postgres), Ok(mysql)) = (std::env::var("TROMMEL_TEST_POSTGRES"), std::env::var("TROMMEL_TEST_MYSQL")) else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "no servers: TROMMEL_TEST_POSTGRES is not set");
        eprintln!("LEFT OUT: TROMMEL_TEST_POSTGRES is not set; eval \"$(scripts/servers start)\"");
        return;
    };
    let password = std::env::var("TROMMEL_TEST_PASSWORD").unwrap();
    let with = |url: &str| url.replacen("trommel@", &format!("trommel:{password}@"), 1);
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["example", "marketing-refactor", "--rows", "4000", "--postgres", "env:CRM_URL", "--mysql", "env:SHOP_URL"];
    let servers =
        |command: &mut std::process::Command| command.env("CRM_URL", with(&postgres)).env("SHOP_URL", with(&mysql)).output().unwrap();
    let out = servers(&mut trommel(folder.path(), &arguments));
    let said = format!("{}{}", text(&out.stdout), text(&out.stderr));
    assert_eq!(out.status.code(), Some(0), "{said}");
    let workspace = folder.path().join("marketing-refactor");
    check(&workspace);
    let again = servers(&mut trommel(&workspace, &["run", "sink.*", "--full-refresh"]));
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));
    let config = fs::read_to_string(workspace.join("trommel.toml")).unwrap();
    assert!(config.contains("url = { env = \"CRM_URL\" }") && !format!("{said}{config}").contains(&password));
}
