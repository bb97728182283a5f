//! Rows that come before the row they refer to.

use proptest::prelude::*;
use proptest::test_runner::{TestRng, TestRunner};
use trommel_model::{Code, Correction, Decision, RunStatus, StepStatus};
use trommel_workspace::load;

use super::tests::{Shop, counts, statuses, step};

const CUSTOMERS: &str = "path = \"customers/*.csv\"\nload = \"new_files\"\n[csv]\ndelimiter = \",\"\nheader = true\nskip_lines = 0\n";
const ORDERS: &str = "path = \"orders/*.csv\"\nload = \"new_files\"\n[csv]\ndelimiter = \",\"\nheader = true\nskip_lines = 0\n\
    [[checks]]\ncheck = \"foreign_key\"\ncolumn = \"customer\"\nreferences = \"raw.customers.id\"\naction = \"wait\"\n";
const SPENT: &str = "select c.name, sum(o.amount) as spent from ref('raw.orders') o join ref('raw.customers') c on c.id = o.customer group by all order by all";

fn shop() -> Shop {
    Shop::new(&[("sources/customers.toml", CUSTOMERS), ("sources/orders.toml", ORDERS), ("models/mart/spent.sql", SPENT)])
}

fn waiting(shop: &Shop) -> Vec<String> {
    shop.rows("select file, line, rule, reason, waits_for from quarantine.raw__orders order by file, line")
}

#[test]
fn a_row_waits_for_its_parent_and_joins_by_itself() {
    let late = shop();
    late.write("customers/a.csv", "id,name\n1,Ann\n2,Bob\n");
    late.write("orders/a.csv", "id,customer,amount\n10,1,5\n11,7,6\n12,,1\n");
    late.write("orders/b.csv", "id,customer,amount\n13,2,3\n");
    let record = late.run();
    assert_eq!(record.status, RunStatus::Held);
    assert_eq!(counts(&record, "raw.orders"), [4, 3, 0, 0, 0, 1]);
    let rule = "foreign_key(customer → raw.customers.id)";
    let reason = "customer is \"7\", which raw.customers.id does not have yet";
    assert_eq!(waiting(&late), [format!("orders/a.csv | 3 | {rule} | {reason} | raw.customers.id = 7")]);
    // Nothing came: nothing is looked at. Another parent came: looked at, and the row still waits.
    assert!(statuses(&late.run()).iter().all(|(_, status)| *status == StepStatus::Skipped));
    late.write("customers/b.csv", "id,name\n8,Hal\n");
    let since = late.rows("select waiting_since from quarantine.raw__orders");
    let record = late.run();
    assert_eq!((step(&record, "raw.orders").status, waiting(&late).len()), (StepStatus::Skipped, 1));
    assert!(late.plan().steps.iter().all(|step| step.decision == Decision::Skip), "it has been looked at");
    // It comes: its file is read again, the other one is not.
    late.write("customers/c.csv", "id,name\n7,Gil\n");
    let plan = late.plan();
    let why = &plan.steps.iter().find(|s| s.name == "raw.orders").unwrap().why;
    assert_eq!(why, "rows may wait for those of raw.customers");
    let record = late.run();
    assert_eq!(counts(&record, "raw.orders"), [3, 3, 0, 0, 0, 0]);
    assert_eq!((record.status, waiting(&late).len(), since.len()), (RunStatus::Done, 0, 1));
    let clean = shop();
    for (file, text) in [("customers/a.csv", "id,name\n1,Ann\n2,Bob\n"), ("customers/b.csv", "id,name\n8,Hal\n")] {
        clean.write(file, text);
    }
    clean.write("customers/c.csv", "id,name\n7,Gil\n");
    clean.write("orders/a.csv", "id,customer,amount\n10,1,5\n11,7,6\n12,,1\n");
    clean.write("orders/b.csv", "id,customer,amount\n13,2,3\n");
    clean.run();
    for sql in ["select * from raw.orders order by _file, _line", "select * from mart.spent"] {
        assert_eq!(late.rows(sql), clean.rows(sql));
    }
    assert!(statuses(&late.run()).iter().all(|(_, status)| *status == StepStatus::Skipped));
}

