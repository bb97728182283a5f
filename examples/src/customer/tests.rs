//! What the generator promises: as many records as asked for, faults as often as said, the same bytes for the same seed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use trommel_model::{Cancel, ProgressSlot};

use super::generate;
use super::person::person;
use super::rates;
use super::record::records;

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.insert(entry.path().file_name().unwrap().to_string_lossy().into_owned(), fs::read(entry.path()).unwrap());
        }
    }
    found
}

#[test]
fn as_many_records_as_asked_for_and_the_same_bytes_again() {
    let make = || {
        let dir = tempfile::tempdir().unwrap();
        let made = generate(dir.path(), 5_000, 7, &Cancel::new(), &ProgressSlot::new()).unwrap();
        (made, files(dir.path()))
    };
    let (made, written) = make();
    assert_eq!((made.records, make().1), (5_000, written.clone()));
    let lines = |name: &str| written[name].split(|b| *b == b'\n').filter(|l| !l.is_empty()).count() as u64;
    assert_eq!(lines("people.csv") + lines("faults.csv") - 2, 5_000);
    assert_eq!(lines("orders.csv") - 1, made.orders);
    assert!((1_000..2_000).contains(&made.people) && made.late > 0, "{made:?}");
}

#[test]
fn faults_come_as_often_as_the_readme_says() {
    let n = 20_000_u64;
    let people: Vec<_> = (0..n).map(|at| person(3, at)).collect();
    let share = |hits: usize, of: usize| hits as f64 / of as f64;
    let moved = share(people.iter().filter(|p| p.before.street != p.after.street).count(), people.len());
    assert!((moved - rates::MOVED).abs() < 0.01, "{moved}");
    let shared = share(
        people.windows(2).filter(|w| (w[0].given, w[0].family, w[0].birth) == (w[1].given, w[1].family, w[1].birth)).count(),
        people.len(),
    );
    assert!((shared - rates::NAMESAKE).abs() < 0.003, "{shared}");
    let all: Vec<_> = people.iter().zip(0..).flat_map(|(p, at)| records(3, at, p)).collect();
    let per_person = share(all.len(), people.len());
    assert!((3.5..4.3).contains(&per_person), "51 M records of 13 M people are 3.9 each: {per_person}");
    let faulty = share(all.iter().filter(|r| r.fault.is_some()).count(), all.len());
    assert!((faulty - rates::FAULTY).abs() < 0.002, "{faulty}");
    assert!(all.iter().filter_map(|r| r.email.as_ref()).all(|e| e.len() > 5));
}
