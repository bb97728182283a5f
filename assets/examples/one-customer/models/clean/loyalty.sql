-- +++
-- description = "Loyalty cards in the shape all systems share."
-- keys = ["id"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["id"]
-- action = "quarantine"
-- +++
select
    'loyalty' as source,
    cast(card as varchar) as id,
    trim(given_name) as given_name,
    trim(family_name) as family_name,
    date_of_birth as birth_date,
    lower(trim(email)) as email,
    regexp_replace(regexp_replace(phone, '^[+]49', '0'), '[^0-9]', '', 'g') as phone,
    trim(street) as street,
    postcode as postcode,
    trim(city) as city,
    since as updated_on
from ref('raw.loyalty')
