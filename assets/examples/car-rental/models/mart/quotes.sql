-- +++
-- description = "One row a request: who asked for what, the best price, how many brokers answered, and the booking if there is one."
-- keys = ["request_id"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["request_id"]
-- action = "fail"
--
-- [[checks]]
-- check = "range"
-- column = "brokers"
-- min = 1
-- max = 3
-- action = "fail"
-- +++
with priced as (
    select
        request_id,
        min(requested_at) as requested_at,
        count(*) as quotes,
        count(distinct broker) as brokers,
        min(price_eur) as best_price_eur,
        arg_min(broker, price_eur) as best_broker,
        max(price_eur) as highest_price_eur
    from ref('mart.broker_quotes')
    group by request_id
),
booked as (
    -- A booking that stands comes before one that was cancelled, a later one before an earlier one.
    select
        request_id,
        arg_max(booking_id, (confirmed, booked_at)) as booking_id,
        arg_max(broker, (confirmed, booked_at)) as booked_broker,
        arg_max(booked_at, (confirmed, booked_at)) as booked_at,
        arg_max(price_eur, (confirmed, booked_at)) as booked_price_eur,
        bool_or(confirmed) as confirmed
    from ref('mart.bookings')
    where request_id is not null
    group by request_id
)
select
    request.entity_id as request_id,
    priced.requested_at,
    cast(priced.requested_at as date) as requested_on,
    request.full_name,
    request.birth_date,
    request.email,
    request.phone,
    request.home_town,
    request.pickup_city,
    request.pickup_at,
    request.return_at,
    request.rental_days,
    request.vehicle_class,
    priced.quotes,
    priced.brokers,
    priced.best_price_eur,
    priced.best_broker,
    priced.highest_price_eur,
    booked.booking_id,
    booked.booked_broker,
    booked.booked_at,
    booked.booked_price_eur,
    case when booked.confirmed then 1 else 0 end as booked
from ref('stage.requests') as request
join priced on priced.request_id = request.entity_id
left join booked on booked.request_id = request.entity_id
