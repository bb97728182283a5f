//! Who is who: nine systems, late customers, what people decide, and an entity that is taken apart.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use serde_json::Value;
use trommel_journeys::{expect, run, text};

/// The rows of a query as lines of CSV, without the header.
fn rows(root: &Path, sql: &str) -> Vec<String> {
    expect(root, &["query", sql, "--format", "csv", "--limit", "1000"], 0).lines().skip(1).map(str::to_owned).collect()
}

fn json(root: &Path, arguments: &[&str]) -> Value {
    let mut arguments = arguments.to_vec();
    arguments.extend(["--format", "json"]);
    serde_json::from_str(&expect(root, &arguments, 0)).unwrap()
}

#[test]
fn nine_systems_become_customers_who_keep_their_ids() {
    let folder = tempfile::tempdir().unwrap();
    let out = run(folder.path(), &["example", "one-customer", "--rows", "4000", "--folder", "one"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let root = &folder.path().join("one");

    // Seen before it is applied, measured against the truth, with what it does to KPIs.
    let preview =
        json(root, &["match", "preview", "mart.customers", "--labels", "data/truth/people.csv", "--kpi", "customers,revenue_per_customer"]);
    let step = &preview["steps"][preview["chosen"].as_u64().unwrap() as usize];
    let measured = |key: &str| step["measured"][key].as_f64().unwrap();
    assert!(measured("precision") > 0.97 && measured("recall") > 0.9, "{}", step["measured"]);
    let kpi = |at: usize, key: &str| preview["kpis"][at][key].as_f64().unwrap();
    assert!((kpi(0, "after") - step["entities"].as_f64().unwrap()).abs() < 0.5 && kpi(0, "unmatched") > 2.0 * kpi(0, "after"));
    assert!(kpi(1, "after") > kpi(1, "unmatched"), "one person counts once: {}", preview["kpis"]);

    // Late customers and corrected records join; all others keep their ids.
    let crosswalk = "select source || ':' || id as r, entity_id from mart.customers_crosswalk order by r";
    let before = rows(root, crosswalk);
    let waiting = |root: &Path| rows(root, "select count(*) from mart.orders where waits")[0].parse::<u64>().unwrap();
    let waited = waiting(root);
    fs::copy(root.join("data/late/shop_late.csv"), root.join("data/shop/shop_late.csv")).unwrap();
    fs::copy(root.join("data/corrected/crm_corrected.csv"), root.join("data/crm/crm_corrected.csv")).unwrap();
    let told = run(root, &["run"]);
    assert!(matches!(told.status.code(), Some(0 | 3)), "{}", text(&told.stderr));
    let notes = text(&run(root, &["runs", "show", "last", "--format", "json"]).stdout);
    assert!(notes.contains("were matched against known entities"), "{notes}");
    assert!(waiting(root) < waited);
    let after = rows(root, crosswalk);
    let kept = before.iter().filter(|row| after.contains(row)).count();
    assert!(after.len() > before.len() && kept as f64 > 0.97 * before.len() as f64, "{kept} of {} kept their ids", before.len());

    // The pair an answer about which brings most is decided; the decision holds.
    let pair = json(root, &["match", "review", "mart.customers"])["pairs"][0].clone();
    let name = |side: &str| {
        let key = &pair[side]["key"];
        format!("{}:{}", key["source"].as_str().unwrap(), key["id"].as_str().unwrap())
    };
    let (left, right) = (name("left"), name("right"));
    let same = |root: &Path| {
        let sql =
            format!("select count(distinct entity_id) from mart.customers_crosswalk where source || ':' || id in ('{left}', '{right}')");
        rows(root, &sql)[0] == "1"
    };
    for (verdict, together) in [("merge", true), ("keep", false)] {
        let told = expect(root, &["match", "decide", "mart.customers", &left, &right, verdict, "--why", "seen"], 0);
        assert!(told.contains("mart.customer_value") && told.contains("sales"), "what is stale is told: {told}");
        run(root, &["run"]);
        assert_eq!(same(root), together, "{verdict}");
    }
    let events = rows(root, "select distinct event from mart.customers_events order by event");
    assert!(events.contains(&"merged".to_owned()) && events.contains(&"split".to_owned()), "{events:?}");
    let decided = rows(root, "select verdict, state from mart.customers_decisions order by version");
    assert_eq!(decided, ["merge,superseded", "keep,applied"]);

    // One customer is taken apart; only what is stale is made again.
    let entity = rows(root, "select entity_id from mart.customers where entity_size between 3 and 6 order by entity_id limit 1").remove(0);
    let members = format!("select source || ':' || id from mart.customers_crosswalk where entity_id = '{entity}' order by 1");
    let record = rows(root, &members).remove(0);
    let told = expect(root, &["match", "unmerge", &entity, &record, "--why", "two sisters", "--run"], 0);
    assert!(told.contains("made again") && told.contains("mart.customer_value") && !told.contains("clean.crm"), "{told}");
    let sql = format!("select count(*) from mart.customers_crosswalk where source || ':' || id = '{record}' and entity_id <> '{entity}'");
    let others = rows(root, &members);
    let alone = rows(root, &sql)[0] == "1" || others == [record.clone()];
    assert!(alone, "{record} has left {entity}: {others:?}");

    // The threshold is a line of the model.
    expect(root, &["match", "threshold", "mart.customers", "0.99"], 0);
    assert!(fs::read_to_string(root.join("models/mart/customers.toml")).unwrap().contains("\nthreshold = 0.99\n"));
    expect(root, &["match", "preview", "mart.customers", "--html", "match.html"], 0);
    let page = fs::read_to_string(root.join("match.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("Pairs in doubt") && !page.contains("http"));
}

#[test]
fn wrong_words_about_a_match_are_answered_with_the_right_ones() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("people.csv"), "id,name,city\n1,Ann Miller,Ulm\n2,Ann Miler,Ulm\n3,Bob Stone,Bonn\n").unwrap();
    fs::write(root.join("labels.csv"), "row,entity\n1,a\n2,a\n3,b\n").unwrap();
    for (arguments, code, word) in [
        (vec!["match", "preview", "mart.people"], 2, "trommel.toml"),
        (vec!["match", "preview", "people.csv", "--threshold", "1.5"], 2, "0 to 1"),
        (vec!["match", "preview", "people.csv", "--threshold", "high"], 2, "0 to 1"),
        (vec!["match", "preview", "people.csv", "--kpi", "revenue"], 2, "workspace"),
        (vec!["match", "preview", "nobody.csv"], 2, "no such file"),
        (vec!["match", "decide", "mart.people", "1", "2", "marry"], 2, "merge, keep, split or withdraw"),
        (vec!["recipe", "cluster", "people.csv", "town", "near"], 2, "id, name, city"),
        (vec!["recipe", "cluster", "people.csv", "city", "nearest"], 2, "near"),
    ] {
        let out = run(root, &arguments);
        assert_eq!(out.status.code(), Some(code), "{arguments:?}: {}", text(&out.stderr));
        assert!(text(&out.stderr).contains(word), "{arguments:?}: {}", text(&out.stderr));
    }
    let preview = json(root, &["match", "preview", "people.csv", "--labels", "labels.csv"]);
    assert_eq!(preview["labelled"], 3);
}

#[test]
fn values_of_a_column_are_brought_together() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    expect(root, &["init", "shop"], 0);
    let shop = &root.join("shop");
    let write = |path: &str, content: &str| {
        let path = shop.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    write("towns.csv", "id,town\n1,Hamburg\n2,Hamburg\n3,Hambrug\n4,HAMBURG\n5,Bonn\n");
    write("sources/towns.toml", "path = \"towns.csv\"\n");
    write("models/clean/towns.toml", "kind = \"recipe\"\nfrom = \"raw.towns\"\n");
    let run_it = || assert_eq!(run(shop, &["run"]).status.code(), Some(0));
    run_it();
    expect(shop, &["recipe", "cluster", "raw.towns", "town", "near", "--add", "clean.towns"], 0);
    run_it();
    assert_eq!(rows(shop, "select distinct town from clean.towns order by town"), ["Bonn", "Hamburg"]);
}
