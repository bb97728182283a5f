-- +++
-- description = "A row for each line of an order that was not cancelled: replica tables, with region and tax from the lake."
-- keys = ["order_id", "line"]
-- owner = "reporting"
--
-- [[checks]]
-- check = "not_null"
-- column = "region"
-- action = "fail"
-- description = "Every country has a region."
--
-- [[checks]]
-- check = "unique"
-- columns = ["order_id", "line"]
-- action = "fail"
-- +++
select
    o.id as order_id,
    l.line,
    cast(o.ordered_at as date) as day,
    o.channel,
    o.status,
    o.customer_id,
    c.country,
    r.region,
    p.category,
    l.pieces,
    cast(l.paid_cents / 100 as decimal(12, 2)) as paid_eur,
    cast(l.paid_cents / (100 + r.vat_pct) as decimal(12, 2)) as net_eur
from replica.orders o
join replica.order_lines l on l.order_id = o.id
join replica.customers c on c.id = o.customer_id
join replica.products p on p.id = l.product_id
join ref('raw.regions') r on r.country = c.country
where o.status in ('paid', 'shipped', 'returned')
