//! A match as one page for a browser: nothing in it is fetched from elsewhere, and nothing in it runs.

use std::fmt::Write as _;

use trommel_model::{ClusterChange, MatchPreview, PreviewPair, Quality};

use crate::work::page::{self, count, escape, number};

/// Pairs and changes of a step that are written out.
const PAIRS: usize = 40;

/// The page.
pub(super) fn page(preview: &MatchPreview) -> String {
    let mut out = page::head(&format!("Match of {}", preview.subject));
    let step = preview.steps.get(preview.chosen).cloned().unwrap_or_default();
    let _ = writeln!(
        out,
        "<p>{} records are {} entities at a threshold of {}; the largest has {} records. {} pairs were compared, {} match.</p>",
        count(preview.rows),
        count(step.entities),
        number(preview.threshold),
        count(step.largest),
        count(preview.pairs_compared),
        count(step.pairs)
    );
    for note in &preview.notes {
        let _ = writeln!(out, "<p class=\"muted\">{}</p>", escape(note));
    }
    out.push_str("<h2>Pairs by score</h2>\n");
    out.push_str(&histogram(preview));
    out.push_str("<h2>What would come of each threshold</h2>\n");
    out.push_str(&thresholds(preview));
    if let Some(of) = preview.measured_of() {
        let _ = writeln!(out, "<p class=\"muted\">Measured of {of}.</p>");
    }
    if !preview.kpis.is_empty() {
        out.push_str("<h2>KPIs</h2>\n<table><tr><th>KPI</th><th class=\"n\">in the lake</th><th class=\"n\">without a match</th><th class=\"n\">with this match</th><th>by</th></tr>\n");
        for kpi in &preview.kpis {
            let value = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), number);
            let _ = writeln!(
                out,
                "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td></tr>",
                escape(&kpi.kpi),
                value(kpi.before),
                value(kpi.unmatched),
                value(kpi.after),
                escape(&kpi.by.join(" → "))
            );
        }
        out.push_str("</table>\n");
    }
    out.push_str("<h2>Entities that would change</h2>\n");
    for (at, step) in preview.steps.iter().enumerate().filter(|(at, step)| at.abs_diff(preview.chosen) <= 3 && !step.changes.is_empty()) {
        let way = if at < preview.chosen { "lower" } else { "higher" };
        let _ = writeln!(
            out,
            "<details><summary>{way}, at {}: {} would become one, {} would fall apart</summary>",
            number(step.threshold),
            count(step.merges),
            count(step.splits)
        );
        step.changes.iter().for_each(|change| out.push_str(&changed(change)));
        out.push_str("</details>\n");
    }
    out.push_str("<h2>Pairs in doubt</h2>\n<p class=\"muted\">First those of which an answer brings most.</p>\n");
    preview.pairs.iter().take(PAIRS).for_each(|p| out.push_str(&pair(p)));
    if preview.pairs.is_empty() {
        out.push_str("<p>No pair is in doubt.</p>\n");
    }
    out.push_str(page::FOOT);
    out
}

fn histogram(preview: &MatchPreview) -> String {
    const WIDTH: f64 = 720.0;
    const HEIGHT: f64 = 160.0;
    let bins = preview.histogram.len().max(1);
    // Few pairs among very many would not be seen on a plain scale.
    let height = |n: u64| if n == 0 { 0.0 } else { (n as f64).ln_1p() };
    let most = preview.histogram.iter().map(|n| height(*n)).fold(1.0, f64::max);
    let wide = WIDTH / bins as f64;
    let mut out = format!("<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"pairs by score, logarithmic\">", HEIGHT + 20.0);
    for (at, n) in preview.histogram.iter().enumerate() {
        let tall = height(*n) / most * HEIGHT;
        let (from, to) = (at as f64 / bins as f64, (at + 1) as f64 / bins as f64);
        let below = if to <= preview.threshold + 1e-9 { " class=\"below\"" } else { "" };
        let _ = write!(
            out,
            "<rect{below} x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{tall:.1}\"><title>{from:.2} to {to:.2}: {} pairs</title></rect>",
            at as f64 * wide + 1.0,
            HEIGHT - tall,
            wide - 2.0,
            count(*n)
        );
    }
    let x = preview.threshold * WIDTH;
    let _ = write!(out, "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"0\" y2=\"{HEIGHT}\" stroke=\"currentColor\" stroke-dasharray=\"4 3\"/>");
    for tick in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let _ = write!(out, "<text x=\"{:.0}\" y=\"{}\" text-anchor=\"middle\">{tick}</text>", tick * (WIDTH - 24.0) + 12.0, HEIGHT + 15.0);
    }
    out.push_str("</svg>\n");
    if preview.pairs_below > 0 {
        let _ =
            writeln!(out, "<p class=\"muted\">{} more pairs are below; how far below was not worked out.</p>", count(preview.pairs_below));
    }
    out
}

