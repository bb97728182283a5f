//! The files of the marketing example, each as the system it comes from writes it.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use trommel_connectors::write::{Export, Format, Writer};
use trommel_model::{Cancel, Outcome, Problem};

use super::people::{Record, SYSTEMS, System, World};
use super::sheet::{days, numbers, sheet, texts};
use crate::rental::moment::{Day, day_first, day_of, iso_day};

/// Campaigns: number, name, channel, cost in euros.
const CAMPAIGNS: [(u32, &str, &str, u32); 6] = [
    (101, "Spring newsletter", "mail", 1_200),
    (102, "Search: running shoes", "search", 9_500),
    (103, "Search: brand", "search", 3_100),
    (104, "Feed & stories", "social", 7_400),
    (105, "Autumn newsletter", "mail", 1_350),
    (106, "Partner blogs", "partner", 4_800),
];

/// `newsletter/YEAR.csv`: semicolons, day first, words for yes and no; how many.
pub fn newsletter(data: &Path, world: World, cancel: &Cancel) -> Outcome<u64> {
    let folder = data.join("newsletter");
    fs::create_dir_all(&folder).map_err(|e| failed(&e, &folder))?;
    let mut files: Vec<(i64, PathBuf, BufWriter<File>)> = Vec::new();
    for year in 2021..=2025 {
        let path = folder.join(format!("{year}.csv"));
        let mut file = BufWriter::new(File::create(&path).map_err(|e| failed(&e, &path))?);
        writeln!(file, "Nr;Name;E-Mail;Ort;Angemeldet;Aktiv").map_err(|e| failed(&e, &path))?;
        files.push((day_of(year + 1, 1, 1), path, file));
    }
    let mut count = 0;
    for part in world.parts() {
        cancel.check()?;
        for r in part.filter_map(|p| world.record(System::Newsletter, p)) {
            let Some((_, path, file)) = files.iter_mut().find(|(end, ..)| r.since < *end) else { continue };
            let active = if r.coin % 5 == 0 { "nein" } else { "ja" };
            let (email, town) = (r.email.as_deref().unwrap_or_default(), r.town.as_deref().unwrap_or_default());
            writeln!(file, "{};{} {};{email};{town};{};{active}", r.number, r.given, r.family, day_first(r.since))
                .map_err(|e| failed(&e, path))?;
            count += 1;
        }
    }
    for (_, path, mut file) in files {
        file.flush().map_err(|e| failed(&e, &path))?;
    }
    Ok(count)
}

/// `leads.xlsx`: what people wrote on cards at fairs; how many.
pub fn leads(data: &Path, world: World, cancel: &Cancel) -> Outcome<u64> {
    const FAIRS: [&str; 3] = ["Cologne", "Lyon", "Milan"];
    let export = Export { format: Format::Xlsx, raw: false, title: "Leads".to_owned(), notes: Vec::new() };
    let mut writer = Writer::to_file(&data.join("leads.xlsx"), &export)?;
    let mut schema = None;
    let mut count = 0;
    for part in world.parts() {
        cancel.check()?;
        let known: Vec<Record> = part.filter_map(|p| world.record(System::Leads, p)).collect();
        let batch = sheet(vec![
            numbers("card", known.iter().map(|r| r.number)),
            texts("first name", known.iter().map(|r| Some(r.given.as_str()))),
            texts("last name", known.iter().map(|r| Some(r.family.as_str()))),
            texts("e-mail", known.iter().map(|r| r.email.as_deref())),
            texts("phone", known.iter().map(|r| r.phone.as_deref())),
            texts("town", known.iter().map(|r| r.town.as_deref())),
            texts("fair", known.iter().map(|r| Some(FAIRS[r.coin % 3]))),
            days("met on", known.iter().map(|r| r.since)),
        ])?;
        count += known.len() as u64;
        schema = Some(batch.schema());
        writer.write(&batch)?;
    }
    if let Some(schema) = schema {
        writer.finish(&schema)?;
    }
    Ok(count)
}

/// `clicks.ndjson`: who followed which campaign, by e-mail; how many.
pub fn clicks(data: &Path, world: World, cancel: &Cancel) -> Outcome<u64> {
    let path = data.join("clicks.ndjson");
    let mut file = BufWriter::new(File::create(&path).map_err(|e| failed(&e, &path))?);
    let mut count = 0;
    for part in world.parts() {
        cancel.check()?;
        for index in part {
            // The address that a person clicks with is the one the shop or the newsletter has.
            let known = world.record(System::Shop, index).or_else(|| world.record(System::Newsletter, index));
            let Some(email) = known.and_then(|r| r.email) else { continue };
            let mut dice = world.dice(index, 10);
            for _ in 0..dice.front_heavy(4) {
                let campaign = CAMPAIGNS[dice.front_heavy(CAMPAIGNS.len())].0;
                let day = iso_day(day_of(2025, 2, 1) + dice.below(250) as Day);
                let email = serde_json::Value::from(email.as_str());
                let line = format!("{{\"at\":\"{day}\",\"campaign\":{{\"id\":{campaign}}},\"visitor\":{{\"email\":{email}}}}}");
                writeln!(file, "{line}").map_err(|e| failed(&e, &path))?;
                count += 1;
            }
        }
    }
    file.flush().map_err(|e| failed(&e, &path))?;
    Ok(count)
}

/// `campaigns.xml`.
pub fn campaigns(data: &Path) -> Outcome<()> {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<campaigns>\n");
    for (id, name, channel, cost) in CAMPAIGNS {
        let name = name.replace('&', "&amp;");
        text.push_str(&format!(
            "  <campaign id=\"{id}\">\n    <name>{name}</name>\n    <channel>{channel}</channel>\n    <cost>{cost}</cost>\n  </campaign>\n"
        ));
    }
    text.push_str("</campaigns>\n");
    let path = data.join("campaigns.xml");
    fs::write(&path, text).map_err(|e| failed(&e, &path))
}

/// `truth/people.csv`: which record is of which person.
pub fn truth(data: &Path, world: World, cancel: &Cancel) -> Outcome<()> {
    let folder = data.join("truth");
    fs::create_dir_all(&folder).map_err(|e| failed(&e, &folder))?;
    let path = folder.join("people.csv");
    let mut file = BufWriter::new(File::create(&path).map_err(|e| failed(&e, &path))?);
    writeln!(file, "system,number,person").map_err(|e| failed(&e, &path))?;
    for part in world.parts() {
        cancel.check()?;
        for index in part {
            for record in SYSTEMS.into_iter().filter_map(|s| world.record(s, index).map(|r| (s, r))) {
                writeln!(file, "{},{},{index}", record.0.name(), record.1.number).map_err(|e| failed(&e, &path))?;
            }
        }
    }
    file.flush().map_err(|e| failed(&e, &path))
}

fn failed(error: &std::io::Error, path: &Path) -> Problem {
    Problem::from_io(error, "write the example", path)
}
