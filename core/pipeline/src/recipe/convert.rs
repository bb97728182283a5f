//! `convert`: the same amount in another unit.

use trommel_engine::sql::ident;
use trommel_model::{DataType, Outcome, nearest};

use super::chain::Chain;

/// Kinds of units.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Length,
    Mass,
    Volume,
    Temperature,
}

/// Units with how they come to the base of their kind (metre, kilogram, litre, kelvin): value × factor + offset.
/// Exact by definition: the international foot and pound (1959), the US gallon.
const UNITS: [(&str, Kind, f64, f64); 18] = [
    ("km", Kind::Length, 1_000.0, 0.0),
    ("m", Kind::Length, 1.0, 0.0),
    ("cm", Kind::Length, 0.01, 0.0),
    ("mm", Kind::Length, 0.001, 0.0),
    ("mi", Kind::Length, 1_609.344, 0.0),
    ("ft", Kind::Length, 0.304_8, 0.0),
    ("in", Kind::Length, 0.025_4, 0.0),
    ("t", Kind::Mass, 1_000.0, 0.0),
    ("kg", Kind::Mass, 1.0, 0.0),
    ("g", Kind::Mass, 0.001, 0.0),
    ("lb", Kind::Mass, 0.453_592_37, 0.0),
    ("oz", Kind::Mass, 0.028_349_523_125, 0.0),
    ("l", Kind::Volume, 1.0, 0.0),
    ("ml", Kind::Volume, 0.001, 0.0),
    ("gal", Kind::Volume, 3.785_411_784, 0.0),
    ("k", Kind::Temperature, 1.0, 0.0),
    ("c", Kind::Temperature, 1.0, 273.15),
    ("f", Kind::Temperature, 5.0 / 9.0, 459.67 * 5.0 / 9.0),
];

/// Converts numbers; the columns become floating point.
pub(super) fn convert(chain: &mut Chain, columns: &[String], from: &str, to: &str) -> Outcome<()> {
    let (one, other) = (unit(chain, from)?, unit(chain, to)?);
    if one.1 != other.1 {
        return Err(chain.fault(format!("{from} cannot become {to}: they measure different things")).next("name two units of one kind"));
    }
    let (factor, offset) = (one.2 / other.2, (one.3 - other.3) / other.2);
    let mut items = Vec::new();
    for name in chain.some_columns(columns)? {
        chain.demand_number(name)?;
        let column = ident(name);
        let scaled = format!("cast({column} as double) * {factor:?}");
        // Of two terms that nearly cancel out, the last digits mean nothing: 32 °F are 0 °C.
        let value = if offset == 0.0 { scaled } else { format!("round({scaled} + ({offset:?}), 9)") };
        items.push((column.clone(), value));
    }
    chain.replace(&items);
    for name in columns {
        chain.retype(name, Some(DataType::Float));
    }
    Ok(())
}

fn unit(chain: &Chain, name: &str) -> Outcome<&'static (&'static str, Kind, f64, f64)> {
    UNITS.iter().find(|(unit, ..)| unit.eq_ignore_ascii_case(name)).ok_or_else(|| {
        let names = UNITS.iter().map(|(unit, ..)| *unit);
        let problem = chain.fault(format!("there is no unit \"{name}\""));
        problem.next(match nearest(name, names.clone()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("units: {}", names.collect::<Vec<_>>().join(", ")),
        })
    })
}
