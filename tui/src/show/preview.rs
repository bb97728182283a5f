//! A match looked at: pairs by score, what comes of thresholds, entities that change, pairs in doubt side by side.

use trommel_model::{ClusterChange, KpiImpact, MatchPreview, PreviewPair, PreviewRecord, PreviewStep, Ruling};

use super::{Head, TextTable};
use crate::paint::{Glyphs, Line, Room, Tone, count, wrap};

/// Pairs that are listed whole.
const PAIRS: usize = 25;
/// Bars of one row, from low to high.
const EIGHTHS: [&str; 8] = ["▁▁", "▂▂", "▃▃", "▄▄", "▅▅", "▆▆", "▇▇", "██"];
/// Changes of a step that are listed.
const CHANGES: usize = 4;

/// All of it, thresholds first.
pub(crate) fn preview(preview: &MatchPreview, room: Room) -> Vec<Line> {
    let mut lines = vec![Line::new().strong(heading(preview)), Line::new()];
    lines.extend(histogram(preview, preview.threshold, 8, room.glyphs));
    lines.push(Line::new());
    lines.extend(thresholds(preview, preview.chosen, room));
    if !preview.kpis.is_empty() {
        lines.push(Line::new());
        lines.extend(kpis(&preview.kpis, room));
    }
    for at in [preview.chosen.checked_sub(1), Some(preview.chosen + 1)].into_iter().flatten() {
        if let Some(step) = preview.steps.get(at).filter(|s| !s.changes.is_empty()) {
            lines.push(Line::new());
            lines.push(Line::new().strong(moved(step)));
            step.changes.iter().take(CHANGES).for_each(|change| lines.extend(changed(change, room.glyphs)));
        }
    }
    lines
}

/// The pairs in doubt.
pub(crate) fn pairs(preview: &MatchPreview, room: Room) -> Vec<Line> {
    let mut lines = Vec::new();
    for (at, pair) in preview.pairs.iter().take(PAIRS).enumerate() {
        if at > 0 {
            lines.push(Line::new());
        }
        lines.push(pair_title(pair, None, room.glyphs));
        lines.extend(side_by_side(pair, room));
    }
    if preview.pairs.is_empty() {
        lines.push(Line::new().plain("no pair is in doubt"));
    }
    lines
}

/// What is not shown of it, for standard error.
pub(crate) fn cut(preview: &MatchPreview) -> Option<String> {
    (preview.pairs.len() > PAIRS).then(|| format!("showing {PAIRS} of {} pairs; --format json has all", preview.pairs.len()))
}

/// What is matched, in a sentence.
pub(crate) fn heading(preview: &MatchPreview) -> String {
    let entities = preview.steps.get(preview.chosen).map_or(0, |s| s.entities);
    format!(
        "{}: {} records become {} entities at {}; {} pairs compared",
        preview.subject,
        count(preview.rows),
        count(entities),
        threshold(preview.threshold),
        count(preview.pairs_compared)
    )
}

/// Bars of pairs by score, tall ones on a logarithmic scale, with the threshold marked below.
pub(crate) fn histogram(preview: &MatchPreview, at: f64, height: usize, glyphs: Glyphs) -> Vec<Line> {
    let tall = |n: u64| if n == 0 { 0.0 } else { (n as f64).ln_1p() };
    let most = preview.histogram.iter().map(|n| tall(*n)).fold(1.0, f64::max);
    let bins = preview.histogram.len();
    let mut lines = Vec::with_capacity(height + 2);
    for level in (0..height).rev() {
        let mut line = Line::new();
        for (bin, n) in preview.histogram.iter().enumerate() {
            let part = tall(*n) / most * height as f64 - level as f64;
            let filled = part > 0.01;
            let matched = (bin + 1) as f64 / bins as f64 > at + 1e-9;
            let tone = if matched { Tone::Accent } else { Tone::Muted };
            // In a single row heights are told by the eighths of a cell.
            let bar = if height == 1 { EIGHTHS[((part * 8.0).ceil() as usize).clamp(1, 8) - 1] } else { "██" };
            line = line.with(tone, if filled { glyphs.pick(bar, "##") } else { "  " }).gap(1);
        }
        lines.push(line);
    }
    let mark = ((at * bins as f64) as usize).min(bins.saturating_sub(1)) * 3;
    lines.push(Line::new().gap(mark).with(Tone::Accent, glyphs.pick("▲", "^")).plain(format!(" {}", threshold(at))));
    let below = if preview.pairs_below > 0 { format!("; {} more far below", count(preview.pairs_below)) } else { String::new() };
    lines.push(Line::new().muted(format!("0  pairs by score, bars on a logarithmic scale{below}")));
    lines
}

