-- +++
-- description = "One row a quote, with the request it belongs to and what was booked of it: for conversion by broker."
-- keys = ["broker", "quote_id"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["broker", "quote_id"]
-- action = "fail"
--
-- [[checks]]
-- check = "not_null"
-- column = "request_id"
-- action = "fail"
-- +++
with booked as (
    select broker, quote_id, count(*) as bookings, bool_or(confirmed) as confirmed
    from ref('clean.bookings')
    group by broker, quote_id
)
select
    crosswalk.entity_id as request_id,
    quote.broker,
    quote.quote_id,
    quote.requested_at,
    cast(quote.requested_at as date) as requested_on,
    quote.received_on,
    quote.pickup_city,
    quote.vehicle_class,
    quote.rental_days,
    quote.price_eur,
    coalesce(booked.bookings, 0) as bookings,
    case when booked.confirmed then 1 else 0 end as booked
from ref('stage.quotes_all') as quote
join ref('stage.requests_crosswalk') as crosswalk on crosswalk.source = quote.broker and crosswalk.id = quote.quote_id
left join booked on booked.broker = quote.broker and booked.quote_id = quote.quote_id
