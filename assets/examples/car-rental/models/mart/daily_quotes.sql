-- +++
-- description = "One row a day: quotes, the requests behind them, and how many were booked."
-- keys = ["requested_on"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["requested_on"]
-- action = "fail"
-- +++
select
    requested_on,
    cast(sum(quotes) as bigint) as quotes,
    count(*) as requests,
    cast(sum(quotes) - count(*) as bigint) as duplicates,
    cast(sum(booked) as bigint) as booked,
    cast(avg(best_price_eur) as decimal(12, 2)) as average_best_price_eur
from ref('mart.quotes')
group by requested_on
