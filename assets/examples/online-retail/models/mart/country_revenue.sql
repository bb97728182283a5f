-- +++
-- description = "One row a day and country."
-- keys = ["day", "country"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["day", "country"]
-- action = "fail"
-- +++
select
    day,
    country,
    count(distinct invoice) filter (where not credit_note) as invoices,
    cast(sum(amount) as decimal(18, 2)) as net_revenue,
    cast(coalesce(sum(amount) filter (where credit_note), 0) as decimal(18, 2)) as given_back
from ref('clean.invoice_lines')
group by day, country
