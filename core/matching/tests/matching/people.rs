//! A small made-up set with its truth: three sources, faults of every kind that the normalisers and measures are for.

use trommel_model::{Measure, Normaliser};

use crate::support::{compare, groups, key, lines, model, resolve, table};

/// `p` is who it truly is.
const PEOPLE: &str = "
source|id|name|born|email|phone|city|updated|p
crm|1|Anna Müller|1980-02-03|anna.mueller@example.org|+49 30 1234567|Berlin|2024-05-01|a
shop|17|MÜLLER ANNA|3.2.1980|Anna.Mueller+shop@example.org||Berlin|2024-01-01|a
web|x1|Anna Mueler|1980-02-03||030 1234567||2023-01-01|a
crm|2|Jon O'Brien|1975-11-30|jon@obrien.example|020 7946 0001|London|2024-05-01|b
shop|18|John OBrien|30/11/1975|jon@obrien.example||Londn|2024-06-01|b
web|x2|J. O’Brien|30 Nov 1975|jon@obrien.example|02079460001||2022-01-01|b
crm|3|Anna Müller|1991-07-21|a.m@example.net|040 998877|Hamburg|2024-05-01|c
shop|19|Dmitri Petrow|1968-01-09|||Riga|2024-02-01|d
web|x3|Дмитрий Петров|09.01.1968|dp@example.com|+371 20 000 000|Rīga|2024-03-01|d
crm|4|Maria Silva|1990-10-12|maria@silva.example|+55 11 5555 0101|São Paulo|2024-05-01|e
shop|20|Silva, Maria|12.10.1990|||Sao Paulo|2023-05-01|e
web|x4|Paulo Silva|1990-10-12|paulo@silva.example|+55 11 5555 0202|Sao Paulo|2024-04-01|f
crm|5|Lee Wong|2001-01-01||||2020-01-01|g
";

#[test]
fn people_of_three_sources_are_found() {
    let name = vec![Normaliser::Lower, Normaliser::Ascii, Normaliser::Alphanumeric, Normaliser::SortWords];
    let mut spec = model(0.85);
    spec.source = Some("source".into());
    spec.blocking = vec![
        trommel_model::BlockingRule { keys: vec![key("born", &[Normaliser::Date], None)] },
        trommel_model::BlockingRule { keys: vec![key("email", &[Normaliser::Email], None)] },
        trommel_model::BlockingRule { keys: vec![key("phone", &[Normaliser::Phone], None)] },
    ];
    spec.comparisons = vec![
        compare("name", Measure::JaroWinkler, 3.0),
        compare("born", Measure::Date, 2.0),
        compare("email", Measure::JaroWinkler, 2.0),
        compare("phone", Measure::Exact, 1.0),
        compare("city", Measure::Levenshtein, 0.5),
    ];
    let normalise = [name, vec![], vec![Normaliser::Email], vec![Normaliser::Phone], vec![Normaliser::Lower, Normaliser::Ascii]];
    for (comparison, normalise) in spec.comparisons.iter_mut().zip(normalise) {
        comparison.normalise = normalise;
    }
    let input = table(PEOPLE);
    let output = resolve(&spec, std::slice::from_ref(&input)).unwrap();

    let mut truth: std::collections::BTreeMap<String, Vec<String>> = std::collections::BTreeMap::new();
    for line in &lines(&[input])[1..] {
        let cells: Vec<&str> = line.split('|').collect();
        truth.entry(cells[8].to_owned()).or_default().push(format!("{}/{}", cells[0], cells[1]));
    }
    let mut truth: Vec<Vec<String>> = truth.into_values().collect();
    for group in &mut truth {
        group.sort();
    }
    truth.sort();
    assert_eq!(groups(&output), truth);
    assert_eq!((output.report.rows, output.report.entities, output.report.merged), (13, 7, 6));
}
