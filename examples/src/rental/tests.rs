//! What is generated is what the example's README promises.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use trommel_model::{Cancel, Code, ProgressSlot};

use super::day::{Case, day};
use super::fault::Fault;
use super::people::{Person, person};
use super::plan::Calendar;
use super::quote::{Broker, Quote};
use super::request::{Request, World, request};
use super::{Generated, generate, people_for, rates};

const BROKERS: [Broker; 3] = [Broker::Alpha, Broker::Bravo, Broker::Charlie];

fn generate_into(folder: &Path, rows: u64, seed: u64) -> Generated {
    generate(folder, rows, seed, &Cancel::new(), &ProgressSlot::new()).unwrap()
}

/// All text files under a folder with what is in them.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|x| x != "sqlite") {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

/// Everything that happens, before it is written.
struct All {
    cases: Vec<Case>,
    requests: HashMap<u64, (Request, Person)>,
}

impl All {
    fn of(rows: u64, seed: u64) -> Self {
        let calendar = Calendar::of(seed, rows, &Cancel::new()).unwrap();
        let world = World { seed, people: people_for(calendar.requests()) };
        let mut cases = Vec::new();
        let mut requests = HashMap::new();
        for position in 0..calendar.days() {
            cases.extend(day(world, &calendar, position, rows, &Cancel::new()).unwrap());
            let first = calendar.starts[position];
            for index in first..calendar.starts[position + 1] {
                let asked = request(world, index, calendar.first_day + position as i64, first);
                let customer = person(seed, asked.person);
                requests.insert(index, (asked, customer));
            }
        }
        Self { cases, requests }
    }

    fn quotes(&self) -> impl Iterator<Item = &Quote> {
        self.cases.iter().flat_map(|case| &case.quotes)
    }

    /// The share of quotes for which something holds, among those for which it can be said.
    fn share(&self, holds: impl Fn(&Quote, &Request, &Person) -> Option<bool>) -> f64 {
        let answers: Vec<bool> = self
            .quotes()
            .filter_map(|q| {
                let (asked, customer) = &self.requests[&q.request];
                holds(q, asked, customer)
            })
            .collect();
        answers.iter().filter(|&&yes| yes).count() as f64 / answers.len() as f64
    }
}

#[test]
fn the_same_seed_makes_the_same_bytes() {
    let [a, b, c] = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let first = generate_into(a.path(), 3_000, 42);
    assert_eq!(first, generate_into(b.path(), 3_000, 42));
    let relative = |folder: &Path| -> BTreeMap<PathBuf, Vec<u8>> {
        files(folder).into_iter().map(|(path, bytes)| (path.strip_prefix(folder).unwrap().to_owned(), bytes)).collect()
    };
    assert_eq!(relative(a.path()), relative(b.path()));
    generate_into(c.path(), 3_000, 43);
    assert_ne!(relative(a.path()), relative(c.path()));
}

#[test]
fn fewer_rows_are_a_beginning_with_the_same_customers() {
    let (small, large) = (All::of(500, 42), All::of(2_000, 42));
    let plans = |all: &All| all.cases.iter().map(|c| c.quotes.len()).take(100).collect::<Vec<_>>();
    assert_eq!(plans(&small), plans(&large));
}

#[test]
fn records_are_as_many_as_asked_for_and_the_truth_knows_each() {
    let dir = tempfile::tempdir().unwrap();
    let rows = 5_000;
    let made = generate_into(dir.path(), rows, 7);
    assert_eq!(made.records, rows);

    let lines = |path: &str| fs::read_to_string(dir.path().join(path)).unwrap().lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    let id = |line: &String| line.split(',').nth(1).unwrap().to_owned();
    let usable: Vec<String> = lines("truth/quotes.csv").iter().map(id).collect();
    let faulty: Vec<String> = lines("truth/faults.csv").iter().map(id).collect();
    let late: BTreeSet<String> = lines("truth/late.csv").iter().map(id).collect();
    let known: BTreeSet<&String> = usable.iter().chain(&faulty).collect();
    assert_eq!(known.len(), usable.len() + faulty.len(), "no quote stands twice in the truth");

    let all = All::of(rows, 7);
    let made_ids: BTreeSet<&String> = all.quotes().map(|q| &q.id).collect();
    assert_eq!(made_ids, known);
    assert!(late.iter().all(|id| !known.contains(id)));
    assert_eq!(late.len() as u64, made.withheld);
    for booking in all.cases.iter().flat_map(|c| &c.bookings) {
        assert!(usable.contains(&booking.quote_id) || late.contains(&booking.quote_id), "{booking:?}");
    }

    // Records in files are those of the two brokers that send files, each once or twice.
    let by_file = |under: &str, mark: &[u8]| -> usize {
        files(&dir.path().join(under)).values().map(|bytes| bytes.windows(mark.len()).filter(|w| *w == mark).count()).sum()
    };
    let of = |broker| all.quotes().filter(|q| q.broker == broker).map(|q| 1 + usize::from(q.redelivered)).sum::<usize>();
    let headers = files(&dir.path().join("bravo")).len();
    assert_eq!(by_file("bravo", b"\r\n"), of(Broker::Bravo) + headers);
    assert_eq!(by_file("charlie", b"\n"), of(Broker::Charlie));
}

