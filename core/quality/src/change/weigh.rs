//! What is different about one column, in figures and words, and how much that is.

use std::collections::BTreeMap;

use trommel_model::{ChangeWeight, ColumnChange, ColumnProfile, DataType, Spread};

use super::distance::{Distance, ks, psi, tenths};

/// From here on a PSI is slight, and marked.
const PSI: (f64, f64) = (0.1, 0.25);
/// The same for KS.
const KS: (f64, f64) = (0.1, 0.2);
/// The same for the share of nulls, as a difference.
const NULLS: (f64, f64) = (0.005, 0.05);
/// New values in this share of the rows are marked.
const NEW_VALUES: f64 = 0.01;
/// Rows that a value would have by now, had it not gone.
const MISSED: f64 = 10.0;
/// Rows before from which on a first null tells something.
const FEW_ROWS: u64 = 20;
/// Values that are named.
const NAMED: usize = 10;

/// Values with their rows.
type Values = Vec<(String, u64)>;

/// A column before and after.
pub(super) struct Weigher<'a> {
    before: &'a ColumnProfile,
    after: &'a ColumnProfile,
    rows: (u64, u64),
    weight: ChangeWeight,
    remarks: Vec<(ChangeWeight, String)>,
}

impl<'a> Weigher<'a> {
    pub(super) fn of(before: &'a ColumnProfile, rows_before: u64, after: &'a ColumnProfile, rows_after: u64) -> Self {
        Self { before, after, rows: (rows_before, rows_after), weight: ChangeWeight::Same, remarks: Vec::new() }
    }

    pub(super) fn change(mut self) -> ColumnChange {
        let comparable = self.type_change();
        self.nulls();
        let (mut new_values, mut gone_values, mut psi, mut ks) = (Vec::new(), Vec::new(), None, None);
        if comparable && self.known().0 > 0 && self.known().1 > 0 {
            (new_values, gone_values) = self.values();
            psi = self.psi();
            ks = self.ks();
            self.spread(psi, ks);
        } else if comparable && self.known().1 == 0 && self.known().0 > 0 {
            self.say(ChangeWeight::Marked, "no row has a value any more");
        }
        // Weightiest first, else in the order in which they were found.
        self.remarks.sort_by_key(|r| std::cmp::Reverse(r.0));
        ColumnChange {
            name: self.after.name.clone(),
            weight: self.weight,
            psi: psi.map(|d| d.value),
            ks: ks.map(|d| d.value),
            new_values,
            gone_values,
            remarks: self.remarks.into_iter().map(|r| r.1).collect(),
            from: Some(Box::new(self.before.clone())),
            to: Some(Box::new(self.after.clone())),
        }
    }

    fn say(&mut self, weight: ChangeWeight, remark: impl Into<String>) {
        self.weight = self.weight.max(weight);
        self.remarks.push((weight, remark.into()));
    }

    /// Rows with a value.
    fn known(&self) -> (u64, u64) {
        (self.rows.0 - self.before.nulls.min(self.rows.0), self.rows.1 - self.after.nulls.min(self.rows.1))
    }

    /// True when values of both types can be held against each other.
    fn type_change(&mut self) -> bool {
        let (before, after) = (&self.before.data_type, &self.after.data_type);
        let all_null = self.known().0 == 0 || self.known().1 == 0;
        if before == after {
            return true;
        }
        let numbers = before.is_number() && after.is_number();
        let weight = if numbers || all_null { ChangeWeight::Slight } else { ChangeWeight::Marked };
        let remark = format!("is {after}, was {before}");
        self.say(weight, remark);
        numbers
    }

    fn nulls(&mut self) {
        let (n, m) = self.rows;
        if n == 0 || m == 0 {
            return;
        }
        let (before, after) = (self.before.nulls as f64 / n as f64, self.after.nulls as f64 / m as f64);
        let together = (self.before.nulls + self.after.nulls) as f64 / (n + m) as f64;
        let error = (together * (1.0 - together) * (1.0 / n as f64 + 1.0 / m as f64)).sqrt();
        let (difference, beyond_chance) = ((after - before).abs(), (after - before).abs() > 3.0 * error);
        let words = format!("{} of the rows have no value, {} had none", percent(after), percent(before));
        if beyond_chance && difference >= NULLS.1 {
            self.say(ChangeWeight::Marked, words);
        } else if (beyond_chance && difference >= NULLS.0) || (self.before.nulls == 0 && self.after.nulls > 0 && n >= FEW_ROWS) {
            self.say(ChangeWeight::Slight, words);
        }
    }