fn thresholds(preview: &MatchPreview) -> String {
    let measured = preview.steps.iter().any(|s| s.measured.is_some());
    let expected = preview.steps.iter().any(|s| s.expected.is_some());
    let mut out = String::from(
        "<table><tr><th class=\"n\">threshold</th><th class=\"n\">pairs</th><th class=\"n\">entities</th><th class=\"n\">largest</th><th class=\"n\">merges</th><th class=\"n\">splits</th>",
    );
    for (_, name) in [(expected, "expected"), (measured, "measured")].iter().filter(|(has, _)| *has) {
        let _ = write!(out, "<th class=\"n\">precision {name}</th><th class=\"n\">recall {name}</th><th class=\"n\">F1 {name}</th>");
    }
    out.push_str("</tr>\n");
    for (at, step) in preview.steps.iter().enumerate() {
        out.push_str(if at == preview.chosen { "<tr class=\"chosen\">" } else { "<tr>" });
        let _ = write!(out, "<td class=\"n\">{}</td>", number(step.threshold));
        for n in [step.pairs, step.entities, step.largest, step.merges, step.splits] {
            let _ = write!(out, "<td class=\"n\">{}</td>", count(n));
        }
        for (has, quality) in [(expected, qualities(step.expected)), (measured, qualities(step.measured))] {
            if has {
                for q in &quality {
                    let _ = write!(out, "<td class=\"n\">{q}</td>");
                }
            }
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table>\n");
    out
}

fn qualities(quality: Option<Quality>) -> [String; 3] {
    quality.map_or_else(|| ["–", "–", "–"].map(str::to_owned), |q| [q.precision, q.recall, q.f1()].map(|x| format!("{x:.3}")))
}

fn changed(change: &ClusterChange) -> String {
    let mut out = String::from(if change.merge {
        "<p class=\"muted\">would become one:</p><table>"
    } else {
        "<p class=\"muted\">would fall apart:</p><table>"
    });
    for (at, part) in change.parts.iter().enumerate() {
        for record in part {
            let _ = write!(out, "<tr><td class=\"n\">{}</td><td>{}</td>", at + 1, escape(&record.key.to_string()));
            record.said.iter().for_each(|said| {
                let _ = write!(out, "<td>{}</td>", escape(said.as_deref().unwrap_or("–")));
            });
            out.push_str("</tr>\n");
        }
    }
    out.push_str("</table>\n");
    if change.unlisted > 0 {
        let _ = writeln!(out, "<p class=\"muted\">and {} more records</p>", count(change.unlisted));
    }
    out
}

fn pair(pair: &PreviewPair) -> String {
    let mut out = format!(
        "<details><summary>{} and {}: {:.3}</summary>\n<table><tr><th>column</th><th>{}</th><th>{}</th><th>level</th><th class=\"n\">adds</th><th class=\"n\">sum</th></tr>\n",
        escape(&pair.left.key.to_string()),
        escape(&pair.right.key.to_string()),
        pair.score,
        escape(&pair.left.key.to_string()),
        escape(&pair.right.key.to_string())
    );
    let mut sum = pair.why.prior_bits.unwrap_or(0.0);
    if let Some(prior) = pair.why.prior_bits {
        let _ = writeln!(
            out,
            "<tr><td>prior</td><td></td><td></td><td></td><td class=\"n\">{prior:+.2}</td><td class=\"n\">{sum:+.2}</td></tr>"
        );
    }
    for (at, part) in pair.why.parts.iter().enumerate() {
        let said = |record: &trommel_model::PreviewRecord| escape(record.said.get(at).and_then(Option::as_deref).unwrap_or("–"));
        let class = if part.left == part.right { "" } else { " class=\"differs\"" };
        let adds = part.bits.unwrap_or(0.0);
        sum += adds;
        let tone = if adds < 0.0 { "less" } else { "more" };
        let level = part.level.clone().or_else(|| part.similarity.map(|s| format!("{s:.3}"))).unwrap_or_else(|| "missing".to_owned());
        let told = if part.bits.is_some() { format!("{adds:+.2}") } else { format!("weight {}", part.weight) };
        let total = if part.bits.is_some() { format!("{sum:+.2}") } else { String::new() };
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td{class}>{}</td><td{class}>{}</td><td>{}</td><td class=\"n {tone}\">{told}</td><td class=\"n\">{total}</td></tr>",
            escape(&part.column),
            said(&pair.left),
            said(&pair.right),
            escape(&level)
        );
    }
    out.push_str("</table>\n<p class=\"muted\">The golden record of both:</p><table><tr><th>column</th><th>value</th><th>from</th><th>rule</th></tr>\n");
    for cell in &pair.golden {
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            escape(&cell.column),
            escape(cell.value.as_deref().unwrap_or("–")),
            escape(&cell.from.to_string()),
            escape(&cell.rule)
        );
    }
    out.push_str("</table></details>\n");
    out
}

#[cfg(test)]
mod tests {
    use trommel_model::{PairExplanation, PairPart, PreviewRecord, PreviewStep, RecordKey};

    use super::*;

    #[test]
    fn nothing_of_the_data_becomes_markup() {
        let record = |id: &str| PreviewRecord {
            key: RecordKey { source: "<script>".into(), id: id.into() },
            said: vec![Some("<img src=x onerror=alert(1)>\u{202e}\u{1b}[31m".into())],
        };
        let part = PairPart { column: "a\"b".into(), bits: Some(-1.5), level: Some("else".into()), ..PairPart::default() };
        let pair = PreviewPair {
            left: record("1"),
            right: record("2"),
            why: PairExplanation { score: 0.5, prior_bits: Some(-3.0), parts: vec![part] },
            ..PreviewPair::default()
        };
        let step = PreviewStep { threshold: 0.5, entities: 1_234_567, ..PreviewStep::default() };
        let page = page(&MatchPreview {
            subject: "<b>".into(),
            steps: vec![step],
            pairs: vec![pair],
            histogram: vec![0, 5],
            ..MatchPreview::default()
        });
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("<b>") && !page.contains('\u{1b}'), "{page}");
        assert!(page.contains("1,234,567 entities") && page.contains("&lt;script&gt;:1") && !page.contains("http"));
    }
}
