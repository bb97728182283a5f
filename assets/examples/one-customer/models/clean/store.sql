-- +++
-- description = "Customers of the stores in the shape all systems share: no capitals."
-- keys = ["id"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["id"]
-- action = "quarantine"
-- +++
select
    'store' as source,
    cast("CUSTOMER" as varchar) as id,
    list_aggregate(list_transform(string_split(lower(split_part("NAME", ' ', 1)), ' '), lambda w: upper(substr(w, 1, 1)) || substr(w, 2)), 'string_agg', ' ') as given_name,
    list_aggregate(list_transform(string_split(lower(substr("NAME", strpos("NAME", ' ') + 1)), ' '), lambda w: upper(substr(w, 1, 1)) || substr(w, 2)), 'string_agg', ' ') as family_name,
    "BORN" as birth_date,
    lower(trim("EMAIL")) as email,
    regexp_replace(regexp_replace("PHONE", '^[+]49', '0'), '[^0-9]', '', 'g') as phone,
    list_aggregate(list_transform(string_split(lower("STREET"), ' '), lambda w: upper(substr(w, 1, 1)) || substr(w, 2)), 'string_agg', ' ') as street,
    "POSTCODE" as postcode,
    list_aggregate(list_transform(string_split(lower("CITY"), ' '), lambda w: upper(substr(w, 1, 1)) || substr(w, 2)), 'string_agg', ' ') as city,
    "VISIT" as updated_on
from ref('raw.store')
