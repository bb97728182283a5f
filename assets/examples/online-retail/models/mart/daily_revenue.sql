-- +++
-- description = "One row a day: invoice lines, invoices (credit notes among them), and revenue with and without credit notes."
-- keys = ["day"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["day"]
-- action = "fail"
--
-- [[checks]]
-- check = "range"
-- column = "net_revenue"
-- min = 0
-- description = "A day on which more was given back than sold."
-- +++
select
    day,
    count(*) as rows,
    count(distinct invoice) as invoices,
    cast(sum(amount) as decimal(18, 2)) as net_revenue,
    cast(coalesce(sum(amount) filter (where not credit_note), 0) as decimal(18, 2)) as revenue_without_credit_notes,
    count(*) filter (where customer is null or customer = '') as rows_without_customer,
    count(*) filter (where credit_note) as credit_note_rows
from ref('clean.invoice_lines')
group by day
