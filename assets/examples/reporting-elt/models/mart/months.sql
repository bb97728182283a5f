-- +++
-- description = "Sales of each region and month against what it meant to sell."
-- keys = ["month", "region"]
-- +++
select t.month, t.region, t.target_eur, cast(coalesce(sum(s.net_eur), 0) as decimal(14, 2)) as net_eur
from ref('raw.targets') t
left join ref('mart.sales') s on s.region = t.region and date_trunc('month', s.day) = t.month
group by all
