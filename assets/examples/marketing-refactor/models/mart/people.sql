-- +++
-- description = "One row a person: who, known where, what they bought, when somebody last spoke to them, and their segment."
-- keys = ["person_id"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["person_id"]
-- action = "fail"
-- +++
with bought as (
    select c.entity_id, count(*) as orders, sum(o.amount) as revenue, max(o.ordered_on) as last_order
    from ref('raw.orders') o
    join ref('stage.people_crosswalk') c on c.source = 'shop' and c.id = 'shop:' || o.customer_no
    group by all
),
spoken as (
    select c.entity_id, count(*) as activities, max(a.happened_on) as last_contact
    from ref('raw.activities') a
    join ref('stage.people_crosswalk') c on c.source = 'crm' and c.id = 'crm:' || a.contact_id
    group by all
),
known as (
    select
        c.entity_id,
        count(*) as records,
        count(distinct c.source) as systems,
        coalesce(bool_or(s.active), false) as newsletter
    from ref('stage.people_crosswalk') c
    left join ref('clean.subscribers') s on s.record_id = c.id
    group by all
)
select
    p.entity_id as person_id,
    p.given_name,
    p.family_name,
    p.email,
    p.phone,
    p.town,
    k.records,
    k.systems,
    k.newsletter,
    coalesce(b.orders, 0) as orders,
    cast(coalesce(b.revenue, 0) as decimal(12, 2)) as revenue,
    b.last_order,
    s.last_contact,
    case
        when coalesce(b.revenue, 0) >= 400 then 'champion'
        when b.orders >= 1 then 'customer'
        when k.newsletter then 'interested'
        else 'stranger'
    end as segment
from ref('stage.people') p
join known k using (entity_id)
left join bought b using (entity_id)
left join spoken s using (entity_id)
