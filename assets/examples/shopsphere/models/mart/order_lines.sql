-- +++
-- description = "One row a line that was sold, with its order, customer and product. Cancelled orders are left out."
-- keys = ["line_id"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["line_id"]
-- action = "fail"
-- +++
select
    line.line_id,
    line.order_id,
    o.day,
    o.status,
    o.customer_id,
    coalesce(customer.country, 'unknown') as country,
    line.sku,
    product.title,
    coalesce(product.category, 'unknown') as category,
    line.quantity,
    line.unit_price,
    product.list_price,
    line.amount
from ref('clean.order_lines') as line
join ref('clean.orders') as o on o.order_id = line.order_id
left join ref('clean.customers') as customer on customer.customer_id = o.customer_id
left join ref('clean.products') as product on product.sku = line.sku
where o.status is distinct from 'cancelled'
