//! Queries, and what they need of a remote table.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use trommel_model::{Cancel, RemoteNeed};

use super::*;
use crate::tests::engine;

fn orders() -> Remote {
    let field = |name: &str, data_type| Field::new(name, data_type, true);
    let fields = vec![
        field("id", DataType::Int64),
        field("customer", DataType::Int64),
        field("amount", DataType::Decimal128(10, 2)),
        field("status", DataType::Utf8),
        field("day", DataType::Date32),
        field("moment", DataType::Timestamp(TimeUnit::Microsecond, None)),
        field("weight", DataType::Float64),
        field("paid", DataType::Boolean),
    ];
    Remote { name: TableName::new("far", "orders"), columns: Arc::new(Schema::new(fields)) }
}

/// What the query needs, `columns | conditions | limit`. Conditions of no shared form stand in braces.
fn needed(query: &str) -> String {
    said(&ask(query).tables[0])
}

fn ask(query: &str) -> Needs {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path());
    let cancel = Cancel::new();
    engine
        .execute(
            "create schema mart; create table mart.customers as select 1::bigint as id, 'a' as name; create schema far;
             create table far.orders(id bigint, customer bigint, amount decimal(10,2), status varchar, day date, moment timestamp,
                                     weight double, paid boolean)",
            &cancel,
        )
        .unwrap();
    needs(&engine, query, &[orders()]).unwrap()
}

fn said(need: &RemoteNeed) -> String {
    let remote = orders();
    let columns: Vec<&str> = need.columns.iter().map(|c| remote.columns.field(*c).name().as_str()).collect();
    let said = |c: &trommel_model::RemoteCondition| if c.says.is_some() { c.text.clone() } else { format!("{{{}}}", c.text) };
    let conditions: Vec<String> = need.conditions.iter().map(said).collect();
    let mut limit = need.limit.map_or_else(|| "all".to_owned(), |l| l.to_string());
    for order in &need.order {
        let (desc, nulls) = (if order.descending { " desc" } else { "" }, if order.nulls_first { " nulls first" } else { "" });
        limit.push_str(&format!(" by {}{desc}{nulls}", remote.columns.field(order.column).name()));
    }
    format!("{} | {} | {limit}", columns.join(" "), conditions.join("; "))
}

/// The conditions in order: the planner promises none.
fn in_order(said: &str) -> String {
    let mut parts: Vec<String> = said.split(" | ").map(str::to_owned).collect();
    if let Some(conditions) = parts.get_mut(1) {
        let mut each: Vec<&str> = conditions.split("; ").collect();
        each.sort_unstable();
        *conditions = each.join("; ");
    }
    parts.join(" | ")
}

fn check(query: &str, expected: &str) {
    assert_eq!(in_order(&needed(query)), in_order(expected), "{query}");
}

#[test]
fn columns_and_conditions_of_one_table() {
    check("select id, status from far.orders", "id status |  | all");
    check("select * from far.orders o where o.amount > 10", "id customer amount status day moment weight paid | amount > 10.00 | all");
    check(
        "select id from far.orders where status = 'it''s' and day >= '2024-01-01'",
        "id status day | status = 'it''s'; day >= '2024-01-01' | all",
    );
    check("select id from far.orders where id between 5 and 8", "id | id >= 5; id <= 8 | all");
    check("select id from far.orders where status in ('a', 'b')", "id status | status in ('a', 'b') | all");
    check("select id from far.orders where id not in (1, 2)", "id | not id in (1, 2) | all");
    check("select id from far.orders where status is null or weight > 2.5", "id status weight | (weight > 2.5 or status is null) | all");
    check("select id from far.orders where paid and status is not null", "id status paid | paid; status is not null | all");
    check("select id from far.orders where 5 < id", "id | id > 5 | all");
    check("select id from far.orders where id + 1 > 5", "id | id > 4 | all");
    check("select count(*) from far.orders where status like '%x_'", "status | status like '%x_' | all");
    check("select id from far.orders where moment < timestamp '2024-01-01 12:00:00'", "id moment | moment < '2024-01-01 12:00:00' | all");
}

#[test]
fn what_no_other_system_is_known_to_share_stays() {
    check("select id from far.orders where lower(status) = 'a' and id > 1", "id status | id > 1; {(lower(status) = 'a')} | all");
    check(
        "select id from far.orders where lower(status) = 'a' and status > 'b' and status like '%c'",
        "id status | status > 'b'; status like '%c'; {(lower(status) = 'a')} | all",
    );
    check("select id from far.orders where id > customer", "id customer | {(id > customer)} | all");
    check("select id from far.orders where id > 5.5", "id | {(CAST(id AS DECIMAL(20,1)) > 5.5)} | all");
}

#[test]
fn joins_mean_what_they_mean() {
    let inner = "select o.id, c.name from far.orders o join mart.customers c on o.customer = c.id where c.id = 5 and o.day > '2024-01-01'";
    check(inner, "id customer day | customer = 5; day > '2024-01-01' | all");
    // A condition on the side that may be missing is not one on its rows …
    let outer = "select c.name from mart.customers c left join far.orders o on o.customer = c.id where o.id is null";
    check(outer, "id customer |  | all");
    // … but one in the join is.
    let outer = "select c.name from mart.customers c left join far.orders o on o.customer = c.id and o.paid";
    check(outer, "customer paid | paid | all");
    let anti = "select name from mart.customers c where not exists (select 1 from far.orders o where o.customer = c.id and o.id > 7)";
    check(anti, "id customer | id > 7; customer is not null | all");
}

