-- +++
-- description = "Customers of the partner in the shape all systems share."
-- keys = ["id"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["id"]
-- action = "quarantine"
-- +++
select
    'partner' as source,
    cast(ref as varchar) as id,
    trim(first) as given_name,
    trim(last) as family_name,
    dob as birth_date,
    lower(trim(email)) as email,
    regexp_replace(regexp_replace(phone, '^[+]49', '0'), '[^0-9]', '', 'g') as phone,
    trim(street) as street,
    postcode as postcode,
    trim(city) as city,
    exported as updated_on
from ref('raw.partner')
