-- +++
-- description = "Shop customers in the shape all systems share: \"Müller, Jürgen\" is taken apart."
-- keys = ["record_id"]
-- +++
select
    'shop' as system,
    'shop:' || customer_no as record_id,
    customer_no as number,
    trim(split_part(name, ',', 2)) as given_name,
    trim(split_part(name, ',', 1)) as family_name,
    lower(trim(mail)) as email,
    telephone as phone,
    trim(town) as town,
    registered_on as since
from ref('raw.customers')
