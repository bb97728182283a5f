-- +++
-- description = "CRM contacts in the shape all systems share."
-- keys = ["record_id"]
-- +++
select
    'crm' as system,
    'crm:' || contact_id as record_id,
    contact_id as number,
    trim(first_name) as given_name,
    trim(last_name) as family_name,
    lower(trim(email)) as email,
    phone,
    trim(city) as town,
    created_on as since
from ref('raw.contacts')