#[test]
fn the_time_of_waiting_goes_on_when_a_file_is_read_again() {
    let shop = shop();
    shop.write("sources/orders.toml", &format!("{ORDERS}wait_for = \"30d\"\n"));
    shop.write("customers/a.csv", "id,name\n1,Ann\n");
    shop.write("orders/a.csv", "id,customer,amount\n10,7,5\n11,8,6\n");
    shop.run();
    let times = "select waits_for, waiting_since, wait_until, datediff('day', cast(waiting_since as timestamp), cast(wait_until as timestamp)) \
                 from quarantine.raw__orders where waits_for like '% = 8'";
    let before = shop.rows(times);
    assert!(before[0].ends_with("| 30"), "{before:?}");
    shop.write("customers/b.csv", "id,name\n7,Gil\n");
    let record = shop.run();
    assert_eq!(counts(&record, "raw.orders"), [2, 1, 0, 0, 0, 1]);
    assert_eq!(shop.rows(times), before);
}

#[test]
fn a_row_whose_parent_goes_waits_again() {
    let shop = shop();
    shop.write("sources/customers.toml", "path = \"customers/*.csv\"\n");
    shop.write("customers/a.csv", "id,name\n1,Ann\n2,Bob\n");
    shop.write("orders/a.csv", "id,customer,amount\n10,1,5\n11,2,6\n");
    shop.run();
    let whole = shop.rows("select * from raw.orders order by _line");
    shop.write("customers/a.csv", "id,name\n1,Ann\n3,Cy\n");
    let record = shop.run();
    assert_eq!(counts(&record, "raw.orders"), [1, 0, 0, 0, 0, 1]);
    assert_eq!(shop.rows("select id from raw.orders"), ["10"]);
    shop.write("customers/a.csv", "id,name\n1,Ann\n2,Bob\n");
    shop.run();
    assert_eq!(shop.rows("select * from raw.orders order by _line"), whole);
    assert_eq!(waiting(&shop), Vec::<String>::new());
}

#[test]
fn a_row_joins_when_its_file_is_back_after_its_parent_came() {
    let shop = shop();
    shop.write("customers/a.csv", "id,name\n1,Ann\n");
    let orders = "id,customer,amount\n10,1,5\n11,7,6\n";
    shop.write("orders/a.csv", orders);
    shop.write("orders/b.csv", "id,customer,amount\n12,1,1\n");
    shop.run();
    std::fs::remove_file(shop.root().join("orders/a.csv")).unwrap();
    shop.write("customers/b.csv", "id,name\n7,Gil\n");
    let record = shop.run();
    let notes = &step(&record, "raw.orders").notes;
    assert!(notes.iter().any(|note| note.contains("they join when their files are back")), "{notes:?}");
    assert_eq!(shop.rows("select id from raw.orders order by id"), ["10", "12"]);
    shop.run();
    shop.write("orders/a.csv", orders);
    shop.run();
    assert_eq!(shop.rows("select id from raw.orders order by id"), ["10", "11", "12"]);
    assert_eq!(waiting(&shop), Vec::<String>::new());
}

#[test]
fn capitals_in_the_name_of_the_key_do_not_matter() {
    let shop = shop();
    shop.write("sources/orders.toml", &ORDERS.replace("raw.customers.id", "raw.customers.ID"));
    shop.write("customers/a.csv", "id,name\n1,Ann\n");
    shop.write("orders/a.csv", "id,customer,amount\n11,7,6\n");
    shop.run();
    shop.write("customers/b.csv", "id,name\n7,Gil\n");
    shop.run();
    assert_eq!(shop.rows("select id from raw.orders"), ["11"]);
}

#[test]
fn who_is_discarded_does_not_join_until_that_is_taken_back() {
    let shop = shop();
    shop.write("customers/a.csv", "id,name\n1,Ann\n");
    shop.write("orders/a.csv", "id,customer,amount\n10,1,5\n11,7,6\n12,8,7\n");
    shop.run();
    let decide = |now: Option<&str>| {
        let correction = Correction {
            file: "orders/a.csv".into(),
            line: 3,
            was: "11,7,6".into(),
            now: now.map(str::to_owned),
            rule: "foreign_key(customer → raw.customers.id)".into(),
            who: "ann".into(),
            at: "2026-01-31T09:30:00Z".into(),
            why: "a test".into(),
        };
        trommel_workspace::correct(shop.root(), "orders", &correction).unwrap();
    };
    decide(None);
    // The file is read again for the other row.
    shop.write("customers/b.csv", "id,name\n7,Gil\n8,Hal\n");
    let record = shop.run();
    assert_eq!(counts(&record, "raw.orders"), [3, 2, 0, 0, 0, 1]);
    assert_eq!(shop.rows("select id from raw.orders order by id"), ["10", "12"]);
    assert_eq!(waiting(&shop), ["orders/a.csv | 3 | foreign_key(customer → raw.customers.id) | discarded by ann: a test | ∅"]);
    decide(Some("11,7,6"));
    shop.run();
    assert_eq!(shop.rows("select id from raw.orders order by id"), ["10", "11", "12"]);
    assert!(statuses(&shop.run()).iter().all(|(_, status)| *status == StepStatus::Skipped));
}

