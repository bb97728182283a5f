-- +++
-- description = "Subscribers in the shape all systems share."
-- keys = ["id"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["id"]
-- action = "quarantine"
-- +++
select
    'newsletter' as source,
    cast(subscriber as varchar) as id,
    trim(first_name) as given_name,
    trim(last_name) as family_name,
    birth_date as birth_date,
    lower(trim(email)) as email,
    regexp_replace(regexp_replace(phone, '^[+]49', '0'), '[^0-9]', '', 'g') as phone,
    trim(street) as street,
    postcode as postcode,
    trim(city) as city,
    subscribed as updated_on
from ref('raw.newsletter')
