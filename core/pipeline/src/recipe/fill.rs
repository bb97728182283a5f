//! `fill`: a value where there is none.
//!
//! Null is filled, and in text columns also what holds only white space. The column keeps its type:
//! a mean of whole numbers is rounded, a median of dates is a day. Means are summed in one order,
//! so that the last digit does not depend on the number of threads.

use trommel_engine::sql::{ident, literal};
use trommel_model::{DataType, FillWith, Outcome};

use super::chain::{Chain, Mode};
use super::order;
use super::text::trimmed;
use super::tracked::Filled;

/// Adds the step.
pub(super) fn fill(
    chain: &mut Chain,
    columns: &[String],
    with: FillWith,
    value: Option<&str>,
    order_by: &[String],
    by: &[String],
) -> Outcome<()> {
    chain.some_columns(columns)?;
    match (with, value) {
        (FillWith::Constant, None) => return Err(chain.fault("it names no value").next("write value = \"…\"")),
        (FillWith::Mean | FillWith::Median | FillWith::Mode | FillWith::Forward, Some(_)) => {
            return Err(chain.fault("value goes with = \"constant\" only").next("leave value out"));
        }
        _ => {}
    }
    if !order_by.is_empty() && with != FillWith::Forward {
        return Err(chain.fault("order_by goes with = \"forward\" only").next("leave order_by out"));
    }
    if !by.is_empty() {
        chain.some_columns(by)?;
        if let Some(both) = by.iter().find(|c| columns.contains(c)) {
            return Err(chain.fault(format!("\"{both}\" cannot be filled by itself")).at_field(both).next("name other columns in by"));
        }
        if with == FillWith::Constant {
            return Err(chain.fault("by goes with mean, median, mode and forward").next("leave by out"));
        }
    }
    let filled = watch(chain, columns)?;
    match with {
        FillWith::Mean | FillWith::Median if !by.is_empty() => by_group(chain, columns, with, by)?,
        FillWith::Mode if !by.is_empty() => mode_by_group(chain, columns, by)?,
        FillWith::Constant => constant(chain, columns, value.unwrap_or_default())?,
        FillWith::Forward => forward(chain, columns, order_by, by)?,
        FillWith::Mean | FillWith::Median | FillWith::Mode => statistic(chain, columns, with)?,
    }
    let how = match with {
        FillWith::Constant => "a constant",
        FillWith::Mean => "the mean",
        FillWith::Median => "the median",
        FillWith::Mode => "the most frequent value",
        FillWith::Forward => "the value before",
    };
    let of = if by.is_empty() { String::new() } else { format!(" of each {}", by.join(", ")) };
    note(chain, &filled, &format!("{how}{of}"));
    Ok(())
}

/// Marks the cells that are empty before they are filled, where rows are followed: pairs of column and hidden column.
fn watch(chain: &mut Chain, columns: &[String]) -> Outcome<Vec<(String, String)>> {
    if !matches!(chain.mode, Mode::Tracked { .. }) {
        return Ok(Vec::new());
    }
    let (mut watched, mut items) = (Vec::new(), Vec::new());
    for (i, name) in columns.iter().enumerate() {
        let flag = format!("__fill{}", chain.filled.len() + i + 1);
        let present = present(&ident(name), chain.column(name)?.data_type.as_ref());
        items.push(format!("case when __fate is null and {present} is null then '' end as {flag}"));
        watched.push((name.clone(), flag));
    }
    let body = format!("select *,\n    {}\nfrom {}", items.join(",\n    "), chain.last());
    chain.push("empty", body);
    Ok(watched)
}

/// Keeps the value that each of the marked cells got.
fn note(chain: &mut Chain, watched: &[(String, String)], how: &str) {
    if watched.is_empty() {
        return;
    }
    let item =
        |(name, flag): &(String, String)| format!("case when {flag} is not null then cast({} as varchar) end as {flag}", ident(name));
    let items: Vec<String> = watched.iter().map(item).collect();
    let body = format!("select * replace (\n    {}\n)\nfrom {}", items.join(",\n    "), chain.last());
    chain.push("filled", body);
    for (name, flag) in watched {
        chain.filled.push(Filled { flag: flag.clone(), field: name.clone(), how: how.to_owned(), step: chain.step });
    }
}