#[test]
fn all_ten_kinds_of_fault_come_at_their_rates() {
    let all = All::of(60_000, 42);
    for broker in BROKERS {
        let total = all.quotes().filter(|q| q.broker == broker).count() as f64;
        for fault in Fault::ALL {
            let share = all.quotes().filter(|q| q.broker == broker && q.fault == Some(fault)).count() as f64 / total;
            let rate = fault.rate(broker);
            // Four standard deviations.
            let off = 4.0 * (rate * (1.0 - rate) / total).sqrt();
            assert!((share - rate).abs() <= off, "{} of {}: {share}", fault.name(), broker.name());
        }
    }
    let kinds: BTreeSet<Fault> = all.quotes().filter_map(|q| q.fault).collect();
    assert_eq!(kinds.len(), 10);
    let default: BTreeSet<Fault> = All::of(20_000, 42).quotes().filter_map(|q| q.fault).collect();
    assert_eq!(default.len(), 10, "the example as it is made by default has all of them too");
}

#[test]
fn empty_fields_come_at_their_rates() {
    let all = All::of(60_000, 42);
    for broker in BROKERS {
        let expected = rates::missing(broker);
        let of = |field: fn(&Quote) -> bool| all.share(|q, _, _| (q.broker == broker).then(|| field(q)));
        for (share, rate) in [
            (of(|q| q.email.is_none()), expected.email),
            (of(|q| q.phone.is_none()), expected.phone),
            (of(|q| q.town.is_none()), expected.town),
            (of(|q| q.birth.is_none()), rates::NO_BIRTH),
        ] {
            assert!((share - rate).abs() < 0.014, "{}: {share} against {rate}", broker.name());
        }
    }
}

#[test]
fn slips_come_at_their_rates() {
    let all = All::of(60_000, 42);
    let check = |what: &str, share: f64, rate: f64| {
        // A few slips leave the text as it was, for instance by swapping two equal letters.
        assert!(share > rate * 0.85 && share < rate * 1.08, "{what}: {share} against {rate}");
    };
    let town = all.share(|q, _, p| q.town.as_ref().map(|t| t != p.before.town && t != p.after.town));
    check("town", town, rates::slip::TOWN);
    let email = all.share(|q, _, p| q.email.as_ref().map(|e| *e != p.before.email && *e != p.after.email));
    check("email", email, rates::slip::EMAIL);
    let birth = all.share(|q, _, p| q.birth.map(|b| b != p.birth));
    check("birth", birth, rates::slip::BIRTH);
    let times = all.share(|q, r, _| Some(q.pickup != r.pickup || q.back != r.back));
    check("times", times, rates::slip::TIME);
    let family = all.share(|q, _, p| {
        let written = q.family.trim();
        let clean = q.broker != Broker::Bravo && written != written.to_uppercase();
        clean.then(|| written != p.before.family && written != p.after.family)
    });
    check("family name", family, rates::slip::FAMILY);
}

