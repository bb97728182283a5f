//! From the values of a KPI to a chart as data, and from a chart to words for those who cannot see it.

use crate::{CardChart, CardSpec, Cell, Chart, ChartKind, ChartSeries, KpiValues, format_value};

impl Chart {
    /// The chart a card shows: over time, or by the values of a dimension.
    ///
    /// A card without a dimension to show falls back to what the KPI has: its series, its first dimension, its total.
    pub fn of(values: &KpiValues, card: &CardSpec) -> Self {
        let by = card.by.as_ref().and_then(|by| values.by_dimension.iter().find(|d| &d.dimension == by));
        let by = match by {
            None if values.series.is_empty() => values.by_dimension.first(),
            by => by,
        };
        let (title, kind, labels, points) = match by {
            Some(breakdown) if card.chart != CardChart::Line || values.series.is_empty() => {
                let labels = breakdown.values.iter().map(|(value, _)| label(value)).collect();
                let points = breakdown.values.iter().map(|(_, v)| *v).collect();
                let shown = breakdown.values.len() as u64;
                // A cut is never silent.
                let cut = if breakdown.rest > 0 { format!(", {shown} of {}", shown + breakdown.rest) } else { String::new() };
                (format!("{} by {}{cut}", values.title, breakdown.dimension), ChartKind::Bar, labels, points)
            }
            _ if values.series.is_empty() => (values.title.clone(), ChartKind::Bar, vec!["total".to_owned()], vec![values.total]),
            _ => {
                let grain = values.grain.map_or_else(|| " over time".to_owned(), |g| format!(" by {}", g.name()));
                let kind = if card.chart == CardChart::Bar { ChartKind::Bar } else { ChartKind::Line };
                let labels = values.series.iter().map(|p| p.period.clone()).collect();
                (format!("{}{grain}", values.title), kind, labels, values.series.iter().map(|p| p.value).collect())
            }
        };
        Self {
            title,
            kind,
            labels,
            series: vec![ChartSeries { name: values.title.clone(), values: points }],
            format: values.format,
            unit: values.unit.clone(),
            target: values.target,
        }
    }

    /// The chart in words, one paragraph: what it shows, from where to where, lowest, highest and last values, target, gaps.
    pub fn summary(&self) -> String {
        let n = self.labels.len();
        let what = match (self.kind, n) {
            (ChartKind::Line, 1) => "1 point".to_owned(),
            (ChartKind::Line, _) => format!("{n} points"),
            (ChartKind::Bar, 1) => "1 bar".to_owned(),
            (ChartKind::Bar, _) => format!("{n} bars"),
        };
        let ends = match (self.labels.first(), self.labels.last()) {
            (Some(first), Some(last)) if n > 1 => format!(" from {first} to {last}"),
            (Some(only), _) => format!(", {only}"),
            _ => String::new(),
        };
        let mut text = format!("{}: {what}{ends}.", self.title);
        for series in &self.series {
            text.push(' ');
            if self.series.len() > 1 {
                text.push_str(&format!("{}: ", series.name));
            }
            text.push_str(&self.summary_of(series));
        }
        if let Some(target) = self.target {
            text.push_str(&format!(" Target {}.", self.value(target)));
        }
        text
    }

    fn summary_of(&self, series: &ChartSeries) -> String {
        let known: Vec<(usize, f64)> = series.values.iter().enumerate().filter_map(|(i, v)| Some((i, (*v)?))).collect();
        let by_value = |a: &&(usize, f64), b: &&(usize, f64)| a.1.total_cmp(&b.1);
        let (Some(lowest), Some(highest), Some(last)) = (known.iter().min_by(by_value), known.iter().rev().max_by(by_value), known.last())
        else {
            return "No values.".to_owned();
        };
        let at = |(i, v): &(usize, f64)| match self.labels.get(*i) {
            Some(label) => format!("{} ({label})", self.value(*v)),
            None => self.value(*v),
        };
        let mut text = match known.len() {
            1 => format!("The only value is {}", at(last)),
            _ => format!("Lowest {}, highest {}, last {}", at(lowest), at(highest), at(last)),
        };
        match series.values.len() - known.len() {
            0 => {}
            1 => text.push_str("; 1 has no value"),
            gaps => text.push_str(&format!("; {gaps} have no value")),
        }
        text + "."
    }

