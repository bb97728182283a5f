//! Numbers as people read them: the same on every face, in every chart and in every file.

use crate::NumberFormat;

/// The value in full, with thousands separated: `1,234,567.80 €`, `12.3 %`, `0.001234`.
///
/// A share is shown per hundred and takes no unit. What is no number is a dash.
pub fn format_value(value: f64, format: NumberFormat, unit: &str) -> String {
    let size = value.abs();
    let text = match format {
        _ if !value.is_finite() => return "–".to_owned(),
        NumberFormat::Percent => return format!("{} %", percent(value)),
        _ if size >= HUGE => scientific(value),
        NumberFormat::Integer => grouped(value, 0),
        NumberFormat::Currency => grouped(value, 2),
        NumberFormat::Number => useful(value),
    };
    with_unit(text, unit)
}

/// The value in at most about seven characters: `1.23 M €`, `12.3 k`, `1,235`.
pub fn format_short(value: f64, format: NumberFormat, unit: &str) -> String {
    let size = value.abs();
    if !size.is_finite() || format == NumberFormat::Percent || size >= HUGE {
        return format_value(value, format, unit);
    }
    let text = match format {
        _ if size >= 9_999.5 => scaled(value),
        NumberFormat::Integer => grouped(value, 0),
        _ if size >= 999.95 => grouped(value, 0),
        NumberFormat::Currency => grouped(value, 2),
        _ => useful(value),
    };
    with_unit(text, unit)
}

/// The values of an axis, all with the same decimals and scale. `ticks` are evenly spaced and ascending.
pub fn format_ticks(ticks: &[f64], format: NumberFormat) -> Vec<String> {
    let factor = if format == NumberFormat::Percent { 100.0 } else { 1.0 };
    let largest = ticks.iter().fold(0.0_f64, |most, t| most.max(t.abs())) * factor;
    let step = ticks.windows(2).map(|w| w[1] - w[0]).fold(f64::INFINITY, f64::min) * factor;
    if largest >= HUGE || (largest > 0.0 && largest < TINY) {
        return ticks.iter().map(|&t| scientific(t * factor)).collect();
    }
    let (scale, suffix) = SCALES.into_iter().find(|(scale, _)| largest >= *scale && largest >= 10_000.0).unwrap_or((1.0, ""));
    let decimals = if step.is_finite() { decimals_of(step / scale) } else { decimals_of(largest / scale) };
    let mark = if format == NumberFormat::Percent { " %" } else { "" };
    ticks
        .iter()
        .map(|&t| {
            // Zero needs no scale and no decimals.
            if t == 0.0 { format!("0{mark}") } else { with_unit(grouped(t * factor / scale, decimals), suffix) + mark }
        })
        .collect()
}

/// How much `current` differs from `previous`, signed: `+2.3 %`; for shares in points: `−1.2 points`.
///
/// Absent when there is nothing to compare with, or the previous value is zero and no share of it exists.
pub fn format_change(current: f64, previous: f64, format: NumberFormat) -> Option<String> {
    let difference = current - previous;
    let (amount, mark) = if format == NumberFormat::Percent {
        (difference * 100.0, "points")
    } else if previous == 0.0 {
        return (difference == 0.0).then(|| "±0 %".to_owned());
    } else {
        (difference / previous.abs() * 100.0, "%")
    };
    if !amount.is_finite() {
        return None;
    }
    let text = grouped(amount.abs(), 1);
    let sign = match text.as_str() {
        "0.0" => "±",
        _ if amount < 0.0 => "−",
        _ => "+",
    };
    Some(format!("{sign}{} {mark}", text.strip_suffix(".0").unwrap_or(&text)))
}

