//! Matches over several runs: decisions, names that stay, events, and matching only what is new.

use trommel_model::{Decision, RunRecord};

use super::tests::Shop;

const MODEL: &str = "kind = \"match\"\nfrom = \"raw.people\"\nid = \"id\"\nsource = \"source\"\nthreshold = 0.9\nprovenance = true\n\
    [[blocking]]\nkeys = [{ column = \"city\" }]\n\
    [[comparisons]]\ncolumn = \"name\"\nmethod = \"jaro_winkler\"\n";

/// People from lines of `source,id,name,city`.
fn shop(lines: &str) -> Shop {
    let shop = Shop::new(&[
        ("sources/people.toml", "path = \"data/people.csv\"\n[csv]\ndelimiter = \",\"\nheader = true\nskip_lines = 0\n"),
        ("models/stage/people.toml", MODEL),
    ]);
    people(&shop, lines);
    shop
}

fn people(shop: &Shop, lines: &str) {
    shop.write("data/people.csv", &format!("source,id,name,city\n{lines}"));
}

const FOUR: &str = "crm,1,Ann Miller,Ulm\nshop,1,Ann Miler,Ulm\nweb,1,Bob Stone,Ulm\nweb,2,Eve Lake,Bonn\n";

/// Entities as their records, `crm:1 shop:1`.
fn entities(shop: &Shop) -> Vec<String> {
    shop.rows(
        "select string_agg(source || ':' || id, ' ' order by source, id) as records from stage.people_crosswalk
         group by entity_id order by records",
    )
}

fn entity(shop: &Shop, source: &str, id: &str) -> String {
    shop.rows(&format!("select entity_id from stage.people_crosswalk where source = '{source}' and cast(id as varchar) = '{id}'")).remove(0)
}

fn notes(record: &RunRecord) -> String {
    record.steps.iter().find(|s| s.name == "stage.people").unwrap().notes.join("\n")
}

/// A row of decisions.
fn row(verdict: &str, left: (&str, &str), right: (&str, &str), more: &str) -> String {
    format!(
        "[[decisions]]\nverdict = \"{verdict}\"\nleft = {{ source = \"{}\", id = \"{}\" }}\nright = {{ source = \"{}\", id = \"{}\" }}\nwho = \"ada\"\n{more}\n",
        left.0, left.1, right.0, right.1
    )
}

fn decide(shop: &Shop, rows: &[String]) {
    shop.write("decisions/people.toml", &format!("match = \"stage.people\"\n{}", rows.concat()));
}

#[test]
fn decisions_are_applied_in_every_run_and_a_later_version_takes_the_place_of_an_earlier() {
    let shop = shop(FOUR);
    shop.run();
    assert_eq!(entities(&shop), ["crm:1 shop:1", "web:1", "web:2"]);
    let merge = row("merge", ("web", "1"), ("web", "2"), "why = \"maiden name\"");
    decide(&shop, &[row("keep", ("crm", "1"), ("shop", "1"), ""), merge.clone()]);
    let step = shop.plan().steps.into_iter().find(|s| s.name == "stage.people").unwrap();
    assert_eq!((step.decision, step.why.as_str()), (Decision::Run, "what was decided about its records changed"));
    let record = shop.run();
    assert_eq!(entities(&shop), ["crm:1", "shop:1", "web:1 web:2"]);
    assert!(notes(&record).contains("2 decisions were applied"), "{}", notes(&record));
    assert_eq!(shop.plan().steps.iter().filter(|s| s.decision == Decision::Run).count(), 0);
    decide(&shop, &[row("keep", ("crm", "1"), ("shop", "1"), ""), merge, row("withdrawn", ("shop", "1"), ("crm", "1"), "version = 2")]);
    shop.run();
    assert_eq!(entities(&shop), ["crm:1 shop:1", "web:1 web:2"]);
    assert_eq!(
        shop.rows("select verdict, version, state from stage.people_decisions order by verdict"),
        ["keep | 1 | superseded", "merge | 1 | applied", "withdrawn | 2 | withdrawn"]
    );
    let events = shop.rows("select distinct event from stage.people_events order by event");
    assert_eq!(events, ["merged", "split"]);
}

