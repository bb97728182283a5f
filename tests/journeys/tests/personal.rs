//! Columns about persons are found with their names hidden: the shared sheet of made-up people.

use trommel_journeys::{expect, real_data};

/// Columns that tell who a person is, where they are or how to reach them.
const PERSONAL: [&str; 15] = [
    "GivenName",
    "Surname",
    "StreetAddress",
    "City",
    "ZipCode",
    "EmailAddress",
    "Username",
    "Password",
    "TelephoneNumber",
    "MothersMaiden",
    "Birthday",
    "CCNumber",
    "NationalID",
    "Latitude",
    "Longitude",
];

/// Columns of which one can argue: parts of an address or a card, what many share and some do not.
const ARGUABLE: [&str; 15] = [
    "Gender",
    "Title",
    "MiddleInitial",
    "State",
    "StateFull",
    "BrowserUserAgent",
    "Age",
    "CVV2",
    "CCExpires",
    "BloodType",
    "Domain",
    "GUID",
    "UPS",
    "WesternUnionMTCN",
    "MoneyGramMTCN",
];

#[test]
fn columns_about_persons_are_found_without_their_names() {
    let Some(sheet) = real_data("data_quality/pii/FakeNameGenerator.com_100.csv") else { return };
    let folder = tempfile::tempdir().unwrap();
    let head = expect(folder.path(), &["query", &format!("select * from '{}' limit 0", sheet.display()), "--format", "csv"], 0);
    let names: Vec<String> = head.lines().next().unwrap().trim_start_matches('\u{feff}').split(',').map(|n| n.trim().to_owned()).collect();
    assert!(PERSONAL.iter().chain(&ARGUABLE).all(|n| names.iter().any(|known| known == n)), "{names:?}");
    let hidden: Vec<String> = names.iter().enumerate().map(|(i, n)| format!("\"{n}\" as c{i}")).collect();
    let sql = format!("select {} from '{}'", hidden.join(", "), sheet.display());
    let profile: serde_json::Value = serde_json::from_str(&expect(folder.path(), &["profile", &sql, "--format", "json"], 0)).unwrap();
    let found: Vec<&str> = profile["columns"]
        .as_array()
        .unwrap()
        .iter()
        .zip(&names)
        .filter(|(column, _)| column["meaning"]["pii"]["confidence"].as_f64().is_some_and(|c| c >= 0.5))
        .map(|(_, name)| name.as_str())
        .collect();
    let missed: Vec<&&str> = PERSONAL.iter().filter(|n| !found.contains(n)).collect();
    let needless: Vec<&&str> = found.iter().filter(|n| !PERSONAL.contains(n) && !ARGUABLE.contains(n)).collect();
    let hits = PERSONAL.len() - missed.len();
    let (recall, precision) = (hits as f64 / PERSONAL.len() as f64, hits as f64 / (hits + needless.len()).max(1) as f64);
    eprintln!("recall {recall:.3}, precision {precision:.3}; missed {missed:?}, needless {needless:?}");
    assert!(recall >= 0.95 && precision >= 0.90, "recall {recall:.3}, precision {precision:.3}; missed {missed:?}, needless {needless:?}");
}

/// Columns of towns, in tables that tell of somebody and in tables that tell of places.
const TOWNS: [(&str, &str, bool); 6] = [
    ("operational/northwind/employees.csv", "city", true),
    ("operational/northwind/orders.csv", "shipCity", true),
    ("data_quality/errors/hospital/clean.csv", "City", true),
    ("entity_resolution/splink_fake_1000/fake_1000.csv", "city", true),
    ("data_quality/errors/beers/clean.csv", "city", false),
    ("operational/northwind/territories.csv", "territoryDescription", false),
];

#[test]
fn a_town_is_personal_only_beside_a_person_or_a_street() {
    let folder = tempfile::tempdir().unwrap();
    for (file, name, expected) in TOWNS {
        let Some(path) = real_data(file) else { return };
        let profile: serde_json::Value =
            serde_json::from_str(&expect(folder.path(), &["profile", &path.to_string_lossy(), "--format", "json"], 0)).unwrap();
        let column = profile["columns"].as_array().unwrap().iter().find(|column| column["name"] == name).unwrap();
        let confidence = column["meaning"]["pii"]["confidence"].as_f64().unwrap_or_default();
        assert_eq!(confidence >= 0.5, expected, "{file} {name}: {}", column["meaning"]);
    }
}
