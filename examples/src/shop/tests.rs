//! What is generated: the same for the same seed, at fault as often as it is said, and the truth of it.

use std::collections::BTreeMap;

use super::*;

fn made(rows: u64, seed: u64) -> (tempfile::TempDir, Generated) {
    let dir = tempfile::tempdir().unwrap();
    let servers = Servers { postgres: None, mysql: None };
    let generated = generate(dir.path(), rows, seed, servers, &Cancel::new(), &ProgressSlot::new()).unwrap();
    (dir, generated)
}

#[test]
fn the_same_seed_makes_the_same_bytes() {
    let (a, first) = made(600, 7);
    let (b, second) = made(600, 7);
    let (c, _) = made(600, 8);
    assert_eq!(first, second);
    let read = |dir: &tempfile::TempDir, name: &str| std::fs::read(dir.path().join(name)).unwrap();
    for name in ["truth/errors.csv", "marketing/kampagnen-2025-10.csv"] {
        assert_eq!(read(&a, name), read(&b, name), "{name}");
        assert_ne!(read(&a, name), read(&c, name), "{name}");
    }
}

#[test]
fn one_record_in_twenty_is_at_fault_in_each_table() {
    let (dir, made) = made(30_000, 42);
    let truth = std::fs::read_to_string(dir.path().join("truth/errors.csv")).unwrap();
    let mut by_table: BTreeMap<&str, f64> = BTreeMap::new();
    for line in truth.lines().skip(1) {
        *by_table.entry(line.split(',').next().unwrap()).or_default() += 1.0;
    }
    assert_eq!(by_table.values().sum::<f64>() as u64, made.faults);
    let duplicates = truth.lines().filter(|l| l.contains("duplicate_line")).count() as u64;
    for (table, records) in
        [("customers", made.customers), ("orders", made.orders), ("order_lines", made.lines - duplicates), ("marketing", made.exports)]
    {
        let (share, spread) = (by_table[table] / records as f64, 4.0 * (0.05_f64 * 0.95 / records as f64).sqrt());
        assert!((share - fault::SHARE).abs() < spread, "{table}: {share}");
    }
    assert!((made.lines as f64 / 30_000.0 - 1.0).abs() < 0.05, "{} lines for 30,000 asked", made.lines);
}

#[test]
fn every_kind_of_fault_has_its_share() {
    for kinds in [fault::CUSTOMERS, fault::ORDERS, fault::LINES, fault::PRODUCTS, fault::MARKETING] {
        assert!((kinds.iter().map(|k| k.share).sum::<f64>() - 1.0).abs() < 1e-9);
    }
}