/// Each group's own most frequent value, the smallest of equals; a group without any value stays empty.
fn mode_by_group(chain: &mut Chain, columns: &[String], by: &[String]) -> Outcome<()> {
    let groups: Vec<String> = chain.partition_alive().map(str::to_owned).into_iter().chain(by.iter().map(|c| ident(c))).collect();
    let partition = groups.join(", ");
    let (mut counts, mut items, mut exclude) = (Vec::new(), Vec::new(), Vec::new());
    for (i, name) in columns.iter().enumerate() {
        let present = present(&ident(name), chain.column(name)?.data_type.as_ref());
        let count = format!("__count{}", i + 1);
        counts.push(format!("count({present}) over (partition by {partition}, {present}) as {count}"));
        items.push(format!(
            "coalesce({present}, first_value({present} ignore nulls) over (partition by {partition} order by {count} desc, {present} \
             rows between unbounded preceding and unbounded following)) as {}",
            ident(name)
        ));
        exclude.push(count);
    }
    let body = format!("select *,\n    {}\nfrom {}", counts.join(",\n    "), chain.last());
    chain.push("counts", body);
    let body = format!("select * exclude ({}) replace (\n    {}\n)\nfrom {}", exclude.join(", "), items.join(",\n    "), chain.last());
    chain.push("", body);
    Ok(())
}

fn constant(chain: &mut Chain, columns: &[String], value: &str) -> Outcome<()> {
    let mut items = Vec::new();
    for name in columns {
        let column = ident(name);
        let data_type = chain.column(name)?.data_type.clone();
        if data_type.as_ref().is_some_and(|t| !fits(value, t)) {
            let data_type = data_type.map_or_else(String::new, |t| t.to_string());
            return Err(chain.fault(format!("\"{value}\" is no value for \"{name}\", which is {data_type}")).at_field(name));
        }
        let value = match data_type.as_ref().and_then(sql_type) {
            Some(sql_type) => format!("cast({} as {sql_type})", literal(value)),
            None => literal(value),
        };
        items.push((column.clone(), format!("coalesce({}, {value})", present(&column, data_type.as_ref()))));
    }
    chain.replace(&items);
    Ok(())
}

fn forward(chain: &mut Chain, columns: &[String], order_by: &[String], by: &[String]) -> Outcome<()> {
    let order = order::parse(chain, order_by)?;
    let groups: Vec<String> = chain.partition_alive().map(str::to_owned).into_iter().chain(by.iter().map(|c| ident(c))).collect();
    let partition = if groups.is_empty() { String::new() } else { format!("partition by {} ", groups.join(", ")) };
    let mut items = Vec::new();
    for name in columns {
        let column = ident(name);
        let present = present(&column, chain.column(name)?.data_type.as_ref());
        items.push((
            column,
            format!(
                "last_value({present} ignore nulls) over ({partition}order by {order} rows between unbounded preceding and current row)"
            ),
        ));
    }
    chain.replace(&items);
    Ok(())
}

/// Each group's own mean or median; a group without any value stays empty.
fn by_group(chain: &mut Chain, columns: &[String], with: FillWith, by: &[String]) -> Outcome<()> {
    let groups: Vec<String> = chain.partition_alive().map(str::to_owned).into_iter().chain(by.iter().map(|c| ident(c))).collect();
    let partition = groups.join(", ");
    let mut items = Vec::new();
    for name in columns {
        chain.demand_number(name)?;
        let data_type = chain.column(name)?.data_type.clone();
        let column = ident(name);
        let value = match with {
            // Means are summed in one order, so that the last digit does not depend on the number of threads.
            FillWith::Mean => format!("list_avg(list_sort(list({column}) over (partition by {partition})))"),
            _ => format!("median({column}) over (partition by {partition})"),
        };
        let whole = matches!(data_type, Some(DataType::Integer | DataType::HugeInteger));
        let value = match data_type.as_ref().and_then(sql_type) {
            Some(sql_type) if whole => format!("cast(round({value}) as {sql_type})"),
            Some(sql_type) => format!("cast({value} as {sql_type})"),
            None => value,
        };
        items.push((column.clone(), format!("coalesce({column}, {value})")));
    }
    chain.replace(&items);
    Ok(())
}