/// One line a threshold.
pub(crate) fn thresholds(preview: &MatchPreview, at: usize, room: Room) -> Vec<Line> {
    let expected = preview.steps.iter().any(|s| s.expected.is_some());
    let measured = preview.steps.iter().any(|s| s.measured.is_some());
    let mut heads = ["threshold", "pairs", "entities", "largest", "merges", "splits"].map(Head::right).to_vec();
    if expected {
        heads.extend(["exp. P", "exp. R", "exp. F1"].map(Head::right));
    }
    if measured {
        heads.extend(["P", "R", "F1"].map(Head::right));
    }
    let mut table = TextTable::new(heads);
    for (place, step) in preview.steps.iter().enumerate() {
        let mark = if place == at { room.glyphs.pick("▸ ", "> ") } else { "" };
        let mut cells = vec![format!("{mark}{}", threshold(step.threshold))];
        cells.extend([step.pairs, step.entities, step.largest, step.merges, step.splits].map(count));
        for quality in [step.expected.filter(|_| expected), step.measured.filter(|_| measured)].into_iter().flatten() {
            cells.extend([quality.precision, quality.recall, quality.f1()].map(|x| format!("{x:.3}")));
        }
        let tone = if place == at { Tone::Strong } else { Tone::Plain };
        table.row(cells.into_iter().map(|c| Line::new().with(tone, c)).collect());
    }
    let mut lines = table.lines(room).lines;
    if let Some(of) = preview.measured_of().filter(|_| measured) {
        lines.push(Line::new().muted(format!("P, R and F1 are measured of {of}")));
    }
    lines
}

/// What is to be expected and what was measured of a threshold, then everything that was remarked.
pub(crate) fn notes(preview: &MatchPreview, step: Option<&PreviewStep>, room: Room) -> Vec<Line> {
    let mut lines: Vec<Line> = step.map_or_else(Vec::new, |step| qualities(preview, step));
    for note in &preview.notes {
        for (at, part) in wrap(note, room.width.map_or(100, |columns| columns.saturating_sub(2).max(20))).into_iter().enumerate() {
            lines.push(Line::new().muted(if at == 0 { room.glyphs.pick("• ", "* ") } else { "  " }).plain(part));
        }
    }
    if lines.is_empty() {
        lines.push(Line::new().muted("nothing to remark"));
    }
    lines
}

/// Precision, recall and F1 of a threshold, as far as they are known.
pub(crate) fn qualities(preview: &MatchPreview, step: &PreviewStep) -> Vec<Line> {
    let of = preview.measured_of().map_or_else(|| "measured".to_owned(), |of| format!("of {of}"));
    let both = [(step.expected, "expected".to_owned()), (step.measured, of)];
    let told = |(quality, name): (Option<trommel_model::Quality>, String)| {
        let q = quality?;
        Some(Line::new().muted(format!("{name} P {:.3} R {:.3} F1 {:.3}", q.precision, q.recall, q.f1())))
    };
    both.into_iter().filter_map(told).collect()
}

/// KPIs before and after.
pub(crate) fn kpis(kpis: &[KpiImpact], room: Room) -> Vec<Line> {
    let mut table =
        TextTable::new(vec![Head::left("KPI"), Head::right("in the lake"), Head::right("unmatched"), Head::right("with this match")]);
    for kpi in kpis {
        let value = |v: Option<f64>| v.map_or_else(|| "-".to_owned(), amount);
        table.row(
            [kpi.kpi.clone(), value(kpi.before), value(kpi.unmatched), value(kpi.after)]
                .into_iter()
                .map(|c| Line::new().plain(c))
                .collect(),
        );
    }
    table.lines(room).lines
}

/// What a step would change, in a sentence.
pub(crate) fn moved(step: &PreviewStep) -> String {
    format!("at {}: {} would become one, {} would fall apart", threshold(step.threshold), count(step.merges), count(step.splits))
}

