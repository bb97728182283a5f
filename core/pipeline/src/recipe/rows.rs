//! `filter`, `deduplicate` and `sample`: which rows stay.

use trommel_engine::sql::ident;
use trommel_model::{DataType, Outcome};

use super::chain::{Chain, Mode};
use super::text::trimmed;
use super::tracked::DeathKind;
use super::{expression, order};

/// Keeps the rows for which a condition holds; where it is null it does not hold.
pub(super) fn filter(chain: &mut Chain, keep: &str) -> Outcome<()> {
    let facts = expression::check(chain, keep)?;
    if facts.window {
        return Err(chain.fault("a condition cannot look at other rows").next("derive a column first, then filter by it"));
    }
    let condition = expression::in_parentheses(keep);
    let (before, after) = match chain.mode {
        Mode::Plain { .. } => (format!("select *\nfrom {}\nwhere ", chain.last()), String::new()),
        Mode::Tracked { .. } => {
            let code = chain.death(DeathKind::Filtered);
            // The condition is looked at for rows that are still there only: another one may make it fail.
            let before = "select * replace (\n    case when __fate is not null then __fate when (case when __fate is null then ";
            (before.to_owned(), format!(" end) then null else {code} end as __fate\n)\nfrom {}", chain.last()))
        }
    };
    let start = before.len() + 1;
    chain.push_marked("", format!("{before}{condition}{after}"), vec![(start..start + keep.len(), keep.to_owned())]);
    Ok(())
}

/// Keeps a share of the rows: those whose values hash into it, so that a row stays or goes whatever the others are.
pub(super) fn sample(chain: &mut Chain, share: f64, seed: u64) -> Outcome<()> {
    if !(share > 0.0 && share <= 1.0) {
        return Err(chain
            .fault(format!("a share of {share} is none"))
            .next("write a number above 0 and up to 1, for instance share = 0.1"));
    }
    let columns: Vec<String> = chain.columns.iter().map(|c| format!("cast({} as varchar)", ident(&c.name))).collect();
    let kept = format!("hash({seed}, {}) % 1000000 < {}", columns.join(", "), (share * 1e6).round() as u64);
    let body = match chain.mode {
        Mode::Plain { .. } => format!("select *\nfrom {}\nwhere {kept}", chain.last()),
        Mode::Tracked { .. } => {
            let code = chain.death(DeathKind::Filtered);
            let fate = format!("case when __fate is null and not ({kept}) then {code} else __fate end as __fate");
            format!("select * replace (\n    {fate}\n)\nfrom {}", chain.last())
        }
    };
    chain.push("", body);
    Ok(())
}

/// Keeps one row of each group that agrees in the key. Two empty values agree, null or not, but rows in which the whole
/// key is empty are left alone: nothing says that they are the same.
pub(super) fn deduplicate(chain: &mut Chain, key: &[String], order_by: &[String]) -> Outcome<()> {
    if key.is_empty() {
        return Err(chain.fault("it names no key").next("write key = [\"…\"] with the columns that must agree"));
    }
    chain.some_columns(key)?;
    let order = order::parse(chain, order_by)?;
    let mut names = Vec::with_capacity(key.len());
    for column in key {
        let name = ident(column);
        names.push(match chain.column(column)?.data_type {
            Some(DataType::Text) => format!("case when {} <> '' then {name} end", trimmed(&name)),
            _ => name,
        });
    }
    let empty = names.iter().map(|n| format!("{n} is null")).collect::<Vec<_>>().join(" and ");
    let partition: Vec<String> = chain.partition_alive().map(str::to_owned).into_iter().chain(names).collect();
    let rank = format!("row_number() over (partition by {} order by {order}) as __rank", partition.join(", "));
    let ranked = format!("select *,\n    {rank}\nfrom {}", chain.last());
    chain.push("rank", ranked);
    let body = match chain.mode {
        Mode::Plain { .. } => format!("select * exclude (__rank)\nfrom {}\nwhere __rank = 1 or ({empty})", chain.last()),
        Mode::Tracked { .. } => {
            let code = chain.death(DeathKind::Merged);
            let fate = format!("case when __fate is null and __rank > 1 and not ({empty}) then {code} else __fate end as __fate");
            format!("select * exclude (__rank) replace (\n    {fate}\n)\nfrom {}", chain.last())
        }
    };
    chain.push("", body);
    Ok(())
}
