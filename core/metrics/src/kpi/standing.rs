//! How a KPI stands against its target and its warning threshold.

use trommel_model::{Better, KpiSpec, Standing};

/// The standing of a value: the newest period of a KPI with a time axis, the total of one without.
///
/// At the target or better is met, whatever the threshold says. Beyond the threshold is a warning, with a target or
/// without. Anything else short of the target is missed, and so is having no value.
pub(super) fn of(spec: &KpiSpec, value: Option<f64>) -> Standing {
    let at_least = |value: f64, bound: f64| match spec.better {
        Better::Higher => value >= bound,
        Better::Lower => value <= bound,
    };
    match (value, spec.target, spec.warn) {
        (Some(v), Some(target), _) if at_least(v, target) => Standing::Met,
        (Some(v), _, Some(warn)) if !at_least(v, warn) => Standing::Warning,
        (_, Some(_), _) => Standing::Missed,
        (_, None, _) => Standing::NoTarget,
    }
}