#[test]
fn duplicates_bookings_and_late_quotes_come_at_their_rates() {
    let all = All::of(60_000, 42);
    let requests = all.cases.len() as f64;
    let quotes = all.quotes().count() as f64;
    assert!((quotes / requests - 2.16).abs() < 0.03, "{}", quotes / requests);
    let twice = all.quotes().filter(|q| q.redelivered).count() as f64 / quotes;
    assert!((twice - rates::REDELIVERED).abs() < 0.0015, "{twice}");
    let withheld = all.cases.iter().filter(|c| c.withheld.is_some()).count() as f64 / requests;
    assert!((withheld - rates::WITHHELD).abs() < 0.001, "{withheld}");

    let booked: HashMap<&String, i64> = all.cases.iter().flat_map(|c| &c.bookings).map(|b| (&b.quote_id, b.at.day())).collect();
    let share = booked.len() as f64 / requests;
    assert!((0.15..0.30).contains(&share), "{share}");
    let late = all.quotes().filter(|q| booked.get(&q.id).is_some_and(|day| *day < q.delivered)).count() as f64 / booked.len() as f64;
    // The last days cannot be late any more.
    assert!((0.035..0.052).contains(&late), "{late}");
    for case in &all.cases {
        for booking in &case.bookings {
            let quote = case.quotes.iter().chain(&case.withheld).find(|q| q.id == booking.quote_id).unwrap();
            assert!(booking.at > quote.at && booking.at < quote.pickup, "{booking:?}");
        }
    }
}

#[test]
fn quote_numbers_differ() {
    let mut seen = BTreeSet::new();
    for record in 0..200_000 {
        assert!(seen.insert(Broker::Alpha.quote_id(record)));
    }
    assert_eq!(Broker::Alpha.quote_id(100_000_001).split_once('-').unwrap().0, Broker::Alpha.quote_id(1));
}

#[test]
fn a_raised_cancel_ends_the_work() {
    let dir = tempfile::tempdir().unwrap();
    let cancel = Cancel::new();
    cancel.raise();
    let problem = generate(dir.path(), 100_000, 1, &cancel, &ProgressSlot::new()).unwrap_err();
    assert_eq!(problem.code, Code::Interrupted);
}

#[test]
fn the_readme_has_the_figures_of_the_generator() {
    let readme = include_str!("../../../assets/examples/car-rental/README.md").split_whitespace().collect::<Vec<_>>().join(" ");
    let percent = |rate: f64| format!("{} %", (rate * 1_000.0).round() / 10.0);
    let says = |text: String| assert!(readme.contains(&text), "the README does not say: {text}");
    for fault in Fault::ALL {
        let rate = BROKERS.map(|broker| fault.rate(broker)).into_iter().fold(0.0, f64::max);
        let row = readme.split("| `").find(|row| row.starts_with(fault.name())).unwrap();
        assert!(row.contains(&format!("| {} |", percent(rate))), "{}: {row}", fault.name());
    }
    for (field, rate) in [
        ("given name", rates::slip::GIVEN),
        ("family name", rates::slip::FAMILY),
        ("birth date", rates::slip::BIRTH),
        ("e-mail", rates::slip::EMAIL),
        ("telephone", rates::slip::PHONE),
        ("home town", rates::slip::TOWN),
        ("pick-up place (alpha, bravo)", rates::slip::PLACE),
        ("pick-up or return time", rates::slip::TIME),
    ] {
        says(format!("| {field} | {} |", percent(rate)));
    }
    let missing = BROKERS.map(rates::missing);
    says(format!("| e-mail | {} |", missing.map(|m| percent(m.email)).join(" | ")));
    says(format!("| telephone | {} |", missing.map(|m| percent(m.phone)).join(" | ")));
    says(format!("| home town | {} |", missing.map(|m| percent(m.town)).join(" | ")));
    says(format!("| birth date | {} |", [(); 3].map(|()| percent(rates::NO_BIRTH)).join(" | ")));
    for (rate, rest) in [
        (rates::INITIAL, "of given names are cut to an initial"),
        (rates::SWAPPED, "of names come in the wrong order"),
        (rates::SHOUTED, "of names are in capitals or have stray space"),
        (rates::MOJIBAKE, "of bravo's accented names are encoded twice"),
        (rates::CHANGED, "of customers changed something"),
        (rates::NAMESAKE, "of customers share name and birth date"),
        (rates::SECOND_THOUGHT, "of requests are second thoughts"),
        (rates::AGAIN, "of quotes are made a second time"),
        (rates::REDELIVERED, "of records are delivered twice"),
        (rates::LATE, "of quotes are delivered one to three days late"),
        (rates::LATE_WHEN_BOOKED, "so their booking was there first"),
        (rates::WITHHELD, "of requests were booked by a quote that has not been delivered"),
        (rates::CANCELLED, "of bookings were cancelled"),
    ] {
        let at = readme.find(rest).unwrap_or_else(|| panic!("the README does not say: {rest}"));
        let before = readme[..at].trim_end().trim_end_matches(',');
        assert!(before.ends_with(&format!(" {}", percent(rate))), "{} does not stand before: {rest}", percent(rate));
    }
}
