-- +++
-- description = "All records of people, of all systems."
-- keys = ["record_id"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["record_id"]
-- action = "fail"
-- +++
select * from ref('clean.contacts')
union all by name
select * from ref('clean.customers')
union all by name
select * exclude (active) from ref('clean.subscribers')
union all by name
select * from ref('clean.leads')