#[test]
fn contradictions_and_vanished_records_are_told_and_nothing_is_guessed() {
    let shop = shop(FOUR);
    decide(
        &shop,
        &[
            row("merge", ("web", "1"), ("web", "2"), ""),
            row("keep", ("web", "2"), ("web", "1"), ""),
            row("merge", ("crm", "99"), ("web", "1"), ""),
        ],
    );
    let record = shop.run();
    let notes = notes(&record);
    assert!(notes.contains("decisions contradict each other, none of them was applied: web:2 and web:1 are not one (ada); "), "{notes}");
    assert!(notes.contains("a decision is about a record that is no more: crm:99 and web:1 are one (ada)"), "{notes}");
    assert_eq!(entities(&shop), ["crm:1 shop:1", "web:1", "web:2"]);
    assert_eq!(
        shop.rows("select state, count(*) from stage.people_decisions group by 1 order by 1"),
        ["contradiction | 2", "record vanished | 1"]
    );
}

#[test]
fn what_is_new_is_matched_against_known_entities_as_if_everything_was_matched() {
    let many: String = (10..60).map(|n| format!("web,{n},Person Number{n}x{n},Town{n}\n")).collect();
    let shop = shop(&format!("{FOUR}{many}"));
    shop.run();
    let (ann, bob) = (entity(&shop, "crm", "1"), entity(&shop, "web", "1"));
    people(&shop, &format!("{FOUR}{many}app,7,Bob Stone,Ulm\napp,8,Zoe New,Rome\n").replace("web,2,Eve Lake", "web,2,Eve Laker"));
    let record = shop.run();
    assert!(notes(&record).contains("3 new, changed or touched records were matched against known entities"), "{}", notes(&record));
    assert_eq!((entity(&shop, "shop", "1"), entity(&shop, "app", "7"), entity(&shop, "web", "1")), (ann, bob.clone(), bob));
    let incremental = entities(&shop);
    super::run(
        &shop.workspace(),
        &Shop::request(&["stage.people"], true),
        &trommel_model::Cancel::new(),
        &trommel_model::ProgressSlot::new(),
        &|_| {},
    )
    .unwrap();
    assert_eq!(entities(&shop), incremental);
    assert!(incremental.contains(&"app:7 web:1".to_owned()));
    assert!(shop.rows("select event from stage.people_events").iter().any(|e| e == "appeared"));
}

#[test]
fn an_entity_that_loses_a_record_is_matched_whole() {
    let many: String = (10..60).map(|n| format!("web,{n},Person Number{n}x{n},Town{n}\n")).collect();
    // The middle one holds the chain together.
    let chain = "a,1,Johnathan Smithe,Ulm\na,2,Jonathan Smith,Ulm\na,3,Jonatan Smit,Ulm\n";
    let shop = shop(&format!("{chain}{many}"));
    shop.run();
    let record = {
        people(&shop, &format!("{}{many}", chain.replace("a,2,Jonathan Smith,Ulm\n", "")));
        shop.run()
    };
    assert!(notes(&record).contains("2 new, changed or touched"), "{}", notes(&record));
}

#[test]
fn every_value_says_where_it_is_from_and_pairs_in_doubt_are_kept() {
    let shop = shop("crm,1,Ann Miller,Ulm\nshop,1,Ann Miler,Ulm\nweb,1,Zoe Quick,Ulm\n");
    shop.run();
    let from =
        shop.rows("select p.\"column\", p.source || ':' || p.id from stage.people_provenance p where p.\"column\" = 'name' order by all");
    assert_eq!(from.len(), 2, "{from:?}");
    assert_eq!(shop.rows("select count(*) > 0 from stage.people_review"), ["true"]);
}

/// The model with more in it.
fn with(shop: &Shop, more: &str) {
    shop.write("models/stage/people.toml", &format!("{MODEL}{more}"));
}

