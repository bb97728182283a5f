-- +++
-- description = "Cards from fairs in the shape all systems share."
-- keys = ["record_id"]
-- +++
select
    'leads' as system,
    'leads:' || card as record_id,
    card as number,
    trim("first name") as given_name,
    trim("last name") as family_name,
    lower(trim("e-mail")) as email,
    phone,
    trim(town) as town,
    "met on" as since
from ref('raw.leads')