/// One entity that would change: its parts, a record a line.
pub(crate) fn changed(change: &ClusterChange, glyphs: Glyphs) -> Vec<Line> {
    let mut lines = Vec::new();
    for (at, part) in change.parts.iter().enumerate() {
        for (row, record) in part.iter().enumerate() {
            let sign = match (at, row, change.merge) {
                (0, 0, _) => glyphs.pick("┌ ", "+ "),
                (_, 0, true) => glyphs.pick("├+", "+ "),
                (_, 0, false) => glyphs.pick("├×", "x "),
                _ => glyphs.pick("│ ", "| "),
            };
            lines.push(Line::new().gap(2).accent(sign).gap(1).append(record_line(record)));
        }
    }
    if change.unlisted > 0 {
        lines.push(Line::new().gap(5).muted(format!("and {} more records", count(change.unlisted))));
    }
    lines
}

fn record_line(record: &PreviewRecord) -> Line {
    let said: Vec<&str> = record.said.iter().map(|s| s.as_deref().unwrap_or("-")).collect();
    Line::new().muted(record.key.to_string()).gap(1).plain(said.join(" | "))
}

/// A pair by its records, score and what was decided.
pub(crate) fn pair_title(pair: &PreviewPair, ruling: Option<Ruling>, glyphs: Glyphs) -> Line {
    let line =
        Line::new().strong(format!("{} {} {}", pair.left.key, glyphs.pick("↔", "="), pair.right.key)).muted(format!("  {:.3}", pair.score));
    match ruling {
        Some(ruling) => line.gap(1).accent(ruling.name()),
        None => line,
    }
}

/// Values of both side by side with differences marked, and what each comparison adds.
pub(crate) fn side_by_side(pair: &PreviewPair, room: Room) -> Vec<Line> {
    let mut table = TextTable::new(vec![
        Head::left(""),
        Head::left("column"),
        Head::left(pair.left.key.to_string()),
        Head::left(pair.right.key.to_string()),
        Head::left("level"),
        Head::right("adds"),
        Head::right("sum"),
    ]);
    let mut sum = pair.why.prior_bits.unwrap_or(0.0);
    if let Some(prior) = pair.why.prior_bits {
        let cells = ["", "prior", "", "", "", &format!("{prior:+.1}"), &format!("{sum:+.1}")];
        table.row(cells.into_iter().map(|c| Line::new().muted(c)).collect());
    }
    for (at, part) in pair.why.parts.iter().enumerate() {
        let differs = part.left != part.right;
        let said = |record: &PreviewRecord| {
            let text = record.said.get(at).and_then(Option::as_deref).unwrap_or("-").to_owned();
            Line::new().with(if differs { Tone::Strong } else { Tone::Plain }, text)
        };
        let level = part.level.clone().or_else(|| part.similarity.map(|s| format!("{s:.2}"))).unwrap_or_else(|| "missing".to_owned());
        let (adds, total, tone) = match part.bits {
            Some(bits) => {
                sum += bits;
                let tone = if bits > 0.0 {
                    Tone::Good
                } else if bits < 0.0 {
                    Tone::Bad
                } else {
                    Tone::Muted
                };
                (format!("{bits:+.1}"), format!("{sum:+.1}"), tone)
            }
            None => (format!("x {}", part.weight), String::new(), Tone::Plain),
        };
        table.row(vec![
            Line::new().with(Tone::Warn, if differs { room.glyphs.pick("≠", "!") } else { "" }),
            Line::new().muted(&part.column),
            said(&pair.left),
            said(&pair.right),
            Line::new().muted(level),
            Line::new().with(tone, adds),
            Line::new().muted(total),
        ]);
    }
    table.lines(room).lines
}

/// The golden record of a pair: each cell with where it is from.
pub(crate) fn golden(pair: &PreviewPair, room: Room) -> Vec<Line> {
    let mut table = TextTable::new(vec![Head::left("golden"), Head::left("value"), Head::left("from"), Head::left("rule")]);
    for cell in &pair.golden {
        table.row(vec![
            Line::new().muted(&cell.column),
            Line::new().plain(cell.value.as_deref().unwrap_or("-")),
            Line::new().accent(cell.from.to_string()),
            Line::new().muted(&cell.rule),
        ]);
    }
    table.lines(room).lines
}

/// A threshold in as many digits as it needs.
pub(crate) fn threshold(x: f64) -> String {
    let text = format!("{x:.4}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short.is_empty() { "0".to_owned() } else { short.to_owned() }
}

/// A KPI's value: whole when it is large, else in as many digits as it needs.
pub(crate) fn amount(x: f64) -> String {
    if x.abs() >= 1_000.0 {
        let sign = if x < 0.0 { "-" } else { "" };
        return format!("{sign}{}", count(x.abs().round() as u64));
    }
    threshold(x)
}
