//! An order that comes before its customer, through the binary: it waits, is listed as waiting, and joins by itself.

use std::fs;

use trommel_journeys::expect;

#[test]
fn an_order_waits_for_its_customer() {
    let folder = tempfile::tempdir().unwrap();
    expect(folder.path(), &["init", "shop"], 0);
    let root = folder.path().join("shop");
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let dialect = "load = \"new_files\"\n[csv]\ndelimiter = \",\"\nheader = true\nskip_lines = 0\n";
    write("sources/customers.toml", &format!("path = \"customers/*.csv\"\n{dialect}"));
    let check = "[[checks]]\ncheck = \"foreign_key\"\ncolumn = \"customer\"\nreferences = \"raw.customers.id\"\naction = \"wait\"\nwait_for = \"30d\"\n";
    write("sources/orders.toml", &format!("path = \"orders/*.csv\"\n{dialect}{check}"));
    write("customers/1.csv", "id,name\n1,Ann\n");
    write("orders/1.csv", "id,customer\n10,1\n11,7\n");
    expect(&root, &["run"], 3);
    let listed = |state: &str| expect(&root, &["quarantine", "list", "--state", state, "--format", "jsonl"], 0);
    let waiting = listed("waiting");
    assert!(waiting.lines().count() == 1 && waiting.contains("\"waits_for\":\"raw.customers.id = 7\""), "{waiting}");
    assert!(waiting.contains("\"state\":\"waiting\"") && waiting.contains("\"row\":\"raw.orders:orders/1.csv:3\""), "{waiting}");
    assert_eq!(listed("open"), "");
    // Nobody waits for it any more: it stays out although its customer comes, until that is taken back.
    expect(&root, &["quarantine", "discard", "raw.orders:orders/1.csv:3", "--why", "a test"], 0);
    assert_eq!((listed("waiting").as_str(), listed("discarded").lines().count()), ("", 1));
    write("customers/2.csv", "id,name\n7,Gil\n");
    expect(&root, &["run"], 3);
    assert_eq!((listed("waiting").as_str(), listed("discarded").lines().count()), ("", 1));
    expect(&root, &["quarantine", "reopen", "raw.orders:orders/1.csv:3"], 0);
    expect(&root, &["run"], 0);
    assert_eq!(expect(&root, &["quarantine", "list", "--format", "jsonl"], 0), "");
    let orders = expect(&root, &["query", "select id from raw.orders order by id", "--format", "csv"], 0);
    assert_eq!(orders.replace("\r\n", "\n"), "id\n10\n11\n");
}