#[test]
fn rows_of_recipes_and_models_wait_too() {
    let check = "[[checks]]\ncheck = \"foreign_key\"\ncolumn = \"customer\"\nreferences = \"raw.customers.id\"\naction = \"wait\"\n";
    let shop = shop();
    shop.write("sources/orders.toml", "path = \"orders/*.csv\"\n");
    shop.write("models/clean/orders.toml", &format!("kind = \"recipe\"\nfrom = \"raw.orders\"\n{check}"));
    let front = check.lines().map(|line| format!("-- {line}\n")).collect::<String>();
    shop.write("models/clean/big.sql", &format!("-- +++\n{front}-- +++\nselect * from ref('raw.orders') where amount > 1"));
    shop.write("customers/a.csv", "id,name\n1,Ann\n");
    shop.write("orders/a.csv", "id,customer,amount\n10,1,5\n11,7,6\n");
    let record = shop.run();
    assert_eq!((counts(&record, "clean.orders"), counts(&record, "clean.big")), ([2, 1, 0, 0, 0, 1], [2, 1, 0, 0, 0, 1]));
    assert_eq!(shop.rows("select file, line, waits_for from quarantine.clean__orders"), ["orders/a.csv | 3 | raw.customers.id = 7"]);
    shop.write("customers/b.csv", "id,name\n7,Gil\n");
    let record = shop.run();
    assert_eq!((counts(&record, "clean.orders"), counts(&record, "clean.big")), ([2, 2, 0, 0, 0, 0], [2, 2, 0, 0, 0, 0]));
}

const STAFF: &str = "path = \"staff/*.csv\"\nload = \"new_files\"\n[csv]\ndelimiter = \",\"\nheader = true\nskip_lines = 0\n\
    [[checks]]\ncheck = \"foreign_key\"\ncolumn = \"boss\"\nreferences = \"raw.staff.id\"\naction = \"wait\"\n";

#[test]
fn a_table_may_refer_to_itself() {
    let shop = Shop::new(&[("sources/staff.toml", STAFF)]);
    // 1 and 2 come together, 3 is his own boss; 5 waits for 6, and 4 for 5.
    shop.write("staff/a.csv", "id,boss\n1,2\n2,\n3,3\n");
    shop.write("staff/b.csv", "id,boss\n4,5\n5,6\n");
    let record = shop.run();
    assert_eq!(counts(&record, "raw.staff"), [5, 3, 0, 0, 0, 2]);
    assert_eq!(
        shop.rows("select line, waits_for from quarantine.raw__staff order by line"),
        ["2 | raw.staff.id = 5", "3 | raw.staff.id = 6"]
    );
    shop.write("staff/c.csv", "id,boss\n6,1\n");
    let record = shop.run();
    assert_eq!(counts(&record, "raw.staff"), [3, 3, 0, 0, 0, 0]);
    assert_eq!(shop.rows("select id from raw.staff order by id"), ["1", "2", "3", "4", "5", "6"]);
}

#[test]
fn a_row_that_joins_brings_those_that_wait_for_it() {
    let dept = "[[checks]]\ncheck = \"foreign_key\"\ncolumn = \"dept\"\nreferences = \"raw.depts.id\"\naction = \"wait\"\n";
    let shop =
        Shop::new(&[("sources/staff.toml", &format!("{STAFF}{dept}")), ("sources/depts.toml", &CUSTOMERS.replace("customers", "depts"))]);
    shop.write("depts/a.csv", "id,name\n1,One\n");
    shop.write("staff/a.csv", "id,boss,dept\n1,,9\n");
    shop.write("staff/b.csv", "id,boss,dept\n2,1,1\n");
    shop.run();
    assert_eq!(
        shop.rows("select file, waits_for from quarantine.raw__staff order by file"),
        ["staff/a.csv | raw.depts.id = 9", "staff/b.csv | raw.staff.id = 1"]
    );
    shop.write("depts/b.csv", "id,name\n9,Nine\n");
    shop.run();
    assert_eq!(shop.rows("select id from raw.staff order by id"), ["1", "2"]);
}

