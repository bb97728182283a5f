-- +++
-- description = "For each contact of the CRM: the person behind it, what they are worth, and their segment."
-- keys = ["contact_id"]
-- +++
select
    cast(substr(c.id, 5) as bigint) as contact_id,
    p.person_id,
    p.segment,
    p.orders,
    p.revenue,
    p.newsletter
from ref('stage.people_crosswalk') c
join ref('mart.people') p on p.person_id = c.entity_id
where c.source = 'crm'