fn statistic(chain: &mut Chain, columns: &[String], with: FillWith) -> Outcome<()> {
    let (mut values, mut items) = (Vec::new(), Vec::new());
    for (i, name) in columns.iter().enumerate() {
        let data_type = chain.column(name)?.data_type.clone();
        match with {
            FillWith::Mean => chain.demand_number(name)?,
            FillWith::Median if data_type.as_ref().is_some_and(|t| !t.is_number() && !t.is_temporal()) => {
                return Err(chain.fault(format!("\"{name}\" has no median, it holds neither numbers nor dates")).at_field(name));
            }
            _ => {}
        }
        let column = ident(name);
        let present = present(&column, data_type.as_ref());
        let value = match with {
            FillWith::Mean if matches!(data_type, None | Some(DataType::Float)) => format!("favg({column} order by {column})"),
            FillWith::Mean => format!("avg({column})"),
            FillWith::Median if data_type.as_ref().is_some_and(DataType::is_temporal) => format!("quantile_disc({column}, 0.5)"),
            FillWith::Median => format!("median({column})"),
            // `mode` leaves open which of equals it takes.
            _ => format!(
                "(select v from (select {present} as v from {}{}) where v is not null group by v order by count(*) desc, v limit 1)",
                chain.last(),
                chain.alive()
            ),
        };
        let whole = matches!(data_type, Some(DataType::Integer | DataType::HugeInteger));
        let value = match data_type.as_ref().and_then(sql_type) {
            Some(sql_type) if whole => format!("cast(round({value}) as {sql_type})"),
            Some(sql_type) => format!("cast({value} as {sql_type})"),
            None => value,
        };
        values.push(format!("{value} as value{}", i + 1));
        items.push(format!("coalesce({present}, (select value{} from {}_values)) as {column}", i + 1, link(chain)));
    }
    let before = chain.last().to_owned();
    let body = match with {
        FillWith::Mode => format!("select\n    {}", values.join(",\n    ")),
        _ => format!("select\n    {}\nfrom {before}{}", values.join(",\n    "), chain.alive()),
    };
    chain.push("values", body);
    chain.push("", format!("select * replace (\n    {}\n)\nfrom {before}", items.join(",\n    ")));
    Ok(())
}

fn link(chain: &Chain) -> String {
    format!("s{}_{}", chain.step, chain.step_name)
}

/// The value, or null when there is none.
fn present(column: &str, data_type: Option<&DataType>) -> String {
    match data_type {
        Some(DataType::Text) => format!("case when {} <> '' then {column} end", trimmed(column)),
        _ => column.to_owned(),
    }
}

fn sql_type(data_type: &DataType) -> Option<String> {
    let fixed = match data_type {
        DataType::Decimal { precision, scale } => return Some(format!("decimal({precision}, {scale})")),
        DataType::Integer => "bigint",
        DataType::HugeInteger => "hugeint",
        DataType::Float => "double",
        DataType::Boolean => "boolean",
        DataType::Date => "date",
        DataType::Time => "time",
        DataType::Timestamp => "timestamp",
        _ => return None,
    };
    Some(fixed.to_owned())
}

fn fits(value: &str, data_type: &DataType) -> bool {
    let value = value.trim();
    match data_type {
        DataType::Integer => value.parse::<i64>().is_ok(),
        DataType::HugeInteger => value.parse::<i128>().is_ok(),
        DataType::Float | DataType::Decimal { .. } => value.parse::<f64>().is_ok_and(f64::is_finite),
        DataType::Boolean => matches!(value.to_lowercase().as_str(), "true" | "false"),
        DataType::Date => value.parse::<jiff::civil::Date>().is_ok(),
        DataType::Time => value.parse::<jiff::civil::Time>().is_ok(),
        DataType::Timestamp => value.parse::<jiff::civil::DateTime>().is_ok(),
        _ => true,
    }
}
