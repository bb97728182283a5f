-- +++
-- description = "What each product is mostly sold for."
-- keys = ["sku"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["sku"]
-- action = "fail"
-- +++
select sku, arg_max(unit_price, times * 100000 + unit_price) as sold_price
from (
    select sku, unit_price, count(*) as times
    from ref('raw.order_lines')
    where unit_price is not null
    group by sku, unit_price
)
group by sku