    /// Values that came and that went, of a column with few.
    fn values(&mut self) -> (Values, Values) {
        if self.before.unique && !self.after.unique && self.known().0 > 1 {
            self.say(ChangeWeight::Marked, "values stand several times, each stood once");
        }
        let (before, after) = (listed(self.before), listed(self.after));
        if before.is_empty() || after.is_empty() {
            let (few, many) = (self.before.distinct.number(), self.after.distinct.number());
            if self.after.data_type == DataType::Text && !before.is_empty() && many > few.saturating_mul(3) && self.known().0 > few * 3 {
                self.say(ChangeWeight::Marked, format!("{many} different values, there were {few}"));
            }
            return (Vec::new(), Vec::new());
        }
        let missing = |of: &[(String, u64)], from: &[(String, u64)]| -> Vec<(String, u64)> {
            of.iter().filter(|(value, _)| !from.iter().any(|(other, _)| other == value)).cloned().collect()
        };
        let (came, mut went) = (missing(after, before), missing(before, after));
        // What was rare before may be absent by chance.
        let (n, m) = self.known();
        went.retain(|(_, rows)| *rows as f64 / n as f64 * m as f64 >= MISSED);
        // Amounts have values that were not there before; codes and words tell something by it.
        let code = self.after.data_type != DataType::Integer || (before.len() <= 20 && n >= before.len() as u64 * 5);
        if !came.is_empty() && code {
            let rows: u64 = came.iter().map(|v| v.1).sum();
            let share = rows as f64 / m as f64;
            let weight = if share >= NEW_VALUES { ChangeWeight::Marked } else { ChangeWeight::Slight };
            self.say(weight, format!("new values in {} of the rows: {}", percent(share), named(&came)));
        }
        if !went.is_empty() && code {
            self.say(ChangeWeight::Slight, format!("values that are gone: {}", named(&went)));
        }
        (came, went)
    }

    fn psi(&self) -> Option<Distance> {
        let (n, m) = self.known();
        let (before, after) = (listed(self.before), listed(self.after));
        let few = !before.is_empty() && !after.is_empty() && (before.len() <= 20 || self.before.data_type == DataType::Text);
        if few {
            let share = |rows: u64, of: u64| rows as f64 / of as f64;
            let mut shares: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
            for (value, rows) in before {
                shares.entry(value).or_default().0 = share(*rows, n);
            }
            for (value, rows) in after {
                shares.entry(value).or_default().1 = share(*rows, m);
            }
            return psi(&shares.into_values().collect::<Vec<_>>(), (n, m));
        }
        let (before, after) = (percentiles(self.before), percentiles(self.after));
        if !before.is_empty() && !after.is_empty() {
            return psi(&tenths(before, after), (n, m));
        }
        let (before, after) = (self.before.text.as_ref()?, self.after.text.as_ref()?);
        let mut shares: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        // Shares of patterns are of the rows with a value; those that are not listed are one bin.
        for (pattern, share) in &before.patterns {
            shares.entry(pattern).or_default().0 = *share;
        }
        for (pattern, share) in &after.patterns {
            shares.entry(pattern).or_default().1 = *share;
        }
        let listed = shares.values().fold((0.0, 0.0), |sum, s| (sum.0 + s.0, sum.1 + s.1));
        // A pattern that only one of the two lists may be among the rest of the other.
        if listed.0 < 0.9 || listed.1 < 0.9 {
            return None;
        }
        let rest = ((1.0_f64 - listed.0).max(0.0), (1.0_f64 - listed.1).max(0.0));
        psi(&shares.into_values().chain(std::iter::once(rest)).collect::<Vec<_>>(), (n, m))
    }

    fn ks(&self) -> Option<Distance> {
        ks(percentiles(self.before), percentiles(self.after), self.known())
    }

    /// What the distances weigh. Days go on and keys count up: of these it is told and weighs little or nothing.
    fn spread(&mut self, psi: Option<Distance>, ks: Option<Distance>) {
        if self.before.unique && self.after.unique {
            return;
        }
        let weight = |distance: Option<Distance>, (slight, marked): (f64, f64)| match distance.map_or(0.0, Distance::beyond_chance) {
            d if d >= marked => ChangeWeight::Marked,
            d if d >= slight => ChangeWeight::Slight,
            _ => ChangeWeight::Same,
        };
        let mut weight = weight(psi, PSI).max(weight(ks, KS));
        if self.after.data_type.is_temporal() {
            weight = weight.min(ChangeWeight::Slight);
        }
        if weight == ChangeWeight::Same {
            return;
        }
        let figures: Vec<String> =
            [psi.map(|d| format!("PSI {:.2}", d.value)), ks.map(|d| format!("KS {:.2}", d.value))].into_iter().flatten().collect();
        self.say(weight, format!("spread otherwise: {}", figures.join(", ")));
        if let (Some(before), Some(after)) = (self.before.mean, self.after.mean) {
            let figure = |x: f64| trommel_model::format_value(x, trommel_model::NumberFormat::Number, "");
            self.say(ChangeWeight::Same, format!("mean {}, was {}", figure(after), figure(before)));
        } else if self.after.data_type.is_temporal() {
            let of = |c: &ColumnProfile| format!("{} to {}", c.min, c.max);
            let remark = format!("{}, was {}", of(self.after), of(self.before));
            self.say(ChangeWeight::Same, remark);
        }
    }
}

fn listed(column: &ColumnProfile) -> &[(String, u64)] {
    column.spread.as_ref().map_or(&[], |s: &Spread| s.values.as_slice())
}

fn percentiles(column: &ColumnProfile) -> &[f64] {
    column.spread.as_ref().map_or(&[], |s: &Spread| s.percentiles.as_slice())
}

fn named(values: &[(String, u64)]) -> String {
    let mut names: Vec<String> = values.iter().take(NAMED).map(|(value, rows)| format!("{value:?} ({rows})")).collect();
    if values.len() > NAMED {
        names.push(format!("and {} more", values.len() - NAMED));
    }
    names.join(", ")
}

fn percent(share: f64) -> String {
    let pct = share * 100.0;
    if pct == 0.0 || pct >= 0.1 { format!("{pct:.1} %") } else { "<0.1 %".to_owned() }
}
