//! `currency`: amounts of money in another currency, by rates that are data.

use trommel_engine::sql::{ident, literal, qualified};
use trommel_model::{DataType, Outcome, RecipeStep, TableName};

use super::chain::Chain;
use super::types::{Conversion, convert};

/// Converts. Amounts and rates are multiplied as decimals and rounded once, half away from zero. An amount without a rate is
/// treated as one that does not fit; a rate that stands twice for a day with other values is a fault that names it.
pub(super) fn currency(chain: &mut Chain, step: &RecipeStep) -> Outcome<()> {
    let RecipeStep::Currency { columns, from_column, from, to, rates, date, rate_columns, inverse, max_age_days, digits, on_bad } = step
    else {
        return Ok(());
    };
    let table: TableName =
        rates.parse().map_err(|_| chain.fault(format!("\"{rates}\" is no table")).next("write rates = \"layer.table\""))?;
    chain.some_columns(columns)?;
    for column in columns {
        chain.demand_number(column)?;
    }
    if *digits > 6 {
        return Err(chain.fault(format!("digits = {digits} is more than an amount has")).next("write 6 or fewer"));
    }
    let code = match (from_column, from) {
        (Some(column), None) => {
            chain.demand_text(column)?;
            if columns.contains(column) {
                return Err(chain.fault(format!("\"{column}\" cannot be amount and currency")).at_field(column));
            }
            format!("upper(trim({}))", ident(column))
        }
        (None, Some(code)) => literal(&code.trim().to_uppercase()),
        (None, None) => return Err(chain.fault("it does not say which currency the amounts are in").next("add from_column or from")),
        (Some(_), Some(_)) => return Err(chain.fault("from_column and from say the same thing twice").next("leave one of them out")),
    };
    let to = to.trim().to_uppercase();
    if to.is_empty() {
        return Err(chain.fault("it names no currency").next("write to = \"EUR\""));
    }
    if let Some(date) = date {
        let known = chain.column(date)?.data_type.clone();
        if let Some(other) = known.filter(|t| !matches!(t, DataType::Date | DataType::Timestamp | DataType::TimestampTz)) {
            return Err(chain.fault(format!("\"{date}\" is {other} and no day")).at_field(date).next("parse it as a date first"));
        }
    }
    let before = chain.last().to_owned();
    let rate = ident(&rate_columns.rate);
    let amount = if *inverse { format!("1.0 / nullif(cast({rate} as double), 0)") } else { rate.clone() };
    let amount = format!("try_cast({amount} as decimal(20, 10))");
    let (their_code, their_day) = (format!("upper(trim({}))", ident(&rate_columns.currency)), ident(&rate_columns.date));
    let their_day = format!("cast({their_day} as date)");
    let fault = format!("error(concat({}, {their_code}, ' on ', {their_day}))", literal(&format!("{rates} has several rates of ")));
    let of_day = format!(
        "select {their_code} as __code,\n    {their_day} as __day,\n    case when count(distinct {rate}) > 1 then {fault} else any_value({amount}) end as __rate\n\
         from {}\nwhere {rate} is not null and {their_day} is not null\ngroup by {their_code}, {their_day}",
        qualified(&table)
    );
    chain.push("rates", of_day);
    let by_day = chain.last().to_owned();
    let joined = if let Some(date) = date {
        let day = format!("cast(r.{} as date)", ident(date));
        let young = max_age_days.map_or_else(|| "true".to_owned(), |days| format!("f.__day >= {day} - {days}"));
        format!(
            "select r.*,\n    case when {code} = {} then 1 when {young} then f.__rate end as __rate\nfrom {before} as r\n\
             asof left join {by_day} as f on {code} = f.__code and {day} >= f.__day",
            literal(&to)
        )
    } else {
        if max_age_days.is_some() {
            return Err(chain.fault("max_age_days needs the day of each row").next("add date = \"…\""));
        }
        let newest = format!("(select __code, arg_max(__rate, __day) as __rate from {by_day} group by __code)");
        format!(
            "select r.*,\n    case when {code} = {} then 1 else f.__rate end as __rate\nfrom {before} as r\nleft join {newest} as f on {code} = f.__code",
            literal(&to)
        )
    };
    chain.push("join", joined);
    let conversion = |column: &String| Conversion {
        column: column.clone(),
        read: None,
        attempt: format!(
            "try_cast(round(try_cast({} as decimal(18, 4)) * cast(__rate as decimal(20, 10)), {digits}) as decimal(18, {digits}))",
            ident(column)
        ),
        text: None,
        never_fails: false,
        data_type: DataType::Decimal { precision: 18, scale: *digits },
        rule: format!("currency({to})"),
        wanted: format!("an amount with a rate to {to}{}", if date.is_some() { " on its day" } else { "" }),
    };
    let conversions: Vec<Conversion> = columns.iter().map(conversion).collect();
    convert(chain, &conversions, *on_bad);
    let renamed = match from_column {
        Some(column) => {
            let name = ident(column);
            format!(" replace (\n    case when __rate is not null then {} else {name} end as {name}\n)", literal(&to))
        }
        None => String::new(),
    };
    let body = format!("select * exclude (__rate){renamed}\nfrom {}", chain.last());
    chain.push("back", body);
    Ok(())
}
