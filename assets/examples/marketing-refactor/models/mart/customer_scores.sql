-- +++
-- description = "For each customer of the shop: the person behind it, their segment, and when sales last spoke to them."
-- keys = ["customer_no"]
-- +++
select
    cast(substr(c.id, 6) as bigint) as customer_no,
    p.person_id,
    p.segment,
    p.last_contact,
    p.newsletter
from ref('stage.people_crosswalk') c
join ref('mart.people') p on p.person_id = c.entity_id
where c.source = 'shop'
