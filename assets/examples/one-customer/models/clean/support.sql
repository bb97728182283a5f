-- +++
-- description = "People who wrote to support in the shape all systems share."
-- keys = ["id"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["id"]
-- action = "quarantine"
-- +++
select
    'support' as source,
    cast(id as varchar) as id,
    trim(split_part(name, ' ', 1)) as given_name,
    trim(substr(name, strpos(name, ' ') + 1)) as family_name,
    birth_date as birth_date,
    lower(trim(contact_email)) as email,
    regexp_replace(regexp_replace(contact_phone, '^[+]49', '0'), '[^0-9]', '', 'g') as phone,
    trim(address_street) as street,
    address_postcode as postcode,
    trim(address_city) as city,
    updated as updated_on
from ref('raw.support')
