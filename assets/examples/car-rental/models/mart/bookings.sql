-- +++
-- description = "One row a booking, with the request it ends; bookings of quotes that we do not have stay without one."
-- keys = ["booking_id"]
--
-- [[checks]]
-- check = "unique"
-- columns = ["booking_id"]
-- action = "fail"
--
-- [[checks]]
-- check = "not_null"
-- column = "request_id"
-- description = "The quote comes with a later file, or is held in quarantine."
-- +++
select
    booking.booking_id,
    quote.request_id,
    booking.broker,
    booking.quote_id,
    booking.booked_at,
    cast(booking.booked_at as date) as booked_on,
    booking.price_eur,
    booking.status,
    booking.confirmed,
    case
        when quote.quote_id is null then 'quote missing'
        when cast(booking.booked_at as date) < quote.received_on then 'before its quote'
        else 'after its quote'
    end as arrival
from ref('clean.bookings') as booking
left join ref('mart.broker_quotes') as quote on quote.broker = booking.broker and quote.quote_id = booking.quote_id