#[test]
fn several_uses_need_what_each_needs() {
    let both = "select id from far.orders where id > 5 and paid union all select customer from far.orders where paid and id < 3";
    check(both, "id customer paid | paid | all");
    let itself = "select a.id from far.orders a join far.orders b on a.id = b.customer where a.status = 'x'";
    check(itself, "id customer status |  | all");
    let common = "with t as (select * from far.orders) select count(*) from t a join t b using (id) where a.id > 3";
    check(common, "id | id > 3 | all");
}

#[test]
fn rows_that_are_enough() {
    check("select id from far.orders limit 5", "id |  | 5");
    check("select id + 1 as x from far.orders where id > 3 limit 5 offset 7", "id | id > 3 | 12");
    check("select id from (select * from far.orders limit 9) where id > 3", "id |  | 9");
    check("select id from (select id, id * 2 as twice from far.orders) where sin(twice) > 0 limit 3", "id |  | all");
    check("select o.id from far.orders o join mart.customers c on c.id = o.customer limit 5", "id customer |  | all");
    check("select id from far.orders where 1 = 0", " |  | 0");
}

#[test]
fn rows_that_come_first_in_an_order_are_enough() {
    let all = "id customer amount status day moment weight paid";
    check("select id from far.orders order by day limit 5", "id day |  | 5 by day");
    check("select * from far.orders where id > 3 order by 5 desc, id limit 5", &format!("{all} | id > 3 | all"));
    check(
        "select id, day from far.orders o where id > 3 order by day desc nulls first, o.id limit 5 offset 2",
        "id day | id > 3 | 7 by day desc nulls first by id",
    );
    check("select amount as id from far.orders order by id limit 3", "amount |  | 3 by amount");
    check(
        "select id from far.orders where status = 'Dynamic Filter' order by id nulls first limit 3",
        "id status | status = 'Dynamic Filter' | 3 by id nulls first",
    );
    check("select -amount as day from far.orders order by day limit 3", "amount |  | all");
    let kept = "select * from far.orders where lower(status) = 'a' order by day limit 3";
    check(kept, &format!("{all} | {{(lower(status) = 'a')}} | 3 by day"));
    // What is put in order is something else than rows of the table, or another thing than its columns.
    check("select id from far.orders order by day", "id day |  | all");
    check("select id from far.orders order by id + 1 limit 3", "id |  | all");
    check("select * replace (-id as id) from far.orders order by id limit 3", &format!("{all} |  | all"));
    check("select distinct status from far.orders order by status limit 3", "status |  | all");
    check("select id from (select id, day from far.orders order by day limit 4) order by id limit 2", "id day |  | all");
    check("select o.id from far.orders o join mart.customers c on c.id = o.customer order by o.day limit 5", "id customer day |  | all");
    check("select id, row_number() over (order by id) as n from far.orders order by id limit 3", "id |  | all");
}

#[test]
fn constants_cannot_pass_for_conditions() {
    check(
        "select id from far.orders where status = 'a' || chr(10) || '(__remote_0 > 5)' || chr(10) || 'b'",
        "id status | status = 'a\n(__remote_0 > 5)\nb' | all",
    );
    check("select id from far.orders where status = 'optional: x'", "id status | status = 'optional: x' | all");
}

#[test]
fn totals_are_asked_for_where_they_are_all() {
    let grouped = |query: &str| {
        ask(query).grouped.map(|g| {
            let by: Vec<String> = g.grouping.by.iter().map(|c| orders().columns.field(*c).name().clone()).collect();
            format!("{} | {:?} | {}", by.join(" "), g.grouping.totals, g.sql)
        })
    };
    for (query, expected) in [
        ("select count(*) from far.orders", Some(" | [Rows] | SELECT __total_0 AS \"count_star()\" FROM far.orders")),
        (
            "select status, sum(amount) as total, count(*) from far.orders o where id > 3 group by status having count(*) > 1 order by total desc limit 3",
            Some(
                "status | [Sum(2), Rows] | SELECT status AS status, __total_0 AS total, __total_1 AS \"count_star()\" FROM far.orders AS o WHERE (__total_1 > 1) ORDER BY total DESC LIMIT 3",
            ),
        ),
        (
            "select upper(status), max(day) - min(day) from far.orders group by status",
            Some(
                "status | [Max(4), Min(4)] | SELECT upper(status) AS \"upper(status)\", (__total_0 - __total_1) AS \"(max(\"\"day\"\") - min(\"\"day\"\"))\" FROM far.orders",
            ),
        ),
        (
            "select status, count(id) from far.orders group by all",
            Some("status | [Count(0)] | SELECT status AS status, __total_0 AS \"count(id)\" FROM far.orders"),
        ),
        ("select status, avg(amount) from far.orders group by 1", None),
        ("select count(distinct id) from far.orders", None),
        ("select status, id from far.orders", None),
        ("select count(*) from far.orders o join mart.customers c on c.id = o.customer", None),
        ("select count(*) from (select * from far.orders limit 5)", None),
        ("select count(*) from mart.customers where id = (select count(*) from far.orders)", None),
        ("select day + 1, count(*) from far.orders group by 1", None),
    ] {
        assert_eq!(grouped(query).as_deref(), expected, "{query}");
    }
}