/// From here on digits mean nothing to a reader (and a double has no more of them).
const HUGE: f64 = 1e15;
/// Below this zeros behind the point cannot be counted by eye.
const TINY: f64 = 1e-6;
const SCALES: [(f64, &str); 4] = [(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")];

fn with_unit(text: String, unit: &str) -> String {
    if unit.is_empty() { text } else { format!("{text} {unit}") }
}

fn percent(value: f64) -> String {
    let value = value * 100.0;
    match value.abs() {
        size if size >= HUGE => scientific(value),
        size if size > 0.0 && size < 0.95 => trimmed(grouped(value, 2)),
        _ => trimmed(grouped(value, 1)),
    }
}

/// Two decimals, or four digits for what is smaller than one; no zeros at the end.
fn useful(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || size >= 1.0 {
        trimmed(grouped(value, 2))
    } else if size < TINY {
        scientific(value)
    } else {
        let leading_zeros = (-size.log10()).floor().max(0.0) as usize;
        trimmed(grouped(value, 4 + leading_zeros))
    }
}

/// Three digits and a letter for thousands, millions, billions or trillions.
fn scaled(value: f64) -> String {
    let size = value.abs();
    // 999,950 reads as 1 M, not as 1,000 k.
    let (scale, suffix) = SCALES.into_iter().find(|(scale, _)| size >= scale * 0.9995).unwrap_or((1.0, ""));
    let shown = size / scale;
    let decimals = if shown < 9.995 { 2 } else { usize::from(shown < 99.95) };
    with_unit(trimmed(grouped(value / scale, decimals)), suffix)
}

fn scientific(value: f64) -> String {
    let text = format!("{value:.3e}");
    match text.split_once('e') {
        Some((digits, exponent)) => format!("{}e{exponent}", trimmed(digits.to_owned())),
        None => text,
    }
}

/// Decimals needed so that steps of this size differ, at most nine.
fn decimals_of(step: f64) -> usize {
    (0..9)
        .find(|&d| {
            let at = step * 10_f64.powi(d);
            (at - at.round()).abs() < 1e-6 * at.abs().max(1e-9)
        })
        .unwrap_or(9) as usize
}

/// Fixed decimals with a comma between thousands; never a negative zero.
fn grouped(value: f64, decimals: usize) -> String {
    let digits = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = digits.split_once('.').map_or((digits.as_str(), ""), |(w, f)| (w, f));
    let mut text = String::with_capacity(digits.len() + whole.len() / 3 + 1);
    if value < 0.0 && digits.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        text.push('-');
    }
    for (i, digit) in whole.char_indices() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

fn trimmed(text: String) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use NumberFormat::{Currency, Integer, Number, Percent};

    #[test]
    fn full_values() {
        for (value, format, unit, expected) in [
            (1_234_567.8, Currency, "€", "1,234,567.80 €"),
            (1_234_567.8, Number, "", "1,234,567.8"),
            (1_234_567.8, Integer, "orders", "1,234,568 orders"),
            (0.0, Number, "", "0"),
            (-0.001, Currency, "€", "0.00 €"),
            (-1234.5, Currency, "€", "-1,234.50 €"),
            (0.001_234_567, Number, "", "0.001235"),
            (0.5, Number, "", "0.5"),
            (1e-9, Number, "", "1e-9"),
            (999.999, Number, "", "1,000"),
            (0.1234, Percent, "€", "12.3 %"),
            (0.002_54, Percent, "", "0.25 %"),
            (1.0, Percent, "", "100 %"),
            (12.0, Percent, "", "1,200 %"),
            (1.5e18, Number, "", "1.5e18"),
            (f64::NAN, Number, "€", "–"),
            (f64::INFINITY, Currency, "€", "–"),
        ] {
            assert_eq!(format_value(value, format, unit), expected, "{value} {format:?}");
        }
    }

    #[test]
    fn short_values() {
        for (value, format, unit, expected) in [
            (1_234_567.8, Currency, "€", "1.23 M €"),
            (-1_234_567.8, Currency, "€", "-1.23 M €"),
            (12_345.0, Number, "", "12.3 k"),
            (12_000.0, Integer, "", "12 k"),
            (999_950.0, Number, "", "1 M"),
            (9_999.0, Integer, "", "9,999"),
            (1_234.5, Currency, "€", "1,234 €"),
            (12.5, Currency, "€", "12.50 €"),
            (2.5e9, Number, "", "2.5 B"),
            (3e12, Number, "", "3 T"),
            (0.5, Percent, "", "50 %"),
            (42.0, Number, "kWh", "42 kWh"),
        ] {
            assert_eq!(format_short(value, format, unit), expected, "{value} {format:?}");
        }
    }

    #[test]
    fn ticks_share_their_decimals() {
        for (ticks, format, expected) in [
            (vec![0.0, 0.5, 1.0], Number, "0 | 0.5 | 1.0"),
            (vec![0.0, 500_000.0, 1_000_000.0], Currency, "0 | 0.5 M | 1.0 M"),
            (vec![-20_000.0, 0.0, 20_000.0], Number, "-20 k | 0 | 20 k"),
            (vec![0.1, 0.15, 0.2], Percent, "10 % | 15 % | 20 %"),
            (vec![0.0, 0.025, 0.05], Percent, "0 % | 2.5 % | 5.0 %"),
            (vec![1_000.0, 2_000.0], Integer, "1,000 | 2,000"),
            (vec![7.0], Integer, "7"),
        ] {
            assert_eq!(format_ticks(&ticks, format).join(" | "), expected);
        }
    }

    #[test]
    fn changes() {
        for (current, previous, format, expected) in [
            (110.0, 100.0, Number, Some("+10 %")),
            (97.7, 100.0, Currency, Some("−2.3 %")),
            (-50.0, -100.0, Number, Some("+50 %")),
            (100.0, 100.0, Number, Some("±0 %")),
            (0.12, 0.10, Percent, Some("+2 points")),
            (5.0, 0.0, Number, None),
            (0.0, 0.0, Number, Some("±0 %")),
        ] {
            assert_eq!(format_change(current, previous, format).as_deref(), expected, "{current} after {previous}");
        }
    }
}
