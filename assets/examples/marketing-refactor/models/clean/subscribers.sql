-- +++
-- description = "Newsletter addresses in the shape all systems share."
-- keys = ["record_id"]
-- +++
select
    'newsletter' as system,
    'newsletter:' || "Nr" as record_id,
    "Nr" as number,
    trim(regexp_extract("Name", '^(\S+)', 1)) as given_name,
    trim(regexp_replace("Name", '^\S+\s*', '')) as family_name,
    lower(trim("E-Mail")) as email,
    cast(null as varchar) as phone,
    nullif(trim("Ort"), '') as town,
    "Angemeldet" as since,
    "Aktiv" = 'ja' as active
from ref('raw.newsletter')
