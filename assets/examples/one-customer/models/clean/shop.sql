-- +++
-- description = "The shop in the shape all systems share: the name taken apart."
-- keys = ["id"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["id"]
-- action = "quarantine"
-- +++
select
    'shop' as source,
    cast("Kundennummer" as varchar) as id,
    trim(split_part("Name", ',', 2)) as given_name,
    trim(split_part("Name", ',', 1)) as family_name,
    "Geburtsdatum" as birth_date,
    lower(trim("E-Mail")) as email,
    regexp_replace(regexp_replace("Telefon", '^[+]49', '0'), '[^0-9]', '', 'g') as phone,
    trim("Strasse") as street,
    "PLZ" as postcode,
    trim("Ort") as city,
    "Stand" as updated_on
from ref('raw.shop')
