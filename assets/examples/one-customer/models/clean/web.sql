-- +++
-- description = "Accounts of the web site in the shape all systems share: the first word of the name is the given one."
-- keys = ["id"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["id"]
-- action = "quarantine"
-- +++
select
    'web' as source,
    cast(id as varchar) as id,
    trim(split_part(name, ' ', 1)) as given_name,
    trim(substr(name, strpos(name, ' ') + 1)) as family_name,
    birth_date as birth_date,
    lower(trim(contact_email)) as email,
    cast(null as varchar) as phone,
    trim(address_street) as street,
    address_postcode as postcode,
    trim(address_city) as city,
    updated as updated_on
from ref('raw.web')
