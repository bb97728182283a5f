//! The state of a column as its profile.

use trommel_model::{Cell, ColumnProfile, Count, DataType, Estimates, ProfileLevel, Quantile, RowOrder, Spread, TextFacts};

use super::column::{Column, Shown, Values};
use super::key::Key;
use super::moments::Moments;
use super::quantiles::{self, at, bins};
use super::state::{Stage, State};
use super::{distinct, suspicious, variants};
use crate::meaning::{self, Evidence};

/// Values told of a column.
const TOLD: usize = 10;
/// Bins of a histogram.
const BINS: usize = 20;
/// Characters of a text that are shown.
const SHOWN: usize = 500;
/// Values of a column with few that are all kept.
const LISTED: usize = 100;
/// Characters by which they are told apart.
const TOLD_APART: usize = 120;
/// The quantiles that are told.
const SHARES: [f64; 7] = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

/// The profile of a column, and whether its values look like names of places.
pub(super) fn profile(column: &Column, level: ProfileLevel) -> (ColumnProfile, bool) {
    match &column.values {
        Values::Whole(state) => told(column, state, level),
        Values::Wide(state) => told(column, state, level),
        Values::Real(state) => told(column, state, level),
        Values::Moment(state) => told(column, state, level),
        Values::Text(state) => told(column, state, level),
    }
}

/// What both stages of a column come to.
struct Known<K> {
    distinct: Count,
    extremes: Option<(K, K)>,
    moments: Moments,
    /// Bounds and rows of values or buckets, from left to right.
    runs: Vec<(f64, f64, u64)>,
    top: Vec<(K, u64)>,
    rarest: Vec<(K, u64)>,
    texts: Option<TextFacts>,
    /// Different values with their rows; a sample, with one row each, when there are many.
    sample: Vec<(K, u64)>,
    estimates: Option<Estimates>,
}