#[test]
fn values_by_sql_are_worked_out_over_the_records_of_an_entity() {
    let shop = shop("crm,1,Ann Miller,Ulm\nshop,1,Ann Miler,Ulm\nweb,1,Zoe Quick,Ulm\n");
    with(
        &shop,
        "[[survivorship]]\ncolumn = \"name\"\nsql = \"string_agg(name, ' / ' order by source) -- all ways\"\n\
                 [[survivorship]]\ncolumn = \"city\"\nsql = \"case when count(*) > 1 then upper(max(city)) end\"\n",
    );
    shop.run();
    assert_eq!(
        shop.rows("select name, city, entity_size from stage.people order by name"),
        ["Ann Miller / Ann Miler | ULM | 2", "Zoe Quick | ∅ | 1"]
    );
    let from = shop.rows("select distinct \"column\", source, id from stage.people_provenance where source = 'computed' order by all");
    assert_eq!(from, ["city | computed | ", "name | computed | "]);
}

#[test]
fn keys_by_sql_block_and_new_records_still_meet_known_ones() {
    let many: String = (10..60).map(|n| format!("web,{n},Person Number{n}x{n},Town{n}\n")).collect();
    let shop = shop(&format!("{FOUR}{many}"));
    shop.write(
        "models/stage/people.toml",
        &MODEL.replace("{ column = \"city\" }", "{ sql = \"substr(city, 1, 1) || length(city)\", name = \"town\" }"),
    );
    shop.run();
    assert_eq!(
        shop.rows(
            "select count(*) from stage.people_crosswalk where entity_id in (select entity_id from stage.people where entity_size = 2)"
        ),
        ["2"]
    );
    assert!(
        shop.rows("select column_name from information_schema.columns where table_name = 'people'").iter().all(|c| !c.contains("trommel"))
    );
    people(&shop, &format!("{FOUR}{many}app,7,Bob Stone,Ulm\n"));
    let record = shop.run();
    assert!(notes(&record).contains("1 new, changed or touched records were matched"), "{}", notes(&record));
    assert!(entities(&shop).contains(&"app:7 web:1".to_owned()));
}

#[test]
fn faults_in_expressions_of_a_match_are_shown_in_them() {
    let shop = shop(FOUR);
    let fault = |more: &str, replaced: &str| {
        shop.write("models/stage/people.toml", &format!("{}{more}", MODEL.replace("{ column = \"city\" }", replaced)));
        let workspace = shop.workspace();
        let request = Shop::request(&[], false);
        let run = super::run(&workspace, &request, &trommel_model::Cancel::new(), &trommel_model::ProgressSlot::new(), &|_| {});
        let problem = run.map_or_else(|p| p, |record| record.steps.into_iter().find_map(|s| s.problem).unwrap());
        assert_eq!(problem.code, trommel_model::Code::BadMatch, "{problem:?}");
        let snippet = problem.snippet.clone().unwrap();
        (problem.what, snippet.source[snippet.span].to_owned())
    };
    let column = "{ column = \"city\" }";
    let survivor = |sql: &str| format!("[[survivorship]]\ncolumn = \"name\"\nsql = \"{sql}\"\n");
    let name = "the value of \"name\" cannot be worked out".to_owned();
    assert_eq!(fault(&survivor("max(nam)"), column), (name.clone(), "nam".into()));
    assert_eq!(fault(&survivor("name"), column), (name.clone(), "name".into()));
    assert_eq!(fault(&survivor("max(name"), column), (name.clone(), "(".into()));
    assert_eq!(fault(&survivor("(select max(name) from stage.people)"), column), (name, "select".into()));
    let key = |sql: &str| format!("{{ sql = \"{sql}\" }}");
    assert_eq!(fault("", &key("lower(cty)")), ("the key \"lower(cty)\" cannot be worked out".into(), "cty".into()));
    assert_eq!(fault("", &key("row_number() over ()")).1, "over");
    assert_eq!(fault("", &key("count(*)")).1, "count(*)");
}