#[test]
fn who_refers_to_a_held_row_waits_for_it() {
    let range = "[[checks]]\ncheck = \"range\"\ncolumn = \"id\"\nmax = 6\naction = \"quarantine\"\n";
    let shop = Shop::new(&[("sources/staff.toml", &format!("{STAFF}{range}"))]);
    shop.write("staff/a.csv", "id,boss\n1,\n2,7\n7,1\n");
    let record = shop.run();
    assert_eq!(counts(&record, "raw.staff"), [3, 1, 0, 0, 0, 2]);
    assert_eq!(shop.rows("select line, waits_for from quarantine.raw__staff order by line"), ["3 | raw.staff.id = 7", "4 | ∅"]);
    shop.write("staff/a.csv", "id,boss\n1,\n2,6\n6,1\n");
    assert_eq!(counts(&shop.run(), "raw.staff"), [3, 3, 0, 0, 0, 0]);
}

#[test]
fn what_cannot_wait_is_refused() {
    let column = "column = \"customer\"\n";
    for (check, what) in [
        (format!("check = \"not_null\"\n{column}action = \"wait\"\n"), "only rows that refer to others can wait for them"),
        (
            format!("check = \"foreign_key\"\n{column}references = \"raw.customers.id\"\nwait_for = \"3d\"\n"),
            "rows that break the check do not wait",
        ),
        (
            format!("check = \"foreign_key\"\n{column}references = \"raw.customers.id\"\naction = \"wait\"\nwait_for = \"soon\"\n"),
            "it says no time",
        ),
    ] {
        let shop = shop();
        shop.write("sources/orders.toml", &format!("path = \"orders/*.csv\"\n[[checks]]\n{check}"));
        let problem = load(shop.root(), None).unwrap_err();
        assert_eq!((problem.code, problem.what.as_str()), (Code::BadConfig, what));
    }
}

#[test]
fn in_whichever_order_files_come_the_tables_are_the_same() {
    let config = ProptestConfig { cases: 10, failure_persistence: None, ..ProptestConfig::default() };
    let rng = TestRng::deterministic_rng(config.rng_algorithm);
    // Each file belongs to one of three sources and has a few keys: customers, orders of customers, staff under staff.
    let file = (0..3_usize, prop::collection::vec((0..6_u8, 0..6_u8), 1..4));
    TestRunner::new_with_rng(config, rng)
        .run(&prop::collection::vec(file, 1..5), |files| {
            let fresh = || {
                let shop = shop();
                shop.write("sources/staff.toml", STAFF);
                for (path, head) in [("customers/0.csv", "id,name"), ("orders/0.csv", "id,customer,amount"), ("staff/0.csv", "id,boss")] {
                    shop.write(path, &format!("{head}\n0,0,0\n").replace("name\n0,0,0", "name\n0,0").replace("boss\n0,0,0", "boss\n0,0"));
                }
                shop
            };
            let (at_once, daily) = (fresh(), fresh());
            daily.run();
            for (i, (source, rows)) in files.iter().enumerate() {
                // Keys of a staff are told apart by the file, so that each is there once.
                let own = |n: &u8| u32::from(*n) + 6 * u32::try_from(i).unwrap_or(0);
                let (path, head) = [("customers", "id,name"), ("orders", "id,customer,amount"), ("staff", "id,boss")][*source];
                let line = |(a, b): &(u8, u8)| match source {
                    0 => format!("{a},n{b}\n"),
                    1 => format!("{a},{b},1\n"),
                    _ => format!("{},{}\n", own(a), u32::from(*b) * 4),
                };
                let mut lines: Vec<String> = rows.iter().map(line).collect();
                lines.sort_unstable();
                lines.dedup_by_key(|line| line.split(',').next().map(str::to_owned));
                let text = format!("{head}\n{}", lines.concat());
                at_once.write(&format!("{path}/{}.csv", i + 1), &text);
                daily.write(&format!("{path}/{}.csv", i + 1), &text);
                daily.run();
            }
            at_once.run();
            for sql in [
                "select * from raw.customers order by _file, _line",
                "select * from raw.orders order by _file, _line",
                "select * from raw.staff order by _file, _line",
                "select * from mart.spent order by all",
            ] {
                prop_assert_eq!(daily.rows(sql), at_once.rows(sql), "{}", sql);
            }
            for table in ["raw__orders", "raw__staff"] {
                let sql = format!("select file, line, rule, raw, waits_for from quarantine.{table} order by all");
                let held = |shop: &Shop| if shop.tables().contains(&format!("quarantine.{table}")) { shop.rows(&sql) } else { Vec::new() };
                prop_assert_eq!(held(&daily), held(&at_once));
            }
            Ok(())
        })
        .unwrap();
}