fn told<K: Shown>(column: &Column, state: &State<K>, level: ProfileLevel) -> (ColumnProfile, bool) {
    let known = match &state.stage {
        Stage::Few(tally) => few(tally.entries().iter().map(|e| (e.key.clone(), e.count)).collect(), state.texts_of_few()),
        Stage::Many(many) => {
            let mut moments = many.moments.clone();
            moments.fold();
            let known = state.rows - state.nulls;
            let mut top: Vec<(K, u64)> = many.frequent.entries().iter().map(|e| (e.key.clone(), e.count)).collect();
            sort(&mut top);
            let largest = top.first().map_or(0, |t| t.1);
            // One row in `stride` was counted: three standard errors of a count taken so.
            let sampled = if many.stride > 1 { 3.0 * ((many.stride - 1) as f64 * largest as f64).sqrt() } else { 0.0 };
            let error = many.frequent.deducted() + sampled.ceil() as u64;
            top.retain(|t| t.1 > error.max(1));
            let estimate = many.distinct.estimate().max(super::state::FEW as u64).min(known);
            Known {
                distinct: Count::About(estimate),
                extremes: many.extremes.clone(),
                moments,
                runs: many.quantiles.as_ref().map(quantiles::Quantiles::buckets).unwrap_or_default(),
                top,
                rarest: Vec::new(),
                texts: many.texts.as_ref().map(|t| t.facts()),
                sample: many.sample.values().into_iter().map(|k| (k, 1)).collect(),
                estimates: Some(Estimates { distinct: distinct::ERROR, quantiles: quantiles::ERROR, top: error }),
            }
        }
    };
    let numbers = column.data_type.is_number();
    let unit = 10_f64.powi(column.scale().into());
    let scaled = |v: Option<f64>| v.map(|v| v / unit).filter(|_| numbers);
    let extremes = known.extremes.as_ref();
    let line =
        extremes.and_then(|(a, b)| Some((K::place(a.look())?, K::place(b.look())?))).filter(|_| numbers || column.data_type.is_temporal());
    let (quantiles, histogram) = match line {
        Some((min, max)) => {
            let quantiles = SHARES.iter().zip(at(&known.runs, &SHARES)).map(|(share, place)| {
                let place = place.clamp(min, max);
                let value = match (&column.data_type, K::at(place)) {
                    (DataType::Integer | DataType::HugeInteger, _) if place.fract() != 0.0 => Cell::Float(place),
                    (DataType::Decimal { .. }, _) => Cell::Float(place / unit),
                    (_, key) => key.map_or(Cell::Null, |key| key.cell(column)),
                };
                Quantile { share: *share, value }
            });
            (quantiles.collect(), bins(&known.runs, min, max, BINS))
        }
        None => (Vec::new(), Vec::new()),
    };
    let cells = |values: &[(K, u64)]| values.iter().take(TOLD).map(|(k, n)| (k.cell(column), *n)).collect::<Vec<_>>();
    let text = known.texts.map(|mut facts| {
        facts.variants = variants::of(known.sample.iter().chain(&known.top).filter_map(|(k, n)| Some((K::text(k.look())?, *n))));
        facts
    });
    let rows = state.rows;
    // Those have no order that texts of theirs would tell.
    let opaque = matches!(
        column.data_type,
        DataType::Binary | DataType::Json | DataType::Interval | DataType::List(_) | DataType::Struct(_) | DataType::Other(_)
    );
    let sample: Vec<(String, u64)> =
        if level == ProfileLevel::Full { known.sample.iter().map(|(k, n)| (k.cell(column).text(), *n)).collect() } else { Vec::new() };
    let values = rows - state.nulls;
    let number = match known.distinct {
        Count::Exact(n) | Count::About(n) => n,
    };
    let meaning = if level == ProfileLevel::Full {
        meaning::of(&Evidence {
            name: &column.name,
            data_type: &column.data_type,
            rows,
            nulls: state.nulls,
            distinct: number,
            mean: scaled(known.moments.mean()),
            sd: scaled(known.moments.sd()),
            min: extremes.and_then(|(a, _)| K::place(a.look())).map(|v| v / unit),
            max: extremes.and_then(|(_, b)| K::place(b.look())).map(|v| v / unit),
            sample: &sample,
        })
    } else {
        trommel_model::Meaning::default()
    };
    let places = meaning::like_places(&meaning, &column.data_type, &sample);
    let spread = (level == ProfileLevel::Full && !opaque).then(|| {
        let shares: Vec<f64> = (0..=100).map(|p| f64::from(p) / 100.0).collect();
        let percentiles = line.map_or_else(Vec::new, |(min, max)| {
            at(&known.runs, &shares)
                .into_iter()
                .map(|place| if numbers { place.clamp(min, max) / unit } else { place.clamp(min, max) })
                .collect()
        });
        let listed = matches!(column.data_type, DataType::Text | DataType::Boolean | DataType::Integer)
            && known.estimates.is_none()
            && known.top.len() <= LISTED;
        let value = |(k, n): &(K, u64)| (k.cell(column).text().chars().take(TOLD_APART).collect(), *n);
        Spread { percentiles, values: if listed { known.top.iter().map(value).collect() } else { Vec::new() } }
    });
    // Of more values than are counted exactly, order tells that none comes twice.
    let rises = matches!(state.row_order(), Some(RowOrder::StrictlyAscending | RowOrder::StrictlyDescending));
    let profile = ColumnProfile {
        name: column.name.clone(),
        data_type: column.data_type.clone(),
        nulls: state.nulls,
        distinct: known.distinct,
        unique: values > 0 && (known.distinct == Count::Exact(values) || rises && state.not_finite == 0),
        min: extremes.filter(|_| !opaque).map_or(Cell::Null, |(a, _)| a.cell(column)),
        max: extremes.filter(|_| !opaque).map_or(Cell::Null, |(_, b)| b.cell(column)),
        mean: scaled(known.moments.mean()),
        sd: scaled(known.moments.sd()),
        skew: known.moments.skew().filter(|_| numbers),
        quantiles,
        histogram,
        top: cells(&known.top),
        rarest: cells(&known.rarest),
        zeros: if numbers { known.moments.zeros() } else { 0 },
        negatives: if numbers { known.moments.negatives() } else { 0 },
        not_finite: state.not_finite,
        order: state.row_order(),
        suspicious: suspicious::of(&column.data_type, values, known.top.iter().map(|(k, n)| (k.cell(column), *n))),
        text,
        meaning,
        spread,
        estimates: known.estimates,
    };
    (profile, places)
}

/// Everything from counted values.
fn few<K: Key>(mut values: Vec<(K, u64)>, texts: Option<TextFacts>) -> Known<K> {
    values.sort_by(|a, b| K::order(a.0.look(), b.0.look()));
    let distinct = values.len() as u64;
    let finite = || values.iter().filter(|(k, _)| K::finite(k.look()));
    let extremes = finite().next().zip(finite().next_back()).map(|(a, b)| (a.0.clone(), b.0.clone()));
    let mut moments = Moments::default();
    let mut runs = Vec::new();
    for (key, rows) in &values {
        if let Some(place) = K::place(key.look()) {
            moments.add_many(place, *rows);
            runs.push((place, place, *rows));
        }
    }
    let mut top = values.clone();
    sort(&mut top);
    let rarest = if top.len() > TOLD { top[TOLD..].iter().rev().take(TOLD).cloned().collect() } else { Vec::new() };
    Known { distinct: Count::Exact(distinct), extremes, moments, runs, top, rarest, texts, sample: values, estimates: None }
}

/// Largest first; of equal ones the smaller value.
fn sort<K: Key>(values: &mut [(K, u64)]) {
    values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| K::order(a.0.look(), b.0.look())));
}

/// A text no longer than a person reads.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
