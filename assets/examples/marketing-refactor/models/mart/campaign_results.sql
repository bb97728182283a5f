-- +++
-- description = "Campaigns: cost, clicks, people who clicked, buyers among them and what they bought afterwards."
-- keys = ["campaign_id"]
-- +++
with clicked as (
    select k.campaign_id, c.entity_id, min(k."at") as first_click, count(*) as clicks
    from ref('raw.clicks') k
    join ref('stage.records') r on r.email = lower(k.visitor_email)
    join ref('stage.people_crosswalk') c on c.id = r.record_id
    where r.system in ('shop', 'newsletter')
    group by all
),
bought as (
    select x.campaign_id, count(distinct x.entity_id) as buyers, sum(o.amount) as revenue
    from clicked x
    join ref('stage.people_crosswalk') c on c.entity_id = x.entity_id and c.source = 'shop'
    join ref('raw.orders') o on 'shop:' || o.customer_no = c.id and o.ordered_on >= x.first_click
    group by all
),
seen as (select campaign_id, sum(clicks) as clicks, count(*) as people from clicked group by all)
select
    a."@id" as campaign_id,
    a.name,
    a.channel,
    a.cost,
    coalesce(cast(s.clicks as bigint), 0) as clicks,
    coalesce(s.people, 0) as people,
    coalesce(b.buyers, 0) as buyers,
    cast(coalesce(b.revenue, 0) as decimal(12, 2)) as revenue
from ref('raw.campaigns') a
left join seen s on s.campaign_id = a."@id"
left join bought b on b.campaign_id = a."@id"
