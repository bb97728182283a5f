-- +++
-- description = "Accounts of the app in the shape all systems share: telephone numbers without country code."
-- keys = ["id"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["id"]
-- action = "quarantine"
-- +++
select
    'app' as source,
    cast(account as varchar) as id,
    trim(given) as given_name,
    trim(family) as family_name,
    born as birth_date,
    lower(trim(mail)) as email,
    regexp_replace(regexp_replace(mobile, '^[+]49', '0'), '[^0-9]', '', 'g') as phone,
    trim(street) as street,
    zip as postcode,
    trim(town) as city,
    seen as updated_on
from ref('raw.app')
