-- +++
-- description = "One row a day: orders, lines and revenue."
-- keys = ["day"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["day"]
-- action = "fail"
-- +++
select
    day,
    count(distinct order_id) as orders,
    count(*) as lines,
    cast(sum(amount) as decimal(18, 2)) as revenue
from ref('mart.order_lines')
group by day
