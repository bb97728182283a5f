//! What changed about the columns between two profiles.

use trommel_model::{ChangeWeight, ColumnChange, ColumnProfile, ProfileChange, ProfileStamp, null_words};

use super::table::Laid;
use super::{Head, TextTable};
use crate::paint::{Glyphs, Line, Room, Tone, count};

/// One row a column, those that changed most first.
pub(crate) fn change(change: &ProfileChange, room: Room) -> Laid {
    let heads = vec![
        Head::left(""),
        Head::left("column").at_least(16),
        Head::left("change"),
        Head::right("PSI"),
        Head::right("KS"),
        Head::right("nulls before").rank(1),
        Head::right("nulls after").rank(1),
        Head::left("what").at_least(30),
    ];
    let mut table = TextTable::new(heads);
    for column in &change.columns {
        let (sign, tone) = sign(column.weight, room.glyphs);
        let nulls = |side: Option<&ColumnProfile>, stamp: &ProfileStamp| {
            side.map_or_else(Line::new, |c| Line::new().plain(null_words(c.nulls, looked_at(stamp))))
        };
        table.row(vec![
            Line::new().with(tone, sign),
            Line::new().strong(&column.name),
            Line::new().with(tone, column.weight.name()),
            figure(column.psi),
            figure(column.ks),
            nulls(column.from.as_deref(), &change.from),
            nulls(column.to.as_deref(), &change.to),
            Line::new().plain(column.remarks.join("; ")),
        ]);
    }
    table.without_empty_columns().lines(room)
}

/// What is compared, and how many columns changed.
pub(crate) fn summary(change: &ProfileChange) -> String {
    format!("{}: from {} to {}: {}", change.subject, change.from.words(count), change.to.words(count), change.summary())
}

/// Sign and tone of one column.
pub(crate) fn sign(weight: ChangeWeight, glyphs: Glyphs) -> (&'static str, Tone) {
    match weight {
        ChangeWeight::Same => (" ", Tone::Muted),
        ChangeWeight::Slight => (glyphs.pick("▲", "!"), Tone::Warn),
        ChangeWeight::Marked => (glyphs.bad(), Tone::Bad),
    }
}

/// All about the change of one column: in words, values that came and went, and both sides' facts next to each other.
pub(crate) fn about(change: &ProfileChange, column: &ColumnChange, room: Room) -> Vec<Line> {
    let width = room.width.unwrap_or(80);
    let (_, tone) = sign(column.weight, room.glyphs);
    let mut lines: Vec<Line> = column
        .remarks
        .iter()
        .flat_map(|remark| crate::paint::wrap(remark, width))
        .map(|text| Line::new().with(if tone == Tone::Muted { Tone::Plain } else { tone }, text))
        .collect();
    if lines.is_empty() {
        lines.push(Line::new().muted("nothing that chance would not do"));
    }
    for (title, values) in [("new values", &column.new_values), ("values that are gone", &column.gone_values)] {
        if values.is_empty() {
            continue;
        }
        lines.push(Line::new());
        lines.push(Line::new().muted(title));
        lines.extend(values.iter().take(10).map(|(value, n)| {
            let text = if value.is_empty() { "(empty)".to_owned() } else { value.clone() };
            Line::new().gap(2).append(Line::new().plain(text).cut(width.saturating_sub(14), room.glyphs)).muted(format!("  {}", count(*n)))
        }));
    }
    for (title, side, stamp) in [("before", &column.from, &change.from), ("after", &column.to, &change.to)] {
        let Some(side) = side else { continue };
        lines.push(Line::new());
        lines.push(Line::new().strong(title).muted(format!("  {}", stamp.words(count))));
        if !side.histogram.is_empty() {
            lines.push(Line::new().accent(super::profile::shape(side, width.clamp(10, 40), room.glyphs)));
        }
        lines.extend(super::report::facts(&trommel_model::profile_facts(side, looked_at(stamp)), room));
    }
    lines
}

fn looked_at(stamp: &ProfileStamp) -> u64 {
    stamp.looked_at.unwrap_or(stamp.rows)
}

fn figure(value: Option<f64>) -> Line {
    value.map_or_else(Line::new, |x| Line::new().plain(format!("{x:.2}")))
}
