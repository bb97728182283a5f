-- +++
-- description = "One row a customer: what was bought, where the customer lives and who answers for the region."
-- keys = ["entity_id"]
-- +++
select
    c.entity_id,
    c.entity_size as records,
    c.given_name,
    c.family_name,
    c.city,
    coalesce(r.region, 'unknown') as region,
    r.manager,
    c.email is not null as reachable_by_email,
    c.phone is not null as reachable_by_phone,
    count(o.order_id) as orders,
    coalesce(sum(o.amount), 0) as revenue,
    min(o.ordered_on) as first_order_on,
    max(o.ordered_on) as last_order_on
from ref('mart.customers') c
left join ref('mart.orders') o on o.entity_id = c.entity_id
left join ref('raw.regions') r on r.postcode_area = substr(c.postcode, 1, 2)
group by all
