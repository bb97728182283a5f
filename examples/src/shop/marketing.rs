//! What marketing exports: a file a month from a German office, semicolons and decimal commas, a title above the table.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use trommel_model::{Outcome, Problem};

use super::catalogue::decimal;
use super::fault::{self, made};
use super::truth::Truth;
use super::{DAYS, end};
use crate::rental::dice::{Dice, Stream};
use crate::rental::moment::{civil, day_first, iso_day};

/// Channels with their share of the money, what a click costs in cents, and a way the channel is also written.
const CHANNELS: [(&str, f64, f64, &str); 4] = [
    ("search", 1.0, 85.0, "Search"),
    ("social", 0.7, 60.0, "soical"),
    ("newsletter", 0.15, 12.0, "news-letter"),
    ("display", 0.4, 35.0, "dispaly"),
];
const CAMPAIGNS: [&str; 3] = ["brand", "autumn", "clearance"];
const HEADER: &str = "Datum;Kampagne;Kanal;Impressionen;Klicks;Kosten;Bestellungen";

/// Writes the files into a folder and their faults down. Gives the rows written.
pub fn write(folder: &Path, seed: u64, truth: &mut Truth) -> Outcome<u64> {
    fs::create_dir_all(folder).map_err(|e| Problem::from_io(&e, "make a folder of the example", folder))?;
    let (mut rows, mut month, mut text) = (0, String::new(), String::new());
    for position in 0..DAYS {
        let day = end() - DAYS + position;
        let (year, number, _) = civil(day);
        let this = format!("{year:04}-{number:02}");
        if this != month {
            close(folder, &month, &text)?;
            text = format!("Kampagnenbericht {number:02}/{year}\r\n\r\n{HEADER}\r\n");
            month = this;
        }
        for (c, campaign) in CAMPAIGNS.iter().enumerate() {
            for k in 0..CHANNELS.len() {
                let number = (position as u64 * CAMPAIGNS.len() as u64 + c as u64) * CHANNELS.len() as u64 + k as u64;
                line(&mut text, seed, number, day, campaign, k, truth)?;
                rows += 1;
            }
        }
    }
    close(folder, &month, &text)?;
    Ok(rows)
}

fn line(text: &mut String, seed: u64, number: u64, day: i64, campaign: &str, channel: usize, truth: &mut Truth) -> Outcome<()> {
    let mut dice = Dice::new(seed, Stream::ShopMarketing, number);
    let (channel, share, click, variant) = CHANNELS[channel];
    let clicks = (180.0 * share * (1.0 + 0.25 * dice.bell()).max(0.1)) as u64 + 1;
    let impressions = clicks * (25 + dice.below(40) as u64);
    let spend = (clicks as f64 * click * (1.0 + 0.1 * dice.bell()).max(0.2)) as u32;
    let orders = (clicks as f64 * 0.03 * (1.0 + 0.3 * dice.bell()).max(0.0)) as u64;
    let cost = decimal(spend).replace('.', ",");
    let (mut shown_channel, mut shown_clicks, mut shown_cost) = (channel, clicks, cost.clone());
    if let Some(kind) = fault::draw(fault::MARKETING, &mut dice) {
        let fault = match kind.name {
            "missing_spend" => {
                shown_cost = String::new();
                made(kind, cost)
            }
            "clicks_over_impressions" => {
                shown_clicks = impressions + clicks;
                made(kind, clicks.to_string())
            }
            _ => {
                shown_channel = variant;
                made(kind, channel)
            }
        };
        truth.note("marketing", &format!("{}/{campaign}/{channel}", iso_day(day)), &fault)?;
    }
    let day = day_first(day);
    // Writing to a text cannot fail.
    let _ = write!(text, "{day};{campaign};{shown_channel};{impressions};{shown_clicks};{shown_cost};{orders}\r\n");
    Ok(())
}

fn close(folder: &Path, month: &str, text: &str) -> Outcome<()> {
    if month.is_empty() {
        return Ok(());
    }
    let path = folder.join(format!("kampagnen-{month}.csv"));
    fs::write(&path, text).map_err(|e| Problem::from_io(&e, "write the example", &path))
}
