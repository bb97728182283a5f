-- +++
-- description = "A row for each customer of the replica who ever ordered: since when, how often, for how much."
-- keys = ["customer_id"]
-- owner = "reporting"
--
-- [[checks]]
-- check = "unique"
-- columns = ["customer_id"]
-- action = "fail"
-- +++
select
    c.id as customer_id,
    c.country,
    c.segment,
    c.since,
    count(distinct s.order_id) as orders,
    sum(s.net_eur) as net_eur,
    min(s.day) as first_order,
    max(s.day) as last_order
from replica.customers c
join ref('mart.sales') s on s.customer_id = c.id
group by all
