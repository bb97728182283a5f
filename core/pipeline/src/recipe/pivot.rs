//! `pivot`: one row of each group, with the values of one column as columns.

use trommel_engine::sql::{ident, literal};
use trommel_model::{Outcome, PivotWith};

use super::aggregate::{Made, group};
use super::chain::{Chain, Mode};
use super::tracked::DeathKind;
use super::types::text_of;

/// Makes the rows. Which columns come out is said by `values`, so that another file cannot change it; rows with a value that is
/// not among them are filtered.
pub(super) fn pivot(chain: &mut Chain, by: &[String], column: &str, value: &str, with: PivotWith, values: &[String]) -> Outcome<()> {
    let of = text_of(&ident(column), chain.column(column)?.data_type.as_ref());
    chain.column(value)?;
    if matches!(with, PivotWith::Sum | PivotWith::Mean) {
        chain.demand_number(value)?;
    }
    if values.is_empty() {
        return Err(chain.fault("it names no value").next("write values = [\"…\"] with those that become columns"));
    }
    if let Some(twice) = values.iter().enumerate().find(|(i, v)| values[..*i].iter().any(|w| w.eq_ignore_ascii_case(v))) {
        return Err(chain.fault(format!("two columns would be called \"{}\"", twice.1)));
    }
    if let Some(both) = by.iter().find(|k| *k == column || *k == value) {
        return Err(chain.fault(format!("\"{both}\" cannot be in by as well")).next("group by other columns"));
    }
    let listed: Vec<String> = values.iter().map(|v| literal(v)).collect();
    let kept = format!("{of} in ({})", listed.join(", "));
    let body = match chain.mode {
        Mode::Plain { .. } => format!("select *\nfrom {}\nwhere {kept}", chain.last()),
        Mode::Tracked { .. } => {
            let code = chain.death(DeathKind::Filtered);
            let fate = format!("case when __fate is null and ({kept}) is not true then {code} else __fate end as __fate");
            format!("select * replace (\n    {fate}\n)\nfrom {}", chain.last())
        }
    };
    chain.push("listed", body);
    let name = ident(value);
    let text = match with {
        PivotWith::Sum => format!("sum({name})"),
        PivotWith::Count => format!("count({name})"),
        PivotWith::Min => format!("min({name})"),
        PivotWith::Max => format!("max({name})"),
        PivotWith::Mean => format!("avg({name})"),
        PivotWith::First => format!("first({name} order by {})", chain.place()),
    };
    let made = values.iter().map(|v| Made {
        name: v.clone(),
        before: String::new(),
        text: text.clone(),
        after: format!(" filter (where {of} = {})", literal(v)),
        written: false,
        data_type: None,
    });
    group(chain, by, made.collect())
}
