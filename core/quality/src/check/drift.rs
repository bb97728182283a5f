//! `drift`: a column is distributed as in another table, by the population stability index.
//!
//! PSI = Σ (p − q) · ln(p / q) over bins, p the shares here and q those of the baseline; bins are the tenths of the
//! baseline for what has an order of amounts, and the values themselves for everything else. An empty bin counts as one
//! ten-thousandth, as is usual. Below 0.1 nothing has changed, above 0.25 much has.

use trommel_engine::sql::{body, ident, qualified};
use trommel_model::{DataType, Outcome};

use super::subject::Subject;
use super::whole::{Judge, Measure, Whole};
use super::{Broken, reconcile};

pub(super) fn broken(subject: &Subject<'_>, column: &str, baseline: &str, max: f64) -> Outcome<Broken> {
    let data_type = &subject.column(column)?.data_type;
    if !(max > 0.0 && max.is_finite()) {
        return Err(subject.senseless(&format!("allows a drift of {max}")).next("write a number above 0; 0.1 is slight, 0.25 marked"));
    }
    let (other, name) = (qualified(&reconcile::table(subject, baseline)?), ident(column));
    let (relation, looked_at) = (body(subject.relation), &subject.looked_at);
    let amount = match data_type {
        t if t.is_number() => Some(format!("CAST({name} AS DOUBLE)")),
        DataType::Date | DataType::Timestamp | DataType::TimestampTz => Some(format!("epoch({name})")),
        _ => None,
    };
    let (value, bin) = match &amount {
        Some(amount) => (amount.clone(), "len(list_filter(_edges, lambda e: e < _x))"),
        None => (format!("CAST({name} AS VARCHAR)"), "_x"),
    };
    let edges = match &amount {
        Some(_) => "SELECT quantile_cont(_x, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]) AS _edges FROM _there",
        None => "SELECT NULL AS _edges",
    };
    let shares = |side: &str| format!("SELECT {bin} AS _bin, count(*) / sum(count(*)) OVER () AS _share FROM {side}, _cuts GROUP BY _bin");
    let sql = format!(
        "WITH _here AS (SELECT {value} AS _x FROM (\n{relation}\n) WHERE {looked_at} AND {name} IS NOT NULL),\n\
         _there AS (SELECT {value} AS _x FROM {other} WHERE {name} IS NOT NULL),\n\
         _cuts AS ({edges}),\n_p AS ({}),\n_q AS ({})\n\
         SELECT sum((p - q) * ln(p / q)) AS _value, CAST(NULL AS VARCHAR) AS _fault FROM (\
         SELECT greatest(coalesce(_p._share, 0), 0.0001) AS p, greatest(coalesce(_q._share, 0), 0.0001) AS q \
         FROM _p FULL JOIN _q ON _p._bin = _q._bin)",
        shares("_here"),
        shares("_there")
    );
    let judge = Judge::Within { min: None, max: Some(max), what: format!("the drift of {column} from {baseline} (PSI)") };
    Ok(Broken::Whole(Whole { measure: Measure::Query(sql), judge }))
}
