-- +++
-- description = "Every record of every system, in one shape."
-- keys = ["source", "id"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["source", "id"]
-- action = "fail"
-- +++
select * from ref('clean.crm')
union all by name
select * from ref('clean.shop')
union all by name
select * from ref('clean.web')
union all by name
select * from ref('clean.app')
union all by name
select * from ref('clean.loyalty')
union all by name
select * from ref('clean.support')
union all by name
select * from ref('clean.newsletter')
union all by name
select * from ref('clean.store')
union all by name
select * from ref('clean.partner')
