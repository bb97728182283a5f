//! Charts drawn with characters: lines in braille dots, bars in blocks, and both in plain ASCII.

mod bars;
mod columns;
mod dots;
mod line;
mod scale;

use trommel_model::{Chart, ChartKind, format_value};

use crate::paint::{Glyphs, Line, Tone};

/// The chart in at most so many columns and rows, its title on the first one.
pub(crate) fn chart(chart: &Chart, columns: usize, rows: usize, glyphs: Glyphs) -> Vec<Line> {
    let known = chart.series.iter().flat_map(|s| s.values.iter().flatten()).filter(|v| v.is_finite()).count();
    let room = rows.saturating_sub(1);
    if known == 0 || room == 0 || columns < 12 {
        let empty = if known == 0 { "no values yet" } else { "no room for the chart" };
        return vec![heading(chart, columns, glyphs, ""), Line::new().muted(empty).cut(columns, glyphs)].into_iter().take(rows).collect();
    }
    let over_time = chart.labels.iter().all(|l| is_period(l));
    let negative = chart.series.iter().flat_map(|s| s.values.iter().flatten()).any(|v| *v < 0.0);
    let (cut, body) = match chart.kind {
        ChartKind::Bar if !over_time => bars::bars(chart, columns, room, glyphs),
        ChartKind::Bar if !negative => columns::columns(chart, columns, room, glyphs),
        _ => (String::new(), line::line(chart, columns, room, glyphs)),
    };
    let mut lines = vec![heading(chart, columns, glyphs, &cut)];
    lines.extend(body);
    lines
}

/// Title, what is left out, and the target.
fn heading(chart: &Chart, columns: usize, glyphs: Glyphs, cut: &str) -> Line {
    let mut line = Line::new().strong(&chart.title).muted(cut);
    if let Some(target) = chart.target.filter(|_| chart.kind == ChartKind::Line) {
        let mark = glyphs.pick("┄", "-");
        line = line.gap(2).with(Tone::Warn, mark).muted(format!(" target {}", format_value(target, chart.format, &chart.unit)));
    }
    line.cut(columns, glyphs)
}

/// True for the start of a period in ISO 8601.
fn is_period(label: &str) -> bool {
    let mut bytes = label.bytes();
    let year = bytes.by_ref().take(4).filter(u8::is_ascii_digit).count() == 4;
    year && matches!(bytes.next(), None | Some(b'-'))
}

#[cfg(test)]
mod tests {
    use trommel_model::{ChartSeries, NumberFormat};

    use super::*;

    fn made(kind: ChartKind, labels: &[&str], values: &[Option<f64>]) -> Chart {
        Chart {
            title: "Quotes by day".into(),
            kind,
            labels: labels.iter().map(|l| (*l).to_owned()).collect(),
            series: vec![ChartSeries { name: "Quotes".into(), values: values.to_vec() }],
            format: NumberFormat::Integer,
            unit: String::new(),
            target: (kind == ChartKind::Line).then_some(600.0),
        }
    }

    fn days(n: usize) -> (Vec<String>, Vec<Option<f64>>) {
        let labels = (0..n).map(|i| format!("2024-{:02}-{:02}", 1 + i / 28, 1 + i % 28)).collect();
        let values = (0..n).map(|i| (i != 5).then(|| 400.0 + 300.0 * (i as f64 / 4.0).sin())).collect();
        (labels, values)
    }

    fn shown(chart: &Chart, columns: usize, rows: usize, glyphs: Glyphs) -> String {
        let lines = super::chart(chart, columns, rows, glyphs);
        assert!(lines.len() <= rows, "{} rows in {rows}", lines.len());
        for line in &lines {
            assert!(line.width() <= columns, "{}: {}", line.width(), line.text());
            assert!(glyphs == Glyphs::Unicode || line.text().is_ascii(), "{}", line.text());
        }
        lines.iter().map(|l| l.text().trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn lines_in_braille_and_ascii() {
        let (labels, values) = days(40);
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let chart = made(ChartKind::Line, &labels, &values);
        insta::assert_snapshot!("line_unicode", shown(&chart, 60, 12, Glyphs::Unicode));
        insta::assert_snapshot!("line_ascii", shown(&chart, 60, 12, Glyphs::Ascii));
    }

    #[test]
    fn bars_by_name_and_over_time() {
        let names = ["Alpha", "Bravo", "Charlie with a long name", "(no value)"];
        let chart = made(ChartKind::Bar, &names, &[Some(1234.0), Some(617.0), Some(3.0), None]);
        insta::assert_snapshot!("bars_unicode", shown(&chart, 50, 6, Glyphs::Unicode));
        insta::assert_snapshot!("bars_ascii", shown(&chart, 50, 4, Glyphs::Ascii));
        let (labels, values) = days(90);
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        insta::assert_snapshot!("columns_unicode", shown(&made(ChartKind::Bar, &labels, &values), 60, 10, Glyphs::Unicode));
        insta::assert_snapshot!("columns_ascii", shown(&made(ChartKind::Bar, &labels[..20], &values[..20]), 60, 8, Glyphs::Ascii));
    }

    #[test]
    fn no_size_and_no_values_do_harm() {
        let (labels, values) = days(40);
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let same = vec![Some(5.0); 40];
        let wild = [vec![Some(f64::NAN), Some(f64::MAX), Some(f64::MIN), None], vec![Some(-1e-300); 36]].concat();
        for values in [&values, &same, &vec![None; 40], &wild] {
            for kind in [ChartKind::Line, ChartKind::Bar] {
                for columns in [0, 5, 13, 200] {
                    for rows in [0, 1, 2, 3, 30] {
                        shown(&made(kind, &labels, values), columns, rows, Glyphs::Unicode);
                        shown(&made(kind, &["a", "b"], &values[..2]), columns, rows, Glyphs::Ascii);
                    }
                }
            }
        }
    }
}
