//! Runs of recipes in which rows become others, and the profiles that runs keep.

use trommel_model::RunStatus;
use trommel_workspace::{kept_profile, kept_runs, state};

use super::tests::{Shop, counts, step};

const SOURCES: [(&str, &str); 2] = [
    ("sources/new.toml", "path = \"new/*.csv\"\n[[columns]]\nname = \"n\"\ntype = \"text\"\n"),
    ("sources/old.toml", "path = \"old/*.csv\"\n[[columns]]\nname = \"n\"\ntype = \"text\"\n"),
];

#[test]
fn rows_that_become_others_are_all_accounted_for_and_held_ones_are_found_where_they_came_from() {
    let shop = Shop::new(&[
        SOURCES[0],
        SOURCES[1],
        ("new/a.csv", "id,tags,n\n1,a;b,5\n2,,x\n3,c,7\n"),
        ("old/b.csv", "id,tags,n\n7,d;e;f,y\n8,g,1\n"),
        (
            "models/clean/all.toml",
            "kind = \"recipe\"\nfrom = \"raw.new\"\n[[steps]]\ndo = \"union\"\ntable = \"raw.old\"\n\
             [[steps]]\ndo = \"split_rows\"\ncolumn = \"tags\"\nby = \";\"\n\
             [[steps]]\ndo = \"cast\"\ncolumns = [\"n\"]\nto = \"integer\"\n",
        ),
        (
            "models/mart/totals.toml",
            "kind = \"recipe\"\nfrom = \"clean.all\"\n[[steps]]\ndo = \"aggregate\"\nby = [\"id\"]\ncolumns = { n = \"sum(n)\", tags = \"string_agg(tags, '+' order by tags)\" }\n",
        ),
    ]);
    let record = shop.run();
    assert_eq!(record.status, RunStatus::Held);
    // In: 3 + 2 rows. Tags make 1 + 2 more. Held: the row without a number, and the three of the other table.
    assert_eq!(counts(&record, "clean.all"), [5, 4, 0, 0, 3, 4]);
    assert_eq!(counts(&record, "mart.totals"), [4, 3, 0, 1, 0, 0]);
    assert_eq!(shop.rows("select id, n, tags from mart.totals"), ["1 | 10 | a+b", "3 | 7 | c", "8 | 1 | g"]);
    assert_eq!(
        shop.rows("select source, file, line, field, raw from quarantine.clean__all order by source, line"),
        [
            "raw.new | new/a.csv | 3 | n | {\"id\":2,\"tags\":null,\"n\":\"x\"}",
            "raw.old | old/b.csv | 2 | n | {\"id\":7,\"tags\":\"d;e;f\",\"n\":\"y\"}",
            "raw.old | old/b.csv | 2 | n | {\"id\":7,\"tags\":\"d;e;f\",\"n\":\"y\"}",
            "raw.old | old/b.csv | 2 | n | {\"id\":7,\"tags\":\"d;e;f\",\"n\":\"y\"}"
        ]
    );
    // A change of either table makes it again.
    shop.write("old/c.csv", "id,tags,n\n9,,9\n");
    let again = shop.run();
    assert_eq!(counts(&again, "clean.all")[0], 6);
}

#[test]
fn each_run_that_makes_a_table_keeps_its_profile() {
    let shop = Shop::new(&[SOURCES[0], ("new/a.csv", "id,tags,n\n1,a,5\n2,b,6\n")]);
    let kept = || kept_runs(&state(&shop.workspace()), &"raw.new".parse().unwrap()).unwrap();
    let first = shop.run();
    assert_eq!(kept(), std::slice::from_ref(&first.id.0));
    shop.run();
    assert_eq!(kept().len(), 1, "a run that makes nothing keeps nothing");
    shop.write("new/b.csv", "id,tags,n\n3,c,7\n");
    shop.write("trommel.toml", "name = \"shop\"\n[profiles]\nkeep = 1\n");
    let third = shop.run();
    let newest = kept_profile(&state(&shop.workspace()), &"raw.new".parse().unwrap(), "last").unwrap();
    assert_eq!(kept(), [third.id.0]);
    assert_eq!((newest.rows, newest.profile.columns.len()), (3, 3), "without the columns that say where a row stood");
    shop.write("trommel.toml", "name = \"shop\"\n[profiles]\nkeep = 0\n");
    shop.write("new/c.csv", "id,tags,n\n4,c,7\n");
    let fourth = shop.run();
    assert!(!kept().contains(&fourth.id.0));
    assert!(step(&fourth, "raw.new").notes.iter().all(|n| !n.contains("profile")));
}

#[test]
fn a_large_table_is_profiled_by_a_sample_that_does_not_change() {
    let lines: String = (0..5_000).map(|i| format!("{i},t{},{}\n", i % 7, i * 3)).collect();
    let shop = Shop::new(&[SOURCES[0], ("new/a.csv", &format!("id,tags,n\n{lines}"))]);
    shop.write("trommel.toml", "name = \"shop\"\n[profiles]\nrows = 1000\n");
    shop.run();
    let kept = kept_profile(&state(&shop.workspace()), &"raw.new".parse().unwrap(), "last").unwrap();
    assert_eq!(kept.rows, 5_000);
    assert!((800..1_200).contains(&kept.profile.rows), "{}", kept.profile.rows);
    assert!(kept.profile.notes.iter().any(|n| n.contains("of 5000 rows")), "{:?}", kept.profile.notes);
}

#[test]
fn a_table_that_nothing_new_comes_for_is_found_to_be_old() {
    let source = "path = \"new/*.csv\"\nload = \"new_files\"\n[[checks]]\ncheck = \"freshness\"\ncolumn = \"at\"\nwithin = \"36 hours\"\n";
    let shop = Shop::new(&[("sources/new.toml", source), ("new/a.csv", "id,at\n1,2020-01-01 10:00:00\n2,2020-01-01 11:00:00\n")]);
    let first = shop.run();
    assert!(step(&first, "raw.new").checks[0].is_broken(), "{first:?}");
    // Nothing is read again, and the age is looked at all the same.
    let second = shop.run();
    let looked = step(&second, "raw.new");
    assert_eq!(looked.status, trommel_model::StepStatus::Skipped);
    assert!(looked.checks.len() == 1 && looked.checks[0].is_broken() && looked.counts.rows_in == 0, "{second:?}");
}
