-- +++
-- description = "Every order with its customer; an order whose customer has not been delivered yet waits without one."
-- keys = ["order_id"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["order_id"]
-- action = "fail"
-- +++
select
    o.order_id,
    o.source,
    o.customer_id,
    c.entity_id,
    o.ordered_on,
    o.amount,
    c.entity_id is null as waits
from ref('raw.orders') o
left join ref('mart.customers_crosswalk') c on c.source = o.source and c.id = o.customer_id
