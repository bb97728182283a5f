//! `time_zone`: what the clocks of one zone show becomes what those of another one show at the same moment.
//!
//! The offsets stand in the SQL as small tables, so that everybody can see them and every engine comes to the same.

use trommel_engine::sql::{ident, literal};
use trommel_model::{ClockRule, DataType, OnBad, Outcome};

use super::chain::Chain;
use super::types::{Conversion, convert};
use super::zones::{self, Piece, UNKNOWN_FROM};

/// Offsets that stand on one line.
const ON_A_LINE: usize = 4;

/// How times are read that stand never or twice on the clocks, and what becomes of those that cannot be read.
pub(super) struct Rules {
    pub gap: ClockRule,
    pub overlap: ClockRule,
    pub on_bad: OnBad,
}

/// Adds the step.
pub(super) fn time_zone(chain: &mut Chain, columns: &[String], from: Option<&str>, to: &str, rules: &Rules) -> Outcome<()> {
    let moments = moments(chain, columns)?;
    let from = match (from, moments) {
        (Some(name), false) => Some(zone(chain, name)?),
        (None, true) => None,
        (None, false) => {
            return Err(chain.fault("it does not say in which zone the times are").next("add from = \"Europe/Vienna\", or from = \"UTC\""));
        }
        (Some(name), true) => {
            return Err(chain
                .fault(format!("the columns hold moments, which are in no zone, and not times of {name}"))
                .next("leave from out"));
        }
    };
    let to = zone(chain, to)?;
    let name = from.as_ref().map_or("UTC", |(name, _)| name.as_str());
    if moments {
        let in_utc: Vec<String> = columns.iter().map(|c| format!("make_timestamp(epoch_us({0})) as {0}", ident(c))).collect();
        let body = format!("select * replace (\n    {}\n)\nfrom {}", in_utc.join(",\n    "), chain.last());
        chain.push("moments", body);
        for column in columns {
            chain.retype(column, Some(DataType::Timestamp));
        }
    }
    if name == to.0 {
        return if moments { Ok(()) } else { Err(chain.fault(format!("from and to are both {name}")).next("leave the step out")) };
    }
    let mut values: Vec<String> = columns.iter().map(|c| ident(c)).collect();
    let mut made = Vec::new();
    // Each side is a link with the offsets, and one in which they are taken off or added.
    let sides = [
        from.as_ref().map(|(_, zone)| ("from", "-", zones::by_clock(zone, rules.gap, rules.overlap))),
        Some(("to", "+", zones::by_instant(&to.1))),
    ];
    for (side, sign, pieces) in sides.into_iter().flatten().filter(|(_, _, pieces)| !is_utc(pieces)) {
        let rows = chain.last().to_owned();
        chain.push(side, table(&pieces));
        let offsets = chain.last().to_owned();
        let (mut items, mut joins) = (String::new(), String::new());
        for (i, value) in values.iter_mut().enumerate().map(|(i, value)| (i + 1, value)) {
            items.push_str(&format!(",\n    r.{value} {sign} to_seconds(z{i}.__offset) as __{side}{i}"));
            joins.push_str(&format!("\nasof left join {offsets} as z{i} on r.{value} >= z{i}.__since"));
            *value = format!("__{side}{i}");
            made.push(value.clone());
        }
        chain.push(if side == "from" { "utc" } else { "there" }, format!("select r.*{items}\nfrom {rows} as r{joins}"));
    }
    let wanted = match (rules.gap, rules.overlap) {
        _ if from.is_none() => format!("a time before {UNKNOWN_FROM}"),
        (ClockRule::Reject, ClockRule::Reject) => format!("a time that the clocks of {name} show exactly once, before {UNKNOWN_FROM}"),
        (ClockRule::Reject, _) => format!("a time that the clocks of {name} show, before {UNKNOWN_FROM}"),
        (_, ClockRule::Reject) => format!("a time that the clocks of {name} do not show twice, before {UNKNOWN_FROM}"),
        _ => format!("a time before {UNKNOWN_FROM}"),
    };
    let conversion = |(column, value): (&String, &String)| Conversion {
        column: column.clone(),
        read: None,
        attempt: value.clone(),
        text: None,
        never_fails: false,
        data_type: DataType::Timestamp,
        rule: format!("time_zone({name} → {})", to.0),
        wanted: wanted.clone(),
    };
    let conversions: Vec<Conversion> = columns.iter().zip(&values).map(conversion).collect();
    convert(chain, &conversions, rules.on_bad);
    if !made.is_empty() {
        let body = format!("select * exclude ({})\nfrom {}", made.join(", "), chain.last());
        chain.push("back", body);
    }
    Ok(())
}

/// True for clocks that always show UTC.
fn is_utc(pieces: &[Piece]) -> bool {
    pieces.iter().all(|piece| piece.offset_s.is_none_or(|s| s == 0)) && pieces.len() == 2
}

/// Whether the columns hold moments, and not what clocks show.
fn moments(chain: &Chain, columns: &[String]) -> Outcome<bool> {
    let mut found = None;
    for name in chain.some_columns(columns)? {
        let is_moment = match &chain.column(name)?.data_type {
            None | Some(DataType::Timestamp) => false,
            Some(DataType::TimestampTz) => true,
            Some(other) => {
                return Err(chain
                    .fault(format!("\"{name}\" is {other} and no date with a time"))
                    .at_field(name)
                    .next("parse it first: do = \"parse_dates\" with time = true"));
            }
        };
        if *found.get_or_insert(is_moment) != is_moment {
            return Err(chain.fault("some columns hold moments and some what clocks show").next("write one step for each kind"));
        }
    }
    Ok(found == Some(true))
}

fn zone(chain: &Chain, name: &str) -> Outcome<(String, jiff::tz::TimeZone)> {
    zones::zone(name).map_err(|near| {
        chain.fault(format!("there is no time zone \"{name}\"")).next(match near {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "write a name of the IANA database, for instance Europe/Vienna or UTC".to_owned(),
        })
    })
}

/// Offsets as a table: since when, and seconds ahead of UTC.
fn table(pieces: &[Piece]) -> String {
    let row = |piece: &Piece| {
        let since = piece.since.map_or_else(|| "-infinity".to_owned(), |since| since.strftime("%Y-%m-%d %H:%M:%S").to_string());
        format!("({}, {})", literal(&since), piece.offset_s.map_or_else(|| "null".to_owned(), |s| s.to_string()))
    };
    let lines: Vec<String> = pieces.chunks(ON_A_LINE).map(|line| line.iter().map(row).collect::<Vec<_>>().join(", ")).collect();
    format!(
        "select cast(since as timestamp) as __since, cast(ahead_s as integer) as __offset\nfrom (values\n    {}\n) as z(since, ahead_s)",
        lines.join(",\n    ")
    )
}
