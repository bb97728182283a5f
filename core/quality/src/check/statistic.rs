//! `statistic`: a number made of the whole column lies between two bounds.

use trommel_engine::sql::ident;
use trommel_model::{Outcome, Statistic};

use super::Broken;
use super::subject::Subject;
use super::whole::{Judge, Measure, Whole, bounds};

pub(super) fn broken(subject: &Subject<'_>, statistic: Statistic, column: &str, min: Option<f64>, max: Option<f64>) -> Outcome<Broken> {
    let (min, max) = bounds(subject, min, max)?;
    let measure = Measure::Aggregate(aggregate(subject, statistic, Some(column))?);
    Ok(Broken::Whole(Whole { measure, judge: Judge::Within { min, max, what: format!("the {} of {column}", statistic.name()) } }))
}

/// The statistic as an aggregate that gives a DOUBLE.
pub(super) fn aggregate(subject: &Subject<'_>, statistic: Statistic, column: Option<&str>) -> Outcome<String> {
    let Some(column) = column else {
        return match statistic {
            Statistic::Rows => Ok("count(*)".to_owned()),
            other => {
                let fault = format!("does not say of which column the {} is measured", other.name());
                Err(subject.senseless(&fault).next("set column, or measure rows"))
            }
        };
    };
    let data_type = &subject.column(column)?.data_type;
    let name = ident(column);
    let function = match statistic {
        Statistic::Rows => return Err(subject.senseless("counts rows, which is not about a column").next("leave column out")),
        Statistic::Distinct => return Ok(format!("count(DISTINCT {name})")),
        Statistic::Nulls => return Ok(format!("count_if({name} IS NULL)")),
        Statistic::Sum => "sum",
        Statistic::Mean => "avg",
        Statistic::Sd => "stddev_samp",
        Statistic::Median => "median",
        Statistic::Min => "min",
        Statistic::Max => "max",
    };
    if !data_type.is_number() {
        let fault = format!("measures the {} of {column}, which is {data_type}", statistic.name());
        return Err(subject.senseless(&fault).next("name a column of numbers, or measure distinct or nulls"));
    }
    Ok(format!("{function}(CAST({name} AS DOUBLE))"))
}
