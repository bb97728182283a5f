-- +++
-- description = "One row a day and channel: what was shown, clicked, spent and ordered."
-- keys = ["day", "channel"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["day", "channel"]
-- action = "fail"
-- +++
select
    day,
    channel,
    cast(sum(impressions) as bigint) as impressions,
    cast(sum(clicks) as bigint) as clicks,
    cast(sum(spend) as decimal(18, 2)) as spend,
    cast(sum(orders) as bigint) as orders
from ref('clean.marketing')
group by day, channel
