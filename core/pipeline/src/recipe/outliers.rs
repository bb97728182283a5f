//! `outliers`: numbers far out are limited or marked.
//!
//! Far out is beyond `iqr_factor` interquartile ranges outside the quartiles (Tukey's fences);
//! quartiles are interpolated (`quantile_cont`). Clipped whole numbers stay inside the fences.

use trommel_engine::sql::ident;
use trommel_model::{DataType, Outcome, OutlierAction};

use super::chain::{Chain, Column};

/// Adds the step.
pub(super) fn outliers(chain: &mut Chain, columns: &[String], action: OutlierAction, iqr_factor: f64) -> Outcome<()> {
    if !(iqr_factor.is_finite() && iqr_factor >= 0.0) {
        return Err(chain.fault(format!("iqr_factor is {iqr_factor}")).next("write a number from 0, usually 1.5"));
    }
    let (mut fences, mut items) = (Vec::new(), Vec::new());
    let link = format!("s{}_{}_fences", chain.step, chain.step_name);
    for (i, name) in chain.some_columns(columns)?.iter().enumerate() {
        chain.demand_number(name)?;
        let column = ident(name);
        let number = format!("cast({column} as double)");
        let (q1, q3) = (format!("quantile_cont({number}, 0.25)"), format!("quantile_cont({number}, 0.75)"));
        fences.push(format!("{q1} - {iqr_factor:?} * ({q3} - {q1}) as low{}", i + 1));
        fences.push(format!("{q3} + {iqr_factor:?} * ({q3} - {q1}) as high{}", i + 1));
        let (low, high) = (format!("(select low{} from {link})", i + 1), format!("(select high{} from {link})", i + 1));
        items.push(match action {
            OutlierAction::Clip => {
                // A fence beyond what the type holds keeps nothing out: null, which nothing is beyond.
                let (low, high) = match chain.column(name)?.data_type {
                    Some(DataType::Integer) => (format!("try_cast(ceil({low}) as bigint)"), format!("try_cast(floor({high}) as bigint)")),
                    Some(DataType::HugeInteger) => {
                        (format!("try_cast(ceil({low}) as hugeint)"), format!("try_cast(floor({high}) as hugeint)"))
                    }
                    Some(DataType::Decimal { precision, scale }) => {
                        let kind = format!("decimal({precision}, {scale})");
                        (format!("try_cast({low} as {kind})"), format!("try_cast({high} as {kind})"))
                    }
                    _ => (low, high),
                };
                format!("case when {column} < {low} then {low} when {column} > {high} then {high} else {column} end as {column}")
            }
            OutlierAction::Flag => {
                let flag = format!("{name}_outlier");
                chain.demand_free(&flag, None)?;
                format!("coalesce({number} < {low} or {number} > {high}, false) as {}", ident(&flag))
            }
        });
    }
    let before = chain.last().to_owned();
    chain.push("fences", format!("select\n    {}\nfrom {before}{}", fences.join(",\n    "), chain.alive()));
    let items = items.join(",\n    ");
    match action {
        OutlierAction::Clip => chain.push("", format!("select * replace (\n    {items}\n)\nfrom {before}")),
        OutlierAction::Flag => {
            chain.push("", format!("select *,\n    {items}\nfrom {before}"));
            let flag = |name: &String| Column { name: format!("{name}_outlier"), data_type: Some(DataType::Boolean), origin: None };
            chain.columns.extend(columns.iter().map(flag));
        }
    }
    Ok(())
}