    fn value(&self, value: f64) -> String {
        format_value(value, self.format, &self.unit)
    }
}

fn label(value: &Cell) -> String {
    match value {
        Cell::Null => "(no value)".to_owned(),
        Cell::Text(text) if text.is_empty() => "(empty)".to_owned(),
        other => other.text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Better, Grain, KpiBreakdown, KpiPoint, NumberFormat, Standing};

    fn values(series: &[(&str, Option<f64>)], by: &[(&str, Option<f64>)], rest: u64) -> KpiValues {
        KpiValues {
            name: "revenue".into(),
            title: "Revenue".into(),
            total: Some(60.0),
            current: None,
            previous: None,
            standing: Standing::NoTarget,
            grain: Some(Grain::Day),
            series: series.iter().map(|(p, v)| KpiPoint { period: (*p).into(), value: *v }).collect(),
            by_dimension: if by.is_empty() {
                vec![]
            } else {
                let values = by.iter().map(|(k, v)| (if k.is_empty() { Cell::Null } else { Cell::Text((*k).into()) }, *v)).collect();
                vec![KpiBreakdown { dimension: "city".into(), values, rest }]
            },
            format: NumberFormat::Currency,
            unit: "€".into(),
            better: Better::Higher,
            target: None,
        }
    }

    #[test]
    fn a_card_shows_what_it_asks_for_or_what_there_is() {
        use CardChart::{Bar, Line, Number};
        let days = [("2024-01-01", Some(10.0)), ("2024-01-02", Some(50.0))];
        let cities = [("Oslo", Some(40.0)), ("", Some(20.0))];
        for (series, by, rest, chart, card_by, expected) in [
            (&days[..], &cities[..], 0, Number, None, "Revenue by day: 2 points from 2024-01-01 to 2024-01-02"),
            (&days[..], &cities[..], 0, Line, Some("city"), "Revenue by day: 2 points from 2024-01-01 to 2024-01-02"),
            (&days[..], &cities[..], 0, Bar, None, "Revenue by day: 2 bars from 2024-01-01 to 2024-01-02"),
            (&days[..], &cities[..], 0, Bar, Some("city"), "Revenue by city: 2 bars from Oslo to (no value)"),
            (&days[..], &cities[..], 7, Bar, Some("city"), "Revenue by city, 2 of 9: 2 bars from Oslo to (no value)"),
            (&[][..], &cities[..], 0, Line, None, "Revenue by city: 2 bars from Oslo to (no value)"),
            (&[][..], &[][..], 0, Number, None, "Revenue: 1 bar, total"),
        ] {
            let card = CardSpec { kpi: "revenue".into(), chart, by: card_by.map(str::to_owned) };
            let summary = Chart::of(&values(series, by, rest), &card).summary();
            assert_eq!(summary.split_once('.').unwrap().0, expected);
        }
    }

    #[test]
    fn a_chart_in_words() {
        let card = CardSpec { kpi: "revenue".into(), chart: CardChart::Line, by: None };
        let series = [("2024-01-01", Some(10.0)), ("2024-01-02", None), ("2024-01-03", Some(50.5)), ("2024-01-04", Some(50.5))];
        let mut v = values(&series, &[], 0);
        v.target = Some(45.0);
        assert_eq!(
            Chart::of(&v, &card).summary(),
            "Revenue by day: 4 points from 2024-01-01 to 2024-01-04. Lowest 10.00 € (2024-01-01), highest 50.50 € (2024-01-03), \
             last 50.50 € (2024-01-04); 1 has no value. Target 45.00 €."
        );
        let empty = values(&[("2024-01-01", None)], &[], 0);
        assert_eq!(Chart::of(&empty, &card).summary(), "Revenue by day: 1 point, 2024-01-01. No values.");
    }
}
